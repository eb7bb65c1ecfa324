"""LexisNexis: its export in HTML, in which the number of each article stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import BRACKETS
from wirecopy.transforms.read.exports.factiva import page
from wirecopy.transforms.read.exports.nexis import NUMBERED, Block, document
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire.markup import line, local, paragraphs

READER_VERSION = 1

__all__ = ["READER_VERSION", "is_export", "read", "spans"]

_NUMBER = re.compile(NUMBERED, re.IGNORECASE)
_SIGN = re.compile(rb">\s*" + NUMBERED.encode() + rb"\s*<", re.IGNORECASE)
_CENTRED = re.compile(r"\.(\w+)\s*\{[^}]*text-align:\s*center")


def is_export(head: bytes) -> bool:
    """Say whether a page begins as such an export."""
    return (b"<DOC NUMBER=" in head or b"DOCUMENT" in head or b"LexisNexis" in head) and _SIGN.search(head) is not None


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article, of form `record`, or a reject. `doc_ref` is path#number.

    Raises Fault where there is none, and OSError.
    """
    data = stream.whole()
    if data.count(b"<") > BRACKETS:
        raise Fault("too large", f"more than {BRACKETS:,} tags")
    text = html.decode(data)
    centred = set(_CENTRED.findall(text))
    articles: list[list[Block]] = []
    for element in page(text).iterdescendants("p", "div", "h1", "h2", "pre"):
        if local(element) == "div" and any(True for _ in element.iterdescendants("p", "div")):
            continue
        told = line(element)
        if not told:
            continue
        if _NUMBER.fullmatch(told):
            articles.append([])
        elif articles:
            articles[-1].append(Block(paragraphs(element) or told, (element.get("class") or "") in centred))
    if not articles:
        raise Fault("malformed", "a page of LexisNexis without an article")
    for ordinal, article in enumerate(articles):
        doc_ref = f"{unit.path}#{ordinal + 1}"
        try:
            yield document(article, unit.unit_id, ordinal, doc_ref)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref)
