"""NewsML 1.0 to 1.2 (IPTC, before NewsML-G2): the news components with a text, whatever stands around them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields.mapping import is_html, status, string, web_address
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire import markup, nitf
from wirecopy.transforms.read.wire.markup import child, children, find, find_all, line, local, paragraphs, parse

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans"]

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_OTHER_ROLES = frozenset("caption summary picture photo graphic video sidebar thumbnail preview quicklook".split())
_MEDIA = frozenset(("text", "complexdata", "html", "xhtml", "nitf", ""))


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each component with a text, and a reject for each item without one.

    `doc_ref` is the path, or path#number where there are several items. Raises Fault and OSError.
    """
    root = parse(stream.whole())
    items = [root] if local(root) == "NewsItem" else list(find_all(root, "NewsItem"))
    if not items:
        raise Fault("not text", f"a NewsML 1 {local(root)} without an item")
    ordinal = 0
    for number, item in enumerate(items, 1):
        doc_ref = unit.path if len(items) == 1 else f"{unit.path}#{number}"
        found = 0
        for component, text, inner in _texts(item):
            found += 1
            inner_ref = doc_ref if found == 1 else f"{doc_ref}/{found}"
            yield _document(item, component, text, inner, found, unit.unit_id, ordinal, inner_ref)
            ordinal += 1
        if not found:
            kinds = {each.get("FormalName") or "" for each in find_all(item, "MediaType")} - {""}
            fault = Fault(
                "not text", "a NewsML 1 item without a text" + (": " + ", ".join(sorted(kinds)) if kinds else "")
            )
            yield rejected(unit, fault, doc_ref, etree.tostring(item, with_tail=False))
            ordinal += 1


def _texts(item: etree._Element) -> Iterator[tuple[etree._Element, str, etree._Element | None]]:
    """Yield components that hold a text, with it, and with the NITF that it is in; one of several equivalents."""
    served: set[etree._Element] = set()
    for component in find_all(item, "NewsComponent"):
        role = child(component, "Role")
        if role is not None and (role.get("FormalName") or "").lower() in _OTHER_ROLES:
            continue
        parent = component.getparent()
        if parent is not None and parent.get("EquivalentsList") == "yes" and parent in served:
            continue
        for content in children(component, "ContentItem"):
            media = child(content, "MediaType")
            if media is not None and (media.get("FormalName") or "").lower() not in _MEDIA:
                continue
            data = child(content, "DataContent")
            inner = None if data is None else find(data, "nitf")
            text = _text(data, inner)
            if text:
                yield component, text, inner
                if parent is not None:
                    served.add(parent)
                break


def _text(data: etree._Element | None, inner: etree._Element | None) -> str | None:
    if data is None:
        return None
    if inner is not None:
        try:
            return str(nitf.document(inner, "", 0, "").content)
        except Fault:
            return None
    if len(data):
        body = find(data, "body")
        return paragraphs(body if body is not None else data)
    held = data.text or ""
    if is_html(held):
        return markup.fragment(held)
    return string(held.strip("\n"), strip=False) if held.strip() else None


def _document(
    item: etree._Element,
    component: etree._Element,
    text: str,
    inner: etree._Element | None,
    number: int,
    unit_id: str,
    ordinal: int,
    doc_ref: str,
) -> Document:
    known = nitf.document(inner, unit_id, ordinal, doc_ref) if inner is not None else None
    base = known or Document(unit_id, ordinal, doc_ref, "record", text)
    around = [component, *component.iterancestors("{*}NewsComponent", "NewsComponent")]
    management = child(item, "NewsManagement")
    identification = child(item, "Identification")
    identifier = None if identification is None else child(identification, "NewsIdentifier")
    public = line(child(identifier, "PublicIdentifier"))
    identity = public.rpartition(":")[0] if public and public.count(":") >= 5 else public
    identity = identity or line(child(identifier, "NewsItemId"))

    def said(name: str) -> str | None:
        return next((told for each in around for lines in children(each, "NewsLines")
                     if (told := line(child(lines, name)))), None)  # fmt: skip

    def party(name: str) -> str | None:
        for each in around:
            for metadata in children(each, "AdministrativeMetadata"):
                for one in children(metadata, name):
                    held = child(one, "Party")
                    if held is not None and (told := held.get("FormalName") or line(held)):
                        return told
        return None

    languages = (found.get("FormalName") for each in around for found in _described(each, "Language"))
    byline = said("ByLine") or base.byline
    state = child(management, "Status")
    return base._replace(
        source_id=f"{identity}/{number}" if identity and number > 1 else identity or base.source_id,
        namespace=(line(child(identifier, "ProviderId")) if not public else "") if identity else base.namespace,
        url=web_address(said("MoreLink")) or base.url,
        headline=said("HeadLine") or base.headline or line(find(item, "NewsLines", "HeadLine")),
        deck=said("SubHeadLine") or base.deck,
        authors=(byline,) if byline and not base.authors else base.authors,
        byline=byline,
        dateline=said("DateLine") or base.dateline,
        slugline=said("SlugLine") or base.slugline or line(child(identification, "NameLabel")),
        credit=said("CreditLine") or party("Provider") or party("Source") or base.credit,
        language=next(filter(None, languages), None) or component.get(_LANG) or item.get(_LANG) or base.language,
        keywords=tuple(dict.fromkeys((*_keywords(around), *base.keywords))),
        status=status(state.get("FormalName") if state is not None else None) or base.status,
        revision=line(child(identifier, "RevisionId")) or base.revision,
        published=line(child(management, "FirstCreated")) or line(child(identifier, "DateId")) or base.published,
        modified=line(child(management, "ThisRevisionCreated")) or base.modified,
    )


def _described(component: etree._Element, name: str) -> Iterator[etree._Element]:
    for metadata in children(component, "DescriptiveMetadata"):
        yield from children(metadata, name)


def _keywords(around: list[etree._Element]) -> Iterator[str]:
    for each in around:
        for lines in children(each, "NewsLines"):
            for found in children(lines, "KeywordLine"):
                if told := line(found):
                    yield told
