"""Numbered commits: each a JSON file created exclusively, which is the only fence between writers.

A commit names the parts it adds and removes, the units it is done with, the commit its matching read, and by its
identity the commit before; it begins with a checksum of all that follows. Every 64th is followed by a checkpoint, so
that opening a lake reads at most 64 commits however many there are. `LATEST` is a hint where to begin to look, never
the truth.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from blake3 import blake3

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.files import LakeError, publish, replace, sync_folder, write_synced

FORMAT = 2
"""Format 1, which is read as well, had neither checksums nor parents, and its parts may lack columns."""

CHECKPOINT_EVERY = 64

_FOLDERS = ("_commits", "_staging", "index", "spool", *TABLES)
_HEAD = re.compile(rb'\{"checksum": "([0-9a-f]{32})",')
_NAME = re.compile(r"([0-9]{8})\.json")
_HEX = re.compile(r"(?:[0-9a-f]{32})*")
_PATHS = {
    table: re.compile(
        rf"(?:{table}(?:/month=(?:-?[0-9]+-[0-9]{{2}}|unknown))?/[A-Za-z0-9_-][A-Za-z0-9_.-]*\.parquet\n)*"
    )
    for table in TABLES
}


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
        replaced: ids of articles, as hexadecimal digits, that gave way to better sightings among the new rows, or fell.
        retracted: ids of the source and destination of pairs that are pairs no more, or are found anew among the new
            rows.
        reopened: ids of units that are not done after all, since rows of theirs were lost.
        unsettled: whether rows of pairs or passages were lost, which settling finds again.
        given_up: numbers of earlier commits that are missing or damaged, which the lake goes on without.
        upgrade: whether it gives the parts that an older format left the columns of this one.
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
    reopened: tuple[str, ...] = ()
    unsettled: bool = False
    given_up: tuple[int, ...] = ()
    upgrade: bool = False


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
    """

    root: Path
    number: int
    parts: dict[str, tuple[Part, ...]]
    units: frozenset[str]
    identity: str = ""
    format: int = FORMAT

    def rows(self, table: str) -> int:
        """Return the rows in a table's live parts, superseded rows of `latest` tables among them."""
        return sum(part.rows for part in self.parts[table])


def open_snapshot(root: Path, at: int | None = None) -> Snapshot:
    """Return the lake as of its newest commit, or as of commit `at`.

    An empty or missing folder is a lake with no commit. Raises LakeError where a commit is missing, damaged or follows
    another than the one that is there, where a folder of the lake is a symbolic link, or where the folder holds
    something else.
    """
    folder = root / "_commits"
    _refuse_links(root)
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
    parts, units, base, identity, form = _checkpoint_below(root, number)
    for step in range(base + 1, number + 1):
        record, own = _read_commit(root, step)
        if record["format"] < form or record.get("parent", identity) != identity:
            raise LakeError(
                f"{folder / _name(step)} follows another commit {step - 1} than the one that is there: one of the two "
                "is of another lake or time; restore the lake's folder _commits from one backup"
            )
        identity, form = own, record["format"]
        commit = _commit(record)
        units.update(commit.units)
        units.difference_update(commit.reopened)
        for table, gone in commit.removed.items():
            for path in gone:
                parts[table].pop(path, None)
        for table, added in itertools.chain(commit.added.items(), commit.rewritten.items()):
            parts[table].update((part.path, part) for part in added)
    live = {table: tuple(live.values()) for table, live in parts.items()}
    return Snapshot(root, number, live, frozenset(units), identity, form if number else FORMAT)


def newest_commit(root: Path) -> int:
    """Return the number of a lake's newest commit, 0 where there is none."""
    return _latest(root / "_commits") if (root / "_commits").is_dir() else 0


def read_commit(root: Path, number: int) -> Commit:
    """Return commit `number`. Raises LakeError where it is missing, damaged or of a newer format."""
    return _commit(_read_commit(root, number)[0])


