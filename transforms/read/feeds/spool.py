"""Spool files of the monitor: WARC in which a `metadata` record says what each poll and each entry was.

A `metadata` record holds a JSON object: `rows` are rows of the lake's tables; `entry` and `feed` are what the feed said
of an entry, whose page is the `response` record that follows, where it could be had. Any reader of WARC finds the
pages in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.feeds import feeds
from wirecopy.transforms.read.feeds.feeds import Entry, Feed
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import warc
from wirecopy.transforms.read.web.records import Damage, Record, records
from wirecopy.transforms.storable import storable

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans"]

spans = warc.spans

FROM_FEED, FROM_PAGE, LOST = "feed", "page", "lost"
"""Outcomes of an entry that make an article of it, or a reject."""


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject | Row]:
    """Yield the rows that a spool file states, and a document or a reject for each entry that is settled.

    An entry's document is its page, of form `html` or `text`, with what the feed said of it; the feed's own text, of
    form `record`, where the page could not be had, and beside the page where it could. Raises Fault and OSError.
    """
    told: dict[str, Any] | None = None
    ordinal = 0
    for record in records(stream, unit.begin, unit.end):
        doc_ref = f"{unit.path}#{record.offset}"
        if isinstance(record, Damage):
            yield rejected(unit, record.fault, doc_ref)
            continue
        kind = record.header.get("warc-type", "").lower()
        try:
            if kind == "metadata":
                told = None
                told = _told(record)
                yield from (Row(unit.unit_id, row["table"], row["values"]) for row in told["rows"])
                if told.get("outcome") == LOST:
                    raise Fault("no text", told["error"] or "neither its page nor a text could be had")
                if told.get("outcome") == FROM_FEED:
                    yield _of_feed(told, unit.unit_id, ordinal, doc_ref)
                    ordinal += 1
            elif kind == "response" and told is not None:
                spare = _spare(told, unit.unit_id, ordinal, doc_ref)
                try:
                    yield _of_page(told, record, unit.unit_id, ordinal, doc_ref)._replace(instead=spare)
                except Fault:
                    if spare is None:
                        raise
                    yield spare
                ordinal += 1
        except Fault as fault:
            url = record.header.get("warc-target-uri")
            yield rejected(unit, fault, doc_ref, record.block if kind == "response" else None, url)
            ordinal += 1


def _told(record: Record) -> dict[str, Any]:
    """Return what a `metadata` record says. Raises Fault where it says nothing that can be stored."""
    try:
        told = storable(json.loads(bytes(record.block or b"{}")))
        rows = [(row["table"], row["values"]) for row in told["rows"]]
        if told.get("outcome") is not None:
            _ = Entry(**told["entry"]), told["feed"]["url"], told["namespace"], told["seen_at"], told["error"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Fault("malformed", f"no record of the monitor: {type(error).__name__}: {error}") from None
    if not all(isinstance(values, dict) for _, values in rows):
        raise Fault("malformed", "no record of the monitor: a row without values")
    return dict(told)


def _of_feed(told: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    entry, feed = Entry(**told["entry"]), Feed(**told["feed"], entries=())
    made = feeds.document(entry, feed, unit_id, ordinal, doc_ref)
    return made._replace(namespace=told["namespace"], first_seen_at=told["seen_at"], fetched_at=told["seen_at"])


def _spare(told: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str) -> Document | None:
    try:
        return _of_feed(told, unit_id, ordinal, doc_ref)
    except Fault:
        return None


def _of_page(told: Mapping[str, Any], record: Record, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of a page. Its own headline and language stand; the feed's dates and source go with it."""
    form, content, declared = warc.content_of("response", record)
    entry = Entry(**told["entry"])
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        form,
        content,
        source_id=entry.id,
        namespace=told["namespace"],
        url=record.header.get("warc-target-uri"),
        outlet_name=None,
        feed_url=told["feed"]["url"],
        headline=entry.title if form == "text" else None,
        authors=entry.authors,
        credit=entry.source,
        keywords=entry.keywords,
        published=entry.published,
        modified=entry.modified,
        first_seen_at=told["seen_at"],
        fetched_at=warc.instant(record.header.get("warc-date", "")),
        charset=declared,
    )
