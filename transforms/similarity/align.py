"""Local alignment of two articles around the anchors they share: a kernel over many pairs at once.

The alignment is that of Smith and Waterman (1981) with the rarity of a word as the score of matching it, found as
BLAST finds it (Altschul et al., 1990): from a seed outwards, ended when the score has dropped too far. Of the matrix
only the cells of equal content words are looked at, each linked to its best predecessor (sparse dynamic programming,
Eppstein et al., 1992); these are few, so that gaps may be wide and still cost little. Scores are integers, ties go to
the nearer predecessor, and which article is aligned to which is decided by their words, so a pair has one alignment.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i4, i8, kernel, reads, u1, u4, writes
from wirecopy.transforms.text.rarity import CONTENT

SKIP = 12
"""What a content word costs that one article has between two matches and the other has not, in deci-nats."""

SKIPS = 8
"""Skipped words beyond these cost `SKIP_MORE` each: a sentence left out is one edit, not twenty."""

SKIP_MORE = 3

SHIFT = 4
"""What a word costs by which the skipped words of one article outnumber the other's, up to `SHIFTS` words."""

SHIFTS = 8

NUMBER_SKIP = 45
"""What a number costs against which the other article has another number: text that is reused keeps its numbers."""

DROP = 120
"""An extension ends when it is this far below its best score."""

BAND = 32
"""Content words to either side of the diagonal of the best chain among which a match is looked for."""

LOOK_BACK = 32
"""Matches before a match that may be its predecessor."""

SEED_RARITY = 160
"""Rarity that at least two anchors on a diagonal must cover to be a seed."""

LONE_SEED_RARITY = 240
"""Rarity of the equal words from one anchor on that is a seed alone."""

SEED_REACH = 80
"""Words from one anchor of a seed to the next."""

SEED_SHIFT = 16
"""Words by which the next anchor of a seed may be off the diagonal."""

SEGMENT_SCORE = 200
"""Least score of a segment."""

_BUCKETS = 1 << 11  # of the index of the second article's words
_ATTEMPTS = 256  # extensions of one pair: texts that repeat themselves hold seeds without end
_POINTS = 1 << 15  # matches of one extension
_RUN = 16  # equal words that a seed is measured over


class Segments(NamedTuple):
    """Aligned segments of many pairs, ordered by pair; words count from the article's first.

    The columns are i32[m]. `first` and `second` are the articles in the order in which they were aligned: left and
    right where `swapped` is 0, right and left where it is 1.
    """

    pair: NDArray[np.int32]
    swapped: NDArray[np.int32]
    first_begin: NDArray[np.int32]
    first_end: NDArray[np.int32]
    second_begin: NDArray[np.int32]
    second_end: NDArray[np.int32]
    score: NDArray[np.int32]
    matched: NDArray[np.int32]
    distinct: NDArray[np.int32]
    same_numbers: NDArray[np.int32]
    other_numbers: NDArray[np.int32]


def align(
    left: tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]],
    right: tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]],
    rows: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    bounds: NDArray[np.int64],
    positions: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    least: int,
) -> Segments:
    """Return the segments of each pair whose score is `SEGMENT_SCORE` or more.

    Args:
        left: stems, weights and bounds of the left articles.
        right: the same of the right articles.
        rows: the left and the right article of each pair.
        bounds: pair p holds the hits bounds[p] to bounds[p + 1].
        positions: where each hit's anchor stands in the left and in the right article, in words.
        least: pairs that have fewer different content words in common are passed over.
    """
    table = _align(*left, *right, *rows, bounds, *positions, CONTENT, least)
    return Segments(*np.ascontiguousarray(table.T))


@helper
def _keep_content(
    stems: NDArray[np.uint32],
    weights: NDArray[np.uint8],
    content: int,
    kept: NDArray[np.uint32],
    rarity: NDArray[np.int32],
    word: NDArray[np.int32],
    numbers: NDArray[np.int32],
) -> int:
    """Copy the content words and numbers of an article; numbers[i] counts the numbers before content word i.

    The loop has no branches, which would be mispredicted, and its index no sign, which would be tested; so the outputs
    need one place more than there are words.
    """
    n = np.uint64(0)
    counted = np.int32(0)
    for i in range(len(stems)):
        weight = np.int32(weights[i] & np.uint8(0x7F))
        is_number = np.int32(weights[i] >> np.uint8(7))
        kept[n], rarity[n], word[n], numbers[n] = stems[i], weight, i, counted
        counted += is_number
        n += np.uint64((weight >= content) | (is_number > 0))
    numbers[n] = counted
    return int(np.int64(n))


