"""What a wave changes in a snapshot of the lake. It publishes nothing, so it can be resolved again on a newer one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import is_among, storage
from wirecopy.transforms.commit.winners import KEY, winners
from wirecopy.transforms.extract.forgotten import are_forgotten, is_entry_forgotten, silent, tombstones
from wirecopy.transforms.index.recluster import changed_clusters
from wirecopy.transforms.index.runs import Index, fingerprint_facts
from wirecopy.transforms.index.versions import are_told, numbered, sighted, told_of
from wirecopy.transforms.lake.commits import Part, Snapshot
from wirecopy.transforms.lake.lookup import about, concerning, rows_concerning
from wirecopy.transforms.lake.parts import rewrite_part
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import Segment, build
from wirecopy.transforms.sealing.declared import still_standing
from wirecopy.transforms.sealing.seal import Content
from wirecopy.transforms.search.upkeep import NAME as SEARCH
from wirecopy.transforms.search.upkeep import without_articles

_ARTICLE_IDS = {
    "articles": ("article_id",),
    "texts": ("article_id",),
    "pairs": ("src_article_id", "dst_article_id"),
    "passages": ("src_article_id", "dst_article_id"),
}
"""The append tables that speak of articles, and the columns by which they do."""


@dataclass(frozen=True)
class Changes:
    """What one commit adds and removes.

    Attributes:
        rows: new rows by table, less the columns that only the commit knows (run_id, first_at, commit).
        segment: fingerprints and postings of the new articles: the index's share.
        replaced: ids of the lake's articles that give way to better sightings among the new.
        rewritten: staged parts that stand for removed ones, without the rows that give way, by table.
        removed: paths of the removed parts, by table.
    """

    rows: dict[str, pa.Table]
    segment: Segment
    replaced: pa.Array
    rewritten: dict[str, tuple[Part, ...]]
    removed: dict[str, tuple[str, ...]]


def resolve(
    content: Content,
    units: Sequence[bytes],
    snapshot: Snapshot,
    index: Index,
    staging: Path,
    gone: pa.Array | None = None,
) -> Changes:
    """Return what some units of sealed content change in a snapshot that its index stands for.

    An article that the lake has already is dropped, unless this sighting of it wins over the lake's: then all rows
    that speak of it give way, in parts written anew under the run's folder, and it is matched again. So do the rows of
    articles whose plain ids are among `gone`, which the index is without already.
    """
    wanted = pa.array(units, pa.binary(16))
    forgotten = tombstones(snapshot)
    dead = are_forgotten(content.articles["identity"], forgotten)
    rows, replaced = _new_rows(content.articles, wanted, dead, snapshot, index)
    articles = _taken(content.articles, rows)
    fingerprints = _taken(content.fingerprints, rows)
    index = index.without(replaced)
    segment = build(fingerprints.to_batches())
    matches = match(segment, index.segments)
    falls = replaced if gone is None else pa.concat_arrays([gone, replaced]).unique()
    rewritten, removed = without_rows_of(snapshot, falls, staging)
    facts = fingerprint_facts(segment.articles, np.arange(len(segment)))
    nothing = pa.array([], pa.binary())
    clusters, members = changed_clusters(index, storage(facts["article_id"]), matches.pairs, nothing, facts)
    versions = {}
    if are_told(snapshot):
        seen = sighted(articles)
        every = told_of(index.find("seen", storage(seen["identity"])), seen)
        versions["versions"] = numbered(every, begin=not snapshot.parts["versions"] and len(seen) > 0)
    return Changes(
        rows={
            "articles": articles,
            "texts": articles.select(TABLES["texts"].schema.names),
            "pairs": matches.pairs,
            "passages": matches.passages,
            "clusters": clusters,
            "members": members,
            "rejects": _rejects(content, wanted, dead, forgotten),
        }
        | versions
        | {
            table: _stated(table, stated.filter(is_among(stated["unit_id"], wanted)), snapshot, forgotten)
            for table, stated in content.stated.items()
        },
        segment=segment,
        replaced=replaced,
        rewritten={table: parts for table, parts in rewritten.items() if parts},
        removed={table: paths for table, paths in removed.items() if paths},
    )


def _rejects(content: Content, units: pa.Array, dead: pa.BooleanArray, forgotten: frozenset[bytes]) -> pa.Table:
    """Return the rejects of some units, with one for each record of an article that was forgotten."""
    rejects = content.rejects.filter(is_among(content.rejects["unit_id"], units))
    if not forgotten:
        return rejects
    hidden = [url is not None and is_entry_forgotten(url, None, "", forgotten) for url in rejects["url"].to_pylist()]
    urls = pc.if_else(pa.array(hidden, pa.bool_()), pa.scalar(None, pa.string()), rejects["url"])
    rejects = rejects.set_column(rejects.schema.get_field_index("url"), rejects.schema.field("url"), urls)
    fallen = content.articles.filter(pc.and_(is_among(content.articles["unit_id"], units), dead))
    rows = [
        {
            "stage": "match",
            "reason": "forgotten",
            "error": "it was forgotten on request",
            "doc_ref": doc_ref,
            "unit_id": unit_id,
            "retryable": False,
        }
        for doc_ref, unit_id in zip(fallen["doc_ref"].to_pylist(), storage(fallen["unit_id"]).to_pylist(), strict=True)
    ]
    return pa.concat_tables([rejects, pa.Table.from_pylist(rows, schema=rejects.schema)])


def _stated(table: str, rows: pa.Table, snapshot: Snapshot, forgotten: frozenset[bytes]) -> pa.Table:
    rows = still_standing(table, rows, snapshot)
    return silent(rows, forgotten) if table == "entries" and forgotten else rows


def _new_rows(
    articles: pa.Table, units: pa.Array, dead: pa.BooleanArray, snapshot: Snapshot, index: Index
) -> tuple[pa.Array, pa.Array]:
    """Return the numbers of the rows that enter the lake, and the ids of the lake's articles that give way to them."""
    candidates = pc.indices_nonzero(pc.and_(is_among(articles["unit_id"], units), pc.invert(dead)))
    keys = articles.select(KEY).take(candidates)
    best = winners(keys)
    candidates, keys = candidates.take(best), keys.take(best)
    ids = storage(keys["article_id"])
    known = index.holds(ids)
    if not pc.any(known).as_py():
        return _in_order(candidates), pa.array([], pa.binary(16))
    there = rows_concerning(snapshot, "articles", ("article_id",), ids.filter(known)).select(KEY)
    ahead = pc.greater_equal(winners(pa.concat_tables([there, keys])), len(there))  # one and the same row stays
    replaced = ids.filter(pc.and_(known, ahead))
    return _in_order(candidates.filter(pc.or_(pc.invert(known), ahead))), replaced


