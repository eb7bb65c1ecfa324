"""Lines of a stream, and its cutting into ranges that begin and end between lines."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from transforms.read.bounds import LINE_BYTES, UNIT_BYTES
from transforms.read.faults import Fault
from transforms.read.streams import Stream


class Span(NamedTuple):
    """A range of a file that becomes a unit.

    Attributes:
        begin: first decoded byte, or first record.
        end: byte or record after it; -1 where damage hides where the file ends.
        first: 1-based number of the first line or record in it.
        size: bytes to be read.
        digest: blake2b-128 of its bytes.
    """

    begin: int
    end: int
    first: int
    size: int
    digest: bytes


class Line(NamedTuple):
    """A line without its line feed; `data` is None where it is longer than LINE_BYTES, `size` is its length."""

    number: int
    data: bytes | None
    size: int


def spans(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut a stream, from where it stands to its end, at the first line end at or after every `target` bytes.

    A fault ends the last span, with an open end, so that who reads that span meets it.
    """
    begin, first, line, digest = stream.position, 1, 1, blake2b(digest_size=16)
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
                begin, first, digest = at + cut, line, blake2b(digest_size=16)
        end = stream.position
    except Fault:
        pass
    if end != begin or begin == 0:
        yield Span(begin, end, first, stream.position - begin, digest.digest())


def lines(stream: Stream, begin: int, end: int, first: int) -> Iterator[Line]:
    """Yield the lines that begin in a range of a stream, and leave the stream at the range's end.

    Args:
        stream: a stream that stands at `begin`, or at any byte before it that `seek` can reach it from.
        begin: first byte of the range.
        end: byte after the range; -1 for the end of the file.
        first: number of the first line that begins in the range.

    Raises:
        Fault: the stream is damaged; the lines before the damage have been yielded.
        OSError: the file cannot be read.
    """
    stream.seek(begin)
    at, number, pending, dropped = begin, first, b"", 0
    while (end < 0 or at < end) and (piece := stream.read()):
        *whole, rest = (pending + piece).split(b"\n")
        for index, data in enumerate(whole):
            if 0 <= end <= at:
                stream.unread(b"\n".join([*whole[index:], rest]))
                return
            size = dropped + len(data)
            yield Line(number, data if size <= LINE_BYTES else None, size)
            at += size + 1
            number += 1
            dropped = 0
        pending = rest
        if dropped + len(pending) > LINE_BYTES:
            dropped += len(pending)
            pending = b""
    if (end < 0 or at < end) and dropped + len(pending):
        yield Line(number, pending if not dropped else None, dropped + len(pending))
    elif pending:
        stream.unread(pending)
