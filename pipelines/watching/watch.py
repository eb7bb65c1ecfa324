"""Feeds watched: what is due is polled, new pages are fetched, and what was learned is spooled and committed.

Polling never waits for commits nor commits for polling: whatever was harvested while a commit was made is in the
next one, a feed's row always together with the poll that it comes from and the articles that the poll led to.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import math
import shutil
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aiohttp.abc import AbstractResolver

from wirecopy.pipelines.causes import cause, may_pass
from wirecopy.pipelines.compact import keep_compact
from wirecopy.pipelines.ingest import ingest
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.pipelines.run import warn_of_loss
from wirecopy.pipelines.terminal.found import found
from wirecopy.pipelines.terminal.summary import Account, Progress, Summary
from wirecopy.pipelines.watches.firing import fire
from wirecopy.pipelines.watching.live import Watching
from wirecopy.pipelines.watching.signals import THREADS, Signals
from wirecopy.schemas.elements import Reject, Run, Unit
from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.fetch.harvest import Harvest, entry_key, feed_row, harvest, try_again
from wirecopy.transforms.fetch.http.client import Client, session
from wirecopy.transforms.fetch.http.guard import Network
from wirecopy.transforms.fetch.http.politeness import PAUSE_S, SIDE_BY_SIDE, Clock, Held, SystemClock, Turns
from wirecopy.transforms.fetch.http.stop import Stop, Stopped
from wirecopy.transforms.fetch.known import Known, catch_up, holds, load, new_feed
from wirecopy.transforms.fetch.lists.feedlist import read_lists
from wirecopy.transforms.fetch.parse import Parser, parsing
from wirecopy.transforms.fetch.schedule import MAX_S, SECOND, is_due
from wirecopy.transforms.fetch.spool import Note, left_over, write_spool
from wirecopy.transforms.fetch.state import ACTIVE
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.catalog import catalog_is_current, publish_catalog
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.staging import join, sweep
from wirecopy.transforms.machine import cores
from wirecopy.transforms.sealing.seal import extract
from wirecopy.transforms.storable import storable

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

FINISH_S = 2.0
"""Seconds after a signal to end for which requests that are under way may go on."""

LEAVE_S = 5.5
"""Seconds after a signal to end when what is not committed yet is left in the spool for the next run."""

T = TypeVar("T")

_log = logging.getLogger("wirecopy")


@dataclass(frozen=True)
class WatchOptions:
    """What a run of the monitor is asked for.

    Attributes:
        lake: the lake's folder.
        sources: lists and addresses of feeds, see `transforms.fetch.lists.feedlist`; the lake's own are watched anyway.
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
    options: WatchOptions,
    watching: Watching,
    clock: Clock | None = None,
    resolver: AbstractResolver | None = None,
    last: bool = False,
) -> Summary:
    """Watch feeds until SIGTERM or an interrupt, or once, and return what was taken in.

    Args:
        options: what is asked for.
        watching: is told what happens.
        clock: what tells the time; the machine's clock where None.
        resolver: resolves names; the system's where None.
        last: end the process seconds after a signal to end even where something hangs, see `Signals`.

    Raises:
        LakeError: the lake cannot be used.
        ValueError: a list of feeds that cannot be read, or no feeds at all.
    """
    with Signals(last) as signals:
        return _drive(_run(options, watching, clock or SystemClock(), resolver, signals))


def _drive(work: Coroutine[Any, Any, T]) -> T:
    """Run some work in a loop of its own as `asyncio.run` does, but wait for no thread that is still busy then."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(2 * SIDE_BY_SIDE, THREADS))
    try:
        return loop.run_until_complete(loop.create_task(work))
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _run(
    options: WatchOptions, watching: Watching, clock: Clock, resolver: AbstractResolver | None, signals: Signals
) -> Summary:
    lake = options.lake
    run = new_run("monitor")
    before = open_snapshot(lake)
    warn_of_loss(lake)
    sweep(lake)
    account = Account(lake, run.run_id, before.number + 1)
    _commit_left(lake, run, list(left_over(lake, before.units)))
    known = load(open_snapshot(lake))
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(session(options.contact, options.opened, resolver))
        turns = Turns(clock, options.pause_s)
        for feed_url, until in holds(open_snapshot(lake), clock.now()).items():
            turns.hold(feed_url, (until - clock.now()) / SECOND)
        client = Client(web, turns, clock, options.opened)
        parser = await stack.enter_async_context(parsing(cores(), [extract.__module__]))
        watch = _Watch(options, run, account, watching, clock, client, parser, turns, known)
        signals.heed(watch.stop, watch.reread)
        await watch.go()
    account.catch_up(open_snapshot(lake).number)
    return account.summary


def commit_units(lake: Path, run: Run, units: Sequence[Unit | Reject]) -> None:
    """Take spool files into the lake as any archive is, and rejects in the place of what cannot be taken.

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
    done = open_snapshot(lake).units.known(unit.unit_id for unit in units)
    if open_ := [unit.path for unit in units if isinstance(unit, Unit) and unit.unit_id not in done]:
        raise OSError(f"not committed: {', '.join(open_)}")


