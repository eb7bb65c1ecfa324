"""How fast archives are read, before extraction, beside other readers; and whether memory grows with the input.

    python benchmarks/read.py [--records N] [--rounds N] [FILE ...]
    python benchmarks/read.py --memory [GB ...]

Makes its inputs: HTML pages of 188 kB in the mean, as news sites have, and of 32 kB, as the whole web has, and articles
of about 3 kB, of words drawn by Zipf's law; or takes the files named. Planning and reading together are timed, in a
process of their own, and in the same round what others take to give the decoded bytes of each record (warcio,
fastwarc, also with digests checked), its text (datatrove), the object of each line (json) or the values of each row
(pyarrow); `inflate` is what ISA-L takes for the members alone. Rates are medians over the rounds; `times ours` is the
CPU time of a reader beside that of ours in the same round: median, least and most.

`--memory` reads inputs of so many gigabytes, 1 and 10 unless told otherwise: the peak should be the same.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import importlib
import itertools
import json
import multiprocessing
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read import plan, read

PAGE_BYTES = 188_000
SMALL_PAGE_BYTES = 32_000
TEXT_WORDS = 500
GROUP_ROWS = 4_000
RANKS = range(1, 20_001)
WEIGHTS = list(itertools.accumulate(1 / rank for rank in RANKS))
SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "url", "title", "date", "text")])


def words(n: int, rng: random.Random) -> str:
    ranks = rng.choices(RANKS, cum_weights=WEIGHTS, k=n)
    return " ".join(f"w{rank:x}é" if rank % 50 == 0 else f"w{rank:x}" for rank in ranks)


def articles(n: int) -> Iterator[dict[str, str]]:
    rng = random.Random(1)
    texts = [words(TEXT_WORDS, rng) for _ in range(200)]
    for i in range(n):
        yield {
            "id": str(i),
            "url": f"https://example.com/{i}",
            "title": f"Story {i}",
            "date": "2022-02-03T09:33:00Z",
            "text": f"{i} {texts[i % 200]}",
        }


def pages(mean: int) -> Iterator[bytes]:
    rng = random.Random(2)
    for _ in range(40):
        body, size = [], rng.randrange(mean // 2, mean * 3 // 2)
        while size > 0:
            tag, group = rng.choice(("p", "li", "div", "span", "a")), rng.choice("abcdefgh")
            body.append(f'<{tag} class="{group}-list__item {group}-{rng.randrange(30)}">{words(12, rng)}</{tag}>\n')
            size -= len(body[-1])
        yield f"<html><head><title>A page</title></head><body>{''.join(body)}</body></html>".encode()


def warc(path: Path, n: int, compress: Callable[[bytes], bytes], mean: int = PAGE_BYTES, digest: bool = False) -> None:
    members = []
    for i, page in enumerate(pages(mean)):
        block = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nVary: Accept\r\nContent-Type: text/html\r\n\r\n" + page
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.com/{i}\r\n"
            "WARC-Date: 2022-02-03T09:33:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
            "WARC-Identified-Payload-Type: text/html\r\n"
        )
        if digest:
            head += f"WARC-Payload-Digest: {sha1(page)}\r\nWARC-Block-Digest: {sha1(block)}\r\n"
        head += f"Content-Length: {len(block)}\r\n\r\n"
        members.append(compress(head.encode() + block + b"\r\n\r\n"))
    with path.open("wb") as file:
        file.writelines(members[i % len(members)] for i in range(n))


def sha1(data: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(data).digest()).decode()}"


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, 6)


def jsonl(path: Path, n: int) -> None:
    with gzip.open(path, "wt", 6) if path.suffix == ".gz" else path.open("w") as file:
        file.writelines(json.dumps(article) + "\n" for article in articles(n))


def parquet(path: Path, n: int) -> None:
    group = pa.Table.from_pylist(list(articles(min(n, GROUP_ROWS))), SCHEMA)
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for begin in range(0, n, GROUP_ROWS):
            writer.write_table(group.slice(0, n - begin))


def ours(path: Path) -> int:
    units = (unit for unit in plan([str(path)]) if isinstance(unit, Unit))
    return sum(isinstance(found, Document) for unit in units for found in read(unit))


def by_inflate(path: Path) -> int:
    from isal import isal_zlib

    n, rest = 0, b""
    with path.open("rb") as file:
        while data := rest or file.read(1 << 16):
            member = isal_zlib.decompressobj(31)
            while not member.eof:
                member.decompress(data)
                data = b"" if member.eof else file.read(1 << 16)
            n, rest = n + 1, member.unused_data
    return n


def by_warcio(path: Path) -> int:
    from warcio import ArchiveIterator

    with path.open("rb") as file:
        return sum(bool(record.content_stream().read()) for record in ArchiveIterator(file))


def by_fastwarc(path: Path, digests: bool = False) -> int:
    from fastwarc.warc import ArchiveIterator

    with path.open("rb") as file:
        return sum(bool(record.reader.read()) for record in ArchiveIterator(file, verify_digests=digests))


def by_fastwarc_and_digests(path: Path) -> int:
    return by_fastwarc(path, digests=True)


def by_datatrove(path: Path) -> int:
    from datatrove.pipeline.readers.warc import process_record
    from warcio import ArchiveIterator

    with path.open("rb") as file:
        return sum(bool(process_record(record)) for record in ArchiveIterator(file))


def by_json(path: Path) -> int:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return sum(bool(json.loads(line)) for line in file)


def by_pyarrow(path: Path) -> int:
    batches = pq.ParquetFile(path).iter_batches(512, use_threads=False)
    return sum(len(max(column.to_pylist() for column in batch.columns)) for batch in batches)


Reader = Callable[[Path], int]
WARC: tuple[Reader, ...] = (by_fastwarc, by_warcio, by_datatrove)
GZIPPED: tuple[Reader, ...] = (by_inflate, *WARC)
FORMATS: dict[str, tuple[int, Callable[[Path, int], None], tuple[Reader, ...]]] = {
    "pages.warc": (1, lambda path, n: warc(path, n, bytes), WARC),
    "pages.warc.gz": (1, lambda path, n: warc(path, n, zipped), GZIPPED),
    "digests.warc.gz": (1, lambda path, n: warc(path, n, zipped, digest=True), (by_inflate, by_fastwarc_and_digests)),
    "small.warc.gz": (5, lambda path, n: warc(path, n, zipped, SMALL_PAGE_BYTES), GZIPPED),
    "pages.warc.zst": (1, lambda path, n: warc(path, n, zstandard.ZstdCompressor(3).compress), ()),
    "articles.jsonl": (20, jsonl, (by_json,)),
    "articles.jsonl.gz": (20, jsonl, (by_json,)),
    "articles.parquet": (20, parquet, (by_pyarrow,)),
}
"""By file name: records for each page of `--records`, the maker of its input, and what reads it besides."""

GROWING = ("pages.warc.gz", "articles.jsonl", "articles.parquet")
NEEDED: dict[Reader, tuple[str, ...]] = {
    by_inflate: ("isal.isal_zlib",),
    by_warcio: ("warcio",),
    by_fastwarc: ("fastwarc.warc",),
    by_fastwarc_and_digests: ("fastwarc.warc",),
    by_datatrove: ("datatrove.pipeline.readers.warc", "cchardet", "magic"),
}
"""Modules that a reader imports."""


def measure(reader: Reader, path: Path, answer: multiprocessing.SimpleQueue) -> None:  # type: ignore[type-arg]
    try:
        for module in NEEDED.get(reader, ()):
            importlib.import_module(module)
    except ImportError:
        answer.put(None)
        return
    bytes(16 << 20)  # has glibc keep what is freed (mallopt(3)), as it does in a run once a first portion was sent
    before = time.process_time()
    n = reader(path)
    answer.put((n, time.process_time() - before, peak()))


def peak() -> float:
    """Return the most MiB this process held; `ru_maxrss` would count what the one that started it held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


