"""What programs write where a value is missing, and lists that they write as text.

Spreadsheets, data frames and databases have no cell for nothing but an empty one: they write `nan`, `None`, `NULL`.
Some of these words are names as well, so which of them mean nothing depends on the field. `NAN` in capitals is the News
Agency of Nigeria, and Null a family's name.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST = 24
_NOTHING = frozenset(
    "nan NaN -nan -NaN NaT nat null NULL <NA> <na> <NULL> <null> <nil> <none> <None> N/A n/a #N/A #NA #NULL!"
    " #VALUE! #REF! #NAME? (null) (NULL) (none) undefined \\N pd.NA - -- --- – — [] {} () [None] [null]"
    " [nan] [''] [\"\"]".split()
)
"""Spellings that mean nothing in any field."""
_UNNAMED = frozenset("None none NONE NA n.a. N.A. nil Nil NIL N/a N.a.".split())
"""Spellings that mean nothing in a field of names; a headline may be one of them."""
_NO_WORD = frozenset("none null nan na n.a. nil n/a nat unknown 0000-00-00 0000-00-00t00:00:00 00:00:0000".split())
"""What means nothing, in any case, in a field that holds neither names nor headlines: a date, an address, an id."""
_HEADLINES = frozenset({"headline", "deck"})
_NAMES = frozenset("authors byline dateline slugline credit keywords section outlet_name outlet text html".split())

_QUOTED = r"[uUbBrR]?'(?:[^'\\]|\\.)*'|[uUbBrR]?\"(?:[^\"\\]|\\.)*\""
_ITEM = re.compile(
    rf"\s*(?P<quoted>{_QUOTED})\s*(?:,|(?=['\"])|\Z)|\s*(?P<bare>None|null|nan|NaN|<NA>)\s*(?:,|\Z)", re.S
)
_ARRAY = re.compile(r"(?:array|list|set|frozenset|tuple)\((?P<inner>.*?)(?:,\s*dtype=[\w<>|']+)?\)", re.S)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_BRACES = re.compile(r"\{(?:\"(?:[^\"\\]|\\.)*\"|[^\"{},:]+)(?:,(?:\"(?:[^\"\\]|\\.)*\"|[^\"{},:]+))*\}")
_IN_BRACES = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|([^\"{},]+)")
_MAX_STRUCTURE = 100_000
"""Characters of the longest structure written as text that is parsed as one."""


def is_missing(value: str, field: str) -> bool:
    """Say whether a string of a record's field stands for nothing, as a whole.

    Args:
        value: the string.
        field: the field of a document that it is for.
    """
    if len(value) > _LONGEST:
        return False
    value = value.strip()
    if not value or value in _NOTHING:
        return True
    if field in _HEADLINES:
        return False
    if field in _NAMES:
        return value in _UNNAMED and (field, value) != ("keywords", "NA")
    return value.lower().replace(" ", "t", 1) in _NO_WORD or value in _UNNAMED


def is_doubtful(headline: str) -> bool:
    """Say whether a headline means nothing where its record has the same word elsewhere: `None` beside `None`."""
    return headline in _UNNAMED


def listed(value: str, field: str) -> Any:
    """Return the list or structure that a string is written as, None where it is no such.

    Read are JSON, and what Python, NumPy and PostgreSQL write: `["A", "B"]`, `['A', 'B']`, `['A' 'B']`, `{A,"B C"}`. A
    text is a list only where all of it are strings; it is no structure.
    """
    text = value.strip()
    if whole := _ARRAY.fullmatch(text):
        text = whole["inner"].strip()
    if len(text) < 2 or _CLOSING.get(text[0]) != text[-1]:
        return None
    is_text = field in ("text", "html")
    if text[0] == "[" and (plain := _of_strings(text)) is not None:
        return plain
    if (flat := _flat(text[1:-1])) is not None:
        return flat if text[0] != "(" or "," in text or field in ("authors", "keywords") else None
    if is_text or len(text) > _MAX_STRUCTURE:
        return None
    if text[0] == "{" and field in ("authors", "keywords") and _BRACES.fullmatch(text):
        return [(quoted or bare).strip() for quoted, bare in _IN_BRACES.findall(text)]
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(found, Mapping) or (isinstance(found, list | tuple) and any(map(_tells, found))):
            return found
    return None


def _of_strings(text: str) -> list[str] | None:
    """Return the strings of a JSON array that holds nothing else, nulls left out; None where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    strings = [item for item in found if item is not None]
    return strings if all(isinstance(item, str) for item in strings) else None


def _tells(item: Any) -> bool:
    return isinstance(item, str | Mapping)


def _flat(inside: str) -> list[str] | None:
    """Return the strings of a list that holds nothing else, missing ones left out; None where it holds more."""
    found: list[str] = []
    at, quoted = 0, False
    while at < len(inside.rstrip()):
        item = _ITEM.match(inside, at)
        if item is None:
            return None
        if item["quoted"]:
            quoted = True
            try:
                said = ast.literal_eval(item["quoted"].lstrip("bB"))
            except (ValueError, SyntaxError):
                return None
            found.append(said)
        at = item.end()
    return found if quoted or not inside.strip() else None


def without_missing(items: Sequence[Any], field: str) -> list[Any]:
    """Return the items of a list without those that stand for nothing."""
    return [item for item in items if item is not None and not (isinstance(item, str) and is_missing(item, field))]
