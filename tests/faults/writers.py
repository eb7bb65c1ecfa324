"""Two commands that write to one lake at once: both succeed, and the lake is that of one after the other."""

from __future__ import annotations

import shutil
import time

from faults.command import Failure, Running
from faults.contents import Contents, contents
from faults.ground import Ground, Trial

PAIRS = ("ingest ingest", "ingest other", "ingest compact", "ingest reindex", "monitor ingest", "compact reindex")


def writers(trial: Trial) -> str:
    """Run one of PAIRS at once, the second some moments after the first."""
    pair = PAIRS[trial.number % len(PAIRS)]
    ground = trial.ground
    base = ground.base("crowded")
    commands = [_arguments(ground, name) for name in pair.split()]
    expected = _one_after_the_other(ground, pair, commands)
    trial.copy(base.lake)
    first = Running(trial.place, *commands[0], "--lake", trial.lake)
    wait = trial.rng.uniform(0, 1.0)
    trial.note(f"{pair}, {wait:.2f} s apart")
    time.sleep(wait)
    second = Running(trial.place, *commands[1], "--lake", trial.lake)
    try:
        for done in [first.done(), second.done()]:
            done.judged()
    finally:
        second.kill()
    trial.do("compact").judged(0)
    trial.holds(expected, True)
    found = trial.do("doctor").judged(0, 1, 3)
    if found.status:
        raise Failure("grave" if found.status == 1 else "not mended", str(found))
    return "equal"


def _arguments(ground: Ground, name: str) -> tuple[object, ...]:
    if name == "ingest":
        return "ingest", ground.inputs.more
    if name == "other":
        return "ingest", *ground.inputs.steps[2]
    return ground.watch if name == "monitor" else (name,)


def _one_after_the_other(ground: Ground, pair: str, commands: list[tuple[object, ...]]) -> Contents:
    """Return what the lake says after both, and a compaction that settles it."""
    with ground.making:
        if pair not in ground.after:
            place = ground.root / "after" / pair.replace(" ", "-")
            lake = shutil.copytree(ground.base("crowded").lake, place / "lake")
            for arguments in [*commands, ("compact",)]:
                ground.do(place, *arguments, "--lake", lake).judged()
            ground.after[pair] = contents(lake, True)
        return ground.after[pair]
