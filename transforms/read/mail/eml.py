"""One mail in a file (.eml, .emlx, a message of a Maildir)."""

from __future__ import annotations

from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.mail.message import documents, parse

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans"]


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of a mail and of mails that it holds; see `message.documents`. Raises Fault and OSError."""
    for ordinal, found in enumerate(documents(parse(stream.whole()), unit.unit_id, 0, unit.path)):
        if isinstance(found, Fault):
            yield rejected(unit, found)
        else:
            yield found._replace(record=ordinal)
