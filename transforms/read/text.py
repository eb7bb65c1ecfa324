"""Plain text: a file is one article, with its headline and closing lines."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from schemas.elements import Document, Reject, Unit
from transforms.read import charset
from transforms.read.bounds import FILE_BYTES
from transforms.read.faults import Fault
from transforms.read.lines import Span
from transforms.read.streams import Stream, resumed

READER_VERSION = 1


def spans(stream: Stream) -> Iterator[Span]:
    """Yield the one span of a file that is not split. Raises OSError."""
    digest, end = blake2b(digest_size=16), -1
    try:
        while stream.position <= FILE_BYTES and (piece := stream.read()):
            digest.update(piece)
        end = stream.position
    except Fault:
        pass
    yield Span(0, end, 1, stream.position, digest.digest())


def read(unit: Unit) -> Iterator[Document | Reject]:
    """Yield a file's one document of form `text`, decoded and otherwise unchanged. Raises Fault and OSError."""
    text = charset.decode(whole(unit))
    if not text.strip("\ufeff\x00 \t\r\n\f\v\xa0"):
        raise Fault("empty", "nothing but white space")
    yield Document(unit.unit_id, 0, unit.path, "text", text)


def whole(unit: Unit) -> bytes:
    """Return all bytes of a file that is one document. Raises Fault where there are none or too many, and OSError."""
    with resumed(unit.path, 0) as stream:
        pieces: list[bytes] = []
        while stream.position <= FILE_BYTES and (piece := stream.read()):
            pieces.append(piece)
        if stream.position > FILE_BYTES:
            raise Fault("too large", f"more than {FILE_BYTES:,} bytes in one document")
    if not pieces:
        raise Fault("empty", "no bytes")
    return b"".join(pieces)
