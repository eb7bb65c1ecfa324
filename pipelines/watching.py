"""What the monitor says while it watches: a live view on a terminal, plain lines elsewhere, and metrics."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter, deque
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipelines.summary import Summary
from transforms.fetch.harvest import Harvest
from transforms.fetch.poll import Visit
from transforms.fetch.state import ACTIVE, Feed

_SHOWN = 10


class Watching:
    """Tells one stream what happens. Every line is one event: its time (UTC), what it is, and what it is about."""

    def __init__(self, console: Console, live: Live | None = None):
        self._console = console
        self._live = live
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
        self._say(f"{clock_time(now)} watching {active:,} of {len(feeds):,} feeds")

    def harvested(self, harvest: Harvest) -> None:
        """Say what one poll found."""
        self.entries.update(row["outcome"] for row in harvest.entries)
        if harvest.visit is None:
            [row] = harvest.entries
            self._say(f"{clock_time(row['seen_at'])} {row['outcome']} {row['url']}{_because(row['error'])}")
        else:
            self.polls[harvest.visit.poll.outcome] += 1
            self._say(_visit_line(harvest.visit, harvest))

    def committed(self, summary: Summary, feeds: Collection[Feed], now: int) -> None:
        """Say what the lake has now, after a commit."""
        before, self._feeds = self.summary, feeds
        self.summary = replace(summary, commits=list(summary.commits))
        number = summary.commits[-1] if summary.commits else "-"
        self._say(
            f"{clock_time(now)} commit {number}: {summary.articles - before.articles:,} articles, "
            f"{summary.copies - before.copies:,} copies, {summary.reuse - before.reuse:,} reuse"
        )

    def trouble(self, message: str) -> None:
        """Say what is wrong and goes on being tried."""
        self.troubles += 1
        self._say(f"trouble: {message}")

    def states(self) -> Counter[str]:
        """Return how many feeds are in which state."""
        return Counter(feed.state for feed in list(self._feeds))

    def due(self) -> list[int | None]:
        """Return when each feed that is watched is due."""
        return [feed.next_at for feed in list(self._feeds) if feed.state == ACTIVE]

    def _say(self, line: str) -> None:
        if self._live is None:
            self._console.print(line, soft_wrap=True, markup=False)
        else:
            self._latest.append(line)
            self._live.update(self._view())

    def _view(self) -> Group:
        table = Table("due", "every", "feed", box=None, header_style="bold", expand=True)
        due = sorted((feed for feed in self._feeds if feed.state == ACTIVE), key=lambda feed: feed.next_at or 0)
        for feed in due[:_SHOWN]:
            table.add_row(
                clock_time(feed.next_at) if feed.next_at else "now", f"{feed.interval_s} s", feed.title or feed.feed_url
            )
        found = self.summary
        head = (
            f"{len(self._feeds):,} feeds, {sum(self.polls.values()):,} polls, {found.articles:,} articles, "
            f"{found.copies:,} copies, {found.reuse:,} reuse"
        )
        return Group(Text(head, style="bold"), table, Text("\n".join(self._latest), style="dim"))


@contextlib.contextmanager
def watching(stream: TextIO) -> Iterator[Watching]:
    """Give what tells a stream of what happens; on a terminal its live view ends with the block."""
    console = Console(file=stream, highlight=False)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4) as live:
            yield Watching(console, live)
    else:
        yield Watching(console)


def clock_time(at: int) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return dt.datetime.fromtimestamp(at / 1e6, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _visit_line(visit: Visit, harvest: Harvest) -> str:
    poll = visit.poll
    line = f"{clock_time(poll.polled_at)} {poll.outcome} {poll.feed_url}"
    if poll.entries:
        line += f": {poll.new} new of {poll.entries}"
    outcomes = Counter(row["outcome"] for row in harvest.entries)
    if outcomes:
        line += " (" + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) + ")"
    return line + ("; possible gap" if poll.gap else "") + _because(poll.error)


def _because(error: str | None) -> str:
    return f": {error}" if error else ""
