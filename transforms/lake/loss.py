"""What tells that a lake has lost its newest commit: a backup that is older, or a copy that was made half-way.

The files of commits are copied, restored and deleted apart from the rest, and the rest remembers: LATEST, the catalog
and the index name the commit they stand for, and parts of `runs` hold the number of the commit that made them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from blake3 import blake3

from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import (
    Snapshot,
    broken_commits,
    commit_identity,
    commit_numbers,
    hinted,
    history_begins,
    open_snapshot,
    read_commit,
)
from wirecopy.transforms.lake.files import LakeError

_LINE_CHECK = 4
_LINE = re.compile(r"-- commit ([0-9]+) ([0-9a-f]{32}) [0-9a-f]{8}")
_OLDER_LINE = re.compile("-- commit ([0-9]+)")
_HEAD_CHECK = re.compile(rb',\n "checksum": "([0-9a-f]{64})"\n}\Z')


class Mark(NamedTuple):
    """The commit that a file says it stands for; its identity is empty where the file does not tell it."""

    where: str
    commit: int
    identity: str


def catalog_line(number: int, identity: str) -> str:
    """Return the first line of catalog.sql, which says what it stands for: a comment that ends in its own checksum."""
    line = f"-- commit {number} {identity}"
    return f"{line} {blake3(line.encode()).hexdigest(_LINE_CHECK)}"


def catalog_mark(root: Path) -> Mark | None:
    """Return what catalog.sql stands for, None where there is none that tells, or it is damaged."""
    try:
        with (root / "catalog.sql").open(encoding="utf-8") as file:
            line = file.readline(1000).removesuffix("\n")
    except (OSError, ValueError):
        return None
    if found := _OLDER_LINE.fullmatch(line):
        return Mark("catalog.sql", int(found[1]), "")
    if (found := _LINE.fullmatch(line)) and line == catalog_line(int(found[1]), found[2]):
        return Mark("catalog.sql", int(found[1]), found[2])
    return None


def lost(root: Path, strays: Iterable[Path] = ()) -> list[str]:
    """Return what tells of commits that the lake has not: none where it is whole.

    Args:
        root: the lake's folder.
        strays: parts that no commit names, see `transforms.maintenance.vacuum.unnamed`; of those in `runs` it is looked
            who made them.

    Raises LakeError where the lake cannot be opened.
    """
    marks = [mark for mark in (_hint_mark(root), catalog_mark(root), _index_mark(root)) if mark and mark.commit > 0]
    snapshot = open_snapshot(root)
    told = [told for mark in marks if (told := _told(root, snapshot, mark))]
    for path in strays:
        if path.relative_to(root).parts[0] == "runs":
            told += _made_by_another(snapshot, path)
    return told


def refuse_if_broken(root: Path) -> None:
    """Raise LakeError where a commit of the lake is missing or damaged: nothing may be deleted then."""
    numbers = commit_numbers(root)
    kept = set(range(history_begins(root), max(numbers, default=0) + 1))
    if not kept <= set(numbers) and (broken := broken_commits(root)):
        raise LakeError(f"{next(iter(broken.values()))}; nothing is deleted meanwhile: see wirecopy doctor")


def refuse_if_lost(root: Path, strays: Iterable[Path] = ()) -> None:
    """Raise LakeError where the lake has lost its newest commit: what seems to be unnamed may be that commit's."""
    if told := lost(root, strays):
        raise LakeError(f"{told[0]}; nothing is deleted meanwhile: see wirecopy doctor")


def whole_snapshot(root: Path, purpose: str) -> Snapshot:
    """Return the newest snapshot of a lake whose commits are all there and whole.

    Raises LakeError where one is missing, damaged or lost, or where there is none: then there is nothing to `purpose`.
    """
    snapshot = open_snapshot(root)
    if not snapshot.number:
        raise LakeError(f"{root} holds no commit yet: there is nothing to {purpose}")
    refuse_if_broken(root)
    if missed := lost(root):
        raise LakeError(f"{missed[0]}; see wirecopy doctor")
    return snapshot


def _told(root: Path, snapshot: Snapshot, mark: Mark) -> str | None:
    if mark.commit > snapshot.number:
        return (
            f"{root / mark.where} stands for commit {mark.commit}, and the newest commit that is there is "
            f"{snapshot.number}: what came later is lost, or was not copied"
        )
    try:
        if mark.identity and mark.identity != commit_identity(root, mark.commit):
            return f"{root / mark.where} stands for another commit {mark.commit} than the one that is there"
    except LakeError:
        pass
    return None


def _hint_mark(root: Path) -> Mark | None:
    return Mark("_commits/LATEST", hinted(root), "")


def _index_mark(root: Path) -> Mark | None:
    try:
        data = (root / "index" / "HEAD.json").read_bytes()
        if (found := _HEAD_CHECK.search(data)) and blake3(data[: found.start()]).hexdigest() != found[1].decode():
            return None
        head: Any = json.loads(data)
        commit, identity = head["commit"], head.get("identity", "")
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    return Mark("index/HEAD.json", commit, identity if type(identity) is str else "") if type(commit) is int else None


def _made_by_another(snapshot: Snapshot, path: Path) -> list[str]:
    """Return what a part of `runs` that no commit names tells: that it is of a commit which is not there."""
    try:
        rows = pq.read_table(path, columns=["commit", "run_id"])
        made_by = zip(rows["commit"].to_pylist(), storage(rows["run_id"]).to_pylist(), strict=True)
        number, run_id = max(made_by, default=(0, b""))
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return []
    try:
        there = not number or (number <= snapshot.number and read_commit(snapshot.root, number).run_id == run_id.hex())
    except LakeError:
        there = True
    if there or _was_removed(snapshot, path.relative_to(snapshot.root).as_posix()):
        return []
    return [f"{path} is of a commit {number} that is not there: it is lost, or was not copied"]


def _was_removed(snapshot: Snapshot, path: str) -> bool:
    """Return whether a commit has removed a part, as one does that gives up lost commits."""
    for number in reversed(commit_numbers(snapshot.root)):
        try:
            if path in read_commit(snapshot.root, number).removed.get("runs", ()):
                return True
        except LakeError:
            continue
    return False
