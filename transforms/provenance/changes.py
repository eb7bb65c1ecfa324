"""What a commit changes in the clusters, found without looking at the pairs it cannot reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.clusters import CLUSTERS, MEMBERS
from wirecopy.transforms.columns import is_among, storage, to_numpy, uuids
from wirecopy.transforms.provenance.clusters import CLUSTER_ROWS, MEMBER_ROWS, clusters
from wirecopy.transforms.provenance.whole import linking


class Touched(NamedTuple):
    """What a change reaches.

    Attributes:
        origins: pa.Array of uuid; the articles whose clusters may come, change or go.
        pairs: the pairs, of PAIRS, that decide those clusters.
    """

    origins: pa.Array
    pairs: pa.Table


def recluster(
    old_clusters: pa.Table, old_members: pa.Table, articles: pa.Table, pairs: pa.Table, origins: pa.Array | None = None
) -> tuple[pa.Table, pa.Table]:
    """Return only the CLUSTER_ROWS and MEMBER_ROWS that differ from the old ones, with those that vanish as deleted.

    Args:
        old_clusters: rows of CLUSTERS as readers see them.
        old_members: rows of MEMBERS as readers see them.
        articles: FACTS of the articles in `pairs`.
        pairs: all pairs, or `Touched.pairs`.
        origins: `Touched.origins`: only the clusters of these are compared; None for all.
    """
    new_clusters, new_members = clusters(articles, pairs)
    old_clusters, old_members = old_clusters.select(CLUSTER_ROWS.names), old_members.select(MEMBER_ROWS.names)
    if origins is not None:
        new_clusters = new_clusters.filter(is_among(new_clusters["origin_article_id"], origins))
        old_clusters = old_clusters.filter(is_among(old_clusters["origin_article_id"], origins))
        new_members = new_members.filter(is_among(new_members["cluster_id"], new_clusters["cluster_id"]))
        old_members = old_members.filter(is_among(old_members["cluster_id"], old_clusters["cluster_id"]))
    return _changes(old_clusters, new_clusters, CLUSTERS.key), _changes(old_members, new_members, MEMBERS.key)


def touched(changed: pa.Array, incident: Callable[[pa.Array], pa.Table]) -> Touched:
    """Return which clusters a change may reach, and the pairs that decide them.

    A cluster depends on the whole copy component of its origin, on who takes text from it, and on who else they share
    that text with. So the clusters reached are those of the copy components of the changed articles and of their
    neighbours, and they are decided by the pairs of these and of their neighbours.

    Args:
        changed: ids of articles, one end at least of each pair that came or went, and of their other versions: for a
            commit its new articles and the versions of them that the lake holds.
        incident: returns the pairs, old and new, that have an end among some articles; see `incident_in`.
    """
    near = incident(changed)
    origins = _ends(near, changed)
    frontier = origins
    while len(frontier):
        near = incident(frontier)
        copies = near.filter(linking(near))
        reached = _ends(copies, frontier)
        frontier = reached.filter(pc.invert(is_among(reached, origins)))
        origins = _unique(pa.concat_arrays([storage(origins), storage(frontier)]))
    return Touched(origins, incident(_ends(incident(origins), origins)))


def incident_in(pairs: pa.Table) -> Callable[[pa.Array], pa.Table]:
    """Return a function from article ids to the pairs, of a table in memory, that have an end among them."""

    def incident(ids: pa.Array) -> pa.Table:
        return pairs.filter(pc.or_(is_among(pairs["src_article_id"], ids), is_among(pairs["dst_article_id"], ids)))

    return incident


def _changes(old: pa.Table, new: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """Return the rows of `new` that are not in `old`, and those of `old` whose key `new` lacks, as deleted."""
    old_key, new_key = _key(old, key), _key(new, key)
    was = pc.index_in(new_key, old_key)
    same = np.ones(len(new), bool)
    before = old.take(pc.fill_null(was, 0)) if len(old) else new
    for name in new.schema.names:
        if name not in key:
            left, right = storage(new[name]), storage(before[name])
            equal = pc.fill_null(pc.equal(left, right), False)
            same &= to_numpy(pc.or_(equal, pc.and_(pc.is_null(left), pc.is_null(right))))
    changed = new.filter(pa.array(~(same & to_numpy(pc.is_valid(was)))))
    gone = old.filter(pc.invert(pc.is_in(old_key, new_key)))
    deleted = pa.array(np.ones(len(gone), bool))
    gone = gone.set_column(gone.schema.get_field_index("deleted"), new.schema.field("deleted"), deleted)
    return pa.concat_tables([changed, gone.cast(new.schema)])


def _key(table: pa.Table, key: tuple[str, ...]) -> pa.Array:
    columns = [storage(table[name]).cast(pa.binary()) for name in key]
    return pc.binary_join_element_wise(*columns, b"") if len(columns) > 1 else columns[0]


def _ends(pairs: pa.Table, ids: pa.Array) -> pa.Array:
    """Return the articles of some pairs, and `ids`, once each."""
    return _unique(pa.concat_arrays([storage(pairs["src_article_id"]), storage(pairs["dst_article_id"]), storage(ids)]))


def _unique(ids: pa.Array) -> pa.Array:
    return uuids(ids.unique())
