"""Arrays and record batches in files: written whole, and mapped once they are known to be what they must be.

What is mapped here is read by kernels, which look at no bounds: whatever a file holds, what these functions return has
the type, the number of dimensions and the layout that were asked for, and all of it is in the file.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from numpy.typing import NDArray

_VERSION = (1, 0)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file in what goes wrong while it is written: an OSError of a block has an errno and the path."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(error.errno or errno.EIO, reason, str(path)) from None


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as `np.load` reads it. Raises OSError, with the path, where it cannot be written."""
    array = np.ascontiguousarray(array)
    with writing(path), path.open("wb") as file:
        _write_header(file, array.dtype, array.shape)
        file.write(array.data)


@contextmanager
def appending(path: Path, kind: type[np.generic]) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Give what appends to an array that `np.load` reads, of a length that is known at the end; headers have room.

    Raises OSError, with the path, where it cannot be written.
    """
    size = 0
    with writing(path), path.open("wb") as file:
        _write_header(file, np.dtype(kind), (size,))

        def append(part: NDArray[Any]) -> None:
            nonlocal size
            size += len(part)
            with writing(path):
                file.write(part.data)

        yield append
        file.seek(0)
        _write_header(file, np.dtype(kind), (size,))


def map_array(path: Path, kind: type[np.generic], columns: int | None = None) -> NDArray[Any]:
    """Return a saved array, mapped: kind[n], or with `columns` kind[n, columns].

    Raises:
        ValueError: the file holds something else, or is longer or shorter than its array.
        OSError: it cannot be opened.
    """
    dtype = np.dtype(kind)
    with path.open("rb") as file:
        try:
            if np.lib.format.read_magic(file) != _VERSION:
                raise ValueError("it has another version")
            shape, is_fortran, found = np.lib.format.read_array_header_1_0(file)
        except Exception as error:  # numpy evaluates the header as Python, which fails in many ways
            raise ValueError(f"{path} has no header of an array: {error}") from None
        begin = file.tell()
        size = file.seek(0, 2)
    wanted = 1 if columns is None else 2
    if found != dtype or is_fortran or len(shape) != wanted or (columns is not None and shape[1] != columns):
        raise ValueError(f"{path} holds an array of {found} of the shape {shape}")
    if shape[0] < 0 or begin + dtype.itemsize * shape[0] * (columns or 1) != size:
        raise ValueError(f"{path} has {size:,} bytes, not as many as its array")
    return np.memmap(path, dtype, "r", begin, shape)


def write_batch(path: Path, batch: pa.RecordBatch, schema: pa.Schema) -> None:
    """Write a batch, cast to a schema, as an Arrow file. Raises OSError, with the path, where it cannot be written."""
    with writing(path), pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        writer.write_batch(batch.cast(schema))


def map_batch(path: Path, schema: pa.Schema) -> pa.RecordBatch:
    """Return the one batch of an Arrow file, mapped, with the metadata of its schema.

    Raises:
        ValueError: the file holds something else: other columns, offsets out of range, a null where none may be.
        OSError: it cannot be opened.
    """
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        if not reader.schema.equals(schema):
            raise ValueError("it has other columns")
        if reader.num_record_batches != 1:
            raise ValueError(f"it has {reader.num_record_batches} batches, not 1")
        batch = reader.get_batch(0)
        batch.validate(full=True)
    except (pa.ArrowException, ValueError, MemoryError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    for column, field in zip(batch.columns, schema, strict=True):
        _check_nulls(column, field, path)
    return batch


def is_aligned(array: NDArray[Any]) -> bool:
    """Return whether an array can be given to a kernel."""
    return array.flags.aligned and array.flags.c_contiguous


def _check_nulls(column: pa.Array, field: pa.Field, path: Path) -> None:
    column = column.storage if isinstance(column, pa.ExtensionArray) else column
    if column.null_count and not field.nullable:
        raise ValueError(f"{path} has nulls in {field.name}")
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        if column.values.null_count:
            raise ValueError(f"{path} has nulls in the lists of {field.name}")
        _check_nulls(column.values, column.type.value_field, path)
    elif pa.types.is_struct(column.type):
        for i in range(column.type.num_fields):
            _check_nulls(column.field(i), column.type.field(i), path)


def _write_header(file: BinaryIO, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)
