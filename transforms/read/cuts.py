"""How WARC and ARC files are cut into units, at the beginnings of members."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from blake3 import blake3

from transforms.read.bounds import CRAWL_UNIT_BYTES, RATIO, RECORD_BYTES
from transforms.read.compression import compression
from transforms.read.faults import Fault
from transforms.read.records import Record, records
from transforms.read.spans import Span
from transforms.read.streams import Stream

_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]", re.DOTALL)
_HEADER_BYTES = 10
_TRAILER_BYTES = 4


def spans(stream: Stream, target: int = CRAWL_UNIT_BYTES) -> Iterator[Span]:
    """Cut a file before the first member that begins after `target` decoded bytes."""
    return _gzip(stream, target) if compression(stream.head(4)) == "gzip" else _walked(stream, target)


def _walked(stream: Stream, target: int) -> Iterator[Span]:
    """Cut a file by reading its records. Digests are left to `spans.digested`."""
    begin, size, end = 0, 0, -1
    try:
        for record in records(stream, 0, -1):
            if isinstance(record, Record):
                if size >= target and record.number == 0:
                    yield Span(begin, record.offset, 1, size, b"")
                    begin, size = record.offset, 0
                size += len(record.block or b"") or RECORD_BYTES
        end = stream.position
    except Fault:
        pass
    yield Span(begin, end, 1, size, b"")


def _gzip(stream: Stream, target: int) -> Iterator[Span]:
    """Cut a gzip file, decoding none of it, before what looks like a member.

    Its size is what the last bytes before each say (RFC 1952, ISIZE). A cut at what only looks like a member, inside of
    one, costs nothing but time: `records` finds where members do begin.
    """
    begin, size, last, end, digest, tail = 0, 0, 0, -1, blake3(), b""
    try:
        while piece := stream.read():
            window = tail + piece
            base, cut = stream.position - len(window), 0
            for at in _places(window):
                if not cut and _HEADER.match(window, at):
                    size += _decoded_size(window[at - _TRAILER_BYTES : at], base + at - last)
                    last = base + at
                    cut = at if size >= target else 0
            seen = cut or max(0, len(window) - _HEADER_BYTES - _TRAILER_BYTES + 1)
            digest.update(memoryview(window)[:seen])
            tail = window[seen:]
            if cut:
                yield Span(begin, last, 1, size, digest.digest())
                stream.unread(tail)
                begin, size, digest, tail = last, 0, blake3(), b""
        digest.update(tail)
        size += _decoded_size(tail[-_TRAILER_BYTES:], stream.position - last)
        end = stream.position
    except Fault:
        pass
    yield Span(begin, end, 1, size, digest.digest())


def _places(window: bytes) -> list[int]:
    """Return where a member may begin behind another's trailer, as far as its header is there."""
    data = np.frombuffer(window, np.uint8)[_TRAILER_BYTES : 3 - _HEADER_BYTES]
    found: list[int] = np.flatnonzero((data[:-2] == 0x1F) & (data[1:-1] == 0x8B) & (data[2:] == 8)).tolist()
    return [at + _TRAILER_BYTES for at in found]


def _decoded_size(trailer: bytes, stored: int) -> int:
    """Return the bytes a member becomes by its last ones, or those it is stored in where that is beyond belief."""
    said = int.from_bytes(trailer, "little")
    return said if said <= RATIO * stored else stored
