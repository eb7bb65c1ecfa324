"""What a reply to a poll holds: a feed of any kind, or a page that may name its feeds; parsed in processes apart."""

from __future__ import annotations

import asyncio
import codecs
import json
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from typing import Any, NamedTuple, cast
from urllib.parse import urljoin

from lxml import html as lxml_html

from wirecopy.schemas.elements import Reject
from wirecopy.transforms.extract.workers import Pool
from wirecopy.transforms.fetch.http.bounds import BODY_BYTES
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.feeds import feeds, jsonfeed
from wirecopy.transforms.read.feeds.feeds import Feed
from wirecopy.transforms.read.sniff import sniff
from wirecopy.transforms.read.web import html
from wirecopy.transforms.storable import storable

DEADLINE_S = 10.0
MEMORY_BYTES = 256 << 20

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


class Body(NamedTuple):
    """The body of a reply: its bytes, the address it came from, and what Content-Type declares."""

    data: bytes
    url: str
    content_type: str = ""
    doc_ref: str = ""
    unit_id: str = ""


class Parsed(NamedTuple):
    """What a body holds.

    Attributes:
        feed: the feed; None where it is none.
        alternates: the feeds that a page names, best first.
        error: why it is no feed.
    """

    feed: Feed | None
    alternates: Sequence[str] = ()
    error: str | None = None


class Parser:
    """Parses bodies in worker processes that are killed when they take too long or too much memory."""

    def __init__(self, pools: Sequence[Pool[list[Parsed]]]):
        self._idle: asyncio.Queue[Pool[list[Parsed]]] = asyncio.Queue()
        for pool in pools:
            self._idle.put_nowait(pool)

    async def parse(self, body: Body) -> Parsed:
        """Return what a body holds."""
        pool = await self._idle.get()
        try:
            [[result]] = await asyncio.to_thread(lambda: list(pool.map(cast(Any, [[body]]))))
        finally:
            self._idle.put_nowait(pool)
        if isinstance(result, Reject):
            return Parsed(None, (), storable(f"{result.reason}: {result.error}"))
        return storable(result[0])


@asynccontextmanager
async def parsing(workers: int, preload: Sequence[str] = ()) -> AsyncIterator[Parser]:
    """Give a parser with some worker processes, which end with the block; for `preload` see `modules` of `Pool`."""
    with ExitStack() as stack:
        pools = [
            stack.enter_context(Pool(cast(Any, parse_all), 1, DEADLINE_S, DEADLINE_S, MEMORY_BYTES, preload))
            for _ in range(workers)
        ]
        yield Parser(pools)


def parse_all(bodies: Sequence[Body]) -> list[Parsed]:
    """Return what bodies hold; what goes wrong with one is its error."""
    return [parse(body) for body in bodies]


def parse(body: Body) -> Parsed:
    """Return what a body holds: RSS, Atom, RDF, JSON Feed, a news sitemap, or a page with the feeds it names."""
    try:
        return _parse(body)
    except Fault as fault:
        return Parsed(None, (), f"{fault.reason}: {fault.error}")


def _parse(body: Body) -> Parsed:
    data = _unpacked(body.data)
    if not data.strip():
        raise Fault("empty", "a body of no bytes")
    media, charset = body.content_type.lower().partition(";")[0], declared(body.content_type)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()
    head = data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()
    start = head[:4096].lower()
    if head[:1] == b"{" and b"jsonfeed.org/version" in data:
        return Parsed(jsonfeed.feed(_object(data)))
    if any(root in start for root in (b"<rss", b"<feed", b"<rdf:rdf", b"<urlset", b"<channel", b"<sitemapindex")):
        return Parsed(feeds.parse(data, charset, body.url))
    if sniff(head, "") == "html" or media in ("text/html", "application/xhtml+xml"):
        return Parsed(None, alternates(data, body.url, charset), "a page of HTML and no feed")
    return Parsed(feeds.parse(data, charset, body.url))


def declared(content_type: str) -> str | None:
    """Return the charset that a Content-Type declares, in lower case."""
    parameters = content_type.lower().partition(";")[2]
    return parameters.partition("charset=")[2].partition(";")[0].strip(" \"'") or None


def alternates(data: bytes, url: str, charset: str | None = None) -> tuple[str, ...]:
    """Return the addresses of the feeds that a page names as its alternates, those of comments last."""
    tree = lxml_html.document_fromstring(html.decode(data, charset).encode(), base_url=url)
    base = next((urljoin(url, place) for place in tree.xpath("//base/@href")), url)
    found = [
        (("comment" in (link.get("title") or link.get("href")).lower()), urljoin(base, link.get("href")))
        for link in tree.xpath("//link[@href]")
        if "alternate" in (link.get("rel") or "").lower().split()
        and (link.get("type") or "").lower().partition(";")[0].strip() in _FEED_TYPES
    ]
    return tuple(dict.fromkeys(place for _, place in sorted(found, key=lambda one: one[0])))


def _unpacked(data: bytes) -> bytes:
    """Return a body that is gzip though no header says so (RFC 1952) decoded, any other as it is."""
    if not data.startswith(b"\x1f\x8b\x08"):
        return data
    decoder = zlib.decompressobj(31)
    try:
        plain = decoder.decompress(data, BODY_BYTES + 1)
    except zlib.error as error:
        raise Fault("damaged", f"gzip: {error}") from None
    if len(plain) > BODY_BYTES:
        raise Fault("too large", f"a body of more than {BODY_BYTES:,} bytes")
    if not decoder.eof:
        raise Fault("truncated", "gzip that ends in the middle")
    return plain


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(html.decode(data))
    except (ValueError, RecursionError) as error:
        raise Fault("malformed", f"JSON: {error}") from None
    if not isinstance(value, dict):
        raise Fault("malformed", "JSON, but no object")
    return value
