"""Saved feeds: RSS, Atom and RDF as feedparser finds them, JSON Feed and news sitemaps by readers of our own.

An entry is an article as far as the feed carries its text. A news sitemap names articles and carries none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape, unescape
from html.entities import html5
from typing import Any, NamedTuple

from lxml import etree
from lxml.html import defs

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.feeds import syndication
from wirecopy.transforms.read.fields.aggregators import (
    is_aggregator,
    is_elsewhere,
    is_same_site,
    named,
    originals,
    without_publisher,
)
from wirecopy.transforms.read.fields.mapping import web_address, words
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire import markup

READER_VERSION = 3

__all__ = ["READER_VERSION", "Entry", "Feed", "document", "parse", "read", "spans"]

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_MARKUP = re.compile(r"</\w|<(?:br|hr|img|li|p|wbr)\b[^<>]*>|&#?\w+;", re.IGNORECASE)
_TAG = re.compile(r"</?(\w+)")
_ENTITY = re.compile(r"&(\w+;)")
_WARNING = re.compile(rb"\b(?:Warning|Notice|Deprecated|Strict Standards|Fatal error|Parse error)(?:</b>)?:\s")
_BEGINNING = re.compile(rb"<\?xml[^>]*\?>\s*(?:<!--.*?-->\s*|<\?[^>]*\?>\s*){0,9}<(?:rss|feed|rdf:RDF)\b", re.DOTALL)
"""The beginning of a feed, which nothing but a feed holds so near its own."""
_HEAD, _NEAR = 1 << 15, 1 << 9
_SITEMAP = re.compile(rb"<(?:[\w-]+:)?(?:urlset|sitemapindex)\b")


class Entry(NamedTuple):
    """One entry, as the feed has it and nothing parsed; `markup` is HTML, None where the feed carries no text.

    `publisher` and `publisher_url` are whose article it is where an aggregator lists it.
    """

    id: str | None
    url: str | None
    title: str | None
    markup: str | None
    deck: str | None = None
    authors: Sequence[str] = ()
    keywords: Sequence[str] = ()
    source: str | None = None
    language: str | None = None
    published: str | None = None
    modified: str | None = None
    publisher: str | None = None
    publisher_url: str | None = None


class Refused(NamedTuple):
    """An entry without a document: its `doc_ref`, what is wrong, and its address."""

    doc_ref: str
    fault: Fault
    url: str | None


class Feed(NamedTuple):
    """A feed: its own address, its title, its language, and its entries in order."""

    url: str | None
    title: str | None
    language: str | None
    entries: Sequence[Entry]


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document of form `record` for each entry with a text, and a reject for each without.

    `doc_ref` is path#number of the entry. Raises Fault and OSError.
    """
    feed = parse(_behind_warnings(stream.whole()))
    if not feed.entries:
        raise Fault("empty", "a feed without entries")
    for found in documents(feed, unit.unit_id, 0, unit.path, "#", 1):
        yield rejected(unit, found.fault, found.doc_ref, url=found.url) if isinstance(found, Refused) else found


def documents(feed: Feed, unit_id: str, ordinal: int, path: str, sign: str, first: int) -> Iterator[Document | Refused]:
    """Yield the document of each entry of a feed, or why it has none.

    Entries that link to one page, as those of a ticker do, are told apart by their ids, or their texts, and none has
    that page as its address.

    Args:
        feed: the feed.
        unit_id: the unit that it stands in.
        ordinal: the number of the first entry within the unit.
        path: what a `doc_ref` begins with, before `sign` and the entry's number from `first` on.
    """
    shared = _shared_pages(feed.entries)
    for index, entry in enumerate(feed.entries):
        doc_ref = f"{path}{sign}{index + first}"
        try:
            found = document(entry, feed, unit_id, ordinal + index, doc_ref)
        except Fault as fault:
            yield Refused(doc_ref, fault, entry.url)
            continue
        page = _page(entry)
        if page in shared:
            own = entry.id if entry.id and entry.id != page else None
            found = found._replace(url=None, outlet=found.outlet or page, source_id=own)
        yield found


