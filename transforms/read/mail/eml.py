"""One mail in a file (.eml, .emlx, a message of a Maildir)."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.elements import Document, Reject, Unit
from transforms.read.faults import Fault, rejected
from transforms.read.mail.message import documents, parse
from transforms.read.spans import whole as spans
from transforms.read.streams import Stream

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans"]


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of a mail and of mails that it holds; see `message.documents`. Raises Fault and OSError."""
    for ordinal, found in enumerate(documents(parse(stream.whole()), unit.unit_id, 0, unit.path)):
        if isinstance(found, Fault):
            yield rejected(unit, found)
        else:
            yield found._replace(record=ordinal)
