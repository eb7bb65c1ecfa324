"""zip and tar archives, and archives inside them.

A unit is a run of members. A large member of a zip file is entered by name and cut like a file of its own; a tar file
has no index, so its members are never cut.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeAlias

from blake3 import blake3

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read.bounds import LAYERS, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.files import Skipped, hidden, label
from wirecopy.transforms.read.io.members import Member, is_zip, members, piece
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream

ReadFile: TypeAlias = Callable[[Unit, BinaryIO, int], Iterator[Document | Reject | Row]]
"""Reads a file that stands in so many archives."""

READER_VERSION = 1


def spans(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span | Skipped]:
    """Cut an archive before the first member at or after every `target` bytes of members; say what is passed over."""
    begin, number, first, size, end = 0, 0, 1, 0, -1
    digest, head = blake3(), stream.head()
    try:
        for member in members(stream, 0):
            if size >= target:
                yield Span(begin, member.offset, first, size, digest.digest())
                begin, first, size, digest = member.offset, number + 1, 0, blake3()
            number += 1
            if kind := member.kind or hidden(member.name):
                yield Skipped(member.name, kind)
                continue
            digest.update(f"{member.name}\0{member.size}\0".encode(errors="surrogateescape"))
            if not isinstance(member.file, Fault) and not is_cut(stream, member):
                while data := piece(member.file):
                    size += len(data)
                    digest.update(data)
    except Fault:
        digest.update(head)
    yield Span(begin, end, first, size, digest.digest())


def read(unit: Unit, stream: Stream, read_file: ReadFile, depth: int = 0) -> Iterator[Document | Reject | Row]:
    """Yield what the members of a unit hold; `doc_ref` is archive!/member, with what its reader adds.

    Members that a folder walk would pass over are passed over here too. Raises Fault and OSError.
    """
    ordinal = 0
    for member in members(stream, unit.begin):
        if 0 <= unit.end <= member.offset:
            return
        if member.kind or hidden(member.name) or (depth == 0 and is_cut(stream, member)):
            continue
        inner = unit._replace(path=f"{unit.path}!/{label(member.name)}", begin=0, end=-1, first=1, inside=())
        try:
            if isinstance(member.file, Fault):
                raise member.file
            if depth == LAYERS:
                raise Fault("too large", f"more than {LAYERS} archives inside each other")
            for element in read_file(inner, member.file, depth + 1):
                yield element._replace(record=ordinal) if isinstance(element, Document) else element
                ordinal += 1
        except Fault as fault:
            yield rejected(inner, fault)
            ordinal += 1
    if unit.begin == 0 and unit.end < 0 and ordinal == 0 and depth:
        raise Fault("empty", "an archive without a file to read")


def apart(stream: Stream) -> list[str]:
    """Return the names of the members of an archive that are cut into units of their own; none of a broken archive."""
    if not (is_zip(stream.head(4)) and stream.seekable):
        return []
    try:
        return [
            member.name
            for member in members(stream, 0)
            if is_cut(stream, member) and not (member.kind or hidden(member.name))
        ]
    except Fault:
        return []


def is_cut(stream: Stream, member: Member) -> bool:
    """Say whether a member is cut into units of its own, as a large one of a zip file is."""
    return isinstance(member.file, zipfile.ZipExtFile) and stream.seekable and member.size > UNIT_BYTES
