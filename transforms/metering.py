"""What every step of a pipeline counts, under its name: what it takes, what it gives, and the time between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import TaggedOutput

from wirecopy.schemas.elements import Document, Unit


class Meter:
    """The counters of one step, in the metrics namespace of its name.

    Counters:
        in: elements taken; of a record batch its rows.
        bytes: their size: of a unit the bytes to be read, of a document its characters or bytes, of a batch its memory.
        out: elements given, those of tagged outputs among them; of a record batch its rows.
        msec: milliseconds spent between taking and giving.
        And one for each tag of an output, such as `rejects`.
    """

    def __init__(self, step: str):
        self._step = step
        self._in, self._out, self._bytes, self._msec = (
            Metrics.counter(step, name) for name in ("in", "out", "bytes", "msec")
        )

    def take(self, element: Any) -> None:
        """Count an element that came in."""
        self._in.inc(amount(element))
        self._bytes.inc(size(element))

    def give(self, elements: Iterable[Any]) -> Iterator[Any]:
        """Yield elements, counted, and count the time that making them takes."""
        making = iter(elements)
        spent = 0.0
        while True:
            begun = time.perf_counter()
            element = next(making, None)
            spent += time.perf_counter() - begun
            if element is None:
                break
            if isinstance(element, TaggedOutput):
                Metrics.counter(self._step, element.tag).inc(amount(element.value))
            self._out.inc(amount(element))
            yield element
        self._msec.inc(round(1000 * spent))


def amount(element: Any) -> int:
    """Return what an element counts for: the rows of batches, the members of lists, whatever their key; else one."""
    if isinstance(element, pa.RecordBatch):
        return int(element.num_rows)
    inner = _inner(element)
    return 1 if inner is None else sum(map(amount, inner))


def size(element: Any) -> int:
    """Return an element's size, in bytes or characters; 0 for what has none to speak of."""
    if isinstance(element, pa.RecordBatch):
        return int(element.nbytes)
    if isinstance(element, Unit):
        return max(0, element.size)
    if isinstance(element, Document):
        return len(element.content)
    return sum(map(size, _inner(element) or ()))


def _inner(element: Any) -> Iterable[Any] | None:
    """Return what a tagged, keyed or gathered element holds; None for any other."""
    if isinstance(element, TaggedOutput):
        return [element.value]
    if isinstance(element, dict):
        return element.values()
    if isinstance(element, list):
        return element
    return element[1:] if type(element) is tuple else None


class Metered(beam.DoFn):
    """Applies a function that yields the outputs of one element, and counts with a `Meter`."""

    def __init__(self, step: str, function: Callable[[Any], Iterable[Any]]):
        self._meter = Meter(step)
        self._function = function

    def process(self, element: Any) -> Iterator[Any]:
        """Yield what the function makes of an element."""
        self._meter.take(element)
        yield from self._meter.give(self._function(element))
