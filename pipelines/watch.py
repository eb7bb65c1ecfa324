"""Feeds watched: what is due is polled, new pages are fetched, and what was learned is spooled and committed.

Polling never waits for commits nor commits for polling: whatever was harvested while a commit was made is in the
next one, a feed's row always together with the poll that it comes from and the articles that the poll led to.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import shutil
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp.abc import AbstractResolver

from pipelines.compact import keep_compact
from pipelines.found import found
from pipelines.ingest import ingest
from pipelines.options import WaveOptions, new_run
from pipelines.run import warn_of_loss
from pipelines.summary import Account, Progress, Summary
from pipelines.watching import Watching
from schemas.elements import Run, Unit
from transforms.fetch.client import Client, session
from transforms.fetch.feedlist import read_lists
from transforms.fetch.guard import Network
from transforms.fetch.harvest import Harvest, entry_key, feed_row, harvest, try_again
from transforms.fetch.known import Known, catch_up, holds, load, new_feed
from transforms.fetch.parse import Parser, parsing
from transforms.fetch.politeness import PAUSE_S, Clock, Held, SystemClock, Turns
from transforms.fetch.schedule import MAX_S, SECOND, is_due
from transforms.fetch.spool import Note, left_over, write_spool
from transforms.fetch.state import ACTIVE
from transforms.lake.catalog import catalog_is_current, publish_catalog
from transforms.lake.commits import open_snapshot
from transforms.lake.files import LakeError
from transforms.lake.seal import extract
from transforms.lake.staging import join, sweep

SPOOL_BYTES = 32 << 20
"""Bytes of pages that go into one spool file, and so into one commit."""

MOST_UNDER_WAY = 2_000
"""Polls, and as many second tries of pages, that are under way at once; most of them wait for their domain's turn."""

WAKE_S = 30.0
"""Seconds after which the lake is looked at for feeds that another process added or removed."""

BUSY_S = 1.0
"""Seconds after which it is looked whether something became due while something else is under way."""

REST = 1.0
"""Times as long as a commit took that the next one waits at least, so that commits take half of the time at most."""

QUIET_S = 30.0
"""Seconds that polls wait for a commit which found nothing new."""

