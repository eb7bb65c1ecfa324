"""Where words stand, in a byte or so a word: LEB128 numbers.

The first says how many code points are in the word, its lowest bit whether there is one code point before it, as mostly
between words; where there is not, a second number says how many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i8, kernel, reads, u1, u4, void, writes


def pack(
    begins: NDArray[np.uint32], ends: NDArray[np.uint32], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the packed places of the words of n articles, and the n + 1 bounds of each article's bytes."""
    out = np.empty(10 * len(begins), np.uint8)
    out_bounds = np.zeros(len(bounds), np.int64)
    _pack(begins, ends, bounds, out, out_bounds)
    return out[: out_bounds[-1]].copy(), out_bounds


def unpack(
    packed: NDArray[np.uint8],
    packed_bounds: NDArray[np.int64],
    rows: NDArray[np.int64],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
) -> None:
    """Write the begins and ends, as `pack` was given them, of the words of some articles, one after another."""
    _unpack(packed, packed_bounds, rows, begins, ends)


@helper
def _put(number: np.uint32, out: NDArray[np.uint8], at: np.int64) -> np.int64:
    while number >= 128:
        out[at] = number & 127 | 128
        number >>= np.uint32(7)
        at += 1
    out[at] = number
    return at + 1


@kernel(void, reads(u4), reads(u4), reads(i8), writes(u1), writes(i8))
def _pack(
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    out: NDArray[np.uint8],
    out_bounds: NDArray[np.int64],
) -> None:
    at = np.int64(0)
    for article in range(len(bounds) - 1):
        last = np.uint32(0)
        for word in range(bounds[article], bounds[article + 1]):
            gap = np.uint32(begins[word] - last)
            at = _put(np.uint32(2 * (ends[word] - begins[word]) + (gap == 1)), out, at)
            if gap != 1:
                at = _put(gap, out, at)
            last = ends[word]
        out_bounds[article + 1] = at


@kernel(void, reads(u1), reads(i8), reads(i8), writes(u4), writes(u4))
def _unpack(
    packed: NDArray[np.uint8],
    packed_bounds: NDArray[np.int64],
    rows: NDArray[np.int64],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
) -> None:
    word = 0
    for row in rows:
        last, size, number, shift, has_size = np.uint32(0), np.uint32(0), np.uint32(0), np.uint32(0), False
        for at in range(packed_bounds[row], packed_bounds[row + 1]):
            number |= np.uint32(packed[at] & 127) << shift
            shift += np.uint32(7)
            if packed[at] >= 128:
                continue
            if has_size or number & 1:
                begins[word] = last + (number if has_size else np.uint32(1))
                ends[word] = last = begins[word] + (size if has_size else number >> np.uint32(1))
                word += 1
                has_size = False
            else:
                size, has_size = number >> np.uint32(1), True
            number, shift = np.uint32(0), np.uint32(0)
