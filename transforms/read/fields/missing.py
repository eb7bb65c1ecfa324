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
from functools import lru_cache
from typing import Any

_LONGEST = 24
_NOTHING = frozenset(
    "nan NaN -nan -NaN NaT nat null NULL <NA> <na> <NULL> <null> <nil> <none> <None> N/A n/a #N/A #NA #NULL!"
    " #VALUE! #REF! #NAME? (null) (NULL) (none) undefined \\N pd.NA - -- --- – — [] {} () [None] [null]"
    " [nan] [''] [\"\"] set() list() dict() tuple() frozenset()".split()
)
"""Spellings that mean nothing in any field."""
_UNNAMED = frozenset("None none NONE NA n.a. N.A. nil Nil NIL N/a N.a.".split())
"""Spellings that mean nothing in a field of names; a headline may be one of them."""
_NO_WORD = frozenset("none null nan na n.a. nil n/a nat".split())
"""What means nothing, in any case, in a field that holds neither names nor headlines: a date, an address, an id."""
_NO_DAY = frozenset(
    "0 0.0 0000-00-00 0000-00-00t00:00:00 00:00:0000 00/00/0000 00.00.0000"
    " 0001-01-01 0001-01-01t00:00:00 0001-01-01t00:00:00z 01/01/0001 1/1/0001".split()
)
"""What programs that must write a date write for none."""
_SAID = frozenset(
    phrase.strip()
    for line in """
    unknown, not available, not applicable, not specified, not provided, not known, not found, unavailable, unspecified
    no author, no date, no data, no source, no title, no value, no url, no byline, undated, n.d., missing, blank, empty
    unbekannt, keine angabe, keine angaben, keine daten, k.a., k. a., k.a, ohne autor, ohne datum, ohne angabe, o.d.
    inconnu, inconnue, non renseigné, non disponible, non précisé, non daté, sans auteur, sans date, pas de date, s.d.
    desconocido, desconocida, no disponible, no especificado, sin autor, sin fecha, sin datos, s/f, s/d, s.f.
    desconhecido, não disponível, não informado, sem autor, sem data, sem informação
    sconosciuto, non disponibile, senza data, senza autore, onbekend, geen datum, geen auteur, niet beschikbaar
    ukjent, ukendt, okänd, tuntematon, nieznany, brak, brak danych, neznámý, ismeretlen, necunoscut, bilinmiyor, yok
    неизвестно, неизвестен, нет данных, нет, н/д, невідомо, άγνωστο, 不明, 未知, 无, 無, 暂无, 暫無, なし, 없음, 미상
    غير معروف, غير متوفر, نامشخص, ندارد, לא ידוע
    """.strip().splitlines()
    for phrase in line.split(",")
)
"""Phrases that say that a value is not known, in lower case; no paper, author or day is called so."""
_HEADLINES = frozenset({"headline", "deck"})
_DATES = frozenset("published modified seen clock embargoed".split())
_NAMES = frozenset("authors byline dateline slugline credit keywords section outlet_name outlet".split())

_QUOTED = r"[uUbBrR]?'(?:[^'\\]|\\.)*'|[uUbBrR]?\"(?:[^\"\\]|\\.)*\""
_ITEM = re.compile(
    rf"\s*(?P<quoted>{_QUOTED})\s*(?:,|(?=['\"])|\Z)|\s*(?P<bare>None|null|nan|NaN|<NA>)\s*(?:,|\Z)", re.S
)
_ARRAY = re.compile(
    r"(?:(?:np\.|numpy\.|pd\.)?(?:array|Index|Categorical)|list|set|frozenset|tuple)"
    r"\((?P<inner>.*?)(?:,\s*dtype=[\w<>|'.]+)?\)",
    re.S,
)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_BRACES = re.compile(r"\{(?:\"(?:[^\"\\]|\\.)*\"|[^\"{},:]+)(?:,(?:\"(?:[^\"\\]|\\.)*\"|[^\"{},:]+))*\}")
_IN_BRACES = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|([^\"{},]+)")
_BARE = re.compile(r"\[([^\[\]{}'\"]+)\]")
_MAX_STRUCTURE = 100_000
"""Characters of the longest structure written as text that is parsed as one."""


def is_missing(value: str, field: str) -> bool:
    """Say whether a string of a record's field stands for nothing, as a whole.

    Args:
        value: the string.
        field: the field of a document that it is for.
    """
    return len(value) <= _LONGEST and _means_nothing(value, field)


@lru_cache(8_192)
def _means_nothing(value: str, field: str) -> bool:
    value = value.strip()
    if not value or value in _NOTHING:
        return True
    if field in _HEADLINES:
        return False
    if field in ("text", "html"):
        return value in _UNNAMED
    lower = value.lower()
    if lower in _SAID or not (value[0].isalnum() or any(map(str.isalnum, value))):
        return True
    if field in _NAMES:
        return value in _UNNAMED and (field, value) != ("keywords", "NA")
    return lower in _NO_WORD or (field in _DATES and lower.replace(" ", "t", 1) in _NO_DAY)


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
    if field in ("authors", "keywords") and (bare := _BARE.fullmatch(text)):
        return [part for item in bare[1].split(",") if (part := item.strip())]
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
