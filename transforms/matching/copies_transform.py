"""The Beam transform that finds copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import PCollection

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.transforms.matching.copies import find_copies, sketch


class FindCopies(beam.PTransform[PCollection[pa.RecordBatch], PCollection[pa.RecordBatch]]):
    """Finds the articles of a window that are copies of each other.

    Takes a PCollection of `pa.RecordBatch` with the columns `article_id` (16 bytes) and `text`, such as ARTICLE_BATCH.
    Gives one of batches of `transforms.matching.copies.COPIES`. Texts are reduced to sketches in parallel (about 35 µs an
    article); these, 2.5 kB each, meet on one worker (about 10 µs an article).
    """

    def expand(self, articles: PCollection[pa.RecordBatch]) -> PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return (
            articles
            | "Sketch" >> beam.Map(_sketch).with_output_types(tuple[bytes, pa.RecordBatch])
            | "Gather" >> beam.GroupByKey()
            | "Compare" >> beam.FlatMapTuple(_compare).with_output_types(pa.RecordBatch)
        )


def _sketch(articles: pa.RecordBatch) -> tuple[bytes, pa.RecordBatch]:
    return b"", sketch(articles)


def _compare(_: bytes, sketches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from find_copies(list(sketches)).combine_chunks().to_batches(max_chunksize=65_536)
