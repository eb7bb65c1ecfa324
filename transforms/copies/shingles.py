"""Shingles: the hashed word 5-grams by which copies are told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.kernels import i8, kernel, reads, u4, u8, void, writes

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


def distinct(shingles: Shingles) -> Shingles:
    """Return each article's shingles sorted, every one once: its set."""
    hashes = np.empty_like(shingles.hashes)
    bounds = np.empty_like(shingles.bounds)
    n = _sort(shingles.hashes, shingles.bounds, hashes, bounds)
    return Shingles(hashes[:n], bounds)


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


@kernel(i8, reads(u8), reads(i8), writes(u8), writes(i8))
def _sort(
    hashes: NDArray[np.uint64], bounds: NDArray[np.int64], out: NDArray[np.uint64], out_bounds: NDArray[np.int64]
) -> int:
    """Fill out and its bounds with each article's distinct hashes in order; return how many there are."""
    n = 0
    out_bounds[0] = 0
    for article in range(len(bounds) - 1):
        ordered = np.sort(hashes[bounds[article] : bounds[article + 1]])
        for k in range(len(ordered)):
            if k == 0 or ordered[k] != ordered[k - 1]:
                out[n] = ordered[k]
                n += 1
        out_bounds[article + 1] = n
    return n
