"""Feeds are found quickly, and what is found is what feedparser finds; what is commonly wrong with feeds is no loss."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.transforms.read.bounds import FEED_NAMESPACES, FEED_TAGS, LOOSE_FEED_TAGS, MENDS
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.feeds import feeds, syndication, wellformed
from wirecopy.transforms.read.feeds.feeds import Feed

ADDRESS = "https://n.example.com/rss/feed"
ROOT = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:a10="http://www.w3.org/2005/Atom"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dt="http://purl.org/dc/terms/"
xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:x="urn:x" xmlns:thr="http://purl.org/syndication/thread/1.0"
xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">"""


def unsure(data: bytes, address: str) -> wellformed.Found:
    raise wellformed.Unsure


def by_feedparser(data: bytes) -> Feed:
    with patch.object(wellformed, "parse", unsure):
        return feeds.parse(data, None, ADDRESS)


def item(inside: str) -> bytes:
    return f"{ROOT}<channel><title>News</title><item>{inside}</item></channel></rss>".encode()


TEXTS = st.sampled_from(
    [
        "",
        " ",
        "Fish & chips",
        "Fish &amp; chips",
        "<b>Bold</b> news",
        "<p>One</p><p>Two &#8217; <br>three</p>",
        "a < b",
        "\u00c3\u00a9t\u00c3\u00a9",
        "don\u0092t",
        "\u043d\u043e\u0432\u043e\u0441\u0442\u0438",
        " two\n lines ",
        "https://n.example.com/a?b=1&c=2",
        "https://n.example.com/a?b=1&amp;c=2&copy;d",
        "/relative/path",
        "http:///three.example.com/slashes",
        "urn:uuid:1",
        "12345",
        "desk@example.com (The Desk)",
        "The Desk <desk@example.com>",
        "desk@example.com",
        "@handle",
        "one, two",
        "Thu, 01 Jan 2026 10:00:00 GMT",
        "2026-01-01T10:00:00Z",
    ]
)
FAMILIES = [
    "title dc:title media:title a10:title Title source image",
    "description summary content content:encoded media:description itunes:summary",
    "link guid id a10:link",
    "category dc:subject media:category media:keywords itunes:keywords",
    "author dc:creator itunes:author managingEditor",
    "pubDate published updated dc:date dt:modified dt:issued a10:updated PUBDATE",
    "title link guid id description summary content content:encoded pubDate published updated dc:date dc:title"
    " dc:creator author category a10:link media:title media:description media:content media:group media:credit"
    " media:thumbnail itunes:subtitle itunes:image itunes:explicit source enclosure comments language dc:language"
    " image x:title x:thing thr:total slash:comments dc:publisher contributor name email rights item textInput"
    " webMaster generator url width icon date links info",
]
HOLDERS = st.sampled_from(
    "author source image media:group media:group media:content media:content x:thing x:thing contributor".split()
)
ATTRIBUTES = st.sampled_from(
    [
        *[{}] * 20,
        {"isPermaLink": "false"},
        {"isPermaLink": "true"},
        {"type": "text"},
        {"type": "html"},
        {"type": "TEXT/HTML"},
        {"type": "xhtml"},
        {"type": "application/octet-stream"},
        {"mode": "base64"},
        {"domain": "topics"},
        {"term": "Economy", "scheme": "topics"},
        {"text": "Economy"},
        {"href": "https://n.example.com/b"},
        {"href": "b", "rel": "Alternate"},
        {"href": "/c", "rel": "self", "type": "application/rss+xml"},
        {"href": "", "rel": "enclosure"},
        {"url": "http://o.example.com/feed"},
        {"xml:lang": "de_AT"},
        {"lang": "fr"},
        {"xml:lang": ""},
        {"xml:base": "https://o.example.com/x/"},
        {"xml:base": "y/"},
        {"x:href": "https://n.example.com/d"},
        {"rdf:about": "https://n.example.com/e"},
    ]
)


