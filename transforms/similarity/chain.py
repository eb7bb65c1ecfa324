"""Chaining: segments that follow each other become one passage; what is no reuse is dropped.

A passage is reuse where it is scored and long enough, and no form that is filled in anew each day. Length is what
tells reuse from names, titles and stock phrases, whose few rare words score high but are not independent of each
other; numbers tell it from market reports and the like, whose words stay while their figures change.

The calibration, of 16 million pairs of Reuters stories that are ten months apart: 77 are taken for reuse.
Of those that were read two in three are (background that an agency prints again and again), the others are reports of
markets and statistics in the words of the last one, all scored below 800. So the least score, 400, means a false alarm
in some 600,000 pairs, and 800 none that was seen; pairs scored 1,000 and more are 1.6 in a million
(`benchmarks/calibrate.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i4, i8, kernel, reads, u1, u4, writes
from wirecopy.transforms.similarity.align import Segments

PASSAGE_SCORE = 400
"""Least score of a passage, in deci-nats."""

PASSAGE_WORDS = 20
"""Least number of different content words that match in a passage."""

PASSAGE_LENGTH = 50
"""Least words of a passage in either article. Shorter ones are single sentences: quotes, and the background that any
two stories of one beat share."""

CHAIN_GAP = 50
"""Most words, on either side, between segments that are chained: some 300 characters."""

FORM_NUMBERS = 2
"""Numbers that differ in a passage that may be a form."""

FORM_SHARE = 3
"""A passage is a form where at least a quarter of its numbers differ: `FORM_SHARE` x differing >= equal. A number
that is several words, as 1.84 is, is equal where all of them are."""


def chain(
    segments: Segments,
    left: tuple[NDArray[np.uint8], NDArray[np.int64]],
    right: tuple[NDArray[np.uint8], NDArray[np.int64]],
    rows: tuple[NDArray[np.uint32], NDArray[np.uint32]],
) -> Segments:
    """Return the passages that segments make, ordered by pair and place in the first article.

    Of segments that overlap, the best scored stays whole, and the other loses what overlaps; if that is more than half
    of it, or in its middle, it is dropped. What is counted of a passage is the sum over its segments, and the numbers
    that differ between them.

    Args:
        segments: aligned segments, by pair.
        left: weights and bounds of the left articles.
        right: the same of the right articles.
        rows: the left and the right article of each pair.
    """
    table = np.ascontiguousarray(np.array(segments, np.int32).T)
    return Segments(*np.ascontiguousarray(_chain(table, *left, *right, *rows).T))


@helper
def _count_numbers(weights: NDArray[np.uint8], begin: int, end: int) -> int:
    numbers = 0
    for i in range(begin, end):
        numbers += weights[i] >= np.uint8(0x80)
    return numbers


@helper
def _comes_before(table: NDArray[np.int32], one: int, other: int, by_score: np.int64) -> bool:
    """Say whether a segment comes before another: by score, the higher first, then by place."""
    if by_score and table[one, 6] != table[other, 6]:
        return bool(table[one, 6] > table[other, 6])
    for column in range(2, 6):
        if table[one, column] != table[other, column]:
            return bool(table[one, column] < table[other, column])
    return one < other


@helper
def _sort(rows: NDArray[np.int64], table: NDArray[np.int32], by_score: np.int64) -> None:
    for i in range(1, len(rows)):
        row = rows[i]
        j = i
        while j > 0 and _comes_before(table, row, rows[j - 1], by_score):
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row


@helper
def _cut(table: NDArray[np.int32], row: int, other: int) -> bool:
    """Cut off a segment what overlaps another, with its share of what is counted; say whether anything is left."""
    front = back = np.int32(0)
    for side in (2, 4):
        begin, end = table[row, side], table[row, side + 1]
        other_begin, other_end = table[other, side], table[other, side + 1]
        if end <= other_begin or other_end <= begin:
            continue
        if (begin < other_begin) == (end > other_end):
            return False
        if begin < other_begin:
            back = max(back, end - other_begin)
        else:
            front = max(front, other_end - begin)
    cut = front + back
    length = min(table[row, 3] - table[row, 2], table[row, 5] - table[row, 4])
    if cut == 0:
        return True
    if 2 * cut > length:
        return False
    for side in (2, 4):
        table[row, side] += front
        table[row, side + 1] -= back
    for column in range(6, 11):
        table[row, column] = table[row, column] * (length - cut) // length
    return True


@kernel(writes(i4, 2), writes(i4, 2), reads(u1), reads(i8), reads(u1), reads(i8), reads(u4), reads(u4))
def _chain(
    table: NDArray[np.int32],
    left_weights: NDArray[np.uint8],
    left_bounds: NDArray[np.int64],
    right_weights: NDArray[np.uint8],
    right_bounds: NDArray[np.int64],
    left_rows: NDArray[np.uint32],
    right_rows: NDArray[np.uint32],
) -> NDArray[np.int32]:
    passages = np.empty((len(table), 11), np.int32)
    rows = np.empty(len(table), np.int64)
    n = 0
    begin = 0
    while begin < len(table):
        end = begin
        while end < len(table) and table[end, 0] == table[begin, 0]:
            end += 1
        for row in range(begin, end):
            rows[row - begin] = row
        _sort(rows[: end - begin], table, np.int64(1))
        kept = 0
        for k in range(end - begin):
            stays = True
            for other in range(kept):
                stays = stays and _cut(table, rows[k], rows[other])
            if stays:
                rows[kept] = rows[k]
                kept += 1
        _sort(rows[:kept], table, np.int64(0))
        of_pair = n
        pair = table[begin, 0]
        weights, other_weights = left_weights, right_weights
        first, second = left_bounds[left_rows[pair]], right_bounds[right_rows[pair]]
        if table[begin, 1]:
            weights, other_weights = right_weights, left_weights
            first, second = second, first
        for k in range(kept):
            row = rows[k]
            if n > of_pair:
                gap_first = table[row, 2] - passages[n - 1, 3]
                gap_second = table[row, 4] - passages[n - 1, 5]
                if gap_first <= CHAIN_GAP and 0 <= gap_second <= CHAIN_GAP:
                    of_first = _count_numbers(weights, first + passages[n - 1, 3], first + table[row, 2])
                    of_second = _count_numbers(other_weights, second + passages[n - 1, 5], second + table[row, 4])
                    passages[n - 1, 10] += min(of_first, of_second)
                    passages[n - 1, 3], passages[n - 1, 5] = table[row, 3], table[row, 5]
                    for column in range(6, 11):
                        passages[n - 1, column] += table[row, column]
                    continue
            for column in range(11):
                passages[n, column] = table[row, column]
            n += 1
        good = of_pair
        for p in range(of_pair, n):
            same, other = passages[p, 9], passages[p, 10]
            is_form = other >= FORM_NUMBERS and FORM_SHARE * other >= same
            length = min(passages[p, 3] - passages[p, 2], passages[p, 5] - passages[p, 4])
            is_long = passages[p, 8] >= PASSAGE_WORDS and length >= PASSAGE_LENGTH
            if passages[p, 6] >= PASSAGE_SCORE and is_long and not is_form:
                for column in range(11):
                    passages[good, column] = passages[p, column]
                good += 1
        n = good
        begin = end
    return passages[:n].copy()
