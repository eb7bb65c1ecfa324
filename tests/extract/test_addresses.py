"""Copies in archives and caches and links that lead on are of the article whose address they carry."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.addresses import original
from wirecopy.transforms.extract.identity import identity
from wirecopy.transforms.extract.urls import canonical_url, outlet
from wirecopy.transforms.read.feeds.feeds import document, parse

OWN = "https://ellerygazette.com/news/vote-3.html"
WRAPPED = [
    "https://web.archive.org/web/20260307101112/https://www.ellerygazette.com/news/vote-3.html",
    "https://web.archive.org/web/20260307101112id_/http:/www.ellerygazette.com/news/vote-3.html",
    "http://archive.org/wayback/20260307/http://www.ellerygazette.com:80/news/vote-3.html",
    "https://webarchive.nationalarchives.gov.uk/20260307101112/https://www.ellerygazette.com/news/vote-3.html",
    "https://arquivo.pt/wayback/20260307101112/https://www.ellerygazette.com/news/vote-3.html",
    "https://archive.ph/2026.03.06-101112/https://www.ellerygazette.com/news/vote-3.html",
    "https://archive.today/newest/https://www.ellerygazette.com/news/vote-3.html",
    "https://www-ellerygazette-com.cdn.ampproject.org/c/s/www.ellerygazette.com/news/vote-3.html?amp=1",
    "https://www.google.com/amp/s/www.ellerygazette.com/news/vote-3.html",
    "https://12ft.io/proxy?q=https%3A%2F%2Fwww.ellerygazette.com%2Fnews%2Fvote-3.html",
    "https://r.jina.ai/https://www.ellerygazette.com/news/vote-3.html",
    "https://ghostarchive.org/archive/AbC12?url=https://www.ellerygazette.com/news/vote-3.html",
    "https://www.google.co.uk/url?sa=t&url=https://www.ellerygazette.com/news/vote-3.html&usg=A",
    "http://www.bing.com/news/apiclick.aspx?ref=F&url=https%3a%2f%2fwww.ellerygazette.com%2fnews%2fvote-3.html&c=1",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.ellerygazette.com%2Fnews%2Fvote-3.html&h=AT",
    "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fwww.ellerygazette.com%2Fnews%2Fvote-3.html",
    "https://r.search.yahoo.com/_ylt=A/RV=2/RU=https%3a%2f%2fwww.ellerygazette.com%2fnews%2fvote-3.html/RK=2/RS=-",
    "https://webcache.googleusercontent.com/search?q=cache:x1:https://www.ellerygazette.com/news/vote-3.html+port",
    "https://www-ellerygazette-com.translate.goog/news/vote-3.html?_x_tr_sl=en&_x_tr_tl=de",
    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ellerygazette.com%2Fnews%2Fvote-3.html",
    "https://news.google.com/rss/articles/CBMi"
    + base64.urlsafe_b64encode(b"*https://www.ellerygazette.com/news/vote-3.html\xd2\x01").decode().rstrip("=")
    + "?oc=5",
    "https://web.archive.org/web/2026/https://www.google.com/amp/s/www.ellerygazette.com/news/vote-3.html",
]


@pytest.mark.parametrize("url", WRAPPED)
def test_an_address_within_another(url: str) -> None:
    assert (canonical_url(url), outlet(url)) == (OWN, "ellerygazette.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://archive.ph/AbCdE",
        "https://archive.org/details/ellery",
        "https://news.google.com/rss/articles/CBMihgFBVV95cUxQ?oc=5",
        "https://www.ellerygazette.com/news/2026/https-everywhere",
        "https://www.ellerygazette.com/share?u=1",
        "https://www.ellerygazette.com/url?q=port",
    ],
)
def test_an_address_that_carries_none_stays(url: str) -> None:
    assert original(url) == url


@given(st.text(max_size=60))
def test_nothing_is_raised(text: str) -> None:
    for url in (text, f"https://web.archive.org/web/2026/{text}", f"https://google.com/url?url={text}"):
        original(url)


SHOWN_OTHERWISE = (
    "?print=true ?page=all ?view=print ?outputType=amp ?from=homepage ?from=udn-referral /amp .amp.html .amp"
)


@pytest.mark.parametrize("behind", SHOWN_OTHERWISE.split())
def test_an_article_shown_otherwise_is_the_same(behind: str) -> None:
    assert canonical_url(f"https://www.alphaherald.com/2024/05/07/strike{behind}") == (
        "https://alphaherald.com/2024/05/07/strike"
    )


@pytest.mark.parametrize("behind", ["?page=2", "?from=20", "?from=2024-05-07", "?id=7", "?view=gallery"])
def test_what_may_be_another_article_stays_another(behind: str) -> None:
    assert canonical_url(f"https://a.com/strike{behind}") == f"https://a.com/strike{behind}"


GOOGLE_NEWS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>"port" - Google News</title>
<link>https://news.google.com/search?q=port</link><item><title>Vote - by a hair - The Ellery Gazette</title>
<link>https://news.google.com/rss/articles/CBMiXQ?oc=5</link><description>The council voted on Tuesday.</description>
<source url="https://www.ellerygazette.com">The Ellery Gazette</source></item></channel></rss>"""
BING = b"""<?xml version="1.0"?><rss version="2.0" xmlns:News="https://www.bing.com/news/search?q=port"><channel>
<title>port - BingNews</title><link>https://www.bing.com/news/search?q=port</link><item><title>Vote</title>
<link>http://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fwww.ellerygazette.com%2f1&amp;c=1</link>
<description>The council voted on Tuesday.</description><News:Source>The Ellery Gazette</News:Source></item>
</channel></rss>"""
PAPER = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Alpha Herald</title><link>https://alphaherald.com</link>
<item><title>Vote</title><link>https://alphaherald.com/1</link><description>The council voted.</description>
<source url="https://www.reuters.com/">Reuters</source></item></channel></rss>"""


def test_an_aggregators_entry_is_its_publishers() -> None:
    feed = parse(GOOGLE_NEWS)
    found = document(feed.entries[0], feed, "u", 0, "r")
    assert (found.headline, outlet(found.outlet), found.outlet_name, found.credit) == (
        "Vote - by a hair",
        "ellerygazette.com",
        "The Ellery Gazette",
        None,
    )
    feed = parse(BING)
    found = document(feed.entries[0], feed, "u", 0, "r")
    assert (outlet(found.url), found.outlet_name) == ("ellerygazette.com", "The Ellery Gazette")


def test_an_entry_of_feedburner_has_its_papers_address() -> None:
    feed = parse(
        b'<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><title>E</title>'
        b"<item><title>Vote</title><link>http://feedproxy.google.com/~r/e/~3/1/</link><description>x</description>"
        b"<feedburner:origLink>https://www.ellerygazette.com/1?a=1&amp;b=2</feedburner:origLink></item></channel></rss>"
    )
    assert feed.entries[0].url == "https://www.ellerygazette.com/1?a=1&b=2"


def test_an_aggregator_that_links_to_the_outlets_themselves_names_them() -> None:
    feed = parse(
        PAPER.replace(b"https://www.reuters.com/", b"https://www.alphaherald.com/rss").replace(b"Reuters", b"Alpha")
    )
    found = document(feed.entries[0], feed, "u", 0, "r")
    assert (found.outlet_name, found.credit) == ("Alpha", None)


@pytest.mark.parametrize("behind", [".html", ".amp.html", "", "/amp", ".htm"])
def test_an_ending_makes_no_other_article(behind: str) -> None:
    names = {identity(canonical_url(f"https://a.com/strike{end}"), None, None, "") for end in (behind, ".html")}
    assert len(names) == 1


def test_the_source_of_a_papers_own_entry_is_a_credit() -> None:
    feed = parse(PAPER)
    found = document(feed.entries[0], feed, "u", 0, "r")
    assert (found.outlet, found.outlet_name, found.credit) == (None, "Alpha Herald", "Reuters")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://abcnews.go.com/Politics/1", "abcnews.go.com"),
        ("https://www.news.example/a", "news.example"),
        ("http://192.168.1.5/a", "192.168.1.5"),
        ("http://intranet/a", "intranet"),
        ("Reuters", None),
        ("The A.B. Paper", None),
    ],
)
def test_hosts_without_a_public_name_of_their_own(url: str, expected: str | None) -> None:
    assert outlet(url) == expected
