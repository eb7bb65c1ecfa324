"""Passages that two articles share: from anchors they hold in common to spans with a score.

The entry points for a join are `find_passages`, which counts in words, and `place`, which tells code points of the few
pairs that have any; `transforms.similarity.compare` does the same for two texts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.similarity.align import align
from wirecopy.transforms.similarity.chain import PASSAGE_WORDS, chain


class Words(NamedTuple):
    """The words of many articles, one after another; article i holds words bounds[i] to bounds[i + 1].

    Attributes:
        stems: u32[n], hash of each word's stem, as `transforms.text.tokens` makes it.
        weights: u8[n], rarity of each word in deci-nats, as `transforms.text.rarity.weigh` makes it.
        bounds: i64[articles + 1], from 0 to n.
    """

    stems: NDArray[np.uint32]
    weights: NDArray[np.uint8]
    bounds: NDArray[np.int64]


class Places(NamedTuple):
    """Where the words of many articles stand; article i holds words bounds[i] to bounds[i + 1].

    Attributes:
        begins: u32[n], first code point of each word in its article's text.
        ends: u32[n], code point after each word.
        bounds: i64[articles + 1], from 0 to n.
    """

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
        left_begin, left_end: u32[m], first word in the left article and the one after the last, from its first; code
            points in its text where `place` has been.
        right_begin, right_end: u32[m], the same in the right article.
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
    """Align pairs of articles around their hits and return the passages that are reuse, in words.

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
    left_begin = np.where(swapped, found.second_begin, found.first_begin).astype(np.uint32)
    left_end = np.where(swapped, found.second_end, found.first_end).astype(np.uint32)
    right_begin = np.where(swapped, found.first_begin, found.second_begin).astype(np.uint32)
    right_end = np.where(swapped, found.first_end, found.second_end).astype(np.uint32)
    return Passages(
        pair=found.pair.astype(np.uint32),
        left_begin=left_begin,
        left_end=left_end,
        right_begin=right_begin,
        right_end=right_end,
        left_words=left_end - left_begin,
        right_words=right_end - right_begin,
        matched=found.matched.astype(np.uint32),
        score=found.score,
    )


def place(passages: Passages, places: Places, left: NDArray[np.uint32], right: NDArray[np.uint32]) -> Passages:
    """Return passages that count in words as passages that count in code points.

    Args:
        passages: the passages.
        places: where the words stand.
        left, right: u32[m], rows of the articles of each passage among these.
    """
    first, other = places.bounds[left], places.bounds[right]
    return passages._replace(
        left_begin=places.begins[first + passages.left_begin],
        left_end=places.ends[first + passages.left_end - 1],
        right_begin=places.begins[other + passages.right_begin],
        right_end=places.ends[other + passages.right_end - 1],
    )
