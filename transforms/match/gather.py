"""Articles of several segments brought together: their words side by side, and what is said of them in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.match.lists import flatten, take_lists
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
    codes, bounds = _gather(segments, articles, "words")
    stems, _ = _gather(segments, articles, "stems")
    weights, _ = _gather(segments, articles, "weights")
    packed, packed_bounds = _gather(segments, articles, "spacing")
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


def _gather(
    segments: Sequence[Segment], articles: NDArray[np.int64], name: str
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    return take_lists([(*flatten(segment.articles[name]), rows) for segment, rows in _rows(segments, articles)])