def element(name: str, attributes: dict[str, str], inside: str) -> str:
    return f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>{inside}</{name}>"


INSIDES = TEXTS.map(escape) | TEXTS.map(lambda text: f"<![CDATA[{text}]]>")


def trees(family: str) -> st.SearchStrategy[str]:
    leaves = st.builds(element, st.sampled_from(family.split()), ATTRIBUTES, INSIDES)
    inside = st.lists(leaves | TEXTS.map(escape), max_size=4).map("".join)
    return leaves | leaves | leaves | st.builds(element, HOLDERS, ATTRIBUTES, inside)


TREES = st.sampled_from(FAMILIES).flatmap(lambda family: st.lists(trees(family), max_size=7).map("".join))
SCOPES = st.sampled_from([{}, {}, {"rdf:about": "urn:1"}, {"xml:lang": "ru"}, {"xml:base": "https://o.example.com/x/"}])
ITEMS = st.builds(element, st.sampled_from(["item", "a10:entry"]), SCOPES, TREES)
FEEDS = st.builds(
    lambda kind, inside, attributes: f"{ROOT}{element(kind, attributes, ''.join(inside))}</rss>".encode(),
    st.sampled_from(["channel", "channel", "channel", "a10:feed"]),
    st.lists(ITEMS | ITEMS | ITEMS | TREES, max_size=6),
    SCOPES,
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FEEDS)
def test_whatever_is_found_quickly_is_what_feedparser_finds(data: bytes) -> None:
    try:
        wellformed.parse(data, ADDRESS)
    except wellformed.Unsure:
        return
    assert feeds.parse(data, None, ADDRESS) == by_feedparser(data)


USUAL = {
    "blog": item(
        "<title>A</title><link>https://n.example.com/a</link><comments>https://n.example.com/a#c</comments>"
        "<dc:creator><![CDATA[Jane]]></dc:creator><pubDate>Thu, 01 Jan 2026 10:00:00 GMT</pubDate>"
        "<category><![CDATA[World]]></category><guid isPermaLink='false'>1</guid>"
        "<description><![CDATA[A]]></description><content:encoded><![CDATA[<p>A</p>]]></content:encoded><slash:comments>0</slash:comments>"
    ),
    "wire": item(
        "<title>A</title><description>B</description><link>https://n.example.com/a</link>"
        "<author>desk@example.com (The Desk)</author><source url='https://o.example.com/'>Other</source>"
        "<media:group><media:content url='https://n.example.com/a.jpg'><media:credit>Agency</media:credit>"
        "<media:description>Caption</media:description><media:title>Picture</media:title></media:content></media:group>"
        "<enclosure url='https://n.example.com/a.mp3' type='audio/mpeg' length='1'/><x:other a='b'>c</x:other>"
    ),
    "channel": f"{ROOT}<channel><image><url>u</url><title>I</title><link>l</link></image><title>News</title>"
    "<a10:link rel='self' href='https://n.example.com/self'/><skipHours><hour>1</hour></skipHours><ttl>5</ttl>"
    "<textInput><title>T</title><name>q</name><link>l</link></textInput><item/></channel></rss>".encode(),
    "atom": b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://n.example.com/"><title>N</title>
<author><name>N</name></author><entry><id>tag:1</id><title type="html">A &amp;amp; B</title><link href="a"/>
<link rel="edit" href="b"/><updated>2026-01-01T10:00:00Z</updated><author><name>Jane</name><uri>j</uri></author>
<source><id>tag:2</id><title>Other</title><icon>i</icon><author><name>Joe</name></author></source>
<category term="World"/><summary>S</summary><content type="html" xml:lang="en">&lt;p&gt;A&lt;/p&gt;</content></entry>
</feed>""",
    "rdf": b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="a"><title>N</title><items><rdf:Seq>
<rdf:li rdf:resource="b"/></rdf:Seq></items><image rdf:resource="c"/></channel><item rdf:about="b"><title>A</title><link>https://n.example.com/b</link>
<dc:date>2026-01-01</dc:date><dc:language>fr</dc:language><dc:subject>World</dc:subject></item></rdf:RDF>""",
}


