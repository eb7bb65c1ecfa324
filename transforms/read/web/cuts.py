"""How WARC and ARC files are cut into units, at the beginnings of members."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from blake3 import blake3

from wirecopy.transforms.read.bounds import CRAWL_UNIT_BYTES, PIECE, RATIO, RECORD_BYTES
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io.compression import compression, zstd_frame
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web.records import Record, records

_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]", re.DOTALL)
_MAGIC = 0x8B1F
_HEADER_BYTES = 10
_TRAILER_BYTES = 4


def spans(stream: Stream, target: int = CRAWL_UNIT_BYTES) -> Iterator[Span]:
    """Cut a file before the first member that begins after `target` decoded bytes."""
    return _gzip(stream, target) if compression(stream.head(4)) == "gzip" else _walked(stream, target)


def _walked(stream: Stream, target: int) -> Iterator[Span]:
    """Cut a file by its records. Digests are left to `spans.digested`."""
    begin, size, end = 0, 0, -1
    try:
        for offset, number, becomes in _sizes(stream):
            if size >= target and number == 0:
                yield Span(begin, offset, 1, size, b"")
                begin, size = offset, 0
            size += becomes
        end = stream.position
    except Fault:
        pass
    yield Span(begin, end, 1, size, b"")


def _sizes(stream: Stream) -> Iterator[tuple[int, int, int]]:
    """Yield where records begin, their number in their member and their size; no zstd frame that says it is decoded."""
    while head := stream.head(PIECE // 2):
        begin, packed = stream.position, compression(head) == "zstd"
        if packed and (frame := zstd_frame(head) or zstd_frame(stream.head(4 * PIECE))):
            length, becomes = frame
            yield begin, 0, min(becomes, RATIO * length)
            stream.unread(stream.read()[length:])
            continue
        for record in records(stream, begin, begin + 1 if packed else -1):
            if isinstance(record, Record):
                yield record.offset, record.number, len(record.block or b"") or RECORD_BYTES


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
                if not cut and at >= _TRAILER_BYTES and _HEADER.match(window, at):
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
    """Return where the first two bytes of a member may stand."""
    halves = (np.frombuffer(window, "<u2", (len(window) - odd) // 2, odd) == _MAGIC for odd in (0, 1))
    return sorted(2 * at + odd for odd, half in enumerate(halves) for at in half.nonzero()[0].tolist())


def _decoded_size(trailer: bytes, stored: int) -> int:
    """Return the bytes a member becomes by its last ones, or those it is stored in where that is beyond belief."""
    said = int.from_bytes(trailer, "little")
    return said if said <= RATIO * stored else stored