def measured(reader: Reader, path: Path) -> tuple[int, float, float] | None:
    """Return records, CPU seconds and peak MiB of a reader in a process of its own; None where it is not installed."""
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=measure, args=(reader, path, answer))
    process.start()
    process.join()
    return answer.get()


def compare(path: Path, others: tuple[Reader, ...], rounds: int, expected: int | None) -> None:
    """Time readers of a file in turn, and print a line for each."""
    found = [[measured(reader, path) for reader in (ours, *others)] for _ in range(rounds)]
    for reader, *runs in zip((ours, *others), *found, strict=True):
        label = reader.__name__.removeprefix("by_").replace("_", " ")
        timed = [(run, one[0][1]) for run, one in zip(runs, found, strict=True) if run and one[0]]
        if not timed:
            print(f"{path.name:<20}{label:<22}not installed")
            continue
        n = timed[0][0][0]
        if expected is not None and n != expected:
            sys.exit(f"{label} gave {n:,} records of {path.name}, not {expected:,}")
        rate = n / statistics.median(seconds for (_, seconds, _), _ in timed)
        ratios = sorted(seconds / own for (_, seconds, _), own in timed)
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        most = max(held for (_, _, held), _ in timed)
        size = path.stat().st_size / 1e6
        print(f"{path.name:<20}{label:<22}{size:>8.1f}{n:>9,}{rate:>15,.0f}{spread:>23}{most:>10.0f}", flush=True)


