"""Standing notices in a text, told by their wording: safe-harbour paragraphs, disclaimers, what companies say of
themselves under their releases."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


class _Wording(NamedTuple):
    legal: tuple[str, ...]
    heads: tuple[str, ...]
    about: tuple[str, ...]


_GAP = 600
"""Code points between two phrases of one notice, at most."""
_HEAD = 90
"""Code points of a line that stands over a notice, at most."""
_TELLING = 2
"""Different phrases that make a notice."""
_ABOUT = 1_500
"""Code points that a company says of itself, at most."""
_SENTENCE_END = re.compile(r"[.!?…。！？][\"”»)\]]*\s+|[。！？]|\n")


@cache
def _wording() -> _Wording:
    data = tomllib.loads(files(__package__).joinpath("notices.toml").read_text("utf-8"))
    legal = tuple(dict.fromkeys(phrase for phrases in data["legal"].values() for phrase in phrases))
    return _Wording(legal, tuple(data["about"]["heads"]), tuple(data["about"]["phrases"]))


@cache
def _any_of() -> tuple[str, str]:
    """Return regular expressions of Arrow for a phrase of a legal notice, and for a line that stands over one."""
    known = _wording()
    legal, heads = ("|".join(map(re.escape, phrases)).replace("\\ ", " ") for phrases in (known.legal, known.heads))
    return legal, rf"(?m)^[ \t]*(?:{heads})"


def may_hold(texts: pa.Array) -> NDArray[np.bool_]:
    """Return which texts may hold a notice, with one look at each; null holds none."""
    lowered = pc.utf8_lower(texts.fill_null(""))
    held = [pc.match_substring_regex(lowered, pattern) for pattern in _any_of()]
    return pc.or_(*held).to_numpy(zero_copy_only=False)


def notices(text: str) -> list[tuple[int, int]]:
    """Return the spans of standing notices in a text, code points begin to end, in order and apart."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(letter if len(letter.lower()) > 1 else letter.lower() for letter in text)
    found = sorted([*_legal(lowered), *_about(lowered, text)])
    joined: list[tuple[int, int]] = []
    for begin, end in found:
        if joined and begin <= joined[-1][1] + 2:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _legal(text: str) -> list[tuple[int, int]]:
    held = [phrase for phrase in _wording().legal if phrase in text]
    if len(held) < _TELLING:
        return []
    places = sorted((match.start(), phrase) for phrase in held for match in re.finditer(re.escape(phrase), text))
    found = []
    first = 0
    for n in range(1, len(places) + 1):
        if n < len(places) and places[n][0] - places[n - 1][0] <= _GAP:
            continue
        if len({phrase for _, phrase in places[first:n]}) >= _TELLING:
            found.append((_sentence_begin(text, places[first][0]), _sentence_end(text, places[n - 1][0])))
        first = n
    return found


def _about(text: str, cased: str) -> list[tuple[int, int]]:
    """Return what stands under a line such as `About Orchard Savings`, or behind it, and speaks of a company.

    The text is given in lower case and as it stands.
    """
    found = []
    at = 0
    lines = []
    for line in text.split("\n"):
        if line.strip():
            lines.append((at + len(line) - len(line.lstrip()), at + len(line.rstrip())))
        at += len(line) + 1
    heads, phrases = _wording().heads, _wording().about
    reached = 0
    for n, (begin, end) in enumerate(lines):
        if begin < reached or not text.startswith(heads, begin, end) or not _names(text, cased, begin):
            continue
        until = end
        if end - begin <= _HEAD and text[end - 1] not in ".!?":
            for other_begin, other in lines[n + 1 :]:
                if other - begin > _ABOUT or (until > end and _is_head(text, other_begin, other)):
                    break
                until = other
        words = text[begin:until]
        if sum(phrase in words for phrase in phrases) >= _TELLING:
            found.append((begin, until))
            reached = until
    return found


def _names(text: str, cased: str, begin: int) -> bool:
    """Say whether a name follows where the line's beginning asks for one: `About Orchard`, not `About 40`."""
    head = next(head for head in _wording().heads if text.startswith(head, begin))
    behind = cased[begin + len(head) : begin + len(head) + 1]
    return head[-1] != " " or behind.isupper()


def _is_head(text: str, begin: int, end: int) -> bool:
    return end - begin <= _HEAD and text[end - 1] not in '.!?"”»'


def _sentence_begin(text: str, at: int) -> int:
    begin = 0
    for match in _SENTENCE_END.finditer(text, max(0, at - 1_000), at):
        begin = match.end()
    return begin if begin else max(0, at - 1_000)


def _sentence_end(text: str, at: int) -> int:
    match = _SENTENCE_END.search(text, at)
    return match.start() + 1 if match else len(text)
