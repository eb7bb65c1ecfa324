"""Rows of a snapshot's live parts that concern some articles."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import Part, Snapshot, checked_path
from wirecopy.transforms.lake.parts import read_parts


def concerning(
    snapshot: Snapshot, table: str, columns: tuple[str, ...], ids: pa.Array
) -> Iterator[tuple[Part, pa.BooleanArray]]:
    """Yield each live part of a table that has rows where one of the id columns is among `ids`, with their mask.

    `ids` are plain 16-byte values. Only the id columns are read. Raises OSError where a part is missing.
    """
    if not len(ids):
        return
    for part in snapshot.parts[table]:
        mask = about(pq.ParquetFile(checked_path(snapshot.root, part.path)).read(columns=list(columns)), columns, ids)
        if pc.any(mask).as_py():
            yield part, mask


def about(rows: pa.Table, columns: tuple[str, ...], ids: pa.Array) -> pa.BooleanArray:
    """Return for each row whether one of its id columns is among `ids`, plain 16-byte values."""
    mask = pa.array([False] * len(rows))
    for name in columns:
        mask = pc.or_(mask, pc.is_in(storage(rows[name]), value_set=ids))
    return pc.fill_null(mask, False)


def rows_concerning(snapshot: Snapshot, table: str, columns: tuple[str, ...], ids: pa.Array) -> pa.Table:
    """Return the rows of a table where one of the id columns is among `ids`, superseded `latest` rows among them."""
    schema = TABLES[table].schema
    found = [
        read_parts(snapshot.root, (part,), schema).filter(mask)
        for part, mask in concerning(snapshot, table, columns, ids)
    ]
    return pa.concat_tables([schema.empty_table(), *found])


def pair_keys(rows: pa.Table) -> pa.Array:
    """Return the source and the destination of each row as one value of 32 bytes."""
    source, destination = (storage(rows[name]).cast(pa.binary()) for name in ("src_article_id", "dst_article_id"))
    return pc.binary_join_element_wise(source, destination, b"")


def latest(table: Table, rows: pa.Table) -> pa.Table:
    """Return the rows of a `latest` table that readers see: the newest of each key, unless it says that it is gone."""
    rows = newest(table, rows)
    return rows.filter(pc.invert(storage(rows["deleted"])))


def newest(table: Table, rows: pa.Table) -> pa.Table:
    """Return the newest row of each key of a `latest` table, those that say that it is gone among them."""
    keys = pa.table({name: storage(rows[name]) for name in table.key} | {"commit": rows["commit"]})
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in table.key] + [("commit", "descending")])
    sorted_rows = rows.take(order)
    if len(rows) < 2:
        return sorted_rows
    differs = None
    for name in table.key:
        column = storage(sorted_rows[name])
        other = pc.not_equal(column[1:], column[:-1])
        differs = other if differs is None else pc.or_(differs, other)
    return sorted_rows.filter(pa.concat_arrays([pa.array([True]), pc.fill_null(differs, True)]))
