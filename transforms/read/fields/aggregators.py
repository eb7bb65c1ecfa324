"""Feeds of aggregators: whose article an entry is of, where a feed lists other outlets' articles.

RSS names the outlet of an item in `<source url>`, Bing in `<News:Source>`. Everywhere else `<source>` may be an agency
that the outlet has the text from.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from wirecopy.transforms.addresses import original

_HOSTS = re.compile(
    r"(?:.*\.)?(?:news\.google\.[\w.]+|news\.url\.google\.com|google\.[\w.]+|bing\.com|newsbrief\.eu|emm\.[\w.]+"
    r"|medisys\.newsbrief\.eu|feedly\.com|inoreader\.com|newsblur\.com|flipboard\.com|ground\.news|newsnow\.co\.uk"
    r"|smartnews\.com|newslookup\.com|headtopics\.com|feedburner\.com|feedproxy\.google\.com|rss\.app|apple\.news"
    r"|duckduckgo\.com|flip\.it|news\.yahoo\.com|yahoo\.com|msn\.com|newsbreak\.com|dailyhunt\.in|squidapp\.co|upday\.com|news\.search\.yahoo\.com|talkwalker\.com|moreover\.com|newscatcherapi\.com|eventregistry\.org)"
)
_ITEM = re.compile(rb"<(item|entry)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ORIGINAL = re.compile(
    rb"<(?:feedburner:origLink|pheedo:origLink)>\s*(?:<!\[CDATA\[)?\s*(https?://[^<\]\s]+)", re.IGNORECASE
)
_NAMED = re.compile(rb"<News:Source>\s*(?:<!\[CDATA\[)?([^<\]]+)", re.IGNORECASE)
_BEHIND = re.compile(r"\s+(?:[-–—|·]|::)\s+")


def is_aggregator(url: str | None) -> bool:
    """Say whether an address is an aggregator's own, or one of its links to somebody else's article."""
    try:
        return bool(url) and _HOSTS.fullmatch((urlsplit(url or "").hostname or "").lower()) is not None
    except ValueError:
        return False


def is_elsewhere(url: str | None) -> bool:
    """Say whether an aggregator's link carries the address of the article that it leads to."""
    return bool(url) and not is_aggregator(original(url or ""))


def is_same_site(url: str | None, other: str | None) -> bool:
    """Say whether two addresses are of one host, or of one within the other, as `news.a.com` is within `a.com`."""
    try:
        hosts = [(urlsplit(each or "").hostname or "").lower().removeprefix("www.") for each in (url, other)]
    except ValueError:
        return False
    return all(hosts) and (
        hosts[0] == hosts[1] or hosts[0].endswith(f".{hosts[1]}") or hosts[1].endswith(f".{hosts[0]}")
    )


def named(data: bytes, entries: int) -> list[str | None]:
    """Return the outlets' names that a feed of Bing gives its items, in order; none where there are no such names."""
    return _in_items(data, entries, b"News:Source", _NAMED)


def originals(data: bytes, entries: int) -> list[str | None]:
    """Return the addresses that a feed of FeedBurner gives its items beside its own, in order."""
    return _in_items(data, entries, b":origLink", _ORIGINAL)


def _in_items(data: bytes, entries: int, sign: bytes, pattern: re.Pattern[bytes]) -> list[str | None]:
    if sign not in data:
        return [None] * entries
    items = [item[0] for item in _ITEM.finditer(data)]
    if len(items) != entries:
        return [None] * entries
    found = (pattern.search(item) for item in items)
    return [unescape(told[1].decode("utf-8", "replace").strip()) if told else None for told in found]


def without_publisher(title: str, publisher: str) -> str:
    """Return a title without the outlet's name that an aggregator sets behind it."""
    for cut in reversed([*_BEHIND.finditer(title)]):
        if title[cut.end() :].strip().casefold() == publisher.strip().casefold():
            return title[: cut.start()]
    return title
