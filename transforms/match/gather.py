"""Articles of several segments brought together: their words side by side, and what is said of them in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.kernels import i8, kernel, reads, u1, void, writes
from transforms.match.segment import Segment
from transforms.match.spacing import unpack
from transforms.reuse.passages import Words


class Gathered(NamedTuple):
    """Word codes of some articles, and what passages are aligned on.

    Attributes:
        codes: u32, hash of each word.
        words: the words' stems, weights, places and bounds.
    """

    codes: NDArray[np.uint32]
    words: Words


def gather_words(segments: Sequence[Segment], articles: NDArray[np.int64]) -> Gathered:
    """Return the words of articles, which are numbered through all segments and given in ascending order."""
    codes, bounds = _gather(segments, articles, "words", np.uint32)
    stems, _ = _gather(segments, articles, "stems", np.uint32)
    weights, _ = _gather(segments, articles, "weights", np.uint8)
    packed, packed_bounds = _gather(segments, articles, "spacing", np.uint8)
    begins, ends = unpack(packed, packed_bounds, bounds)
    return Gathered(codes, Words(stems, weights, begins, ends, bounds))


def gather_columns(segments: Sequence[Segment], articles: NDArray[np.int64], names: Sequence[str]) -> pa.Table:
    """Return columns of articles, which are numbered through all segments and given in ascending order."""
    parts = [
        pa.Table.from_batches([segment.articles.select(names).take(pa.array(rows))])
        for segment, rows in _rows(segments, articles)
    ]
    return pa.concat_tables(parts).combine_chunks()


def _rows(segments: Sequence[Segment], articles: NDArray[np.int64]) -> list[tuple[Segment, NDArray[np.int64]]]:
    ends = np.cumsum([len(segment) for segment in segments])
    cuts = np.searchsorted(articles, ends)
    return [
        (segment, part - (end - len(segment)))
        for segment, part, end in zip(segments, np.split(articles, cuts[:-1]), ends, strict=True)
    ]


def take_lists(
    parts: Sequence[tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]], dtype: type[np.generic]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the lists of some rows of each part, (values, bounds, rows), one after another, and their bounds."""
    sizes = np.concatenate([bounds[rows + 1] - bounds[rows] for _, bounds, rows in parts])
    out_bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    out = np.empty(out_bounds[-1], dtype)
    done = 0
    for values, bounds, rows in parts:
        _copy(values.view(np.uint8), bounds, rows, out.itemsize, out_bounds[done:], out.view(np.uint8))
        done += len(rows)
    return out, out_bounds


def _gather(
    segments: Sequence[Segment], articles: NDArray[np.int64], name: str, dtype: type[np.generic]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    return take_lists([(*segment.list_of(name), rows) for segment, rows in _rows(segments, articles)], dtype)


@kernel(void, reads(u1), reads(i8), reads(i8), i8, reads(i8), writes(u1))
def _copy(
    values: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    rows: NDArray[np.int64],
    width: int,
    out_bounds: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    for k in range(len(rows)):
        begin, end = bounds[rows[k]] * width, bounds[rows[k] + 1] * width
        out[out_bounds[k] * width : out_bounds[k + 1] * width] = values[begin:end]
