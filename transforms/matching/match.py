"""Which of the new articles share text with each other and with known ones, and what text that is.

Whether two articles are a pair, with which passages and scores, depends on these two alone: not on what else is in the
lake, on the order in which articles came, or on how they were batched. The exception is what more than K articles hold
(see `transforms.matching.crowding`).

Candidates are the pairs that share a MinHash band, or two anchors that do not overlap and follow each other
alike in both. Bands say nothing new of an article most of whose anchors more than K articles hold: it would share one
with each of them. Identical texts are compared once, however many articles carry them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from wirecopy.transforms.columns import fixed
from wirecopy.transforms.machine import cores
from wirecopy.transforms.matching.assemble import gather_columns
from wirecopy.transforms.matching.crowding import find_holders
from wirecopy.transforms.matching.holders import Source
from wirecopy.transforms.matching.join import ANY, Near, Pairs, find_pairs
from wirecopy.transforms.matching.rows import Matches, make_rows, no_matches
from wirecopy.transforms.matching.segments.segment import Segment, instants
from wirecopy.transforms.matching.verify import Comparison, compare, join_comparisons
from wirecopy.transforms.similarity.align import SEED_REACH, SEED_SHIFT
from wirecopy.transforms.similarity.anchors import MOST_ANCHOR_WORDS

IN_LINE = Near(MOST_ANCHOR_WORDS, SEED_REACH, SEED_SHIFT)
"""Words that two anchors in common must be apart and may be apart, and by how many more in one article.

On Reuters stories one pair in six of those with two anchors in common has them apart and in line, and these are .998 of
those with a passage.
"""

_PAIRS_A_TASK = 8192
T = TypeVar("T")
R = TypeVar("R")


class Candidates(NamedTuple):
    """Pairs of articles that may share text; articles are numbered through all segments.

    Attributes:
        new, other: i64[pairs]; pairs are ordered by (new, other).
        hits: i64[pairs], anchors in common.
        first_hit: i64[pairs], where these begin among the hits of all.
        banded: bool[pairs], they share a band.
    """

    new: NDArray[np.int64]
    other: NDArray[np.int64]
    hits: NDArray[np.int64]
    first_hit: NDArray[np.int64]
    banded: NDArray[np.bool_]

    def take(self, which: NDArray[Any]) -> Candidates:
        """Return some of the pairs, chosen by place or by a mask."""
        return Candidates(*(column[which] for column in self))


def match(new: Segment, known: Sequence[Segment], earlier_only: bool = False) -> Matches:
    """Return the pairs of new articles with each other and with known ones, and the passages they share.

    Args:
        new: articles that have not been matched yet.
        known: the segments of the index; an article lives in one of these or in `new`, once.
        earlier_only: leave out pairs with known articles that come after the new one in (event_at, article_id) order.
    """
    segments = (new, *known)
    anchored, widespread = _pairs([Source(s.anchors, s.live, s.events, s.ids) for s in segments], IN_LINE)
    banded, _ = _pairs([Source(s.bands, s.live, s.events, s.ids) for s in segments])
    telling = ~widespread[banded.new]
    found = _merge(anchored, banded.new[telling], banded.other[telling])
    if len(found.new) == 0:
        return no_matches()
    articles, places = np.unique(np.concatenate([found.new, found.other]), return_inverse=True)
    new_place, other_place = places.reshape(2, -1)
    identity = fixed(gather_columns(segments, articles, ["identity"])["identity"])
    differ = identity[new_place] != identity[other_place]
    if earlier_only:
        differ &= _are_before(segments, articles, other_place, new_place)
    found = found.take(differ)
    if len(found.new) == 0:
        return no_matches()
    order, texts = _texts(segments, articles)
    left_is_new = order[new_place[differ]] < order[other_place[differ]]
    first, which = _distinct_texts(texts[new_place[differ]], texts[other_place[differ]], found)
    parts = np.array_split(first, -(-len(first) // _PAIRS_A_TASK))
    compared = _parallel(lambda part: _compare(segments, anchored, found.take(part), left_is_new[part]), parts)
    left = np.where(left_is_new, found.new, found.other)
    right = np.where(left_is_new, found.other, found.new)
    return make_rows(segments, left, right, which, join_comparisons(compared))


def _parallel(work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
    """Return work(part) for each part, in their order; kernels release the lock, so threads share the work."""
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(work, parts))


def _pairs(sources: Sequence[Source], near: Near = ANY) -> tuple[Pairs, NDArray[np.bool_]]:
    """Return the pairs of new articles that `find_pairs` finds, and which of these are widespread."""
    holders, n = find_holders(sources), len(sources[0].live)
    cuts = np.linspace(0, n, min(n, 4 * cores()) + 1).astype(int).tolist() if n > 64 else [0, n]
    parts = _parallel(lambda block: find_pairs(holders, *block, near), list(itertools.pairwise(cuts)))
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True))), holders.widespread


def _merge(anchored: Pairs, new: NDArray[np.int64], other: NDArray[np.int64]) -> Candidates:
    """Return the pairs that anchors found and those, new and other, that bands did."""
    n = len(anchored.new)
    new, other = np.concatenate([anchored.new, new]), np.concatenate([anchored.other, other])
    hits, first_hit = np.zeros_like(new), np.zeros_like(new)
    hits[:n], first_hit[:n] = anchored.hits, np.cumsum(anchored.hits) - anchored.hits
    banded = np.arange(len(new)) >= n
    order = np.lexsort((banded, other, new))
    found = Candidates(new, other, hits, first_hit, banded).take(order)
    same = (found.new[1:] == found.new[:-1]) & (found.other[1:] == found.other[:-1])
    found.banded[:-1] |= same
    return found.take(np.concatenate([[True], ~same])[: len(new)])


def _are_before(
    segments: Sequence[Segment], articles: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return whether each of a comes before each of b, places among the articles, in (event_at, article_id) order."""
    columns = gather_columns(segments, articles, ["event_at", "article_id"])
    ids, events = fixed(columns["article_id"]), instants(columns["event_at"].combine_chunks())
    before: NDArray[np.bool_] = (events[a] < events[b]) | ((events[a] == events[b]) & (ids[a] < ids[b]))
    return before