@helper
def _index(b: NDArray[np.uint32], n_b: int, heads: NDArray[np.int32], following: NDArray[np.int32]) -> None:
    """Link the first n_b words of each bucket, upwards from heads[bucket]; -1 ends a list."""
    heads[:] = -1
    for j in range(n_b - 1, -1, -1):
        bucket = b[j] & np.uint32(_BUCKETS - 1)
        following[j] = heads[bucket]
        heads[bucket] = j


@helper
def _find_shared(
    a: NDArray[np.uint32],
    n_a: int,
    heads: NDArray[np.int32],
    seen: NDArray[np.uint8],
    shared: NDArray[np.int32],
) -> tuple[int, int]:
    """Find the first n_a words whose bucket of b is not empty; return how many there are, and of how many buckets."""
    seen[:] = 0
    n = np.uint64(0)
    distinct = 0
    for i in range(n_a):
        bucket = a[i] & np.uint32(_BUCKETS - 1)
        is_shared = heads[bucket] >= 0
        shared[n] = i
        n += np.uint64(is_shared)
        distinct += is_shared & (seen[bucket] == 0)
        seen[bucket] = 1
    return int(np.int64(n)), distinct


@helper
def _place(ordered: NDArray[np.int32], n: int, value: int) -> int:
    """Return where a value stands, or would stand, among the first n of an array, which are ordered."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@helper
def _sort(values: NDArray[np.int64]) -> None:
    """Sort in place (Shell, 1959, with Knuth's steps)."""
    step = 1
    while step < len(values):
        step = 3 * step + 1
    while step > 1:
        step //= 3
        for i in range(step, len(values)):
            value = values[i]
            to = i
            while to >= step and values[to - step] > value:
                values[to] = values[to - step]
                to -= step
            values[to] = value


@helper
def _count_distinct(
    path_b: NDArray[np.int32],
    length: int,
    b: NDArray[np.uint32],
    heads: NDArray[np.int32],
    following: NDArray[np.int32],
    met: NDArray[np.int32],
    stamp: int,
) -> int:
    """Count the different words of a path; `met` is stamped at the first place in b of each."""
    distinct = 0
    for p in range(length):
        stem = b[path_b[p]]
        first = heads[stem & np.uint32(_BUCKETS - 1)]
        while b[first] != stem:
            first = following[first]
        distinct += met[first] != stamp
        met[first] = stamp
    return distinct


@helper
def _skip_cost(skipped: int) -> int:
    return SKIP * min(skipped, SKIPS) + SKIP_MORE * max(0, skipped - SKIPS)


@helper
def _gap_cost(first: int, second: int) -> int:
    """Return what it costs to skip so many content words of the one article and of the other."""
    return _skip_cost(max(first, second)) + SHIFT * min(abs(first - second), SHIFTS)


@helper
def _numbers_between(numbers: NDArray[np.int32], one: int, other: int) -> np.int64:
    """Return how many numbers stand between two content words."""
    return np.int64(numbers[max(one, other)]) - np.int64(numbers[min(one, other) + 1])


@helper
def _goes_on(numbers: NDArray[np.int32], word: NDArray[np.int32], at: int, beside: int) -> bool:
    """Say whether a number goes on in the content word beside it, as 1.84 does, which is two words."""
    are_numbers = numbers[at + 1] > numbers[at] and numbers[beside + 1] > numbers[beside]
    return bool(are_numbers and abs(word[at] - word[beside]) == 1)


@helper
def _extend(
    a: NDArray[np.uint32],
    a_rarity: NDArray[np.int32],
    a_numbers: NDArray[np.int32],
    b: NDArray[np.uint32],
    n_b: int,
    b_rarity: NDArray[np.int32],
    b_numbers: NDArray[np.int32],
    seed_a: int,
    seed_b: int,
    shared: NDArray[np.int32],
    n_shared: int,
    heads: NDArray[np.int32],
    following: NDArray[np.int32],
    step: int,
    point_a: NDArray[np.int32],
    point_b: NDArray[np.int32],
    scores: NDArray[np.int32],
    before: NDArray[np.int32],
) -> int:
    """Chain matches from the seed on, upwards or downwards; return the point at which the best chain ends.

    Points are matches, the seed being point 0; before[p] is the point that p follows. Only the words `shared` of a are
    looked at.
    """
    point_a[0], point_b[0], scores[0], before[0] = seed_a, seed_b, 0, -1
    n = 1
    best = 0
    head = 0
    row = _place(shared, n_shared, seed_a) + step
    while 0 <= row < n_shared:
        i = shared[row]
        row += step
        ahead = abs(i - point_a[head])
        if scores[head] - _skip_cost(ahead - 1) < scores[best] - DROP:
            break
        middle = point_b[head] + step * ahead
        low, high = max(0, middle - BAND), min(n_b, middle + BAND + 1)
        if step > 0:
            low = max(low, seed_b + 1)
        else:
            high = min(high, seed_b)
        stem = a[i]
        earlier = n
        after = heads[stem & np.uint32(_BUCKETS - 1)]
        while after >= 0 and after < high:
            j = after
            after = following[j]
            if j < low or b[j] != stem or n == len(point_a):
                continue
            follows = -1
            reached = np.int64(-DROP)
            for p in range(earlier - 1, max(-1, earlier - 1 - LOOK_BACK), -1):
                skipped_a, skipped_b = step * (i - point_a[p]) - 1, step * (j - point_b[p]) - 1
                if skipped_a < 0 or skipped_b < 0:
                    continue
                score = np.int64(scores[p]) - _gap_cost(skipped_a, skipped_b)
                if score <= reached:
                    continue
                if skipped_a > 0 and skipped_b > 0:
                    of_a, of_b = _numbers_between(a_numbers, i, point_a[p]), _numbers_between(b_numbers, j, point_b[p])
                    score -= NUMBER_SKIP * min(of_a, of_b)
                if score > reached:
                    reached, follows = score, p
            if follows >= 0:
                point_a[n], point_b[n], before[n] = i, j, follows
                scores[n] = reached + min(a_rarity[i], b_rarity[j])
                n += 1
        for p in range(earlier, n):
            if scores[p] > scores[best]:
                best = p
            if scores[p] >= scores[head] - _skip_cost(abs(i - point_a[head]) - 1):
                head = p
    return best


@helper
def _comes_first(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> bool:
    """Say whether of two articles a is the one to call first: the shorter, then the one with the smaller stems."""
    if len(a) != len(b):
        return len(a) < len(b)
    for i in range(len(a)):
        if a[i] != b[i]:
            return bool(a[i] < b[i])
    return True


@helper
def _is_seed(
    hits: NDArray[np.int64],
    at: int,
    a: NDArray[np.uint32],
    a_weights: NDArray[np.uint8],
    b: NDArray[np.uint32],
    b_weights: NDArray[np.uint8],
) -> bool:
    """Say whether the hits from `at` on, along its diagonal, cover enough rarity to be worth an alignment."""
    covered = np.int64(0)
    anchors = 0
    done = 0
    last_x, last_y = hits[at] >> 32, hits[at] & 0xFFFFFFFF
    for h in range(at, len(hits)):
        x, y = hits[h] >> 32, hits[h] & 0xFFFFFFFF
        if x - last_x > SEED_REACH:
            break
        if anchors and (x == last_x or y <= last_y or abs((y - x) - (last_y - last_x)) > SEED_SHIFT):
            continue
        anchors += 1
        k = 0
        while k < _RUN and x + k < len(a) and y + k < len(b) and a[x + k] == b[y + k]:
            if x + k >= done:
                covered += np.int64(min(a_weights[x + k] & np.uint8(0x7F), b_weights[y + k] & np.uint8(0x7F)))
            k += 1
        done = max(done, x + k)
        if covered >= LONE_SEED_RARITY or (anchors > 1 and covered >= SEED_RARITY):
            return True
        last_x, last_y = x, y
    return False


@helper
def _count_matched(
    path_a: NDArray[np.int32],
    path_b: NDArray[np.int32],
    length: int,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
) -> int:
    """Return the words of a path that are equal: its points, and the words beside them that are equal too."""
    matched = 1
    for p in range(1, length):
        x, y = path_a[p - 1] + 1, path_b[p - 1] + 1
        while x < path_a[p] and y < path_b[p] and a[x] == b[y]:
            matched, x, y = matched + 1, x + 1, y + 1
        u, v = path_a[p], path_b[p]
        while u > x and v > y and a[u - 1] == b[v - 1]:
            matched, u, v = matched + 1, u - 1, v - 1
        matched += 1
    return matched


@helper
def _resized(table: NDArray[np.int32], kept: np.int64, rows: np.int64) -> NDArray[np.int32]:
    """Return a table of so many rows that begins with the first ones of another."""
    resized = np.empty((rows, table.shape[1]), np.int32)
    for row in range(kept):
        for column in range(table.shape[1]):
            resized[row, column] = table[row, column]
    return resized


@kernel(
    writes(i4, 2),
    reads(u4), reads(u1), reads(i8),
    reads(u4), reads(u1), reads(i8),
    reads(u4), reads(u4), reads(i8), reads(u4), reads(u4), i8, i8,
)  # fmt: skip
def _align(
    left_stems: NDArray[np.uint32],
    left_weights: NDArray[np.uint8],
    left_bounds: NDArray[np.int64],
    right_stems: NDArray[np.uint32],
    right_weights: NDArray[np.uint8],
    right_bounds: NDArray[np.int64],
    left_rows: NDArray[np.uint32],
    right_rows: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    left_at: NDArray[np.uint32],
    right_at: NDArray[np.uint32],
    content: int,
    least: int,
) -> NDArray[np.int32]:
    """Return one row a segment, in the columns of `Segments`."""
    longest = 1
    most_hits = 1
    for pair in range(len(left_rows)):
        row, other = left_rows[pair], right_rows[pair]
        longest = max(longest, left_bounds[row + 1] - left_bounds[row], right_bounds[other + 1] - right_bounds[other])
        most_hits = max(most_hits, bounds[pair + 1] - bounds[pair])
    buffer = np.empty(most_hits, np.int64)
    longest += 1
    a_kept, b_kept = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    a_rarities, b_rarities = np.empty(longest, np.int32), np.empty(longest, np.int32)
    a_word, b_word = np.empty(longest, np.int32), np.empty(longest, np.int32)
    heads, seen = np.empty(_BUCKETS, np.int32), np.empty(_BUCKETS, np.uint8)
    following, shared = np.empty(longest, np.int32), np.empty(longest, np.int32)
    a_numbers, b_numbers = np.empty(longest + 1, np.int32), np.empty(longest + 1, np.int32)
    point_a, point_b = np.empty(_POINTS, np.int32), np.empty(_POINTS, np.int32)
    scores, before = np.empty(_POINTS, np.int32), np.empty(_POINTS, np.int32)
    path_a, path_b = np.empty(2 * _POINTS, np.int32), np.empty(2 * _POINTS, np.int32)
    met, extended = np.zeros(longest, np.int32), 0
    found = np.empty((1024, 11), np.int32)
    n = 0
    for pair in range(len(left_rows)):
        row, other = left_rows[pair], right_rows[pair]
        a = left_stems[left_bounds[row] : left_bounds[row + 1]]
        b = right_stems[right_bounds[other] : right_bounds[other + 1]]
        a_weights = left_weights[left_bounds[row] : left_bounds[row + 1]]
        b_weights = right_weights[right_bounds[other] : right_bounds[other + 1]]
        hits = buffer[: bounds[pair + 1] - bounds[pair]]
        swapped = not _comes_first(a, b)
        if swapped:
            a, b = b, a
            a_weights, b_weights = b_weights, a_weights
        for h in range(len(hits)):
            x, y = np.int64(left_at[bounds[pair] + h]), np.int64(right_at[bounds[pair] + h])
            hits[h] = y << 32 | x if swapped else x << 32 | y
        _sort(hits)
        n_a = n_b = n_shared = 0
        tried_to, tried_shift, attempts = 0, 0, 0
        of_pair = n
        for h in range(len(hits)):
            x, y = hits[h] >> 32, hits[h] & 0xFFFFFFFF
            if (h > 0 and hits[h] == hits[h - 1]) or x >= len(a) or y >= len(b):
                continue
            if x < tried_to and abs(y - x - tried_shift) <= SEED_SHIFT:
                continue
            inside = False
            for s in range(of_pair, n):
                inside = inside or (found[s, 2] <= x < found[s, 3] and found[s, 4] <= y < found[s, 5])
            if inside or not _is_seed(hits, h, a, a_weights, b, b_weights):
                continue
            if n_a == 0:
                n_a = _keep_content(a, a_weights, content, a_kept, a_rarities, a_word, a_numbers)
                n_b = _keep_content(b, b_weights, content, b_kept, b_rarities, b_word, b_numbers)
                _index(b_kept, n_b, heads, following)
                n_shared, n_buckets = _find_shared(a_kept, n_a, heads, seen, shared)
                if n_buckets < least:
                    break
            seed_a = _place(a_word, n_a, x)
            seed_b = _place(b_word, n_b, y)
            if seed_a == n_a or seed_b == n_b or a_kept[seed_a] != b_kept[seed_b]:
                continue
            attempts += 1
            if attempts > _ATTEMPTS:
                break
            score = min(a_rarities[seed_a], b_rarities[seed_b])
            length = 0
            same_numbers = a_numbers[seed_a + 1] - a_numbers[seed_a]
            other_numbers = np.int64(0)
            for step in (-1, 1):
                end = _extend(
                    a_kept, a_rarities, a_numbers, b_kept, n_b, b_rarities, b_numbers,
                    seed_a, seed_b, shared, n_shared, heads, following, step, point_a, point_b, scores, before,
                )  # fmt: skip
                score += scores[end]
                begin = length
                p = end
                while p > 0:
                    i, j, k, m = point_a[p], point_b[p], point_a[before[p]], point_b[before[p]]
                    path_a[length], path_b[length] = i, j
                    length += 1
                    same_numbers += a_numbers[i + 1] - a_numbers[i]
                    if abs(i - k) > 1 and abs(j - m) > 1:
                        other_numbers += min(_numbers_between(a_numbers, i, k), _numbers_between(b_numbers, j, m))
                        for u, v, to in ((i, j, -step), (k, m, step)):
                            same_numbers -= _goes_on(a_numbers, a_word, u, u + to) and _goes_on(
                                b_numbers, b_word, v, v + to
                            )
                    p = before[p]
                if step < 0:
                    path_a[length], path_b[length] = seed_a, seed_b
                    length += 1
                else:
                    for k in range((length - begin) // 2):
                        u, v = begin + k, length - 1 - k
                        path_a[u], path_a[v] = path_a[v], path_a[u]
                        path_b[u], path_b[v] = path_b[v], path_b[u]
            tried_to, tried_shift = a_word[path_a[length - 1]] + 1, y - x
            if score < SEGMENT_SCORE:
                continue
            extended += 1
            distinct = _count_distinct(path_b, length, b_kept, heads, following, met, extended)
            for p in range(length):
                path_a[p], path_b[p] = a_word[path_a[p]], b_word[path_b[p]]
            first_begin, first_end = path_a[0], path_a[length - 1] + 1
            second_begin, second_end = path_b[0], path_b[length - 1] + 1
            matched = _count_matched(path_a, path_b, length, a, b)
            while first_begin > 0 and second_begin > 0 and a[first_begin - 1] == b[second_begin - 1]:
                first_begin, second_begin, matched = first_begin - 1, second_begin - 1, matched + 1
            while first_end < len(a) and second_end < len(b) and a[first_end] == b[second_end]:
                first_end, second_end, matched = first_end + 1, second_end + 1, matched + 1
            if n == len(found):
                found = _resized(found, np.int64(n), np.int64(2 * n))
            found[n, 0], found[n, 1] = pair, swapped
            found[n, 2], found[n, 3], found[n, 4], found[n, 5] = first_begin, first_end, second_begin, second_end
            found[n, 6], found[n, 7] = score, matched
            found[n, 8], found[n, 9], found[n, 10] = distinct, same_numbers, other_numbers
            n += 1
    return _resized(found, np.int64(n), np.int64(n))
