"""A text cut where its passages begin and end, so that a page can colour them."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from wirecopy.pipelines.pages.words import plain


class Piece(NamedTuple):
    """A stretch of a text.

    Attributes:
        words: the stretch, fit for a page.
        span: the place of the passage it belongs to among those given, None where it belongs to none.
        opens: whether the passage begins here.
    """

    words: str
    span: int | None
    opens: bool


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return a text in pieces, in order; joined they are the text.

    Args:
        text: the text.
        spans: begin and end of passages, in code points. Where two overlap, the earlier given has the words.
    """
    ends = sorted({0, len(text), *(min(max(at, 0), len(text)) for span in spans for at in span)})
    opened: set[int] = set()
    cut = []
    for begin, end in itertools.pairwise(ends):
        of = next((n for n, (first, last) in enumerate(spans) if first <= begin < last), None)
        cut.append(Piece(plain(text[begin:end]), of, of is not None and of not in opened))
        if of is not None:
            opened.add(of)
    return cut


def takers(text: str, spans: Sequence[tuple[int, int, object]]) -> list[tuple[str, int]]:
    """Return a text in pieces, each with the number of takers that have it.

    Args:
        text: the text.
        spans: begin and end of each passage that was taken, in code points, and who took it.
    """
    ends = sorted({0, len(text), *(min(max(at, 0), len(text)) for first, last, _ in spans for at in (first, last))})
    cut: list[tuple[str, int]] = []
    for begin, end in itertools.pairwise(ends):
        holding = len({taker for first, last, taker in spans if first <= begin < last})
        words = plain(text[begin:end])
        if cut and cut[-1][1] == holding:
            cut[-1] = cut[-1][0] + words, holding
        else:
            cut.append((words, holding))
    return cut


def same_words(a: str, b: str) -> list[list[int]]:
    """Return where two versions of a text have the same words: begin and end in each, in code points, and 100."""
    places = [[(one.start(), one.end()) for one in re.finditer(r"\S+", text)] for text in (a, b)]
    words = [[text[begin:end] for begin, end in cut] for text, cut in zip((a, b), places, strict=True)]
    blocks = difflib.SequenceMatcher(None, words[0], words[1], autojunk=False).get_matching_blocks()
    return [
        [places[0][i][0], places[0][i + n - 1][1], places[1][j][0], places[1][j + n - 1][1], 100]
        for i, j, n in blocks
        if n
    ]
