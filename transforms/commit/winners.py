"""Which row stands for an article that was seen more than once: the smallest (fetched_at, unit_id, record)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.transforms.columns import storage

KEY = ["article_id", "fetched_at", "unit_id", "record"]


def winners(rows: pa.Table) -> pa.Array:
    """Return the row numbers of the winners, one an article_id, in the order of article_id.

    Takes a table with the columns of KEY. A row that was fetched at a known time wins over one that was not.
    """
    keys = pa.table({name: storage(rows[name]) for name in KEY})
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in KEY])
    ids = storage(keys["article_id"].take(order))
    first = pa.concat_arrays([pa.array([True] * min(len(ids), 1), pa.bool_()), pc.not_equal(ids[1:], ids[:-1])])
    return order.filter(first)
