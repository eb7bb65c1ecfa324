"""JSON objects: which of them are articles, and which hold several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.feeds import feeds, jsonfeed
from wirecopy.transforms.read.fields import mapping
from wirecopy.transforms.read.records import elastic, snapshot, telegram
from wirecopy.transforms.read.wire import ninjs

_LISTS = (
    "articles",
    "items",
    "item",
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
_MARKS = frozenset((*elastic.MARKS, *snapshot.MARKS, *telegram.MARKS))
"""Names that only what Elasticsearch, Factiva and Telegram export has."""
_EXPORTED = frozenset(("hits", "responses", "messages", "chats", "left_chats"))


def documents(
    value: Any, unit: Unit, ordinal: int, doc_ref: str, payload: bytes | None = None
) -> Iterator[Document | Reject]:
    """Yield a document or a reject for each article that a JSON value holds.

    A value is an article as ninjs or as a record of a corpus has it, a JSON Feed, an object whose one list holds
    articles, as replies of search interfaces do, or what Elasticsearch and Telegram export. Where a value holds
    several, each has its number behind the `doc_ref`, from 1.
    """
    if not isinstance(value, dict):
        yield rejected(unit, Fault("malformed", f"JSON, but no object: {_kind(value)}"), doc_ref, payload)
    elif jsonfeed.is_feed(value):
        for each in feeds.documents(jsonfeed.feed(value), unit.unit_id, ordinal, doc_ref, "/", 1):
            yield rejected(unit, each.fault, each.doc_ref, url=each.url) if isinstance(each, feeds.Refused) else each
    elif not _EXPORTED.isdisjoint(value) and (found := list(_exported(value, unit))):
        for index, (record, about) in enumerate(found):
            for element in _articles(record, unit, ordinal, f"{doc_ref}/{index + 1}", None, about):
                yield element
                ordinal += 1
    elif listed := _listed(value, unit):
        for index, record in enumerate(listed):
            for element in _articles(record, unit, ordinal, f"{doc_ref}/{index + 1}", None):
                yield element
                ordinal += 1
    elif not unit.mapping and ninjs.is_ninjs(value):
        yield from _articles(value, unit, ordinal, doc_ref, payload)
    else:
        yield _one(value, unit, ordinal, doc_ref, payload)


def _exported(value: Mapping[str, Any], unit: Unit) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Yield the hits of a search's reply, or the messages of chats, each with what is known of the chat."""
    if (listed := elastic.hits(value)) is not None:
        yield from ((hit, {}) for hit in listed)
    elif not unit.mapping:
        for chat in telegram.chats(value):
            yield from ((message, chat) for message in chat["messages"])


def _articles(
    record: Any,
    unit: Unit,
    ordinal: int,
    doc_ref: str,
    payload: bytes | None,
    about: Mapping[str, Any] | None = None,
) -> Iterator[Document | Reject]:
    """Yield the article of a record; of a ninjs package those of the stories within it, too."""
    if not isinstance(record, dict):
        yield rejected(unit, Fault("malformed", f"no object in the list: {_kind(record)}"), doc_ref, payload)
        return
    if about:
        yield _one(record, unit, ordinal, doc_ref, payload, about=about)
        return
    if unit.mapping or not ninjs.is_ninjs(record):
        yield _one(record, unit, ordinal, doc_ref, payload)
        return
    for index, item in enumerate(ninjs.items(record)):
        inner_ref = f"{doc_ref}/{index}" if index else doc_ref
        yield _one(item, unit, ordinal + index, inner_ref, payload, is_ninjs=True)


def _one(
    record: Mapping[str, Any],
    unit: Unit,
    ordinal: int,
    doc_ref: str,
    payload: bytes | None,
    is_ninjs: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Document | Reject:
    try:
        if is_ninjs:
            return ninjs.document(record, unit.unit_id, ordinal, doc_ref)
        if about or not _MARKS.isdisjoint(record):
            if not unit.mapping and (about or telegram.is_message(record)):
                return telegram.document(record, unit.unit_id, ordinal, doc_ref, about or {})
            if '"_source' not in unit.mapping:
                record = elastic.record(record) or record
            if not unit.mapping and snapshot.is_snapshot(record):
                return snapshot.document(record, unit.unit_id, ordinal, doc_ref)
        return mapping.document(record, unit.unit_id, ordinal, doc_ref, unit.mapping)
    except Fault as fault:
        return rejected(unit, fault, doc_ref, payload)


def _listed(value: dict[str, Any], unit: Unit) -> list[dict[str, Any]]:
    """Return the records in the one list of an object that is no record itself."""
    if value.keys().isdisjoint(_LISTS):
        return []
    for name in _LISTS:
        found = value.get(name)
        if isinstance(found, dict):
            found = next((found[deeper] for deeper in _LISTS if isinstance(found.get(deeper), list)), None)
        if isinstance(found, list) and found and all(isinstance(each, dict) for each in found):
            return [] if ninjs.is_ninjs(value) or mapping.has_text(value, unit.mapping) else found
    return []


def _kind(value: Any) -> str:
    return {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