def repeated(path: Path, size: int) -> None:
    """Make an input of so many bytes: 4,000 records over and over."""
    if path.suffix == ".parquet":
        group = pa.Table.from_pylist(list(articles(GROUP_ROWS)), SCHEMA)
        with path.open("wb") as file, pq.ParquetWriter(file, SCHEMA, compression="none") as writer:
            while file.tell() < size:
                writer.write_table(group)
        return
    FORMATS[path.name][1](path, GROUP_ROWS)
    piece = path.read_bytes()
    with path.open("wb") as file:
        file.writelines(itertools.repeat(piece, -(-size // len(piece))))


def memory(folder: str, sizes: list[float]) -> None:
    """Print the peak memory of reading inputs of several sizes."""
    print(f"{'input':<20}{'GB':>8}{'records':>12}{'records/CPU s':>15}{'peak MiB':>10}")
    for name in GROWING:
        for size in sizes:
            path = Path(folder, name)
            repeated(path, round(size * 1e9))
            if found := measured(ours, path):
                n, seconds, most = found
                stored = path.stat().st_size / 1e9
                print(f"{name:<20}{stored:>8.2f}{n:>12,}{n / seconds:>15,.0f}{most:>10.0f}", flush=True)
            path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="archives of your own, instead of made ones")
    parser.add_argument("--records", type=int, default=1659, help="pages in a WARC; twenty times as many articles")
    parser.add_argument("--rounds", type=int, default=5, help="how often each reader is timed")
    parser.add_argument("--memory", type=float, nargs="*", metavar="GB", help="read inputs of these sizes instead")
    parser.add_argument("--folder", help="where inputs are made, if not where temporary files are")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        if given.memory is not None:
            memory(folder, given.memory or [1, 10])
            return
        print(f"{'input':<20}{'reader':<22}{'MB':>8}{'records':>9}", end="")
        print(f"{'records/CPU s':>15}{'times ours':>23}{'peak MiB':>10}")
        for path in given.files:
            others = (by_json,) if ".jsonl" in path.name else (by_pyarrow,) if path.suffix == ".parquet" else WARC
            compare(path, others, given.rounds, None)
        for name, (times, make, others) in {} if given.files else FORMATS.items():
            path = Path(folder, name)
            make(path, given.records * times)
            compare(path, others, given.rounds, given.records * times)
            path.unlink()


if __name__ == "__main__":
    main()
