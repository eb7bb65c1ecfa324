"""The step that reads: units in, documents and rejects out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import DoOutputsTuple, PCollection, TaggedOutput

import wirecopy.schemas.coders  # noqa: F401
from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read import read


class _Read(beam.DoFn):
    def __init__(self) -> None:
        self._units = Metrics.counter("read", "units")
        self._bytes = Metrics.counter("read", "bytes")
        self._documents = Metrics.counter("read", "documents")
        self._rejects = Metrics.counter("read", "rejects")
        self._msec = Metrics.counter("read", "msec")

    def process(self, unit: Unit) -> Iterator[Document | TaggedOutput[Any, Any]]:
        self._units.inc()
        self._bytes.inc(max(unit.size, 0))
        elements = read(unit)
        spent = 0.0
        while True:
            begun = time.perf_counter()
            element = next(elements, None)
            spent += time.perf_counter() - begun
            if element is None:
                break
            if isinstance(element, Reject):
                self._rejects.inc()
                yield TaggedOutput("rejects", element)
            elif not isinstance(element, Row):
                self._documents.inc()
                yield element
        self._msec.inc(round(spent * 1000))


@dataclass
class ReadDocuments(beam.PTransform[PCollection[Unit], DoOutputsTuple]):
    """Reads units.

    Takes a PCollection of `Unit`, as `transforms.read.plan` makes them. Returns two: `documents`, of `Document`, and
    `rejects`, of `Reject`. An I/O error fails the bundle, which the runner then tries again. Counts units, bytes,
    documents, rejects and milliseconds in the metrics namespace `read`.
    """

    def expand(self, units: PCollection[Unit]) -> DoOutputsTuple:
        """Wire the step."""
        outputs: DoOutputsTuple = units | "Read" >> beam.ParDo(_Read()).with_outputs("rejects", main="documents")
        return outputs
