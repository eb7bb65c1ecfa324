"""What the lake knows of feeds: their state, their entries' marks, and the entries whose pages are still to be had."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.extract.forgotten import is_entry_forgotten, tombstones, tombstones_in
from wirecopy.transforms.extract.urls import outlet
from wirecopy.transforms.fetch.harvest import OPEN
from wirecopy.transforms.fetch.lists.feedlist import Wanted
from wirecopy.transforms.fetch.memory import Memory
from wirecopy.transforms.fetch.schedule import MAX_S, SECOND
from wirecopy.transforms.fetch.state import Feed
from wirecopy.transforms.lake.commits import Commit, Snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.lookup import latest
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.read.feeds.spool import FROM_FEED, FROM_PAGE, LOST

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TAKEN = frozenset({FROM_PAGE, FROM_FEED, LOST, OPEN})


@dataclass
class Known:
    """What is known as of a commit.

    Attributes:
        commit: the commit.
        feeds: feeds by their address.
        memory: what was seen.
        open: rows of `entries` whose page is still to be asked for, by feed and entry_id.
        moved: addresses that feeds had before, with those that they had next.
    """

    commit: int = 0
    feeds: dict[str, Feed] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    open: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def visited(self, feed: Feed, former: str | None, marks: Iterable[int]) -> None:
        """Take in what a poll left of a feed that is still watched: its state, its address, its entries' marks."""
        if former is not None:
            del self.feeds[former]
            self.moved[former] = feed.feed_url
            self.memory.rename(former, feed.feed_url)
            for (feed_url, entry_id), row in list(self.open.items()):
                if feed_url == former:
                    del self.open[feed_url, entry_id]
                    self.open[feed.feed_url, entry_id] = {**row, "feed_url": feed.feed_url}
            self.feeds.setdefault(feed.feed_url, feed)
        else:
            self.feeds[feed.feed_url] = feed
        self.memory.see(feed.feed_url, marks)

    def note(self, row: Mapping[str, Any]) -> None:
        """Take in a row of `entries`."""
        key = row["feed_url"], row["entry_id"]
        if row["next_at"] is not None and row["entry"] is not None:
            self.open[key] = dict(row)
        else:
            self.open.pop(key, None)
        self.memory.see(row["feed_url"], row["marks"])
        if row["outcome"] in _TAKEN:
            self.memory.take_page([row["marks"][0], row["marks"][-1]])

    def forget(self, stones: frozenset[bytes]) -> None:
        """Let go of the entries whose page is still to be had and that were forgotten, as tombstones tell."""
        self.memory.forgotten |= stones
        for key, row in list(self.open.items()) if stones else ():
            if is_entry_forgotten(row["url"], row["source_id"], row["feed_url"], self.memory.forgotten):
                del self.open[key]


def new_feed(wanted: Wanted) -> Feed:
    """Return what is known of a feed that was only asked for: it is due at once."""
    return Feed(wanted.url, wanted.title, wanted.outlet or outlet(wanted.url), every_s=wanted.every_s)


def load_feeds(snapshot: Snapshot) -> dict[str, Feed]:
    """Return the feeds that a snapshot of the lake watches, by address. Raises OSError where a part is missing."""
    return _feeds(read_parts(snapshot.root, snapshot.parts["feeds"], TABLES["feeds"].schema))


def holds(snapshot: Snapshot, now: int) -> dict[str, int]:
    """Return the feeds whose hosts asked to be left alone beyond an instant, with until when, as their polls tell.

    Raises OSError where a part is missing.
    """
    days = {moment.strftime("month=%Y-%m") for moment in (_moment(now - MAX_S * SECOND), _moment(now))}
    parts = tuple(part for part in snapshot.parts["polls"] if days & set(part.path.split("/")))
    columns = ["feed_url", "polled_at", "wait_s"]
    rows = read_parts(snapshot.root, parts, TABLES["polls"].schema, columns)
    found: dict[str, int] = {}
    for row in _plain(rows.filter(pc.greater(rows["wait_s"], 0))):
        until = row["polled_at"] + row["wait_s"] * SECOND
        if row["polled_at"] <= now < until:
            found[row["feed_url"]] = max(until, found.get(row["feed_url"], 0))
    return found


