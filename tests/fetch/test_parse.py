"""Bodies of polls: every kind of feed, pages, and what is neither; each within its bounds."""

import asyncio
import gzip

import pytest

from wirecopy.transforms.fetch.parse import Body, alternates, parse, parsing

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://n.example.com/</link>
<item><title>Fish &amp;amp; chips&#8217; price</title><link>/a?b=1&amp;c=2</link><guid>1</guid>
<description>&lt;p&gt;One line
another &amp;amp; a third&lt;/p&gt;</description><pubDate>Thu, 01 Jan 2026 10:00:00 MSK</pubDate></item></channel>
</rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><id>urn:1</id><title>A</title>
<link href="https://n.example.com/a"/><updated>2026-01-01T10:00:00Z</updated></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel><title>News</title></channel><item rdf:about="https://n.example.com/a"><title>A</title>
<link>https://n.example.com/a</link></item></rdf:RDF>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "News",
"items": [{"id": "1", "url": "https://n.example.com/a", "title": "A"}]}"""
SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://n.example.com/a</loc><news:news>
<news:publication_date>2026-01-01</news:publication_date><news:title>A</news:title></news:news></url></urlset>"""


@pytest.mark.parametrize("data", [ATOM, RDF, JSON, SITEMAP, b"\xef\xbb\xbf\n" + ATOM, b"<!-- made by x -->" + ATOM])
def test_each_kind_of_feed_gives_its_entry(data):
    [entry] = parse(Body(data, "https://n.example.com/feed")).feed.entries
    assert (entry.url, entry.title) == ("https://n.example.com/a", "A")


def test_a_feed_in_gzip_that_no_header_announces_is_read():
    [entry] = parse(Body(gzip.compress(ATOM), "https://n.example.com/feed")).feed.entries
    assert entry.title == "A"
    assert "damaged" in parse(Body(gzip.compress(ATOM)[:12] + b"\xff" * 40, "https://n.example.com/feed")).error
    assert "truncated" in parse(Body(gzip.compress(ATOM)[:-9], "https://n.example.com/feed")).error
    assert "too large" in parse(Body(gzip.compress(bytes(20_000_000)), "https://n.example.com/feed")).error


def test_a_password_in_an_id_or_a_link_is_left_out():
    secret = b"https://me:secret@n.example.com/a"
    for data in (ATOM.replace(b"urn:1", secret), JSON.replace(b'"1"', b'"' + secret + b'"')):
        data = data.replace(b'"https://n.example.com/a"', b'"' + secret + b'"')
        [entry] = parse(Body(data, "https://n.example.com/feed")).feed.entries
        assert (entry.id, entry.url) == ("https://n.example.com/a", "https://n.example.com/a")


def test_text_in_many_pieces_is_one_and_addresses_are_absolute():
    [entry] = parse(Body(RSS, "https://n.example.com/rss/feed")).feed.entries
    assert entry.title == "Fish & chips’ price"
    assert entry.url == "https://n.example.com/a?b=1&c=2"
    assert entry.markup == "<p>One line\nanother &amp; a third</p>"
    assert entry.published == "Thu, 01 Jan 2026 10:00:00 MSK"


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "shift_jis", "gb18030", "utf-16"])
def test_the_replys_charset_counts_where_the_body_names_none(charset):
    title = "価格" if charset == "shift_jis" else "价格" if charset == "gb18030" else "Цены выросли"
    data = f"<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>".encode(charset)
    [entry] = parse(Body(data, "https://n.example.com/", f"text/xml; charset={charset}")).feed.entries
    assert entry.title == title


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"hello",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"{",
        b'{"version": "https://jsonfeed.org/version/1", "items": [',
        b"[1]",
        b"<rss>" + b"<a " + b"b='1' " * 40_000 + b"/>",
        b"<!DOCTYPE r [<!ENTITY a 'b'><!ENTITY c '&a;&a;&a;'>]><rss><channel><title>&c;</title></channel></rss>",
        b"<rss>" + b"<item/>" * 500_000,
    ],
)
def test_what_is_no_feed_or_beyond_bounds_says_why(data):
    found = parse(Body(data, "https://n.example.com/"))
    assert found.feed is None
    assert found.error


def test_a_page_names_its_feeds_those_of_comments_last():
    data = b"""<!doctype html><base href="https://n.example.com/x/"><link rel=alternate type="application/rss+xml"
    title="Comments" href="/c"><link rel="Alternate" type="application/atom+xml; charset=utf-8" href="atom">
    <link rel=alternate hreflang=de href="/de"><link rel=stylesheet type="text/css" href="/s">"""
    assert alternates(data, "https://n.example.com/") == ("https://n.example.com/x/atom", "https://n.example.com/c")
    assert parse(Body(data, "https://n.example.com/")).feed is None


def test_a_body_that_takes_too_long_is_given_up_and_the_next_one_parsed():
    async def go():
        async with parsing(1) as parser:
            first = asyncio.create_task(parser.parse(Body(b"<rss>" + b"<a>" * 180_000, "https://n.example.com/")))
            second = asyncio.create_task(parser.parse(Body(ATOM, "https://n.example.com/")))
            return await first, await second

    slow, fine = asyncio.run(go())
    assert slow.feed is None or not slow.feed.entries
    assert len(fine.feed.entries) == 1
