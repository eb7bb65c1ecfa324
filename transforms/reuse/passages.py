"""Passages that two articles share: from anchors they hold in common to spans of code points with a score.

The one entry point for a join is `find_passages`; `transforms.reuse.compare` does the same for two texts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.reuse.align import align
from transforms.reuse.chain import PASSAGE_WORDS, chain


class Words(NamedTuple):
    """The words of many articles, one after another; article i holds words bounds[i] to bounds[i + 1].

    Attributes:
        stems: u32[n], hash of each word's stem, as `transforms.copies.tokens` makes it.
        weights: u8[n], rarity of each word in deci-nats, as `transforms.reuse.rarity.weigh` makes it.
        begins: u32[n], first code point of each word in its article's text.
        ends: u32[n], code point after each word.
        bounds: i64[articles + 1], from 0 to n.
    """

    stems: NDArray[np.uint32]
    weights: NDArray[np.uint8]
    begins: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    bounds: NDArray[np.int64]


class Hits(NamedTuple):
    """Anchors that pairs of articles hold in common; pair p holds hits bounds[p] to bounds[p + 1], in any order.

    Which article of a pair is the left one only says which columns its spans stand in. Hits given twice count once.

    Attributes:
        left: u32[pairs], row of the left article among the left words' articles.
        right: u32[pairs], row of the right article among the right words' articles.
        bounds: i64[pairs + 1], from 0 to n.
        left_at: u32[n], position of the anchor in the left article, in words from its first.
        right_at: u32[n], position of the anchor in the right article.
    """

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    left_at: NDArray[np.uint32]
    right_at: NDArray[np.uint32]


class Passages(NamedTuple):
    """Shared passages, ordered by pair; passages of one pair do not overlap on either side.

    Attributes:
        pair: u32[m], the pair, as numbered in the hits.
        left_begin: u32[m], first code point in the left article's text.
        left_end: u32[m], code point after the passage in the left article's text.
        right_begin: u32[m], first code point in the right article's text.
        right_end: u32[m], code point after the passage in the right article's text.
        left_words: u32[m], words of the passage in the left article.
        right_words: u32[m], words of the passage in the right article.
        matched: u32[m], words aligned to an equal word; identity = matched / max(left_words, right_words).
        score: i32[m], alignment score in deci-nats of rarity.
    """

    pair: NDArray[np.uint32]
    left_begin: NDArray[np.uint32]
    left_end: NDArray[np.uint32]
    right_begin: NDArray[np.uint32]
    right_end: NDArray[np.uint32]
    left_words: NDArray[np.uint32]
    right_words: NDArray[np.uint32]
    matched: NDArray[np.uint32]
    score: NDArray[np.int32]


def find_passages(left: Words, right: Words, hits: Hits) -> Passages:
    """Align pairs of articles around their hits and return the passages that are reuse.

    Pairs without such a passage have no row, and cost little where their hits promise nothing. The arrays may be
    read-only; the lock is released.
    """
    segments = align(
        (left.stems, left.weights, left.bounds),
        (right.stems, right.weights, right.bounds),
        (hits.left, hits.right),
        hits.bounds,
        (hits.left_at, hits.right_at),
        PASSAGE_WORDS,
    )
    found = chain(segments, (left.weights, left.bounds), (right.weights, right.bounds), (hits.left, hits.right))
    swapped = found.swapped == 1
    left_begin = np.where(swapped, found.second_begin, found.first_begin)
    left_end = np.where(swapped, found.second_end, found.first_end)
    right_begin = np.where(swapped, found.first_begin, found.second_begin)
    right_end = np.where(swapped, found.first_end, found.second_end)
    left_first, right_first = left.bounds[hits.left[found.pair]], right.bounds[hits.right[found.pair]]
    return Passages(
        pair=found.pair.astype(np.uint32),
        left_begin=left.begins[left_first + left_begin],
        left_end=left.ends[left_first + left_end - 1],
        right_begin=right.begins[right_first + right_begin],
        right_end=right.ends[right_first + right_end - 1],
        left_words=(left_end - left_begin).astype(np.uint32),
        right_words=(right_end - right_begin).astype(np.uint32),
        matched=found.matched.astype(np.uint32),
        score=found.score,
    )
