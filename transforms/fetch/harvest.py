"""One feed asked, its new pages fetched, and both written down as notes for the spool."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.extract.forgotten import ENTRY_SAYS, is_entry_forgotten
from wirecopy.transforms.fetch.entries import EDITED, Marked
from wirecopy.transforms.fetch.http.client import Client, FetchError, Reply
from wirecopy.transforms.fetch.http.politeness import Clock, Held, domain
from wirecopy.transforms.fetch.http.stop import Stop, Stopped
from wirecopy.transforms.fetch.memory import Memory
from wirecopy.transforms.fetch.page_check import contradicts
from wirecopy.transforms.fetch.parse import Body, Parser, declared
from wirecopy.transforms.fetch.poll import Visit, is_feed, judge, led, unchanged, unheard, validators
from wirecopy.transforms.fetch.schedule import SECOND
from wirecopy.transforms.fetch.spool import Note, Page
from wirecopy.transforms.fetch.state import Feed
from wirecopy.transforms.read.feeds.feeds import Entry
from wirecopy.transforms.read.feeds.feeds import Feed as Content
from wirecopy.transforms.read.feeds.spool import FROM_FEED, FROM_PAGE, LOST

OPEN, KNOWN = "open", "known"
FORGOTTEN = "forgotten"
"""What came of an entry that was forgotten on request; its row says `known`, and hashes alone."""

RETRIES_S = (60, 600, 3600, 4 * 3600)
"""Seconds after which a page is tried again that could not be had for a reason that may pass."""

WALLS_S = (3600, 6 * 3600, 24 * 3600)
"""Seconds after which a page is asked for again that was another: a wall or a check may be gone by then."""

_PASSING = frozenset({"timeout", "connection", "offline"})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_READABLE = ("text/html", "application/xhtml+xml", "text/plain", "")


MOST_ALTERNATES = 3
"""Feeds that a page names that are asked for, to find one that answers as a feed."""


ELSEWHERE = "its page has neither the words of its title nor those of its text: a wall, a check or another page"


class Harvest(NamedTuple):
    """What was learned at once and is committed at once.

    Attributes:
        key: the feed's address, or `entry_key` of the open entry that was tried again.
        visit: the poll; None where only an open entry was tried again.
        notes: what goes into the spool.
        entries: rows of `entries`.
    """

    key: str
    visit: Visit | None
    notes: Sequence[Note]
    entries: Sequence[Mapping[str, Any]]


class Try(NamedTuple):
    """What came of asking for an entry's page.

    Attributes:
        outcome: as in `entries.outcome`.
        page: the page.
        status: its HTTP status.
        error: why it could not be had.
        next_at: when it is tried again.
        tries: times it was asked for.
    """

    outcome: str
    page: Page | None = None
    status: int | None = None
    error: str | None = None
    next_at: int | None = None
    tries: int = 0


async def poll(feed: Feed, client: Client, parser: Parser, memory: Memory, clock: Clock, stop: Stop) -> Visit:
    """Return what asking for a feed found. Raises Held, and Stopped where it was cut off."""
    at = clock.now()
    try:
        reply = await stop.unless(client.get(feed.feed_url, validators(feed)))
    except FetchError as error:
        return unheard(feed, error, at)
    visit = unchanged(feed, reply)
    if visit is None:
        parsed = await stop.unless(parser.parse(_body(reply)))
        visit = judge(feed, reply, parsed, memory.of(feed.feed_url))
        if parsed.alternates and feed.body_hash is None and not is_feed(parsed):
            visit = await _follow(visit, parsed.alternates, client, parser, stop)
    return visit


async def _follow(visit: Visit, alternates: Sequence[str], client: Client, parser: Parser, stop: Stop) -> Visit:
    """Return the poll of a page with the first feed it names that answers as one in the place of its address.

    The page's own address stays where none does. Raises Stopped.
    """
    asked, why = 0, ""
    for place in alternates:
        try:
            reply = await stop.unless(client.get(place))
            asked += 1
            if 200 <= reply.status < 300 and is_feed(await stop.unless(parser.parse(_body(reply)))):
                return led(visit, place)
            why = why or f"{place}: no feed, status {reply.status}"
        except (FetchError, Held) as error:
            asked += not (isinstance(error, FetchError) and error.reason == "forbidden")
            why = why or f"{without_user(place)[:200]}: {error}"
        if asked == MOST_ALTERNATES:
            break
    told = f"{visit.poll.error}; no feed that it names answers as one: {why}"
    return visit._replace(poll=visit.poll._replace(error=told))


def _body(reply: Reply) -> Body:
    return Body(reply.body, reply.url, reply.header.get("content-type", ""))


async def harvest(
    feed: Feed,
    known_as_of: int,
    client: Client,
    parser: Parser,
    memory: Memory,
    clock: Clock,
    stop: Stop,
    every_s: int | None = None,
    others: Collection[str] = (),
    asks: Callable[[str], bool] = lambda url: True,
) -> Harvest:
    """Poll a feed and fetch the pages of what is new in it.

    Pages of one domain are asked for one after another, domains side by side. Once the run is stopping, pages that
    were not asked for are left open.

    Args:
        feed: what is known of the feed.
        known_as_of: the commit as of which that is known.
        client, parser, memory, clock: the run's.
        stop: tells when the run is stopping.
        every_s: interval for a feed that has none of its own.
        others: the addresses of all feeds that are watched.
        asks: says of a page's address whether it is this run's to ask for; other pages are left open.

    Raises:
        Held: its host asked to be left alone.
        Stopped: the poll was cut off.
    """
    visit = await poll(feed._replace(every_s=feed.every_s or every_s), client, parser, memory, clock, stop)
    visit = visit._replace(feed=visit.feed._replace(every_s=feed.every_s))
    lanes: dict[str, list[tuple[int, Marked]]] = defaultdict(list)
    tries: dict[int, Try] = {}
    for place, (one, change) in enumerate(visit.changed):
        page = one.dated if change == EDITED else one.address
        if is_entry_forgotten(one.entry.url, one.entry.id, feed.feed_url, memory.forgotten):
            tries[place] = Try(FORGOTTEN)
        elif not one.entry.url:
            tries[place] = settled(one.entry, Try(FROM_FEED))
        elif page is not None and memory.has_page(page):
            tries[place] = Try(KNOWN)
        elif not asks(one.entry.url):
            tries[place] = Try(OPEN, next_at=clock.now())
        else:
            memory.take_page([one.dated] if one.address is None else [one.address, one.dated])
            lanes[domain(one.entry.url)].append((place, one))

    async def ask(lane: Sequence[tuple[int, Marked]]) -> None:
        for place, one in lane:
            tries[place] = await fetch_page(one.entry, 0, client, clock, stop)

    await asyncio.gather(*map(ask, lanes.values()))
    assert visit.content is not None or not visit.changed
    rows, notes = [], [_poll_note(visit, known_as_of, others)]
    for place, (one, change) in enumerate(visit.changed):
        assert visit.content is not None
        row = _row(visit, one, change, tries[place])
        if tries[place].outcome == FORGOTTEN:
            row |= {**dict.fromkeys(ENTRY_SAYS), "outcome": KNOWN}
            notes.append(Note([("entries", dict(row))], row["seen_at"], feed.feed_url))
            continue
        rows.append(row)
        notes.append(_entry_note(row, told(visit.feed, visit.content, one.entry, visit.poll.polled_at), tries[place]))
    return Harvest(feed.feed_url, visit, notes, rows)


async def try_again(row: Mapping[str, Any], client: Client, clock: Clock, stop: Stop) -> Harvest:
    """Ask once more for the page of an entry that waits for it, given by its row.

    Where the feed's own text stands in its place already, it is not stated again.
    """
    said = json.loads(row["entry"])
    entry = Entry(**said["entry"])
    found = await fetch_page(entry, row["tries"], client, clock, stop)
    again = {**row, **_outcome(found), "entry": row["entry"] if found.next_at is not None else None}
    has_text = row["outcome"] == found.outcome == FROM_FEED
    return Harvest(entry_key(row), None, [_entry_note(again, said, found, KNOWN if has_text else None)], [again])


async def fetch_page(entry: Entry, tries: int, client: Client, clock: Clock, stop: Stop) -> Try:
    """Return what came of asking for an entry's page: the page, or the feed's text in its place, or nothing yet."""
    assert entry.url is not None
    if stop.asked:
        return Try(OPEN, next_at=clock.now(), tries=tries)
    try:
        reply = await stop.unless(client.get(entry.url))
    except Stopped:
        return Try(OPEN, next_at=clock.now(), tries=tries)
    except Held as held:
        return Try(OPEN, error=str(held), next_at=held.until, tries=tries)
    except FetchError as error:
        return _failed(entry, Try(OPEN, error=str(error), tries=tries + 1), error.reason in _PASSING, clock)
    why = _unfit(reply)
    if why is None and await asyncio.to_thread(
        contradicts, reply.body, declared(reply.header.get("content-type", "")), entry
    ):
        return _elsewhere(entry, Try(OPEN, None, reply.status, ELSEWHERE, tries=tries + 1), clock)
    if why is None:
        page = Page(reply.url, reply.status, reply.header, reply.body, reply.at)
        return Try(FROM_PAGE, page, reply.status, tries=tries + 1)
    found = Try(OPEN, None, reply.status, why, tries=tries + 1)
    return _failed(entry, found, reply.status in _BUSY, clock, reply.wait_s)


def _elsewhere(entry: Entry, found: Try, clock: Clock) -> Try:
    """Return what becomes of an entry whose page is another: the feed's text is taken, and its page asked for later."""
    taken = settled(entry, found)
    if found.tries > len(WALLS_S):
        return taken
    later = clock.now() + WALLS_S[found.tries - 1] * SECOND
    return (taken if taken.outcome == FROM_FEED else found)._replace(next_at=later)


