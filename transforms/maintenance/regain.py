"""A ledger that lost runs made anew: exactly from an older checkpoint and the commits since, else from the rows."""

from __future__ import annotations

import dataclasses

import pyarrow as pa

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import (
    Ledger,
    Snapshot,
    checkpoint_numbers,
    history_begins,
    is_sound,
    open_snapshot,
    read_commit,
    write_checkpoint,
)
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.ledger import advanced, broken_runs
from wirecopy.transforms.lake.parts import read_parts


def regained(snapshot: Snapshot) -> tuple[Ledger, bool] | None:
    """Return the ledger of a snapshot without the runs that are missing or damaged, None where none is.

    With it comes whether it is exact. Where it is not, units that gave no row may be missing in it: those are taken in
    again when they come again. Raises OSError where a part of articles or rejects cannot be read.
    """
    runs = snapshot.units.runs
    if not broken_runs(snapshot.root, runs):
        return None
    for base in reversed([0, *checkpoint_numbers(snapshot.root)]):
        if base < snapshot.number and (ledger := _replayed(snapshot, base)):
            return ledger, True
    sound = tuple(run for run in runs if not broken_runs(snapshot.root, [run]))
    units = {one: 0 for table in ("articles", "rejects") for one in _units_of(snapshot, table)}
    for number in range(max(1, snapshot.expired), snapshot.number + 1):
        try:
            commit = read_commit(snapshot.root, number)
        except LakeError:
            continue
        units.update(dict.fromkeys(commit.units, number))
        for unit in commit.reopened:
            units.pop(unit, None)
    units |= snapshot.units.recent
    reopened = snapshot.units.reopened - units.keys()
    return Ledger(snapshot.root, sound, units, reopened), False


def write_ledger(snapshot: Snapshot, ledger: Ledger) -> None:
    """Put a ledger in the place of the one that the newest checkpoint of a snapshot names.

    Raises OSError where it cannot be written.
    """
    root = snapshot.root
    base = max((one for one in checkpoint_numbers(root) if one <= snapshot.number and is_sound(root, one)), default=0)
    if base:
        write_checkpoint(dataclasses.replace(open_snapshot(root, base), units=ledger))


def _replayed(snapshot: Snapshot, base: int) -> Ledger | None:
    """Return the ledger by a checkpoint and the commits since, None where one of them is missing or damaged."""
    root = snapshot.root
    if base == 0 and history_begins(root) > 1:
        return None
    try:
        ledger = open_snapshot(root, base).units if base else Ledger(root)
        if (base and not is_sound(root, base)) or broken_runs(root, ledger.runs):
            return None
        commits = (read_commit(root, number) for number in range(base + 1, snapshot.number + 1))
        return advanced(ledger, ((one.number, one.units, one.reopened) for one in commits))
    except LakeError:
        return None


def _units_of(snapshot: Snapshot, table: str) -> list[str]:
    rows = read_parts(snapshot.root, snapshot.parts[table], TABLES[table].schema, ["unit_id"])
    return [one.hex() for one in storage(rows["unit_id"]).cast(pa.binary()).unique().to_pylist()]
