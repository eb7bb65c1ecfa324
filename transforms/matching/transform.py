"""The Beam transforms that find which articles share text: copies alone, or copies and reused passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import DoOutputsTuple, PCollection, TaggedOutput

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.fingerprints import FINGERPRINTS
from wirecopy.transforms.columns import fixed
from wirecopy.transforms.matching.copies import find_copies, sketch
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.lists import one_batch
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.metering import Metered

BATCH_ROWS = 65_536
"""Rows of one batch that a transform gives."""


@dataclass
class MatchArticles(beam.PTransform[PCollection[pa.RecordBatch], DoOutputsTuple]):
    """Find the copies and the reused passages among the articles of a window.

    Takes a PCollection of `pa.RecordBatch` of schema ARTICLE_BATCH; of rows with one article_id the first counts.
    Returns two of `pa.RecordBatch`: `pairs`, with the columns of PAIRS, and `passages`, with those of PASSAGES.

    Texts are reduced to fingerprints in parallel; these, 9 kB an article, meet on one worker, which matches them with
    kernels that use all of its cores. What does not fit its memory is matched in waves against an index, as the lake
    does with `transforms.matching.match`. Nothing is kept on disk. Counts `in`, `out`, `bytes` and `msec` in the
    namespaces `fingerprint` and `match`, and `pairs` and `passages` in the latter.
    """

    def expand(self, articles: PCollection[pa.RecordBatch]) -> DoOutputsTuple:
        """Wire the transform."""
        found: DoOutputsTuple = (
            articles
            | "Fingerprint" >> _to_one_key("fingerprint", fingerprint)
            | "Gather" >> beam.GroupByKey()
            | "Values" >> beam.MapTuple(lambda _, batches: list(batches))
            | "Match"
            >> beam.ParDo(Metered("match", _match)).with_output_types(pa.RecordBatch).with_outputs("pairs", "passages")
        )
        return found


@dataclass
class FindCopies(beam.PTransform[PCollection[pa.RecordBatch], PCollection[pa.RecordBatch]]):
    """Find the articles of a window that are copies of each other.

    Takes a PCollection of `pa.RecordBatch` with the columns `article_id` (16 bytes) and `text`, such as ARTICLE_BATCH.
    Gives one of batches of `transforms.matching.copies.COPIES`. Texts are reduced to sketches in parallel (about 35 µs
    an article); these, 2.5 kB each, meet on one worker (about 10 µs an article). Nothing is kept on disk. Counts `in`,
    `out`, `bytes` and `msec` in the namespaces `sketch` and `copies`.
    """

    def expand(self, articles: PCollection[pa.RecordBatch]) -> PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return (
            articles
            | "Sketch" >> _to_one_key("sketch", sketch)
            | "Gather" >> beam.GroupByKey()
            | "Values" >> beam.MapTuple(lambda _, batches: list(batches))
            | "Compare" >> beam.ParDo(Metered("copies", _copies)).with_output_types(pa.RecordBatch)
        )


def _to_one_key(step: str, function: Callable[[pa.RecordBatch], pa.RecordBatch]) -> beam.PTransform[Any, Any]:
    """Return the step that reduces batches to what meets under one key."""

    def reduced(articles: pa.RecordBatch) -> Iterator[tuple[bytes, pa.RecordBatch]]:
        yield b"", function(articles)

    return beam.ParDo(Metered(step, reduced)).with_output_types(tuple[bytes, pa.RecordBatch])


def _match(fingerprints: list[pa.RecordBatch]) -> Iterator[TaggedOutput[Any, Any]]:
    matches = match(build([_distinct(fingerprints)]), [])
    for name, table in matches._asdict().items():
        yield from (TaggedOutput(name, batch) for batch in table.to_batches(max_chunksize=BATCH_ROWS))


def _copies(sketches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from find_copies(sketches).combine_chunks().to_batches(max_chunksize=BATCH_ROWS)


def _distinct(fingerprints: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return fingerprints as one batch with each article_id once."""
    batch = one_batch(pa.Table.from_batches(fingerprints, FINGERPRINTS))
    _, first = np.unique(fixed(batch["article_id"]), return_index=True)
    return batch.take(pa.array(first))
