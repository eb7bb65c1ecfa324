"""Sealing as a step of a Beam pipeline: units of input, in parallel, into folders that a commit takes."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import PCollection

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.elements import Reject, Sealed, Unit
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.machine import cores
from wirecopy.transforms.metering import Meter
from wirecopy.transforms.sealing.pools import seal_within_limits
from wirecopy.transforms.sealing.seal import learned, seal_rejects

SEALED_BYTES = 8 << 20
"""Bytes of units that are sealed together, for each worker process: small files share a folder."""

SEALED_REJECTS = 10_000

_COMMITTING = "wirecopy.transforms.commit.wave"
"""What takes its time to import and is not needed before something is sealed: it is imported beside sealing."""

_FILE_COST = 4096
_PAGE = 8
"""An HTML file has at least so many times the bytes of its article's text; thirty times as many are usual."""


def weight(unit: Unit) -> int:
    """Return the bytes that a unit counts for where units are grouped."""
    return _FILE_COST + unit.size // (_PAGE if unit.reader == "html" else 1)


@dataclass
class SealUnits(beam.PTransform[PCollection[Unit], PCollection[Sealed]]):
    """Read, extract and fingerprint units, in parallel, into folders under the run's staging folder.

    Takes a PCollection of `Unit`, gives a PCollection of `Sealed`: a path and counts, never text. With worker
    processes a record that takes too long or too much memory is cut off; with none all is done in the caller's. What is
    sealed lies under the staging folder, which must be on a disk that the committing worker shares, until it is
    committed. Counts `in` (units), `out` (folders), `bytes` and `msec` in the namespace `seal`.

    Attributes:
        staging: the run's folder, `_staging/<run id>` of the lake.
        workers: worker processes that extract; where it is None, one for each core of the machine that seals.
    """

    staging: Path
    workers: int | None = 0

    def expand(self, units: PCollection[Unit]) -> PCollection[Sealed]:
        """Wire the transform."""
        group = SEALED_BYTES * max(1, 4 * (1 if self.workers is None else self.workers))
        return (
            units
            | "GroupSmallUnits"
            >> beam.BatchElements(
                min_batch_size=group,
                max_batch_size=group,
                element_size_fn=weight,
            )
            | "Seal" >> beam.ParDo(_Seal(self.staging, self.workers)).with_output_types(Sealed)
        )


@dataclass
class SealRejects(beam.PTransform[PCollection[Reject], PCollection[Sealed]]):
    """Seal files that planning found no reader for, so that they are reported with what their wave commits.

    Takes a PCollection of `Reject`, gives a PCollection of `Sealed`.
    """

    staging: Path

    def expand(self, rejects: PCollection[Reject]) -> PCollection[Sealed]:
        """Wire the transform."""
        return (
            rejects
            | "GroupRejects" >> beam.BatchElements(min_batch_size=SEALED_REJECTS, max_batch_size=SEALED_REJECTS)
            | "Seal" >> beam.Map(seal_rejects, self.staging).with_output_types(Sealed)
        )


class Staged(beam.DoFn):
    """A step that holds the run's folder, so that nobody sweeps it away under a worker."""

    def __init__(self, staging: Path):
        self._staging = staging

    def setup(self) -> None:
        """Take hold of the folder."""
        self._held = ExitStack()
        self._held.enter_context(join(self._staging))

    def teardown(self) -> None:
        """Let go of the folder."""
        self._held.close()


class _Seal(Staged):
    def __init__(self, staging: Path, workers: int | None):
        super().__init__(staging)
        self._workers = workers
        self._meter = Meter("seal")

    def setup(self) -> None:
        super().setup()
        self._furniture = learned(self._staging.parent.parent)
        threading.Thread(target=importlib.import_module, args=(_COMMITTING,), daemon=True).start()

    def process(self, units: Sequence[Unit]) -> Iterator[Sealed]:
        """Yield what some units are sealed into."""
        self._meter.take(list(units))
        yield from self._meter.give(self._sealed(units))

    def _sealed(self, units: Sequence[Unit]) -> Iterator[Sealed]:
        count = cores() if self._workers is None else self._workers
        sealed = seal_within_limits(units, self._staging, self._furniture, count)
        for _, error in sealed.failed:
            logging.getLogger("wirecopy").warning("cannot be read now, stays open: %s", error)
        yield sealed
