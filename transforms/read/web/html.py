"""HTML: a page is one article, of form `html`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web.saved import saved

READER_VERSION = 2

__all__ = ["READER_VERSION", "decode", "decoded", "label_in", "read", "spans"]

_DECLARED = re.compile(
    rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding=[\"']([\w.:-]{2,40})", re.I
)
_PRESCAN = 4096
_TOLERATED = 0.01


def read(unit: Unit, stream: Stream) -> Iterator[Document]:
    """Yield a page's one document, with the address that it was saved from. Raises Fault and OSError."""
    page = decode(stream.whole())
    if not page.strip():
        raise Fault("empty", "nothing but white space")
    url, at = saved(page)
    yield Document(unit.unit_id, 0, unit.path, "html", page, url=url, first_seen_at=at, fetched_at=at)


def decoded(document: Document) -> Document:
    """Return a document with its content as text. Raises Fault."""
    if isinstance(document.content, str):
        return document
    return document._replace(content=decode(document.content, document.charset), charset=None)


def label_in(data: bytes) -> str | None:
    """Return the label of the encoding that a document declares itself, None where it declares none."""
    inner = _DECLARED.search(data, 0, _PRESCAN)
    return (inner[1] or inner[2]).decode("ascii") if inner else None


def decode(data: bytes, declared: str | None = None) -> str:
    """Return a page's text, as `charset.decode` finds it; the page's own declaration stands in for a missing one.

    As in a browser, a page with a few invalid bytes is read with replacement characters in their place, up to one in a
    hundred. Raises Fault.
    """
    label = declared or label_in(data)
    try:
        return charset.decode(data, label)
    except Fault as fault:
        known = (label and charset.codec(label)) or "utf-8"
        if fault.reason != "encoding":
            raise
        page = data.decode(known, "replace")
        if page.count("\ufffd") > len(page) * _TOLERATED:
            raise
        return page
