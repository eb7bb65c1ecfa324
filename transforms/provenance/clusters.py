"""Clusters of articles that carry one text, and the part each article plays in them.

A cluster is a star, not a component. Chains of copies would tie stories together wherever a digest prints two of them,
so the articles of the copy graph are taken in one canonical order (an agency's own copy before a reprint before plain
text, then pieces of a fuller text of the day behind all others, then by time, then the fuller text, then by id) and
each that is no copy of an earlier head becomes a head and takes its copies as members: the lexicographically first
maximal independent set. A copy of a head is who has it as a whole: who holds a shorter head among other text took a
passage, and who has nearly all of its words in passages of the head is a copy however many of these were changed
(`whole`). One completion is exact: Jaccard distance is a metric, so where the distances of c to a member and of that
member to its head leave c within the distance of a copy, c is a copy of the head, though the pair itself was not kept.

Whoever takes text from an article without being a copy of it is a `partial` member of that article's cluster, and may
be one of several; the source may be a single article that comes to head a cluster by it. Of a copy only those take who
have from it what its head has not given them; then it heads a cluster of the words that it added, as their `source`
(`takers`). Where a paper broke a story that an agency rewrote, the paper comes before the agency. A text that went
from S to c and d makes a pair of c and d as well, which is not kept: c is no source of d where S precedes c, shares
text with both, and covers d nearly as well as c does.

Versions of one article (one identity) cluster by their own texts; a cluster lists an article once, as the version that
comes first in canonical order, and one that holds nothing but versions of one article is none.

Everything is a function of the set of pairs and of the facts of their articles, whatever the order they come in.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.clusters import CLUSTERS, MEMBERS
from wirecopy.schemas.table import COUNT
from wirecopy.transforms.columns import Array, to_numpy, uuids
from wirecopy.transforms.hashing import uuid8
from wirecopy.transforms.provenance.graph import Edges, Nodes, read_edges, read_nodes
from wirecopy.transforms.provenance.origin import SECOND
from wirecopy.transforms.provenance.stars import cover
from wirecopy.transforms.provenance.takers import Articles, Pairs, explained, takings
from wirecopy.transforms.provenance.takes import join_takes

CLUSTER_ROWS = pa.schema([field for field in CLUSTERS.schema if field.name != "commit"])
MEMBER_ROWS = pa.schema([field for field in MEMBERS.schema if field.name != "commit"])
"""The tables' columns without the commit, which whoever commits knows."""

COPY_DISTANCE = 0.55
"""1 less the Jaccard from which two articles are copies."""
VERBATIM = 0.9
"""Share of a member's word 5-grams that stand in its origin from which it is verbatim: it may be cut, but changes or
adds no more than about one word in fifty, each of which breaks five 5-grams."""
AS_GOOD = 0.9
"""Share of what c covers of d that an earlier source has to cover for c to be no source of d."""
SOURCES = 32
"""The first so many sources of an article, in canonical order, are weighed against its later ones."""
_CHUNK = 1 << 22


