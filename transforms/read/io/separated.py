"""Files of many records that lines of a certain look begin: collections of stories, mailboxes, databases' exports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from blake3 import blake3

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import FILE_BYTES, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream

_HOLD = 1 << 12
"""Bytes at the end of what was read in which a beginning may still be cut off; none is longer."""


class Record(NamedTuple):
    """One record, from its beginning to the next one's; `data` is None where it is longer than FILE_BYTES."""

    begin: int
    end: int
    data: bytes | None


def spans(stream: Stream, begins: re.Pattern[bytes], target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut a file before the first record that begins at or after every `target` bytes."""
    begin, first, number, end = 0, 1, 0, -1
    digest = blake3()
    try:
        for record in records(stream, 0, -1, begins):
            if record.begin - begin >= target:
                yield Span(begin, record.begin, first, record.begin - begin, digest.digest())
                begin, first, digest = record.begin, number + 1, blake3()
            number += 1
            digest.update(record.data if record.data is not None else str(record.end).encode())
        end = stream.position
    except Fault:
        pass
    yield Span(begin, end, first, stream.position - begin, digest.digest())


def read(
    unit: Unit,
    stream: Stream,
    begins: re.Pattern[bytes],
    document: Callable[[bytes, int, str], Document | None],
) -> Iterator[Document | Reject]:
    """Yield what `document` makes of each record that begins in a unit, or a reject where it raises Fault.

    `doc_ref` is path#number of the record.

    Args:
        unit: the unit.
        stream: its file.
        begins: matches where a record begins, at most 4,096 bytes.
        document: takes a record's bytes, its number within the unit and its `doc_ref`; returns None for what is no
            record, such as a header in front of the first.

    Raises:
        Fault: the stream is damaged, or holds no record at all.
        OSError: the file cannot be read.
    """
    ordinal = 0
    for number, record in enumerate(records(stream, unit.begin, unit.end, begins), unit.first):
        doc_ref = f"{unit.path}#{number}"
        element: Document | Reject | None
        try:
            if record.data is None:
                size = record.end - record.begin
                raise Fault("too large", f"a record of {size:,} bytes; at most {FILE_BYTES:,} are read")
            element = document(record.data, ordinal, doc_ref)
        except Fault as fault:
            element = rejected(unit, fault, doc_ref, record.data)
        if element is not None:
            yield element
            ordinal += 1
    if ordinal == 0 and unit.begin == 0:
        raise Fault("empty", "a collection without a record")


def records(stream: Stream, begin: int, end: int, begins: re.Pattern[bytes]) -> Iterator[Record]:
    """Yield the records that begin in a range of a stream, and leave the stream at the first one behind it.

    What stands before the first beginning is a record of its own. Raises Fault where the stream is
    damaged, and OSError.
    """
    stream.seek(begin)
    buffer, at, start, scanned = bytearray(), begin, begin, 1
    more = True
    while more:
        piece = stream.read()
        more = bool(piece)
        buffer += piece
        safe = len(buffer) - (_HOLD if more else 0)
        for found in begins.finditer(buffer, scanned):
            if found.start() >= safe:
                break
            place = at + found.start()
            yield _record(buffer, at, start, place)
            start, scanned = place, found.start() + 1
            if 0 <= end <= place:
                stream.unread(bytes(buffer[found.start() :]))
                return
        scanned = max(scanned, safe)
        gone = start - at if len(buffer) - (start - at) <= FILE_BYTES + _HOLD else max(0, scanned - _HOLD)
        if gone > 0:
            del buffer[:gone]
            at, scanned = at + gone, scanned - gone
    if start < at + len(buffer):
        yield _record(buffer, at, start, at + len(buffer))


def _record(buffer: bytearray, at: int, start: int, end: int) -> Record:
    whole = start >= at and end - start <= FILE_BYTES
    return Record(start, end, bytes(buffer[start - at : end - at]) if whole else None)
