"""How fast archives are read, before extraction: records a CPU second and peak memory by format.

    python benchmarks/read.py [--records N] [--grow N]

Makes its inputs: HTML pages of about 188 kB and articles of about 3 kB, of words drawn by Zipf's law. Planning and
reading together are timed, in a process of their own for each format, and beside them what other libraries take, where
they are installed, to give the decoded bytes of each record (warcio, fastwarc), the object of each line (json) or the
values of each row (pyarrow). `--grow` reads an input of so many times the records too: the peak should not grow.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from schemas.elements import Document, Unit
from transforms.read import plan, read

PAGE_BYTES = 188_000
TEXT_WORDS = 500
GROUP_ROWS = 4_000
RANKS = range(1, 20_001)
WEIGHTS = list(itertools.accumulate(1 / rank for rank in RANKS))
COLUMNS = ("id", "url", "title", "date", "text")


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


def pages() -> Iterator[bytes]:
    rng = random.Random(2)
    for _ in range(40):
        body, size = [], rng.randrange(PAGE_BYTES // 2, PAGE_BYTES * 3 // 2)
        while size > 0:
            tag, group = rng.choice(("p", "li", "div", "span", "a")), rng.choice("abcdefgh")
            body.append(f'<{tag} class="{group}-list__item {group}-{rng.randrange(30)}">{words(12, rng)}</{tag}>\n')
            size -= len(body[-1])
        yield f"<html><head><title>A page</title></head><body>{''.join(body)}</body></html>".encode()


def warc(path: Path, n: int, compress: Callable[[bytes], bytes]) -> None:
    members = []
    for i, page in enumerate(pages()):
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.com/{i}\r\n"
            f"WARC-Date: 2022-02-03T09:33:00Z\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        members.append(compress(head.encode() + block + b"\r\n\r\n"))
    with path.open("wb") as file:
        file.writelines(members[i % len(members)] for i in range(n))


def jsonl(path: Path, n: int) -> None:
    with gzip.open(path, "wt", 6) if path.suffix == ".gz" else path.open("w") as file:
        file.writelines(json.dumps(article) + "\n" for article in articles(n))


def parquet(path: Path, n: int) -> None:
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    with pq.ParquetWriter(path, schema) as writer:
        rows = list(articles(min(n, GROUP_ROWS)))
        for begin in range(0, n, GROUP_ROWS):
            writer.write_table(pa.Table.from_pylist(rows[: n - begin], schema))


def ours(path: Path) -> int:
    units = (unit for unit in plan([str(path)]) if isinstance(unit, Unit))
    return sum(isinstance(found, Document) for unit in units for found in read(unit))


def by_warcio(path: Path) -> int:
    from warcio import ArchiveIterator

    with path.open("rb") as file:
        return sum(bool(record.content_stream().read()) for record in ArchiveIterator(file))


def by_fastwarc(path: Path) -> int:
    from fastwarc.warc import ArchiveIterator

    with path.open("rb") as file:
        return sum(bool(record.reader.read()) for record in ArchiveIterator(file))


def by_json(path: Path) -> int:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return sum(bool(json.loads(line)) for line in file)


def by_pyarrow(path: Path) -> int:
    batches = pq.ParquetFile(path).iter_batches(512, use_threads=False)
    return sum(len(max(column.to_pylist() for column in batch.columns)) for batch in batches)


FORMATS: dict[str, tuple[int, Callable[[Path, int], None], tuple[Callable[[Path], int], ...]]] = {
    "pages.warc": (1, lambda path, n: warc(path, n, bytes), (by_warcio, by_fastwarc)),
    "pages.warc.gz": (1, lambda path, n: warc(path, n, lambda data: gzip.compress(data, 6)), (by_warcio, by_fastwarc)),
    "pages.warc.zst": (1, lambda path, n: warc(path, n, zstandard.ZstdCompressor(3).compress), ()),
    "articles.jsonl": (20, jsonl, (by_json,)),
    "articles.jsonl.gz": (20, jsonl, (by_json,)),
    "articles.parquet": (20, parquet, (by_pyarrow,)),
}
"""By file name: records for each page of `--records`, the maker of its input, and what reads it besides."""


def measure(reader: Callable[[Path], int], path: Path, answer: multiprocessing.SimpleQueue) -> None:  # type: ignore[type-arg]
    before = time.process_time()
    try:
        n = reader(path)
    except ImportError:
        answer.put(None)
        return
    answer.put((n, time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measured(reader: Callable[[Path], int], path: Path) -> tuple[int, float, float] | None:
    """Return records, CPU seconds and peak MiB of a reader in a process of its own; None where it is not installed."""
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=measure, args=(reader, path, answer))
    process.start()
    process.join()
    return answer.get()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1659, help="pages in a WARC; twenty times as many articles")
    parser.add_argument("--grow", type=int, default=1, help="read an input of so many times the records too")
    given = parser.parse_args()
    print(f"{'input':<20}{'reader':<14}{'MB':>8}{'records':>10}{'records/CPU s':>15}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (times, make, others) in FORMATS.items():
            for factor in sorted({1, given.grow}):
                path = Path(folder, name)
                make(path, given.records * times * factor)
                for reader in (ours, *others) if factor == 1 else (ours,):
                    label = reader.__name__.removeprefix("by_")
                    if (found := measured(reader, path)) is None:
                        print(f"{name:<20}{label:<14}{'not installed':>43}")
                        continue
                    n, seconds, peak = found
                    if n != given.records * times * factor:
                        sys.exit(f"{label} gave {n:,} records of {name}, not {given.records * times * factor:,}")
                    size = path.stat().st_size / 1e6
                    print(f"{name:<20}{label:<14}{size:>8.1f}{n:>10,}{n / seconds:>15,.0f}{peak:>10.0f}", flush=True)
                path.unlink()


if __name__ == "__main__":
    main()
