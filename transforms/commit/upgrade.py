"""A lake of an older format upgraded: its first commit of this format gives all parts the columns that they lack.

The parts are written anew beside the old ones and change places with them in that one commit, so the lake is whole,
and of one format or the other, at every moment; what was killed before is done again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wirecopy.schemas.elements import Run
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.commit.publish import attempt, stage_upkeep
from wirecopy.transforms.lake.commits import (
    CHECKPOINT_EVERY,
    FORMAT,
    Part,
    Snapshot,
    checked_path,
    drop_checkpoints,
    open_snapshot,
    write_checkpoint,
)
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import rewrite_part


def upgraded(root: Path, staging: Path, run: Run) -> Snapshot:
    """Return the lake as of its newest commit, once that is of this format.

    Raises LakeError where a part of an older lake cannot be read, and OSError where the lake cannot be written.
    """
    while (snapshot := open_snapshot(root)).format != FORMAT:
        if base := snapshot.number - snapshot.number % CHECKPOINT_EVERY:
            write_checkpoint(open_snapshot(root, base, checkpoints=False))
            drop_checkpoints(root, base)
        rewritten, removed = with_columns(snapshot, staging, ())
        attempt(root, staging, stage_upkeep(snapshot, staging, run, {}, rewritten, removed, upgrade=True))
    return snapshot


def with_columns(
    snapshot: Snapshot, staging: Path, but: Iterable[str]
) -> tuple[dict[str, tuple[Part, ...]], dict[str, tuple[str, ...]]]:
    """Stage anew the live parts that lack columns, but for some paths, and return them and those they stand for.

    Raises LakeError where a part cannot be read.
    """
    rewritten: dict[str, tuple[Part, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    but = set(but)
    for table in TABLES.values():
        for part in snapshot.parts[table.name]:
            if part.path in but:
                continue
            try:
                if not set(table.schema.names) - set(pq.read_schema(checked_path(snapshot.root, part.path)).names):
                    continue
                anew = rewrite_part(snapshot.root, table, part, _none, staging)
            except (OSError, ValueError) as error:
                raise LakeError(
                    f"{snapshot.root / part.path} cannot be read ({error}): see wirecopy doctor --lake {snapshot.root}"
                ) from None
            rewritten[table.name] = (*rewritten.get(table.name, ()), *anew)
            removed[table.name] = (*removed.get(table.name, ()), part.path)
    return rewritten, removed


def _none(rows: pa.Table) -> pa.Array:
    return pa.array([False] * len(rows), pa.bool_())
