"""The commands `wirecopy monitor` and `wirecopy feeds`: options checked, feeds of a lake listed and edited."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wirecopy.pipelines.engines.arguments import Engine
from wirecopy.pipelines.options import new_run
from wirecopy.pipelines.terminal.report import shown
from wirecopy.pipelines.terminal.summary import Summary
from wirecopy.pipelines.watching.live import clock_time, watching
from wirecopy.pipelines.watching.metrics import place, serve_metrics
from wirecopy.pipelines.watching.watch import WatchOptions, commit_units, run_watch
from wirecopy.transforms.fetch.harvest import feed_row
from wirecopy.transforms.fetch.http.guard import Network, networks
from wirecopy.transforms.fetch.known import load_feeds, new_feed
from wirecopy.transforms.fetch.lists.feedlist import Wanted, interval, read_lists, seconds
from wirecopy.transforms.fetch.lists.opml import Outline, write_opml
from wirecopy.transforms.fetch.spool import Note, write_spool
from wirecopy.transforms.fetch.state import RETIRED, Feed
from wirecopy.transforms.lake.commits import open_snapshot


def monitor_feeds(
    sources: Sequence[str],
    lake: Path,
    once: bool,
    every: str | None,
    pause: str,
    cidrs: Sequence[str],
    contact: str | None,
    metrics_port: str | None,
    as_json: bool,
    quiet: bool,
) -> Summary:
    """Run the monitor as the command line asks for it. Raises typer.BadParameter, LakeError and OSError."""
    options = WatchOptions(
        lake,
        tuple(sources),
        once,
        _checked(interval, every, "--every") if every else None,
        float(_checked(seconds, pause, "--pause")),
        _opened(cidrs),
        contact or "",
    )
    listening = _checked(place, metrics_port, "--metrics-port") if metrics_port else None
    _lists(sources, options.opened)
    if not contact and not quiet:
        print("servers are not told how to reach you: say --contact you@example.org", file=sys.stderr)
    if not sources and not load_feeds(open_snapshot(lake)):
        raise typer.BadParameter("the lake watches no feeds yet: name a list or an address", param_hint="FEEDS")
    with watching(sys.stderr, as_json, quiet) as told:
        if listening:
            serve_metrics(told, *listening)
        return run_watch(options, told, last=True)


def monitor_on(
    engine: Engine,
    sources: Sequence[str],
    lake: Path,
    every: str | None,
    pause: str,
    cidrs: Sequence[str],
    contact: str | None,
) -> Sequence[str]:
    """Start the job that watches a lake's feeds on an engine, and return what is to be said of it.

    Raises typer.BadParameter, LakeError and OSError.
    """
    from wirecopy.pipelines.engines.watch import refuse_second, told, watch_on
    from wirecopy.transforms.fetch.spread.asking import Manners

    manners = Manners(
        _checked(interval, every, "--every") if every else None,
        float(_checked(seconds, pause, "--pause")),
        _opened(cidrs),
        contact or "",
    )
    if not contact:
        print("servers are not told how to reach you: say --contact you@example.org", file=sys.stderr)
    refuse_second(engine, lake)
    if sources:
        add_feeds(lake, sources, cidrs)
    if not load_feeds(open_snapshot(lake)):
        raise typer.BadParameter("the lake watches no feeds yet: name a list or an address", param_hint="FEEDS")
    return told(engine, watch_on(engine, lake, manners))


def add_feeds(lake: Path, sources: Sequence[str], cidrs: Sequence[str]) -> int:
    """Add feeds to a lake's and return how many were not watched. Raises typer.BadParameter, LakeError and OSError."""
    wanted = _lists(sources, _opened(cidrs))
    watched = load_feeds(open_snapshot(lake))
    new = [new_feed(one) for one in wanted if one.url not in watched or watched[one.url].state == RETIRED]
    _state(lake, [feed_row(feed, None) for feed in new])
    return len(new)


def remove_feeds(lake: Path, urls: Sequence[str]) -> int:
    """Take feeds off a lake's and return how many. Raises typer.BadParameter, LakeError and OSError."""
    watched = load_feeds(open_snapshot(lake))
    for url in urls:
        if url not in watched:
            raise typer.BadParameter(f"the lake watches no feed {url!r}: see wirecopy feeds list", param_hint="URL")
    gone = list(dict.fromkeys(urls))
    _state(lake, [feed_row(watched[url], None, deleted=True) for url in gone])
    return len(gone)


def list_feeds(lake: Path, as_json: bool, out: TextIO) -> None:
    """Write a lake's feeds as a table, or as JSON. Raises LakeError."""
    feeds = _sorted(lake)
    if as_json:
        json.dump([_told(feed) for feed in feeds], out, indent=1)
        out.write("\n")
        return
    table = Table("feed", "title", "state", "every", "next poll", "failures", header_style="bold")
    for feed in feeds:
        due = clock_time(feed.next_at) if feed.next_at else "now" if feed.state != RETIRED else "never"
        every = f"{feed.every_s or feed.interval_s} s"
        told = (feed.feed_url, feed.title or "", feed.state, every, due, str(feed.failures))
        table.add_row(*(Text(shown(cell)) for cell in told))
    Console(file=out, width=None if out.isatty() else 200, highlight=False).print(table)


def export_feeds(lake: Path) -> bytes:
    """Return a lake's feeds as OPML, retired ones left out. Raises LakeError."""
    kept = [feed for feed in _sorted(lake) if feed.state != RETIRED]
    return write_opml([Outline(feed.feed_url, feed.title) for feed in kept], "Feeds that Wirecopy watches")


def _sorted(lake: Path) -> list[Feed]:
    feeds = load_feeds(open_snapshot(lake)).values()
    return sorted(feeds, key=lambda feed: (feed.outlet or "", feed.feed_url))


def _told(feed: Feed) -> dict[str, Any]:
    return feed._asdict() | {"next_at": clock_time(feed.next_at) if feed.next_at else None}


def _state(lake: Path, rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Commit rows of `feeds`."""
    if rows:
        now = time.time_ns() // 1000
        unit = write_spool(lake, [Note([row], now, row[1]["feed_url"]) for row in rows])
        commit_units(lake, new_run("feeds"), [unit])


def _lists(sources: Sequence[str], opened: Sequence[Network]) -> list[Wanted]:
    try:
        return read_lists(sources, opened)
    except ValueError as error:
        raise typer.BadParameter(shown(str(error)), param_hint="FEEDS") from None


def _opened(cidrs: Sequence[str]) -> tuple[Network, ...]:
    return _checked(networks, cidrs, "--allow-network")


def _checked(reading: Any, given: Any, option: str) -> Any:
    try:
        return reading(given)
    except ValueError as error:
        raise typer.BadParameter(shown(str(error)), param_hint=option) from None
