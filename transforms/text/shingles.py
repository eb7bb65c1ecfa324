"""Shingles: the hashed word 5-grams by which copies are told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import i8, kernel, reads, u4, u8, void, writes

WIDTH = 5
"""Words in a shingle."""


class Shingles(NamedTuple):
    """The shingles of n articles; those of article i are [bounds[i], bounds[i + 1]).

    Attributes:
        hashes: u64, one a shingle.
        bounds: i64[n + 1].
    """

    hashes: NDArray[np.uint64]
    bounds: NDArray[np.int64]


def shingle(words: NDArray[np.uint32], bounds: NDArray[np.int64]) -> Shingles:
    """Return every word 5-gram of each article, in the order of the text; fewer than 5 words make no shingle.

    Args:
        words: u32, hashes of the words of n articles, one after another.
        bounds: i64[n + 1]; article i holds words bounds[i] to bounds[i + 1].
    """
    counts = np.maximum(np.diff(bounds) - (WIDTH - 1), 0)
    shingle_bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    hashes = np.empty(int(shingle_bounds[-1]), np.uint64)
    _hash(words, bounds, shingle_bounds, hashes)
    return Shingles(hashes, shingle_bounds)


@kernel(void, reads(u4), reads(i8), reads(i8), writes(u8))
def _hash(
    words: NDArray[np.uint32], bounds: NDArray[np.int64], shingle_bounds: NDArray[np.int64], hashes: NDArray[np.uint64]
) -> None:
    """Fill hashes by multilinear hashing (Lemire and Kaser, 2014), then xor-shift and multiply."""
    for article in range(len(bounds) - 1):
        begin = bounds[article]
        out = shingle_bounds[article]
        for k in range(shingle_bounds[article + 1] - out):
            at = begin + k
            state = np.uint64(0x8CB92BA72F3D8DD7)
            state += np.uint64(words[at]) * np.uint64(0x9E3779B97F4A7C15)
            state += np.uint64(words[at + 1]) * np.uint64(0xD1B54A32D192ED03)
            state += np.uint64(words[at + 2]) * np.uint64(0xABC98388FB8FAC03)
            state += np.uint64(words[at + 3]) * np.uint64(0x8CB92BA72F3D8DD7)
            state += np.uint64(words[at + 4]) * np.uint64(0xAAF66A6B2B6F0C95)
            state ^= state >> np.uint64(32)
            state *= np.uint64(0xD6E8FEB86659FD93)
            state ^= state >> np.uint64(32)
            hashes[out + k] = state
