"""Which row stands for an article that was seen more than once: the smallest (fetched_at, unit_id, record)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

ORDER = [("fetched_at", "ascending"), ("unit_id", "ascending"), ("record", "ascending")]


def winners(rows: pa.Table) -> pa.Int64Array:
    """Return the row numbers of the winners, one an article_id, in the order of article_id.

    Takes a table with the columns article_id, fetched_at, unit_id and record. A row that was fetched at a known time
    wins over one that was not.
    """
    keys = pa.table(
        {
            "article_id": storage(rows["article_id"]),
            "fetched_at": rows["fetched_at"],
            "unit_id": storage(rows["unit_id"]),
            "record": rows["record"],
        }
    )
    order = pc.sort_indices(keys, sort_keys=[("article_id", "ascending"), *ORDER])
    ids = keys["article_id"].take(order).combine_chunks()
    first = pa.concat_arrays([pa.array([True] * min(len(ids), 1)), pc.not_equal(ids[1:], ids[:-1])])
    return order.filter(first)


def storage(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of ids as plain 16-byte values, which Arrow can sort, compare and look up."""
    if isinstance(column.type, pa.BaseExtensionType):
        return pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return column
