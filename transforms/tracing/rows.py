"""Rows of some articles, read from the parts of their months alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import Part, Snapshot, checked_path
from wirecopy.transforms.lake.parts import completed


def rows_of(
    snapshot: Snapshot, table: str, events: Mapping[bytes, dt.datetime | None], columns: Sequence[str]
) -> dict[bytes, dict[str, Any]]:
    """Return some columns of the rows of some articles, by id; articles that the table does not have are left out.

    Args:
        snapshot: the lake.
        table: `articles` or `texts`.
        events: the 16-byte ids, and the event_at of each.
        columns: the columns.

    Raises OSError where a part is missing.
    """
    if not events:
        return {}
    schema = pa.schema([TABLES[table].schema.field(name) for name in ("article_id", *columns)])
    wanted = pa.array(events, pa.binary(16))
    months = {f"month={event:%Y-%m}" if event else "month=unknown" for event in events.values()}
    instants = [event for event in events.values() if event]
    found: dict[bytes, dict[str, Any]] = {}
    for part in snapshot.parts[table]:
        if part.path.split("/")[1] in months:
            rows = _rows(snapshot, part, schema, wanted, instants)
            ids = storage(rows["article_id"]).to_pylist()
            found |= zip(ids, rows.drop_columns("article_id").to_pylist(), strict=True)
    return found


def events_of(snapshot: Snapshot, article_id: bytes) -> dict[bytes, dt.datetime | None]:
    """Return an article's id and event_at; nothing where the lake has no such article."""
    wanted = pa.array([article_id], pa.binary(16))
    for part in snapshot.parts["articles"]:
        file = pq.ParquetFile(checked_path(snapshot.root, part.path))
        rows = file.read(columns=["article_id", "event_at"])
        rows = rows.filter(pc.is_in(storage(rows["article_id"]), wanted))
        if len(rows):
            return {article_id: rows["event_at"][0].as_py()}
    return {}


def _rows(
    snapshot: Snapshot, part: Part, schema: pa.Schema, wanted: pa.Array, instants: Sequence[dt.datetime]
) -> pa.Table:
    file = pq.ParquetFile(checked_path(snapshot.root, part.path))
    there = [name for name in schema.names if name in file.schema_arrow.names]
    pieces = [schema.empty_table()]
    for group in range(file.num_row_groups):
        if not _may_hold(file.metadata.row_group(group), instants):
            continue
        ids = storage(file.read_row_group(group, columns=["article_id"])["article_id"])
        mask = pc.is_in(ids, wanted)
        if pc.any(mask).as_py():
            pieces.append(completed(file.read_row_group(group, columns=there).filter(mask), schema))
    return pa.concat_tables(pieces)


def _may_hold(group: Any, instants: Sequence[dt.datetime]) -> bool:
    place = next((i for i in range(group.num_columns) if group.column(i).path_in_schema == "event_at"), -1)
    told = group.column(place).statistics if place >= 0 else None
    if told is None or not told.has_min_max:
        return True
    return told.null_count != 0 or any(told.min <= instant <= told.max for instant in instants)
