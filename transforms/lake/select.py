"""Rows of a snapshot's live parts that concern some articles."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.tables import TABLES
from transforms.lake.commits import Part, Snapshot
from transforms.lake.winners import storage


def concerning(
    snapshot: Snapshot, table: str, columns: tuple[str, ...], ids: pa.Array
) -> Iterator[tuple[Part, pa.BooleanArray]]:
    """Yield each live part of a table that has rows where one of the id columns is among `ids`, with their mask.

    `ids` are plain 16-byte values. Only the id columns are read. Raises OSError where a part is missing.
    """
    if not len(ids):
        return
    for part in snapshot.parts[table]:
        names = pq.ParquetFile(snapshot.root / part.path).read(columns=list(columns))
        mask = None
        for name in columns:
            among = pc.is_in(storage(names[name]), value_set=ids)
            mask = among if mask is None else pc.or_(mask, among)
        mask = pc.fill_null(mask, False).combine_chunks()
        if pc.any(mask).as_py():
            yield part, mask


def rows_concerning(snapshot: Snapshot, table: str, columns: tuple[str, ...], ids: pa.Array) -> pa.Table:
    """Return the rows of a table where one of the id columns is among `ids`, superseded `latest` rows among them."""
    schema = TABLES[table].schema
    found = [
        pq.ParquetFile(snapshot.root / part.path).read().cast(schema).filter(mask)
        for part, mask in concerning(snapshot, table, columns, ids)
    ]
    return pa.concat_tables([schema.empty_table(), *found])
