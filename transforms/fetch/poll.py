"""What one poll of a feed means: its row in `polls`, what is known of the feed from now on, and what is new in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from wirecopy.transforms.extract.urls import outlet
from wirecopy.transforms.fetch.entries import Marked, changes, mark
from wirecopy.transforms.fetch.http.client import FetchError, Reply
from wirecopy.transforms.fetch.parse import Parsed
from wirecopy.transforms.fetch.schedule import ADOPT_AFTER, after_failure, after_success, is_conditional, moved
from wirecopy.transforms.fetch.state import RETIRED, Feed, Poll
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.read.feeds.feeds import Feed as Content

_OFFLINE_TRIES = 12
_LIFELESS = "a feed without entries"


class Visit(NamedTuple):
    """One poll and what follows from it.

    Attributes:
        poll: its row.
        feed: the feed's row from now on.
        former: the address it had, where it has another now.
        content: what the body holds; None where it was not parsed.
        marked: the body's entries.
        changed: those that are new or edited, with which they are.
    """

    poll: Poll
    feed: Feed
    former: str | None = None
    content: Content | None = None
    marked: Sequence[Marked] = ()
    changed: Sequence[tuple[Marked, str]] = ()


def validators(feed: Feed) -> dict[str, str]:
    """Return the fields that ask for a feed only if it changed (RFC 9110, 13.1); none where it is asked whole."""
    if not is_conditional(feed):
        return {}
    fields = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in fields.items() if value}


def body_hash(body: bytes) -> str:
    """Return the hash by which an unchanged body is known, as `feeds.body_hash`."""
    return blake2b_128(body).hex()


def unheard(feed: Feed, error: FetchError, at: int) -> Visit:
    """Return what a poll means to which no reply came."""
    refused = error.reason in ("forbidden", "robots")
    poll = Poll(feed.feed_url, at, None, "refused" if refused else "failed", error=str(error))
    offline = error.reason == "offline" and feed.failures < _OFFLINE_TRIES
    return _timed(Visit(poll, after_failure(feed, poll, offline=offline)))


def unchanged(feed: Feed, reply: Reply) -> Visit | None:
    """Return what a reply means whose body is not worth parsing; None where it is.

    That is a 304, a body that is the last one again, and every status that is no success.
    """
    base = _poll(feed, reply)
    if reply.status == 304:
        heard = _moved(feed, reply)._replace(conditional=feed.conditional + 1)
        poll = base._replace(outcome="not modified", etag=base.etag or feed.etag)
        return _timed(Visit(poll, after_success(heard, poll)))
    if 200 <= reply.status < 300:
        if feed.body_hash is None or body_hash(reply.body) != feed.body_hash:
            return None
        poll = base._replace(outcome="unchanged")
        return _timed(_adopted(feed, Visit(poll, after_success(_validated(_moved(feed, reply), reply), poll))))
    if reply.status == 410:
        poll = base._replace(outcome=RETIRED, error="410: gone for good")
    elif reply.status in (401, 403, 451):
        poll = base._replace(outcome="refused", error=f"status {reply.status}")
    else:
        poll = base._replace(outcome="failed", error=f"status {reply.status}")
    return _timed(Visit(poll, after_failure(feed, poll, reply.wait_s)))


def is_feed(parsed: Parsed) -> bool:
    """Say whether a body is a feed: one that has entries, or a title at least."""
    return parsed.feed is not None and bool(parsed.feed.entries or parsed.feed.title)


def led(visit: Visit, feed_url: str) -> Visit:
    """Return what a poll means that found a page instead of a feed, one of whose own feeds answered as one."""
    poll = visit.poll._replace(outcome="moved", error=f"a page; its feed is {feed_url}", next_at=None)
    failures = max(0, visit.feed.failures - 1)
    return Visit(poll, visit.feed._replace(feed_url=feed_url, next_at=None, failures=failures), visit.feed.feed_url)


def judge(feed: Feed, reply: Reply, parsed: Parsed, memory: Collection[int]) -> Visit:
    """Return what a poll means whose body was parsed.

    Args:
        feed: what was known.
        reply: a 2xx reply.
        parsed: what its body holds.
        memory: the marks of the feed's earlier entries.
    """
    base = _poll(feed, reply)
    if not is_feed(parsed):
        poll = base._replace(outcome="failed", error=parsed.error or _LIFELESS)
        return _timed(Visit(poll, after_failure(feed, poll)))
    assert parsed.feed is not None
    marked = mark(parsed.feed.entries, feed.outlet or feed.feed_url)
    changed = changes(marked, memory)
    new = sum(1 for _, change in changed if change == "new")
    poll = base._replace(
        outcome="new" if changed else "unchanged",
        entries=len(parsed.feed.entries),
        new=new,
        gap=bool(memory) and bool(marked) and new == len(marked),
    )
    lied = feed.body_hash is not None and _same_validators(feed, reply)
    known = _moved(feed, reply)._replace(
        title=feed.title or parsed.feed.title,
        outlet=feed.outlet or outlet(reply.url),
        body_hash=body_hash(reply.body),
        validates=feed.validates and not lied,
    )
    visit = Visit(poll, after_success(_validated(known, reply), poll), None, parsed.feed, marked, changed)
    return _timed(_adopted(feed, visit))


def _poll(feed: Feed, reply: Reply) -> Poll:
    return Poll(
        feed.feed_url,
        reply.at,
        reply.status,
        "failed",
        etag=_field(reply.header, "etag"),
        last_modified=_field(reply.header, "last-modified"),
        bytes=len(reply.body),
        ms=reply.ms,
        wait_s=round(reply.wait_s),
    )


def _field(header: Mapping[str, str], name: str) -> str | None:
    value = header.get(name, "").strip()
    return value if value and len(value) <= 1024 and value.isprintable() else None


def _validated(feed: Feed, reply: Reply) -> Feed:
    return feed._replace(
        etag=_field(reply.header, "etag"), last_modified=_field(reply.header, "last-modified"), conditional=0
    )


def _same_validators(feed: Feed, reply: Reply) -> bool:
    """Say whether a body that changed came under the validators of the one before: they cannot be believed."""
    etag, last_modified = _field(reply.header, "etag"), _field(reply.header, "last-modified")
    if etag or feed.etag:
        return etag == feed.etag
    return last_modified is not None and last_modified == feed.last_modified


def _moved(feed: Feed, reply: Reply) -> Feed:
    return moved(feed, reply.moved_to)


def _adopted(feed: Feed, visit: Visit) -> Visit:
    """Give a feed the address it moved to, once it was found there often enough."""
    if visit.feed.moved_to is None or visit.feed.moved < ADOPT_AFTER:
        return visit
    there = visit.feed._replace(feed_url=visit.feed.moved_to, moved_to=None, moved=0)
    return visit._replace(feed=there, former=feed.feed_url)


def _timed(visit: Visit) -> Visit:
    return visit._replace(poll=visit.poll._replace(next_at=visit.feed.next_at))
