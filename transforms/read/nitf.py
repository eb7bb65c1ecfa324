"""NITF: News Industry Text Format (IPTC), versions 3.x."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.elements import Document, Unit
from transforms.read.faults import Fault
from transforms.read.mapping import status
from transforms.read.markup import find, find_all, line, local, paragraphs, parse
from transforms.read.spans import whole as spans
from transforms.read.streams import Stream
from transforms.read.wire import withheld

READER_VERSION = 1

__all__ = ["READER_VERSION", "document", "read", "spans"]


def read(unit: Unit, stream: Stream) -> Iterator[Document]:
    """Yield a file's one document, of form `record`. Raises Fault and OSError."""
    yield document(parse(stream.whole()), unit.unit_id, 0, unit.path)


def document(root: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of an `nitf` element. Raises Fault `no text` where its body has none."""
    body = find(root, "body.content")
    text = "\n\n".join(
        part for part in (paragraphs(body), paragraphs(find(root, "tagline"))) if part and body is not None
    )
    if not text:
        raise Fault("no text", "NITF without a body.content")
    data = find(root, "docdata")
    issued, released = _norm(root, "date.issue"), _norm(root, "date.release")
    identity = _attribute(root, "doc-id", "id-string")
    source = _attribute(root, "doc-id", "regsrc")
    management = data.get("management-status") if data is not None else None
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=identity,
        namespace=source,
        headline=line(find(root, "hl1")) or line(find(root, "hedline")) or _title(root),
        deck=paragraphs(find(root, "body.head", "abstract")) or line(find(root, "hl2")),
        authors=tuple(name for person in _people(root) if (name := line(person))),
        byline=line(find(root, "byline")),
        dateline=line(find(root, "dateline")),
        credit=line(find(root, "distributor")) or _attribute(root, "doc.copyright", "holder") or source,
        language=root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        section=_attribute(root, "pubdata", "position.section"),
        keywords=tuple(dict.fromkeys((*_sluglines(root), *_keywords(root)))),
        status=withheld(status(management), released, issued),
        published=issued or released or _attribute(root, "pubdata", "date.publication") or _norm(root, "story.date"),
        modified=None,
    )


def _attribute(root: etree._Element, name: str, attribute: str) -> str | None:
    found = find(root, name)
    value = found.get(attribute) if found is not None else None
    return value.strip() or None if value else None


def _norm(root: etree._Element, name: str) -> str | None:
    return _attribute(root, name, "norm")


def _title(root: etree._Element) -> str | None:
    return line(find(root, "head", "title"))


def _people(root: etree._Element) -> Iterator[etree._Element]:
    byline = find(root, "byline")
    return find_all(byline, "person") if byline is not None else iter(())


def _sluglines(root: etree._Element) -> Iterator[str]:
    fixture = _attribute(root, "fixture", "fix-id")
    for found in (_attribute(root, "du-key", "key"), fixture):
        if found:
            yield found


def _keywords(root: etree._Element) -> Iterator[str]:
    for keyword in root.iterdescendants():
        if local(keyword) == "keyword" and (key := keyword.get("key")):
            yield key.strip()
