"""Reuters Corpus, volumes 1 and 2 (RCV1, RCV2): a `newsitem` a file."""

from __future__ import annotations

from lxml import etree

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.wire.markup import child, find_all, line, paragraphs

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def is_item(root: etree._Element) -> bool:
    """Say whether an element is a story of the corpus."""
    return root.get("itemid") is not None and child(root, "text") is not None


def document(item: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return a story's document, of form `record`. Raises Fault `no text` where it has none."""
    text = paragraphs(child(item, "text"))
    if not text:
        raise Fault("no text", "a story of the Reuters Corpus without a text")
    metadata = child(item, "metadata")
    dates = {} if metadata is None else {each.get("element"): each.get("value") for each in find_all(metadata, "dc")}
    byline = line(child(item, "byline"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=item.get("itemid"),
        namespace="reuters corpus",
        headline=line(child(item, "headline")) or line(child(item, "title")),
        authors=(byline,) if byline else (),
        byline=byline,
        dateline=line(child(item, "dateline")),
        credit="Reuters",
        language=item.get(_LANG) or dates.get("dc.language"),
        published=item.get("date") or dates.get("dc.date.published") or dates.get("dc.date.created"),
    )
