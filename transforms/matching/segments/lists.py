"""Columns of lists, one list an article, as flat arrays: taken apart, picked from, and put together again."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.transforms.kernels import i8, kernel, reads, u1, void, writes
from wirecopy.transforms.machine import reserve
from wirecopy.transforms.matching.segments.arrays import writing

Room = Callable[[int, Any], NDArray[Any]]
"""Gives a new array of a length and a type, as `np.empty` does: in memory, or in a file that is mapped."""


def room_in(folder: Path) -> Room:
    """Return what gives arrays in nameless files, which cost disk instead of memory.

    The room is taken at once, so that a full disk is an OSError, and no signal when the array is filled.
    """

    def room(size: int, kind: Any) -> NDArray[Any]:
        dtype = np.dtype(kind)
        if size * dtype.itemsize < mmap.PAGESIZE:
            return np.empty(size, dtype)
        with writing(folder), tempfile.TemporaryFile(dir=folder) as file:
            reserve(file.fileno(), size * dtype.itemsize)
            return np.frombuffer(mmap.mmap(file.fileno(), size * dtype.itemsize), dtype)

    return room


def flatten(column: pa.Array) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the values of a large list or large binary column, without copying, and the n + 1 bounds of its lists."""
    if pa.types.is_large_list(column.type):
        return column.values.to_numpy(), column.offsets.to_numpy()
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data or b"", np.uint8), bounds


def unflatten(values: NDArray[Any], bounds: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """Return the column of large lists or of large binary of which these are the values and bounds, without copying."""
    if pa.types.is_large_list(kind):
        return pa.LargeListArray.from_arrays(pa.array(bounds), pa.array(values), type=kind)
    return pa.Array.from_buffers(kind, len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(values)])


def take_lists(
    parts: Sequence[tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]],
    order: NDArray[np.int64] | None = None,
    room: Room = np.empty,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the lists of some rows of each part, (values, bounds, rows), and their bounds.

    They come one after another, or with `order` as in an array indexed with it: first what was number order[0].
    """
    sizes = np.concatenate([bounds[rows + 1] - bounds[rows] for _, bounds, rows in parts])
    places = np.arange(len(sizes))
    if order is not None:
        places[order] = np.arange(len(sizes))
        sizes = sizes[order]
    out_bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    out = room(int(out_bounds[-1]), parts[0][0].dtype)
    done = 0
    for values, bounds, rows in parts:
        to = places[done : done + len(rows)]
        _copy(values.view(np.uint8), bounds, rows, out.itemsize, to, out_bounds, out.view(np.uint8))
        done += len(rows)
    return out, out_bounds


def concat_rows(
    batches: Sequence[pa.RecordBatch],
    rows: Sequence[NDArray[np.int64]],
    order: NDArray[np.int64],
    schema: pa.Schema,
    room: Room = np.empty,
) -> pa.RecordBatch:
    """Return some rows of each batch as one batch, in this order; lists of numbers are copied once, into `room`."""
    small = [name for name, kind in zip(schema.names, schema.types, strict=True) if not _is_flat(kind)]
    picked = [batch.select(small).take(pa.array(kept)) for batch, kept in zip(batches, rows, strict=True)]
    fields = pa.schema([schema.field(name) for name in small])
    columns = dict(zip(small, one_batch(pa.Table.from_batches(picked, fields)).columns, strict=True))
    taken = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        if name in columns or not batches:
            taken.append(columns[name].take(pa.array(order)) if name in columns else pa.array([], kind))
        else:
            parts = [(*flatten(batch[name]), kept) for batch, kept in zip(batches, rows, strict=True)]
            taken.append(unflatten(*take_lists(parts, order, room), kind))
    return pa.RecordBatch.from_arrays(taken, schema=schema)


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """Return a table of any number of rows as one batch."""
    columns = [pa.concat_arrays(c.chunks) if c.num_chunks else pa.array([], c.type) for c in table.columns]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _is_flat(kind: pa.DataType) -> bool:
    return pa.types.is_large_binary(kind) or (pa.types.is_large_list(kind) and pa.types.is_integer(kind.value_type))


@kernel(void, reads(u1), reads(i8), reads(i8), i8, reads(i8), reads(i8), writes(u1))
def _copy(
    values: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    rows: NDArray[np.int64],
    width: int,
    places: NDArray[np.int64],
    out_bounds: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    for k in range(len(rows)):
        begin, to = bounds[rows[k]] * width, out_bounds[places[k]] * width
        for i in range(bounds[rows[k] + 1] * width - begin):
            out[to + i] = values[begin + i]