def _commit_left(lake: Path, run: Run, left: Sequence[Unit]) -> None:
    """Commit spool files that an earlier run left; one that cannot be committed becomes a reject.

    Raises LakeError and OSError as `commit_units` does.
    """
    try:
        if left:
            commit_units(lake, run, left)
    except Exception as error:
        why = cause(error)
        if isinstance(why, LakeError) or may_pass(why):
            raise
        if len(left) == 1:
            commit_units(lake, run, [_refused(left[0].path, left[0].unit_id, why)])
        else:
            for unit in left:
                _commit_left(lake, run, [unit])


def _refused(doc_ref: str, unit_id: str, why: BaseException, note: Note | None = None) -> Reject:
    """Return what stands in the lake for what cannot be committed."""
    error = storable(f"it cannot be committed: {type(why).__name__}: {why}"[:1000])
    url = without_user(storable(note.url)) if note else None
    digest = hashlib.sha256(note.page.body).digest() if note and note.page else None
    return Reject("fetch", "crash", error, doc_ref, unit_id, url, digest)


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
    stopping: Stop = field(default_factory=Stop)
    leaving: bool = False
    rereading: bool = True
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    running: dict[asyncio.Task[Harvest], str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    held: dict[str, int] = field(default_factory=dict)
    harvested: list[Harvest] = field(default_factory=list)
    quiet_since: int = 0
    rested_at: int = 0
    committing: asyncio.Task[None] | None = None
    compacting: asyncio.Task[None] | None = None
    firing: asyncio.Task[None] | None = None
    unfired: bool = False

    def stop(self) -> None:
        """Begin nothing new, finish or cut off what is under way, commit what was fetched, and end.

        Requests have FINISH_S to be done, commits LEAVE_S; what they do not reach is left in the spool.
        """
        if not self.stopping.asked:
            self.stopping.asked = True
            loop = asyncio.get_running_loop()
            loop.call_later(FINISH_S, self.stopping.cut)
            loop.call_later(LEAVE_S, self._leave)
        self.woken.set()

    def _leave(self) -> None:
        self.leaving = True
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
        self._fire()
        while True:
            if not self.stopping.asked:
                self._begin(began if self.options.once else self.clock.now())
            self._collect()
            if self.leaving:
                self._spool()
                return
            if self.committing is None and self._commit_in_s() <= 0:
                self.committing = asyncio.create_task(self._commit())
            if not self.busy and self.committing is None and (self.stopping.asked or self.options.once):
                break
            await self._wait()
            if self.rereading:
                try:
                    self._read_lists()
                except ValueError as error:
                    self.watching.trouble(f"the lists stay as they were: {error}", self.clock.now())
        for beside in (self.compacting, self.firing):
            if beside is not None:
                await self.stopping.wait(asyncio.wait_for(beside, None))

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
        """Begin whatever is due and neither under way nor uncommitted; in a run that polls once, once."""
        room = MOST_UNDER_WAY - len(self.busy)
        due = [
            feed
            for feed in self.known.feeds.values()
            if is_due(feed, now, self.options.every_s)
            and feed.feed_url not in self.busy
            and feed.feed_url not in self.begun
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
                self.stopping,
                self.options.every_s,
                self.known.feeds.keys(),
            )
            self._start(feed.feed_url, asyncio.create_task(task))
        for row in list(self.known.open.values()):
            key = entry_key(row)
            idle = key not in self.busy and key not in self.begun
            if row["next_at"] <= now and idle and len(self.busy) < 2 * MOST_UNDER_WAY:
                self._start(key, asyncio.create_task(try_again(row, self.client, self.clock, self.stopping)))

    def _start(self, key: str, task: asyncio.Task[Harvest]) -> None:
        self.busy.add(key)
        if self.options.once:
            self.begun.add(key)
        self.running[task] = key

    def _collect(self) -> None:
        """Take in what is done. Raises what a task raised that is no matter of one feed."""
        for task in [task for task in self.running if task.done()]:
            key = self.running.pop(task)
            error = task.exception()
            if isinstance(error, Held):
                self.held[key] = error.until
                self.busy.discard(key)
            elif isinstance(error, Stopped):
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
        if self.options.once:
            self.begun.update(map(entry_key, harvest.entries))
            if harvest.visit is not None and harvest.visit.poll.outcome != "moved":
                self.begun.add(harvest.visit.feed.feed_url)

    def _commit_in_s(self) -> float:
        """Return the seconds after which what was harvested is to be committed; infinite where there is nothing.

        A moment that is too far away was set by a clock that has been put back since.
        """
        if not self.harvested:
            return math.inf
        if not self.running and (self.stopping.asked or self.options.once):
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
        """Commit what was harvested."""
        if self.compacting is not None:
            await self.compacting
        began = self.clock.now()
        batch, notes = self._batch()
        await self._store(notes)
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
        self._fire()
        if self.compacting is None or self.compacting.done():
            self.compacting = asyncio.create_task(self._compact())

    async def _store(self, notes: Sequence[Note]) -> None:
        """Write notes to the spool and commit them; wait and try again where disk or lake refuse.

        Where something else is wrong, the halves are committed by themselves, until what is to blame is alone and
        becomes a reject. Entries come before polls then, so that a feed's row is never committed before its entries.
        """
        tries = 0
        while True:
            unit: Unit | None = None
            try:
                unit = await asyncio.to_thread(write_spool, self.options.lake, notes)
                await asyncio.to_thread(commit_units, self.options.lake, self.run, [unit])
                return
            except Exception as error:
                why = cause(error)
                if isinstance(why, LakeError):
                    raise
                if not may_pass(why):
                    break
                if self.stopping.asked or (self.options.once and tries >= len(AGAIN_S)):
                    raise
                pause_s = AGAIN_S[min(tries, len(AGAIN_S) - 1)]
                self.watching.trouble(f"cannot commit, tried again in {pause_s:g} s: {why}", self.clock.now())
                await self._pause(pause_s)
                tries += 1
        if unit is not None and unit.unit_id in (await asyncio.to_thread(open_snapshot, self.options.lake)).units:
            self.watching.trouble(f"committed, but not without trouble: {why}", self.clock.now())
        elif len(notes) > 1:
            ordered = sorted(notes, key=lambda note: not note.told)
            await self._store(ordered[: len(ordered) // 2])
            await self._store(ordered[len(ordered) // 2 :])
            if unit is not None:
                Path(unit.path).unlink(missing_ok=True)
        else:
            [note] = notes
            self.watching.trouble(f"rejected, as it cannot be committed: {note.url}: {why}", self.clock.now())
            doc_ref, unit_id = (unit.path, unit.unit_id) if unit else (storable(note.url), _name(note))
            reject = _refused(doc_ref, unit_id, why, note)
            await asyncio.to_thread(commit_units, self.options.lake, self.run, [reject])

    async def _pause(self, seconds: float) -> None:
        """Wait for some time, or until the run is to stop."""
        timer = asyncio.ensure_future(self.clock.sleep(seconds))
        while not timer.done() and not self.stopping.asked:
            woken = asyncio.ensure_future(self.woken.wait())
            await asyncio.wait({timer, woken}, return_when=asyncio.FIRST_COMPLETED, timeout=BUSY_S)
            woken.cancel()
        timer.cancel()

    def _spool(self) -> None:
        """Leave what is not committed in the spool, for the next run to commit."""
        while self.harvested:
            _, notes = self._batch()
            with contextlib.suppress(Exception):
                write_spool(self.options.lake, notes)
        told = "ended before all was committed: what was fetched waits in the spool, and the next run commits it"
        self.watching.trouble(told, self.clock.now())

    async def _compact(self) -> None:
        """Merge parts where there are too many small ones, beside all else."""
        try:
            await asyncio.to_thread(keep_compact, self.options.lake)
        except (OSError, LakeError) as error:
            self.watching.trouble(f"the lake is not compacted now: {error}", self.clock.now())

    def _fire(self) -> None:
        """Tell what watches wait for, beside all else."""
        self.unfired = True
        if self.firing is None or self.firing.done():
            self.firing = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self.unfired and not self.leaving:
            self.unfired = False
            await asyncio.to_thread(fire, self.options.lake, lambda: self.leaving)

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


def _name(note: Note) -> str:
    """Return an id for a note that cannot be written to the spool."""
    return blake2b_128(b"note", str(note.at).encode(), storable(note.url).encode()).hex()
