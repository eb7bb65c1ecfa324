"""Whether two articles are copies: decided exactly, on their sets of word 5-grams.

A pair is a copy where the Jaccard index of the two sets is at least .45, or where at least .85 of the smaller set
stands in the larger one and both articles have at least 60 words (an agency's story cut at the tail). An article of
fewer than five words has no shingle and is nobody's copy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i8, kernel, reads, u4, u8, void, writes
from wirecopy.transforms.text.shingles import Shingles

MIN_WORDS = 60
"""Words that both articles need for containment to make a copy."""


def count_distinct(shingles: Shingles) -> NDArray[np.int64]:
    """Return the size of each article's set of shingles."""
    sizes = np.empty(len(shingles.bounds) - 1, np.int64)
    _count_distinct(shingles.hashes, shingles.bounds, *_table(shingles), sizes)
    return sizes


def count_common(shingles: Shingles, left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return how many distinct shingles the articles of each pair have in common.

    Args:
        shingles: those of some articles.
        left: u32[pairs], one article of each pair, as its place in `shingles`; quickest where equal ones meet.
        right: u32[pairs], the other.
    """
    common = np.empty(len(left), np.int64)
    _count_common(shingles.hashes, shingles.bounds, left, right, *_table(shingles), common)
    return common


def is_copy(
    common: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    fewer_words: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return which pairs are copies, from counts of shingles: in common, of the left, of the right article.

    `fewer_words` is the number of words of the article that has fewer of them.
    """
    resembles = 20 * common >= 9 * (left + right - common)
    contains = (20 * common >= 17 * np.minimum(left, right)) & (fewer_words >= MIN_WORDS)
    return (common > 0) & (resembles | contains)


def _table(shingles: Shingles) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the slots of a hash table that is at most half full, and what they are stamped with."""
    most = int(np.diff(shingles.bounds).max(initial=1))
    size = 1 << (2 * most - 1).bit_length()
    return np.empty(size, np.uint64), np.zeros(size, np.int64)


@helper
def _enter(key: np.uint64, stamp: int, slots: NDArray[np.uint64], stamps: NDArray[np.int64]) -> bool:
    """Enter a key into the table of this stamp; return whether it was not there."""
    mask = len(slots) - 1
    slot = np.int64(key) & mask
    while stamps[slot] == stamp:
        if slots[slot] == key:
            return False
        slot = (slot + 1) & mask
    slots[slot], stamps[slot] = key, stamp
    return True


@kernel(void, reads(u8), reads(i8), writes(u8), writes(i8), writes(i8))
def _count_distinct(
    hashes: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    slots: NDArray[np.uint64],
    stamps: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    for article in range(len(sizes)):
        sizes[article] = 0
        for k in range(bounds[article], bounds[article + 1]):
            sizes[article] += _enter(hashes[k], article + 1, slots, stamps)


@kernel(void, reads(u8), reads(i8), reads(u4), reads(u4), writes(u8), writes(i8), writes(i8))
def _count_common(
    hashes: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    slots: NDArray[np.uint64],
    stamps: NDArray[np.int64],
    common: NDArray[np.int64],
) -> None:
    """Count the right article's shingles that are in the left one's table, each once: `met` says for which pair."""
    met = np.zeros(len(slots), np.int64)
    mask = len(slots) - 1
    stamp = 0
    for pair in range(len(left)):
        if pair == 0 or left[pair] != left[pair - 1]:
            stamp = pair + 1
            for k in range(bounds[left[pair]], bounds[left[pair] + 1]):
                _enter(hashes[k], stamp, slots, stamps)
        common[pair] = 0
        for k in range(bounds[right[pair]], bounds[right[pair] + 1]):
            slot = np.int64(hashes[k]) & mask
            while stamps[slot] == stamp and slots[slot] != hashes[k]:
                slot = (slot + 1) & mask
            if stamps[slot] == stamp and met[slot] != pair + 1:
                met[slot] = pair + 1
                common[pair] += 1
