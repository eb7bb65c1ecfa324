"""What a run says while it goes on and when it ends: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from wirecopy.pipelines.terminal.shown import shown
from wirecopy.pipelines.terminal.summary import OF_RECORDS, Progress, Summary
from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.read import Skipped, Unreadable
from wirecopy.transforms.read.io.files import label
from wirecopy.transforms.sealing.progress import Extracted

__all__ = ["Report", "print_unit", "reporting", "shown"]

WORTH_TELLING_S = 5
"""Seconds that must be left for the time to be told."""

NOTHING = Extracted()

LEAST_RATE = 10
"""Articles a second from which on the rate is told: below, it is the start of the program that is measured."""


class Report:
    """Writes a run's progress and summary to one stream; progress may be said from any thread."""

    def __init__(self, console: Console):
        self._console = console
        self._status: Status | None = None
        self._lock = threading.Lock()
        self._closed = False

    def begin(self, command: str, lake: Path) -> None:
        """Say what starts."""
        self._say(f"{command}: into {shown(str(lake))}")

    def wave(self, summary: Summary, progress: Progress, extracted: Extracted = NOTHING) -> None:
        """Say how far the run has come; what is extracted and not committed yet counts by its articles alone."""
        articles, size = summary.articles + extracted.articles, progress.bytes + extracted.bytes
        if not articles + size:
            self._say("reading")
            return
        rate = articles / summary.seconds if summary.seconds else 0.0
        all_read = progress.all_planned and extracted.bytes and size >= progress.sent_bytes
        pace = f" ({rate:,.0f}/s)" if rate >= LEAST_RATE else ""
        self._say(
            f"{size / 1e6:,.1f} MB read, {articles:,} articles{pace}, "
            f"{summary.copies:,} copies, {summary.reuse:,} reuse, {summary.rejected:,} rejected"
            + (", matching" if all_read else _left(summary.seconds, progress.share(extracted.bytes)))
        )

    @property
    def every_s(self) -> float:
        """How often to say how far a wave is: a line that stays is worth less than one that is replaced."""
        return 1.0 if self._console.is_terminal else 30.0

    def end(self, summary: Summary) -> None:
        """Write the run's summary."""
        self.close()
        if not summary.commits and not summary.open:
            passed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(summary.passed_over.items()))
            told = f"the lake has all {summary.known:,} units already" if summary.known else "there was nothing to read"
            self._console.print(
                f"Nothing new: {told}{f' (passed over: {passed})' if passed else ''}. No commit was made."
            )
            return
        self._console.print(_table(summary))
        if summary.commits:
            first, last = summary.commits[0], summary.commits[-1]
            numbers = f"commit {first}" if first == last else f"commits {first} to {last}"
            self._console.print(f"{numbers} of {shown(summary.lake)}", soft_wrap=True)
        if summary.open:
            self._console.print(f"{summary.open:,} units could not be read and stay open: run the same command again.")
        for line in unknown(summary):
            self._console.print(line, soft_wrap=True)
        if summary.rejects:
            self._console.print(f'Why and where: wirecopy sql "from rejects" --lake {shown(shlex.quote(summary.lake))}')

    def close(self) -> None:
        """End the live line; what is said later by a thread that has not heard of the end is left out."""
        with self._lock:
            self._closed = True
            if self._status is not None:
                self._status.stop()
                self._status = None

    def _say(self, line: str) -> None:
        with self._lock:
            if self._closed:
                return
            if not self._console.is_terminal:
                self._console.print(line, soft_wrap=True)
            elif self._status is None:
                self._status = self._console.status(Text(line))
                self._status.start()
            else:
                self._status.update(Text(line))


@contextlib.contextmanager
def reporting(stream: TextIO) -> Iterator[Report]:
    """Give a report that writes to a stream, and end its live line whatever happens."""
    report = Report(Console(file=stream, highlight=False, markup=False, emoji=False))
    try:
        yield report
    finally:
        report.close()


def _left(seconds: float, share: float | None) -> str:
    left = seconds * (1 - share) / share if share else 0.0
    if share is None or left < WORTH_TELLING_S:
        return ""
    return f", {share:.0%} done, about {f'{left / 60:,.0f} min' if left > 90 else f'{left:.0f} s'} left"


_NAMED = {"outlet": "outlet", "published_at": "published", "headline": "headline"}
_CALLED = {"outlet": "the outlet", "published_at": "the date", "headline": "the headline"}


def unknown(summary: Summary) -> Iterator[str]:
    """Yield a line for each of outlet, date and headline that more than half of the new articles lack, of records."""
    if OF_RECORDS.isdisjoint(summary.formats):
        return
    for column, count in summary.unknown.items():
        if 2 * count > summary.articles > 0:
            field = _NAMED[column]
            constant = " (or for all of them --map \"outlet='example.com'\")" if field == "outlet" else ""
            yield (
                f"{_CALLED[column]} of {count:,} of {summary.articles:,} articles is unknown: where records have it,"
                f" name its column with --map {field}=COLUMN{constant}; --dry-run shows the columns"
            )


def _table(summary: Summary) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    table.add_column()
    rate = summary.articles / summary.seconds if summary.seconds else 0.0
    table.add_row(f"{summary.articles + sum(summary.rejects.values()):,}", "records read")
    table.add_row(f"{summary.articles:,}", "articles kept")
    table.add_row(f"{summary.copies:,}", "pairs of copies")
    table.add_row(f"{summary.reuse:,}", "pairs that share passages")
    for reason, count in sorted(summary.rejects.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(
            f"{count:,}", f"passed over: {reason}" if reason in ("not text", "forgotten") else f"rejected: {reason}"
        )
    for name, count in sorted(summary.formats.items()):
        table.add_row(f"{count:,}", f"unit{'s' if count > 1 else ''} of {name}")
    if summary.known:
        table.add_row(f"{summary.known:,}", "of them known already")
    for kind, count in sorted(summary.passed_over.items()):
        table.add_row(f"{count:,}", f"passed over: {kind}")
    table.add_row(f"{summary.seconds:,.1f} s", f"{rate:,.0f} articles a second" if rate >= LEAST_RATE else "")
    return table


def print_unit(item: Unit | Reject | Skipped | Unreadable, out: TextIO) -> None:
    """Write a planned unit with its size and format, or what would be rejected or passed over, and why."""
    if isinstance(item, Unit):
        part = "" if item.end < 0 else f" [{item.begin}:{item.end}]"
        print(f"{item.size:>14,}  {item.reader:<10}  {shown(label(item.path))}{part}", file=out)
        return
    if isinstance(item, Reject):
        path, why = item.doc_ref, f"{item.reason}: {item.error}"
    else:
        path, why = label(item.path), item.kind if isinstance(item, Skipped) else item.error
    print(f"{'-':>14}  {type(item).__name__.lower():<10}  {shown(path)}: {shown(why)}", file=out)
