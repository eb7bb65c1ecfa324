"""Where words stand, in two bytes a word: LEB128 numbers, the code points before each word and those in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transforms.kernels import i8, kernel, reads, u1, u4, void, writes


def pack(
    begins: NDArray[np.uint32], ends: NDArray[np.uint32], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the packed places of the words of n articles, and the n + 1 bounds of each article's bytes."""
    out = np.empty(10 * len(begins), np.uint8)
    out_bounds = np.zeros(len(bounds), np.int64)
    n = _pack(begins, ends, bounds, out, out_bounds)
    return out[:n].copy(), out_bounds


def unpack(
    packed: NDArray[np.uint8], packed_bounds: NDArray[np.int64], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the begins and ends that `pack` was given; article i has bounds[i + 1] - bounds[i] words."""
    begins, ends = np.empty(int(bounds[-1]), np.uint32), np.empty(int(bounds[-1]), np.uint32)
    _unpack(packed, packed_bounds, bounds, begins, ends)
    return begins, ends


@kernel(i8, reads(u4), reads(u4), reads(i8), writes(u1), writes(i8))
def _pack(
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    out: NDArray[np.uint8],
    out_bounds: NDArray[np.int64],
) -> int:
    n = 0
    for article in range(len(bounds) - 1):
        last = np.uint32(0)
        for word in range(bounds[article], bounds[article + 1]):
            for number in (np.uint32(begins[word] - last), np.uint32(ends[word] - begins[word])):
                while number >= 128:
                    out[n] = number & 127 | 128
                    number >>= np.uint32(7)
                    n += 1
                out[n] = number
                n += 1
            last = ends[word]
        out_bounds[article + 1] = n
    return n


@kernel(void, reads(u1), reads(i8), reads(i8), writes(u4), writes(u4))
def _unpack(
    packed: NDArray[np.uint8],
    packed_bounds: NDArray[np.int64],
    bounds: NDArray[np.int64],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
) -> None:
    for article in range(len(bounds) - 1):
        at = packed_bounds[article]
        point = np.uint32(0)
        for word in range(bounds[article], bounds[article + 1]):
            for side in range(2):
                shift = np.uint32(0)
                while True:
                    byte = np.uint32(packed[at])
                    at += 1
                    point += np.uint32((byte & np.uint32(127)) << shift)
                    shift += np.uint32(7)
                    if byte < 128:
                        break
                if side == 0:
                    begins[word] = point
                else:
                    ends[word] = point
