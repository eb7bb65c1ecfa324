r"""Terms: what a search finds texts by. A form is a word as it is compared, a stem what the forms of a word share.

A word is a run of letters, marks and digits. `U.S.` and `AT&T` are words as well, beside those that they are made of,
and so that `U.S.` finds `US` a word of two to four capitals is also one with points. What follows an apostrophe and has
one letter (`Putin's`, `don't`) is none. Of scripts that put no spaces between words each two letters that follow each
other make a form, and the last letter of a run one more.

The macro `search` takes queries apart by the same rules, in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import snowballstemmer

from wirecopy.transforms.text.folding import UNSPACED, UNSPACED_LETTERS, folded

BETWEEN = r"[^\p{L}\p{M}\p{N}&.'’]+"
"""What parts the tokens of a text."""

_POINTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_JOINED = re.compile(r"[^\W_]{1,3}(?:&[^\W_]{1,3})+")
_DIGIT = re.compile(r"\d")
_PARTED = re.compile(r"[&.'’]+")
_TAIL = re.compile(r"(?<=\w)['’]\w(?!\w)")
_SPACELESS = "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in (*UNSPACED, *UNSPACED_LETTERS)) + "]"
_RUNS = re.compile(f"({_SPACELESS}+)")
_LANGUAGES = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "da": "danish", "nl": "dutch",
    "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french", "de": "german",
    "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian",
    "lt": "lithuanian", "ne": "nepali", "nb": "norwegian", "nn": "norwegian", "no": "norwegian", "fa": "persian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho",
    "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""The languages that Snowball has stems of, by their BCP-47 tags."""

_CHARS = 64
"""Letters of a form that count: what is longer is no word."""


def tokens(texts: pa.Array | pa.ChunkedArray) -> pa.ListArray:
    """Return the tokens of each text, null as a text without any: words with what may belong to them."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return pc.split_pattern_regex(pc.fill_null(column.cast(pa.large_string()), ""), BETWEEN)


class Term(NamedTuple):
    """A word of a text: its form, and how it is spelled where its language may have a stem of it, else None."""

    form: str
    spelled: str | None


@lru_cache(1 << 18)
def terms(token: str) -> tuple[Term, ...]:
    """Return the terms of a token, in the order in which they stand in it; one twice counts twice."""
    token = _TAIL.sub("", token.strip("&'’"))
    found: list[Term] = []
    if _POINTED.fullmatch(token) and token.count(".") + (token[-1] != ".") > 1:
        letters = fold(token.replace(".", ""))
        return (Term(letters, None), Term(".".join(letters), None)) if letters else ()
    token = token.strip(".")
    if _JOINED.fullmatch(token):
        found.append(Term(fold(token), None))
    for word in _PARTED.split(token):
        for run in (word,) if word.isascii() else _RUNS.split(word):
            found += _of_run(run) if run else ()
    return tuple(found)


def _of_run(run: str) -> Iterator[Term]:
    """Yield the terms of letters of which all or none are of a script without spaces."""
    form = fold(run)
    if _RUNS.fullmatch(run):
        yield from (Term(form[at : at + 2], None) for at in range(len(form)))
        return
    if form := form[:_CHARS]:
        yield Term(form, None if _DIGIT.search(run) else run.lower())
    if 2 <= len(run) <= 4 and run.isalpha() and run.isupper():
        yield Term(".".join(form), None)


def fold(word: str) -> str:
    """Return a word as it is compared: case, accents and compatibility forms make no other."""
    return word.lower() if word.isascii() else "".join(map(_folded, word))


@lru_cache(1 << 16)
def _folded(char: str) -> str:
    return "&" if char == "&" else folded(char)


@lru_cache(1 << 18)
def stem(word: str, language: str | None) -> str:
    """Return the stem of a word, as it is compared; its form where the language has no stems.

    Args:
        word: as it is spelled, in small letters: stemmers want its accents.
        language: a BCP-47 tag, None where it is not known.
    """
    stemmer = _stemmer((language or "").partition("-")[0].lower())
    return fold(stemmer.stemWord(word)) if stemmer else fold(word)


@cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    name = _LANGUAGES.get(language)
    return snowballstemmer.stemmer(name) if name else None