@pytest.mark.parametrize("name", USUAL)
def test_usual_feeds_are_found_quickly(name: str) -> None:
    wellformed.parse(USUAL[name], ADDRESS)
    assert feeds.parse(USUAL[name], None, ADDRESS) == by_feedparser(USUAL[name])


def test_each_element_that_feedparser_knows_is_known_here_or_left_to_feedparser() -> None:
    assert sorted(
        wellformed.STRANGE - {"author_detail", "authors", "date", "links", "summary_detail", "title_detail"}
    ) == [
        "body",
        "tags",
        "textInput",
        "xhtml_body",
    ]


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ("A &nbsp; B &eacute;&hellip;", "A B é…"),
        ("AT&T, R & D, a&b; &amp; &lt;c&gt;", "AT&T, R & D, a&b; & <c>"),
        ("A\x0bB", "AB"),
        ("&#X41;", "A"),
        ("A&#xD800;&#0;B &#1080;", "AB и"),
        ("<![CDATA[AT&T]]>", "AT&T"),
    ],
)
def test_what_is_commonly_ill_formed_is_read_all_the_same(inside: str, title: str) -> None:
    data = item(f"<title>{inside}</title><link>https://n.example.com/a?b=1&c=2</link>")
    wellformed.parse(syndication.mended(data), ADDRESS)
    [entry] = feeds.parse(data, None, ADDRESS).entries
    assert (entry.title, entry.url) == (title, "https://n.example.com/a?b=1&c=2")
    assert [one.title for one in feeds.parse(data + b"<script>x & y</script>\n", None, ADDRESS).entries] == [title]


def test_entries_behind_the_end_are_not_lost() -> None:
    data = item("<title>A</title>") + b"<item><title>B</title></item>"
    assert [entry.title for entry in feeds.parse(data).entries] == ["A", "B"]


def test_what_is_broken_beyond_mending_is_what_feedparser_finds() -> None:
    data = item("<title>A</title><guid isPermaLink=false>1</guid></item><item><title>B</title>")
    assert [entry.title for entry in feeds.parse(data).entries] == ["A", "B"]


def test_entities_that_a_document_type_declares_are_expanded_but_none_of_entities() -> None:
    doctype = b"<!DOCTYPE rss [\n<!ENTITY desk 'The \"Desk\"'> <!ENTITY e '&#233;'>\n<!ENTITY % x SYSTEM 'file:///etc/passwd'>%x;]>"
    [entry] = feeds.parse(doctype + item("<title>&desk; caf&e; &other;</title>")).entries
    assert entry.title == 'The "Desk" café &other;'
    [entry] = feeds.parse(
        b"<?xml version='1.0'?><!DOCTYPE rss SYSTEM 'http://o.example.com/x'>" + item("<title>A</title>")
    ).entries
    assert entry.title == "A"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<!DOCTYPE rss [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]>" + item("<title>&c;</title>"), "malformed"),
        (b"<!DOCTYPE r [<!ENTITY a '%s'>]>" % (b"b" * 60_000) + item(f"<title>{'&a;' * 5_000}</title>"), "too large"),
        (item("<title>A</title>" * (FEED_TAGS // 2)), "too large"),
        (item("<x:a>" * LOOSE_FEED_TAGS), "too large"),
        (item("&" * (MENDS + 1)), "too large"),
        (item("".join(f"<a:a xmlns:a='urn:{i}' xmlns:b{i}='urn:b{i}'/>" for i in range(FEED_NAMESPACES))), "too large"),
        (item("<body>A</body><g:pos xmlns:g='http://www.opengis.net/gml'>1 2</g:pos>"), "malformed"),
    ],
)
def test_bombs_and_what_feedparser_dies_of_are_faults(data: bytes, reason: str) -> None:
    with pytest.raises(Fault) as caught:
        feeds.parse(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (b"<rss>" + b"<![CDATA[" * 500_000, 0),
        (b"<rss>" + b"<!--" * 190_000, 0),
        (b"<rss>" + b"&a" * 300_000, 0),
        (b"</rss>" * 150_000 + item("<title>A</title>"), 1),
        (item("<category/>" * 150_000), 1),
        (item("<link/>" * 150_000), 1),
        (item("<title " + " ".join(f"a{i}='1'" for i in range(100_000)) + "/>"), 1),
        (f"{ROOT}<channel>{'<x:a>' * 90_000}{'</x:a>' * 90_000}<item/></channel></rss>".encode(), 1),
    ],
)
def test_what_takes_others_the_square_of_its_size_is_read_in_time(data: bytes, entries: int) -> None:
    assert len(feeds.parse(data, None, ADDRESS).entries) == entries


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE" * 500_000, b"<!DOCTYPE [" + b"<!ENTITY a '" * 200_000, b"<?xml" * 500_000]
)
def test_prologues_without_end_are_no_feeds(data: bytes) -> None:
    with pytest.raises(Fault):
        feeds.parse(data, None, ADDRESS)


