"""Commit what is sealed: resolved against the newest snapshot, published, and resolved anew where another was first."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from schemas.elements import Committed, Run, Sealed
from schemas.tables import TABLES
from transforms.hashing import blake2b_128
from transforms.lake.catalog import publish_catalog
from transforms.lake.commits import Commit, Part, Snapshot, open_snapshot, write_commit
from transforms.lake.index import add_commit, open_index, tidy_beside
from transforms.lake.parts import publish_parts, stage_parts
from transforms.lake.resolve import Changes, resolve
from transforms.lake.seal import Content, open_sealed
from transforms.lake.staging import PARTS, held

_NAME_BYTES = 6


def commit_wave(root: Path, staging: Path, run: Run, sealed: Sequence[Sealed]) -> Committed:
    """Commit what some sealed folders hold, and return what was new; commits nothing where nothing is.

    Another writer may commit in between: then the wave is resolved against the new parts as well, and tried as the
    next commit. Waves of one run take turns. Raises OSError where the lake cannot be written; nothing is committed
    then.
    """
    with held(staging / "committing"):
        return _commit(root, staging, run, open_sealed(sealed))


def _commit(root: Path, staging: Path, run: Run, content: Content) -> Committed:
    wave = blake2b_128(*sorted(content.units)).hex()[: 2 * _NAME_BYTES]
    while True:
        snapshot = open_snapshot(root)
        (root / "_commits").mkdir(exist_ok=True)
        units = tuple(sorted(unit_id for unit_id in content.units if unit_id.hex() not in snapshot.units))
        if not units:
            return Committed(0, 0, content.failed, 0, 0, 0, 0)
        changes = resolve(content, units, snapshot, open_index(snapshot), staging)
        committed = _counted(snapshot.number + 1, len(units), content.failed, changes)
        rows = _marked(changes.rows, run, committed.number)
        commit = _stage(snapshot, staging, run, wave, units, rows, changes, committed)
        published = [part for parts in commit.added.values() for part in parts]
        publish_parts(root, staging, published)
        if write_commit(root, staging, commit):
            break
        _withdraw(root, published)
    related = rows | {"versions": rows["articles"]}
    add_commit(root, commit.number, changes.replaced, changes.segment, related)
    publish_catalog(open_snapshot(root), staging)
    tidy_beside(root)
    shutil.rmtree(staging / PARTS, ignore_errors=True)
    return committed


def _counted(number: int, units: int, failed: int, changes: Changes) -> Committed:
    relations = changes.rows["pairs"]["relation"]
    copies = pc.sum(pc.equal(relations, "copy")).as_py() or 0
    return Committed(
        number,
        units,
        failed,
        changes.rows["articles"].num_rows,
        copies,
        len(relations) - copies,
        changes.rows["rejects"].num_rows,
    )


def _stage(
    snapshot: Snapshot,
    staging: Path,
    run: Run,
    wave: str,
    units: Sequence[bytes],
    rows: dict[str, pa.Table],
    changes: Changes,
    committed: Committed,
) -> Commit:
    committed_at = dt.datetime.now(dt.UTC)
    added: dict[str, tuple[Part, ...]] = {}
    for name, table in (rows | {"runs": _run_row(run, committed, committed_at)}).items():
        added[name] = (*stage_parts(TABLES[name], table, staging, wave), *changes.rewritten.get(name, ()))
    return Commit(
        number=committed.number,
        read=snapshot.number,
        run_id=run.run_id,
        committed_at=committed_at.isoformat(),
        units=tuple(unit_id.hex() for unit_id in units),
        added={name: parts for name, parts in added.items() if parts},
        removed=changes.removed,
    )


def _marked(rows: dict[str, pa.Table], run: Run, number: int) -> dict[str, pa.Table]:
    """Return rows with the columns that only the commit knows."""
    marks = {
        "run_id": pa.scalar(bytes.fromhex(run.run_id), pa.binary(16)),
        "first_at": pa.scalar(run.started_at, pa.int64()),
        "commit": pa.scalar(number, pa.int64()),
    }
    return {
        name: pa.Table.from_arrays(
            [
                table[field.name]
                if field.name in table.column_names
                else _repeated(marks[field.name], field, len(table))
                for field in TABLES[name].schema
            ],
            schema=TABLES[name].schema,
        )
        for name, table in rows.items()
    }


def _repeated(value: pa.Scalar, field: pa.Field, rows: int) -> pa.Array:
    column = pa.repeat(value, rows)
    if isinstance(field.type, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(field.type, column)
    return column.cast(field.type)


def _run_row(run: Run, committed: Committed, committed_at: dt.datetime) -> pa.Table:
    row = {
        "run_id": bytes.fromhex(run.run_id),
        "command": run.command,
        "version": run.version,
        "started_at": run.started_at,
        "committed_at": committed_at,
        "commit": committed.number,
        "units": committed.units,
        "articles": committed.articles,
        "copies": committed.copies,
        "reuse": committed.reuse,
        "rejects": committed.rejects,
    }
    return pa.Table.from_pylist([row], schema=TABLES["runs"].schema)


def _withdraw(root: Path, published: Sequence[Part]) -> None:
    live = {part.path for parts in open_snapshot(root).parts.values() for part in parts}
    for part in published:
        if part.path not in live:
            (root / part.path).unlink(missing_ok=True)
