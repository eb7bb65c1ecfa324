"""Numbered commits: each a JSON file created exclusively, which is the only fence between writers.

A commit names the parts it adds and removes, the units it is done with, and the commit its matching read. Every 64th
is followed by a checkpoint, so that opening a lake reads at most 64 commits however many there are. `LATEST` is a
hint where to begin to look, never the truth.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from blake3 import blake3

from schemas.tables import TABLES
from transforms.lake.files import LakeError, publish, replace, sync_folder, write_synced

FORMAT = 1
CHECKPOINT_EVERY = 64


@dataclass(frozen=True)
class Part:
    """One immutable Parquet file of a table: its path relative to the lake, its rows and bytes."""

    path: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Commit:
    """What one commit changes.

    Attributes:
        number: 1, 2, ... without a gap.
        read: the commit that its matching read; number - 1, or the writer would have had to match again.
        run_id: 32 hexadecimal digits.
        committed_at: ISO 8601, UTC.
        units: ids of the units of input it is done with.
        added: parts of new rows by table.
        rewritten: parts by table that hold nothing but rows of the removed ones.
        removed: paths of parts by table.
        replaced: ids of articles, as hexadecimal digits, that gave way to better sightings among the new rows.
        retracted: ids of the source and destination of pairs that are pairs no more, or are found anew among the new
            rows.
    """

    number: int
    read: int
    run_id: str
    committed_at: str
    units: tuple[str, ...]
    added: dict[str, tuple[Part, ...]]
    rewritten: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    removed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()
    retracted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """The lake as of one commit: its live parts by table and the ledger of units that are done."""

    root: Path
    number: int
    parts: dict[str, tuple[Part, ...]]
    units: frozenset[str]

    def rows(self, table: str) -> int:
        """Return the rows in a table's live parts, superseded rows of `latest` tables among them."""
        return sum(part.rows for part in self.parts[table])


def open_snapshot(root: Path, at: int | None = None) -> Snapshot:
    """Return the lake as of its newest commit, or as of commit `at`.

    An empty or missing folder is a lake with no commit. Raises LakeError where a commit is missing or unreadable, or
    where the folder holds something else.
    """
    folder = root / "_commits"
    if not folder.is_dir():
        if root.exists() and (
            not root.is_dir() or any(not path.name.startswith((".", "_")) for path in root.iterdir())
        ):
            raise LakeError(
                f"{root} is not a lake: it holds other files and no _commits folder; choose an empty folder"
            )
        latest = 0
    else:
        latest = _latest(folder)
    number = latest if at is None else at
    if not 0 <= number <= latest:
        raise LakeError(f"{root} has commits 0 to {latest}; there is no commit {number}")
    parts, units, base = _checkpoint_below(folder, number)
    for step in range(base + 1, number + 1):
        commit = read_commit(root, step)
        units.update(commit.units)
        for table, gone in commit.removed.items():
            for path in gone:
                parts[table].pop(path, None)
        for table, added in itertools.chain(commit.added.items(), commit.rewritten.items()):
            parts[table].update((part.path, part) for part in added)
    return Snapshot(root, number, {table: tuple(live.values()) for table, live in parts.items()}, frozenset(units))


def read_commit(root: Path, number: int) -> Commit:
    """Return commit `number`. Raises LakeError where it is missing, unreadable or of a newer format."""
    path = root / "_commits" / _name(number)
    record = _read_json(path)
    return Commit(
        number=record["commit"],
        read=record["read"],
        run_id=record["run_id"],
        committed_at=record["committed_at"],
        units=tuple(record["units"]),
        added=_parts(record["added"]),
        rewritten=_parts(record.get("rewritten", {})),
        removed={table: tuple(paths) for table, paths in record["removed"].items()},
        replaced=tuple(record.get("replaced", ())),
        retracted=tuple((source, destination) for source, destination in record.get("retracted", ())),
    )


def commit_identity(root: Path, number: int) -> str:
    """Return the BLAKE3 digest, 128 bits as hexadecimal digits, of the bytes of a commit's file.

    Raises FileNotFoundError where there is no such commit.
    """
    return blake3((root / "_commits" / _name(number)).read_bytes()).hexdigest(length=16)


def write_commit(root: Path, staging: Path, commit: Commit) -> bool:
    """Create the commit unless its number is taken; return whether this writer created it.

    The folder _commits must be there, and the parts that the commit names published and synced.
    """
    folder = root / "_commits"
    record = {"format": FORMAT, "commit": commit.number} | asdict(commit)
    del record["number"]
    staged = staging / _name(commit.number)
    write_synced(staged, json.dumps(record, indent=1).encode())
    if not publish(staged, folder / _name(commit.number)):
        return False
    sync_folder(folder)
    replace(folder / "LATEST", str(commit.number).encode())
    if commit.number % CHECKPOINT_EVERY == 0:
        write_checkpoint(open_snapshot(root, commit.number))
    return True


def write_checkpoint(snapshot: Snapshot) -> None:
    """Write the snapshot beside the commits, for quick opening. It says nothing that the commits do not."""
    record = {
        "format": FORMAT,
        "commit": snapshot.number,
        "units": sorted(snapshot.units),
        "parts": {table: [asdict(part) for part in parts] for table, parts in snapshot.parts.items()},
    }
    replace(snapshot.root / "_commits" / _checkpoint_name(snapshot.number), json.dumps(record).encode())


def _parts(record: dict[str, Any]) -> dict[str, tuple[Part, ...]]:
    return {table: tuple(Part(**part) for part in parts) for table, parts in record.items()}


def _name(number: int) -> str:
    return f"{number:08d}.json"


def _checkpoint_name(number: int) -> str:
    return f"{number:08d}.checkpoint.json"


def _latest(folder: Path) -> int:
    try:
        number = int((folder / "LATEST").read_text())
    except (FileNotFoundError, ValueError):
        number = 0
    if number and not (folder / _name(number)).exists():
        raise LakeError(f"commit {number} is missing from {folder}; restore it from a backup")
    if not number:
        number = max((int(path.name[:8]) for path in folder.glob("????????.json")), default=0)
    while (folder / _name(number + 1)).exists():
        number += 1
    return number


def _checkpoint_below(folder: Path, number: int) -> tuple[dict[str, dict[str, Part]], set[str], int]:
    for base in range(number - number % CHECKPOINT_EVERY, 0, -CHECKPOINT_EVERY):
        path = folder / _checkpoint_name(base)
        if path.exists():
            record = _read_json(path)
            parts = {table: {part["path"]: Part(**part) for part in live} for table, live in record["parts"].items()}
            return {table: parts.get(table, {}) for table in TABLES}, set(record["units"]), base
    return {table: {} for table in TABLES}, set(), 0


def _read_json(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise LakeError(f"{path} is missing; restore it from a backup") from None
    except ValueError as error:
        raise LakeError(f"{path} cannot be read ({error}); restore it from a backup") from None
    if record.get("format") != FORMAT:
        raise LakeError(
            f"{path} has format {record.get('format')!r}; this version reads format {FORMAT}: upgrade wirecopy"
        )
    return record
