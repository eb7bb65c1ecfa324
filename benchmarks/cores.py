"""Measure how much of what the cores can extract a whole ingest reaches: beside bare loops, one for each core.

usage: python benchmarks/cores.py FOLDER [--copies N] [--rounds N]

FOLDER holds pages (.html or .html.gz). Each is taken N times, the words of its paragraphs in another order each time,
so that the run is long enough and nearly all of its articles are new ones. They are ingested as a folder of files and
as one gzipped WARC file a core. A bare loop is a process that reads its share of the pages with our readers, a file or
a record at a time, and gives each by itself to `extract_batch`, which finds text, metadata, dates, language, credits
and quotes; it fingerprints, matches and writes nothing, and all it needs was loaded before its time begins; given
twenty pages at a time, as the command's workers are, it would be a tenth faster. The ingest is the command, from its
start to its end, with its commits, on a machine that has compiled the kernels before. Rounds take turns. CPU seconds
are those of all processes, read from /proc: Linux only. On a machine that does other things, only they mean something.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.sealing.pools import WARM

PARAGRAPH = re.compile(rb"(<p\b[^<>]*>)([^<>]{40,})")


def copies(folder: Path, n: int) -> Iterator[tuple[str, bytes]]:
    """Yield the names and bytes of n copies of each page, the words of its paragraphs in another order."""
    for path in sorted(path for path in folder.iterdir() if path.name.endswith((".html", ".html.gz"))):
        page = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for i in range(n):
            yield f"{path.name.split('.')[0]}-{i}", PARAGRAPH.sub(partial(reordered, random.Random(i)), page)


def reordered(chance: random.Random, paragraph: re.Match[bytes]) -> bytes:
    words = paragraph[2].split()
    return paragraph[1] + b" ".join(chance.sample(words, len(words)))


def record(name: str, page: bytes) -> bytes:
    """Return a page as the gzipped response record of a crawler."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page
    header = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://www.example.com/{name}\r\n"
    header += f"WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: {len(block)}\r\n\r\n"
    return gzip.compress(header.encode() + block + b"\r\n\r\n", 6)


def write(folder: Path, n: int, cores: int, files: Path, archives: Path) -> int:
    """Write the copies as files and as archives, and return how many there are."""
    count = 0
    archived = [(archives / f"{core}.warc.gz").open("wb") for core in range(cores)]
    for count, (name, page) in enumerate(copies(folder, n), 1):
        (files / f"{name}.html").write_bytes(page)
        archived[count % cores].write(record(name, page))
    for archive in archived:
        archive.close()
    return count


def loop(units: Sequence[Unit], barrier: Barrier) -> None:
    extract_batch(WARM)
    barrier.wait()
    for unit in units:
        for document in read(unit):
            if isinstance(document, Document):
                extract_batch([document])
    barrier.wait()
    barrier.wait()


class Clock(threading.Thread):
    """Counts the CPU seconds of all processes of a session, also of those that end unwaited for."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self._session = session
        self._used: dict[str, int] = {}
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(0.1):
            for stat in Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = stat.read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(fields[3]) == self._session:
                    self._used[stat.parent.name] = int(fields[11]) + int(fields[12])

    def seconds(self) -> float:
        self._ended.set()
        self.join()
        return sum(self._used.values()) / os.sysconf("SC_CLK_TCK")


def bare(folder: Path, cores: int) -> tuple[float, float]:
    units = [unit for unit in plan([str(folder)]) if isinstance(unit, Unit)]
    paths = list(dict.fromkeys(unit.path for unit in units))
    shares = [[unit for unit in units if unit.path in paths[i::cores]] for i in range(cores)]
    barrier = multiprocessing.Barrier(cores + 1)
    workers = [multiprocessing.Process(target=loop, args=(share, barrier)) for share in shares]
    for worker in workers:
        worker.start()
    barrier.wait()
    before, begin = spent(workers), time.monotonic()
    barrier.wait()
    wall, used = time.monotonic() - begin, spent(workers) - before
    barrier.wait()
    for worker in workers:
        worker.join()
    return wall, used


def spent(processes: Sequence[multiprocessing.Process]) -> float:
    fields = [Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split() for one in processes]
    return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def ingest(folder: Path, lake: Path) -> tuple[float, float]:
    begin = time.monotonic()
    command = [str(Path(sys.executable).with_name("wirecopy")), "ingest", str(folder), "--lake", str(lake)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, "--ok-rejects", "100%"], stdout=quiet, stderr=quiet, start_new_session=True)
    clock = Clock(process.pid)
    if process.wait():
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - begin, clock.seconds()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--copies", type=int, default=8)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    cores = len(os.sched_getaffinity(0))
    shares: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        inputs = {name: Path(scratch) / name for name in ("files", "archives")}
        for folder in inputs.values():
            folder.mkdir()
        n = write(chosen.folder, chosen.copies, cores, **inputs)
        print(f"{n:,} pages, {cores} cores")
        for i in range(chosen.rounds):
            for name, folder in inputs.items():
                bare_wall, bare_cpu = bare(folder, cores)
                wall, cpu = ingest(folder, Path(scratch) / f"lake-{name}-{i}")
                shares.setdefault(f"{name}, wall", []).append(bare_wall / wall)
                shares.setdefault(f"{name}, CPU", []).append(bare_cpu / cpu)
                print(
                    f"{name:>8}: bare loops {n / bare_wall:6.1f} pages/s ({bare_wall:.1f} s, {bare_cpu:.1f} CPU s)   "
                    f"ingest {n / wall:6.1f} pages/s ({wall:.1f} s, {cpu:.1f} CPU s)   "
                    f"{bare_wall / wall:.3f} of the wall speed, {bare_cpu / cpu:.3f} of the CPU speed",
                    flush=True,
                )
    for name, found in shares.items():
        print(f"{name}: min {min(found):.3f} median {statistics.median(found):.3f} max {max(found):.3f}")


if __name__ == "__main__":
    main()
