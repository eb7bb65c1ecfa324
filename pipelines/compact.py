"""A lake made compact: small parts merged, pairs settled, and parts deleted that nobody reads any more."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.pipelines.watches.firing import collect
from wirecopy.transforms.index.runs import tidy
from wirecopy.transforms.lake.catalog import catalog_is_current, publish_catalog
from wirecopy.transforms.lake.commits import Commit, broken_commits, open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.loss import refuse_if_lost
from wirecopy.transforms.lake.staging import join, sweep
from wirecopy.transforms.maintenance.compact import compact, plan
from wirecopy.transforms.maintenance.derive import derive
from wirecopy.transforms.maintenance.expire import KEEP, expirable, expire
from wirecopy.transforms.maintenance.settle import settle
from wirecopy.transforms.maintenance.vacuum import GRACE, unnamed, vacuum

MOST_PARTS = 16
"""Parts of about one size, of one table and month, beyond which a monitor merges them.

A monitor adds ten parts a commit. The catalog of 150 parts takes .3 CPU seconds to rebuild at each commit, that of
1,500 .4, that of 15,000 1.4.
"""


@dataclass
class Compacted:
    """What a compaction did.

    Attributes:
        merged: parts that others took the place of.
        into: those others.
        retracted: pairs that went, or that others took the place of, when the lake was settled.
        deleted: parts deleted.
        freed: their bytes.
        expired: the commit before which none is kept any more; 0 where all are.
    """

    merged: int = 0
    into: int = 0
    retracted: int = 0
    deleted: int = 0
    freed: int = 0
    expired: int = 0

    def told(self) -> str:
        """Return what was done, for people."""
        return (
            f"{self.merged:,} parts merged into {self.into:,}, {self.retracted:,} pairs settled, "
            f"{self.deleted:,} parts deleted ({self.freed / 1e6:,.1f} MB)"
            + (f"; commits are kept from {self.expired:,} on" if self.expired else "")
        )

    def count(self, commit: Commit | None) -> None:
        """Add what a commit did, if there was one."""
        if commit is None:
            return
        self.merged += sum(map(len, commit.removed.values()))
        self.into += sum(map(len, commit.rewritten.values()))
        self.retracted += len(commit.retracted)


def run_compact(lake: Path, grace: dt.timedelta = GRACE, keep: dt.timedelta = KEEP) -> Compacted:
    """Make a lake compact, beside whoever else writes to it.

    Args:
        lake: the lake's folder.
        grace: how long parts are kept that nothing names any more but catalogs which readers may have open.
        keep: how long commits are kept; for the grace period at least.

    Raises:
        LakeError: the lake cannot be used.
        OSError: it cannot be written; what was committed before stays.
    """
    snapshot = open_snapshot(lake)
    if not snapshot.number:
        raise LakeError(f"{lake} holds no commit yet: there is nothing to compact")
    if broken := broken_commits(lake):
        raise LakeError(f"{next(iter(broken.values()))}; nothing is deleted meanwhile: see wirecopy doctor")
    refuse_if_lost(lake, unnamed(lake, dt.datetime.now(dt.UTC) - GRACE))
    sweep(lake)
    done = Compacted()
    with publishing(lake, "compact") as options:
        derive(lake, options.staging, options.run)
        done.count(compact(lake, options.staging, options.run))
        if commit := settle(lake, options.staging, options.run):
            done.count(commit)
            done.count(compact(lake, options.staging, options.run))
        collect(lake)
        expire(lake, options.staging, options.run, max(keep, grace))
    done.expired = open_snapshot(lake).expired
    tidy(lake, wait=True)
    done.deleted, done.freed = vacuum(lake, grace)
    return done


def keep_compact(lake: Path) -> None:
    """Merge parts of a size where a table and month has too many of them, and have old commits expire.

    That is what a monitor does as it goes. Raises LakeError, and deletes nothing, where the lake has lost a commit, and
    OSError where it cannot be written.
    """
    snapshot = open_snapshot(lake)
    crowded = any(plan(snapshot, MOST_PARTS))
    if crowded or expirable(snapshot) > snapshot.expired:
        with publishing(lake, "compact") as options:
            if crowded:
                compact(lake, options.staging, options.run, MOST_PARTS)
            collect(lake)
            expire(lake, options.staging, options.run)
        vacuum(lake)


@contextmanager
def publishing(lake: Path, command: str) -> Iterator[WaveOptions]:
    """Give what a run needs that commits, and publish the catalog for the last commit at its end."""
    options = WaveOptions(lake, new_run(command))
    with join(options.staging):
        try:
            yield options
            snapshot = open_snapshot(lake)
            if not catalog_is_current(snapshot):
                publish_catalog(snapshot, options.staging)
        finally:
            shutil.rmtree(options.staging, ignore_errors=True)