def _in_order(rows: pa.Array) -> pa.Array:
    return rows.take(pc.sort_indices(rows))


def _taken(table: pa.Table, rows: pa.Array) -> pa.Table:
    """Return some rows of a table, in order; all of them are no copy."""
    return table if len(rows) == len(table) else table.take(rows)


def without_rows_of(
    snapshot: Snapshot, ids: pa.Array, staging: Path
) -> tuple[dict[str, tuple[Part, ...]], dict[str, tuple[str, ...]]]:
    """Stage anew the parts that speak of articles, without these, and return them and those they stand for."""
    rewritten, removed = _without(snapshot, ids, staging)
    segments, former = without_articles(snapshot, ids, staging)
    return (rewritten | {SEARCH: segments}, removed | {SEARCH: former}) if former else (rewritten, removed)


def _without(
    snapshot: Snapshot, ids: pa.Array, staging: Path
) -> tuple[dict[str, tuple[Part, ...]], dict[str, tuple[str, ...]]]:
    rewritten: dict[str, tuple[Part, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    for table, columns in _ARTICLE_IDS.items():

        def speaks_of_them(rows: pa.Table, columns: tuple[str, ...] = columns) -> pa.Array:
            return about(rows, columns, ids)

        for part, _ in concerning(snapshot, table, columns, ids):
            rewritten[table] = (
                *rewritten.get(table, ()),
                *rewrite_part(snapshot.root, TABLES[table], part, speaks_of_them, staging),
            )
            removed[table] = (*removed.get(table, ()), part.path)
    return {table: parts for table, parts in rewritten.items() if parts}, removed
