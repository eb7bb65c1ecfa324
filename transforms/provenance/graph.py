"""Articles and pairs as numbered arrays: what clusters are made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.transforms.columns import Array, halves, storage, to_numpy
from wirecopy.transforms.provenance.facts import standings
from wirecopy.transforms.provenance.takes import TAKE, first_takes
from wirecopy.transforms.provenance.whole import cuts, is_whole


class Nodes(NamedTuple):
    """Articles numbered in canonical order, an array each."""

    ids: pa.Array
    identity: Array
    rank: Array
    agency: pa.Array
    begin: Array
    end: Array
    told: Array
    dated: Array
    words: Array
    by_line: Array
    first: Array


class Edges(NamedTuple):
    """Pairs by the numbers of their articles, one row an unordered pair, sorted by it.

    `copy` says that the later of the two in canonical order is a copy of the other as a whole.
    """

    src: Array
    dst: Array
    copy: Array
    jaccard: Array
    src_share: Array
    dst_share: Array
    sure: Array


def read_nodes(articles: pa.Table, pairs: pa.Table) -> tuple[Nodes, Array]:
    """Return articles, rows of FACTS, in canonical order, and the rows in that order."""
    rank, agency = standings(articles)
    begin, end, told = (articles[name].cast(pa.int64()) for name in ("begin_at", "end_at", "told_at"))
    dated = to_numpy(pc.and_(pc.is_valid(begin), pc.is_valid(end)))
    begin, end, told = (to_numpy(pc.fill_null(column, 0)) for column in (begin, end, told))
    words = to_numpy(articles["n_words"]).astype(np.int64)
    ids = storage(articles["article_id"])
    src, dst, known = _ends(ids, pairs)
    copy = known & dated[src] & dated[dst] & to_numpy(pc.equal(pairs["relation"], "copy"))
    cut = cuts(copy, to_numpy(pairs["jaccard"]), (src, dst), words, rank, told)
    high, low = halves(articles["article_id"])
    order = np.lexsort((low, high, -words, np.where(dated, told, 0), ~dated, cut, rank))
    story = to_numpy(pc.fill_null(storage(articles["slug"]).dictionary_encode().indices, -1)).astype(np.int64)
    is_take = to_numpy(pc.fill_null(articles["is_take"], False))
    first = first_takes(story[order], is_take[order], told[order])
    identity = to_numpy(storage(articles["identity"]).dictionary_encode().indices).astype(np.int64)
    by_line = to_numpy(pc.fill_null(pc.equal(articles["credit_kind"], "byline"), False))
    columns = (identity, rank, agency, begin, end, told, dated, words, by_line)
    taken = [column[order] if isinstance(column, np.ndarray) else column.take(pa.array(order)) for column in columns]
    fields: list[Any] = [ids.take(pa.array(order)), *taken, first]
    return Nodes(*fields), order


def _ends(ids: pa.Array, pairs: pa.Table) -> tuple[Array, Array, Array]:
    """Return the places of each pair's articles among some, and whether both are there."""
    src, dst = (pc.index_in(storage(pairs[name]), ids) for name in ("src_article_id", "dst_article_id"))
    known = to_numpy(pc.and_(pc.is_valid(src), pc.is_valid(dst)))
    src, dst = (to_numpy(pc.fill_null(number, 0)).astype(np.int64) for number in (src, dst))
    return src, dst, known


def read_edges(nodes: Nodes, pairs: pa.Table) -> Edges:
    """Return pairs, rows of PAIRS, less those one of whose articles is not given."""
    src, dst, known = _ends(nodes.ids, pairs)
    copy = to_numpy(pc.equal(pairs["relation"], "copy"))
    known &= to_numpy(pc.not_equal(pairs["relation"], TAKE))
    jaccard, sure = (to_numpy(pairs[name]).astype(np.float64) for name in ("jaccard", "direction_confidence"))
    src_share, dst_share = (
        to_numpy(pc.coalesce(pairs[f"{side}_taken"], pairs[f"{side}_coverage"])).astype(np.float64)
        for side in ("src", "dst")
    )
    known &= copy | (dst_share > 0)
    low, high = np.minimum(src, dst), np.maximum(src, dst)
    if len(nodes.rank):
        copy = is_whole(copy, jaccard, nodes.words[high], nodes.words[low], np.where(dst == high, dst_share, src_share))
    link = low * len(nodes.rank) + high
    at = np.flatnonzero(known & (low != high))
    order = at[np.argsort(link[at])]
    again = link[order][1:] == link[order][:-1]
    if again.any():
        columns = (sure, src, -src_share, -dst_share, -jaccard, ~copy, link)
        order = at[np.lexsort([column[at] for column in columns])]
        order = order[np.append(True, ~again)]
    return Edges(*(column[order] for column in (src, dst, copy, jaccard, src_share, dst_share, sure)))
