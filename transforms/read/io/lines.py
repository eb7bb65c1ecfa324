"""Lines of a range of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wirecopy.transforms.read.bounds import LINE_BYTES
from wirecopy.transforms.read.io.streams import Stream


class Line(NamedTuple):
    """A line without its line feed; `data` is None where it is longer than LINE_BYTES, `size` is its length."""

    number: int
    data: bytes | None
    size: int


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
