"""What is to be read: the units of input that paths name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import PurePath
from types import ModuleType

from schemas.elements import Reject, Unit
from transforms.hashing import blake2b_128
from transforms.read import csv, files, html, jsonl, jsonvalues, newsml, nitf, parquet, text, warc
from transforms.read.faults import Fault, rejected
from transforms.read.files import NoInput, Skipped, Unreadable
from transforms.read.mapping import MAPPING_VERSION
from transforms.read.opening import open_stream
from transforms.read.sniff import sniff
from transforms.read.spans import Span, digested
from transforms.read.streams import Stream

__all__ = ["READERS", "NoInput", "Skipped", "Unreadable", "plan"]

READERS: dict[str, ModuleType] = {
    "csv": csv,
    "html": html,
    "jsonl": jsonl,
    "jsonvalues": jsonvalues,
    "newsml": newsml,
    "nitf": nitf,
    "parquet": parquet,
    "text": text,
    "warc": warc,
}
"""Every reader by the name that units carry."""


def recordwise(reader: str) -> bool:
    """Say whether a reader takes the compression off its records itself."""
    return reader == "warc"


def plan(paths: Sequence[str], mapping: str = "") -> Iterator[Unit | Reject | Skipped | Unreadable]:
    """Yield what files, folders and globs hold, lazily, folders in sorted order.

    Units of one file come in order. Where and under which name a file stands makes no difference to its units'
    ids; a file that grew keeps the ids of the units that did not change.

    Args:
        paths: files, folders and globs (`**` spans folders). What is named itself is read whatever it is called.
        mapping: the user's own mapping of records, see `transforms.read.mapping`.

    Yields:
        Unit: a piece of input to be given to `read`.
        Reject: a file that no reader takes; its `unit_id` is stable, so it can be reported once.
        Skipped: what a folder walk passed over.
        Unreadable: what an I/O error kept from being planned; it stays open.

    Raises:
        NoInput: at once, before anything is yielded, where a path names nothing.
    """
    files.check(paths)
    return _plan(paths, mapping)


def _plan(paths: Sequence[str], mapping: str) -> Iterator[Unit | Reject | Skipped | Unreadable]:
    for found in files.walk(paths):
        if not isinstance(found, str):
            yield found
            continue
        try:
            yield from _units(found, mapping)
        except OSError as error:
            yield Unreadable(found, str(error))


def _units(path: str, mapping: str) -> Iterator[Unit | Reject]:
    try:
        with closing(open_stream(path)) as stream:
            reader = sniff(_head(stream), PurePath(path).name)
        with closing(open_stream(path, (), recordwise(reader))) as stream:
            spans = READERS[reader].spans(stream)
            if recordwise(reader):
                with closing(open_stream(path, (), True)) as again:
                    for span in digested(spans, again):
                        yield _unit(path, reader, span, mapping)
            else:
                for span in spans:
                    yield _unit(path, reader, span, mapping)
    except Fault as fault:
        yield rejected(_whole_file(path), fault)


def _head(stream: Stream) -> bytes:
    """Return the first bytes that are not white space."""
    while (head := stream.head().removeprefix(b"\xef\xbb\xbf")) and head.isspace():
        stream.read()
    return head.lstrip()


def _unit(path: str, reader: str, span: Span, mapping: str) -> Unit:
    rules = f"{reader} {READERS[reader].READER_VERSION} {MAPPING_VERSION} {mapping}"
    extent = f"{span.begin} {span.end}"
    unit_id = blake2b_128(rules.encode(), span.digest, extent.encode()).hex()
    return Unit(unit_id, path, reader, span.begin, span.end, span.size, span.first, mapping)


def _whole_file(path: str) -> Unit:
    """Return the unit that the reject of a whole file is reported for, named by its first bytes and its size."""
    with closing(files.open_file(path)) as file:
        head = file.read(1 << 16)
        size = file.seek(0, os.SEEK_END)
    return Unit(blake2b_128(b"none", head, str(size).encode()).hex(), path, "none", 0, -1, size)
