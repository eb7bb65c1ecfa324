"""Measure what sealing and committing take for an article, and count what a day of any size would take.

usage: python benchmarks/scaling.py ARCHIVE... [--wave 5000] [--days 1e6 1e7 1e8]

Seals the archive in one process and commits it in waves of so many articles, each with a clock of its own, as the
workers and the committer of a run on an engine do. Prints what was measured by wave, and then, for days of some sizes:
cores that seal, the share of its time for which one committer is at work, bytes that the engine shuffles and keeps, and
how the index and the tables grow in a month. The rate of commits is that of the last wave, whose index is the largest;
what the counted days say holds as far as that rate does.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.schemas.coders import TupleCoder
from wirecopy.schemas.elements import Sealed, Unit
from wirecopy.transforms.commit.wave import commit_wave
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.read import plan
from wirecopy.transforms.sealing.seal import seal

DAY_S = 86_400
GATHER_S = 15
"""Seconds for which an engine gathers what is sealed: the same as between commits."""


def size(folder: Path) -> int:
    """Return the bytes of all files in a folder, each counted once."""
    return sum(status.st_size for status in {path.stat() for path in folder.rglob("*") if path.is_file()})


def waves(sealed: Sequence[Sealed], articles: int) -> Iterator[list[Sealed]]:
    """Share sealed folders out among waves of about so many articles."""
    wave: list[Sealed] = []
    for one in sealed:
        wave.append(one)
        if sum(each.articles for each in wave) >= articles:
            yield wave
            wave = []
    if wave:
        yield wave


def main() -> None:
    """Measure and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", nargs="+")
    parser.add_argument("--wave", type=int, default=5_000)
    parser.add_argument("--days", type=float, nargs="+", default=[1e6, 1e7, 1e8])
    given = parser.parse_args()
    units = [unit for unit in plan(given.archive) if isinstance(unit, Unit)]
    with tempfile.TemporaryDirectory() as place:
        options = WaveOptions(Path(place) / "lake", new_run("ingest"))
        with join(options.staging):
            seal(units[:1], options.staging)  # what is loaded once
            began = time.process_time()
            sealed = [seal([unit], options.staging) for unit in units]
            articles = sum(one.articles for one in sealed)
            sealing = (time.process_time() - began) / articles
            travels = sum(len(TupleCoder(Sealed).encode(one)) for one in sealed) / articles
            staged = size(options.staging) / articles
            print(f"sealed {articles:,}: {1 / sealing:,.0f} articles a CPU second, {staged:,.0f} bytes each in staging")
            done = 0
            for wave in waves(sealed, given.wave):
                cpu, wall = time.process_time(), time.monotonic()
                done += commit_wave(options.lake, options.staging, options.run, wave).articles
                n = sum(one.articles for one in wave)
                took, spent = time.monotonic() - wall, time.process_time() - cpu
                print(f"{done:9,} in the lake: {n / took:6,.0f} a second, {n / spent:6,.0f} a CPU second")
        index = size(options.lake / "index") / done
        tables = (size(options.lake) - size(options.lake / "index")) / done
    print(f"bytes an article: index {index:,.0f}, tables {tables:,.0f}, through the engine {travels:,.1f}")
    print(
        "\nday, articles   a second  sealing, cores  committing  shuffled, MB  state, kB  index, GB  tables, GB a month"
    )
    for day in given.days:
        rate = day / DAY_S
        columns = (
            f"{day:13,.0f}",
            f"{rate:10,.1f}",
            f"{rate * sealing:15,.1f}",
            f"{rate * took / n:11.1%}",
            f"{day * travels / 1e6:13,.1f}",
            f"{rate * GATHER_S * travels / 1e3:10,.1f}",
            f"{30 * day * index / 1e9:10,.0f}",
            f"{30 * day * tables / 1e9:11,.0f}",
        )
        print(" ".join(columns))


if __name__ == "__main__":
    main()
