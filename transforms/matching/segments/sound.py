"""Whether kernels may read a segment that was opened: every number in it that points somewhere points into it.

Kernels look at no bounds, which would cost in their loops and at every lookup; so all that they read from files is
looked at once, when it is opened.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import b1, i4, i8, kernel, reads, u1, u8
from wirecopy.transforms.matching.segments.arrays import is_aligned
from wirecopy.transforms.matching.segments.postings import Postings

MOST = np.iinfo(np.int32).max
"""No article has more words or code points; kernels pack two places of words into 64 bits with a sign."""


def check_postings(postings: Postings, n: int, what: str, placed: bool) -> None:
    """Raise ValueError unless postings are in order, their articles are among n, and all or none of them have places.

    Args:
        postings: what was opened.
        n: how many articles there are.
        what: what they are called in the error.
        placed: they must say where an article holds a key.
    """
    entries, positions = postings
    if not is_aligned(entries) or not is_aligned(positions) or len(positions) != (len(entries) if placed else 0):
        raise ValueError(f"{what} and their positions do not fit each other")
    if positions.max(initial=0) > MOST:
        raise ValueError(f"{what} stand behind all words")
    if not _are_ordered(entries, n):
        raise ValueError(f"{what} are not in order, or name articles that are not there")


def check_rows(rows: NDArray[np.uint32], n: int, what: str) -> None:
    """Raise ValueError unless rows are n of n articles."""
    if len(rows) != n or rows.max(initial=0) >= max(n, 1):
        raise ValueError(f"{what} are not the rows of {n:,} articles")


def check_words(
    words: tuple[NDArray[np.uint8], NDArray[np.int64]],
    spacing: tuple[NDArray[np.uint8], NDArray[np.int64]],
    n_words: NDArray[np.int32],
    vocabulary: NDArray[np.uint32],
) -> None:
    """Raise ValueError unless packed words and their places are whole, as many as each article has, and known."""
    arrays = (*words, *spacing, n_words, vocabulary)
    if not all(is_aligned(array) for array in arrays):
        raise ValueError("words do not lie as they must")
    if not _are_words(*words, n_words, len(vocabulary)):
        raise ValueError("words are not those of the vocabulary")
    if not _are_places(*spacing, n_words):
        raise ValueError("places of words do not fit the words")


@kernel(b1, reads(u8), i8)
def _are_ordered(entries: NDArray[np.uint64], n: int) -> bool:
    good = True
    last = np.uint64(0)
    for k in range(len(entries)):
        good &= (entries[k] & np.uint64(0xFFFFFFFF) < np.uint64(n)) & (last <= entries[k])
        last = entries[k]
    return good


@kernel(b1, reads(u1), reads(i8), reads(i4), i8)
def _are_words(packed: NDArray[np.uint8], bounds: NDArray[np.int64], n_words: NDArray[np.int32], known: int) -> bool:
    for row in range(len(n_words)):
        number, shift, count = np.int64(0), np.int64(0), 0
        for at in range(bounds[row], bounds[row + 1]):
            number |= np.int64(packed[at] & 127) << shift
            if packed[at] >= 128:
                shift += 7
                if shift > 28:
                    return False
                continue
            if number >= known:
                return False
            count += 1
            number, shift = np.int64(0), np.int64(0)
        if shift or count != n_words[row]:
            return False
    return True


@kernel(b1, reads(u1), reads(i8), reads(i4))
def _are_places(packed: NDArray[np.uint8], bounds: NDArray[np.int64], n_words: NDArray[np.int32]) -> bool:
    for row in range(len(n_words)):
        number, shift, count, end, size = np.int64(0), np.int64(0), 0, np.int64(0), np.int64(-1)
        for at in range(bounds[row], bounds[row + 1]):
            number |= np.int64(packed[at] & 127) << shift
            if packed[at] >= 128:
                shift += 7
                if shift > 28:
                    return False
                continue
            if size >= 0:
                end += number + size
                size = np.int64(-1)
                count += 1
            elif number & 1:
                end += 1 + (number >> 1)
                count += 1
            else:
                size = number >> 1
            if end > MOST:
                return False
            number, shift = np.int64(0), np.int64(0)
        if shift or size >= 0 or count != n_words[row]:
            return False
    return True
