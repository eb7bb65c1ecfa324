"""Measure what it costs to read in a process of its own: CPU of reading units and handing their documents to a worker.

usage: python benchmarks/isolation.py PATH... [--rounds N]

`here` reads in the process that hands on, `apart` in one that can be killed. Each round does both, one after the other;
the ratio of the two is given with its spread over the rounds. Read from /proc: Linux only.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.extract.workers import Pool
from wirecopy.transforms.read import plan
from wirecopy.transforms.read.isolated import Reader
from wirecopy.transforms.read.portions import Portion, portions

TICKS = os.sysconf("SC_CLK_TCK")


def nothing(documents: Sequence[Document]) -> int:
    return len(documents)


def seconds(pids: Sequence[int]) -> float:
    """Return the CPU seconds that processes have had."""
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS


def batches(found: Iterator[Portion]) -> Iterator[Sequence[Document]]:
    return (portion.documents for portion in found if portion.documents)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    units = [item for item in plan(args.paths) if isinstance(item, Unit)]
    with Pool(nothing, 1) as pool, Reader() as reader:
        ways: dict[str, Callable[[Sequence[Unit]], Iterator[Portion]]] = {"here": portions, "apart": reader.portions}
        spent: dict[str, list[float]] = {name: [] for name in ways}
        documents = 0
        pids = [os.getpid(), reader._process.process.pid or 0, *(w.process.pid or 0 for w in pool._workers)]
        for read in ways.values():
            documents = sum(result for (result,) in pool.map(batches(read(units))) if isinstance(result, int))
        for _ in range(args.rounds):
            for name, read in ways.items():
                before = seconds(pids)
                for _ in pool.map(batches(read(units))):
                    pass
                spent[name].append(seconds(pids) - before)
    for name, found in spent.items():
        low, middle, high = (1e6 * sorted(found)[place] / documents for place in (0, len(found) // 2, -1))
        print(f"{name:>6}  {middle:9.1f} µs a document  ({low:.1f} to {high:.1f})")
    ratios = sorted(apart / here for here, apart in zip(spent["here"], spent["apart"], strict=True))
    print(f" ratio  {ratios[len(ratios) // 2]:9.2f}  ({ratios[0]:.2f} to {ratios[-1]:.2f}), {documents:,} documents")


if __name__ == "__main__":
    main()
