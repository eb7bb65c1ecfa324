"""Commit what is sealed: resolved against the newest snapshot, published, and resolved anew where another was first."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.elements import Committed, Run, Sealed
from wirecopy.transforms.commit.again import resolve_again
from wirecopy.transforms.commit.publish import attempt, marked, run_row, stage_rows
from wirecopy.transforms.commit.resolve import Changes, resolve
from wirecopy.transforms.commit.upgrade import upgraded
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.index.runs import Ahead, add_commit, open_index, takes_of, tidy_beside
from wirecopy.transforms.index.versions import sighted
from wirecopy.transforms.lake.catalog import publish_catalog
from wirecopy.transforms.lake.commits import Commit, Snapshot, open_snapshot
from wirecopy.transforms.lake.staging import held
from wirecopy.transforms.machine import cores
from wirecopy.transforms.sealing.pools import seal_within_limits
from wirecopy.transforms.sealing.seal import NO_READER, Content, discard, learned, open_sealed
from wirecopy.transforms.search.upkeep import NAME as SEARCH
from wirecopy.transforms.search.upkeep import stage_segments

_NAME_BYTES = 6


def commit_wave(root: Path, staging: Path, run: Run, sealed: Sequence[Sealed], again: bool = False) -> Committed:
    """Commit what some sealed folders hold, and return what was new; commits nothing where nothing is.

    Another writer may commit in between: then the wave is resolved against the new parts as well, and tried as the
    next commit. Waves of one run take turns where the file system has locks; what a commit stages is its own where it
    has none. A folder that is gone is sealed again. What is committed is deleted, so that a run needs room for its
    waves, not for its archive. With `again` the units are done already, and what they give now takes the place of what
    they gave before. Raises OSError where the lake cannot be written; nothing is committed then.
    """
    with held(staging / "committing"):
        own = staging / uuid.uuid4().hex
        own.mkdir()
        try:
            standing = list(_standing(root, staging, sealed))
            committed = _commit(root, own, run, open_sealed(standing), again)
        finally:
            shutil.rmtree(own, ignore_errors=True)
        for one in (*sealed, *standing):
            discard(one)
        return committed


def _standing(root: Path, staging: Path, sealed: Sequence[Sealed]) -> Iterator[Sealed]:
    """Yield what is there, and seal again what is gone and not committed.

    An engine may bring again what was committed and deleted, and what was swept away while none of its workers lived.
    """
    gone = [one for one in sealed if not Path(one.folder).is_dir()]
    named = {unit.unit_id for one in gone for unit in one.units}
    done = open_snapshot(root).units.known(named) if gone else frozenset()
    for one in sealed:
        if one not in gone:
            yield one
            continue
        stopped = {unit_id for unit_id, _ in one.failed}
        wanted = [unit for unit in one.units if unit.unit_id not in stopped and unit.unit_id not in done]
        if lost := [unit for unit in wanted if unit.reader == NO_READER]:
            logging.getLogger("wirecopy").warning("what was sealed of %s is gone: they stay open", len(lost))
        if units := [unit for unit in wanted if unit.reader != NO_READER]:
            yield seal_within_limits(units, staging, learned(root), cores())


def _commit(root: Path, staging: Path, run: Run, content: Content, again: bool) -> Committed:
    wave = blake2b_128(*sorted(content.units), staging.name.encode()).hex()[: 2 * _NAME_BYTES]
    while True:
        (root / "_commits").mkdir(exist_ok=True)
        snapshot = upgraded(root, staging, run)
        known = snapshot.units.known(unit_id.hex() for unit_id in content.units)
        units = tuple(sorted(unit_id for unit_id in content.units if (unit_id.hex() in known) == again))
        if not units:
            return Committed(0, 0, content.failed, 0, 0, 0, 0)
        try:
            index = open_index(snapshot)
        except Ahead:
            continue
        changes = (resolve_again if again else resolve)(content, units, snapshot, index, staging)
        committed = _counted(snapshot.number + 1, len(units), content.failed, changes)
        rows = marked(changes.rows, run, committed.number)
        commit = _stage(snapshot, staging, run, wave, units, rows, changes, committed)
        if attempt(root, staging, commit):
            break
    related = rows | {"seen": sighted(rows["articles"])} | takes_of(changes.segment)
    add_commit(root, commit, changes.segment, related)
    publish_catalog(open_snapshot(root), staging)
    tidy_beside(root)
    return committed


def _counted(number: int, units: int, failed: int, changes: Changes) -> Committed:
    relations = changes.rows["pairs"]["relation"]
    copies = pc.sum(pc.equal(relations, "copy")).as_py() or 0
    return Committed(
        number,
        units,
        failed,
        changes.rows["articles"].num_rows,
        copies,
        len(relations) - copies,
        changes.rows["rejects"].num_rows,
    )


def _stage(
    snapshot: Snapshot,
    staging: Path,
    run: Run,
    wave: str,
    units: Sequence[bytes],
    rows: dict[str, pa.Table],
    changes: Changes,
    committed: Committed,
) -> Commit:
    committed_at = dt.datetime.now(dt.UTC)
    articles = changes.rows["articles"]
    rows = rows | {"runs": run_row(run, committed, committed_at)}
    segments = stage_segments(articles, staging, wave)
    return Commit(
        number=committed.number,
        read=snapshot.number,
        run_id=run.run_id,
        committed_at=committed_at.isoformat(),
        units=tuple(unit_id.hex() for unit_id in units),
        added=stage_rows(rows, staging, wave) | ({SEARCH: segments} if segments else {}),
        rewritten=changes.rewritten,
        removed=changes.removed,
        replaced=tuple(one.hex() for one in changes.replaced.to_pylist()),
    )