def clusters(articles: pa.Table, pairs: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the clusters and members that pairs make.

    Args:
        articles: FACTS of at least the articles in `pairs`, one row an article.
        pairs: rows of PAIRS, `src_article_id` the source. A pair one of whose articles is not given is passed over.

    Returns:
        CLUSTER_ROWS and MEMBER_ROWS. `copied_share` is measured against the origin where the two make a pair, else it
        is what the member took from the member of the cluster that it took most from. `origin_confidence` is the mean
        over the copies (where there are none, over the partial members) of how sure it is that the origin precedes
        them, and `origin_method` what decided most of them: a credit, the clock, or, where both leave it open, that
        the origin is the fuller text (containment).
    """
    nodes, order = read_nodes(articles, pairs)
    edges = read_edges(nodes, pairs)
    head, star = _with_takes(nodes, edges, *_stars(edges, len(nodes.rank)))
    found, is_explained = _rows(nodes, edges, head, star)
    return _tables(articles.take(pa.array(order)), nodes, _listed(nodes, found), head, is_explained)


def cluster_id(origin: bytes) -> bytes:
    """Return the id of the cluster of an origin: a UUIDv8 (RFC 9562) of blake2b-128 of its article_id, 16 bytes."""
    return uuid8(blake2b(origin, digest_size=16, person=b"cluster").digest())


class _Star(NamedTuple):
    """Copies, and what is known of them against their head or another take of its story; of absorbed ones lower bounds.

    `take`: it is itself a later take of the head's story.
    """

    against: Array
    member: Array
    jaccard: Array
    share: Array
    sure: Array
    take: Array


class _Rows(NamedTuple):
    """Members by number, sorted by (head, member), measured against the head or another take of its story."""

    head: Array
    against: Array
    member: Array
    copy: Array
    take: Array
    jaccard: Array
    share: Array
    sure: Array


def _stars(edges: Edges, n: int) -> tuple[Array, _Star]:
    """Return each article's head, itself where it is none's copy, and its copies against their heads."""
    low, high = np.minimum(edges.src, edges.dst), np.maximum(edges.src, edges.dst)
    at = np.flatnonzero(edges.copy)
    head = np.arange(n)
    starred, ends = np.unique(np.concatenate([low[at], high[at]]), return_inverse=True)
    head[starred] = starred[cover(ends[: len(at)], ends[len(at) :], len(starred))]
    at = at[head[high[at]] == low[at]]
    member = high[at]
    upward = edges.dst[at] == member
    star = _Star(
        low[at],
        member,
        edges.jaccard[at],
        np.where(upward, edges.dst_share[at], edges.src_share[at]),
        np.where(upward, edges.sure[at], 1 - edges.sure[at]),
        np.zeros(len(at), bool),
    )
    return _absorb(edges, head, star)


def _absorb(edges: Edges, head: Array, star: _Star) -> tuple[Array, _Star]:
    """Let heads without copies of their own join the head of a copy of theirs, where they are certainly its copies."""
    n = len(head)
    alone = np.bincount(head, minlength=n) == 1
    distance, share_of = np.zeros(n), np.ones(n)
    distance[star.member], share_of[star.member] = 1 - star.jaccard, star.share
    at = np.flatnonzero(edges.copy)
    single, via = np.concatenate([edges.src[at], edges.dst[at]]), np.concatenate([edges.dst[at], edges.src[at]])
    share = np.concatenate([edges.src_share[at], edges.dst_share[at]])
    bound = np.concatenate([1 - edges.jaccard[at]] * 2) + distance[via]
    fits = alone[single] & (head[via] != via) & (bound <= COPY_DISTANCE + 1e-6)
    pick = np.flatnonzero(fits)
    pick = pick[np.lexsort((via[pick], bound[pick], head[via[pick]], single[pick]))]
    pick = pick[np.unique(single[pick], return_index=True)[1]]
    single, via = single[pick], via[pick]
    head = head.copy()
    head[single] = head[via]
    added = (
        head[via],
        single,
        1 - bound[pick],
        np.maximum(0, share[pick] + share_of[via] - 1),
        np.full(len(pick), 0.5),
        np.zeros(len(pick), bool),
    )
    return head, _Star(*(np.concatenate([old, new]) for old, new in zip(star, added, strict=True)))


def _with_takes(nodes: Nodes, edges: Edges, head: Array, star: _Star) -> tuple[Array, _Star]:
    """Join the stars of a story's takes; each copy is measured against the take that it is nearest to.

    Of a later take `share` is the greatest that it has in common with another, and `sure` is what the clock tells.
    """
    joined, n = join_takes(head, nodes.first), len(head)
    moved = (nodes.first != np.arange(n)) & (nodes.first[head] == nodes.first) & (joined != head)
    is_later = (joined != np.arange(n)) & (moved | (nodes.first == nodes.first[joined]))
    if not is_later.any():
        return head, star
    low, high = np.minimum(edges.src, edges.dst), np.maximum(edges.src, edges.dst)
    upward = edges.dst == high
    share = np.where(upward, edges.dst_share, edges.src_share)
    same, held = nodes.first[low] == nodes.first[high], np.zeros(n)
    for side, of_side in ((low, np.where(upward, edges.src_share, edges.dst_share)), (high, share)):
        np.maximum.at(held, side[same], of_side[same])
    later = np.flatnonzero(is_later)
    against = joined[later]
    before = nodes.dated[later] & nodes.dated[against] & (nodes.end[against] <= nodes.begin[later])
    nothing = np.zeros(len(later))
    takes = _Star(against, later, nothing, held[later], np.where(before, 0.75, 0.5), nothing == 0)
    near = np.flatnonzero(edges.copy & ~same & (joined[low] == joined[high]) & (joined[low] != high))
    sure = np.where(upward, edges.sure, 1 - edges.sure)[near]
    nearer = _Star(low[near], high[near], edges.jaccard[near], share[near], sure, np.zeros(len(near), bool))
    every = _Star(*(np.concatenate(columns) for columns in zip(star, nearer, takes, strict=True)))
    order = np.lexsort((every.against, -every.jaccard, ~every.take, every.member))
    order = order[np.unique(every.member[order], return_index=True)[1]]
    return joined, _Star(*(column[order] for column in every))


def _rows(nodes: Nodes, edges: Edges, head: Array, star: _Star) -> tuple[_Rows, Array]:
    """Return the members, and which articles credit an agency whose own text is all that their credit stands for."""
    share = np.ones(len(head))
    share[star.member] = np.where(star.take, 1, star.share)
    agency = to_numpy(pc.fill_null(nodes.agency.dictionary_encode().indices, -1)).astype(np.int64)
    known = (nodes.rank, nodes.words, nodes.told, nodes.begin, nodes.end, nodes.dated, nodes.by_line, agency)
    articles, direct = Articles(*known, head, share), _direct(nodes, edges)
    pairs = Pairs(edges.src, edges.dst, edges.src_share, edges.dst_share, edges.sure)
    taken = takings(articles, pairs, direct)
    at = taken.pair
    origins = np.unique(np.concatenate([head[star.member], taken.origin]))
    no_copy, ones = np.zeros(len(at), bool), np.ones(len(origins))
    columns = (
        (origins, head[star.member], taken.origin),
        (origins, star.against, taken.origin),
        (origins, star.member, taken.member),
        (ones.astype(bool), ~star.take, no_copy),
        (~ones.astype(bool), star.take, no_copy),
        (ones, star.jaccard, edges.jaccard[at]),
        (ones, star.share, edges.dst_share[at]),
        (ones, star.sure, taken.sure),
    )
    rows = _Rows(*(np.concatenate(column) for column in columns))
    order = np.lexsort((rows.member, rows.head))
    return _Rows(*(column[order] for column in rows)), explained(articles, pairs, direct)


def _direct(nodes: Nodes, edges: Edges) -> Array:
    """Return the pairs whose source is no mere fellow taker: see the head of this module."""
    order = np.lexsort((edges.src, edges.dst))
    src, dst, share = edges.src[order], edges.dst[order], edges.dst_share[order]
    group = np.searchsorted(dst, dst)
    rivals = np.minimum(np.arange(len(order)) - group, SOURCES)
    n = len(nodes.rank)
    adjacent = np.minimum(edges.src, edges.dst) * n + np.maximum(edges.src, edges.dst)
    mere = np.zeros(len(order), bool)
    ends = np.cumsum(rivals)
    begin = 0
    while begin < len(order):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        later = np.repeat(np.arange(begin, end), rivals[begin:end])
        first = np.repeat(ends[begin:end] - rivals[begin:end] - done, rivals[begin:end])
        earlier = group[later] + np.arange(len(later)) - first
        good = share[earlier] >= AS_GOOD * share[later]
        earlier, later = earlier[good], later[good]
        key = src[earlier] * n + src[later]
        place = np.minimum(np.searchsorted(adjacent, key), len(adjacent) - 1)
        linked = (adjacent[place] == key) | (nodes.identity[src[earlier]] == nodes.identity[src[later]])
        broke = (
            (adjacent[place] == key)
            & (edges.src[place] == src[later])
            & (nodes.rank[src[earlier]] < nodes.rank[src[later]])
        )
        mere[later[linked & ~broke]] = True
        mere[earlier[linked & broke & (share[later] >= AS_GOOD * share[earlier])]] = True
        begin = end
    return order[~mere]


def _listed(nodes: Nodes, rows: _Rows) -> _Rows:
    """Return the rows with each identity once a cluster, without clusters of one identity."""
    identity = nodes.identity[rows.member]
    order = np.lexsort((rows.member, rows.member != rows.head, identity, rows.head))
    first = np.ones(len(order), bool)
    first[1:] = (rows.head[order][1:] != rows.head[order][:-1]) | (identity[order][1:] != identity[order][:-1])
    keep = np.sort(order[first])
    sizes = np.bincount(rows.head[keep], minlength=len(nodes.rank))
    keep = keep[sizes[rows.head[keep]] > 1]
    return _Rows(*(column[keep] for column in rows))


def _tables(
    articles: pa.Table, nodes: Nodes, rows: _Rows, head: Array, is_explained: Array
) -> tuple[pa.Table, pa.Table]:
    origins, cluster = np.unique(rows.head, return_inverse=True)
    adds = head[origins] != origins
    origin = rows.member == rows.head
    ids = pa.array([cluster_id(name) for name in nodes.ids.take(pa.array(origins)).to_pylist()], pa.binary(16))
    against, member = rows.against, rows.member
    dated = nodes.dated[against] & nodes.dated[member]
    before, after = (
        dated & (nodes.end[against] <= nodes.begin[member]),
        dated & (nodes.end[member] <= nodes.begin[against]),
    )
    lag = np.trunc((nodes.told[member] - nodes.told[against]) / SECOND).astype(np.int64)
    words, own_words = nodes.words[against], np.maximum(nodes.words[rows.member], 1)
    held = rows.jaccard / (1 + rows.jaccard) * (words + own_words) / own_words
    cases = (origin & adds[cluster], origin, rows.take, ~rows.copy, held >= VERBATIM)
    roles = np.select(cases, ["source", "origin", "version", "partial", "verbatim"], "edited")
    members = pa.table(
        [
            uuids(ids.take(pa.array(cluster))),
            uuids(nodes.ids.take(pa.array(rows.member))),
            pa.array(roles.tolist(), pa.string()),
            pa.array(rows.share.astype(np.float32)),
            pa.array(np.where(origin, 0, lag), mask=~(before | after | origin)),
            pa.array(np.zeros(len(origin), bool)),
        ],
        schema=MEMBER_ROWS,
    )

    n = len(origins)
    copies = np.bincount(cluster[rows.copy & ~origin], minlength=n)
    weighed = ~origin & (rows.copy | (copies[cluster] == 0))
    count = np.bincount(cluster[weighed], minlength=n)
    confidence = np.bincount(cluster[weighed], rows.sure[weighed], minlength=n) / np.maximum(count, 1)
    credit = (nodes.rank[against] < nodes.rank[member]) & ~adds[cluster]
    grounds = np.select([credit, before], [0, 1], 2)
    votes = np.zeros((n, 3), np.int64)
    np.add.at(votes, (cluster[weighed], grounds[weighed]), 1)
    methods = np.array(["credit", "earliest", "containment"])[votes.argmax(axis=1)]
    of_members = pa.table(
        {
            "cluster": cluster,
            "outlet": articles["outlet"].take(pa.array(rows.member)),
            "event_at": articles["event_at"].take(pa.array(rows.member)),
        }
    )
    sums = of_members.group_by("cluster").aggregate(
        [("outlet", "count_distinct"), ("event_at", "min"), ("event_at", "max")]
    )
    sums = sums.sort_by("cluster")
    found = pa.table(
        [
            uuids(ids),
            uuids(nodes.ids.take(pa.array(origins))),
            pc.if_else(pa.array(is_explained[origins]), None, nodes.agency.take(pa.array(origins))),
            pa.array(methods.tolist(), pa.string()),
            pa.array(confidence.astype(np.float32)),
            pa.array(np.bincount(cluster, minlength=n).astype(np.int32)),
            sums["outlet_count_distinct"].cast(COUNT),
            sums["event_at_min"],
            sums["event_at_max"],
            pa.array(np.zeros(n, bool)),
        ],
        schema=CLUSTER_ROWS,
    )
    return found, members
