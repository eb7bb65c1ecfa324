"""Numbered commits: each a JSON file created exclusively, which is the only fence between writers.

A commit names the parts it adds and removes, the units it is done with, the commit its matching read, and by its
identity the commit before; it begins with a checksum of all that follows. Every 64th is followed by a checkpoint, which
names the live parts and the runs of the ledger, so that opening a lake reads at most 64 commits however many there are.
`LATEST` is a hint where to begin to look, never the truth. Old commits are packed, and expire where a commit says so;
the checkpoint of the commit before which they expire is where the history begins from then on.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Any

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake import history
from wirecopy.transforms.lake.files import LakeError, publish, replace, sync_folder, write_synced
from wirecopy.transforms.lake.history import commit_identity, commit_numbers, read, read_commit, read_record
from wirecopy.transforms.lake.ledger import Ledger, advanced, is_run, settled, sweep_runs
from wirecopy.transforms.lake.records import (
    FORMAT,
    Commit,
    Part,
    Wrong,
    as_commit,
    checked_path,
    count,
    ids_of,
    is_part,
    opened,
    parts_of,
    refuse_links,
    sealed,
)

__all__ = [
    "CHECKPOINT_EVERY",
    "FORMAT",
    "Commit",
    "Ledger",
    "Part",
    "Snapshot",
    "broken_checkpoints",
    "broken_commits",
    "checked_path",
    "checkpoint_numbers",
    "commit_identity",
    "commit_numbers",
    "drop_checkpoints",
    "forget_history",
    "hinted",
    "history_begins",
    "is_part",
    "is_sound",
    "newest_commit",
    "open_snapshot",
    "read_commit",
    "write_checkpoint",
    "write_commit",
]

CHECKPOINT_EVERY = 64

SPARSE = 16
"""Of older checkpoints, every so many stay: what lies between two of them is found by reading a thousand commits."""

_FORMAT = re.compile(rb'\{\s*"checksum": "[0-9a-f]{32}",\s*"format": ([0-9]{1,9}),')
_CHECKPOINT = re.compile(r"([0-9]{8})\.checkpoint\.json")


@dataclass(frozen=True)
class Snapshot:
    """The lake as of one commit.

    Attributes:
        root: the lake's folder.
        number: the commit; 0 for a lake without any.
        parts: its live parts by table.
        units: the ledger of units that are done.
        identity: of the commit, see `commit_identity`; empty for a lake without any.
        format: of the commit. Only those of an older format have parts that may lack columns.
        expired: the commit before which none is kept any more; 0 where all are.
        unsettled: the newest commit that lost pairs which settling finds again; 0 where there is none.
        origins: by the path of a part the first and the last commit whose rows it may hold; of a part of which that is
            not known, nothing.
    """

    root: Path
    number: int
    parts: dict[str, tuple[Part, ...]]
    units: Ledger
    identity: str = ""
    format: int = FORMAT
    expired: int = 0
    unsettled: int = 0
    origins: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)

    def rows(self, table: str) -> int:
        """Return the rows in a table's live parts, superseded rows of `latest` tables among them."""
        return sum(part.rows for part in self.parts[table])


def open_snapshot(root: Path, at: int | None = None, checkpoints: bool = True) -> Snapshot:
    """Return the lake as of its newest commit, or as of commit `at`; by its commits alone where `checkpoints` is false.

    An empty or missing folder is a lake with no commit. Raises LakeError where a commit is missing, damaged or follows
    another than the one that is there, where a folder of the lake is a symbolic link, or where the folder holds
    something else.
    """
    folder = root / "_commits"
    refuse_links(root)
    if not folder.is_dir():
        if root.exists() and (
            not root.is_dir() or any(not path.name.startswith((".", "_")) for path in root.iterdir())
        ):
            raise LakeError(
                f"{root} is not a lake: it holds other files and no _commits folder; choose an empty folder"
            )
        latest = 0
    else:
        latest = _latest(root)
    number = latest if at is None else at
    if not 0 <= number <= latest:
        raise LakeError(f"{root} has commits 0 to {latest}; there is no commit {number}")
    if number:
        _refuse_newer(root, latest)
    state = _checkpoint_below(root, number if checkpoints else 0)
    if number and not state.number and not _has(root, 1):
        _refuse_expired(root, number)
    for step in range(state.number + 1, number + 1):
        state.add(root, step)
    live = {table: tuple(live.values()) for table, live in state.parts.items()}
    form = state.format if number else FORMAT
    ledger = advanced(state.ledger, state.units)
    return Snapshot(root, number, live, ledger, state.identity, form, state.expired, state.unsettled, state.origins)


