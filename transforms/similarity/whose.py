"""Whose words a shared passage is: an author's, or nobody's, as quotes, standing notices and filled-in forms are.

What two articles share is told from the two alone:

* It is a quote where most of it is shown as somebody's words, and what the two share besides would be no passage.
* It is a notice where most of it is a standing notice, in the same way.
* It is a list where at least half of its words are names and numbers: office holders, tickers, closing prices.
* It is a form where the words stay and the particulars, names and numbers, are others: obituaries of two people, two
  reports of a market, a court or the weather. Who edits a text keeps its particulars, and changes words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i4, i8, kernel, reads, u1, u4, void, writes
from wirecopy.transforms.similarity.chain import PASSAGE_WORDS
from wirecopy.transforms.text.rarity import CONTENT, NUMBER

NAME, QUOTED, NOTICE = 1, 2, 4
"""Bits of a word's marks: it is a name; it stands in a quote; it stands in a standing notice."""

SOMEBODY, QUOTE, NOTICE_TEXT, FORM, LIST = range(5)
"""Whose words a passage is: an author's, or nobody's."""

SHOWN = 0.5
"""Least share of a quote's words that both articles show as somebody's words."""
SHOWN_ALONE = 0.8
"""The same where only one of them does: the other lost the marks, or is where it was said."""
FORMS = ((4, 0.35, 0.85), (6, 0.5, 0.65), (3, 0.75, 0.9))
"""What makes a form: the least particulars that are others, the least share of these among its particulars, and the
least share of its other words that stay. The more the particulars change, the more may change beside them."""

_COLUMNS = 13
LISTED = 0.5
"""Least share of a list's words that are particulars."""


class Texts(NamedTuple):
    """The words of many articles, one after another; article i holds words bounds[i] to bounds[i + 1].

    Attributes:
        codes: u32[n], hash of each word.
        weights: u8[n], rarity of each word, with the bit of numbers.
        marks: u8[n], NAME, QUOTED and NOTICE.
        bounds: i64[articles + 1], from 0 to n.
    """

    codes: NDArray[np.uint32]
    weights: NDArray[np.uint8]
    marks: NDArray[np.uint8]
    bounds: NDArray[np.int64]


class Shared(NamedTuple):
    """What n stretches that two articles share are made of; an i32[n] each, words of the left and of the right side.

    Attributes:
        left_words, right_words: all words.
        left_quoted, right_quoted: words that stand in quotes.
        left_notice, right_notice: words that stand in standing notices.
        loose: different content words that both sides have outside of quotes and notices.
        same: different particulars, names and numbers, that both sides have.
        left_own, right_own: those that only the one side has.
        frame: words that are no particulars and both sides have, as often as both have them.
        left_frame, right_frame: words that are no particulars.
    """

    left_words: NDArray[np.int32]
    right_words: NDArray[np.int32]
    left_quoted: NDArray[np.int32]
    right_quoted: NDArray[np.int32]
    left_notice: NDArray[np.int32]
    right_notice: NDArray[np.int32]
    loose: NDArray[np.int32]
    same: NDArray[np.int32]
    left_own: NDArray[np.int32]
    right_own: NDArray[np.int32]
    frame: NDArray[np.int32]
    left_frame: NDArray[np.int32]
    right_frame: NDArray[np.int32]


def look(
    texts: Texts,
    rows: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    left: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    right: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    bounds: NDArray[np.int64],
) -> Shared:
    """Return what n stretches are made of; a stretch is one passage or several.

    Args:
        texts: the words of the articles.
        rows: the left and the right article of each of m passages.
        left, right: first word of each passage, and the one after its last, from the article's first.
        bounds: i64[n + 1], stretch i is the passages bounds[i] to bounds[i + 1], all of one pair.
    """
    table = np.zeros((len(bounds) - 1, _COLUMNS), np.int32)
    _look(*texts, *rows, *left, *right, bounds, table)
    return Shared(*np.ascontiguousarray(table.T))


def tell(shared: Shared) -> NDArray[np.uint8]:
    """Return whose words each stretch is: SOMEBODY, QUOTE, NOTICE_TEXT, FORM or LIST."""
    quoted, notice = shared.left_quoted + shared.right_quoted, shared.left_notice + shared.right_notice
    kinds = np.select(
        [
            _are_shown(shared, shared.left_notice, shared.right_notice) & (notice > quoted),
            _are_shown(shared, shared.left_quoted, shared.right_quoted),
            _are_forms(shared),
            _are_lists(shared),
        ],
        [NOTICE_TEXT, QUOTE, FORM, LIST],
        SOMEBODY,
    )
    return kinds.astype(np.uint8)


def _are_shown(shared: Shared, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.bool_]:
    of_left, of_right = left / np.maximum(shared.left_words, 1), right / np.maximum(shared.right_words, 1)
    both = np.minimum(of_left, of_right) >= SHOWN
    one = np.maximum(of_left, of_right) >= SHOWN_ALONE
    shown: NDArray[np.bool_] = (both | one) & (shared.loose < PASSAGE_WORDS)
    return shown


