"""What of the lake's feeds is due, shared out so that all that is asked of one domain is asked by one worker."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from wirecopy.transforms.fetch.http.politeness import domain
from wirecopy.transforms.fetch.known import Known
from wirecopy.transforms.fetch.schedule import is_due
from wirecopy.transforms.hashing import blake2b_128

SHARES = 64
"""Domains are shared out into so many; workers beyond that have nothing to ask."""

MOST_DUE = 20
"""Requests of one share that are sent at once; what is left comes the next time."""


class Due(NamedTuple):
    """A request that is due: names and a moment, never a text.

    Attributes:
        feed_url: the feed to be polled, or that of the entry.
        entry_id: the entry whose page is to be had; empty for a poll.
        at: since when it is due, microseconds UTC; 0 where it never was asked for.
    """

    feed_url: str
    entry_id: str
    at: int


def due(known: Known, now: int, every_s: int | None = None) -> dict[int, list[Due]]:
    """Return the requests that are due, by the share of their domain, the longest due first.

    Args:
        known: what the lake knows of feeds.
        now: the time, microseconds UTC.
        every_s: interval for feeds that have none of their own.
    """
    found: dict[int, list[Due]] = defaultdict(list)
    for feed in known.feeds.values():
        if is_due(feed, now, every_s):
            found[share(feed.feed_url)].append(Due(feed.feed_url, "", feed.next_at or 0))
    for (feed_url, entry_id), row in known.open.items():
        if row["next_at"] <= now and row["url"]:
            found[share(row["url"])].append(Due(feed_url, entry_id, row["next_at"]))
    return {number: sorted(requests, key=lambda one: (one.at, one)) for number, requests in found.items()}


def still_due(known: Known, requests: Iterable[Due]) -> list[Due]:
    """Return the requests that the lake does not know to be answered since."""
    return [one for one in requests if _is_open(known, one)]


def share(url: str) -> int:
    """Return the share, from 0 to SHARES - 1, of the registrable domain of a URL."""
    return int.from_bytes(blake2b_128(domain(url).encode())[:4], "big") % SHARES


def packed(requests: Sequence[Due]) -> str:
    """Return requests as they travel."""
    return json.dumps(requests)


def unpacked(text: str) -> list[Due]:
    """Return the requests that `packed` made a text of."""
    return [Due(*one) for one in json.loads(text)]


class Sent:
    """Remembers for PATIENCE_S what was sent, so that it is not sent again before the lake can know its answer."""

    PATIENCE_S = 120

    def __init__(self) -> None:
        self._sent: dict[Due, int] = {}

    def fresh(self, found: Mapping[int, Sequence[Due]], now: int) -> dict[int, list[Due]]:
        """Return at most MOST_DUE requests of each share that were not sent lately, and remember them as sent now."""
        oldest = now - self.PATIENCE_S * 1_000_000
        self._sent = {one: at for one, at in self._sent.items() if oldest < at <= now}
        new = {number: [one for one in requests if one not in self._sent] for number, requests in found.items()}
        taken = {number: requests[:MOST_DUE] for number, requests in new.items() if requests}
        self._sent.update((one, now) for requests in taken.values() for one in requests)
        return taken


def _is_open(known: Known, one: Due) -> bool:
    if one.entry_id:
        row = known.open.get((one.feed_url, one.entry_id))
        return row is not None and row["next_at"] == one.at
    feed = known.feeds.get(one.feed_url)
    return feed is not None and (feed.next_at or 0) == one.at
