"""Reading as steps of a Beam pipeline: paths become units, units become documents and rejects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import DoOutputsTuple, PCollection, TaggedOutput

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.metering import Metered
from wirecopy.transforms.read import Unreadable, plan, read


@dataclass
class PlanUnits(beam.PTransform[PCollection[str], DoOutputsTuple]):
    """Cut the files that paths name into units of input.

    Takes a PCollection of `str`: files, folders, globs and remote addresses. Returns two: `units`, of `Unit`, and
    `rejects`, of `Reject`, files that no reader takes. A unit's id is made of its content, so the same bytes are the
    same unit wherever they lie; nothing is kept on disk. Raises NoInput for a path that names nothing and OSError for
    a file that cannot be read now. Counts `in`, `out`, `rejects`, `bytes` and `msec` in the namespace `plan`.

    Attributes:
        mapping: the user's own of records, see `transforms.read.fields.mapping.told`; empty where all is guessed.
    """

    mapping: str = ""

    def expand(self, paths: PCollection[str]) -> DoOutputsTuple:
        """Wire the step."""
        outputs: DoOutputsTuple = paths | "Plan" >> beam.ParDo(Metered("plan", self._plan)).with_output_types(
            Unit
        ).with_outputs("rejects", main="units")
        return outputs

    def _plan(self, path: str) -> Iterator[Unit | TaggedOutput[Any, Any]]:
        for item in plan([path], self.mapping):
            if isinstance(item, Unit):
                yield item
            elif isinstance(item, Reject):
                yield TaggedOutput("rejects", item)
            elif isinstance(item, Unreadable):
                raise OSError(f"{item.path} cannot be read: {item.error}")


@dataclass
class ReadDocuments(beam.PTransform[PCollection[Unit], DoOutputsTuple]):
    """Read units.

    Takes a PCollection of `Unit`, as `PlanUnits` makes them. Returns two: `documents`, of `Document`, and `rejects`, of
    `Reject`. Nothing is kept on disk, and no file is read but those that the units name. An I/O error fails the bundle,
    which the runner then tries again. Counts `in`, `out`, `rejects`, `bytes` and `msec` in the namespace `read`.
    """

    def expand(self, units: PCollection[Unit]) -> DoOutputsTuple:
        """Wire the step."""
        outputs: DoOutputsTuple = units | "Read" >> beam.ParDo(Metered("read", _read)).with_outputs(
            "rejects", main="documents"
        )
        return outputs


def _read(unit: Unit) -> Iterator[Document | TaggedOutput[Any, Any]]:
    for element in read(unit):
        if isinstance(element, Reject):
            yield TaggedOutput("rejects", element)
        elif not isinstance(element, Row):
            yield element