def _are_forms(shared: Shared) -> NDArray[np.bool_]:
    """Return which stretches are forms."""
    changed = np.minimum(shared.left_own, shared.right_own)
    frame = shared.frame / np.maximum(np.maximum(shared.left_frame, shared.right_frame), 1)
    share = changed / np.maximum(changed + shared.same, 1)
    forms: NDArray[np.bool_] = np.any([(changed >= n) & (share >= s) & (frame >= f) for n, s, f in FORMS], axis=0)
    return forms


def _are_lists(shared: Shared) -> NDArray[np.bool_]:
    """Return which stretches are lists."""
    left = shared.left_frame <= (1 - LISTED) * shared.left_words
    right = shared.right_frame <= (1 - LISTED) * shared.right_words
    lists: NDArray[np.bool_] = left & right
    return lists


@helper
def _find(code: np.uint32, stamp: int, codes: NDArray[np.uint32], stamps: NDArray[np.int64]) -> np.int64:
    """Return the slot of a code, or the free one where it belongs."""
    slot = np.int64(code) & (len(codes) - 1)
    while stamps[slot] == stamp and codes[slot] != code:
        slot = (slot + 1) & (len(codes) - 1)
    return slot


@kernel(
    void,
    reads(u4),
    reads(u1),
    reads(u1),
    reads(i8),
    reads(u4),
    reads(u4),
    reads(u4),
    reads(u4),
    reads(u4),
    reads(u4),
    reads(i8),
    writes(i4, 2),
)
def _look(
    codes: NDArray[np.uint32],
    weights: NDArray[np.uint8],
    marks: NDArray[np.uint8],
    text_bounds: NDArray[np.int64],
    left_rows: NDArray[np.uint32],
    right_rows: NDArray[np.uint32],
    left_begins: NDArray[np.uint32],
    left_ends: NDArray[np.uint32],
    right_begins: NDArray[np.uint32],
    right_ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    table: NDArray[np.int32],
) -> None:
    """Enter the words of both sides into one hash table: counts and what each side has a word as.

    Where neither side has a name, as in scripts without capitals, numbers are told apart by what they count as well.
    """
    most = np.int64(1)
    for stretch in range(len(bounds) - 1):
        words = np.int64(0)
        for p in range(bounds[stretch], bounds[stretch + 1]):
            words += np.int64(left_ends[p] - left_begins[p]) + np.int64(right_ends[p] - right_begins[p])
        most = max(most, words)
    slots = np.int64(2)
    while slots < 2 * most:
        slots *= 2
    known, stamps = np.empty(slots, np.uint32), np.zeros(slots, np.int64)
    left_count, right_count = np.empty(slots, np.int32), np.empty(slots, np.int32)
    kinds = np.empty(slots, np.uint8)  # 1, 2: a particular of the left, right side; 4, 8: loose in the left, right one
    entered = np.empty(most, np.int64)
    for stretch in range(len(bounds) - 1):
        stamp, n = stretch + 1, 0
        named = False
        for p in range(bounds[stretch], bounds[stretch + 1]):
            for side in range(2):
                first = text_bounds[left_rows[p]] if side == 0 else text_bounds[right_rows[p]]
                begin = first + np.int64(left_begins[p] if side == 0 else right_begins[p])
                end = first + np.int64(left_ends[p] if side == 0 else right_ends[p])
                for i in range(begin, end):
                    named |= (marks[i] & NAME) != 0
        for p in range(bounds[stretch], bounds[stretch + 1]):
            for side in range(2):
                first = text_bounds[left_rows[p]] if side == 0 else text_bounds[right_rows[p]]
                begin = first + np.int64(left_begins[p] if side == 0 else right_begins[p])
                end = first + np.int64(left_ends[p] if side == 0 else right_ends[p])
                for i in range(begin, end):
                    code = codes[i]
                    if not named and (weights[i] & NUMBER) != 0 and i + 1 < end:
                        code = np.uint32(code ^ np.uint32(codes[i + 1] * np.uint32(0x9E3779B1)))
                    slot = _find(code, stamp, known, stamps)
                    if stamps[slot] != stamp:
                        stamps[slot], known[slot] = stamp, code
                        left_count[slot] = right_count[slot] = 0
                        kinds[slot] = 0
                        entered[n] = slot
                        n += 1
                    mark, weight = marks[i], weights[i]
                    table[stretch, side] += 1
                    table[stretch, 2 + side] += (mark & QUOTED) != 0
                    table[stretch, 4 + side] += (mark & NOTICE) != 0
                    particular = (mark & NAME) != 0 or (weight & NUMBER) != 0
                    if particular:
                        kinds[slot] |= np.uint8(1 << side)
                    if mark & (QUOTED | NOTICE) == 0 and (weight & 0x7F) >= CONTENT:
                        kinds[slot] |= np.uint8(4 << side)
                    if side == 0:
                        left_count[slot] += 1
                    else:
                        right_count[slot] += 1
        for k in range(n):
            slot = entered[k]
            table[stretch, 6] += kinds[slot] & 12 == 12
            if kinds[slot] & 3:
                if left_count[slot] > 0 and right_count[slot] > 0:
                    table[stretch, 7] += 1
                elif left_count[slot] > 0:
                    table[stretch, 8] += 1
                else:
                    table[stretch, 9] += 1
            else:
                table[stretch, 10] += min(left_count[slot], right_count[slot])
                table[stretch, 11] += left_count[slot]
                table[stretch, 12] += right_count[slot]
