"""Which article of a pair is a copy of the other as a whole, and which merely holds it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.transforms.columns import Array
from wirecopy.transforms.provenance.origin import SECOND
from wirecopy.transforms.provenance.takes import TAKE

JACCARD = 0.45 - 1e-6
"""Jaccard from which each of two articles is a copy of the other, whichever is longer; of float32."""
WHOLE = 0.85
"""Share of an article's words that stand in passages of another from which it is a copy as a whole, though too many of
these were changed, read wrong or moved for the 5-grams to show it."""
CUT_WITHIN = 86_400 * SECOND
"""Microseconds before a fuller text within which a piece of it is taken for a cut of it rather than for its source."""


def is_whole(copy: Array, jaccard: Array, words: Array, other_words: Array, share: Array) -> Array:
    """Return which articles are copies of the others as a whole, an array each.

    An article that holds a shorter one among other text, as a feature holds an agency's brief, took a passage.

    Args:
        copy: bool, the two make a copy.
        jaccard: of their 5-grams.
        words, other_words: length of the article and of the other.
        share: of the article's words that stand in shared passages.
    """
    whole: Array = (copy & ((jaccard >= JACCARD) | (words <= other_words))) | (share >= WHOLE)
    return whole


def cuts(copy: Array, jaccard: Array, ends: tuple[Array, Array], words: Array, rank: Array, told: Array) -> Array:
    """Return which of n articles are pieces of a fuller text of the day, such as what stands before a paywall.

    Who prints a piece minutes earlier is not where the whole comes from.

    Args:
        copy, jaccard: of the pairs.
        ends: i64[pairs] each, the two articles of each pair.
        words: i64[n], the articles' lengths.
        rank: i64[n], their standing: an agency's brief is no piece of the feature that prints it.
        told: i64[n], when they were published; a pair without a time for both has none in common.
    """
    small, large = np.where(words[ends[0]] <= words[ends[1]], ends, ends[::-1])
    is_cut = copy & (jaccard < JACCARD) & (words[small] < words[large]) & (rank[small] == rank[large])
    is_cut &= np.abs(told[small] - told[large]) <= CUT_WITHIN
    found = np.zeros(len(words), bool)
    found[small[is_cut]] = True
    return found


def linking(pairs: pa.Table) -> pa.Array:
    """Return which pairs may make one article a whole copy of the other: the links along which clusters depend."""
    shares = (pc.greater_equal(pairs[name], WHOLE) for name in ("src_coverage", "dst_coverage"))
    of_kind = pc.is_in(pairs["relation"], pa.array(["copy", TAKE]))
    return pc.or_(of_kind, pc.or_(*shares))
