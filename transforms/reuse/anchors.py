"""Anchors: word 3-grams rare enough that two articles seldom share one by chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Anchors(NamedTuple):
    """Anchors of many articles, in the order of articles and positions.

    Attributes:
        hashes: u64[n], hash of the three stems.
        articles: u32[n], row of the article.
        positions: u32[n], first word of the anchor, in words from the article's first.
    """

    hashes: NDArray[np.uint64]
    articles: NDArray[np.uint32]
    positions: NDArray[np.uint32]


def find_anchors(stems: NDArray[np.uint32], weights: NDArray[np.uint8], bounds: NDArray[np.int64]) -> Anchors:
    """Return the rare word 3-grams of each article: those whose weights sum to `ANCHOR_RARITY` or more."""
    raise NotImplementedError