def starts_after_warnings(head: bytes) -> int:
    """Return the byte at which a document begins behind what a server put in front of it: warnings, marks, scripts.

    It is 0 where nothing stands in front of it.
    """
    if head.startswith((b"<?xml", b"<!DOCTYPE", b"<rss", b"<feed", b"{", b"[")) or b"<?xml" not in head[:_HEAD]:
        return 0
    if found := _BEGINNING.search(head, 1, 1 << 10):
        return found.start()
    if head.startswith((b"<!", b"<html")) or not _WARNING.search(head, 0, _NEAR):
        return 0
    return max(0, head.find(b"<?xml", 1, _HEAD))


def _behind_warnings(data: bytes) -> bytes:
    return data[starts_after_warnings(data) :]


def _page(entry: Entry) -> str | None:
    return entry.url.partition("#")[0] if entry.url else None


def _shared_pages(entries: Sequence[Entry]) -> set[str | None]:
    """Return the pages that are no article's own: several entries link to each, as all of a feed do, or under titles of
    their own and either with ids of their own or at least three of them.
    """
    by_page: dict[str | None, list[Entry]] = {}
    for entry in entries:
        by_page.setdefault(_page(entry), []).append(entry)
    by_page.pop(None, None)
    found: set[str | None] = set()
    for page, linking in by_page.items():
        if len(linking) < 2:
            continue
        titles = {(entry.title or "").casefold() for entry in linking} - {""}
        ids = {entry.id for entry in linking} - {None, page}
        told_apart = len(titles) == len(linking) and (len(ids) == len(linking) or len(linking) > 2)
        if len(linking) == len(entries) or told_apart:
            found.add(page)
    return found


def document(entry: Entry, feed: Feed, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return an entry's document. Raises Fault `no text` where the feed carries none."""
    text = markup.fragment(entry.markup) if entry.markup else None
    if not text:
        raise Fault("no text", f"an entry without a text: {entry.title or entry.url or entry.id}")
    is_listed = is_aggregator(entry.url)
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=entry.id,
        namespace=feed.url,
        url=entry.url,
        outlet=entry.publisher_url,
        outlet_name=entry.publisher or (None if is_listed and is_elsewhere(entry.url) else feed.title),
        feed_url=feed.url,
        headline=entry.title,
        deck=entry.deck,
        authors=entry.authors,
        credit=entry.source,
        language=entry.language or feed.language,
        keywords=entry.keywords,
        published=entry.published,
        modified=entry.modified,
    )


def parse(data: bytes, declared: str | None = None, address: str | None = None) -> Feed:
    """Return the feed that the bytes of an RSS, Atom or RDF feed or of a news sitemap are.

    Args:
        data: the feed.
        declared: the encoding that the reply it came with declares.
        address: where it came from; relative addresses in it are relative to that.

    Raises:
        Fault: see `syndication.find`.
    """
    if _SITEMAP.search(data, 0, 4096):
        return _sitemap(data, declared)
    feed, entries = syndication.find(data, declared, address or "")
    publishers = named(data, len(entries))
    own = next((web_address(link.get("href")) for link in feed.get("links", ()) if link.get("rel") == "self"), None)
    return Feed(
        own or web_address(feed.get("link")),
        _line(_text(feed.get("title")), feed.get("title_detail")),
        _text(feed.get("language")),
        tuple(
            _listed(
                entry._replace(url=original) if original else entry,
                web_address(raw.get("source", {}).get("href")),
                name,
            )
            for entry, raw, name, original in zip(
                map(_entry, entries), entries, publishers, originals(data, len(entries)), strict=True
            )
        ),
    )


