"""Parts that no commit of late names any more are deleted, once whoever may still read them has had time to finish."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import open_snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.loss import refuse_if_broken, refuse_if_lost
from wirecopy.transforms.lake.staging import staged

GRACE = dt.timedelta(days=1)


def vacuum(root: Path, grace: dt.timedelta = GRACE) -> tuple[int, int]:
    """Delete the parts that no commit within the grace period had, and return how many and their bytes.

    Readers of a catalog that is no older than that, and commits since, keep all their parts. Raises LakeError, and
    deletes nothing, where a commit is missing or the lake has lost its newest one: parts may be live that seem not to.
    """
    refuse_if_broken(root)
    found = list(unnamed(root, dt.datetime.now(dt.UTC) - grace))
    refuse_if_lost(root, found)
    count = size = 0
    for path in found:
        size += path.stat().st_size
        count += 1
        path.unlink()
    return count, size


def unnamed(root: Path, since: dt.datetime) -> Iterator[Path]:
    """Yield the parts in the tables' folders that neither a live run nor the lake as of an instant, or since, names.

    They are listed before the runs, and these before the commits, so that what is published and committed meanwhile is
    never among them. No link is followed.
    """
    found = [path for table in TABLES for path in _files(root / table)]
    published = {path for run in (root / "_staging").glob("*") for path in staged(run)}
    snapshot = open_snapshot(root)
    named = {part.path for parts in snapshot.parts.values() for part in parts}
    for number in range(snapshot.number, max(1, snapshot.expired) - 1, -1):
        try:
            commit = read_commit(root, number)
        except LakeError:  # given up, or `vacuum` refuses
            continue
        if dt.datetime.fromisoformat(commit.committed_at) < since:
            break
        named |= {path for paths in commit.removed.values() for path in paths}
    for path in found:
        if (place := path.relative_to(root).as_posix()) not in published and place not in named:
            yield path


def _files(folder: Path) -> Iterator[Path]:
    for path, _, names in os.walk(folder) if not folder.is_symlink() else ():
        yield from (Path(path) / name for name in names if name.endswith(".parquet"))