def commit_identity(root: Path, number: int) -> str:
    """Return the BLAKE3 digest (128 bits, hexadecimal) of the bytes of a commit's file; empty for number 0.

    Raises LakeError where it is missing.
    """
    return _digest(_bytes(root / "_commits" / _name(number))) if number else ""


def commit_numbers(root: Path) -> list[int]:
    """Return the numbers for which there are files of commits, in order."""
    folder = root / "_commits"
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted(int(match[1]) for match in found if match)


def broken_commits(root: Path) -> dict[int, str]:
    """Return what is wrong with commits, by number: those missing below the newest, damaged or of another history."""
    numbers = commit_numbers(root)
    broken: dict[int, str] = {}
    given_up: set[int] = set()
    identity: str | None = ""
    form = 1
    for number in range(1, max(numbers, default=0) + 1):
        try:
            record, own = _read_commit(root, number)
        except LakeError as error:
            broken[number] = str(error)
            identity = None
            continue
        if record["format"] < form or (identity is not None and record.get("parent", identity) != identity):
            broken[number] = f"{root / '_commits' / _name(number)} follows another commit than the one before it"
        given_up.update(record.get("given_up", ()))
        identity, form = own, max(form, record["format"])
    return {number: what for number, what in broken.items() if number not in given_up}


def broken_checkpoints(root: Path) -> list[str]:
    """Return the paths of checkpoints that are damaged or stand for another commit than is there."""
    return [
        f"_commits/{_checkpoint_name(base)}"
        for base in commit_numbers(root)
        if (root / "_commits" / _checkpoint_name(base)).exists() and _checkpoint(root, base, True) is None
    ]


def write_commit(root: Path, staging: Path, commit: Commit) -> bool:
    """Create the commit unless its number is taken; return whether this writer created it.

    The folder _commits must be there, and the parts that the commit names published and synced. Raises LakeError where
    the lake is of an older format and the commit does not upgrade it.
    """
    folder = root / "_commits"
    form, parent = FORMAT, ""
    if commit.number > 1:
        before, parent = _read_commit(root, commit.number - 1)
        form = before["format"]
    if form != FORMAT and not commit.upgrade:
        raise LakeError(f"{root} is of the older format {form}: upgrade it first, with wirecopy compact")
    record = {"format": FORMAT, "parent": parent, "commit": commit.number} | asdict(commit)
    del record["number"]
    staged = staging / _name(commit.number)
    write_synced(staged, _sealed(record, 1))
    if not publish(staged, folder / _name(commit.number)):
        return False
    sync_folder(folder)
    with contextlib.suppress(OSError):  # both only spare reading
        replace(folder / "LATEST", str(commit.number).encode())
        if commit.number % CHECKPOINT_EVERY == 0:
            write_checkpoint(open_snapshot(root, commit.number))
    return True


def write_checkpoint(snapshot: Snapshot) -> None:
    """Write the snapshot beside the commits, for quick opening. It says nothing that the commits do not."""
    record = {
        "format": FORMAT,
        "commit": snapshot.number,
        "identity": snapshot.identity,
        "commit_format": snapshot.format,
        "units": sorted(snapshot.units),
        "parts": {table: [asdict(part) for part in parts] for table, parts in snapshot.parts.items()},
    }
    replace(snapshot.root / "_commits" / _checkpoint_name(snapshot.number), _sealed(record, None))


def is_part(path: str) -> bool:
    """Return whether a path in the lake is one that a commit may give a part."""
    pattern = _PATHS.get(path.partition("/")[0])
    return pattern is not None and "\n" not in path and pattern.fullmatch(f"{path}\n") is not None


def checked_path(root: Path, path: str) -> Path:
    """Return where a part, given by its path in the lake, is.

    Raises LakeError where it, or a folder on the way, is a symbolic link: what it leads to is no part of the lake.
    """
    place = root
    for name in path.split("/"):
        place = place / name
        if place.is_symlink():
            raise LakeError(_is_link(place))
    return place


def _refuse_links(root: Path) -> None:
    for name in _FOLDERS:
        if (root / name).is_symlink():
            raise LakeError(_is_link(root / name))


