"""What relates the articles of a lake, kept with the index: rows found by id without reading any others.

Of each commit: its pairs, its rows of clusters and members, and which articles are versions of which, or takes of one
story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wirecopy.schemas.fingerprints import SEGMENT_ARTICLES
from wirecopy.schemas.table import INSTANT
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import fixed, is_among
from wirecopy.transforms.lake.lookup import newest, pair_keys
from wirecopy.transforms.matching.segments.arrays import map_array, map_batch, write_array, write_batch
from wirecopy.transforms.matching.segments.lists import one_batch
from wirecopy.transforms.matching.segments.sound import check_rows


def _columns(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    return pa.schema([schema.field(name) for name in names])


EDGES = _columns(
    TABLES["pairs"].schema,
    "src_article_id dst_article_id relation jaccard src_coverage dst_coverage src_taken dst_taken "
    "direction_confidence".split(),
)
"""What clustering needs to know of a pair."""

SEEN = _columns(SEGMENT_ARTICLES, ("identity", "article_id")).append(pa.field("seen_at", INSTANT))
"""Which articles are versions of which, and when each was seen: see `transforms.index.versions`."""

TAKES = _columns(SEGMENT_ARTICLES, ("slug", "article_id"))
"""Which articles may be takes of one story: those that have a slugline."""

RELATIONS = {
    "pairs": EDGES,
    "clusters": TABLES["clusters"].schema,
    "members": TABLES["members"].schema,
    "seen": SEEN,
    "takes": TAKES,
}
"""What is kept, with its schema."""

FOUND_BY = {
    "pairs": ("src_article_id", "dst_article_id"),
    "clusters": ("origin_article_id",),
    "members": ("cluster_id",),
    "seen": ("identity",),
    "takes": ("slug",),
}
"""The id columns by which rows are found."""

FILES = tuple(
    file for name, columns in FOUND_BY.items() for file in (f"{name}.arrow", *(f"{name}.{one}.npy" for one in columns))
)
"""What relations are saved as."""

_OF_ARTICLES = {"pairs": ("src_article_id", "dst_article_id"), "seen": ("article_id",), "takes": ("article_id",)}


class Relation(NamedTuple):
    """Rows with their orders by id.

    Attributes:
        rows: n rows.
        orders: u32[n] for each column of FOUND_BY: the rows in the order of its ids.
    """

    rows: pa.RecordBatch
    orders: tuple[NDArray[np.uint32], ...]


Relations = Mapping[str, Relation]
"""One for each of RELATIONS."""


def relate(tables: Mapping[str, pa.Table]) -> dict[str, Relation]:
    """Return relations of rows; what `tables` does not give has none."""
    return {name: _relation(name, tables.get(name, schema.empty_table())) for name, schema in RELATIONS.items()}


def find(relations: Relations, name: str, ids: NDArray[np.bytes_]) -> pa.Table:
    """Return the rows one of whose id columns is among `ids`, S16, in their order."""
    relation = relations[name]
    found = [
        _among(fixed(relation.rows[column]), order, ids)
        for column, order in zip(FOUND_BY[name], relation.orders, strict=True)
    ]
    rows = np.unique(np.concatenate(found))
    return pa.Table.from_batches([relation.rows.take(pa.array(rows))], RELATIONS[name])


def without(name: str, rows: pa.Table, dead: pa.Array) -> pa.Table:
    """Return rows less those that are about dead articles."""
    for column in _OF_ARTICLES.get(name, ()) if len(dead) else ():
        rows = rows.filter(pc.invert(is_among(rows[column], dead)))
    return rows


def retract(relations: Relations, pairs: pa.Array) -> Relation | None:
    """Return the pairs less some, given as the 32 bytes of both ids; None where it has none of them."""
    rows = pa.Table.from_batches([relations["pairs"].rows])
    goes = pc.is_in(pair_keys(rows), value_set=pairs)
    return _relation("pairs", rows.filter(pc.invert(goes))) if pc.any(goes).as_py() else None


def merge(parts: Sequence[Relations], dead: Sequence[pa.Array]) -> dict[str, Relation]:
    """Return the relations of all parts, less the dead articles of each; of superseded rows the newest."""
    tables = {}
    for name in RELATIONS:
        living = [
            without(name, pa.Table.from_batches([part[name].rows]), graves)
            for part, graves in zip(parts, dead, strict=True)
        ]
        rows = pa.concat_tables(living)
        tables[name] = newest(TABLES[name], rows) if name in TABLES and TABLES[name].keep == "latest" else rows
    return relate(tables)


def save(relations: Relations, folder: Path) -> None:
    """Write relations into a folder, which is there."""
    for name, relation in relations.items():
        write_batch(folder / f"{name}.arrow", relation.rows, RELATIONS[name])
        for column, order in zip(FOUND_BY[name], relation.orders, strict=True):
            write_array(folder / f"{name}.{column}.npy", order)


def open_saved(folder: Path) -> dict[str, Relation]:
    """Return the relations saved in a folder, mapped into memory.

    Raises:
        ValueError: they have other columns, or are not what they must be.
        OSError: a file is missing.
    """
    relations = {}
    for name, schema in RELATIONS.items():
        rows = map_batch(folder / f"{name}.arrow", schema)
        orders = tuple(map_array(folder / f"{name}.{column}.npy", np.uint32) for column in FOUND_BY[name])
        for order in orders:
            check_rows(order, len(rows), f"orders of {name} in {folder}")
        relations[name] = Relation(rows, orders)
    return relations


def _relation(name: str, table: pa.Table) -> Relation:
    rows = one_batch(table.select(RELATIONS[name].names).cast(RELATIONS[name]))
    orders = [np.argsort(fixed(rows[column]), kind="stable").astype(np.uint32) for column in FOUND_BY[name]]
    return Relation(rows, tuple(orders))


def _among(column: NDArray[np.bytes_], order: NDArray[np.uint32], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Return the rows whose id is among some."""
    ids = np.unique(ids)
    begins = np.searchsorted(column, ids, "left", sorter=order)
    counts = np.searchsorted(column, ids, "right", sorter=order) - begins
    places = np.repeat(begins - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    return order[places].astype(np.int64)
