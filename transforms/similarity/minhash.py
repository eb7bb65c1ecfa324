"""MinHash signatures cut into bands: articles that share a band may be copies of each other.

Broder (1997), On the resemblance and containment of documents; bands as in Leskovec, Rajaraman and Ullman, Mining of
Massive Datasets, ch. 3. Two articles of Jaccard j share one of 32 bands of 4 rows with probability 1 - (1 - j^4)^32:
.74 at .45, .87 at .5, .99 at .6. What bands miss, anchors find; what they find is verified exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import i8, kernel, reads, u4, u8, void, writes
from wirecopy.transforms.text.shingles import Shingles

HASHES = 128
BANDS = 32
ROWS = HASHES // BANDS

_FACTORS, _TERMS = np.random.PCG64(1997).random_raw(2 * HASHES).astype(np.uint32).reshape(2, HASHES)
_FACTORS |= np.uint32(1)


def sign(shingles: Shingles) -> NDArray[np.uint32]:
    """Return the MinHash signatures u32[n, 128] of n articles; all ones where an article has no shingle."""
    signatures = np.empty((len(shingles.bounds) - 1, HASHES), np.uint32)
    _sign(shingles.hashes, shingles.bounds, _FACTORS, _TERMS, signatures)
    return signatures


def band_keys(signatures: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the hashes u32[n, 32] of each signature's bands; the same rows make another key in another band."""
    keys = np.empty((len(signatures), BANDS), np.uint32)
    _band(signatures, keys)
    return keys


def find_bands(shingles: Shingles) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the band keys of n articles, one article's after another, and their n + 1 bounds.

    An article has 32 of them, or none where it has no shingle.
    """
    has_shingles = np.diff(shingles.bounds) > 0
    bounds = np.concatenate([[0], np.cumsum(has_shingles * BANDS)]).astype(np.int64)
    return band_keys(sign(shingles))[has_shingles].ravel(), bounds


@kernel(void, reads(u8), reads(i8), reads(u4), reads(u4), writes(u4, 2))
def _sign(
    hashes: NDArray[np.uint64],
    bounds: NDArray[np.int64],
    factors: NDArray[np.uint32],
    terms: NDArray[np.uint32],
    signatures: NDArray[np.uint32],
) -> None:
    for article in range(len(bounds) - 1):
        signature = signatures[article]
        signature[:] = np.uint32(0xFFFFFFFF)
        for k in range(bounds[article], bounds[article + 1]):
            low = np.uint32(hashes[k])
            for row in range(HASHES):
                value = np.uint32(low * factors[row] + terms[row])
                signature[row] = min(signature[row], value)


@kernel(void, reads(u4, 2), writes(u4, 2))
def _band(signatures: NDArray[np.uint32], keys: NDArray[np.uint32]) -> None:
    for article in range(len(signatures)):
        for band in range(BANDS):
            state = np.uint64(band + 1)
            for row in range(band * ROWS, band * ROWS + ROWS):
                state = (state ^ np.uint64(signatures[article, row])) * np.uint64(0x9E3779B97F4A7C15)
                state ^= state >> np.uint64(32)
            keys[article, band] = np.uint32(state)
