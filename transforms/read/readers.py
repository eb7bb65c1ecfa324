"""Every reader by its name, and the choice among them by what a file holds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO, cast

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read import archives, text
from wirecopy.transforms.read.bounds import PROBE_BYTES
from wirecopy.transforms.read.exports import (
    blogs,
    epub,
    europresse,
    factiva,
    frontmatter,
    nexis,
    nexis_page,
    proquest,
    telegram_page,
)
from wirecopy.transforms.read.feeds import feeds, spool
from wirecopy.transforms.read.io.members import Forward, piece
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.mail import eml, mbox, mhtml
from wirecopy.transforms.read.office import docx, rtf, written
from wirecopy.transforms.read.records import csv, jsonl, jsonvalues, parquet, telegram_export
from wirecopy.transforms.read.sniff import sniff
from wirecopy.transforms.read.web import html, warc
from wirecopy.transforms.read.wire import anpa, iptc7901, newsml, newsml1, nitf, sgml


class _Holding:
    """A reader of what holds files, which the other readers read: archives, and mail with what is attached."""

    def __init__(self, reader: Any) -> None:
        self.READER_VERSION, self.spans, self._read = reader.READER_VERSION, reader.spans, reader.read

    def read(self, unit: Unit, stream: Stream, depth: int = 0) -> Iterator[Document | Reject | Row]:
        """Yield what a unit holds, where it stands in so many other files."""
        yield from self._read(unit, stream, read_file, depth)


READERS: dict[str, Any] = {
    "anpa": anpa,
    "archives": _Holding(archives),
    "blogs": blogs,
    "csv": csv,
    "docx": docx,
    "eml": _Holding(eml),
    "epub": epub,
    "europresse": europresse,
    "factiva": factiva,
    "feeds": feeds,
    "frontmatter": frontmatter,
    "html": html,
    "iptc7901": iptc7901,
    "jsonl": jsonl,
    "jsonvalues": jsonvalues,
    "mbox": _Holding(mbox),
    "mhtml": mhtml,
    "newsml": newsml,
    "newsml1": newsml1,
    "nexis": nexis,
    "nexis_page": nexis_page,
    "nitf": nitf,
    "parquet": parquet,
    "proquest": proquest,
    "rtf": rtf,
    "sgml": sgml,
    "spool": spool,
    "telegram": telegram_export,
    "telegram_page": telegram_page,
    "text": text,
    "warc": warc,
    "written": written,
}
"""What has a READER_VERSION, a function `spans` that cuts a stream and one, `read`, that reads a unit of it."""

RECORDWISE = frozenset({"spool", "warc"})
"""Readers that take the innermost compression off record by record."""


def choose(stream: Stream, name: str) -> str:
    """Return the name of the reader of a stream that stands at its start. Raises Fault where there is none."""
    while (head := stream.head().removeprefix(b"\xef\xbb\xbf")) and head.isspace():
        stream.read()
    return sniff(head.lstrip(), name)


def read_file(unit: Unit, file: BinaryIO, depth: int = 0) -> Iterator[Document | Reject | Row]:
    """Yield what a file inside another holds, whole.

    Args:
        unit: the unit it is read for, with the file's own path.
        file: its bytes.
        depth: how many archives it stands in.

    Raises:
        Fault: it cannot be read on.
        OSError: the file around it cannot be read.
    """
    head = b""
    while len(head) < PROBE_BYTES and (data := piece(file)):
        head += data
    probe = Stream(io.BytesIO(head))
    reader = choose(probe, PurePath(unit.path).name)
    layers = len(probe.layers) - (1 if reader in RECORDWISE and probe.layers else 0)
    stream = Stream(cast(BinaryIO, Forward(file, head)), layers)
    inner = unit._replace(reader=reader)
    if isinstance(READERS[reader], _Holding):
        yield from READERS[reader].read(inner, stream, depth)
    else:
        yield from READERS[reader].read(inner, stream)
