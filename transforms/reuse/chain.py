"""Chaining: segments that follow each other become one passage; what is no reuse is dropped.

A passage is reuse where it is scored and long enough, and no form that is filled in anew each day. Length is what
tells reuse from names, titles and stock phrases, whose few rare words score high but are not independent of each
other; numbers tell it from market reports and the like, whose words stay while their figures change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transforms.kernels import helper, i4, kernel, reads, writes
from transforms.reuse.align import Segments

PASSAGE_SCORE = 400
"""Least score of a passage, in deci-nats."""

PASSAGE_WORDS = 20
"""Least number of different content words that match in a passage; about 40 words of running text."""

CHAIN_GAP = 50
"""Most words, on either side, between segments that are chained: some 300 characters."""

FORM_NUMBERS = 2
"""Numbers that differ in a passage that may be a form."""

FORM_SHARE = 3
"""A passage is a form where at least a quarter of its numbers differ: `FORM_SHARE` x differing >= equal."""


def chain(segments: Segments) -> Segments:
    """Return the passages that segments make, ordered by pair and place in the first article.

    Of segments that overlap, the best scored stays. What is counted of a passage is the sum over its segments.
    """
    table = np.ascontiguousarray(np.array(segments, np.int32).T)
    return Segments(*np.ascontiguousarray(_chain(table).T))


@helper
def _comes_before(table: NDArray[np.int32], one: int, other: int, by_score: bool) -> bool:
    """Say whether a segment comes before another: by score, the higher first, then by place."""
    if by_score and table[one, 6] != table[other, 6]:
        return bool(table[one, 6] > table[other, 6])
    for column in range(2, 6):
        if table[one, column] != table[other, column]:
            return bool(table[one, column] < table[other, column])
    return one < other


@helper
def _sort(rows: NDArray[np.int64], table: NDArray[np.int32], by_score: bool) -> None:
    for i in range(1, len(rows)):
        row = rows[i]
        j = i
        while j > 0 and _comes_before(table, row, rows[j - 1], by_score):
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row


@kernel(writes(i4, 2), reads(i4, 2))
def _chain(table: NDArray[np.int32]) -> NDArray[np.int32]:
    passages = np.empty_like(table)
    n = 0
    begin = 0
    while begin < len(table):
        end = begin
        while end < len(table) and table[end, 0] == table[begin, 0]:
            end += 1
        rows = np.arange(begin, end)
        _sort(rows, table, True)
        kept = 0
        for row in rows:
            free = True
            for other in rows[:kept]:
                apart_first = table[row, 3] <= table[other, 2] or table[other, 3] <= table[row, 2]
                apart_second = table[row, 5] <= table[other, 4] or table[other, 5] <= table[row, 4]
                free = free and apart_first and apart_second
            if free:
                rows[kept] = row
                kept += 1
        _sort(rows[:kept], table, False)
        of_pair = n
        for row in rows[:kept]:
            if n > of_pair:
                gap_first = table[row, 2] - passages[n - 1, 3]
                gap_second = table[row, 4] - passages[n - 1, 5]
                if gap_first <= CHAIN_GAP and 0 <= gap_second <= CHAIN_GAP:
                    passages[n - 1, 3], passages[n - 1, 5] = table[row, 3], table[row, 5]
                    passages[n - 1, 6:] += table[row, 6:]
                    continue
            passages[n] = table[row]
            n += 1
        good = of_pair
        for p in range(of_pair, n):
            same, other = passages[p, 9], passages[p, 10]
            is_form = other >= FORM_NUMBERS and FORM_SHARE * other >= same
            if passages[p, 6] >= PASSAGE_SCORE and passages[p, 8] >= PASSAGE_WORDS and not is_form:
                passages[good] = passages[p]
                good += 1
        n = good
        begin = end
    return passages[:n].copy()