def _is_link(place: Path) -> str:
    return f"{place} is a symbolic link, which no file or folder of a lake may be: put what it leads to in its place"


def _name(number: int) -> str:
    return f"{number:08d}.json"


def _checkpoint_name(number: int) -> str:
    return f"{number:08d}.checkpoint.json"


def hinted(root: Path) -> int:
    """Return the number of the newest commit as LATEST has it, 0 where it has none."""
    try:
        number = int((root / "_commits" / "LATEST").read_text())
    except (OSError, ValueError):
        return 0
    return number if 0 < number < 10**8 else 0


def _latest(folder: Path) -> int:
    number = hinted(folder.parent)
    if not (number and (folder / _name(number)).exists()):
        number = max(commit_numbers(folder.parent), default=0)
    while (folder / _name(number + 1)).exists():
        number += 1
    return number


_State = tuple[dict[str, dict[str, Part]], set[str], int, str, int]


def _checkpoint_below(root: Path, number: int) -> _State:
    """Return parts, units, number, identity and format as of the newest sound checkpoint up to a commit."""
    for base in range(number - number % CHECKPOINT_EVERY, 0, -CHECKPOINT_EVERY):
        if (root / "_commits" / _checkpoint_name(base)).exists() and (state := _checkpoint(root, base, False)):
            return state
    return {table: {} for table in TABLES}, set(), 0, "", 1


def _checkpoint(root: Path, base: int, older: bool) -> _State | None:
    """Return what a checkpoint says, None where it cannot be relied on, as those of the older format cannot.

    With `older` those count as sound: nothing of theirs is wrong.
    """
    path = root / "_commits" / _checkpoint_name(base)
    try:
        record = _opened(path, _bytes(path))
        if record["format"] != FORMAT:
            return ({}, set(), base, "", 1) if older else None
        if record["commit"] != base or record["identity"] != commit_identity(root, base):
            return None
        parts = {table: {part.path: part for part in live} for table, live in _parts(record["parts"]).items()}
        live = {table: parts.get(table, {}) for table in TABLES}
        return live, set(_texts(record["units"])), base, record["identity"], _count(record["commit_format"])
    except (LakeError, _Wrong, KeyError):
        return None


class _Wrong(Exception):
    """What is wrong with a record."""


def _read_commit(root: Path, number: int) -> tuple[dict[str, Any], str]:
    """Return a commit's checked record, parts and all, and its identity."""
    path = root / "_commits" / _name(number)
    data = _bytes(path)
    record = _opened(path, data)
    try:
        _check(record, number)
    except _Wrong as wrong:
        raise LakeError(f"{path} is damaged ({wrong}): restore it from a backup") from None
    return record, _digest(data)


def _sealed(record: dict[str, Any], indent: int | None) -> bytes:
    body = json.dumps(record, indent=indent)[1:].encode()
    return b'{"checksum": "%s",' % _digest(body).encode() + body


