"""Anchors: runs of words so rare that two articles seldom share one by chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import i8, kernel, reads, u1, u4, u8, writes
from wirecopy.transforms.text.rarity import CONTENT

ANCHOR_RARITY = 80
"""Least rarity of an anchor, in deci-nats: chance brings it into about one of 3,000 articles."""

ANCHOR_WORDS = 3
"""Least words of an anchor."""

MOST_ANCHOR_WORDS = 6
"""Most words of an anchor, where words are longer than a character."""

MOST_ANCHOR_CHARACTERS = 12
"""Code points that an anchor of more words may span: seven words with spaces between them are never that short."""


class Anchors(NamedTuple):
    """Anchors of many articles, in the order of articles and positions.

    Attributes:
        hashes: u64[n], hash of the anchor's stems.
        articles: u32[n], row of the article.
        positions: u32[n], first word of the anchor, in words from the article's first.
    """

    hashes: NDArray[np.uint64]
    articles: NDArray[np.uint32]
    positions: NDArray[np.uint32]


def find_anchors(
    stems: NDArray[np.uint32],
    weights: NDArray[np.uint8],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
) -> Anchors:
    """Return the anchors of each article.

    At each content word an anchor begins: the shortest run of three to six stems whose rarities sum to `ANCHOR_RARITY`,
    if there is one; in scripts without spaces, of three to twelve characters. Where words are common, anchors are
    longer; a run of common words alone is none. So an anchor is as telling in one passage, language or script as in
    another, which a fixed n-gram is not. What an article repeats is an anchor where it first stands, so that two
    articles have each anchor in common once.

    Args:
        stems: u32[n], stems of the words of many articles.
        weights: u8[n], their rarities, as `transforms.text.rarity.weigh` makes them.
        begins, ends: u32[n], first code point of each word in its text, and the one after its last.
        bounds: i64[articles + 1], article i holds words bounds[i] to bounds[i + 1].
    """
    hashes = np.empty(len(stems), np.uint64)
    articles, positions = np.empty(len(stems), np.uint32), np.empty(len(stems), np.uint32)
    n = _find(stems, weights, begins, ends, bounds, CONTENT, hashes, articles, positions)
    return Anchors(hashes[:n].copy(), articles[:n].copy(), positions[:n].copy())


@kernel(i8, reads(u4), reads(u1), reads(u4), reads(u4), reads(i8), i8, writes(u8), writes(u4), writes(u4))
def _find(
    stems: NDArray[np.uint32],
    weights: NDArray[np.uint8],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    content: int,
    hashes: NDArray[np.uint64],
    articles: NDArray[np.uint32],
    positions: NDArray[np.uint32],
) -> int:
    """Fill hashes, articles and positions; return the number of anchors."""
    longest = 1
    for article in range(len(bounds) - 1):
        longest = max(longest, bounds[article + 1] - bounds[article])
    slots = 1
    while slots < 2 * longest:
        slots *= 2
    known, known_by = np.empty(slots, np.uint64), np.zeros(slots, np.uint32)
    n = 0
    for article in range(len(bounds) - 1):
        first, end = bounds[article], bounds[article + 1]
        for begin in range(first, end - ANCHOR_WORDS + 1):
            if np.int64(weights[begin] & np.uint8(0x7F)) < content:
                continue
            stop, rarity = begin, np.int64(0)
            most = np.int64(begins[begin]) + MOST_ANCHOR_CHARACTERS
            while stop < end and (stop < begin + ANCHOR_WORDS or rarity < ANCHOR_RARITY):
                if stop >= begin + MOST_ANCHOR_WORDS and np.int64(ends[stop]) > most:
                    break
                rarity += np.int64(weights[stop] & np.uint8(0x7F))
                stop += 1
            if rarity < ANCHOR_RARITY:
                continue
            state = np.uint64(stop - begin)
            for i in range(begin, stop):
                state = (state ^ np.uint64(stems[i])) * np.uint64(0x9E3779B97F4A7C15)
                state ^= state >> np.uint64(29)
            state *= np.uint64(0xBF58476D1CE4E5B9)
            state ^= state >> np.uint64(32)
            slot = np.int64(state & np.uint64(slots - 1))
            while known_by[slot] == article + 1 and known[slot] != state:
                slot = (slot + 1) & (slots - 1)
            if known_by[slot] == article + 1:
                continue
            known[slot], known_by[slot] = state, article + 1
            hashes[n], articles[n], positions[n] = state, article, begin - first
            n += 1
    return n
