"""How a file is cut into units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from blake3 import blake3

from wirecopy.transforms.read.bounds import FILE_BYTES, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io.streams import Stream


class Span(NamedTuple):
    """A range of a file that becomes a unit.

    Attributes:
        begin: first byte, or first record where the reader counts records.
        end: byte or record after it; -1 where damage hides where the file ends.
        first: 1-based number of the first line or record in it.
        size: bytes to be read.
        digest: BLAKE3 of what the range holds.
    """

    begin: int
    end: int
    first: int
    size: int
    digest: bytes


def whole(stream: Stream, bound: int = FILE_BYTES) -> Iterator[Span]:
    """Yield the one span of a stream that is not cut: one document, of which `bound` bytes and few more are read."""
    digest, end = blake3(), -1
    try:
        while stream.position <= bound and (piece := stream.read()):
            digest.update(piece)
        end = stream.position
    except Fault:
        pass
    yield Span(0, end, 1, stream.position, digest.digest())


def lines(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut a stream, from where it stands to its end, at the first line end at or after every `target` bytes.

    A fault ends the last span, with an open end, so that who reads that span meets it.
    """
    begin, first, line, digest = stream.position, 1, 1, blake3()
    end = -1
    try:
        while piece := stream.read():
            at = stream.position - len(piece)
            cut = piece.find(b"\n", max(0, begin + target - 1 - at)) + 1 if begin + target <= stream.position else 0
            if cut:
                stream.unread(piece[cut:])
                piece = piece[:cut]
            digest.update(piece)
            line += piece.count(b"\n")
            if cut:
                yield Span(begin, at + cut, first, at + cut - begin, digest.digest())
                begin, first, digest = at + cut, line, blake3()
        end = stream.position
    except Fault:
        pass
    if end != begin or begin == 0:
        yield Span(begin, end, first, stream.position - begin, digest.digest())


def digested(spans: Iterator[Span], stream: Stream) -> Iterator[Span]:
    """Give spans of a stream, in order and without gaps, the digests of their bytes where they lack them."""
    for span in spans:
        if span.digest:
            yield span
            continue
        digest = blake3()
        while (span.end < 0 or stream.position < span.end) and (piece := stream.read()):
            if 0 <= span.end < stream.position:
                stream.unread(piece[span.end - stream.position :])
                piece = piece[: span.end - stream.position]
            digest.update(piece)
        yield span._replace(digest=digest.digest())
