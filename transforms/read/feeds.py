"""Saved feeds: RSS, Atom and RDF by feedparser, JSON Feed and news sitemaps by readers of our own.

An entry is an article as far as the feed carries its text. A news sitemap names articles and carries none.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import feedparser

from schemas.elements import Document, Reject, Unit
from transforms.read import expat, html, markup
from transforms.read.bounds import FEED_TAGS, TAG_BYTES
from transforms.read.faults import Fault, rejected
from transforms.read.mapping import string, strings, web_address, words
from transforms.read.spans import whole as spans
from transforms.read.streams import Stream

READER_VERSION = 1

__all__ = ["READER_VERSION", "Entry", "Feed", "document", "parse", "read", "spans"]

feedparser.api.PREFERRED_XML_PARSERS.insert(0, expat.__name__)

_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_LONG_TAG = re.compile(rb"<[^<>]{%d}" % TAG_BYTES)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SITEMAP = re.compile(rb"<(?:[\w-]+:)?(?:urlset|sitemapindex)\b")


class Entry(NamedTuple):
    """One entry, as the feed has it and nothing parsed; `markup` is HTML, None where the feed carries no text."""

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
    feed = parse(stream.whole())
    if not feed.entries:
        raise Fault("empty", "a feed without entries")
    for ordinal, entry in enumerate(feed.entries):
        doc_ref = f"{unit.path}#{ordinal + 1}"
        try:
            yield document(entry, feed, unit.unit_id, ordinal, doc_ref)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref, url=entry.url)


def document(entry: Entry, feed: Feed, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return an entry's document. Raises Fault `no text` where the feed carries none."""
    text = markup.fragment(entry.markup) if entry.markup else None
    if not text:
        raise Fault("no text", f"an entry without a text: {entry.title or entry.url or entry.id}")
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=entry.id,
        namespace=feed.url,
        url=entry.url,
        outlet_name=feed.title,
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
        Fault: `malformed` where it is none, `too large` beyond FEED_TAGS tags or a tag of more than TAG_BYTES.
    """
    if _SITEMAP.search(data, 0, 4096):
        return _sitemap(data)
    bare = _CDATA.sub(b"", data)
    if bare.count(b"<") > 2 * FEED_TAGS:
        raise Fault("too large", f"more than {FEED_TAGS:,} tags")
    if _LONG_TAG.search(bare):
        raise Fault("too large", f"a tag of more than {TAG_BYTES:,} bytes")
    if b"<!ENTITY" in bare:
        raise Fault("malformed", "the feed declares entities, which are not expanded")
    text = _DECLARATION.sub("", html.decode(data, declared).lstrip("\ufeff"))
    found = feedparser.parse(
        io.BytesIO(text.encode(errors="replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": address or ""},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.version and not found.entries:
        raise Fault("malformed", f"no feed: {found.get('bozo_exception', 'no known root element')}")
    own = found.feed
    url = next((web_address(link.get("href")) for link in own.get("links", ()) if link.get("rel") == "self"), None)
    entries = tuple(map(_entry, found.entries))
    return Feed(url or web_address(own.get("link")), string(own.get("title")), string(own.get("language")), entries)


def _entry(entry: Any) -> Entry:
    contents = [content for content in entry.get("content", ()) if string(content.get("value"))]
    fullest = max(contents, key=lambda content: len(content["value"]), default=None)
    summary = string(entry.get("summary"))
    return Entry(
        id=string(entry.get("id")),
        url=web_address(entry.get("link")),
        title=_plain(string(entry.get("title"))),
        markup=string(fullest["value"]) if fullest else summary,
        deck=_plain(summary) if fullest and summary != fullest["value"] else None,
        authors=_authors(entry),
        keywords=strings([tag.get("term") for tag in entry.get("tags", ())]) or (),
        source=string(entry.get("source", {}).get("title")),
        language=string((fullest or {}).get("language")),
        published=string(entry.get("published")) or string(entry.get("updated")),
        modified=string(dict.get(entry, "updated")),
    )


def _authors(entry: Any) -> tuple[str, ...]:
    names = [author.get("name") or author.get("email") for author in entry.get("authors", ())]
    return strings([name for name in names if name]) or strings(entry.get("author")) or ()


def _plain(text: str | None) -> str | None:
    """Return a title or summary, which may hold markup, as one line of text."""
    if text and ("<" in text or "&" in text):
        text = markup.fragment(text)
    return " ".join(text.split()) if text else None


def _sitemap(data: bytes) -> Feed:
    """Return the entries of a sitemap with news (Google's sitemap-news 0.9)."""
    root = markup.parse(data)
    entries = []
    for place in markup.find_all(root, "url"):
        news = markup.find(place, "news")
        story = place if news is None else news
        entries.append(
            Entry(
                id=None,
                url=web_address(markup.line(markup.find(place, "loc"))),
                title=markup.line(markup.find(story, "title")),
                markup=None,
                keywords=words(markup.line(markup.find(story, "keywords"))),
                source=markup.line(markup.find(story, "publication", "name")),
                language=markup.line(markup.find(story, "publication", "language")),
                published=markup.line(markup.find(story, "publication_date")),
                modified=markup.line(markup.find(place, "lastmod")),
            )
        )
    return Feed(None, None, None, tuple(entries))
