"""One mail in a file (.eml, .emlx, a message of a Maildir, one that Outlook saved as text)."""

from __future__ import annotations

from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.mail.attached import ReadFile, elements
from wirecopy.transforms.read.mail.message import documents, parse

READER_VERSION = 2

__all__ = ["READER_VERSION", "read", "spans"]


def read(unit: Unit, stream: Stream, read_file: ReadFile, depth: int = 0) -> Iterator[Document | Reject | Row]:
    """Yield the document of a mail, of mails that it holds and of files attached; see `message.documents`.

    Raises Fault and OSError.
    """
    found = documents(parse(stream.whole()), unit.unit_id, 0, unit.path)
    for ordinal, each in enumerate(elements(found, unit, unit.path, read_file, depth)):
        yield each._replace(record=ordinal) if isinstance(each, Document) else each
