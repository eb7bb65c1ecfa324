"""Two texts compared, with no lake: the passages they share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.transforms.similarity.anchors import find_anchors
from wirecopy.transforms.similarity.passages import Hits, Places, Words, find_passages, place
from wirecopy.transforms.text.rarity import weigh
from wirecopy.transforms.text.tokens import tokenize


class Passage(NamedTuple):
    """A passage that two texts share, possibly edited.

    Attributes:
        a_begin, a_end: its code points in the first text.
        b_begin, b_end: its code points in the second text.
        n_words: words of the passage in the first text.
        identity: share of aligned words that are equal.
        score: alignment score, in deci-nats of rarity.
    """

    a_begin: int
    a_end: int
    b_begin: int
    b_end: int
    n_words: int
    identity: float
    score: int


def compare(text_a: str, text_b: str, language_a: str | None = None, language_b: str | None = None) -> list[Passage]:
    """Return the passages that two texts share, in the order of the first text.

    They are those that the lake would hold for the two articles. Exchanging the texts exchanges the spans.

    Args:
        text_a: the first text.
        text_b: the second text.
        language_a: BCP-47 tag of the first text; None where it is not known.
        language_b: BCP-47 tag of the second text.
    """
    tokens = tokenize(pa.array([text_a, text_b], pa.string()))
    words = Words(tokens.stems, weigh(tokens.words, tokens.bounds, [language_a, language_b]), tokens.bounds)
    places = Places(tokens.begins, tokens.ends, tokens.bounds)
    at_a, at_b = _common_anchors(words, places)
    row = np.arange(2, dtype=np.uint32)
    hits = Hits(row[:1], row[1:], np.array([0, len(at_a)], np.int64), at_a, at_b)
    found = find_passages(words, words, hits)
    found = place(found, places, np.zeros_like(found.pair), np.ones_like(found.pair))
    longer = np.maximum(found.left_words, found.right_words)
    columns = (
        found.left_begin,
        found.left_end,
        found.right_begin,
        found.right_end,
        found.left_words,
        found.matched / longer,
        found.score,
    )
    return sorted(Passage(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def _common_anchors(words: Words, places: Places) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return where the two articles hold each anchor that both hold."""
    anchors = find_anchors(words.stems, words.weights, *places)
    split = int(np.searchsorted(anchors.articles, 1))
    _, in_a, in_b = np.intersect1d(
        anchors.hashes[:split], anchors.hashes[split:], assume_unique=True, return_indices=True
    )
    return anchors.positions[:split][in_a], anchors.positions[split:][in_b]