@dataclass
class _State:
    """The lake as of a checkpoint, and after more commits."""

    parts: dict[str, dict[str, Part]]
    ledger: Ledger
    number: int = 0
    identity: str = ""
    format: int = 1
    expired: int = 0
    unsettled: int = 0
    origins: dict[str, tuple[int, int]] = field(default_factory=dict)
    units: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def add(self, root: Path, number: int) -> None:
        """Go on to the next commit. Raises LakeError."""
        record, own = read_record(root, number)
        if record["format"] < self.format or record.get("parent", self.identity) != self.identity:
            raise LakeError(
                f"{root / '_commits' / history.name(number)} follows another commit {number - 1} than the one that is "
                "there: one of the two is of another lake or time; restore the lake's folder _commits from one backup"
            )
        commit = as_commit(record)
        self.number, self.identity, self.format = number, own, record["format"]
        self.expired = max(self.expired, commit.expired)
        self.unsettled = number if commit.unsettled else self.unsettled
        self.units.append((number, commit.units, commit.reopened))
        whence = dict(_whence(commit, self.origins))
        for table, gone in commit.removed.items():
            for path in gone:
                self.parts[table].pop(path, None)
                self.origins.pop(path, None)
        for table, added in itertools.chain(commit.added.items(), commit.rewritten.items()):
            self.parts[table].update((part.path, part) for part in added)
        self.origins.update(whence)


def newest_commit(root: Path) -> int:
    """Return the number of a lake's newest commit, 0 where there is none."""
    return _latest(root) if (root / "_commits").is_dir() else 0


