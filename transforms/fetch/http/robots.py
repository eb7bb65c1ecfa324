"""What a site's robots.txt says to this program (RFC 9309), and how long a pause it asks for."""

from __future__ import annotations

from typing import NamedTuple

from protego import Protego

PRODUCT = "wirecopy"
MAX_BYTES = 512 << 10
"""RFC 9309 asks for at least 500 KiB to be read."""

FRESH_S = 86_400
RETRY_S = 600
MAX_DELAY_S = 60.0
"""Longer pauses than that are meant for indexing whole sites."""


class Rules(NamedTuple):
    """What robots.txt of one origin says.

    Attributes:
        text: the file; None where all is forbidden because the server fails to say.
        fresh_s: seconds for which it holds.
    """

    text: str | None
    fresh_s: int = FRESH_S


def rules(status: int | None, body: bytes) -> Rules:
    """Return what a reply to the request for robots.txt says, or what the lack of one does (RFC 9309, 2.3.1).

    A file that is not there allows everything, one that the server fails to give (5xx, or no reply) nothing for now.
    """
    if status is None or status >= 500 or status == 429:
        return Rules(None, RETRY_S)
    if not 200 <= status < 300:
        return Rules("")
    return Rules(body[:MAX_BYTES].decode("utf-8", "replace"))


class Robots:
    """The parsed rules of one origin."""

    def __init__(self, found: Rules):
        self._parsed = Protego.parse(found.text) if found.text is not None else None

    def allows(self, url: str) -> bool:
        """Say whether a URL of the origin may be asked for."""
        return self._parsed is not None and bool(self._parsed.can_fetch(url, PRODUCT))

    @property
    def fails(self) -> bool:
        """Whether the server failed to say."""
        return self._parsed is None

    @property
    def delay_s(self) -> float:
        """Seconds between requests that it asks for; at most MAX_DELAY_S, 0 where it asks for none."""
        delay = self._parsed.crawl_delay(PRODUCT) if self._parsed else None
        return min(max(float(delay or 0.0), 0.0), MAX_DELAY_S)
