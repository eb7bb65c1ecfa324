"""Parquet files: a row is an article."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from blake3 import blake3

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import MEMORY_BYTES, PIECE, RATIO, RATIO_FLOOR, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields import mapping
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream

READER_VERSION = 1

_BATCH_ROWS = 256
_ROWS_FLOOR = 1 << 20
"""Rows that are always allowed; beyond them each must take a byte, as one with a text does."""


def spans(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut a file at every so many rows, as many as have about `target` bytes before compression."""
    digest = blake3()
    while piece := stream.read():
        digest.update(piece)
    stream.seek(0)
    file = _opened(stream)
    rows = file.metadata.num_rows
    size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    step = max(1, rows * target // max(size, 1))
    for begin in range(0, max(rows, 1), step):
        end = min(begin + step, rows)
        yield Span(begin, end, begin + 1, size * (end - begin) // max(rows, 1), digest.digest())


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each row of a unit, and a reject for each row without text. `doc_ref` is path#row, from 1.

    Raises Fault where the file is damaged, and OSError.
    """
    if stream.cursor is None or stream.cursor[0] > unit.begin:
        file = _opened(stream)
        names, shape = _columns(file.schema_arrow, unit.mapping)
        row, group, rows = 0, 0, file.metadata.num_rows
        if not rows:
            raise Fault("empty", "a Parquet file without rows")
        while row + file.metadata.row_group(group).num_rows <= unit.begin:
            row += file.metadata.row_group(group).num_rows
            group += 1
        groups = list(range(group, file.metadata.num_row_groups))
        batches = file.iter_batches(_BATCH_ROWS, groups, names, use_threads=False)
        stream.cursor = (row, (rows, batches, shape, None))
    row, (rows, batches, shape, rest) = stream.cursor
    decoded = 0
    end = unit.end if unit.end >= 0 else rows
    while row < end:
        batch = rest if rest is not None else _next(batches, stream)
        rest = None
        if batch is None:
            raise Fault("truncated", f"the file ends before row {end:,}")
        if row + len(batch) > end:
            batch, rest = batch.slice(0, end - row), batch.slice(end - row)
        skip = max(0, unit.begin - row)
        if skip < len(batch):
            elements = _documents(batch.slice(skip), shape, unit, row + skip)
            yield from elements
            decoded += sum(len(element.content) for element in elements if isinstance(element, Document))
        if decoded > max(RATIO_FLOOR, RATIO * unit.size):
            raise Fault("too large", f"{unit.size:,} bytes of rows became more than {decoded:,}")
        row += len(batch)
    stream.cursor = (row, (rows, batches, shape, rest))


def _documents(batch: pa.RecordBatch, shape: Any, unit: Unit, row: int) -> list[Document | Reject]:
    columns = {name: batch.column(i).to_pylist() for i, name in enumerate(batch.schema.names)}
    first = row - unit.begin
    refs = [f"{unit.path}#{row + i + 1}" for i in range(len(batch))]
    found = mapping.documents(columns, shape, unit.unit_id, first, refs, unit.mapping)
    return [
        rejected(unit, each, ref) if isinstance(each, Fault) else each for ref, each in zip(refs, found, strict=True)
    ]


def _opened(stream: Stream) -> pq.ParquetFile:
    source = stream.random(MEMORY_BYTES)
    stored = source.seek(0, os.SEEK_END)
    try:
        file = pq.ParquetFile(source, pre_buffer=False, buffer_size=PIECE)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _fault(stream, error) from None
    if file.metadata.num_rows > max(_ROWS_FLOOR, stored):
        raise Fault("too large", f"{stored:,} bytes of Parquet say they are {file.metadata.num_rows:,} rows")
    return file


def _next(batches: Iterator[pa.RecordBatch], stream: Stream) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _fault(stream, error) from None


def _fault(stream: Stream, error: Exception) -> BaseException:
    """Return what an error of Arrow's stands for: the I/O error behind it, a lack of memory, or else a damaged file."""
    if isinstance(error, MemoryError):
        return error
    return stream.raw.failure or Fault("damaged", f"Parquet: {error}")


def _columns(schema: pa.Schema, told: str) -> tuple[list[str], tuple[Any, ...]]:
    """Return the names of the columns that say something of an article, and the shape of a record that has them."""
    shape = tuple(
        (field.name, *(inner.name for inner in field.type)) if pa.types.is_struct(field.type) else field.name
        for field in schema
    )
    names = [name for name in mapping.used(shape, told) if name in schema.names]
    return names, tuple(entry for entry in shape if (entry if isinstance(entry, str) else entry[0]) in names)
