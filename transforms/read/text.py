"""Plain text: a file is one article, with its headline and closing lines."""

from __future__ import annotations

from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans"]


def read(unit: Unit, stream: Stream) -> Iterator[Document]:
    """Yield a file's one document of form `text`, decoded and otherwise unchanged. Raises Fault and OSError."""
    text = charset.decode(stream.whole())
    if not text.strip("\ufeff\x00 \t\r\n\f\v\xa0"):
        raise Fault("empty", "nothing but white space")
    yield Document(unit.unit_id, 0, unit.path, "text", text)
