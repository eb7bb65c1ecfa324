"""Old commits expire: what they add up to stands in checkpoints, and the lake is read as of no moment before them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from wirecopy.schemas.elements import Run
from wirecopy.transforms.commit.publish import attempt, stage_upkeep
from wirecopy.transforms.index.runs import add_commit
from wirecopy.transforms.lake.commits import (
    Commit,
    Snapshot,
    checkpoint_numbers,
    forget_history,
    is_sound,
    open_snapshot,
    read_commit,
)
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.history import loose_numbers, packs
from wirecopy.transforms.lake.loss import refuse_if_broken, refuse_if_lost
from wirecopy.transforms.matching.segments.segment import build

KEEP = dt.timedelta(days=30)


def expire(root: Path, staging: Path, run: Run, keep: dt.timedelta = KEEP) -> Commit | None:
    """Commit that the commits which are older than `keep` expire, and delete their files.

    Killed in between, the next run deletes what is left. Returns the commit, None where none expires. Raises LakeError,
    and deletes nothing, where a commit is missing or damaged or the lake has lost its newest one, and OSError where the
    lake cannot be written.
    """
    refuse_if_broken(root)
    refuse_if_lost(root)
    commit = None
    while (begin := expirable(snapshot := open_snapshot(root), keep)) > snapshot.expired:
        commit = stage_upkeep(snapshot, staging, run, {}, {}, {}, expired=begin)
        if attempt(root, staging, commit):
            add_commit(root, commit, build([]), {})
            break
    expired = open_snapshot(root).expired
    if min([*loose_numbers(root), *(last for last, _ in packs(root)), *checkpoint_numbers(root)]) < expired:
        forget_history(root, expired)
    return commit


def expirable(snapshot: Snapshot, keep: dt.timedelta = KEEP) -> int:
    """Return the commit before which commits may expire: the newest with a checkpoint that is older than `keep`.

    There is a later checkpoint as well, so that no single file holds all there is to know. Returns what has expired
    already where no more may, 0 where nothing has.
    """
    before = dt.datetime.now(dt.UTC) - keep
    found = snapshot.expired
    *older, _ = [0, 0, *checkpoint_numbers(snapshot.root)]
    for base in older:
        if base <= max(1, snapshot.expired):
            continue
        try:
            if dt.datetime.fromisoformat(read_commit(snapshot.root, base).committed_at) >= before:
                break
        except LakeError:
            break
        if is_sound(snapshot.root, base):
            found = base
    return found