def entry_key(row: Mapping[str, Any]) -> str:
    """Return what an open entry, given by its row, is known by while it is tried again."""
    return f"{row['feed_url']} {row['entry_id']}"


def settled(entry: Entry, found: Try) -> Try:
    """Return what becomes of an entry whose page is not to be had: the feed's text is taken, or it is lost."""
    return found._replace(outcome=FROM_FEED if entry.markup and entry.markup.strip() else LOST, next_at=None)


def told(feed: Feed, content: Content, entry: Entry, seen_at: int) -> dict[str, Any]:
    """Return what a feed said of an entry, as a spool file has it."""
    return {
        "entry": entry._asdict(),
        "feed": {"url": feed.feed_url, "title": feed.title or content.title, "language": content.language},
        "namespace": feed.outlet or feed.feed_url,
        "seen_at": seen_at,
    }


def feed_row(feed: Feed, known_as_of: int | None, deleted: bool = False) -> tuple[str, dict[str, Any]]:
    """Return a row of `feeds` to be stated."""
    return "feeds", {**feed._asdict(), "deleted": deleted, "read": known_as_of}


def _unfit(reply: Reply) -> str | None:
    if not 200 <= reply.status < 300:
        return f"status {reply.status}"
    media = reply.header.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _READABLE:
        return f"a page of type {media}"
    return None if reply.body.strip() else "a page of no bytes"


