"""JSON objects: which of them are articles, and which hold several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.elements import Document, Reject, Unit
from transforms.read import jsonfeed, mapping, ninjs
from transforms.read.faults import Fault, rejected

_LISTS = (
    "articles",
    "items",
    "results",
    "docs",
    "documents",
    "data",
    "posts",
    "news",
    "stories",
    "entries",
    "response",
)


def documents(
    value: Any, unit: Unit, ordinal: int, doc_ref: str, payload: bytes | None = None
) -> Iterator[Document | Reject]:
    """Yield a document or a reject for each article that a JSON value holds.

    A value is an article as ninjs or as a record of a corpus has it, a JSON Feed, or an object whose one list holds
    articles, as replies of search interfaces do. Where a value holds several, each has its number behind the
    `doc_ref`, from 1.
    """
    if isinstance(value, dict) and not unit.mapping and (inner := _inner(value)):
        for number, (article, source) in enumerate(inner, 1):
            yield _one(article, unit, ordinal + number - 1, f"{doc_ref}/{number}", None, source)
    else:
        yield _one(value, unit, ordinal, doc_ref, payload, None)


def _one(
    value: Any, unit: Unit, ordinal: int, doc_ref: str, payload: bytes | None, feed: jsonfeed.Feed | None
) -> Document | Reject:
    try:
        if not isinstance(value, dict):
            raise Fault("malformed", f"JSON, but no object: {_kind(value)}")
        if feed is not None:
            return jsonfeed.document(value, feed, unit.unit_id, ordinal, doc_ref)
        if not unit.mapping and ninjs.is_ninjs(value):
            return ninjs.document(value, unit.unit_id, ordinal, doc_ref)
        return mapping.document(value, unit.unit_id, ordinal, doc_ref, unit.mapping)
    except Fault as fault:
        return rejected(unit, fault, doc_ref, payload)


def _inner(value: Mapping[str, Any]) -> list[tuple[Any, jsonfeed.Feed | None]]:
    """Return the articles inside an object that is none itself."""
    if jsonfeed.is_feed(value):
        feed = jsonfeed.feed(value)
        return [(item, feed) for item in jsonfeed.items(value)]
    if ninjs.is_ninjs(value):
        return []
    for name in _LISTS:
        found = value.get(name)
        if isinstance(found, dict):
            found = next((found[deeper] for deeper in _LISTS if isinstance(found.get(deeper), list)), None)
        if isinstance(found, list) and found and all(isinstance(each, dict) for each in found):
            return [] if mapping.has_text(value) else [(each, None) for each in found]
    return []


def _kind(value: Any) -> str:
    return {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