def load(snapshot: Snapshot) -> Known:
    """Return what a snapshot of the lake knows of feeds. Raises OSError where a part is missing."""
    known = Known(snapshot.number)
    known.memory.forgotten = tombstones(snapshot)
    rows = read_parts(snapshot.root, snapshot.parts["feeds"], TABLES["feeds"].schema)
    known.feeds = _feeds(rows)
    known.moved = {
        row["feed_url"]: row["moved_to"]
        for row in rows.filter(rows["deleted"]).select(["feed_url", "moved_to"]).to_pylist()
        if row["moved_to"] and row["feed_url"] not in known.feeds
    }
    entries = read_parts(snapshot.root, snapshot.parts["entries"], TABLES["entries"].schema)
    for row in _plain(latest(TABLES["entries"], entries).sort_by("seen_at")):
        known.note({**row, "feed_url": _last(row["feed_url"], known.moved)})
    return known


def catch_up(known: Known, snapshot: Snapshot, own_run: str) -> bool:
    """Take in what other runs committed about feeds since, and say whether there was anything."""
    changed = False
    for number in range(known.commit + 1, snapshot.number + 1):
        commit = read_commit(snapshot.root, number)
        if commit.run_id == own_run:
            continue
        known.forget(tombstones_in(snapshot.root, commit.added.get("forgotten", ())))
        rows = read_parts(snapshot.root, commit.added.get("feeds", ()), TABLES["feeds"].schema)
        for row in _plain(rows):
            changed = True
            if row["deleted"]:
                known.feeds.pop(row["feed_url"], None)
            else:
                known.feeds[row["feed_url"]] = _feed(row)
    known.commit = snapshot.number
    return changed


def followed(known: Known | None, snapshot: Snapshot) -> Known:
    """Return what a snapshot of the lake knows of feeds, what is known of an earlier one brought up to it.

    Unlike `catch_up` it takes what all runs committed, entries among it. Raises OSError where a part is missing.
    """
    if known is None or known.commit > snapshot.number:
        return load(snapshot)
    try:
        for number in range(known.commit + 1, snapshot.number + 1):
            _follow(known, read_commit(snapshot.root, number), snapshot)
    except (FileNotFoundError, LakeError):  # merged into another part, and vacuumed since; or a commit given up
        return load(snapshot)
    known.commit = snapshot.number
    return known


def _follow(known: Known, commit: Commit, snapshot: Snapshot) -> None:
    known.forget(tombstones_in(snapshot.root, commit.added.get("forgotten", ())))
    rows = read_parts(snapshot.root, commit.added.get("feeds", ()), TABLES["feeds"].schema)
    for row in sorted(_plain(rows), key=lambda row: not row["deleted"]):
        if not row["deleted"]:
            known.feeds[row["feed_url"]] = _feed(row)
            continue
        known.feeds.pop(row["feed_url"], None)
        if row["moved_to"]:
            known.moved[row["feed_url"]] = row["moved_to"]
            known.memory.rename(row["feed_url"], row["moved_to"])
    entries = read_parts(snapshot.root, commit.added.get("entries", ()), TABLES["entries"].schema)
    for row in _plain(entries):
        known.note({**row, "feed_url": _last(row["feed_url"], known.moved)})


def _last(feed_url: str, renamed: Mapping[str, str]) -> str:
    seen = {feed_url}
    while (target := renamed.get(feed_url)) and target not in seen:
        seen.add(target)
        feed_url = target
    return feed_url


def _feeds(rows: pa.Table) -> dict[str, Feed]:
    return {feed.feed_url: feed for feed in map(_feed, _plain(latest(TABLES["feeds"], rows)))}


def _feed(row: Mapping[str, Any]) -> Feed:
    return Feed(**{name: row[name] for name in Feed._fields})


def _plain(rows: pa.Table) -> list[dict[str, Any]]:
    """Return rows as spool files have them: instants as microseconds, ids as hexadecimal digits."""
    return [{name: _value(value) for name, value in row.items()} for row in rows.to_pylist()]


def _moment(at: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=at)


def _value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return (value - _EPOCH) // dt.timedelta(microseconds=1)
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, bytes):
        return value.hex()
    return value
