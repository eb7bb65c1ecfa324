"""Extraction as a step of a Beam pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import DoOutputsTuple, PCollection, TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

import wirecopy.schemas.coders  # noqa: F401
from wirecopy.schemas.elements import Document
from wirecopy.transforms.extract.article import extract_batch
from wirecopy.transforms.metering import Meter

BATCH_ROWS = 500
BATCH_CHARS = 4_000_000


@dataclass
class ExtractArticles(beam.PTransform[PCollection[Document], DoOutputsTuple]):
    """Turn documents into article batches and rejects.

    Takes a PCollection of `Document`. Returns two: `articles`, of `pa.RecordBatch` with the schema ARTICLE_BATCH, each
    of at most 500 rows made of 4 million characters, and `rejects`, of `Reject`. It runs in the worker's own process: a
    page that takes long is not cut off, as `SealUnits` cuts it off; a page is bounded before it is parsed all the same.
    Nothing is kept on disk. Counts `in`, `out`, `rejects`, `bytes` and `msec` in the namespace `extract`.
    """

    def expand(self, documents: PCollection[Document]) -> DoOutputsTuple:
        """Wire the step."""
        outputs: DoOutputsTuple = documents | "Extract" >> beam.ParDo(_Extract()).with_outputs(
            "rejects", main="articles"
        )
        return outputs


class _Extract(beam.DoFn):
    """Gathers documents by window and extracts them when a batch is full or the bundle ends."""

    def __init__(self) -> None:
        self._meter = Meter("extract")

    def start_bundle(self) -> None:
        self._waiting: dict[Any, list[Document]] = {}
        self._sizes: dict[Any, int] = {}
        self._times: dict[Any, Any] = {}

    def process(
        self, document: Document, window: Any = beam.DoFn.WindowParam, timestamp: Any = beam.DoFn.TimestampParam
    ) -> Iterator[pa.RecordBatch | TaggedOutput[Any, Any]]:
        self._meter.take(document)
        size = len(document.content)
        if self._waiting.get(window) and self._sizes[window] + size > BATCH_CHARS:
            yield from self._extract(self._take(window))
        self._waiting.setdefault(window, []).append(document)
        self._sizes[window] = self._sizes.get(window, 0) + size
        self._times[window] = min(timestamp, self._times.get(window, timestamp))
        if len(self._waiting[window]) >= BATCH_ROWS:
            yield from self._extract(self._take(window))

    def finish_bundle(self) -> Iterator[WindowedValue | TaggedOutput[Any, Any]]:
        for window in list(self._waiting):
            time = self._times[window]
            for output in self._extract(self._take(window)):
                if isinstance(output, TaggedOutput):
                    yield TaggedOutput(output.tag, WindowedValue(output.value, time, (window,)))
                else:
                    yield WindowedValue(output, time, (window,))

    def _take(self, window: Any) -> list[Document]:
        self._sizes.pop(window)
        self._times.pop(window)
        return self._waiting.pop(window)

    def _extract(self, documents: list[Document]) -> Iterator[pa.RecordBatch | TaggedOutput[Any, Any]]:
        return self._meter.give(_extracted(documents))


def _extracted(documents: list[Document]) -> Iterator[pa.RecordBatch | TaggedOutput[Any, Any]]:
    batch, rejects = extract_batch(documents)
    if batch.num_rows:
        yield batch
    for reject in rejects:
        yield TaggedOutput("rejects", reject)
