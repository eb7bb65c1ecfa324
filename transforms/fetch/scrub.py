"""Spool files rewritten without what was forgotten on request: of such an entry only hashes stay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from wirecopy.transforms.extract.forgotten import ENTRY_SAYS, is_entry_forgotten, tombstone
from wirecopy.transforms.extract.identity import named
from wirecopy.transforms.fetch.spool import FOLDER, Note, encode, unit_of
from wirecopy.transforms.lake.files import LakeError, replace


class Scrubbed(NamedTuple):
    """What a spool file becomes.

    Attributes:
        path: the file.
        data: its bytes without what was forgotten.
        records: records that went or were made anew.
        keys: feed_url and entry_id (16 bytes) of each entry that was forgotten.
        names: tombstones of all addresses and ids that these entries had.
    """

    path: Path
    data: bytes
    records: int
    keys: frozenset[tuple[str, bytes]]
    names: frozenset[bytes]


class _Record(NamedTuple):
    offset: int
    url: str | None
    said: dict[str, Any] | None


def scrubbed(root: Path, forgotten: frozenset[bytes], places: Mapping[str, frozenset[int]]) -> Iterator[Scrubbed]:
    """Yield the spool files of a lake that hold something that was forgotten.

    Args:
        root: the lake's folder.
        forgotten: tombstones.
        places: by unit, in hexadecimal digits, the offsets of records that articles were read from which are forgotten.

    Raises:
        LakeError: a file cannot be read as what it should be, so that what it holds is not known.
        OSError: a file cannot be read.
    """
    for path in sorted((root / FOLDER).glob("*/[!.]*.warc.gz")):
        if found := _scrubbed(path, forgotten, places.get(unit_of(path), frozenset())):
            yield found


def write(one: Scrubbed) -> None:
    """Put what a spool file becomes in its place, in one step. Its unit stays the same."""
    replace(one.path, one.data)


def _scrubbed(path: Path, forgotten: frozenset[bytes], offsets: frozenset[int]) -> Scrubbed | None:
    records = _records(path)
    data = path.read_bytes()
    bounds = [*(record.offset for record in records), len(data)]
    kept: list[bytes] = []
    keys: set[tuple[str, bytes]] = set()
    names: set[bytes] = set()
    gone, at = 0, 0
    while at < len(records):
        end = at + 1
        while end < len(records) and records[end].said is None:
            end += 1
        group = records[at:end]
        if _is_forgotten(group, forgotten, offsets):
            notes, of_entries = _silenced(group[0])
            gone += len(group)
            kept += [encode(notes)] if notes else []
            for feed_url, entry_id, url, source_id in of_entries:
                keys.add((feed_url, bytes.fromhex(entry_id)))
                names.update(map(tombstone, named(url, source_id, feed_url)))
        else:
            kept.append(data[bounds[at] : bounds[end]])
        at = end
    return Scrubbed(path, b"".join(kept), gone, frozenset(keys), frozenset(names)) if gone else None


def _records(path: Path) -> list[_Record]:
    found = []
    try:
        with path.open("rb") as file:
            archive = ArchiveIterator(file)
            for record in archive:
                said = json.loads(record.content_stream().read() or b"{}") if record.rec_type == "metadata" else None
                offset = archive.get_record_offset()  # which reads the record to its end
                found.append(_Record(offset, record.rec_headers.get_header("WARC-Target-URI"), said))
    except (ArchiveLoadFailed, ValueError) as error:
        raise LakeError(
            f"{path} cannot be read, so it is not known what it holds ({error}): delete it or restore it from a "
            "backup, and run this again"
        ) from None
    return found


def _is_forgotten(group: list[_Record], forgotten: frozenset[bytes], offsets: frozenset[int]) -> bool:
    if any(record.offset in offsets for record in group):
        return True
    said = group[0].said or {}
    entry, feed_url = said.get("entry") or {}, (said.get("feed") or {}).get("url") or ""
    told = [(entry.get("url"), entry.get("id"), feed_url)]
    told += [(row.get("url"), row.get("source_id"), row["feed_url"]) for row in _entries(said)]
    told += [(record.url, None, "") for record in group if record.said is None]
    return any(is_entry_forgotten(*one, forgotten) for one in told)


def _entries(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row["values"] for row in said.get("rows", ()) if row["table"] == "entries"]


def _silenced(record: _Record) -> tuple[list[Note], list[tuple[str, str, str | None, str | None]]]:
    """Return what stays of a record of the monitor, and the entries that it told of."""
    rows, told, at, place = [], [], 0, ""
    for row in (record.said or {}).get("rows", ()):
        values = dict(row["values"])
        if row["table"] == "entries":
            told.append((values["feed_url"], values["entry_id"], values.get("url"), values.get("source_id")))
            outcome = "lost" if values["outcome"] == "open" else values["outcome"]
            values |= {**dict.fromkeys(ENTRY_SAYS), "outcome": outcome}
        at, place = values.get("seen_at") or values.get("polled_at") or at, values["feed_url"]
        rows.append((row["table"], values))
    return ([Note(rows, at, place)] if rows else []), told
