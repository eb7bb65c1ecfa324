"""Lists of feeds as OPML 2.0 (opml.org), in and out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.wire import markup


class Outline(NamedTuple):
    """A feed in a list: its address, its title, and the page it belongs to."""

    url: str
    title: str | None = None
    page: str | None = None


def read_opml(data: bytes) -> list[Outline]:
    """Return the feeds of an OPML document, in order, each address once; folders are passed through.

    Raises ValueError where it is no OPML.
    """
    try:
        root = markup.parse(data)
    except Fault as fault:
        raise ValueError(fault.error) from None
    if markup.local(root).lower() != "opml":
        raise ValueError(f"no OPML: its root is {markup.local(root)}")
    found: dict[str, Outline] = {}
    for element in root.iter():
        fields = {name.lower(): value.strip() for name, value in element.attrib.items()}
        url = fields.get("xmlurl")
        if url:
            title = fields.get("title") or fields.get("text") or None
            found.setdefault(url, Outline(url, title, fields.get("htmlurl") or None))
    return list(found.values())


def write_opml(outlines: Iterable[Outline], title: str) -> bytes:
    """Return an OPML document of some feeds."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for outline in outlines:
        fields = {"type": "rss", "text": outline.title or outline.url, "xmlUrl": outline.url}
        etree.SubElement(body, "outline", fields | ({"htmlUrl": outline.page} if outline.page else {}))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