def _failed(entry: Entry, found: Try, passing: bool, clock: Clock, wait_s: float = 0.0) -> Try:
    if not passing or found.tries > len(RETRIES_S):
        return settled(entry, found)
    return found._replace(next_at=clock.now() + round(max(RETRIES_S[found.tries - 1], wait_s) * SECOND))


def _outcome(found: Try) -> dict[str, Any]:
    return {
        "outcome": found.outcome,
        "status": found.status,
        "error": found.error,
        "tries": found.tries,
        "next_at": found.next_at,
    }


def _row(visit: Visit, one: Marked, change: str, found: Try) -> dict[str, Any]:
    assert visit.content is not None
    entry = one.entry
    said = told(visit.feed, visit.content, entry, visit.poll.polled_at)
    return {
        "feed_url": visit.feed.feed_url,
        "entry_id": one.entry_id,
        "seen_at": visit.poll.polled_at,
        "change": change,
        "url": entry.url,
        "source_id": entry.id,
        "headline": entry.title,
        "published_raw": entry.published,
        **_outcome(found),
        "entry": json.dumps(said, ensure_ascii=True) if found.next_at is not None else None,
        "marks": list(one.marks),
    }


def _entry_note(row: Mapping[str, Any], said: Mapping[str, Any], found: Try, outcome: str | None = None) -> Note:
    """Return the note of an entry's row, whose article is made as its outcome says, or `outcome` in its place."""
    url = row["url"] or row["feed_url"]
    rows = [("entries", dict(row))]
    made = {**said, "outcome": outcome or found.outcome, "error": found.error}
    return Note(rows, row["seen_at"], url, made, found.page)


def _poll_note(visit: Visit, known_as_of: int, others: Collection[str]) -> Note:
    rows: list[tuple[str, dict[str, Any]]] = [("polls", visit.poll._asdict())]
    if visit.former is not None:
        gone = visit.feed._replace(feed_url=visit.former, moved_to=visit.feed.feed_url)
        rows.append(feed_row(gone, known_as_of, deleted=True))
    if visit.former is None or visit.feed.feed_url not in others:
        rows.append(feed_row(visit.feed, known_as_of))
    return Note(rows, visit.poll.polled_at, visit.poll.feed_url)
