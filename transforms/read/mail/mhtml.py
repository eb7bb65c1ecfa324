"""MHTML: a page that a browser saved with all it shows, as a mail (RFC 2557)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import web_address
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.mail.message import instant, parse, payload

READER_VERSION = 1

__all__ = ["READER_VERSION", "is_page", "read", "spans"]

_SIGNS = re.compile(
    rb"^(?:snapshot-content-location:|x-maf|x-mimeole: produced by microsoft mimeole|from:[ \t]*\"?<?saved by )",
    re.IGNORECASE | re.MULTILINE,
)
_RELATED = re.compile(rb"^content-type:[ \t]*(?:multipart/related|text/html)", re.IGNORECASE | re.MULTILINE)
_LOCATED = re.compile(rb"^content-location:[ \t]*\S", re.IGNORECASE | re.MULTILINE)
_ADDRESSED = re.compile(rb"^(?:to|received|delivered-to|list-id):", re.IGNORECASE | re.MULTILINE)


def is_page(head: bytes, name: str) -> bool:
    """Say whether what begins as a mail is a saved page: it says so, or goes to nobody and has an address."""
    fields = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    if not _RELATED.search(fields):
        return False
    saved = _SIGNS.search(fields) is not None or name.lower().endswith((".mht", ".mhtml"))
    return saved or (_ADDRESSED.search(fields) is None and _LOCATED.search(head, 0, 1 << 14) is not None)


def read(unit: Unit, stream: Stream) -> Iterator[Document]:
    """Yield the document of the page, of form `html`, fetched when it was saved. Raises Fault and OSError."""
    saved = parse(stream.whole())
    page = _page(saved)
    if page is None:
        raise Fault("no text", "a saved page without a part of HTML")
    data = payload(page)
    if not data.strip():
        raise Fault("empty", "a saved page of no bytes")
    address = saved.get("snapshot-content-location") or page.get("content-location") or saved.get("content-location")
    at = instant(saved)
    yield Document(
        unit.unit_id,
        0,
        unit.path,
        "html",
        data,
        url=web_address("".join(str(address).split())) if address else None,
        first_seen_at=at,
        fetched_at=at,
        charset=page.get_content_charset(),
    )


def _page(saved: Message) -> Message | None:
    """Return the part that is the page: the one that the mail says it starts with, else the first of HTML."""
    pages = []
    for number, part in enumerate(saved.walk()):
        if number > 10_000:
            break
        if part.get_content_type() in ("text/html", "application/xhtml+xml") and not part.is_multipart():
            pages.append(part)
    start = saved.get_param("start")
    return next((part for part in pages if start and part.get("content-id") == start), pages[0] if pages else None)
