"""The ledger: which units of input are done, and by which commit. A unit that is in it is skipped.

What the last few commits are done with stands in these; all before stands in runs, sorted Parquet files that a
checkpoint names, each by the hash of its bytes. Four runs of like size are merged into one, so n units make about
log n runs, and each is written log n times.
"""

from __future__ import annotations

import io
import math
import re
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wirecopy.schemas.commits import LEDGER
from wirecopy.transforms.columns import binary, fixed
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.files import LakeError, put
from wirecopy.transforms.lake.records import Part

FOLDER = "_commits/ledger"

ALIKE = 4
"""So many runs of like size are merged into one."""

UNNAMED_S = 3600.0
"""Seconds for which a run stays that no checkpoint names: it may be that of one that is being written."""

_SMALL = 256
_NAME = re.compile(r"_commits/ledger/units-([0-9a-f]{32})\.parquet")


class Units(NamedTuple):
    """Units in the order of their ids: n ids (S16) and the commit (i64) that is done with each."""

    ids: npt.NDArray[np.bytes_]
    commits: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ledger:
    """The units that are done as of one commit. Runs are read when they are asked.

    Attributes:
        root: the lake's folder.
        runs: runs, as a checkpoint names them.
        recent: units that later commits are done with, as 32 hexadecimal digits, with the commit.
        reopened: units that later commits say are not done after all.
    """

    root: Path
    runs: tuple[Part, ...] = ()
    recent: Mapping[str, int] = field(default_factory=dict)
    reopened: frozenset[str] = frozenset()

    def __contains__(self, unit_id: object) -> bool:
        return isinstance(unit_id, str) and (unit_id in self.recent or unit_id in self.known([unit_id]))

    def known(self, unit_ids: Iterable[str]) -> frozenset[str]:
        """Return those of some units that are done. Raises LakeError where a run is missing or damaged."""
        asked = list(unit_ids)
        found = {one for one in asked if one in self.recent}
        asked = [one for one in asked if one not in found and one not in self.reopened]
        if asked and self.runs:
            wanted = np.frombuffer(bytes.fromhex("".join(asked)), "S16")
            held = np.zeros(len(wanted), bool)
            for run in self.runs:
                ids = read_run(self.root, run.path).ids
                at = np.searchsorted(ids, wanted)
                held |= ids[np.minimum(at, len(ids) - 1)] == wanted
            found.update(one for one, there in zip(asked, held, strict=True) if there)
        return frozenset(found)

    def of_commits(self, first: int, last: int) -> frozenset[str]:
        """Return the units that commits from one to another are done with. Raises LakeError as `known` does."""
        found: set[str] = set()
        for run in self.runs:
            ids, commits = read_run(self.root, run.path)
            raw = ids[(commits >= first) & (commits <= last)].tobytes()
            found.update(raw[at : at + 16].hex() for at in range(0, len(raw), 16))
        found -= self.reopened
        return frozenset(found.union(unit for unit, number in self.recent.items() if first <= number <= last))

    def all(self) -> frozenset[str]:
        """Return all units. Raises LakeError as `known` does."""
        return self.of_commits(0, 1 << 62)


def advanced(ledger: Ledger, commits: Iterable[tuple[int, Iterable[str], Iterable[str]]]) -> Ledger:
    """Return the ledger after some commits, each given by its number, its units and those that it opens again."""
    recent, gone = dict(ledger.recent), set(ledger.reopened)
    for number, units, reopened in commits:
        for unit in units:
            recent[unit] = number
        for unit in reopened:
            recent.pop(unit, None)
            gone.add(unit)
    return Ledger(ledger.root, ledger.runs, recent, frozenset(gone))


def settled(ledger: Ledger) -> Ledger:
    """Return the ledger with all its units in runs, which are written and synced when this returns.

    Raises LakeError where a run that is to be written anew is missing or damaged, and OSError where one cannot be
    written.
    """
    pieces: list[tuple[Part, Units | None]] = [(run, None) for run in ledger.runs]
    if not ledger.recent and not ledger.reopened:
        return ledger
    gone = np.array([bytes.fromhex(one) for one in {*ledger.reopened, *ledger.recent}], "S16")
    if ledger.reopened:
        pieces = [(run, _without(ledger.root, run, gone)) for run in ledger.runs]
    if ledger.recent:
        ids = np.array([bytes.fromhex(one) for one in ledger.recent], "S16")
        commits = np.array(list(ledger.recent.values()), np.int64)
        pieces.append((Part("", len(ids), 0), _sorted([Units(ids, commits)])))
    while merging := _alike([run.rows if units is None else len(units.ids) for run, units in pieces]):
        merged = [pieces[place] for place in merging]
        units = _sorted([read_run(ledger.root, run.path) if units is None else units for run, units in merged])
        pieces = [piece for place, piece in enumerate(pieces) if place not in merging]
        pieces.append((Part("", len(units.ids), 0), units))
    runs = [run if units is None else write_run(ledger.root, units) for run, units in pieces]
    return Ledger(ledger.root, tuple(run for run in runs if run.rows))


