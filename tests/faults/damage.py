"""Files of a lake damaged: bits flipped, cut, emptied, deleted, exchanged, or set back to what they were before."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from faults.command import Done, Failure
from faults.ground import Base, Trial
from wirecopy.schemas.tables import TABLES

HARMS = ("cut", "emptied", "deleted", "exchanged", "set back")
ROUNDS = 4
"""Times that what doctor advises is done before the lake is given up."""

_HEAD = 256
_BACKED_UP = 1 / 3


def files(lake: Path, what: str) -> list[Path]:
    """Return the files of a lake that are its `parts`, `commits`, `index` or `catalog`."""
    if what == "parts":
        found = [path for table in TABLES for path in (lake / table).rglob("*.parquet")]
    elif what == "commits":
        folder = lake / "_commits"
        found = [*folder.glob("*.json"), *folder.glob("*.zst"), *folder.glob("ledger/*.parquet"), folder / "LATEST"]
    elif what == "index":
        found = [path for path in (lake / "index").rglob("*") if path.is_file() and path.stat().st_size]
    else:
        found = [lake / "catalog.duckdb", lake / "catalog.sql"]
    return sorted(found)


def flip(trial: Trial, what: str) -> str:
    """Flip one bit of one file, and see that doctor tells or nothing changes."""
    base = _copied(trial, what)
    path = trial.rng.choice(files(trial.lake, what))
    _flip(trial, path)
    return _mended(trial, base, [path], unnoticed=False)


def unnoticed(trial: Trial) -> str:
    """Flip one bit of any file, and use the lake before doctor is asked."""
    what = trial.rng.choice(("parts", "commits", "index", "catalog"))
    base = _copied(trial, what)
    path = trial.rng.choice(files(trial.lake, what))
    _flip(trial, path)
    return _mended(trial, base, [path], unnoticed=True)


def harm(trial: Trial) -> str:
    """Do a file, or the newest commit, one of HARMS."""
    what = ("parts", "commits", "index", "catalog", "newest")[trial.number % 5]
    base = _copied(trial, what)
    if what == "newest":
        return _mended(trial, base, _rolled_back(trial, base), unnoticed=False)
    kind = trial.rng.choice(HARMS)
    there = files(trial.lake, what)
    path = trial.rng.choice(there)
    data = path.read_bytes()
    before = base.older / path.relative_to(trial.lake)
    if kind == "set back" and not (before.exists() and before.read_bytes() != data):
        kind = "exchanged"
    alike = [one for one in there if one.suffix == path.suffix and one.read_bytes() != data]
    if kind == "exchanged" and not alike:
        kind = "deleted"
    if kind == "deleted":
        path.unlink()
    elif kind == "set back":
        path.write_bytes(before.read_bytes())
    elif kind == "exchanged":
        path.write_bytes(trial.rng.choice(alike).read_bytes())
    else:
        path.write_bytes(data[: trial.rng.randrange(len(data)) if kind == "cut" else 0])
    trial.note(f"{path.relative_to(trial.lake)} {kind}")
    return _mended(trial, base, [path], unnoticed=False)


def _copied(trial: Trial, what: str) -> Base:
    """Take a copy of `plain`; of `long` in every third trial of commits, of `watched` in every fourth of parts."""
    name = "plain"
    if what in ("commits", "newest") and trial.number % 3 == 2:
        name = "long"
    elif what == "parts" and trial.number % 4 == 3:
        name = "watched"
    base = trial.ground.base(name)
    trial.copy(base.lake)
    return base


def _flip(trial: Trial, path: Path) -> None:
    """Flip a bit anywhere, or in one of two trials in the first bytes of the file."""
    data = bytearray(path.read_bytes())
    at = trial.rng.randrange(min(_HEAD, len(data)) if trial.rng.random() < 0.5 else len(data))
    bit = trial.rng.randrange(8)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    trial.note(f"bit {bit} of byte {at} of {len(data)} of {path.relative_to(trial.lake)}")


def _rolled_back(trial: Trial, base: Base) -> list[Path]:
    """Lose the newest commit, and in two of three trials the catalog or the index that came with it.

    With both of them gone the lake would be as it was before that commit, and there would be nothing to tell.
    """
    newest = max((trial.lake / "_commits").glob("????????.json"))
    newest.unlink()
    latest = trial.lake / "_commits" / "LATEST"
    latest.write_bytes((base.older / "_commits" / "LATEST").read_bytes())
    lost = [newest, latest]
    told = "the newest commit is lost"
    also = trial.rng.choice(("", "catalog", "index"))
    if also == "catalog":
        for name in ("catalog.duckdb", "catalog.sql"):
            (trial.lake / name).write_bytes((base.older / name).read_bytes())
    elif also == "index":
        shutil.rmtree(trial.lake / "index")
        shutil.copytree(base.older / "index", trial.lake / "index")
    told += f", the {also} set back" if also else ""
    trial.note(told)
    return lost


def _mended(trial: Trial, base: Base, harmed: list[Path], unnoticed: bool) -> str:
    """See that doctor tells of all that is lost, and that what it advises gives the untouched lake.

    Returns `equal` where nothing was lost, else `mended`.
    """
    restore = partial(_restored, trial, base, harmed)
    stops = False
    if unnoticed:
        command = trial.rng.choice(["ingest", "compact", "reindex", "sql"])
        arguments = {"ingest": ("ingest", trial.ground.inputs.more), "sql": ("sql", "FROM stories")}.get(command)
        done = trial.do(*(arguments or (command,))).judged(0, 1, 3)
        trial.note(str(done))
        stops = done.status == 1
    told, before = "equal", ""
    for _ in range(ROUNDS):
        found = trial.do("doctor").judged(0, 1, 3)
        if found.status == 0:
            break
        trial.note(str(found))
        if found.err == before:
            raise Failure("not mended", "the same is said again after what was advised")
        before = found.err
        if found.status == 1:
            told = "mended"
        stops = False
        _follow(trial, base, found, restore)
    else:
        raise Failure("not mended", f"after {ROUNDS} rounds something is still amiss")
    if stops:
        raise Failure("untold", f"doctor finds nothing wrong where {trial.told[-1]}")
    kind = "other lake" if told == "equal" else "not mended"
    if not unnoticed:
        trial.holds(base.says, base.watched, kind)
        trial.works(base, trial.rng.sample(["sql", "compact", "reindex"], 2) + ["ingest"])
    else:
        trial.works(base, ["ingest"])
    return told


def _follow(trial: Trial, base: Base, found: Done, restore: Callable[[], None]) -> None:
    """Do what doctor advises; where it gives commits up, in one of three trials put back what a backup has of them."""
    if back_to := re.search(r"--mend --back-to (\d+)", found.err):
        if trial.rng.random() < _BACKED_UP:
            restore()
            return
        trial.note(str(trial.do("doctor", "--mend", "--back-to", back_to[1]).judged(0, 1, 3)))
        for arguments in base.again:
            trial.do(*arguments).judged()
    elif "--mend" in found.err:
        trial.note(str(trial.do("doctor", "--mend").judged(0, 1, 3)))
        for arguments in base.again:
            trial.do(*arguments).judged()
    elif checkpoint := re.search(r"(\S+) is damaged\s+it is passed over", found.err):
        (trial.lake / checkpoint[1]).unlink()
    elif "backup" in found.err:
        restore()
    elif command := re.search(r"wirecopy (compact|reindex)", found.err):
        trial.do(command[1]).judged(0)
    elif "next run" in found.err or "ingest" in found.err:
        for arguments in base.again:
            trial.do(*arguments).judged()
    else:
        raise Failure("no advice", str(found))


def _restored(trial: Trial, base: Base, harmed: list[Path]) -> None:
    """Put the good files back, as from a backup."""
    trial.note("restored from a backup")
    for path in harmed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((base.lake / path.relative_to(trial.lake)).read_bytes())
