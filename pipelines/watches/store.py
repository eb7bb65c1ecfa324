"""What is watched, what happened, and what was told: a small database in the lake's folder.

An event has an id made of what happened, not of when it was seen. That it is noted, and that its commit was looked
through, is one transaction, so it is noted once, whatever is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from wirecopy.pipelines.watches.trust import is_signed, sign
from wirecopy.transforms.lake.files import LakeError

FOLDER = "_watches"
KEPT = 500
"""Events of a watch that are kept whole once they are told; of older ones only the id is."""

WHATS = ("reprint", "uncredited", "headline", "silent", "agency", "story", "query", "sql")
"""What may be watched for."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS watches (
  name TEXT PRIMARY KEY, definition TEXT NOT NULL, signature TEXT NOT NULL,
  base INTEGER NOT NULL, base_identity TEXT NOT NULL, looked INTEGER NOT NULL, looked_identity TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
  n INTEGER PRIMARY KEY AUTOINCREMENT, watch TEXT NOT NULL, id TEXT NOT NULL, body TEXT, UNIQUE (watch, id)
);
CREATE TABLE IF NOT EXISTS told (
  watch TEXT NOT NULL, sink TEXT NOT NULL, n INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  again_at REAL NOT NULL DEFAULT 0, error TEXT, PRIMARY KEY (watch, sink)
);
"""


@dataclass(frozen=True)
class Watch:
    """Something that is watched for.

    Attributes:
        name: what its owner calls it; names the file of its feed too.
        key: 32 hexadecimal digits of its own; a watch of the same name that is added later has another.
        what: one of WHATS.
        outlet: registrable domain: the source of a reprint, the taker of uncredited text, whose headline or feed.
        agency: the agency whose text it is.
        query: words that an article holds.
        story: the id of an article of the story.
        sql: a query whose new rows are events.
        least: share of the taker's words from which on text counts as taken.
        command: what is run, as a line of words; empty for none.
        webhook: address that an event is posted to, or $NAME of an environment variable that holds it.
        mail: whom it is mailed to.
        atom: whether it is an entry of the watch's Atom feed.
    """

    name: str
    key: str
    what: str
    outlet: str | None = None
    agency: str | None = None
    query: str | None = None
    story: str | None = None
    sql: str | None = None
    least: float = 0.1
    command: str = ""
    webhook: str = ""
    mail: str = ""
    atom: bool = False

    @property
    def sinks(self) -> list[str]:
        """Where events go that must be told one by one."""
        return [sink for sink in ("command", "webhook", "mail") if getattr(self, sink)]


@dataclass(frozen=True)
class Kept:
    """A watch as it is kept.

    Attributes:
        watch: the watch.
        trusted: it was set up by this user, so it may reach beyond the lake.
        base, base_identity: the commit after which it watches.
        looked, looked_identity: the last commit that was looked through.
    """

    watch: Watch
    trusted: bool
    base: int
    base_identity: str
    looked: int
    looked_identity: str


@dataclass(frozen=True)
class Noted:
    """An event that is noted, by its number; bodies of old ones are gone."""

    n: int
    id: str
    body: dict[str, Any]


def has_watches(lake: Path) -> bool:
    """Say whether a lake has a database of watches."""
    return (lake / FOLDER / "watches.sqlite").is_file()


@contextlib.contextmanager
def open_store(lake: Path) -> Iterator[Store]:
    """Give the watches of a lake, which nobody else changes meanwhile. Raises LakeError where they cannot be kept."""
    folder = lake / FOLDER
    if folder.is_symlink() or (folder / "watches.sqlite").is_symlink():
        raise LakeError(f"{folder} is a link, which may lead out of the lake: remove it, and add the watches again")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LakeError(f"watches cannot be kept in {folder}: {error.strerror}") from None
    with os.fdopen(lock, "r+"):
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = folder / "watches.sqlite"
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        try:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as con:
                con.execute("PRAGMA synchronous = FULL")
                con.execute("PRAGMA trusted_schema = OFF")
                con.executescript(_SCHEMA)
                yield Store(lake, con)
        except sqlite3.DatabaseError as error:
            raise LakeError(
                f"{path} cannot be used: {error}; delete it, and add the watches again: they begin with the next commit"
            ) from None


class Store:
    """The watches of a lake."""

    def __init__(self, lake: Path, con: sqlite3.Connection):
        self.lake = lake
        self._con = con

    def watches(self) -> list[Kept]:
        """Return all watches by name. What was damaged, or is of another version, is passed over."""
        rows = self._con.execute(
            "SELECT definition, signature, base, base_identity, looked, looked_identity FROM watches ORDER BY name"
        )
        found = []
        for definition, signature, *rest in rows:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                watch = Watch(**json.loads(definition))
                if _NAME.fullmatch(watch.name) and watch.what in WHATS:
                    found.append(Kept(watch, is_signed(definition, signature), *rest))
        return found

    def add(self, watch: Watch, commit: int, identity: str) -> None:
        """Keep a watch that begins after a commit. Raises LakeError where there is one of its name."""
        if not _NAME.fullmatch(watch.name):
            raise LakeError(f"{watch.name!r} is no name for a watch: use up to 60 letters, digits, - and _")
        definition = json.dumps(asdict(watch))
        row = (watch.name, definition, sign(definition), commit, identity, commit, identity)
        try:
            self._con.execute("INSERT INTO watches VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise LakeError(
                f"there is a watch {watch.name} already: remove it, or name the new one otherwise"
            ) from None

    def trust(self, name: str) -> None:
        """Sign a watch that somebody else set up. Raises LakeError."""
        kept = self.one(name)
        definition = json.dumps(asdict(kept.watch))
        self._con.execute(
            "UPDATE watches SET definition = ?, signature = ? WHERE name = ?", (definition, sign(definition), name)
        )

    def one(self, name: str) -> Kept:
        """Return a watch. Raises LakeError where there is none of that name."""
        for kept in self.watches():
            if kept.watch.name == name:
                return kept
        raise LakeError(f"there is no watch {name!r}: see wirecopy watch list")

    def remove(self, name: str) -> None:
        """Forget a watch and its events. Raises LakeError where there is none of that name."""
        with self._transaction():
            if not self._con.execute("DELETE FROM watches WHERE name = ?", (name,)).rowcount:
                raise LakeError(f"there is no watch {name!r}: see wirecopy watch list")
            self._con.execute("DELETE FROM events WHERE watch = ?", (name,))
            self._con.execute("DELETE FROM told WHERE watch = ?", (name,))
        (self.lake / FOLDER / f"{name}.atom").unlink(missing_ok=True)

    def note(
        self, kept: Kept, events: Sequence[dict[str, Any]], commit: int, identity: str, quietly: bool = False
    ) -> int:
        """Note events, each by its `id`, and that a commit was looked through; return how many are new.

        `quietly` notes them as known before: they are never told.
        """
        name, new = kept.watch.name, 0
        with self._transaction():
            for event in events:
                body = None if quietly else json.dumps(event, ensure_ascii=False)
                row = (name, event["id"], body)
                new += self._con.execute(
                    "INSERT OR IGNORE INTO events (watch, id, body) VALUES (?, ?, ?)", row
                ).rowcount
            self._con.execute(
                "UPDATE watches SET looked = ?, looked_identity = ? WHERE name = ?", (commit, identity, name)
            )
        return new

    def waiting(self, name: str, sink: str, now: float) -> list[Noted]:
        """Return the events that a sink has not taken yet, in order; none while it is given time to recover."""
        row = self._con.execute("SELECT n, again_at FROM told WHERE watch = ? AND sink = ?", (name, sink)).fetchone()
        after, again_at = row or (0, 0.0)
        return [] if now < again_at <= now + 86_400 else self.events(name, after)

    def events(self, name: str, after: int = 0, most: int = -1) -> list[Noted]:
        """Return the events of a watch with a number greater than `after`, in order; of them the last `most`."""
        rows = self._con.execute(
            "SELECT n, id, body FROM events WHERE watch = ? AND n > ? AND body IS NOT NULL ORDER BY n DESC LIMIT ?",
            (name, after, most),
        ).fetchall()
        return [Noted(n, one, json.loads(body)) for n, one, body in reversed(rows)]

    def took(self, name: str, sink: str, n: int) -> None:
        """Note that a sink took an event."""
        self._told(name, sink, n, 0, 0.0, None)

    def failed(self, name: str, sink: str, why: str, now: float) -> None:
        """Note that a sink did not take an event; it is tried again a minute later, then two, up to an hour."""
        row = self._con.execute("SELECT n, failures FROM told WHERE watch = ? AND sink = ?", (name, sink)).fetchone()
        n, failures = row or (0, 0)
        self._told(name, sink, n, failures + 1, now + min(3600, 60 * 2 ** min(failures, 6)), why)

    def trouble(self, name: str) -> list[tuple[str, int, str]]:
        """Return the sinks that fail: which, how often in a row, and why."""
        rows = self._con.execute("SELECT sink, failures, error FROM told WHERE watch = ? AND failures > 0", (name,))
        return [(sink, failures, error or "") for sink, failures, error in rows]

    def forget_old(self, kept: Kept) -> None:
        """Drop the bodies of events that were told long ago; their ids stay, so that they are never told again."""
        name, sinks = kept.watch.name, kept.watch.sinks
        told = dict(self._con.execute("SELECT sink, n FROM told WHERE watch = ?", (name,)).fetchall())
        newest = self._con.execute("SELECT max(n) FROM events WHERE watch = ?", (name,)).fetchone()[0] or 0
        least = min((told.get(sink, 0) for sink in sinks), default=newest)
        place = self._con.execute(
            "SELECT n FROM events WHERE watch = ? AND body IS NOT NULL ORDER BY n DESC LIMIT 1 OFFSET ?", (name, KEPT)
        ).fetchone()
        if place:
            self._con.execute("UPDATE events SET body = NULL WHERE watch = ? AND n <= ?", (name, min(least, place[0])))

    def _told(self, name: str, sink: str, n: int, failures: int, again_at: float, error: str | None) -> None:
        self._con.execute(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?)", (name, sink, n, failures, again_at, error)
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._con.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        self._con.execute("COMMIT")


def new_watch(name: str, what: str, **given: Any) -> Watch:
    """Return a watch with a key of its own; one that goes nowhere else has an Atom feed."""
    watch = Watch(name, uuid.uuid4().hex, what, **given)
    return watch if watch.sinks or watch.atom else replace(watch, atom=True)