def read_run(root: Path, path: str) -> Units:
    """Return the units of a run, whose bytes are checked the first time. Raises LakeError."""
    try:
        return _read(root / path)
    except FileNotFoundError:
        raise LakeError(f"{root / path} is missing: run wirecopy doctor --lake {root}") from None
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise LakeError(f"{root / path} cannot be read ({error}): run wirecopy doctor --lake {root}") from None


def write_run(root: Path, units: Units) -> Part:
    """Write units, in the order of their ids, as a run, synced under its name, and return it. Raises OSError."""
    rows = pa.Table.from_arrays([binary(units.ids), pa.array(units.commits)], schema=LEDGER)
    out = io.BytesIO()
    pq.write_table(rows, out, compression="zstd", use_dictionary=["commit"], store_schema=False)
    data = out.getvalue()
    path = f"{FOLDER}/units-{blake2b_128(data).hex()}.parquet"
    put(root / path, data)
    return Part(path, len(rows), len(data))


def is_run(path: str) -> bool:
    """Return whether a path in the lake is one that a checkpoint may give a run."""
    return _NAME.fullmatch(path) is not None


def broken_runs(root: Path, runs: Sequence[Part]) -> list[str]:
    """Return what is wrong with runs, every byte of which is read again."""
    broken = []
    for run in runs:
        path = root / run.path
        try:
            _parsed(path)
        except FileNotFoundError:
            broken.append(f"{path} is missing")
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            broken.append(f"{path} is damaged ({error})")
    return broken


def sweep_runs(root: Path, named: Collection[str]) -> None:
    """Delete the runs that no checkpoint names any more, once they are an hour old."""
    for file in (root / FOLDER).glob("*"):
        path = file.relative_to(root).as_posix()
        ours = is_run(path) or file.name.startswith(".units-")
        if ours and path not in named and time.time() - file.lstat().st_mtime > UNNAMED_S:
            file.unlink(missing_ok=True)


@lru_cache(maxsize=64)
def _read(path: Path) -> Units:
    return _parsed(path)


def _parsed(path: Path) -> Units:
    data = path.read_bytes()
    if path.is_symlink() or path.stem != f"units-{blake2b_128(data).hex()}":
        raise ValueError("it has not the bytes that were written")
    rows = pq.read_table(pa.BufferReader(data))
    ids = rows["unit_id"].combine_chunks().cast(pa.binary(16))
    return Units(fixed(ids), np.asarray(rows["commit"].to_numpy(), np.int64))


def _without(root: Path, run: Part, gone: npt.NDArray[np.bytes_]) -> Units | None:
    """Return the units of a run less some, None where it has none of these."""
    units = read_run(root, run.path)
    stay = ~np.isin(units.ids, gone)
    return None if stay.all() else Units(units.ids[stay], units.commits[stay])


def _sorted(pieces: Sequence[Units]) -> Units:
    """Return all units in order, each once, with the newest commit that is done with it."""
    ids, commits = (np.concatenate(each) for each in zip(*pieces, strict=True))
    order = np.lexsort((-commits, ids))
    ids, commits = ids[order], commits[order]
    first = np.ones(len(ids), bool)
    first[1:] = ids[1:] != ids[:-1]
    return Units(ids[first], commits[first])


def _alike(sizes: Sequence[int]) -> list[int]:
    """Return the places of the smallest ALIKE runs or more that differ by less than that factor; none if none do."""
    levels = [int(math.log(max(size, _SMALL) / _SMALL, ALIKE)) for size in sizes]
    for level in sorted(set(levels)):
        if levels.count(level) >= ALIKE:
            return [place for place, other in enumerate(levels) if other == level]
    return []
