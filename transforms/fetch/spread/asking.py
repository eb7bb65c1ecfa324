"""Requests of one share asked side by side, politely, and what came of them written to the lake's spool."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from wirecopy.schemas.elements import Unit
from wirecopy.transforms.fetch.harvest import Harvest, harvest, try_again
from wirecopy.transforms.fetch.http.client import Client, session
from wirecopy.transforms.fetch.http.guard import Network
from wirecopy.transforms.fetch.http.politeness import PAUSE_S, SIDE_BY_SIDE, Held, SystemClock, Turns, host
from wirecopy.transforms.fetch.http.stop import Stop, Stopped
from wirecopy.transforms.fetch.known import Known, followed, holds
from wirecopy.transforms.fetch.memory import Memory
from wirecopy.transforms.fetch.parse import Parser, parsing
from wirecopy.transforms.fetch.schedule import SECOND
from wirecopy.transforms.fetch.spool import Note, write_spool
from wirecopy.transforms.fetch.spread.due import Due, share, still_due
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.machine import cores

SPOOL_BYTES = 32 << 20
"""Bytes of pages that go into one spool file."""

TURN_S = 5.0
"""Seconds after which nothing more is begun for a share; what is left stays open, and is due again at once."""

_SEALING = "wirecopy.transforms.sealing.preload"
"""What the server of processes imports as well, as the same one starts those that extract."""

_log = logging.getLogger("wirecopy")


@dataclass(frozen=True)
class Manners:
    """How servers are asked.

    Attributes:
        every_s: interval between polls of feeds that have none of their own; adaptive where None.
        pause_s: seconds between requests to one domain.
        opened: networks that may be asked though they are not public.
        contact: where the operator can be reached; empty where it is not told.
    """

    every_s: int | None = None
    pause_s: float = PAUSE_S
    opened: Sequence[Network] = ()
    contact: str = ""


class Borrowed(Memory):
    """A memory that takes nothing for certain: what is asked for now is known as such until the batch is written."""

    def __init__(self, memory: Memory):
        super().__init__()
        self._memory = memory
        self.taken: list[int] = []

    def of(self, feed_url: str) -> Collection[int]:
        """Return the marks of a feed's entries."""
        return self._memory.of(feed_url)

    def has_page(self, mark: int) -> bool:
        """Say whether a page was fetched, or is being fetched."""
        return super().has_page(mark) or self._memory.has_page(mark)

    def take_page(self, marks: Iterable[int]) -> None:
        """Remember marks of pages that are being fetched."""
        found = list(marks)
        self.taken += found
        super().take_page(found)


class Asker:
    """Asks for all shares that this process has, in one loop of a thread of its own that ends with the process.

    Args:
        lake: the lake's folder.
        manners: how servers are asked.
    """

    def __init__(self, lake: Path, manners: Manners):
        self._lake = lake
        self._manners = manners
        self._clock = SystemClock()
        self._known: Known | None = None
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(2 * SIDE_BY_SIDE, "asker"))
        self._stack = AsyncExitStack()
        threading.Thread(target=self._loop.run_forever, name="asker", daemon=True).start()
        self._client, self._parser = asyncio.run_coroutine_threadsafe(self._opened(), self._loop).result()

    def ask(
        self, number: int, requests: Sequence[Due], left_alone: dict[str, int]
    ) -> tuple[list[Unit], dict[str, int]]:
        """Ask what is still due of a share.

        Args:
            number: the share.
            requests: what was due when it was sent.
            left_alone: hosts that asked to be left alone, with until when, microseconds UTC.

        Returns:
            Units of the spool files that hold all that was learned, and what is to be left alone from now on.

        Raises LakeError and OSError where the lake cannot be read or its spool not written.
        """
        return asyncio.run_coroutine_threadsafe(self._ask(number, requests, left_alone), self._loop).result()

    async def _opened(self) -> tuple[Client, Parser]:
        manners = self._manners
        web = await self._stack.enter_async_context(session(manners.contact, manners.opened))
        self._turns = Turns(self._clock, manners.pause_s)
        parser = await self._stack.enter_async_context(parsing(cores(), [__name__, _SEALING]))
        return Client(web, self._turns, self._clock, manners.opened), parser

    async def _ask(
        self, number: int, requests: Sequence[Due], left_alone: dict[str, int]
    ) -> tuple[list[Unit], dict[str, int]]:
        now = self._clock.now()
        snapshot = await asyncio.to_thread(open_snapshot, self._lake)
        if self._known is None:
            for feed_url, until in (await asyncio.to_thread(holds, snapshot, now)).items():
                self._turns.hold(feed_url, (until - now) / SECOND)
        for name, until in left_alone.items():
            self._turns.hold(f"//{name}", max(0.0, (until - now) / SECOND))
        known = self._known = followed(self._known, snapshot)
        memory, stop = Borrowed(known.memory), Stop()
        timer = self._loop.call_later(TURN_S, setattr, stop, "asked", True)
        left: dict[str, int] = {name: until for name, until in left_alone.items() if until > now}
        try:
            tasks = [self._one(number, one, known, memory, stop, left) for one in still_due(known, requests)]
            found = [one for one in await asyncio.gather(*tasks) if one is not None]
        finally:
            timer.cancel()
        units = [await asyncio.to_thread(write_spool, self._lake, notes) for notes in _batches(found)]
        known.memory.take_page(memory.taken)
        return units, left

    async def _one(
        self, number: int, one: Due, known: Known, memory: Memory, stop: Stop, left: dict[str, int]
    ) -> Harvest | None:
        """Return what came of a request; nothing where it is to come again."""
        if stop.asked:
            return None
        try:
            if one.entry_id:
                row = known.open.get((one.feed_url, one.entry_id))
                return None if row is None else await try_again(row, self._client, self._clock, stop)
            feed = known.feeds.get(one.feed_url)
            return (
                None
                if feed is None
                else await harvest(
                    feed,
                    known.commit,
                    self._client,
                    self._parser,
                    memory,
                    self._clock,
                    stop,
                    self._manners.every_s,
                    known.feeds.keys(),
                    lambda url: share(url) == number,
                )
            )
        except Held as held:
            left[host(one.feed_url)] = held.until
        except Stopped:
            pass
        except Exception as error:
            _log.warning("%s: %s: %s; it is asked again", one.feed_url, type(error).__name__, error)
        return None


def _batches(found: Iterable[Harvest]) -> Iterator[list[Note]]:
    """Share out what was learned among spool files; what was learned at once stays together."""
    notes: list[Note] = []
    size = 0
    for one in found:
        notes += one.notes
        size += sum(len(note.page.body) for note in one.notes if note.page)
        if size >= SPOOL_BYTES:
            yield notes
            notes, size = [], 0
    if notes:
        yield notes


_askers: dict[tuple[Path, Manners], Asker] = {}
_making = threading.Lock()


def asker(lake: Path, manners: Manners) -> Asker:
    """Return this process's asker for a lake, made where there is none."""
    with _making:
        key = lake, manners
        if key not in _askers:
            _askers[key] = Asker(lake, manners)
        return _askers[key]
