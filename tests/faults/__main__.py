"""The trials at length.

python -m faults kill=200 parts=150 --seed 3     so many of these kinds; without any, the numbers of ALL
python -m faults parts:17 --seed 3               one of them again
"""

from __future__ import annotations

import argparse
import queue
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from outlets import serving

from faults.command import Failure, Starter
from faults.damage import flip, harm, unnoticed
from faults.disk import LEVELS, Unmountable, disk
from faults.ground import Ground, Trial
from faults.inputs import HOSTS
from faults.kills import kill
from faults.writers import writers

KINDS = {
    "kill": kill,
    "disk": disk,
    "writers": writers,
    "parts": partial(flip, what="parts"),
    "commits": partial(flip, what="commits"),
    "index": partial(flip, what="index"),
    "catalog": partial(flip, what="catalog"),
    "harm": harm,
    "unnoticed": unnoticed,
}
ALL = {"kill": 200, "disk": LEVELS, "writers": 6} | dict.fromkeys(("parts", "commits", "index", "catalog"), 150)
ALL |= {"harm": 100, "unnoticed": 60}
AT_ONCE = 2


def hold(wanted: list[tuple[str, int]], seed: int, place: Path, out: object = sys.stdout) -> dict[str, Counter[str]]:
    """Hold the trials, two at a time, tell of each that fails, and return how they ended by kind.

    Ctrl-C ends it once the trials that are under way are over.
    """
    ended: dict[str, Counter[str]] = {kind: Counter() for kind, _ in wanted}
    with ExitStack() as stack:
        outlets = stack.enter_context(serving(HOSTS))
        ground = Ground(place, outlets, stack.enter_context(Starter()))
        starters: queue.SimpleQueue[Starter] = queue.SimpleQueue()
        for _ in range(AT_ONCE):
            starters.put(stack.enter_context(Starter()))

        def one(kind: str, number: int) -> tuple[str, str]:
            starter = starters.get()
            trial = Trial(ground, kind, number, seed, starter)
            try:
                end = KINDS[kind](trial)
            except Unmountable:
                end = "skipped"
            except Failure as failure:
                return failure.kind, f"FAILED {kind}:{number} --seed {seed}: {failure}\n  " + "\n  ".join(trial.told)
            except Exception as error:
                told = "\n  ".join(trial.told)
                return "broken trial", f"FAILED {kind}:{number} --seed {seed}: {error!r}\n  {told}"
            finally:
                starters.put(starter)
            shutil.rmtree(trial.place)
            return end, ""

        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = {pool.submit(one, kind, number): kind for kind, number in wanted}
            left = set(running)
            while left:
                try:
                    for future in as_completed(tuple(left)):
                        left.remove(future)
                        end, told = future.result()
                        ended[running[future]][end] += 1
                        if told:
                            print(told, file=out, flush=True)
                except KeyboardInterrupt:
                    pool.shutdown(wait=False, cancel_futures=True)
                    left = {future for future in left if not future.cancelled()}
    return ended


def table(ended: dict[str, Counter[str]]) -> str:
    """Return how the trials ended, for people."""
    lines = [f"{'':10} {'trials':>7} {'equal':>7} {'told and mended':>16} {'skipped':>8}  failed"]
    for kind, ends in ended.items():
        failed = {end: n for end, n in ends.items() if end not in ("equal", "mended", "skipped")}
        told = ", ".join(f"{n} {end}" for end, n in failed.items()) or "0"
        lines.append(f"{kind:10} {ends.total():7} {ends['equal']:7} {ends['mended']:16} {ends['skipped']:8}  {told}")
    return "\n".join(lines)


def failures(ended: dict[str, Counter[str]]) -> int:
    return sum(n for ends in ended.values() for end, n in ends.items() if end not in ("equal", "mended", "skipped"))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND=N|KIND:TRIAL", help=", ".join(f"{k}={n}" for k, n in ALL.items())
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wanted: list[tuple[str, int]] = []
    for word in given.kinds or [f"{kind}={n}" for kind, n in ALL.items()]:
        kind, sign, number = word.partition("=" if "=" in word else ":")
        if kind not in KINDS or not number.isdecimal():
            parser.error(f"{word!r} is neither KIND=N nor KIND:TRIAL; kinds are {', '.join(KINDS)}")
        wanted += [(kind, int(number))] if sign == ":" else [(kind, n) for n in range(int(number))]
    wanted.sort(key=lambda one: one[1])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it may be ignored
    began = time.monotonic()
    place = Path(tempfile.mkdtemp(prefix="wirecopy-faults-"))
    ended = hold(wanted, given.seed, place / "ground")
    print(table(ended))
    print(f"in {(time.monotonic() - began) / 60:.1f} minutes, --seed {given.seed}")
    if failed := failures(ended):
        print(f"the lakes of the trials that failed are in {place}")
    else:
        shutil.rmtree(place)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
