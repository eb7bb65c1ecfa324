"""Rows that input states outright, such as polls and what a feed is like after one: from a unit into its commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.elements import Row
from wirecopy.schemas.table import ID
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import CHECKPOINT_EVERY, Snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import read_parts

_OF_COMMIT = ("run_id", "commit")


def _batch_schema(table: str) -> pa.Schema:
    stated = [field for field in TABLES[table].schema if field.name not in _OF_COMMIT]
    return pa.schema([pa.field("unit_id", ID, False), pa.field("read", pa.int64()), *stated])


STATED = {table: _batch_schema(table) for table in ("feeds", "polls", "entries")}
"""The tables whose rows may be stated, each with the schema that its rows have until they are committed."""


def stated_batch(table: str, rows: Sequence[Row]) -> pa.RecordBatch:
    """Return rows of one table as a batch with its schema in STATED. Raises KeyError and pa.ArrowInvalid."""
    schema = STATED[table]
    columns: dict[str, Any] = {
        field.name: [row.values.get(field.name) for row in rows] for field in schema if field.name != "unit_id"
    }
    columns["unit_id"] = [row.unit_id for row in rows]
    if "deleted" in columns:
        columns["deleted"] = [bool(deleted) for deleted in columns["deleted"]]
    for field in schema:
        if field.type == ID:
            columns[field.name] = [None if one is None else bytes.fromhex(one) for one in columns[field.name]]
    return pa.RecordBatch.from_pydict(columns, schema=schema)


def still_standing(table: str, rows: pa.Table, snapshot: Snapshot) -> pa.Table:
    """Return the stated rows of a table less those that give way.

    A row that says as of which commit it was known what it replaces gives way to a row of the same key that was
    committed since: a feed that was removed while it was polled stays removed.
    """
    reads = pc.drop_null(rows["read"])
    if not len(reads):
        return rows
    since = _since(table, pc.min(reads).as_py(), snapshot)
    keys = (tuple(row.values()) for row in rows.select(list(TABLES[table].key)).to_pylist())
    stands = [
        read is None or since.get(one, 0) <= read for one, read in zip(keys, rows["read"].to_pylist(), strict=True)
    ]
    return rows.filter(pa.array(stands, pa.bool_()))


def _since(table: str, commit: int, snapshot: Snapshot) -> dict[tuple[Any, ...], int]:
    """Return the keys of rows of a `latest` table that were committed after a commit, with the newest commit of each.

    Where that is long ago the live parts tell it; most often it is a commit or two, whose own parts are few.
    """
    schema, key = TABLES[table].schema, list(TABLES[table].key)
    since: dict[tuple[Any, ...], int] = {}
    if snapshot.number - commit <= CHECKPOINT_EVERY:
        try:
            for number in range(commit + 1, snapshot.number + 1):
                parts = read_commit(snapshot.root, number).added.get(table, ())
                for row in read_parts(snapshot.root, parts, schema, key).to_pylist():
                    since[tuple(row.values())] = number
            return since
        except (FileNotFoundError, LakeError):  # merged into another part, and vacuumed since; or a commit given up
            since.clear()
    for part in snapshot.parts[table]:
        for row in read_parts(snapshot.root, (part,), schema, [*key, "commit"]).to_pylist():
            number = row.pop("commit")
            since[tuple(row.values())] = max(number, since.get(tuple(row.values()), 0))
    return since
