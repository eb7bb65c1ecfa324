"""A lake mended: what parts and commits lost is dropped, and what can be made anew is made anew."""

from __future__ import annotations

from pathlib import Path

from wirecopy.pipelines.compact import publishing
from wirecopy.transforms.index.runs import indexed_commit, reindex
from wirecopy.transforms.lake.catalog import publish_catalog
from wirecopy.transforms.lake.commits import broken_checkpoints, broken_commits, commit_numbers, open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.loss import lost, refuse_if_broken
from wirecopy.transforms.lake.staging import sweep
from wirecopy.transforms.maintenance.derive import derive
from wirecopy.transforms.maintenance.doctor import SHOWN, index_faults
from wirecopy.transforms.maintenance.forget import enforce
from wirecopy.transforms.maintenance.mend import Lost, go_back, is_unsettled, mend, mend_ledger, newest_whole
from wirecopy.transforms.maintenance.settle import settle


def run_mend(lake: Path, back_to: int | None) -> list[str]:
    """Mend a lake, beside whoever else writes to it, and return what was done, for people.

    Killed at any moment it leaves a lake that is whole, and goes on when it is run again.

    Args:
        lake: the lake's folder.
        back_to: the commit to go on from where later ones are lost; None where none are to be given up.

    Raises:
        LakeError: the lake cannot be used, or commits are missing, damaged or lost and are not to be given up.
        OSError: it cannot be written.
    """
    told = []
    with publishing(lake, "doctor") as options:
        if back_to is None and (broken := broken_commits(lake)):
            if (whole := newest_whole(lake)) < max(commit_numbers(lake)):
                raise LakeError(
                    f"{next(iter(broken.values()))}; where there is no backup, --mend --back-to {whole} gives up that "
                    "commit and what came later"
                )
            commit = go_back(lake, options.staging, options.run, whole)
            numbers = ", ".join(f"{number}" for number in sorted(broken)[:SHOWN])
            more = f" and {len(broken) - SHOWN:,} more" if len(broken) > SHOWN else ""
            told.append(f"commit {commit.number} gives up {numbers}{more}; a checkpoint stands for it: no row is lost")
        if back_to is not None:
            commit = go_back(lake, options.staging, options.run, back_to)
            publish_catalog(open_snapshot(lake), options.staging)
            told.append(f"commit {commit.number} goes on from commit {back_to}; what else there was is given up")
        refuse_if_broken(lake)
        if not (snapshot := open_snapshot(lake)).number:
            raise LakeError(f"{lake} holds no commit yet: there is nothing to mend")
        if missed := lost(lake):
            raise LakeError(f"{missed[0]}; see wirecopy doctor")
        sweep(lake)
        if (exact := mend_ledger(lake, options.staging, options.run)) is not None:
            told.append("the ledger of units is made anew" + ("" if exact else ", but for units that gave no row"))
        if mended := mend(lake, options.staging, options.run):
            told.append(_told(mended[0].number, mended[1]))
        for path in broken_checkpoints(lake):
            (lake / path).unlink()
            told.append(f"{path}, which was damaged, is deleted")
        if forgotten := enforce(lake, options.staging, options.run):
            told.append(f"commit {forgotten.number} forgets again what was forgotten before")
        if derived := derive(lake, options.staging, options.run):
            told.append(f"commit {derived.number} tells versions and words of articles anew")
        snapshot = open_snapshot(lake)
        if indexed_commit(snapshot) != snapshot.number or index_faults(snapshot):
            reindex(snapshot)
            told.append("the index is built anew")
        if is_unsettled(snapshot) and (found := settle(lake, options.staging, options.run)):
            told.append(f"commit {found.number} settles {len(found.retracted):,} pairs")
    return told


def _told(number: int, lost: Lost) -> str:
    rows = ", ".join(f"{sum(part.rows for part in gone):,} of {table}" for table, gone in sorted(lost.parts.items()))
    told = f"commit {number} drops lost rows: {rows}"
    if len(lost.articles):
        told += f"; with them {len(lost.articles):,} articles that lost their text or their row"
    return told + (f"; {len(lost.units):,} units are open again: ingest the same input again" if lost.units else "")
