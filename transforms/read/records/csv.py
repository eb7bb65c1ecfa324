"""CSV and TSV files with a header (RFC 4180): a row is an article."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from typing import NamedTuple

from blake3 import blake3

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import LINE_BYTES, PIECE, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields import mapping
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.files import named
from wirecopy.transforms.read.io.lines import lines
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream

READER_VERSION = 3

_DELIMITERS = ",;\t|"
PREAMBLE = 40
"""Lines at the top of a file among which its header is looked for."""
_SEP = re.compile(r"\"?sep=(.)\"?[ \t]*\r?\n", re.IGNORECASE)
"""The line that tells Excel what parts the columns."""
_COMMENTED = re.compile(r"(?:#[^\n]*\n|[ \t\r]*\n)+")
_ESCAPED = re.compile("[\udc80-\udcff]")


class Row(NamedTuple):
    """A row: its cells or what is wrong with it, the number of its first line, and where its bytes begin and end."""

    cells: list[str] | Fault
    line: int
    begin: int
    end: int


class Dialect(NamedTuple):
    """How a file is written: its encoding, its delimiter, its header and the number of the header's line."""

    encoding: str
    delimiter: str
    header: list[str]
    line: int = 1


def spans(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut a file before the first row that begins at or after every `target` bytes."""
    digest, end = blake3(), -1
    begin, first, at = 0, 1, 0
    try:
        dialect = _dialect(stream.head())
        for row in _rows(stream, 0, 1, dialect):
            if row.begin - begin >= target:
                yield Span(begin, row.begin, first, row.begin - begin, digest.digest())
                begin, first, digest = row.begin, row.line, blake3(repr(dialect).encode())
            digest.update(repr(row.cells).encode())
            at = row.end
        end = stream.position
    except Fault:
        pass
    if begin < at or begin == 0:
        yield Span(begin, end, first, at - begin, digest.digest())


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each row of a unit, and a reject for each row that gives none.

    `doc_ref` is path#line, the row's first. Raises Fault and OSError.
    """
    held: list[Row] = []
    if stream.cursor is not None and stream.cursor[0] == unit.begin:
        dialect, held, rows = stream.cursor[1]
    else:
        if unit.begin == 0:
            dialect = _dialect(stream.head())
        else:
            path = named(unit.path).removesuffix("".join(f"!/{name}" for name in unit.inside))
            with closing(open_stream(path, unit.inside)) as start:
                dialect = _dialect(start.head())
        rows = _rows(stream, unit.begin, unit.first, dialect)
    stream.cursor = None
    ordinal = 0
    for row in chain(held, rows):
        if 0 <= unit.end <= row.begin:
            stream.cursor = (row.begin, (dialect, [row], rows))
            return
        if unit.begin == 0 and (row.line < dialect.line or (row.begin == 0 and row.cells == dialect.header)):
            continue
        if dialect.line > 1 and row.line == dialect.line and row.cells == dialect.header:
            continue
        doc_ref = f"{unit.path}#{row.line}"
        try:
            if isinstance(row.cells, Fault):
                raise row.cells
            if len(row.cells) > len(dialect.header):
                raise Fault("malformed", f"{len(row.cells)} cells under {len(dialect.header)} names")
            record = dict(zip(dialect.header, row.cells, strict=False))
            yield mapping.document(record, unit.unit_id, ordinal, doc_ref, unit.mapping)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref)
        ordinal += 1
    if unit.begin == 0 and ordinal == 0:
        raise Fault("empty", "a table without rows")


def first_rows(head: bytes) -> tuple[list[str], list[str]]:
    """Return the cells of the first row, the header, and of the second; none where there is none."""
    try:
        dialect = _dialect(head)
        rows = csv.reader(io.StringIO(head.decode(dialect.encoding, "replace")), delimiter=dialect.delimiter)
        for _ in range(dialect.line):
            next(rows, None)
        return dialect.header, next((row for row in rows if row), [])
    except (csv.Error, Fault):
        return [], []


def _dialect(head: bytes) -> Dialect:
    text = head.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode()
        encoding = "utf-8"
    except UnicodeDecodeError as error:
        tail = error.end >= len(text) - 3
        cut_off = tail and len(head) >= PIECE
        encoding = "utf-8" if cut_off or charset.is_mostly_utf8(text) else charset.detect(text)
    line = text.decode(encoding, "replace").lstrip("\r\n")
    if told := _SEP.match(line):
        names = next(csv.reader(line[told.end() :].splitlines(keepends=True), delimiter=told[1]), [])
        return Dialect(encoding, told[1], names, 2)
    comments = _COMMENTED.match(line)
    if comments and (found := _below_preamble(line, 1)) and found[0] == comments[0].count("\n") + 1:
        return Dialect(encoding, found[1], found[2], found[0])
    first = line.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    names = next(csv.reader(line.splitlines(keepends=True), delimiter=delimiter), [])
    if not _names_text(names) and (found := _below_preamble(line)):
        number, delimiter, names = found
        return Dialect(encoding, delimiter, names, number)
    return Dialect(encoding, delimiter, names)


def _names_text(names: list[str], least: int = 3) -> bool:
    """Say whether names of columns are those of a text and of other fields, so many in all."""
    known = {field for field, _ in mapping.resolve(tuple(dict.fromkeys(names)))}
    return len(known) >= least and bool(known & {"text", "html"})


def _below_preamble(text: str, least: int = 3) -> tuple[int, str, list[str]] | None:
    """Return line number, delimiter and names of a header that stands below lines about a query, or None.

    Args:
        text: the beginning of a table.
        least: delimiters that the header has at least.
    """
    for number, line in enumerate(text.split("\n")[:PREAMBLE], 1):
        delimiter = max(_DELIMITERS, key=line.count)
        names = next(csv.reader([line], delimiter=delimiter), []) if line.count(delimiter) >= least else []
        if number > 1 and _names_text(names, least + 1 if least < 3 else least):
            return number, delimiter, names
    return None


def _rows(stream: Stream, begin: int, first: int, dialect: Dialect) -> Iterator[Row]:
    """Yield the rows from a byte on, blank ones left out. Raises Fault and OSError."""
    csv.field_size_limit(LINE_BYTES)
    at, line, long = begin, first, 0

    def feed() -> Iterator[str]:
        nonlocal at, line, long
        for number, data, size in lines(stream, begin, -1, first):
            at += size + 1
            line = number + 1
            if data is None:
                long = size
                yield "\n"
            else:
                bare = data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data
                yield bare.decode(dialect.encoding, "surrogateescape") + "\n"

    reader = csv.reader(feed(), delimiter=dialect.delimiter)
    while True:
        start, number = at, line
        cells: list[str] | Fault
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = Fault("too large" if "limit" in str(error) else "malformed", f"CSV: {error}")
        if long:
            cells, long = Fault("too large", f"a line of {long:,} bytes; at most {LINE_BYTES:,} are read"), 0
        elif isinstance(cells, list) and any(_ESCAPED.search(cell) for cell in cells):
            cells = Fault("encoding", f"bytes that are not {dialect.encoding}")
        if cells:
            yield Row(cells, number, start, at)
