"""What the record of a commit may say, and every check of it: a record is believed only where its checksum holds."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blake3 import blake3

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.files import LakeError

FORMAT = 3
"""Format 1, which is read as well, had neither checksums nor parents, and its parts may lack columns. Those of 2 lack
some, its checkpoints hold the ids of all units, and its commits are never packed."""

FOLDERS = ("_commits", "_commits/ledger", "_staging", "index", "spool", *TABLES)
_HEAD = re.compile(rb'\{"checksum": "([0-9a-f]{32})",')
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
        expired: the commit before which none is kept any more; 0 where none expires.
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
    expired: int = 0


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


def refuse_links(root: Path) -> None:
    """Raise LakeError where a folder of the lake is a symbolic link."""
    for name in FOLDERS:
        if (root / name).is_symlink():
            raise LakeError(_is_link(root / name))


def _is_link(place: Path) -> str:
    return f"{place} is a symbolic link, which no file or folder of a lake may be: put what it leads to in its place"


class Wrong(Exception):
    """What is wrong with a record."""


def sealed(record: dict[str, Any], indent: int | None = None) -> bytes:
    """Return a record as JSON that begins with a checksum of all that follows."""
    body = json.dumps(record, indent=indent)[1:].encode()
    return b'{"checksum": "%s",' % digest(body).encode() + body


def opened(path: Path, data: bytes) -> dict[str, Any]:
    """Return the record in a file, whose checksum holds, or one of format 1. Raises LakeError, which names the file."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise LakeError(f"{path} is damaged ({error}): restore it from a backup") from None
    form = record.get("format") if isinstance(record, dict) else None
    if type(form) is int and form > FORMAT:
        raise LakeError(f"{path} has format {form}, and this version reads formats up to {FORMAT}: upgrade wirecopy")
    head = _HEAD.match(data)
    if head:
        if digest(data[head.end() :]) != head[1].decode() or type(form) is not int or form < 2:
            raise LakeError(f"{path} is damaged (its checksum does not hold): restore it from a backup")
    elif form != 1 or record.keys() & {"checksum", "parent"}:
        raise LakeError(f"{path} is damaged (it is no commit, or has lost its checksum): restore it from a backup")
    return dict(record)


def digest(data: bytes) -> str:
    """Return the BLAKE3 digest of some bytes, 128 bits, hexadecimal."""
    return blake3(data).hexdigest(16)


def check(record: dict[str, Any], number: int) -> None:
    """Check a commit's record and put `Part`s into it. Raises Wrong."""
    try:
        if record["commit"] != number or type(record["commit"]) is not int:
            raise Wrong(f"it calls itself commit {record['commit']!r}")
        if record["format"] > 1 and type(record["parent"]) is not str:
            raise Wrong("parent is no text")
        if count(record["read"]) >= number:
            raise Wrong("it read a later commit")
        if dt.datetime.fromisoformat(_text(record["committed_at"])).tzinfo is None:
            raise Wrong("committed_at has no zone")
        ids_of([record["run_id"]])
        ids_of(record["units"])
        record["added"] = parts_of(record["added"])
        record["rewritten"] = parts_of(record.get("rewritten", {}))
        record["removed"] = {
            table: tuple(_paths(table, paths)) for table, paths in dict_of(record["removed"]).items() if paths
        }
        ids_of(record.get("replaced", []))
        for pair in _list(record.get("retracted", [])):
            if len(ids_of(pair)) != 2:
                raise Wrong("a retracted pair has other than two ends")
        ids_of(record.get("reopened", []))
        for one in _list(record.get("given_up", [])):
            count(one)
        count(record.get("expired", 0))
        if {type(record.get(name, False)) for name in ("unsettled", "upgrade")} != {bool}:
            raise Wrong("what is true or false is neither")
    except KeyError as error:
        raise Wrong(f"it has no {error}") from None
    except ValueError as error:
        raise Wrong(str(error)) from None


def as_commit(record: dict[str, Any]) -> Commit:
    """Return the commit of a record that `check` has put parts into."""
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
        expired=record.get("expired", 0),
    )


def parts_of(value: Any) -> dict[str, tuple[Part, ...]]:
    """Return parts by table. All paths of a table are checked at once: a checkpoint has ten thousands. Raises Wrong."""
    found = {}
    for table, parts in dict_of(value).items():
        try:
            live = tuple(Part(part["path"], part["rows"], part["bytes"]) for part in _list(parts))
        except (KeyError, TypeError):
            raise Wrong(f"a part of {table} is not told by path, rows and bytes") from None
        _paths(table, [part.path for part in live])
        if not all(type(part.rows) is type(part.bytes) is int and part.rows >= 0 <= part.bytes for part in live):
            raise Wrong(f"a part of {table} has rows or bytes that are no count")
        if live:
            found[table] = live
    return found


def _paths(table: str, value: Any) -> list[str]:
    """Return the paths of parts, each of which is in the folder of its table."""
    paths = texts(value)
    pattern = _PATHS.get(table)
    if pattern is None and paths:
        raise Wrong(f"there is no table {table!r}")
    joined = "".join(f"{path}\n" for path in paths)
    if pattern is not None and not (pattern.fullmatch(joined) and joined.count("\n") == len(paths)):
        raise Wrong(f"it names what is no part of {table}")
    return paths


def count(value: Any) -> int:
    """Return a count. Raises Wrong."""
    if type(value) is not int or value < 0:
        raise Wrong(f"{value!r} is no count")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Wrong(f"{value!r} is no text")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise Wrong(f"{value!r} is no list")
    return value


def dict_of(value: Any) -> dict[str, Any]:
    """Return an object. Raises Wrong."""
    if type(value) is not dict:
        raise Wrong(f"{value!r} is no object")
    return value


def texts(value: Any) -> list[str]:
    """Return a list of texts. Raises Wrong."""
    if any(type(one) is not str for one in _list(value)):
        raise Wrong("a list of texts holds something else")
    return list(value)


def ids_of(value: Any) -> list[str]:
    """Return ids, each of 32 hexadecimal digits. Raises Wrong."""
    ids = texts(value)
    if not (_HEX.fullmatch("".join(ids)) and all(len(one) == 32 for one in ids)):
        raise Wrong("an id has other than 32 hexadecimal digits")
    return ids
