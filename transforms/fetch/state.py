"""What is known of a feed, and what one poll of it was: rows of `feeds` and `polls` while they are in memory.

Instants are microseconds since 1970-01-01 UTC; hashes are hexadecimal digits.
"""

from __future__ import annotations

from typing import NamedTuple

ACTIVE, PAUSED, RETIRED = "active", "paused", "retired"


class Feed(NamedTuple):
    """A row of `feeds`; the columns mean what `schemas.feeds` says."""

    feed_url: str
    title: str | None = None
    outlet: str | None = None
    state: str = ACTIVE
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    interval_s: int = 300
    every_s: int | None = None
    failures: int = 0
    conditional: int = 0
    validates: bool = True
    moved_to: str | None = None
    moved: int = 0
    next_at: int | None = None


class Poll(NamedTuple):
    """A row of `polls`, less the run; the columns mean what `schemas.feeds` says."""

    feed_url: str
    polled_at: int
    status: int | None
    outcome: str
    etag: str | None = None
    last_modified: str | None = None
    entries: int = 0
    new: int = 0
    bytes: int = 0
    ms: int = 0
    wait_s: int = 0
    gap: bool = False
    error: str | None = None
    next_at: int | None = None
