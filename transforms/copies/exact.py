"""Whether two articles are copies: decided exactly, on their sets of word 5-grams.

A pair is a copy where the Jaccard index of the two sets is at least .45, or where at least .85 of the smaller set
stands in the larger one and both articles have at least 60 words (an agency's story cut at the tail). An article of
fewer than five words has no shingle and is nobody's copy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transforms.copies.shingles import Shingles
from transforms.kernels import i8, kernel, reads, u4, u8, void, writes

MIN_WORDS = 60
"""Words that both articles need for containment to make a copy."""


def shared(sets: Shingles, left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return how many shingles the articles of each pair have in common.

    Args:
        sets: each article's distinct shingles in order, as `shingles.distinct` gives them.
        left: u32[pairs], one article of each pair, as its place in `sets`.
        right: u32[pairs], the other.
    """
    common = np.empty(len(left), np.int64)
    _intersect(sets.hashes, sets.bounds, left, right, common)
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


@kernel(void, reads(u8), reads(i8), reads(u4), reads(u4), writes(i8))
def _intersect(
    hashes: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    common: NDArray[np.int64],
) -> None:
    for pair in range(len(left)):
        i, j = bounds[left[pair]], bounds[right[pair]]
        i_end, j_end = bounds[left[pair] + 1], bounds[right[pair] + 1]
        n = 0
        while i < i_end and j < j_end:
            a, b = hashes[i], hashes[j]
            i += a <= b
            j += b <= a
            n += a == b
        common[pair] = n