@pytest.mark.parametrize(
    ("kind", "text", "title"),
    [
        ("", "Use of <vector> in C++ & more", "Use of <vector> in C++ & more"),
        ("", "<b>Bold</b>&nbsp;news", "Bold news"),
        ("", "One<br>two", "One two"),
        ("", "1 < 2", "1 < 2"),
        ("html", "The <blink>tag", "The tag"),
        ("text", "The <blink>tag", "The <blink>tag"),
    ],
)
def test_a_title_is_markup_where_it_says_so_or_looks_so(kind: str, text: str, title: str) -> None:
    [entry] = feeds.parse(item(element("title", {"type": kind} if kind else {}, escape(text)))).entries
    assert entry.title == title


def test_a_text_goes_on_behind_the_end_of_a_page_in_it() -> None:
    data = item(f"<description>{escape('<p>One</p></body></html><p>Two</p>')}</description>")
    feed = feeds.parse(data)
    assert feeds.document(feed.entries[0], feed, "", 0, "").content == "One\n\nTwo"


def test_plain_text_is_kept_as_it_stands() -> None:
    [entry] = feeds.parse(item(f"<content type='text'>{escape('a <vector> & b')}</content>")).entries
    assert entry.markup == "a &lt;vector&gt; &amp; b"


def test_the_language_of_an_entry_goes_before_that_of_its_text() -> None:
    [entry] = feeds.parse(item("<dc:language>fr</dc:language><content xml:lang='en'>A</content>")).entries
    assert entry.language == "fr"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_any_charset_that_is_declared_is_read_quickly(charset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = f"<?xml version='1.0' encoding='{charset}'?>" + item("<title>Цены выросли</title>").decode()
    never: Callable[..., None] = pytest.fail
    monkeypatch.setattr(syndication, "by_feedparser", never)
    assert feeds.parse(data.encode(charset)).entries[0].title == "Цены выросли"


def test_a_sitemap_is_read_as_far_as_its_own_elements_go() -> None:
    data = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://n.example.com/a.jpg</image:loc><image:title>Picture</image:title></image:image>
<loc> https://n.example.com/a?b=1&c=2 </loc><lastmod>2026-01-02</lastmod><news:news><news:publication><news:name>The
News</news:name><news:language>en</news:language></news:publication><news:title><![CDATA[A & B]]></news:title>
<news:publication_date>2026-01-01</news:publication_date><news:keywords>x, y</news:keywords></news:news></url>
</urlset>"""
    [entry] = feeds.parse(data).entries
    assert (entry.url, entry.title, entry.source) == ("https://n.example.com/a?b=1&c=2", "A & B", "The News")
    assert (entry.published, entry.modified, entry.language) == ("2026-01-01", "2026-01-02", "en")
    assert entry.keywords == ("x", "y")
