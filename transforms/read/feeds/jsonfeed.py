"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.read.feeds.feeds import Entry, Feed
from wirecopy.transforms.read.fields.mapping import string, strings, web_address


def is_feed(value: Mapping[str, Any]) -> bool:
    """Say whether an object is a JSON Feed."""
    return "jsonfeed.org/version" in str(value.get("version", ""))


def feed(value: Mapping[str, Any]) -> Feed:
    """Return the feed that an object is; items that are no objects are left out."""
    items = value.get("items")
    found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    everyone = _authors(value)
    return Feed(
        web_address(value.get("feed_url")) or web_address(value.get("home_page_url")),
        string(value.get("title")),
        string(value.get("language")),
        tuple(_entry(item, everyone) for item in found),
    )


def _entry(item: Mapping[str, Any], everyone: tuple[str, ...]) -> Entry:
    plain = string(item.get("content_text"))
    return Entry(
        id=without_user(string(item.get("id")) or "") or None,
        url=web_address(item.get("url")) or web_address(item.get("external_url")) or web_address(item.get("id")),
        title=string(item.get("title")),
        markup=string(item.get("content_html")) or (_paragraphs(plain) if plain else None),
        deck=string(item.get("summary")),
        authors=_authors(item) or everyone,
        keywords=strings(item.get("tags")) or (),
        language=string(item.get("language")),
        published=string(item.get("date_published")),
        modified=string(item.get("date_modified")),
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())


def _authors(value: Mapping[str, Any]) -> tuple[str, ...]:
    return strings(value.get("authors") or value.get("author") or None) or ()
