"""NewsML-G2 (IPTC): news items, alone or in a news message, with NITF, XHTML or plain text inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields.mapping import is_html, status, string, web_address
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire import markup, nitf, rcv1
from wirecopy.transforms.read.wire.markup import child, children, find, line, local, paragraphs, parse

READER_VERSION = 3

__all__ = ["READER_VERSION", "read", "spans"]

_ITEMS = ("newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")
_CODES = "http://cv.iptc.org/newscodes/"
_APART = frozenset("notepad header slugline slug keywords headline note notes ednote h1".split())
_INSTANT = re.compile(r"(?:[\d\s:.,+/-]|T(?=\d)|Z\b|GMT|UTC)+")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


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
    if local(root).lower() == "newsitem" and rcv1.is_item(root):
        yield rcv1.document(root, unit.unit_id, 0, unit.path)
        return
    items = [root] if local(root) in _ITEMS else [each for each in root.iterdescendants() if local(each) in _ITEMS]
    if not items and local(root) not in ("newsMessage", "itemSet"):
        raise Fault("unsupported", f"XML with the root {local(root)}")
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
    management, content = child(item, "itemMeta"), child(item, "contentMeta")
    kind = (_code(child(management, "itemClass")) or "text").lower()
    if kind not in ("text", "composite"):
        raise Fault("not text", f"a NewsML-G2 item of class {kind}")
    state = status(_code(child(management, "pubStatus")))
    try:
        inner = _content(item, unit_id, ordinal, doc_ref)
    except Fault:
        notice = line(child(management, "edNote")) or line(child(content, "headline"))
        if state != "cancelled" or not notice:
            raise
        inner = Document(unit_id, ordinal, doc_ref, "record", notice)
    guid = item.get("guid")
    created = line(child(management, "versionCreated"))
    language = child(content, "language")
    embargo = child(management, "embargoed")
    byline = line(child(content, "by"))
    makers = map(_party, children(content, "creator"))
    words = [*map(line, children(content, "keyword")), *map(_name, children(content, "subject")), *inner.keywords]
    return inner._replace(
        source_id=guid or inner.source_id,
        namespace="" if guid else inner.namespace,
        url=web_address(guid) or _link(management) or inner.url,
        headline=line(child(content, "headline")) or inner.headline or line(child(management, "title")),
        deck=_deck(content) or inner.deck,
        authors=tuple(dict.fromkeys(name for name in makers if name)) or ((byline,) if byline else inner.authors),
        byline=byline or inner.byline,
        dateline=_place(line(child(content, "dateline"))) or inner.dateline or _party(child(content, "located")),
        slugline=line(child(content, "slugline")) or inner.slugline,
        credit=line(child(content, "creditline"))
        or _party(child(content, "infoSource"))
        or inner.credit
        or _party(child(management, "provider")),
        language=(language.get("tag") if language is not None else None) or item.get(_LANG) or inner.language,
        section=_name(child(management, "service")) or _name(child(content, "genre")) or inner.section,
        keywords=tuple(dict.fromkeys(word for word in words if word)),
        status=state or inner.status,
        revision=item.get("version") or inner.revision,
        embargoed=inner.embargoed if embargo is None else line(embargo) or "without an end",
        published=line(child(management, "firstCreated"))
        or line(child(content, "contentCreated"))
        or created
        or inner.published,
        modified=created or inner.modified,
    )


def _content(item: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of the first content that has a text. Raises Fault."""
    contents = child(item, "contentSet")
    for content in () if contents is None else contents:
        name, media = local(content), (content.get("contenttype") or "").lower()
        if name == "inlineXML":
            marked = find(content, "nitf")
            if marked is not None:
                return nitf.document(marked, unit_id, ordinal, doc_ref)
            body = find(content, "body")
            text = _of_page(body if body is not None else content)
        elif name == "inlineData" and (not media or media.startswith("text/") or "html" in media):
            data = "".join(content.itertext())
            text = markup.fragment(data) if "html" in media or is_html(data) else string(data, strip=False)
        else:
            continue
        if text and text.strip():
            return Document(unit_id, ordinal, doc_ref, "record", text)
    held = ", ".join(sorted({local(content) for content in contents})) if contents is not None else ""
    raise Fault("no text", "a text item without a text" + (f", only {held}" if held else ""))


def _of_page(body: etree._Element) -> str | None:
    """Return the text of a page in XHTML, less the parts of it that hold headline, sluglines and notes to editors."""
    parts = [part for part in body.iterdescendants() if local(part) in ("header", "footer") or _is_apart(part)]
    for part in parts:
        part.clear(keep_tail=True)
    return paragraphs(body, keep_lines=True)


def _is_apart(part: etree._Element) -> bool:
    """Say whether a part of a page is marked as one that holds headline, slugline or notes and no text."""
    return local(part) in ("section", "div", "aside", "ul", "h1") and not _APART.isdisjoint(
        (part.get("class") or "").lower().split() or [local(part)]
    )


def _place(text: str | None) -> str | None:
    """Return a dateline, unless all it holds is an instant."""
    return None if text and _INSTANT.fullmatch(text) else text


def _deck(content: etree._Element | None) -> str | None:
    """Return the description that is no caption made of slug and headline."""
    headline = _folded(line(child(content, "headline")))
    for description in children(content, "description"):
        told = line(description)
        folded = _folded(told)
        if told and not (headline and folded.endswith(headline) and (folded == headline or _is_caption(description))):
            return told
    return None


def _is_caption(description: etree._Element) -> bool:
    return (description.get("role") or "").rpartition(":")[2].lower() == "caption"


def _folded(text: str | None) -> str:
    return "".join(filter(str.isalnum, (text or "").lower()))


def _code(element: etree._Element | None) -> str | None:
    """Return the code that an element refers to, less its scheme."""
    if element is None:
        return None
    if code := element.get("qcode") or element.get("literal"):
        return code.rpartition(":")[2]
    uri = element.get("uri") or ""
    return uri.rpartition("/")[2] if uri.startswith(_CODES) else None


def _name(element: etree._Element | None) -> str | None:
    return line(child(element, "name"))


def _party(element: etree._Element | None) -> str | None:
    """Return the name of a party or place, or else what stands for it."""
    literal = element.get("literal") if element is not None else None
    return _name(element) or literal or _code(element)


def _link(management: etree._Element | None) -> str | None:
    """Return the web address of the item's own page, where a link gives one."""
    for link in children(management, "link"):
        if (link.get("rel") or "").rpartition(":")[2] in ("canonical", "alternate", "isPublishedAt"):
            return web_address(link.get("href"))
    return None
