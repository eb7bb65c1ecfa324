"""Turns: requests to one registrable domain come one at a time with a pause between them, domains side by side.

The pause is owed to whoever runs the machines, so it is the registrable domain's. An answer that asks to be left alone
(429 or 503 with Retry-After) speaks for its host and no other: of the thousand sites under one domain of a host of
sites, one that is busy silences itself. The others are asked on, one at a time and with the pause, and each may ask to
be left alone in its turn.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from wirecopy.transforms.extract.urls import outlet
from wirecopy.transforms.fetch.schedule import MAX_S

PAUSE_S = 1.0
SIDE_BY_SIDE = 64
"""Requests that are under way at once, over all domains."""

PATIENCE_S = 60.0
"""A host that asked to be left alone for longer is not waited for."""

_SECOND = 1_000_000


class Clock(Protocol):
    """What tells the time and waits."""

    def now(self) -> int:
        """Return microseconds since 1970-01-01 UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return microseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1000

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Held(Exception):
    """A host asked to be left alone until an instant that is too far away to wait for."""

    def __init__(self, host: str, until: int):
        super().__init__(f"{host} asked to be left alone")
        self.until = until


@dataclass
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended_at: int = 0


class Turns:
    """Gives turns to ask a domain.

    Args:
        clock: what tells the time.
        pause_s: seconds between the end of a request to a domain and the next one's beginning.
    """

    def __init__(self, clock: Clock, pause_s: float = PAUSE_S):
        self._clock = clock
        self._pause_s = pause_s
        self._lanes: dict[str, _Lane] = {}
        self._held: dict[str, int] = {}
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)

    @asynccontextmanager
    async def turn(self, url: str, delay_s: float = 0.0) -> AsyncIterator[None]:
        """Wait for a turn with the domain of a URL and hold it for the block.

        Args:
            url: what is to be asked for.
            delay_s: the crawl-delay that its robots.txt asks for, where that is longer than the pause.

        Raises:
            Held: the host asked to be left alone for more than PATIENCE_S, and for no more than can be asked, as
                the clock may have been put back since.
        """
        lane = self._lanes.setdefault(domain(url), _Lane())
        while True:
            while (held_s := self._held_s(url)) > 0:
                await self._clock.sleep(held_s)
            async with lane.lock:
                if self._held_s(url) > 0:
                    continue
                wait_s = max(self._pause_s, delay_s) - max(0, self._clock.now() - lane.ended_at) / _SECOND
                if wait_s > 0:
                    await self._clock.sleep(wait_s)
                async with self._slots:
                    try:
                        yield
                    finally:
                        lane.ended_at = self._clock.now()
                return

    def hold(self, url: str, seconds: float) -> None:
        """Leave the host of a URL alone for some time."""
        name = host(url)
        self._held[name] = max(self._held.get(name, 0), self._clock.now() + round(seconds * _SECOND))

    def _held_s(self, url: str) -> float:
        """Return the seconds for which the host of a URL is to be left alone. Raises Held."""
        name = host(url)
        left_s = (self._held.get(name, 0) - self._clock.now()) / _SECOND
        if left_s > MAX_S:
            del self._held[name]
            return 0.0
        if left_s > PATIENCE_S:
            raise Held(name, self._held[name])
        return left_s


def host(url: str) -> str:
    """Return what an answer speaks for: the host of a URL, whatever its scheme and port."""
    return (urlsplit(url).hostname or url).rstrip(".")


def domain(url: str) -> str:
    """Return what courtesy is owed to: the registrable domain of a URL, else its host."""
    host = urlsplit(url).hostname
    return outlet(f"//{host}") or host or url
