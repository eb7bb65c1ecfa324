"""Whose each word is: every word range of a text goes to the article that first has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_WORDS = 12
"""A stretch of fewer words that an earlier source leaves over is no passage of its own: passages end a few words early
or late, and these belong to the neighbour or to nobody."""

BRIDGE_WORDS, BRIDGE_CHARS = 24, 200
"""Between two passages of one source that follow each other alike in both texts, so many words of the one and code
points of the other are changed words of one passage."""


class Shared(NamedTuple):
    """Words of a text that stand, possibly edited, in an article.

    Attributes:
        begin, end: first word and the one after the last, in the text.
        other_begin, other_end: code points in the article's text.
        matched: words that both have alike.
        is_quote: it is shown as what somebody said.
    """

    begin: int
    end: int
    other_begin: int
    other_end: int
    matched: float
    is_quote: bool


class Claim(NamedTuple):
    """A stretch of words, begin to end, that is a holder's, and the passage in which it stands there."""

    begin: int
    end: int
    holder: int
    shared: Shared


def claim(n_words: int, holders: Sequence[Sequence[Shared]]) -> list[Claim]:
    """Return whose the words of a text are, in order; stretches do not overlap.

    Args:
        n_words: words of the text.
        holders: what each article shares with it, the article that had its words first before the others.
    """
    taken = np.full(n_words, -1, np.int64)
    found: list[Claim] = []
    for number, passages in enumerate(holders):
        for shared in passages:
            for begin, end in list(_free(taken, shared.begin, shared.end)):
                whole = begin == shared.begin and end == shared.end
                if not whole and end - begin < LEAST_WORDS:
                    continue
                taken[begin:end] = number
                found.append(Claim(begin, end, number, shared))
    return sorted(found)


def bridged(passages: Sequence[Shared]) -> list[Shared]:
    """Return the passages of one article, in the order of the text, with those joined that only changed words part."""
    out: list[Shared] = []
    for shared in sorted(passages):
        last = out[-1] if out else None
        if (
            last
            and 0 <= shared.begin - last.end <= BRIDGE_WORDS
            and 0 <= shared.other_begin - last.other_end <= BRIDGE_CHARS
        ):
            out[-1] = last._replace(
                end=shared.end,
                other_end=shared.other_end,
                matched=last.matched + shared.matched,
                is_quote=last.is_quote and shared.is_quote,
            )
        else:
            out.append(shared)
    return out


def _free(taken: NDArray[np.int64], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of words from begin to end that nobody has yet."""
    free = np.concatenate([[False], taken[begin:end] < 0, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(free)) + begin
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
