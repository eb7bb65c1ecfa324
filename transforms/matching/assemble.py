"""Articles of several segments brought together: their words side by side, and what is said of them in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.transforms.kernels import i8, kernel, reads, u1, u4, void, writes
from wirecopy.transforms.matching.segments.lists import flatten
from wirecopy.transforms.matching.segments.segment import Segment
from wirecopy.transforms.matching.segments.vocabulary import look_up
from wirecopy.transforms.similarity.passages import Places, Words
from wirecopy.transforms.similarity.whose import NAME, NOTICE, QUOTED
from wirecopy.transforms.text.offsets import unpack


class Gathered(NamedTuple):
    """Word codes of some articles, and what passages are aligned on.

    Attributes:
        codes: u32, hash of each word.
        words: the words' stems, weights and bounds.
    """

    codes: NDArray[np.uint32]
    words: Words


def gather_words(segments: Sequence[Segment], articles: NDArray[np.int64]) -> Gathered:
    """Return the words of articles, which are numbered through all segments and given in ascending order."""
    bounds = _bounds(segments, articles)
    codes, stems = np.empty(bounds[-1], np.uint32), np.empty(bounds[-1], np.uint32)
    weights = np.empty(bounds[-1], np.uint8)
    for segment, rows, to in _slices(segments, articles, bounds):
        look_up(*segment.words, rows, segment.vocabulary, codes[to], stems[to], weights[to])
    return Gathered(codes, Words(stems, weights, bounds))


def gather_places(segments: Sequence[Segment], articles: NDArray[np.int64]) -> Places:
    """Return where the words of articles stand, which are numbered and ordered as in `gather_words`."""
    bounds = _bounds(segments, articles)
    begins, ends = np.empty(bounds[-1], np.uint32), np.empty(bounds[-1], np.uint32)
    for segment, rows, to in _slices(segments, articles, bounds):
        unpack(*segment.spacing, rows, begins[to], ends[to])
    return Places(begins, ends, bounds)


def gather_marks(segments: Sequence[Segment], articles: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the marks of the words of articles, as `whose` has them, numbered and ordered as in `gather_words`."""
    bounds = _bounds(segments, articles)
    marks = np.zeros(bounds[-1], np.uint8)
    table = gather_columns(segments, articles, ["names", "quotes", "notices"])
    _mark_names(*flatten(table["names"].combine_chunks()), bounds, marks)
    for name, mark in (("quotes", QUOTED), ("notices", NOTICE)):
        spans = table[name].combine_chunks()
        begins, ends = (spans.values.field(side).to_numpy() for side in ("begin", "end"))
        _mark_spans(begins, ends, spans.offsets.to_numpy(), np.uint8(mark), bounds, marks)
    return marks


def gather_columns(segments: Sequence[Segment], articles: NDArray[np.int64], names: Sequence[str]) -> pa.Table:
    """Return columns of articles, which are numbered through all segments and given in ascending order."""
    parts = [
        pa.Table.from_batches([segment.articles.select(names).take(pa.array(rows))])
        for segment, rows in _rows(segments, articles)
    ]
    return pa.concat_tables(parts).combine_chunks()


def _rows(segments: Sequence[Segment], articles: NDArray[np.int64]) -> list[tuple[Segment, NDArray[np.int64]]]:
    """Return the segments that hold some of the articles, with the rows of these."""
    ends = np.cumsum([len(segment) for segment in segments])
    cuts = np.searchsorted(articles, ends)
    return [
        (segment, part - (end - len(segment)))
        for segment, part, end in zip(segments, np.split(articles, cuts[:-1]), ends, strict=True)
        if len(part)
    ]


def _bounds(segments: Sequence[Segment], articles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bounds of the articles' words, one after another."""
    counts = [segment.n_words[rows] for segment, rows in _rows(segments, articles)]
    return np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, np.int32), *counts]))]).astype(np.int64)


def _slices(
    segments: Sequence[Segment], articles: NDArray[np.int64], bounds: NDArray[np.int64]
) -> Iterator[tuple[Segment, NDArray[np.int64], slice]]:
    """Yield each segment's rows of the articles, and where their words begin to be written."""
    done = 0
    for segment, rows in _rows(segments, articles):
        yield segment, rows, slice(bounds[done], None)
        done += len(rows)


@kernel(void, reads(u1), reads(i8), reads(i8), writes(u1))
def _mark_names(
    bits: NDArray[np.uint8], bit_bounds: NDArray[np.int64], bounds: NDArray[np.int64], marks: NDArray[np.uint8]
) -> None:
    """Mark names; bits that are not there are none."""
    for row in range(len(bounds) - 1):
        n = min(bounds[row + 1] - bounds[row], 8 * (bit_bounds[row + 1] - bit_bounds[row]))
        for word in range(n):
            if bits[bit_bounds[row] + (word >> 3)] & (np.uint8(128) >> np.uint8(word & 7)):
                marks[bounds[row] + word] |= np.uint8(NAME)


@kernel(void, reads(u4), reads(u4), reads(i8), u1, reads(i8), writes(u1))
def _mark_spans(
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    span_bounds: NDArray[np.int64],
    mark: np.uint8,
    bounds: NDArray[np.int64],
    marks: NDArray[np.uint8],
) -> None:
    """Mark the words of spans; words that an article does not have are passed over."""
    for row in range(len(bounds) - 1):
        n = bounds[row + 1] - bounds[row]
        for span in range(span_bounds[row], span_bounds[row + 1]):
            for word in range(min(np.int64(begins[span]), n), min(np.int64(ends[span]), n)):
                marks[bounds[row] + word] |= mark
