"""Mailboxes (RFC 4155, mboxo, mboxrd): a mail an article, however large the box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read.bounds import FILE_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io import separated
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.mail.attached import ReadFile, elements
from wirecopy.transforms.read.mail.message import documents, parse

READER_VERSION = 2

_BEGINS = re.compile(
    rb"^From (?:-|[^\r\n]{0,500}?\S)[ \t]+[^\r\n]{0,40}\d\d:\d\d[^\r\n]{0,60}\r?\n(?=>?[!-9;-~]{1,76}:)", re.MULTILINE
)
_ESCAPED = re.compile(rb"^>(?=>*From )", re.MULTILINE)


def is_mailbox(head: bytes) -> bool:
    """Say whether a file begins as a mailbox does."""
    return head.startswith(b"From ") and _BEGINS.match(head) is not None


def spans(stream: Stream) -> Iterator[Span]:
    """Cut a mailbox into runs of mails."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream, read_file: ReadFile, depth: int = 0) -> Iterator[Document | Reject | Row]:
    """Yield the document of each mail that begins in a unit, of mails and files inside it, or a reject.

    `doc_ref` is path#number of the mail. Raises Fault where the stream is damaged, and OSError.
    """
    ordinal = 0
    for number, record in enumerate(separated.records(stream, unit.begin, unit.end, _BEGINS), unit.first):
        doc_ref = f"{unit.path}#{number}"
        try:
            if record.data is None:
                raise Fault(
                    "too large", f"a mail of {record.end - record.begin:,} bytes; at most {FILE_BYTES:,} are read"
                )
            _, _, mail = record.data.partition(b"\n")
            found = documents(parse(_ESCAPED.sub(b"", mail)), unit.unit_id, ordinal, doc_ref)
            for each in elements(found, unit, doc_ref, read_file, depth):
                yield each._replace(record=ordinal) if isinstance(each, Document) else each
                ordinal += 1
        except Fault as fault:
            yield rejected(unit, fault, doc_ref, record.data)
            ordinal += 1
