"""Spool files: what was polled and fetched, as WARC 1.1 (ISO 28500:2017), written whole before anything is committed.

A file is named by a hash of what it holds, which is also the id of its unit; one that is in the lake's folder `spool`
and not in the ledger of units was left by a run that was killed and is committed by the next.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from wirecopy.schemas.elements import Unit
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.commits import Ledger
from wirecopy.transforms.lake.files import is_abandoned, publish, sync_folder, unfinished, write_synced
from wirecopy.transforms.storable import storable, uri

FOLDER = "spool"
_SUFFIX = ".warc.gz"
_LEFT_OUT = frozenset(("content-encoding", "transfer-encoding", "content-length", "set-cookie", "connection"))


class Page(NamedTuple):
    """A page as it was fetched: its address after redirects, status, header, decoded body, and when (microseconds)."""

    url: str
    status: int
    header: Mapping[str, str]
    body: bytes
    at: int


class Note(NamedTuple):
    """One record of a spool file: rows that are stated, and what an entry is where it is about one.

    Attributes:
        rows: pairs of table and values, see `schemas.elements.Row`.
        at: when it was learned, microseconds UTC.
        url: the address it is about.
        told: what the feed said: `entry`, `feed`, `namespace`, `seen_at`, `outcome`, `error`;
            empty where it is about no entry.
        page: the entry's page.
    """

    rows: Sequence[tuple[str, Mapping[str, Any]]]
    at: int
    url: str
    told: Mapping[str, Any] = {}
    page: Page | None = None


def write_spool(root: Path, notes: Sequence[Note]) -> Unit:
    """Write notes as one spool file of a lake, durable when this returns, and return its unit.

    The same notes make the same file. Raises OSError where it cannot be written; nothing is left behind then.
    """
    data = encode(notes)
    unit_id = blake2b_128(b"spool", data).hex()
    moment = dt.datetime.fromtimestamp(max(note.at for note in notes) / 1e6, dt.UTC)
    folder = root / FOLDER / f"{moment:%Y-%m}"
    for needed in (root / "_commits", folder):
        needed.mkdir(parents=True, exist_ok=True)
    path = folder / f"{moment:%Y%m%dT%H%M%S}-{unit_id}{_SUFFIX}"
    temporary = unfinished(path)
    try:
        write_synced(temporary, data)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    sync_folder(folder.parent)
    return _unit(path, len(data))


def left_over(root: Path, done: Ledger, open_again: AbstractSet[str] = frozenset()) -> Iterator[Unit]:
    """Yield the spool files of a lake that are not in its ledger of units, oldest first; sweep up half-written ones.

    Those of `open_again` count as not in it.
    """
    folder = root / FOLDER
    for path in folder.glob("*/.*"):
        if path.stem.endswith(_SUFFIX) and is_abandoned(path, time.time()):
            path.unlink(missing_ok=True)
    units = list(spool_files(root))
    known = done.known(unit.unit_id for unit in units) - open_again
    yield from (unit for unit in units if unit.unit_id not in known)


def spool_files(root: Path) -> Iterator[Unit]:
    """Yield the spool files of a lake, oldest first."""
    for path in sorted((root / FOLDER).glob(f"*/*{_SUFFIX}")):
        if not path.name.startswith("."):
            yield _unit(path, path.stat().st_size)


def encode(notes: Sequence[Note]) -> bytes:
    """Return notes as the bytes of a WARC file, compressed record by record."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    for note in map(_storable, notes):
        block = json.dumps({"rows": [{"table": table, "values": values} for table, values in note.rows], **note.told})
        described = block.encode()
        writer.write_record(
            writer.create_warc_record(
                note.url,
                "metadata",
                payload=io.BytesIO(described),
                length=len(described),
                warc_content_type="application/json",
                warc_headers_dict=_named(note.at, note.url, described),
            )
        )
        if note.page:
            writer.write_record(_response(writer, note.page))
    return out.getvalue()


def _storable(note: Note) -> Note:
    """Return a note whose texts can be written as UTF-8, and whose addresses end no line of a header."""
    page = note.page and note.page._replace(url=uri(note.page.url), header=storable(note.page.header))
    return note._replace(rows=storable(note.rows), told=storable(note.told), url=uri(note.url), page=page)


def _response(writer: WARCWriter, page: Page) -> Any:
    fields = [(name, value) for name, value in page.header.items() if name not in _LEFT_OUT]
    head = StatusAndHeaders(f"{page.status} ", [*fields, ("content-length", str(len(page.body)))], protocol="HTTP/1.1")
    return writer.create_warc_record(
        page.url,
        "response",
        payload=io.BytesIO(page.body),
        length=len(page.body),
        http_headers=head,
        warc_headers_dict=_named(page.at, page.url, page.body),
    )


def _named(at: int, url: str, data: bytes) -> dict[str, str]:
    """Return the date of a record, and an id that is made of what it holds."""
    moment = dt.datetime.fromtimestamp(at // 1_000_000, dt.UTC).replace(microsecond=at % 1_000_000)
    digest = blake2b_128(str(at).encode(), url.encode(), data)
    return {
        "WARC-Date": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "WARC-Record-ID": f"<urn:uuid:{uuid.UUID(bytes=digest, version=5)}>",
    }


def unit_of(path: Path) -> str:
    """Return the id of the unit that a spool file is."""
    return path.name.removesuffix(_SUFFIX).rpartition("-")[2]


def _unit(path: Path, size: int) -> Unit:
    return Unit(unit_of(path), str(path), "spool", 0, -1, size)
