"""JSON files that are no lines: an array of records, or values one after another, pretty-printed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from blake3 import blake3

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import LINE_BYTES, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.records import objects
from wirecopy.transforms.read.records.jsonl import parse

READER_VERSION = 2

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]|"', re.DOTALL)


class Value(NamedTuple):
    """One value; `data` is None where it is longer than LINE_BYTES. `begin` and `end` are decoded bytes."""

    begin: int
    end: int
    data: bytes | None
    whole: bool


def spans(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut a file before the first value that begins at or after every `target` bytes."""
    begin, first, number, end = 0, 1, 0, -1
    digest = blake3()
    try:
        for value in values(stream, 0, -1):
            if value.begin - begin >= target:
                yield Span(begin, value.begin, first, value.begin - begin, digest.digest())
                begin, first, digest = value.begin, number + 1, blake3()
            number += 1
            digest.update(value.data if value.data is not None else str(value.end).encode())
        end = stream.position
    except Fault:
        pass
    yield Span(begin, end, first, stream.position - begin, digest.digest())


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield documents and rejects of the values that begin in a unit.

    `doc_ref` is path#number of the value. Raises Fault where the stream is damaged, and OSError.
    """
    ordinal = 0
    for number, value in enumerate(values(stream, unit.begin, unit.end), unit.first):
        doc_ref = f"{unit.path}#{number}"
        try:
            if value.data is None:
                raise Fault(
                    "too large", f"a value of {value.end - value.begin:,} bytes; at most {LINE_BYTES:,} are read"
                )
            if not value.whole:
                raise Fault("truncated", "the file ends within a value")
            found = parse(value.data)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref, value.data)
            ordinal += 1
            continue
        for element in objects.documents(found, unit, ordinal, doc_ref, value.data):
            yield element
            ordinal += 1
    if ordinal == 0:
        raise Fault("malformed", "JSON without an object")


def values(stream: Stream, begin: int, end: int) -> Iterator[Value]:
    """Yield the values of the file's array, or else of the file, that begin in a range: objects and arrays.

    Brackets outside strings are counted, so a value that is no JSON ends where its last bracket closes. Raises Fault
    where the stream is damaged, and OSError.
    """
    stream.seek(begin)
    buffer, at, scanned = b"", begin, 0
    depth, start, dropped = 0, -1, 0
    first = begin == 0
    while piece := stream.read():
        buffer += piece
        for token in _TOKEN.finditer(buffer, scanned):
            mark = token[0]
            if mark == b'"':
                break
            scanned = token.end()
            if first:
                first = False
                if mark == b"[":
                    continue
            if mark in (b"{", b"["):
                if depth == 0:
                    if 0 <= end <= at + token.start():
                        stream.unread(buffer[token.start() :])
                        return
                    start, dropped = token.start(), 0
                depth += 1
            elif mark in (b"}", b"]") and depth:
                depth -= 1
                if depth == 0:
                    size = dropped + scanned - start
                    data = buffer[start:scanned] if size <= LINE_BYTES else None
                    yield Value(at + scanned - size, at + scanned, data, True)
                    start = -1
        keep = start
        if start < 0 or len(buffer) - start > LINE_BYTES:
            keep = scanned
            dropped += scanned - start if start >= 0 else 0
        buffer, at, scanned, start = buffer[keep:], at + keep, scanned - keep, min(start, 0)
        if len(buffer) > 2 * LINE_BYTES:
            raise Fault("malformed", f"no bracket and no end of a string in {len(buffer):,} bytes from byte {at:,}")
    if start >= 0:
        size = dropped + len(buffer) - start
        yield Value(at + len(buffer) - size, at + len(buffer), buffer[start:] if size <= LINE_BYTES else None, False)