def _texts(segments: Sequence[Segment], articles: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the place of each article by (text, language, article_id), and a number that same texts share.

    The language counts because it weighs the words.
    """
    columns = gather_columns(segments, articles, ["text_hash", "language", "article_id"])
    text, ids = (fixed(columns[name]) for name in ("text_hash", "article_id"))
    _, language = np.unique(pc.fill_null(columns["language"], "").to_numpy(), return_inverse=True)
    by = np.lexsort((ids, language, text))
    order = np.empty_like(by)
    order[by] = np.arange(len(by))
    change = (text[by][1:] != text[by][:-1]) | (language[by][1:] != language[by][:-1])
    return order, np.concatenate([[0], np.cumsum(change)])[order]


def _distinct_texts(
    a: NDArray[np.int64], b: NDArray[np.int64], found: Candidates
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return one pair of articles for each pair of texts, in order, and for each pair which of them stands for it.

    One only stands for others that were found alike: what a key of more than K holders counts for depends on who they
    are, not on their texts alone.
    """
    by = np.lexsort((found.hits, found.banded, np.maximum(a, b), np.minimum(a, b)))
    alike = (np.minimum(a, b)[by], np.maximum(a, b)[by], found.banded[by], found.hits[by])
    starts = np.concatenate([[True], np.any([one[1:] != one[:-1] for one in alike], axis=0)])
    first = by[starts]
    place = np.empty_like(first)
    place[np.argsort(first)] = np.arange(len(first))
    which = np.empty_like(by)
    which[by] = place[np.cumsum(starts) - 1]
    return np.sort(first), which


def _compare(
    segments: Sequence[Segment], anchored: Pairs, part: Candidates, left_is_new: NDArray[np.bool_]
) -> Comparison:
    bounds = np.concatenate([[0], np.cumsum(part.hits)])
    hits = np.arange(bounds[-1]) + np.repeat(part.first_hit - bounds[:-1], part.hits)
    of_hit = np.repeat(left_is_new, part.hits)
    return compare(
        segments,
        np.where(left_is_new, part.new, part.other),
        np.where(left_is_new, part.other, part.new),
        part.banded,
        bounds,
        np.where(of_hit, anchored.new_at[hits], anchored.other_at[hits]),
        np.where(of_hit, anchored.other_at[hits], anchored.new_at[hits]),
    )
