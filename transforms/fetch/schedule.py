"""When a feed is due again: pure functions of what is known of it, what a poll found, and when.

The policy, by what a poll finds:

* new entries: the interval shrinks, to a half where more than two thirds of the entries are new, else by a fifth;
* nothing new (an unchanged body or 304): it grows by a quarter. So about every second poll finds something, and the
  interval stays between MIN_S and MAX_S; a feed whose owner asked for a fixed interval keeps that;
* 429 and 503: the time that Retry-After asks for, at most a day, and never sooner than after any other failure;
* other failures, HTML and pages that want a login among them: twice the interval for each failure in a row, up to a
  day. 404 is no end: feeds come back;
* no network or no name service here: not the feed's failure, so it is tried again within OFFLINE_S;
* 401, 403 and a robots.txt that forbids it: once a day;
* 410: retired, never asked again;
* 301 and 308: adopted as the feed's address once ADOPT_AFTER polls in a row were led to the same place, and the last
  of them was given the feed itself there: a 304 proves nothing of who sent it.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from wirecopy.transforms.fetch.state import ACTIVE, RETIRED, Feed, Poll
from wirecopy.transforms.hashing import blake2b_128

MIN_S = 60
MAX_S = 86_400
OFFLINE_S = 300
ADOPT_AFTER = 3
WHOLE_EVERY = 10
"""Of so many polls one is unconditional, because validators lie."""

JITTER = 0.1
SECOND = 1_000_000


def interval(feed: Feed, entries: int, new: int) -> int:
    """Return the seconds between polls of a feed after one found so many entries, so many of them new."""
    if feed.every_s is not None:
        return feed.every_s
    if not new:
        factor = 1.25
    elif 3 * new > 2 * entries:
        factor = 0.5
    else:
        factor = 0.8
    return round(min(MAX_S, max(MIN_S, feed.interval_s * factor)))


def is_conditional(feed: Feed) -> bool:
    """Say whether the next request for a feed carries its validators."""
    known = feed.etag is not None or feed.last_modified is not None
    moves = feed.moved >= ADOPT_AFTER - 1
    return known and feed.validates and not moves and feed.conditional < WHOLE_EVERY - 1


def after_success(feed: Feed, poll: Poll) -> Feed:
    """Return what is known of a feed after a poll that found it (new, unchanged or not modified)."""
    known = feed._replace(state=ACTIVE, failures=0, interval_s=interval(feed, poll.entries, poll.new))
    return known._replace(next_at=_due(known, poll.polled_at, known.interval_s))


def after_failure(feed: Feed, poll: Poll, wait_s: float = 0, offline: bool = False) -> Feed:
    """Return what is known of a feed after a poll that did not find it.

    Args:
        feed: what was known.
        poll: the poll; its outcome is failed, refused or retired.
        wait_s: seconds that the reply's Retry-After asks for.
        offline: that the failure is this machine's own.
    """
    if poll.outcome == RETIRED:
        return feed._replace(state=RETIRED, failures=feed.failures + 1, next_at=None)
    failed = feed._replace(failures=feed.failures + 1)
    if offline:
        pause = min(OFFLINE_S, feed.interval_s)
    elif poll.outcome == "refused":
        pause = MAX_S
    else:
        pause = min(MAX_S, feed.interval_s * 2 ** min(feed.failures, 12))
    return failed._replace(next_at=_due(failed, poll.polled_at, max(pause, min(wait_s, MAX_S))))


def moved(feed: Feed, target: str | None) -> Feed:
    """Return what is known of a feed after a reply that was found at the end of permanent redirects, or of none."""
    if target is None or target == feed.feed_url:
        return feed._replace(moved_to=None, moved=0)
    return feed._replace(moved_to=target, moved=feed.moved + 1 if target == feed.moved_to else 1)


def is_due(feed: Feed, now: int, every_s: int | None = None) -> bool:
    """Say whether a feed is to be polled.

    Args:
        feed: what is known of it.
        now: the time, microseconds UTC.
        every_s: interval for a feed that has none of its own.

    One that is due later than can be was scheduled by a clock that was wrong, or for a longer interval.
    """
    if feed.state != ACTIVE:
        return False
    fixed_s = feed.every_s or every_s
    most_s = fixed_s if fixed_s is not None and not feed.failures else MAX_S
    return feed.next_at is None or feed.next_at <= now or feed.next_at > now + (1 + JITTER) * most_s * SECOND


def retry_after(value: str | None, now: int) -> float:
    """Return the seconds that a Retry-After field asks to wait (RFC 9110, 10.2.3): 0 to a day; 0 where it says none."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), MAX_S))
    try:
        moment = parsedate_to_datetime(text)
        seconds = moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp() - now / SECOND
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), MAX_S)


def _due(feed: Feed, polled_at: int, pause_s: float) -> int:
    """Return when a pause after a poll ends, made longer by up to JITTER so that feeds do not fall into step."""
    digest = blake2b_128(feed.feed_url.encode(), str(polled_at).encode())
    share = int.from_bytes(digest[:4], "big") / 2**32
    return polled_at + round(pause_s * (1 + JITTER * share) * SECOND)
