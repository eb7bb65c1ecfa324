"""What the monitor says while it watches: a live view on a terminal, plain lines elsewhere, and metrics."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from wirecopy.pipelines.terminal.found import Found
from wirecopy.pipelines.terminal.report import shown
from wirecopy.pipelines.terminal.summary import Summary
from wirecopy.transforms.fetch.harvest import Harvest
from wirecopy.transforms.fetch.state import ACTIVE, Feed, Poll

_SHOWN = 10


class Watching:
    """Tells one stream what happens: a line a commit, a JSON object an event, or a live view.

    Args:
        console: the stream.
        live: the view that is kept up to date instead of writing lines.
        as_json: write each event as an object of `at`, `event` and what the event is about.
        quiet: say what is wrong, and nothing else.
    """

    def __init__(self, console: Console, live: Live | None = None, as_json: bool = False, quiet: bool = False):
        self._console = console
        self._live = live
        self._as_json = as_json
        self._quiet = quiet
        self._cycle: Counter[str] = Counter()
        self._failing: dict[str, str | None] = {}
        self._feeds: Collection[Feed] = ()
        self._latest: deque[str] = deque(maxlen=_SHOWN)
        self.summary = Summary("")
        self.polls: Counter[str] = Counter()
        self.entries: Counter[str] = Counter()
        self.troubles = 0

    def feeds(self, feeds: Collection[Feed], now: int) -> None:
        """Say which feeds are watched."""
        self._feeds = feeds
        active = sum(feed.state == ACTIVE for feed in feeds)
        self._say("feeds", now, f"watching {active:,} of {len(feeds):,} feeds", active=active, feeds=len(feeds))

    def harvested(self, harvest: Harvest) -> None:
        """Say what one poll, or one more try of a page, found; as a line only where a feed begins to fail."""
        pages = Counter(row["outcome"] for row in harvest.entries)
        self.entries.update(pages)
        self._cycle.update({f"page {outcome}": count for outcome, count in pages.items()})
        if harvest.visit is None:
            for row in harvest.entries:
                told = {name: row[name] for name in ("url", "outcome", "status", "error")}
                self._detail("page", row["seen_at"], f"{row['outcome']} {row['url']}{_because(row['error'])}", **told)
            return
        poll = harvest.visit.poll
        self.polls[poll.outcome] += 1
        self._cycle.update({f"poll {poll.outcome}": 1})
        told = poll._asdict()
        at = told.pop("polled_at")
        line = _poll_line(poll, pages)
        if poll.error and poll.feed_url not in self._failing:
            self._say("poll", at, line, wrong=True, **told, pages=dict(pages))
        else:
            self._detail("poll", at, line, **told, pages=dict(pages))
        if poll.error:
            self._failing[poll.feed_url] = poll.error
        else:
            self._failing.pop(poll.feed_url, None)

    def committed(self, summary: Summary, found: Sequence[Found], feeds: Collection[Feed], now: int) -> None:
        """Say what was polled since the last commit, what this one took in, and which copies it found."""
        before, self._feeds = self.summary, feeds
        self.summary = replace(summary)
        counts = {
            name: getattr(summary, name) - getattr(before, name) for name in ("articles", "copies", "reuse", "rejected")
        }
        number = summary.commits[-1] if summary.commits else None
        line = f"commit {number or '-'}: {_cycle_line(self._cycle)}; "
        line += ", ".join(f"{count:,} {name}" for name, count in counts.items())
        if self._cycle or any(counts.values()) or self._as_json:
            self._say("commit", now, line, commit=number, **counts)
        self._cycle.clear()
        for pair in found:
            self._detail(pair.relation, now, _pair_line(pair), **pair._asdict())

    def trouble(self, message: str, now: int) -> None:
        """Say what is wrong and goes on being tried."""
        self.troubles += 1
        self._say("trouble", now, f"trouble: {message}", wrong=True, message=message)

    def states(self) -> Counter[str]:
        """Return how many feeds are in which state."""
        return Counter(feed.state for feed in list(self._feeds))

    def due(self) -> list[int | None]:
        """Return when each feed that is watched is due."""
        return [feed.next_at for feed in list(self._feeds) if feed.state == ACTIVE]

    def _detail(self, event: str, at: int, line: str, **told: Any) -> None:
        """Say what a line a commit sums up."""
        if self._live is not None or self._as_json:
            self._say(event, at, line, **told)

    def _say(self, event: str, at: int, line: str, wrong: bool = False, **told: Any) -> None:
        if self._quiet and not wrong:
            return
        if self._live is not None:
            self._latest.append(f"{clock_time(at)} {shown(line)}")
            self._live.update(self._view())
        elif self._as_json:
            self._console.print(
                json.dumps({"at": clock_time(at), "event": event, **told}), soft_wrap=True, markup=False, emoji=False
            )
        else:
            self._console.print(f"{clock_time(at)} {shown(line)}", soft_wrap=True, markup=False, emoji=False)

    def _view(self) -> Group:
        table = Table("due", "every", "feed", box=None, header_style="bold", expand=True)
        due = sorted((feed for feed in self._feeds if feed.state == ACTIVE), key=lambda feed: feed.next_at or 0)
        for feed in due[:_SHOWN]:
            name = Text(shown(feed.title or feed.feed_url))
            table.add_row(clock_time(feed.next_at) if feed.next_at else "now", f"{feed.interval_s} s", name)
        found = self.summary
        head = (
            f"{len(self._feeds):,} feeds, {sum(self.polls.values()):,} polls, {found.articles:,} articles, "
            f"{found.copies:,} copies, {found.reuse:,} reuse"
        )
        return Group(Text(head, style="bold"), table, Text("\n".join(self._latest), style="dim"))


@contextlib.contextmanager
def watching(stream: TextIO, as_json: bool = False, quiet: bool = False) -> Iterator[Watching]:
    """Give what tells a stream of what happens; on a terminal its live view ends with the block."""
    console = Console(file=stream, highlight=False)
    if console.is_terminal and not as_json and not quiet:
        with Live(console=console, refresh_per_second=4) as live:
            yield Watching(console, live)
    else:
        yield Watching(console, as_json=as_json, quiet=quiet)


def clock_time(at: int) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return dt.datetime.fromtimestamp(at / 1e6, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cycle_line(cycle: Counter[str]) -> str:
    """Return how many feeds were polled and pages were asked for, by what came of them."""
    told = []
    for kind, name in (("poll", "polls"), ("page", "pages")):
        counts = {key.removeprefix(f"{kind} "): count for key, count in cycle.items() if key.startswith(f"{kind} ")}
        if counts:
            parts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
            total = sum(counts.values())
            told.append(f"{total:,} {name if total > 1 else kind} ({parts})")
    return ", ".join(told) or "nothing polled"


def _poll_line(poll: Poll, pages: Counter[str]) -> str:
    line = f"{poll.outcome} {poll.feed_url}"
    if poll.entries:
        line += f": {poll.new} new of {poll.entries}"
    if pages:
        line += " (" + ", ".join(f"{count} {outcome}" for outcome, count in sorted(pages.items())) + ")"
    return line + ("; possible gap" if poll.gap else "") + _because(poll.error)


def _pair_line(pair: Found) -> str:
    (source, original), (outlet, headline) = pair.source, pair.taken
    return f"{pair.relation} {outlet}: {headline} ({pair.share:.0%} from {source}: {original})"


def _because(error: str | None) -> str:
    return f": {error}" if error else ""
