"""The articles in the text of an export, line by line, whatever it was written into: RTF, DOCX or plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.exports import factiva, nexis
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream

READER_VERSION = 1

__all__ = ["READER_VERSION", "articles", "is_text", "read", "spans"]

_END = re.compile(
    rb"^[ \t]*(?:(?:AN[ \t]+)?[A-Za-z\x80-\xff]{2,24}:? [A-Z0-9]{2,10}(?:19|20)\d{6}[a-z0-9]{6,12}|"
    + nexis.END_LINE.encode()
    + rb")[ \t\r]*$",
    re.MULTILINE,
)
_LISTED = re.compile(r"^Documents? \(\d+\)[ \t]*$", re.MULTILINE)


def is_text(head: bytes) -> bool:
    """Say whether a plain text begins as an export of Factiva or Nexis Uni: its first article ends as theirs do."""
    if not _END.search(head):
        return False
    try:
        text = charset.decode(head)
    except Fault:
        text = head.decode("cp1252", "replace")
    return factiva.is_text(text) or nexis.is_lines(text)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article of a plain text, of form `record`, or a reject. `doc_ref` is path#number.

    Raises Fault where there is none, and OSError.
    """
    found = articles(unit, charset.decode(stream.whole()).replace("\r\n", "\n").replace("\r", "\n"))
    if found is None:
        raise Fault("malformed", "an export of Factiva or Nexis without an article that ends")
    yield from found


def articles(unit: Unit, text: str) -> Iterator[Document | Reject] | None:
    """Return the document of each article, or a reject in its place; None where the text is no export that is known.

    Raises Fault `not text` for the list of its documents that Nexis puts beside them.
    """
    if factiva.is_text(text):
        return _each(unit, factiva.documents_of_lines(text, unit.unit_id, unit.path))
    if nexis.is_lines(text):
        return _each(unit, nexis.documents_of_lines(text, unit.unit_id, unit.path))
    if _LISTED.search(text, 0, 1 << 12):
        raise Fault("not text", "a list of the documents that Nexis gave")
    return None


def _each(unit: Unit, found: Iterator[Document | Fault]) -> Iterator[Document | Reject]:
    for number, each in enumerate(found, 1):
        yield rejected(unit, each, f"{unit.path}#{number}") if isinstance(each, Fault) else each
