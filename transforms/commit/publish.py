"""An attempt to commit: rows marked and staged, parts published, and withdrawn where another writer was first."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa

from wirecopy.schemas.elements import Committed, Run
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import Commit, Part, Snapshot, checked_path, open_snapshot, write_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import publish_parts, stage_parts


def attempt(root: Path, staging: Path, commit: Commit) -> bool:
    """Publish the staged parts that a commit names and create it, unless its number is taken; say whether it was."""
    published = [part for tables in (commit.added, commit.rewritten) for parts in tables.values() for part in parts]
    try:
        publish_parts(root, staging, published)
        if write_commit(root, staging, commit):
            return True
    except OSError:
        with contextlib.suppress(OSError, LakeError):
            _withdraw(root, published)
        raise
    _withdraw(root, published)
    return False


def _withdraw(root: Path, published: Sequence[Part]) -> None:
    """Delete published parts that are not committed."""
    live = {part.path for parts in open_snapshot(root).parts.values() for part in parts}
    for part in published:
        if part.path not in live:
            checked_path(root, part.path).unlink(missing_ok=True)


def stage_upkeep(
    snapshot: Snapshot,
    staging: Path,
    run: Run,
    rows: Mapping[str, pa.Table],
    rewritten: Mapping[str, tuple[Part, ...]],
    removed: Mapping[str, tuple[str, ...]],
    **also: Any,
) -> Commit:
    """Stage the rows, by table, of a commit that takes no unit in, and return the commit, with the row of its run.

    `also` are attributes of the commit that it takes as they are.
    """
    committed_at = dt.datetime.now(dt.UTC)
    row = run_row(run, Committed(snapshot.number + 1, 0, 0, 0, 0, 0, 0), committed_at)
    return Commit(
        number=snapshot.number + 1,
        read=snapshot.number,
        run_id=run.run_id,
        committed_at=committed_at.isoformat(),
        units=(),
        added=stage_rows({**rows, "runs": row}, staging, run.run_id[:12]),
        rewritten={table: parts for table, parts in rewritten.items() if parts},
        removed=dict(removed),
        **also,
    )


def stage_rows(rows: Mapping[str, pa.Table], staging: Path, wave: str) -> dict[str, tuple[Part, ...]]:
    """Stage rows, by table, each in a thread, and return their parts; tables without rows have none."""
    with ThreadPoolExecutor() as pool:
        staged = pool.map(lambda name: tuple(stage_parts(TABLES[name], rows[name], staging, wave)), rows)
        return {name: parts for name, parts in zip(rows, staged, strict=True) if parts}


def marked(rows: dict[str, pa.Table], run: Run, number: int) -> dict[str, pa.Table]:
    """Return rows with the columns that only the commit knows."""
    marks = {
        "run_id": pa.scalar(bytes.fromhex(run.run_id), pa.binary(16)),
        "first_at": pa.scalar(run.started_at, pa.int64()),
        "commit": pa.scalar(number, pa.int64()),
        "deleted": pa.scalar(False),
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


def run_row(run: Run, committed: Committed, committed_at: dt.datetime) -> pa.Table:
    """Return the row of `runs` of one commit."""
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
