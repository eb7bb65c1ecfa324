"""Where a page was saved from, and when, as browsers and what extends them write it into the page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

_HEAD = 1 << 13
_SIGNS = ("aved from url=", "SingleFile", "Mirrored from", "-scrapbook-source", "savepage-url", "source-url")
_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)\s*(https?://[^\s<>]+)", re.IGNORECASE)
_SINGLE_FILE = re.compile(
    r"<!--\s*(?:Page|Archive|Processed)[^<>]{0,200}?SingleFile[^<>]{0,80}?\burl:\s*(https?://\S+)"
    r"(?:\s+saved date:\s*([^<>\r\n]{10,100}))?",
    re.IGNORECASE,
)
_MIRRORED = re.compile(r"<!-- Mirrored from ([\w.-]+\.[a-z]{2,24}/[^\s<>]*) by HTTrack", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:data-scrapbook-source=|<meta name=[\"']?(?:savepage-url|source-url)[\"']? content=)[\"']?(https?://[^\s\"'<>]+)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\w{3} (\w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4})")


class Saved(NamedTuple):
    """The address a page was saved from, and microseconds since the epoch when it was; None where it does not say."""

    url: str | None = None
    at: int | None = None


def saved(page: str) -> Saved:
    """Return what a page says of where it was saved from; of one that was saved twice the first time counts."""
    head = page[:_HEAD]
    if not any(sign in head for sign in _SIGNS):
        return Saved()
    if found := _SINGLE_FILE.search(head):
        return Saved(_plain(found[1]), _instant(found[2] or ""))
    for pattern in (_FROM, _MARKED):
        if found := pattern.search(head):
            return Saved(_plain(found[1].removesuffix("--")))
    if found := _MIRRORED.search(head):
        return Saved(f"http://{_plain(found[1])}")
    return Saved()


def _plain(address: str) -> str:
    """Return an address without the escapes of ampersands that some tools write; in `&amp_js=1` none is escaped."""
    return address.replace("&amp;", "&")


def _instant(date: str) -> int | None:
    found = _CLOCK.search(date)
    if not found:
        return None
    try:
        since = datetime.strptime(found[1], "%b %d %Y %H:%M:%S GMT%z") - datetime(1970, 1, 1, tzinfo=UTC)
    except ValueError:
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000