def _listed(entry: Entry, address: str | None, name: str | None) -> Entry:
    """Return an entry of an aggregator with whose article it is, in place of a source of its text; others unchanged."""
    publisher = name or entry.source
    if publisher and is_same_site(entry.url, address):
        return entry._replace(source=None, publisher=publisher)
    if not publisher or not is_aggregator(entry.url) or not (address or name):
        return entry
    title = without_publisher(entry.title, publisher) if entry.title else None
    url = None if is_elsewhere(entry.url) else address
    return entry._replace(title=title, source=None, publisher=publisher, publisher_url=url)


def _entry(entry: Mapping[str, Any]) -> Entry:
    contents = [(text, content) for content in entry.get("content", ()) if (text := _text(content.get("value")))]
    text, content = max(contents, key=lambda one: len(one[0]), default=(None, None))
    summary = _text(entry.get("summary"))
    return Entry(
        id=without_user(_text(entry.get("id")) or "") or None,
        url=web_address(entry.get("link")),
        title=_line(_text(entry.get("title")), entry.get("title_detail")),
        markup=_markup(text, content) if text else _markup(summary, entry.get("summary_detail")),
        deck=_line(summary, entry.get("summary_detail")) if text and summary != text else None,
        authors=_authors(entry),
        keywords=_each(tag.get("term") for tag in entry.get("tags", ())),
        source=_text(entry.get("source", {}).get("title")),
        language=_text(entry.get("language")) or _text((content or {}).get("language")),
        published=_text(entry.get("published")) or _text(entry.get("updated")),
        modified=_text(entry.get("updated")),
    )


def _authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return _each(author.get("name") or author.get("email") for author in entry.get("authors", ()))


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for value in values if (text := _text(value))))


def _text(value: str | None) -> str | None:
    return (value.strip() or None) if value else None


def _line(text: str | None, detail: Mapping[str, Any] | None) -> str | None:
    """Return a title or a summary, which may be markup, on one line."""
    if text and _is_markup(text, detail):
        text = markup.fragment(text) if "<" in text else unescape(text)
    return " ".join(text.split()) if text else None


def _markup(text: str | None, detail: Mapping[str, Any] | None) -> str | None:
    """Return a text, which may be plain, as markup."""
    return escape(text, quote=False) if text and not _is_markup(text, detail) else text


def _is_markup(text: str, detail: Mapping[str, Any] | None) -> bool:
    """Say whether a text is markup: it is said to be, or has tags or entities of HTML and none besides."""
    if "<" not in text and "&" not in text:
        return False
    if detail and detail.get("type") in _HTML_TYPES:
        return True
    return (
        _MARKUP.search(text) is not None
        and all(tag.lower() in defs.tags for tag in _TAG.findall(text))
        and all(entity in html5 for entity in _ENTITY.findall(text))
    )


def _sitemap(data: bytes, declared: str | None) -> Feed:
    """Return the entries of a sitemap with news (Google's sitemap-news 0.9)."""
    try:
        root = markup.parse(data)
    except Fault as fault:
        if fault.reason != "malformed":
            raise
        root = markup.parse(syndication.mended(html.decode(data, declared).encode(errors="replace")))
    return Feed(None, None, None, tuple(map(_place, markup.find_all(root, "url"))))


def _place(place: etree._Element) -> Entry:
    own = _children(place)
    news = _children(own.get("news"))
    publication = _children(news.get("publication"))
    return Entry(
        id=None,
        url=web_address(_content(own.get("loc"))),
        title=_content(news.get("title")),
        markup=None,
        keywords=words(_content(news.get("keywords"))),
        source=_content(publication.get("name")),
        language=_content(publication.get("language")),
        published=_content(news.get("publication_date")),
        modified=_content(own.get("lastmod")),
    )


def _children(element: etree._Element | None) -> dict[str, etree._Element]:
    """Return the first child of each local name."""
    return {markup.local(child): child for child in reversed(element)} if element is not None else {}


def _content(element: etree._Element | None) -> str | None:
    return " ".join((element.text or "").split()) or None if element is not None else None
