"""What more than K articles hold, settled: every pair found anew, as if all articles had come at once.

A pair is decided when the second of its articles comes. What its keys count for then depends on who holds them by then,
and that changes as others come; and where it came first in the order of events but second into the lake, it was looked
at from its other side. Here each article is matched with those before it in (event_at, article_id) order, among all
that are there now, so what is found is a function of the articles alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.rows import Matches
from wirecopy.transforms.matching.segments.postings import rename
from wirecopy.transforms.matching.segments.segment import Segment

CHUNK = 50_000
"""Articles that are matched at once."""


class Settled(NamedTuple):
    """Some articles, and their pairs with those that come before them.

    Attributes:
        ids: S16, the articles.
        matches: their pairs with earlier ones, and the passages of these.
    """

    ids: NDArray[np.bytes_]
    matches: Matches


def settle(segments: Sequence[Segment]) -> Iterator[Settled]:
    """Yield all living articles of an index, some at a time, each once, with their settled pairs."""
    for i, segment in enumerate(segments):
        for begin in range(0, len(segment), CHUNK):
            chunk, others = cut(segment, begin, begin + CHUNK)
            known = [*segments[:i], others, *segments[i + 1 :]]
            yield Settled(chunk.ids[chunk.live], match(chunk, known, earlier_only=True))


def cut(segment: Segment, begin: int, end: int) -> tuple[Segment, Segment]:
    """Return some rows of a segment as one of their own, and the segment with these dead."""
    end = min(end, len(segment))
    rows = np.full(len(segment), -1)
    rows[begin:end] = np.arange(end - begin)
    live = segment.live.copy()
    live[begin:end] = False
    by_id = segment.by_id[(segment.by_id >= begin) & (segment.by_id < end)] - np.uint32(begin)
    chunk = Segment(
        segment.articles.slice(begin, end - begin),
        segment.vocabulary,
        rename(segment.bands, rows),
        rename(segment.anchors, rows),
        by_id,
        segment.live[begin:end],
    )
    return chunk, replace(segment, live=live)
