"""Two texts word by word: which words stand in both, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import pyarrow as pa

from wirecopy.transforms.text.tokens import tokenize


class Cut(NamedTuple):
    """The words of a text.

    Attributes:
        codes: what each word is; two that are visibly the same have one code.
        begins, ends: the code points of each.
    """

    codes: list[int]
    begins: list[int]
    ends: list[int]


class Block(NamedTuple):
    """The same n words: of one text from word a on, of the other from word b on."""

    a: int
    b: int
    n: int


def cut(text: str) -> Cut:
    """Return the words of a text."""
    tokens = tokenize(pa.array([text], pa.string()))
    return Cut(tokens.words.tolist(), tokens.begins.tolist(), tokens.ends.tolist())


def blocks(a: Sequence[int], b: Sequence[int]) -> list[Block]:
    """Return the words that two stretches share, in an order that both have (Ratcliff and Obershelp, 1988)."""
    found = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    return [Block(*block) for block in found if block.size]
