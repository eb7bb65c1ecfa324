"""Lines among a text's first that hold nothing but names: bylines without a word that says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from wirecopy.transforms.extract.authors import names
from wirecopy.transforms.extract.language import languages
from wirecopy.transforms.text.rarity import weigh
from wirecopy.transforms.text.tokens import tokenize

HEAD_LINES = 6
MAX_LINE = 80
RARE, UNCOMMON = 67, 32
"""Weights (of `transforms.text.rarity`): a name has a word of the first at least, and none below the second."""

_NAME = re.compile(r"(?:[^\W\d_][\w.'’-]*\s+){1,2}[^\W\d_][\w'’-]+")


def name_line(headline: str | None, lines: Sequence[str], declared: str | None) -> str | None:
    """Return the first of a text's first lines that names people and says nothing else; None where none does.

    Names are two or three capitalised words, of which one at least is rare in the language of the text and none is
    common: what is common makes a heading. People whom headline or text speak of are those in a picture.

    Args:
        headline: the article's headline.
        lines: its text.
        declared: BCP-47 tag that the page declares.
    """
    for line in lines[:HEAD_LINES]:
        people = names([line]) if len(line) <= MAX_LINE and line[-1:].isalpha() else []
        if people and all(map(_is_written_as_name, people)):
            rest = " ".join([headline or "", *(other for other in lines if other != line)]).casefold()
            spoken_of = any(word in rest for name in people for word in name.casefold().split() if len(word) > 2)
            if not spoken_of and _is_rare(people, lines, declared):
                return line
    return None


def _is_written_as_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and all(word[0].isupper() for word in text.split())


def _is_rare(people: Sequence[str], lines: Sequence[str], declared: str | None) -> bool:
    text = "\n".join([*people, *lines])
    [language] = languages([text], [declared])
    words = tokenize(pa.array([*people, text]))
    weights = weigh(
        words.words[words.bounds[len(people)] :], np.array([0, words.bounds[-1] - words.bounds[-2]]), [language]
    )
    lengths = np.diff(words.bounds)[: len(people)]
    return all(
        of_name.max() >= RARE and of_name.min() >= UNCOMMON
        for of_name in np.split(weights[: lengths.sum()], np.cumsum(lengths)[:-1])
    )
