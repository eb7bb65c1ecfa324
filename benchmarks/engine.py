"""Take an archive in locally and by a job on a Flink cluster of this machine: the same lake, and at what cost?

usage: python benchmarks/engine.py ENGINE ARCHIVE... [--task-managers 1] [--kill]

ENGINE is the folder that `make engine` filled. Prints wall time and the CPU seconds of all processes, the cluster's
among them, and for each table the rows of both lakes and how many only one of them has, less run ids, times and
commits. With --kill a TaskManager is killed once something is sealed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

sys.path.append(str(Path(__file__).parents[1] / "tests" / "engine"))

from cluster import Cluster, running

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import open_snapshot

LOOK_S = 0.25
LESS = {"run_id", "first_at", "commit", "started_at", "committed_at"}
"""Columns in which two runs over the same input differ."""

COMMAND = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()"]


@contextmanager
def metering(sessions: list[int]) -> Iterator[dict[int, float]]:
    """Give the CPU seconds of all processes of some sessions, by process, which grow for as long as the block runs."""
    used: dict[int, float] = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_S):
            for place in Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = place.read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(fields[3]) in sessions:
                    used[int(place.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    teller = threading.Thread(target=look, daemon=True)
    teller.start()
    try:
        yield used
    finally:
        ended.set()
        teller.join()


def timed(name: str, command: list[str], cluster: Cluster | None = None, lake: Path | None = None) -> None:
    """Run a command, print what it and the cluster took, and kill a TaskManager of the cluster if a lake is given."""
    sessions = [process.pid for process in cluster.processes.values()] if cluster else []
    with metering(sessions) as used:
        began = time.monotonic()
        running_command = subprocess.Popen(command, start_new_session=True)
        sessions.append(running_command.pid)
        if cluster and lake:
            while not list(lake.glob("_staging/*/sealed-*")) and running_command.poll() is None:
                time.sleep(LOOK_S)
            cluster.kill("taskmanager-1")
            cluster.task_manager("taskmanager-1")
            sessions.append(cluster.processes["taskmanager-1"].pid)
            print(f"a TaskManager was killed after {time.monotonic() - began:.1f} s")
        status = running_command.wait()
        took = time.monotonic() - began
        time.sleep(2 * LOOK_S)
    print(f"{name}: exit {status}, {took:.1f} s, {sum(used.values()):.1f} s of CPU", flush=True)


def compare(here: Path, there: Path) -> None:
    """Print for each table the rows of both lakes, and how many only one of them has."""
    snapshots = open_snapshot(here), open_snapshot(there)
    units = [one.units.all() for one in snapshots]
    print(f"commits {[one.number for one in snapshots]}, the same units: {units[0] == units[1]}")
    for table in TABLES:
        names = [field.name for field in TABLES[table].schema if field.name not in LESS]
        columns = ", ".join(f'"{name}"' for name in names)
        rows = []
        for one in snapshots:
            parts = [str(one.root / part.path) for part in one.parts[table]]
            rows.append(f"SELECT {columns} FROM read_parquet({parts})" if parts else None)
        if not all(rows):
            print(f"{table}: {sum(row is not None for row in rows)} of the lakes have rows")
            continue
        counts = [f"(SELECT count(*) FROM ({one}))" for one in rows]
        counts += [f"(SELECT count(*) FROM ({a} EXCEPT ALL {b}))" for a, b in (rows, rows[::-1])]
        [found] = duckdb.sql(f"SELECT {', '.join(counts)}").fetchall()
        print(f"{table}: {', '.join(f'{count:,}' for count in found)}")


def main() -> None:
    """Run both and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", type=Path)
    parser.add_argument("archive", nargs="+")
    parser.add_argument("--task-managers", type=int, default=1)
    parser.add_argument("--kill", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        here, there = Path(place) / "here", Path(place) / "there"
        timed("locally", [*COMMAND, "ingest", *given.archive, "--lake", str(here)])
        with running(given.engine, Path(place), given.task_managers) as cluster:
            flink = ["--runner", "flink", "--engine", cluster.address, "--", *cluster.options]
            command = [*COMMAND, "ingest", *given.archive, "--lake", str(there), *flink]
            timed("on Flink", command, cluster, there if given.kill else None)
        print("table: rows locally, rows on Flink, only locally, only on Flink")
        compare(here, there)


if __name__ == "__main__":
    main()
