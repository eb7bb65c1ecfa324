"""The Beam transform that matches articles with each other."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import DoOutputsTuple, PCollection, TaggedOutput

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.fingerprints import FINGERPRINTS
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.lists import one_batch
from wirecopy.transforms.matching.segments.segment import build, fixed


class MatchArticles(beam.PTransform[PCollection[pa.RecordBatch], DoOutputsTuple]):
    """Finds the copies and the reused passages among the articles of a window.

    Takes a PCollection of `pa.RecordBatch` of schema ARTICLE_BATCH; of rows with one article_id the first counts.
    Returns two of `pa.RecordBatch`: `pairs`, with the columns of PAIRS, and `passages`, with those of PASSAGES.

    Texts are reduced to fingerprints in parallel; these, 9 kB an article, meet on one worker, which matches them with
    kernels that use all of its cores. What does not fit its memory is matched in waves against an index, as the lake
    does with `transforms.matching.match`. Counts articles, pairs, passages and milliseconds in the namespace `match`.
    """

    def expand(self, articles: PCollection[pa.RecordBatch]) -> DoOutputsTuple:
        """Wire the transform."""
        found: DoOutputsTuple = (
            articles
            | "Fingerprint" >> beam.Map(_fingerprint).with_output_types(tuple[bytes, pa.RecordBatch])
            | "Gather" >> beam.GroupByKey()
            | "Match" >> beam.ParDo(_Match()).with_output_types(pa.RecordBatch).with_outputs("pairs", "passages")
        )
        return found


def _fingerprint(articles: pa.RecordBatch) -> tuple[bytes, pa.RecordBatch]:
    return b"", fingerprint(articles)


class _Match(beam.DoFn):
    def __init__(self) -> None:
        self._articles = Metrics.counter("match", "articles")
        self._msec = Metrics.counter("match", "msec")
        self._rows = {name: Metrics.counter("match", name) for name in ("pairs", "passages")}

    def process(self, keyed: tuple[bytes, Iterable[pa.RecordBatch]]) -> Iterator[TaggedOutput[Any, Any]]:
        begun = time.perf_counter()
        segment = build([_distinct(list(keyed[1]))])
        matches = match(segment, [])
        self._articles.inc(len(segment))
        self._msec.inc(round(1000 * (time.perf_counter() - begun)))
        for name, table in matches._asdict().items():
            self._rows[name].inc(table.num_rows)
            yield from (TaggedOutput(name, batch) for batch in table.to_batches(max_chunksize=65_536))


def _distinct(fingerprints: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return fingerprints as one batch with each article_id once."""
    batch = one_batch(pa.Table.from_batches(fingerprints, FINGERPRINTS))
    _, first = np.unique(fixed(batch["article_id"]), return_index=True)
    return batch.take(pa.array(first))
