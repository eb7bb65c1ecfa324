"""One run of a bounded pipeline over a lake: what comes before the first wave and after the last."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from wirecopy.pipelines.ingest import ingest
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.pipelines.terminal.report import Report, shown
from wirecopy.pipelines.terminal.summary import Account, Progress, Summary
from wirecopy.pipelines.watches.firing import fire
from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.lake.catalog import catalog_is_current, publish_catalog
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.loss import lost
from wirecopy.transforms.lake.staging import join, sweep
from wirecopy.transforms.read import Skipped, Unreadable
from wirecopy.transforms.sealing.progress import extracted

FIRST_S = 3.0
"""Seconds after which a run says how far it is."""

Take = Callable[[Iterable[Unit | Reject], WaveOptions, Progress, Callable[[], None]], None]
"""Takes what is planned into a lake and calls back after commits."""


def run_ingest(
    command: str,
    plan: Iterable[Unit | Reject | Skipped | Unreadable],
    lake: Path,
    report: Report,
    count: Callable[[], int] | None = None,
    take: Take = ingest,
) -> Summary:
    """Take what is planned into a lake, wave by wave, and return what was taken in.

    `count`, where given, returns the stored bytes of all input; it runs beside, and the time that is left is told once
    it is done. `take` is how: in this process, or on an engine.

    Raises LakeError where the lake cannot be used, OSError where it cannot be written.
    """
    before = open_snapshot(lake)
    warn_of_loss(lake)
    sweep(lake)
    fire(lake)
    options = WaveOptions(lake, new_run(command))
    account = Account(lake, options.run.run_id, before.number + 1)
    progress = Progress()

    def after_wave() -> None:
        account.catch_up(open_snapshot(lake).number)
        fire(lake)
        report.wave(account.summary, progress)

    ended = threading.Event()

    def beside() -> None:
        """Tell from the third second on how far the wave is."""
        if ended.wait(FIRST_S):
            return
        progress.total = count() if count else None
        while not ended.wait(report.every_s):
            summary = replace(account.summary, seconds=account.elapsed())
            report.wave(summary, progress, extracted(options.staging))

    report.begin(command, lake)
    teller = threading.Thread(target=beside, name="progress", daemon=True)
    with join(options.staging):
        teller.start()
        try:
            if before.number and not catalog_is_current(before):
                publish_catalog(before, options.staging)
            take(_units(plan, progress), options, progress, after_wave)
        except KeyboardInterrupt:
            raise  # waves may be under way: the next run sweeps their folder when this process has ended
        except BaseException:
            shutil.rmtree(options.staging, ignore_errors=True)
            raise
        finally:
            ended.set()
        shutil.rmtree(options.staging, ignore_errors=True)
    summary = account.summary
    account.catch_up(open_snapshot(lake).number)
    by_others = progress.sent - progress.open - summary.done
    summary.known = progress.known + by_others
    summary.open = progress.unreadable + progress.open
    summary.passed_over, summary.formats = progress.passed_over, progress.formats
    report.end(summary)
    return summary


def warn_of_loss(lake: Path) -> None:
    """Say so where a lake has lost its newest commit; what is taken in now takes that commit's number."""
    for told in lost(lake):
        logging.getLogger("wirecopy").warning("%s; see wirecopy doctor", told)


def _units(plan: Iterable[Unit | Reject | Skipped | Unreadable], progress: Progress) -> Iterator[Unit | Reject]:
    """Yield what is planned, and count it."""
    for item in plan:
        if isinstance(item, Unit):
            progress.planned(item)
            yield item
        elif isinstance(item, Reject):
            yield item
        elif isinstance(item, Skipped):
            progress.passed_over[item.kind] = progress.passed_over.get(item.kind, 0) + 1
        else:
            progress.unreadable += 1
            logging.getLogger("wirecopy").warning(
                "cannot be read now, stays open: %s", shown(f"{item.path}: {item.error}")
            )