AGAIN_S = (1.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds to wait before trying again what the disk or the lake refused; a run that is to end tries so often."""

_log = logging.getLogger("wirecopy")


@dataclass(frozen=True)
class WatchOptions:
    """What a run of the monitor is asked for.

    Attributes:
        lake: the lake's folder.
        sources: lists and addresses of feeds, see `transforms.fetch.feedlist`; those of the lake are watched anyway.
        once: poll what is due, fetch what is new, commit, and end.
        every_s: interval between polls of feeds that have none of their own; adaptive where None.
        pause_s: seconds between requests to one domain.
        opened: networks that may be asked though they are not public.
        contact: where the operator can be reached, for the User-Agent; empty where it is not told.
    """

    lake: Path
    sources: Sequence[str] = ()
    once: bool = False
    every_s: int | None = None
    pause_s: float = PAUSE_S
    opened: Sequence[Network] = ()
    contact: str = ""


def run_watch(
    options: WatchOptions, watching: Watching, clock: Clock | None = None, resolver: AbstractResolver | None = None
) -> Summary:
    """Watch feeds until SIGTERM or an interrupt, or once, and return what was taken in.

    Args:
        options: what is asked for.
        watching: is told what happens.
        clock: what tells the time; the machine's clock where None.
        resolver: resolves names; the system's where None.

    Raises:
        LakeError: the lake cannot be used.
        ValueError: a list of feeds that cannot be read, or no feeds at all.
    """
    return asyncio.run(_run(options, watching, clock or SystemClock(), resolver))


async def _run(options: WatchOptions, watching: Watching, clock: Clock, resolver: AbstractResolver | None) -> Summary:
    lake = options.lake
    run = new_run("monitor")
    before = open_snapshot(lake)
    warn_of_loss(lake)
    sweep(lake)
    account = Account(lake, run.run_id, before.number + 1)
    left = list(left_over(lake, before.units))
    if left:
        commit_units(lake, run, left)
    known = load(open_snapshot(lake))
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(session(options.contact, options.opened, resolver))
        turns = Turns(clock, options.pause_s)
        for feed_url, until in holds(open_snapshot(lake), clock.now()).items():
            turns.hold(feed_url, (until - clock.now()) / SECOND)
        client = Client(web, turns, clock, options.opened)
        parser = await stack.enter_async_context(parsing(len(os.sched_getaffinity(0)), [extract.__module__]))
        watch = _Watch(options, run, account, watching, clock, client, parser, turns, known)
        watch.heed()
        await watch.go()
    account.catch_up(open_snapshot(lake).number)
    return account.summary


def commit_units(lake: Path, run: Run, units: Sequence[Unit]) -> None:
    """Take spool files into the lake as any archive is.

    Raises:
        LakeError: the lake cannot be used.
        OSError: it cannot be written, or a file cannot be read; nothing of that file is committed.
    """
    options = WaveOptions(lake, run)
    with join(options.staging):
        try:
            snapshot = open_snapshot(lake)
            if snapshot.number and not catalog_is_current(snapshot):
                publish_catalog(snapshot, options.staging)
            ingest(units, options, Progress(), lambda: None)
        finally:
            shutil.rmtree(options.staging, ignore_errors=True)
    if open_ := [unit.path for unit in units if unit.unit_id not in open_snapshot(lake).units]:
        raise OSError(f"not committed: {', '.join(open_)}")


@dataclass
class _Watch:
    """A run of the monitor. What is under way, or harvested and not yet committed, is not begun again."""

    options: WatchOptions
    run: Run
    account: Account
    watching: Watching
    clock: Clock
    client: Client
    parser: Parser
    turns: Turns
    known: Known
    stopping: bool = False
    rereading: bool = True
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    running: dict[asyncio.Task[Harvest], str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    held: dict[str, int] = field(default_factory=dict)
    harvested: list[Harvest] = field(default_factory=list)
    quiet_since: int = 0
    rested_at: int = 0
    committing: asyncio.Task[None] | None = None
    compacting: asyncio.Task[None] | None = None

    def heed(self) -> None:
        """Heed signals: SIGTERM and an interrupt finish what is under way, SIGHUP rereads the lists."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGTERM, self.stop)
            loop.add_signal_handler(signal.SIGINT, self.stop)
            loop.add_signal_handler(signal.SIGHUP, self.reread)
        except (ValueError, RuntimeError):
            _log.debug("signals are heeded in the main thread only")

    def stop(self) -> None:
        """Ask for nothing new, commit what was fetched, and end."""
        self.stopping = True
        self.woken.set()

    def reread(self) -> None:
        """Read the lists of feeds again."""
        self.rereading = True
        self.woken.set()

    async def go(self) -> None:
        """Watch until stopped, or once."""
        began = self.clock.now()
        if self.rereading:
            self._read_lists()
        while True:
            if not self.stopping:
                self._begin(began if self.options.once else self.clock.now())
            self._collect()
            if self.committing is None and self._commit_in_s() <= 0:
                self.committing = asyncio.create_task(self._commit())
            if not self.busy and self.committing is None and (self.stopping or self.options.once):
                return
            await self._wait()
            if self.rereading:
                try:
                    self._read_lists()
                except ValueError as error:
                    self.watching.trouble(f"the lists stay as they were: {error}", self.clock.now())

    def _read_lists(self) -> None:
        """Take in feeds that the lists name and the lake does not have. Raises ValueError."""
        self.rereading = False
        for wanted in read_lists(self.options.sources, self.options.opened):
            if wanted.url not in self.known.feeds and wanted.url not in self.known.moved:
                feed = new_feed(wanted)
                self.known.feeds[feed.feed_url] = feed
                note = Note([feed_row(feed, None)], self.clock.now(), feed.feed_url)
                self._take(Harvest(feed.feed_url, None, [note], ()))
                self.busy.add(feed.feed_url)
        if not self.known.feeds:
            raise ValueError("no feeds to watch: name a list or an address, or see `wirecopy feeds add --help`")
        self.watching.feeds(self.known.feeds.values(), self.clock.now())

    def _begin(self, now: int) -> None:
        """Begin whatever is due and neither under way nor uncommitted."""
        room = MOST_UNDER_WAY - len(self.busy)
        due = [
            feed
            for feed in self.known.feeds.values()
            if is_due(feed, now, self.options.every_s)
            and feed.feed_url not in self.busy
            and not now < self.held.get(feed.feed_url, 0) <= now + MAX_S * SECOND
        ]
        for feed in sorted(due, key=lambda feed: (feed.next_at or 0, feed.feed_url))[: max(0, room)]:
            task = harvest(
                feed,
                self.known.commit,
                self.client,
                self.parser,
                self.known.memory,
                self.clock,
                lambda: self.stopping,
                self.options.every_s,
                self.known.feeds.keys(),
            )
            self._start(feed.feed_url, asyncio.create_task(task))
        for row in list(self.known.open.values()):
            key = entry_key(row)
            if row["next_at"] <= now and key not in self.busy and len(self.busy) < 2 * MOST_UNDER_WAY:
                self._start(key, asyncio.create_task(try_again(row, self.client, self.clock, lambda: self.stopping)))

    def _start(self, key: str, task: asyncio.Task[Harvest]) -> None:
        self.busy.add(key)
        self.running[task] = key

    def _collect(self) -> None:
        """Take in what is done. Raises what a task raised that is no matter of one feed."""
        for task in [task for task in self.running if task.done()]:
            key = self.running.pop(task)
            error = task.exception()
            if isinstance(error, Held):
                self.held[key] = error.until
                self.busy.discard(key)
            elif error is not None:
                raise error
            else:
                self._take(task.result())
                self.watching.harvested(task.result())

    def _take(self, harvest: Harvest) -> None:
        if not self.harvested:
            self.quiet_since = self.clock.now()
        self.harvested.append(harvest)

    def _commit_in_s(self) -> float:
        """Return the seconds after which what was harvested is to be committed; infinite where there is nothing.

        A moment that is too far away was set by a clock that has been put back since.
        """
        if not self.harvested:
            return math.inf
        if not self.running and (self.stopping or self.options.once):
            return 0.0
        news = any(one.entries or one.visit is None for one in self.harvested)
        ready_at = max(self.rested_at, 0 if news else self.quiet_since + round(QUIET_S * SECOND))
        wait_s = (ready_at - self.clock.now()) / SECOND
        return wait_s if wait_s <= QUIET_S else 0.0

    async def _wait(self) -> None:
        """Wait until something is done or due, a signal comes, or the lake is to be looked at."""
        self.woken.clear()
        under_way: set[asyncio.Task[None] | asyncio.Task[Harvest] | asyncio.Task[bool]] = {*self.running}
        if self.committing is not None:
            under_way.add(self.committing)
        woken = asyncio.create_task(self.woken.wait())
        try:
            if under_way:
                patience = BUSY_S if self.committing else max(0.0, min(BUSY_S, self._commit_in_s()))
                await asyncio.wait({*under_way, woken}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            elif not self.options.once:
                timer = asyncio.create_task(self.clock.sleep(min(self._idle_s(), max(0.0, self._commit_in_s()))))
                await asyncio.wait({timer, woken}, return_when=asyncio.FIRST_COMPLETED)
                timer.cancel()
                self._look()
        finally:
            woken.cancel()
        if self.committing is not None and self.committing.done():
            self.committing.result()
            self.committing = None

    def _idle_s(self) -> float:
        """Return the seconds until something is due, at most WAKE_S."""
        now = self.clock.now()
        moments = [
            max(feed.next_at or now, self.held.get(feed.feed_url, 0))
            for feed in self.known.feeds.values()
            if feed.state == ACTIVE and feed.feed_url not in self.busy
        ]
        moments += [row["next_at"] for row in self.known.open.values() if entry_key(row) not in self.busy]
        return min([WAKE_S, *(max(0.0, (moment - now) / SECOND) for moment in moments)])

    def _look(self) -> None:
        """Take in what other processes did to the feeds."""
        try:
            if catch_up(self.known, open_snapshot(self.options.lake), self.run.run_id):
                self.watching.feeds(self.known.feeds.values(), self.clock.now())
        except OSError as error:
            self.watching.trouble(str(error), self.clock.now())

    async def _commit(self) -> None:
        """Write what was harvested to the spool and commit it; wait and try again where disk or lake refuse."""
        if self.compacting is not None:
            await self.compacting
        began = self.clock.now()
        batch, notes = self._batch()
        tries = 0
        while True:
            try:
                unit = await asyncio.to_thread(write_spool, self.options.lake, notes)
                await asyncio.to_thread(commit_units, self.options.lake, self.run, [unit])
                break
            except LakeError:
                raise
            except Exception as error:
                if (self.stopping or self.options.once) and tries >= len(AGAIN_S):
                    raise
                pause_s = AGAIN_S[min(tries, len(AGAIN_S) - 1)]
                self.watching.trouble(f"cannot commit, tried again in {pause_s:g} s: {error}", self.clock.now())
                await self.clock.sleep(pause_s)
                tries += 1
        for one in batch:
            self._settle(one)
        snapshot = await asyncio.to_thread(open_snapshot, self.options.lake)
        catch_up(self.known, snapshot, self.run.run_id)
        ended = self.clock.now()
        self.quiet_since = ended
        self.rested_at = ended + round(min(REST * (ended - began), QUIET_S * SECOND))
        await asyncio.to_thread(self.account.catch_up, snapshot.number)
        pairs = await asyncio.to_thread(found, self.options.lake, self.account.summary.commits[-1])
        self.watching.committed(self.account.summary, pairs, self.known.feeds.values(), self.clock.now())
        if self.compacting is None or self.compacting.done():
            self.compacting = asyncio.create_task(self._compact())

    async def _compact(self) -> None:
        """Merge parts where there are too many small ones, beside all else."""
        try:
            await asyncio.to_thread(keep_compact, self.options.lake)
        except (OSError, LakeError) as error:
            self.watching.trouble(f"the lake is not compacted now: {error}", self.clock.now())

    def _batch(self) -> tuple[list[Harvest], list[Note]]:
        """Take from what was harvested as much as goes into one commit."""
        batch: list[Harvest] = []
        notes: list[Note] = []
        size = 0
        while self.harvested and size < SPOOL_BYTES:
            batch.append(self.harvested.pop(0))
            notes += batch[-1].notes
            size += sum(len(note.page.body) for note in batch[-1].notes if note.page)
        return batch, notes

    def _settle(self, one: Harvest) -> None:
        """Take in what is committed now."""
        visit = one.visit
        if visit is not None and one.key in self.known.feeds:
            marks = [mark for marked in visit.marked for mark in marked.marks]
            self.known.visited(visit.feed, visit.former, marks)
        for row in one.entries:
            self.known.note(row)
        self.busy.discard(one.key)
