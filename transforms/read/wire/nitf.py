"""NITF: News Industry Text Format (IPTC), versions 2.5 to 3.x."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import status, web_address
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire.markup import find, find_all, line, local, paragraphs, parse

READER_VERSION = 3

__all__ = ["READER_VERSION", "document", "read", "spans"]

_INSTANT = re.compile(r"[\dTZ+:.-]+")
_DAY = re.compile(r"\d{8}(?:Z|[+-]\d{2}:?\d{2})")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(unit: Unit, stream: Stream) -> Iterator[Document]:
    """Yield a file's one document, of form `record`. Raises Fault and OSError."""
    yield document(parse(stream.whole()), unit.unit_id, 0, unit.path)


def document(root: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of an `nitf` element.

    Raises Fault `no text` where its body has none, unless it is withdrawn and says so in a note to editors or headline.
    """
    hedline = find(root, "hedline")
    headline = line(hedline if hedline is None else find(hedline, "hl1")) or line(hedline)
    headline = headline or line(find(root, "hl1")) or line(find(root, "head", "title"))
    state = status(_attribute(root, "docdata", "management-status"))
    text = _body(root)
    if not text and state == "cancelled":
        text = _attribute(root, "ed-msg", "info") or headline
    if not text:
        raise Fault("no text", "NITF without a body.content")
    issued, released = _norm(root, "date.issue"), _norm(root, "date.release")
    number, identity = root.get("uno"), _attribute(root, "doc-id", "id-string")
    source = _attribute(root, "doc-id", "regsrc")
    revisions = [norm for revision in find_all(root, "revision-history") if (norm := revision.get("norm"))]
    byline = find(root, "byline")
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=identity or number,
        namespace=source if identity or not number else "",
        url=web_address(_attribute(root, "pubdata", "ex-ref")),
        outlet_name=_attribute(root, "pubdata", "name"),
        headline=headline,
        deck=paragraphs(find(root, "body.head", "abstract")) or line(find(root, "hedline", "hl2")),
        authors=tuple(_people(byline)),
        byline=line(byline),
        dateline=_dateline(root),
        slugline=_attribute(root, "du-key", "key") or _attribute(root, "fixture", "fix-id"),
        credit=line(find(root, "distributor")) or _attribute(root, "doc.copyright", "holder") or source,
        language=root.get(_LANG) or root.get("baselang") or _attribute(root, "body", _LANG),
        section=_attribute(root, "pubdata", "position.section"),
        keywords=tuple(dict.fromkeys(_keywords(root))),
        status=state,
        revision=_attribute(root, "du-key", "version") or _attribute(root, "du-key", "generation"),
        embargoed=released,
        published=issued or released or _attribute(root, "pubdata", "date.publication") or _norm(root, "story.date"),
        modified=max(revisions, default=None),
    )


def _body(root: etree._Element) -> str | None:
    """Return the text of the body with its tagline; of a body that has the lead and then all of it, all of it."""
    bodies = find_all(root, "body.content")
    body = next((each for each in bodies if not any(local(around) == "note" for around in each.iterancestors())), None)
    if body is None:
        return None
    whole = next((block for block in find_all(body, "block") if block.get("class") == "full_text"), body)
    return "\n\n".join(part for part in (paragraphs(whole), paragraphs(find(root, "tagline"))) if part) or None


def _dateline(root: etree._Element) -> str | None:
    """Return the dateline, unless all it holds is an instant."""
    found = line(find(root, "dateline"))
    return None if found and _INSTANT.fullmatch(found) else found


def _norm(root: etree._Element, name: str) -> str | None:
    """Return an instant; a zone behind a mere day says nothing."""
    found = _attribute(root, name, "norm")
    return found[:8] if found and _DAY.fullmatch(found) else found


def _attribute(root: etree._Element, name: str, attribute: str) -> str | None:
    found = find(root, name)
    value = found.get(attribute) if found is not None else None
    return value.strip() or None if value else None


def _people(byline: etree._Element | None) -> Iterator[str]:
    """Yield the people a byline names; where it marks none, the words before their title."""
    marked = [name for person in find_all(byline, "person") if (name := line(person))] if byline is not None else []
    if not marked and byline is not None and byline.text and byline.text.strip():
        marked = [byline.text.strip()]
    yield from marked


def _keywords(root: etree._Element) -> Iterator[str]:
    for name, attributes in (
        ("keyword", ("key",)),
        ("tobject.subject", ("tobject.subject.type", "tobject.subject.matter", "tobject.subject.detail")),
    ):
        for found in find_all(root, name):
            for attribute in attributes:
                if word := (found.get(attribute) or "").strip():
                    yield word
