"""What a lake's bookkeeping takes after a year of a monitor: bytes on disk, to open it, and to commit.

    python benchmarks/ageing.py [--commits 500000] [--parts 4000]

The files of commits, checkpoints and ledger are made as the monitor leaves them, 1,400 commits a day of one unit and
ten parts each, without the parts themselves. Then the lake is opened in processes of their own, and commits are made
in one that goes on. Of a commit, that is all but its parts, its index and its catalog.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import zstandard

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake import commits, history, ledger, records
from wirecopy.transforms.maintenance.expire import expirable

A_DAY = 1_400
DAYS = 30
_OPEN = """
import sys, time
from pathlib import Path
from wirecopy.transforms.lake.commits import open_snapshot
began, cpu = time.perf_counter(), time.process_time()
snapshot = open_snapshot(Path(sys.argv[1]))
assert "0" * 32 not in snapshot.units if len(sys.argv) > 2 else True
print(time.perf_counter() - began, time.process_time() - cpu)
"""


def unit(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def parts(number: int) -> dict[str, tuple[records.Part, ...]]:
    """Return what a commit of the monitor adds: a part of each of ten tables."""
    names = [name for name in TABLES if name not in ("rejects",)][:10]
    made = {}
    for name in names:
        folder = f"{name}/month=2026-11" if TABLES[name].month_of else name
        made[name] = (records.Part(f"{folder}/part-{unit(number)[:12]}-{unit(number)}.parquet", 10, 12_345),)
    return made


def made(root: Path, n_commits: int, n_parts: int) -> None:
    """Write the bookkeeping of a lake with so many commits, of which those of 30 days are kept."""
    kept = min(n_commits, A_DAY * DAYS)
    first = max(1, (n_commits - kept) // 1024 * 1024)
    (root / "_commits" / "ledger").mkdir(parents=True)
    live: dict[str, list[records.Part]] = {name: [] for name in TABLES}
    for n in range(n_parts):
        for name, added in list(parts(-n - 1).items())[n % 10 : n % 10 + 1]:
            live[name] += added
    fixed = {name: tuple(each) for name, each in live.items()}
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=kept / A_DAY)
    identity, pending, book = "", {}, ledger.Ledger(root)
    if first > 1:
        ids = np.array([bytes.fromhex(unit(n)) for n in range(1, first)], "S16")
        order = np.argsort(ids)
        run = ledger.write_run(root, ledger.Units(ids[order], np.arange(1, first, dtype=np.int64)[order]))
        book = ledger.Ledger(root, (run,))
    for number in range(first, n_commits + 1):
        at = start + dt.timedelta(days=(number - first) / A_DAY)
        one = records.Commit(number, number - 1, "0" * 32, at.isoformat(), (unit(number),), parts(number))
        record = {"format": records.FORMAT, "parent": identity, "commit": number} | records_of(one)
        data = records.sealed(record, 1)
        identity = records.digest(data)
        pending[number] = data
        book = ledger.Ledger(root, book.runs, {**book.recent, unit(number): number})
        if number % 64 == 0:
            if number <= n_commits - history.LOOSE:
                block = {str(n): pending.pop(n).decode() for n in range(max(first, number - 63), number + 1)}
                block |= {str(n): "{}" for n in range(number - 63, first)}
                sealed = records.sealed({"format": records.FORMAT, "commits": block})
                (root / "_commits" / f"{number:08d}.commits.zst").write_bytes(zstandard.compress(sealed, 9))
            else:
                for n in list(pending):
                    (root / "_commits" / history.name(n)).write_bytes(pending.pop(n))
            if number % 1024 == 0 or number > n_commits - 128:
                book = ledger.settled(book)
                snapshot = commits.Snapshot(root, number, fixed, book, identity, expired=first if first > 1 else 0)
                commits.write_checkpoint(snapshot)
    for n, data in pending.items():
        (root / "_commits" / history.name(n)).write_bytes(data)
    (root / "_commits" / "LATEST").write_text(str(n_commits))


def records_of(commit: records.Commit) -> dict[str, object]:
    from dataclasses import asdict

    return {name: value for name, value in asdict(commit).items() if name != "number"}


def opening(root: Path, ask: bool) -> tuple[float, float]:
    """Return the seconds and CPU seconds to open a lake in a new process, and to ask its ledger for a unit."""
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, str(root), *["ask"] * ask], capture_output=True, check=True, text=True
    )
    wall, cpu = done.stdout.split()
    return float(wall), float(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=500_000)
    parser.add_argument("--parts", type=int, default=4_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        made(root, given.commits, given.parts)
        files = [path for path in (root / "_commits").rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        on_disk = sum(path.stat().st_blocks * 512 for path in files)
        print(f"{given.commits:,} commits: {len(files):,} files, {size / 1e6:.1f} MB, {on_disk / 1e6:.1f} MB on disk")
        for kind in ("commits.zst", "checkpoint.json", "parquet"):
            of_kind = [path.stat().st_size for path in files if path.name.endswith(kind)]
            print(f"  {len(of_kind):5,} {kind:16} {sum(of_kind) / 1e6:8.1f} MB")
        for ask in (False, True):
            times = [opening(root, ask) for _ in range(5)]
            told = "to open and ask the ledger" if ask else "to open"
            cpu = statistics.median(cpu for _, cpu in times)
            print(f"{told}: {1e3 * cpu:.1f} ms CPU, {1e3 * min(wall for wall, _ in times):.1f} ms at best")
        staging = root / "_staging" / ("0" * 32)
        staging.mkdir(parents=True)
        spent, walls = [], []
        for _ in range(256):
            began, cpu = time.perf_counter(), time.process_time()
            snapshot = commits.open_snapshot(root)
            number = snapshot.number + 1
            assert unit(number) not in snapshot.units
            now = dt.datetime.now(dt.UTC).isoformat()
            one = records.Commit(number, number - 1, "0" * 32, now, (unit(number),), parts(number))
            assert commits.write_commit(root, staging, one)
            commits.open_snapshot(root)
            spent.append(time.process_time() - cpu)
            walls.append(time.perf_counter() - began)
        print(
            f"a commit, mean of 256: {1e3 * statistics.mean(spent):.1f} ms CPU, {1e3 * statistics.mean(walls):.1f} ms; "
            f"the slowest, with a checkpoint: {1e3 * max(spent):.1f} ms CPU"
        )
        cpu = time.process_time()
        expirable(commits.open_snapshot(root))
        print(f"to see whether commits expire: {1e3 * (time.process_time() - cpu):.1f} ms CPU")


if __name__ == "__main__":
    main()
