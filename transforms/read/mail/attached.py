"""Files attached to a mail: each is read as if it stood in an archive, or is a reject that names it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, TypeAlias

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read.bounds import LAYERS
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.mail.message import Attachment

ReadFile: TypeAlias = Callable[[Unit, BinaryIO, int], Iterator[Document | Reject | Row]]
"""Reads a file that stands in so many others."""


def elements(
    found: Iterable[Document | Fault | Attachment], unit: Unit, doc_ref: str, read_file: ReadFile, depth: int
) -> Iterator[Document | Reject | Row]:
    """Yield the documents of a mail and of its attachments, or rejects; the `doc_ref` of these is mail!/name.

    What an attachment holds was seen first when the mail was sent, where it says nothing itself.

    Args:
        found: what `message.documents` yields.
        unit: the unit that the mail stands in.
        doc_ref: the mail's own.
        read_file: reads what is attached.
        depth: how many files the mail stands in.
    """
    for each in found:
        if isinstance(each, Fault):
            yield rejected(unit, each, doc_ref)
        elif isinstance(each, Document):
            yield each
        else:
            inner = unit._replace(path=f"{doc_ref}!/{each.name}", begin=0, end=-1, first=1, inside=())
            try:
                if depth >= LAYERS:
                    raise Fault("too large", f"more than {LAYERS} files inside each other")
                for element in read_file(inner, io.BytesIO(each.data), depth + 1):
                    if isinstance(element, Document) and element.first_seen_at is None:
                        element = element._replace(first_seen_at=each.sent)
                    yield element
            except Fault as fault:
                yield rejected(inner, fault, payload=each.data)
