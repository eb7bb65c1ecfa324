"""What two copies have in common, word for word, beside the passages that were aligned.

Where the whole is a copy, its short paragraphs count, too: those that stand elsewhere in the other, and all of a copy
that is too short or too plain for an alignment to count.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i8, kernel, reads, u4, u8, writes
from wirecopy.transforms.text.shingles import WIDTH, Shingles

GAP = 50
"""Most words, on either side, between equal runs that make one passage, and `LEAST` less than that on one side alone:
what was cut from between them may stand elsewhere."""

LEAST = 10
"""Equal words that a passage needs where the pair has others: fewer are a phrase that stands in many places. By so many
words one side of a passage is longer where something was cut or put in between."""


class Held(NamedTuple):
    """Passages that pairs have already; pair p has those from bounds[p] to bounds[p + 1].

    Attributes:
        bounds: i64[pairs + 1].
        left_begin, left_end, right_begin, right_end: u32, in words from the article's first.
    """

    bounds: NDArray[np.int64]
    left_begin: NDArray[np.uint32]
    left_end: NDArray[np.uint32]
    right_begin: NDArray[np.uint32]
    right_end: NDArray[np.uint32]


class Runs(NamedTuple):
    """Passages of pairs of articles, ordered by pair and place in the left article.

    The columns are i64[m]. Words count from the article's first; `matched` counts those that are equal.
    """

    pair: NDArray[np.int64]
    left_begin: NDArray[np.int64]
    left_end: NDArray[np.int64]
    right_begin: NDArray[np.int64]
    right_end: NDArray[np.int64]
    matched: NDArray[np.int64]


def common_runs(
    words: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    shingles: Shingles,
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    held: Held,
) -> Runs:
    """Return the runs of five and more equal words of each pair, joined where no more than `GAP` words are between.

    Each run of the left article goes to its first free occurrence in the right one, so runs do not overlap, with each
    other or with the passages that the pair has.

    Args:
        words: u32, hashes of the words of articles.
        bounds: i64[articles + 1]; article i holds words bounds[i] to bounds[i + 1].
        shingles: every 5-gram of these articles in the order of the text, as `shingles.shingle` gives them.
        left, right: u32[pairs], the articles of each pair.
        held: the passages of each pair that are known; beside them a run counts from `LEAST` words on.
    """
    return Runs(*_find(words, bounds, shingles.hashes, shingles.bounds, left, right, *held))


@helper
def _resized(table: NDArray[np.int64], kept: np.int64, columns: np.int64) -> NDArray[np.int64]:
    """Return a table of so many columns that begins with the first ones of another."""
    resized = np.empty((len(table), columns), np.int64)
    for row in range(len(table)):
        for k in range(kept):
            resized[row, k] = table[row, k]
    return resized


@kernel(
    writes(i8, 2),
    reads(u4),
    reads(i8),
    reads(u8),
    reads(i8),
    reads(u4),
    reads(u4),
    reads(i8),
    reads(u4),
    reads(u4),
    reads(u4),
    reads(u4),
)
def _find(
    words: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    hash_bounds: NDArray[np.int64],
    lefts: NDArray[np.uint32],
    rights: NDArray[np.uint32],
    held: NDArray[np.int64],
    held_left_begin: NDArray[np.uint32],
    held_left_end: NDArray[np.uint32],
    held_right_begin: NDArray[np.uint32],
    held_right_end: NDArray[np.uint32],
) -> NDArray[np.int64]:
    """Return the columns of `Runs`.

    The places of the right article's shingles hang in chains, each in ascending order, from a hash table.
    """
    found = np.empty((6, 64), np.int64)
    n = 0
    for pair in range(len(lefts)):
        left, right = lefts[pair], rights[pair]
        a, b = words[bounds[left] : bounds[left + 1]], words[bounds[right] : bounds[right + 1]]
        a_hashes = hashes[hash_bounds[left] : hash_bounds[left + 1]]
        b_hashes = hashes[hash_bounds[right] : hash_bounds[right + 1]]
        mask = 1
        while mask < 2 * len(b_hashes):
            mask = 2 * mask + 1
        heads, following = np.full(mask + 1, -1, np.int64), np.full(len(b_hashes), -1, np.int64)
        for j in range(len(b_hashes) - 1, -1, -1):
            slot = np.int64(b_hashes[j]) & mask
            while heads[slot] >= 0 and b_hashes[heads[slot]] != b_hashes[j]:
                slot = (slot + 1) & mask
            following[j] = heads[slot]
            heads[slot] = j
        gone, taken = np.zeros(len(a), np.bool_), np.zeros(len(b), np.bool_)
        for k in range(held[pair], held[pair + 1]):
            for word in range(held_left_begin[k], held_left_end[k]):
                gone[word] = True
            for word in range(held_right_begin[k], held_right_end[k]):
                taken[word] = True
        of_pair = n
        i = 0
        while i < len(a_hashes):
            slot = np.int64(a_hashes[i]) & mask
            while heads[slot] >= 0 and b_hashes[heads[slot]] != a_hashes[i]:
                slot = (slot + 1) & mask
            j = candidate = heads[slot]
            length = 0
            while length < WIDTH and candidate >= 0:
                j = candidate
                length = 0
                while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
                    if gone[i + length] or taken[j + length]:
                        break
                    length += 1
                candidate = following[candidate]
            if length < WIDTH:
                i += 1
                continue
            last = n - 1
            joins = n > of_pair and i - found[2, last] <= GAP and 0 <= j - found[4, last] <= GAP
            joins = joins and abs((i - found[2, last]) - (j - found[4, last])) < LEAST
            if joins:
                for word in range(found[4, last], j):
                    joins = joins and not taken[word]
                for word in range(found[2, last], i):
                    joins = joins and not gone[word]
            if joins:
                for word in range(found[4, last], j):
                    taken[word] = True
                found[2, last], found[4, last] = i + length, j + length
                found[5, last] += length
            else:
                if n == found.shape[1]:
                    found = _resized(found, np.int64(n), np.int64(2 * n))
                found[0, n], found[5, n] = pair, length
                found[1, n], found[2, n] = i, i + length
                found[3, n], found[4, n] = j, j + length
                n += 1
            for word in range(j, j + length):
                taken[word] = True
            i += length
        if held[pair + 1] > held[pair]:
            kept = of_pair
            for run in range(of_pair, n):
                if found[5, run] >= LEAST:
                    for row in range(len(found)):
                        found[row, kept] = found[row, run]
                    kept += 1
            n = kept
    return _resized(found, np.int64(n), np.int64(n))
