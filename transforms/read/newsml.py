"""NewsML-G2 (IPTC): news items, alone or in a news message, with NITF, XHTML or plain text inside."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.elements import Document, Reject, Unit
from transforms.read import nitf
from transforms.read.faults import Fault, rejected
from transforms.read.mapping import status, string, web_address
from transforms.read.markup import find, find_all, line, local, paragraphs, parse
from transforms.read.spans import whole as spans
from transforms.read.streams import Stream
from transforms.read.wire import withheld

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans"]

_ITEMS = ("newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each news item with a text, and a reject for each other item.

    A `contentSet` or `contentMeta` that stands alone is read as the news item it was taken from.
    Where a file is one item `doc_ref` is its path, else path#number of the item. Raises Fault and OSError.
    """
    root = parse(stream.whole())
    if local(root) in ("contentSet", "contentMeta"):
        whole = etree.Element("newsItem")
        whole.append(root)
        root = whole
    items = [root] if local(root) in _ITEMS else [each for each in root.iterdescendants() if local(each) in _ITEMS]
    if not items:
        raise Fault("not text", f"a NewsML-G2 {local(root)} without an item")
    for ordinal, item in enumerate(items):
        doc_ref = unit.path if item is root else f"{unit.path}#{ordinal + 1}"
        try:
            yield _document(item, unit.unit_id, ordinal, doc_ref)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref, etree.tostring(item, with_tail=False))


def _document(item: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    if local(item) != "newsItem":
        raise Fault("not text", f"a NewsML-G2 {local(item)}")
    kind = (_code(item, "itemClass") or "text").rpartition(":")[2]
    if kind not in ("text", "composite"):
        raise Fault("not text", f"a NewsML-G2 item of class {kind}")
    inner = _content(item, unit_id, ordinal, doc_ref)
    guid = item.get("guid")
    created = line(find(item, "itemMeta", "versionCreated"))
    language = find(item, "contentMeta", "language")
    makers = [line(find(maker, "name")) for maker in (*find_all(item, "creator"), *find_all(item, "contributor"))]
    slugs = [line(slug) for slug in find_all(item, "slugline")]
    subjects = [line(find(subject, "name")) for subject in find_all(item, "subject")]
    words = [line(word) for word in find_all(item, "keyword")]
    return inner._replace(
        source_id=guid or inner.source_id,
        namespace="" if guid else inner.namespace,
        url=web_address(guid) or _link(item),
        headline=_text(item, "contentMeta", "headline") or inner.headline,
        deck=_text(item, "contentMeta", "description") or inner.deck,
        authors=tuple(dict.fromkeys(name for name in makers if name)) or inner.authors,
        byline=_text(item, "contentMeta", "by") or inner.byline,
        dateline=_text(item, "contentMeta", "dateline") or inner.dateline or _named(item, "located"),
        credit=_text(item, "contentMeta", "creditline")
        or _named(item, "infoSource")
        or inner.credit
        or _named(item, "provider"),
        language=(language.get("tag") if language is not None else None)
        or item.get("{http://www.w3.org/XML/1998/namespace}lang")
        or inner.language,
        keywords=tuple(dict.fromkeys(word for word in (*slugs, *words, *subjects, *inner.keywords) if word)),
        status=withheld(
            status((_code(item, "pubStatus") or "").rpartition(":")[2]), _text(item, "itemMeta", "embargoed"), created
        )
        or inner.status,
        published=_text(item, "itemMeta", "firstCreated")
        or _text(item, "contentMeta", "contentCreated")
        or created
        or inner.published,
        modified=created,
    )


def _content(item: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of the first content that has a text. Raises Fault."""
    contents = find(item, "contentSet")
    for content in () if contents is None else contents:
        name = local(content)
        if name == "inlineXML":
            marked = next((inner for inner in content.iter() if local(inner) == "nitf"), None)
            if marked is not None:
                return nitf.document(marked, unit_id, ordinal, doc_ref)
            body = find(content, "body")
            text = paragraphs(body if body is not None else content)
        elif name == "inlineData" and (content.get("contenttype") or "text/plain").startswith("text/"):
            text = string("".join(content.itertext()), strip=False)
        else:
            continue
        if text and text.strip():
            return Document(unit_id, ordinal, doc_ref, "record", text)
    held = ", ".join(sorted({local(content) for content in contents})) if contents is not None else ""
    raise Fault("no text", "a text item without a text" + (f", only {held}" if held else ""))


def _text(item: etree._Element, *path: str) -> str | None:
    return line(find(item, *path))


def _code(item: etree._Element, name: str) -> str | None:
    found = find(item, "itemMeta", name)
    return None if found is None else found.get("qcode") or found.get("uri") or found.get("literal")


def _named(item: etree._Element, name: str) -> str | None:
    """Return the name of a party, or the code it has in its scheme."""
    found = find(item, name)
    if found is None:
        return None
    return line(find(found, "name")) or (found.get("literal") or found.get("qcode") or "").rpartition(":")[2] or None


def _link(item: etree._Element) -> str | None:
    """Return the web address of the item's own page, where a link gives one."""
    for link in find_all(item, "link"):
        if (link.get("rel") or "").rpartition(":")[2] in ("canonical", "alternate", "isPublishedAt"):
            return web_address(link.get("href"))
    return None
