"""Measure how much of what the cores can extract a whole ingest reaches: beside bare loops, one for each core.

usage: python benchmarks/cores.py FOLDER [--copies N] [--rounds N]

FOLDER holds pages (.html or .html.gz). Each is taken N times, with a comment to tell its copies apart, so that the run
is long enough. A bare loop does nothing but read its share of the files and extract them, with all loaded before it
starts; the ingest is the command, from its start to its end, with its commit. Rounds take turns. CPU seconds are those
of all processes, read from /proc: Linux only. On a machine that does other things, only they mean something.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

from schemas.elements import Document, Unit
from transforms.lake.seal import extract
from transforms.read import plan, read

BATCH_CHARS = 4 << 20


def copies(folder: Path, n: int, to: Path) -> int:
    pages = sorted(path for path in folder.iterdir() if path.name.endswith((".html", ".html.gz")))
    for path in pages:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for i in range(n):
            (to / f"{path.name.split('.')[0]}-{i}.html").write_bytes(data + b"<!-- %d -->" % i)
    return n * len(pages)


def loop(units: list[Unit], barrier: Barrier) -> None:
    extract([])
    barrier.wait()
    batch: list[Document] = []
    size = 0
    for unit in units:
        for document in read(unit):
            if batch and size + len(document.content) > BATCH_CHARS:
                extract(batch)
                batch, size = [], 0
            batch.append(document)
            size += len(document.content)
    if batch:
        extract(batch)
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
        while not self._ended.wait(0.02):
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
    barrier = multiprocessing.Barrier(cores + 1)
    workers = [multiprocessing.Process(target=loop, args=(units[i::cores], barrier)) for i in range(cores)]
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
    walls, cpus = [], []
    with tempfile.TemporaryDirectory() as scratch:
        pages = Path(scratch) / "pages"
        pages.mkdir()
        n = copies(chosen.folder, chosen.copies, pages)
        print(f"{n:,} pages, {cores} cores")
        for i in range(chosen.rounds):
            bare_wall, bare_cpu = bare(pages, cores)
            wall, cpu = ingest(pages, Path(scratch) / f"lake{i}")
            walls.append(bare_wall / wall)
            cpus.append(bare_cpu / cpu)
            print(
                f"bare loops {n / bare_wall:6.1f} pages/s ({bare_wall:.1f} s, {bare_cpu:.1f} CPU s)   "
                f"ingest {n / wall:6.1f} pages/s ({wall:.1f} s, {cpu:.1f} CPU s)   "
                f"{walls[-1]:.3f} of the wall speed, {cpus[-1]:.3f} of the CPU speed",
                flush=True,
            )
    for name, shares in (("wall", walls), ("CPU", cpus)):
        print(f"{name}: min {min(shares):.3f} median {statistics.median(shares):.3f} max {max(shares):.3f}")


if __name__ == "__main__":
    main()
