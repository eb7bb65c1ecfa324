"""Values of records, as JSON, CSV and Parquet give them, made what a document's fields hold; missing ones are None."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.read.fields.missing import is_missing, listed, without_missing

__all__ = ["converted", "status", "string", "strings", "web_address", "words"]

_INNER = (
    *(
        "$date",
        "$oid",
        "$numberLong",
        "$numberInt",
        "$numberDouble",
        "#text",
        "main",
        "rendered",
        "name",
        "original",
        "text",
        "value",
        "plain",
        "content",
    ),
    *("label", "term", "keyword", "tag", "title", "displayName", "display_name"),
)
_STATUSES = {
    "usable": "usable",
    "withheld": "withheld",
    "embargoed": "withheld",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "withdrawn": "cancelled",
}
_DOMAIN = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_OF_TEXT = frozenset("sanitized_html paragraph text html blockquote header heading list interstitial_link".split())
"""Kinds of the parts of a text that are text; beside them stand headlines, bylines, dates and pictures."""
_DEEP = re.compile(r"https?://[^\s/?#]+/[^\s?#]*[^\s/?#]", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_LONGEST_DATE = 40
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPENING = frozenset("[({ \nalsftnpIC")
_PARTS = re.compile(r"\s*[;|\n]\s*")
_DAY_S = 86_400


def converted(value: Any, field: str, column: str = "") -> Any:
    """Return a value of a record as a field of a document holds it, None where it is missing.

    Args:
        value: what stands in the record.
        field: the field of a document that it is for.
        column: its name in the record: a number in a column of days is a day.
    """
    if type(value) is str:
        if is_missing(value, field):
            return None
        if value[:1] in _OPENING and (found := listed(value, field)) is not None:
            value = found
    elif type(value) in (int, float) and field in ("published", "modified") and column:
        value = _day(value, column)
    if column and (may_be := _guard(field, column)) and not may_be(value):
        return None
    return _CONVERT.get(field, string)(value) or None


@lru_cache(4_096)
def _guard(field: str, column: str) -> Callable[[Any], bool] | None:
    """Return what a column's values must be for a field that its name alone does not tell; None where it tells.

    A column `data` holds days in Italian, Polish and Portuguese, else anything; `source` is an article's address in
    trafilatura's records, else a paper's.
    """
    name = column.casefold()
    if field in ("published", "modified") and "data" in name and "date" not in name:
        return _may_be_date
    return _may_be_address if field == "url" and name == "source" else None


def _may_be_date(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_DATE and _DIGIT.search(value) is not None
    return not isinstance(value, Mapping | Sequence)


def _may_be_address(value: Any) -> bool:
    return isinstance(value, str) and _DEEP.match(value) is not None


def _day(value: float, column: str) -> Any:
    """Return the day that a number of seconds or milliseconds stands for where its column is one of days."""
    from wirecopy.transforms.read.fields.columns import is_day

    seconds = value / 1_000 if abs(value) >= 100_000_000_000 else value
    if seconds % _DAY_S or abs(seconds) < _DAY_S or not is_day(column):
        return value
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return value


def string(value: Any, strip: bool = True) -> str | None:
    """Return a value as text that can be written as UTF-8, of a structure its name or inner value; None where empty."""
    if isinstance(value, str):
        value = value.strip() if strip else value
        return (value if value.isascii() else _whole(value)) or None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if value != value or abs(value) == float("inf"):
            return None
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return next((found for name in _INNER if name in value and (found := string(value[name]))), None)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return next((found for item in without_missing(value, "") if (found := string(item))), None)
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return (value if value.isascii() else _whole(value)) if value and not value.isspace() else None
    if isinstance(value, Mapping):
        if "sections" in value:
            return _text([*_list(value.get("summary")), *_list(value["sections"])])
        if "paragraphs" in value:
            return _text([*_list(value.get("headline")), *_list(value["paragraphs"])])
        return next((found for name in ("rendered", "text", "plain", "content", "value", "#text", "html")
                     if name in value and (found := _text(value[name]))), None)  # fmt: skip
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping) and item.get("type") in _OF_TEXT for item in value):
            value = [item for item in value if not isinstance(item, Mapping) or item.get("type") in _OF_TEXT]
        return "\n\n".join(part for item in without_missing(value, "text") if (part := _text(item))) or None
    return None


def strings(value: Any, field: str = "authors") -> tuple[str, ...] | None:
    """Return the texts of a list, or of a single value, each once; None where there are none."""
    if isinstance(value, Mapping) and value and all(str(name).isdigit() for name in value):
        value = list(value.values())
    items = without_missing(value, field) if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(found for item in items if (found := string(item)))) or None


def words(value: Any) -> tuple[str, ...]:
    """Return keywords, of a list or of one string that parts them: by semicolons, bars or lines, else by commas."""
    if isinstance(value, str):
        parts = _PARTS.split(value)
        value = parts if len(parts) > 1 else value.split(",")
    return strings(value, "keywords") or ()


def web_address(value: Any) -> str | None:
    """Return a value that is an address of the web, without user and password, else None."""
    if type(value) is str and value.startswith(("https://", "http://")) and value.isascii():
        found: str | None = value.strip()
    else:
        found = string(value)
    return without_user(found) if found and _ADDRESS.match(found) else None


def _outlet(value: Any) -> str | None:
    found = string(value)
    return found if found and _DOMAIN.fullmatch(found) else None


def _outlet_name(value: Any) -> str | None:
    found = string(value)
    return found if found and not _DOMAIN.fullmatch(found) else None


def _language(value: Any) -> str | None:
    found = string(value)
    return found if found and len(found) <= 35 else None


def status(value: Any) -> str | None:
    """Return usable, withheld or cancelled where a value says so in the words of the IPTC, else None."""
    found = string(value)
    return _STATUSES.get(found.lower().rpartition(":")[2]) if found else None


_CONVERT: dict[str, Any] = {
    "text": _text,
    "html": _text,
    "url": web_address,
    "feed_url": web_address,
    "outlet": _outlet,
    "outlet_name": _outlet_name,
    "authors": strings,
    "keywords": words,
    "language": _language,
    "status": status,
}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(text: str) -> str:
    """Return a text that can be written as UTF-8: halves of a surrogate pair, which JSON can escape, are replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text