def _opened(path: Path, data: bytes) -> dict[str, Any]:
    """Return the record in a file of this format, whose checksum holds, or of an older one."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise LakeError(f"{path} is damaged ({error}): restore it from a backup") from None
    form = record.get("format") if isinstance(record, dict) else None
    if type(form) is int and form > FORMAT:
        raise LakeError(f"{path} has format {form}, and this version reads formats up to {FORMAT}: upgrade wirecopy")
    head = _HEAD.match(data)
    if head:
        if _digest(data[head.end() :]) != head[1].decode() or form != FORMAT:
            raise LakeError(f"{path} is damaged (its checksum does not hold): restore it from a backup")
    elif form != 1 or record.keys() & {"checksum", "parent"}:
        raise LakeError(f"{path} is damaged (it is no commit, or has lost its checksum): restore it from a backup")
    return dict(record)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise LakeError(f"{path} is missing: restore it from a backup") from None
    except OSError as error:
        raise LakeError(f"{path} cannot be read ({error.strerror}): restore it from a backup") from None


def _digest(data: bytes) -> str:
    return blake3(data).hexdigest(16)


def _check(record: dict[str, Any], number: int) -> None:
    """Check a commit's record and put `Part`s into it. Raises _Wrong."""
    try:
        if record["commit"] != number or type(record["commit"]) is not int:
            raise _Wrong(f"it calls itself commit {record['commit']!r}")
        if record["format"] == FORMAT and type(record["parent"]) is not str:
            raise _Wrong("parent is no text")
        if _count(record["read"]) >= number:
            raise _Wrong("it read a later commit")
        if dt.datetime.fromisoformat(_text(record["committed_at"])).tzinfo is None:
            raise _Wrong("committed_at has no zone")
        _ids([record["run_id"]])
        _texts(record["units"])
        record["added"] = _parts(record["added"])
        record["rewritten"] = _parts(record.get("rewritten", {}))
        record["removed"] = {
            table: tuple(_paths(table, paths)) for table, paths in _dict(record["removed"]).items() if paths
        }
        _ids(record.get("replaced", []))
        for pair in _list(record.get("retracted", [])):
            if len(_ids(pair)) != 2:
                raise _Wrong("a retracted pair has other than two ends")
        _texts(record.get("reopened", []))
        for one in _list(record.get("given_up", [])):
            _count(one)
        if {type(record.get(name, False)) for name in ("unsettled", "upgrade")} != {bool}:
            raise _Wrong("what is true or false is neither")
    except KeyError as error:
        raise _Wrong(f"it has no {error}") from None
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _commit(record: dict[str, Any]) -> Commit:
    return Commit(
        number=record["commit"],
        read=record["read"],
        run_id=record["run_id"],
        committed_at=record["committed_at"],
        units=tuple(record["units"]),
        added=record["added"],
        rewritten=record["rewritten"],
        removed=record["removed"],
        replaced=tuple(record.get("replaced", ())),
        retracted=tuple((source, destination) for source, destination in record.get("retracted", ())),
        reopened=tuple(record.get("reopened", ())),
        unsettled=record.get("unsettled", False),
        given_up=tuple(record.get("given_up", ())),
        upgrade=record.get("upgrade", False),
    )


def _parts(value: Any) -> dict[str, tuple[Part, ...]]:
    """Return parts by table. All paths of a table are checked at once: a checkpoint has ten thousands."""
    found = {}
    for table, parts in _dict(value).items():
        try:
            live = tuple(Part(part["path"], part["rows"], part["bytes"]) for part in _list(parts))
        except (KeyError, TypeError):
            raise _Wrong(f"a part of {table} is not told by path, rows and bytes") from None
        _paths(table, [part.path for part in live])
        if not all(type(part.rows) is type(part.bytes) is int and part.rows >= 0 <= part.bytes for part in live):
            raise _Wrong(f"a part of {table} has rows or bytes that are no count")
        if live:
            found[table] = live
    return found


def _paths(table: str, value: Any) -> list[str]:
    """Return the paths of parts, each of which is in the folder of its table."""
    paths = _texts(value)
    pattern = _PATHS.get(table)
    if pattern is None and paths:
        raise _Wrong(f"there is no table {table!r}")
    joined = "".join(f"{path}\n" for path in paths)
    if pattern is not None and not (pattern.fullmatch(joined) and joined.count("\n") == len(paths)):
        raise _Wrong(f"it names what is no part of {table}")
    return paths


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise _Wrong(f"{value!r} is no count")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise _Wrong(f"{value!r} is no text")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise _Wrong(f"{value!r} is no list")
    return value


def _dict(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _Wrong(f"{value!r} is no object")
    return value


def _texts(value: Any) -> list[str]:
    if any(type(one) is not str for one in _list(value)):
        raise _Wrong("a list of texts holds something else")
    return list(value)


def _ids(value: Any) -> list[str]:
    """Return ids, each of 32 hexadecimal digits."""
    ids = _texts(value)
    if not (_HEX.fullmatch("".join(ids)) and all(len(one) == 32 for one in ids)):
        raise _Wrong("an id has other than 32 hexadecimal digits")
    return ids
