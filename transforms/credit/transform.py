"""Credits, citations and quotes as a step of a Beam pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import PCollection

import wirecopy.schemas.coders  # noqa: F401
from wirecopy.transforms.credit.columns import attribute_batch
from wirecopy.transforms.metering import Metered


@dataclass
class CreditArticles(beam.PTransform[PCollection[pa.RecordBatch], PCollection[pa.RecordBatch]]):
    """Make the columns dateline, agency, credits, cited and quotes of article batches again.

    For articles of one's own, which `ExtractArticles` did not make. Takes and gives a PCollection of `pa.RecordBatch`
    with the schema ARTICLE_BATCH; row order is kept. A batch with another schema raises ValueError. Nothing is kept on
    disk. Counts `in`, `out`, `bytes` and `msec` in the namespace `credit`.
    """

    def expand(self, articles: PCollection[pa.RecordBatch]) -> PCollection[pa.RecordBatch]:
        """Wire the step."""
        return articles | "Attribute" >> beam.ParDo(Metered("credit", _attribute)).with_output_types(pa.RecordBatch)


def _attribute(articles: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    yield attribute_batch(articles)