def _whence(commit: Commit, origins: Mapping[str, tuple[int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the parts of a commit with the first and last commit whose rows they hold, where that can be told."""
    for parts in commit.added.values():
        yield from ((part.path, (commit.number, commit.number)) for part in parts)
    for table, parts in commit.rewritten.items():
        former: dict[str, list[tuple[int, int]]] = {}
        unknown = set()
        for path in commit.removed.get(table, ()):
            folder = path.rpartition("/")[0]
            if path in origins:
                former.setdefault(folder, []).append(origins[path])
            else:
                unknown.add(folder)
        for part in parts:
            folder = part.path.rpartition("/")[0]
            if folder in former and folder not in unknown:
                yield part.path, (min(one[0] for one in former[folder]), max(one[1] for one in former[folder]))


def broken_commits(root: Path) -> dict[int, str]:
    """Return what is wrong with commits, by number: those missing below the newest, damaged or of another history."""
    numbers = commit_numbers(root)
    broken: dict[int, str] = {}
    given_up: set[int] = set()
    begin = history_begins(root)
    identity: str | None = "" if begin == 1 else None
    form = 1
    for number in range(begin, max(numbers, default=0) + 1):
        try:
            record, own = read_record(root, number)
        except LakeError as error:
            broken[number] = str(error)
            identity = None
            continue
        if record["format"] < form or (identity is not None and record.get("parent", identity) != identity):
            broken[number] = f"{root / '_commits' / history.name(number)} follows another commit than the one before it"
        given_up.update(record.get("given_up", ()))
        identity, form = own, max(form, record["format"])
    return {number: what for number, what in broken.items() if number not in given_up}


def broken_checkpoints(root: Path) -> list[str]:
    """Return the paths of checkpoints that are damaged or stand for another commit than is there."""
    begin = history_begins(root)
    return [
        f"_commits/{_checkpoint_name(base)}"
        for base in checkpoint_numbers(root)
        if base >= begin and _has(root, base) and _checkpoint(root, base, True) is None
    ]


def write_commit(root: Path, staging: Path, commit: Commit) -> bool:
    """Create the commit unless its number is taken; return whether this writer created it.

    The folder _commits must be there, and the parts that the commit names published and synced. Raises LakeError where
    the lake is of an older format and the commit does not upgrade it.
    """
    folder = root / "_commits"
    form, parent = FORMAT, ""
    if commit.number > 1:
        if not history.is_loose(root, commit.number - 1) and max(commit_numbers(root), default=0) >= commit.number:
            return False
        before, parent = read_record(root, commit.number - 1)
        form = before["format"]
    if form != FORMAT and not commit.upgrade:
        raise LakeError(f"{root} is of the older format {form}: upgrade it first, with wirecopy compact")
    record = {"format": FORMAT, "parent": parent, "commit": commit.number} | asdict(commit)
    del record["number"]
    staged = staging / history.name(commit.number)
    write_synced(staged, sealed(record, 1))
    if not publish(staged, folder / history.name(commit.number)):
        return False
    if commit.number > 1 and not history.is_loose(root, commit.number - 1):
        (folder / history.name(commit.number)).unlink()
        return False
    sync_folder(folder)
    with contextlib.suppress(OSError, LakeError):  # all of it only spares reading
        replace(folder / "LATEST", str(commit.number).encode())
        if commit.number % CHECKPOINT_EVERY == 0:
            write_checkpoint(open_snapshot(root, commit.number))
            _thin_out(root, commit.number)
            history.pack(root, commit.number)
    return True


def write_checkpoint(snapshot: Snapshot) -> None:
    """Write the snapshot beside the commits, for quick opening. It says nothing that the commits do not.

    Raises LakeError where a run of the ledger is missing or damaged, and OSError where it cannot be written.
    """
    record = {
        "format": FORMAT,
        "commit": snapshot.number,
        "identity": snapshot.identity,
        "commit_format": snapshot.format,
        "expired": snapshot.expired,
        "unsettled": snapshot.unsettled,
        "ledger": [asdict(run) for run in settled(snapshot.units).runs],
        "parts": {
            table: [asdict(part) | {"commits": snapshot.origins.get(part.path)} for part in parts]
            for table, parts in snapshot.parts.items()
        },
    }
    replace(snapshot.root / "_commits" / _checkpoint_name(snapshot.number), sealed(record))


def checkpoint_numbers(root: Path) -> list[int]:
    """Return the numbers of the commits that there are files of checkpoints for, in order."""
    folder = root / "_commits"
    found = (_CHECKPOINT.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted(int(match[1]) for match in found if match)


def drop_checkpoints(root: Path, but: int) -> None:
    """Delete all checkpoints but that of one commit."""
    for base in checkpoint_numbers(root):
        if base != but:
            (root / "_commits" / _checkpoint_name(base)).unlink(missing_ok=True)


def is_sound(root: Path, base: int) -> bool:
    """Return whether there is a checkpoint of a commit that can be relied on."""
    return _checkpoint(root, base, False) is not None


def forget_history(root: Path, begin: int) -> None:
    """Delete the files of commits and checkpoints before a commit, as one that is there says they expire.

    Raises OSError where one cannot be deleted.
    """
    history.drop(root, [number for number in history.loose_numbers(root) if number < begin])
    for last, path in history.packs(root):
        if last < begin:
            path.unlink(missing_ok=True)
    for base in checkpoint_numbers(root):
        if base < begin:
            (root / "_commits" / _checkpoint_name(base)).unlink(missing_ok=True)
    _sweep(root)


def hinted(root: Path) -> int:
    """Return the number of the newest commit as LATEST has it, 0 where it has none."""
    try:
        number = int((root / "_commits" / "LATEST").read_text())
    except (OSError, ValueError):
        return 0
    return number if 0 < number < 10**8 else 0


def _thin_out(root: Path, newest: int) -> None:
    """Delete the checkpoints that are neither among the newest two nor those that stay."""
    there = checkpoint_numbers(root)
    for base in there[:-2]:
        if base % (SPARSE * CHECKPOINT_EVERY) and base < newest:
            (root / "_commits" / _checkpoint_name(base)).unlink(missing_ok=True)
    if newest % (SPARSE * CHECKPOINT_EVERY) == 0:
        _sweep(root)


def _sweep(root: Path) -> None:
    """Delete the runs of the ledger that no checkpoint names."""
    named: set[str] = set()
    for base in checkpoint_numbers(root):
        state = _checkpoint(root, base, False)
        if state is None:
            return
        named.update(run.path for run in state.ledger.runs)
    sweep_runs(root, named)


def _checkpoint_name(number: int) -> str:
    return f"{number:08d}.checkpoint.json"


def _has(root: Path, number: int) -> bool:
    try:
        return bool(commit_identity(root, number))
    except LakeError:
        return False


def _latest(root: Path) -> int:
    folder = root / "_commits"
    number = hinted(root)
    if not (number and (folder / history.name(number)).exists()):
        number = max(commit_numbers(root), default=0)
    while (folder / history.name(number + 1)).exists():
        number += 1
    return number


def _refuse_newer(root: Path, newest: int) -> None:
    """Raise LakeError where the newest commit has a newer format: what else is there would be told wrongly."""
    try:
        path, data = history.commit_bytes(root, newest)
    except LakeError:
        return
    if (found := _FORMAT.match(data)) and int(found[1]) > FORMAT:
        opened(path, data)


def _refuse_expired(root: Path, number: int) -> None:
    """Raise LakeError where a commit has expired, or no checkpoint is left where the history begins."""
    begin = history_begins(root)
    if begin > number:
        raise LakeError(f"{root} keeps its commits from {begin} on: it can be read no more as of commit {number}")
    if begin > 1:
        raise LakeError(
            f"{root / '_commits'} has no sound checkpoint of commit {begin} or later, where its history begins: "
            "restore the folder from a backup"
        )


def history_begins(root: Path) -> int:
    """Return the first commit that must be there: 1, or the one before which commits have expired."""
    for base in reversed(checkpoint_numbers(root)):
        if state := _checkpoint(root, base, False):
            later = [number for number in commit_numbers(root) if number > base]
            return max([1, state.expired, *(_expired(root, number) for number in later)])
    return max([1, *(_expired(root, number) for number in commit_numbers(root))])


def _expired(root: Path, number: int) -> int:
    try:
        return read_commit(root, number).expired
    except LakeError:
        return 0


def _checkpoint_below(root: Path, number: int) -> _State:
    """Return the lake as of the newest sound checkpoint up to a commit."""
    for base in reversed(checkpoint_numbers(root)):
        if base <= number and (state := _checkpoint(root, base, False)):
            return state
    return _State({table: {} for table in TABLES}, Ledger(root))


def _checkpoint(root: Path, base: int, older: bool) -> _State | None:
    """Return what a checkpoint says, None where it cannot be relied on, as those of format 1 cannot.

    With `older` those count as sound: nothing of theirs is wrong.
    """
    path = root / "_commits" / _checkpoint_name(base)
    try:
        state = history.kept(path, lambda: _parsed(root, path))
    except (LakeError, Wrong, KeyError, TypeError, ValueError):
        return None
    if state.number == 0:
        return _State({}, Ledger(root)) if older else None
    if state.number != base or not _is_of(root, base, state.identity):
        return None
    return replace_fields(
        state,
        parts={table: dict(state.parts.get(table, {})) for table in TABLES},
        origins=dict(state.origins),
        units=[],
    )


def _is_of(root: Path, base: int, identity: str) -> bool:
    try:
        return identity == commit_identity(root, base)
    except LakeError:
        return False


def _parsed(root: Path, path: Path) -> _State:
    """Return what a checkpoint's file says; of one of format 1 that it is of commit 0. Raises what is wrong with it."""
    record = opened(path, read(path))
    if record["format"] < 2:
        return _State({}, Ledger(root))
    parts = {table: {part.path: part for part in live} for table, live in parts_of(record["parts"]).items()}
    if record["format"] == 2:
        ledger = Ledger(root, (), dict.fromkeys(ids_of(record["units"]), 0))
    else:
        ledger = Ledger(root, _runs(record["ledger"]))
    return _State(
        parts,
        ledger,
        count(record["commit"]),
        record["identity"],
        count(record["commit_format"]),
        count(record.get("expired", 0)),
        count(record.get("unsettled", 0)),
        _origins(record["parts"]),
    )


def _origins(parts: Mapping[str, list[dict[str, Any]]]) -> dict[str, tuple[int, int]]:
    found = {}
    for live in parts.values():
        for part in live:
            if part.get("commits"):
                first, last = part["commits"]
                found[part["path"]] = count(first), count(last)
    return found


def _runs(value: Any) -> tuple[Part, ...]:
    runs = tuple(Part(run["path"], count(run["rows"]), count(run["bytes"])) for run in value)
    if not all(is_run(run.path) for run in runs):
        raise Wrong("it names what is no run of the ledger")
    return runs
