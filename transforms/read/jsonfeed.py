"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.elements import Document
from transforms.read.faults import Fault
from transforms.read.mapping import string, strings, web_address


class Feed(NamedTuple):
    """What a feed says of all its items."""

    url: str | None
    title: str | None
    language: str | None
    authors: tuple[str, ...]


def is_feed(value: Mapping[str, Any]) -> bool:
    """Say whether an object is a JSON Feed."""
    return "jsonfeed.org/version" in str(value.get("version", ""))


def feed(value: Mapping[str, Any]) -> Feed:
    """Return what a feed says of all its items."""
    return Feed(
        web_address(value.get("feed_url")), string(value.get("title")), string(value.get("language")), _authors(value)
    )


def items(value: Mapping[str, Any]) -> list[Any]:
    """Return a feed's items."""
    found = value.get("items")
    return found if isinstance(found, list) else []


def document(item: Mapping[str, Any], source: Feed, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return an item's document. Raises Fault where it holds no text."""
    html, text = (item.get(name) for name in ("content_html", "content_text"))
    form, content = ("html", html) if isinstance(html, str) and html.strip() else ("record", text)
    if not isinstance(content, str) or not content.strip():
        raise Fault("no text", "an item without content_html and content_text")
    url = web_address(item.get("url")) or web_address(item.get("external_url"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        form,
        string(content, strip=False) or "",
        source_id=string(item.get("id")),
        namespace=source.url,
        url=url,
        outlet_name=source.title,
        feed_url=source.url,
        headline=string(item.get("title")),
        deck=string(item.get("summary")),
        authors=_authors(item) or source.authors,
        language=string(item.get("language")) or source.language,
        keywords=strings(item.get("tags")) or (),
        published=string(item.get("date_published")),
        modified=string(item.get("date_modified")),
    )


def _authors(value: Mapping[str, Any]) -> tuple[str, ...]:
    return strings(value.get("authors") or value.get("author") or None) or ()
