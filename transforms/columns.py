"""Between Arrow columns and numpy arrays: ids as their 16 bytes, a column as one array."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.table import ID

Array = npt.NDArray[Any]


def storage(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, uuids as their 16 bytes."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.storage if isinstance(array.type, pa.BaseExtensionType) else array


def uuids(ids: pa.Array) -> pa.Array:
    """Return ids given as 16 bytes as uuids."""
    return pa.ExtensionArray.from_storage(ID, ids)


def to_numpy(column: pa.Array | pa.ChunkedArray) -> Array:
    """Return a column as an array; numbers and booleans only, a null among integers makes them floats."""
    return np.asarray(column.to_numpy() if isinstance(column, pa.ChunkedArray) else column.to_numpy(False))


def is_among(ids: pa.Array | pa.ChunkedArray, among: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return for each id whether it is among some others."""
    return pc.is_in(storage(ids), storage(among))


def fixed(ids: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    """Return a column of 16-byte ids, uuids or plain, as S16; they compare and sort as bytes do."""
    raw = storage(ids)
    data = np.frombuffer(raw.buffers()[1] or b"", np.uint8)
    return data[16 * raw.offset : 16 * (raw.offset + len(raw))].view("S16")


def binary(ids: npt.NDArray[np.bytes_]) -> pa.Array:
    """Return ids given as S16 as a column of 16 bytes each, over the same memory where they lie side by side."""
    data = np.ascontiguousarray(ids)
    return pa.Array.from_buffers(pa.binary(16), len(data), [None, pa.py_buffer(data)])


def halves(ids: pa.Array | pa.ChunkedArray) -> tuple[Array, Array]:
    """Return the first and last eight bytes of each id as numbers that sort as the bytes do."""
    data = fixed(ids).view(">u8")
    return data[0::2].astype(np.uint64), data[1::2].astype(np.uint64)
