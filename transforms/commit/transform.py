"""The Beam transforms of the lake: units are sealed in parallel, and what is sealed is committed under one key."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms import trigger, window

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.elements import Committed, Reject, Run, Sealed, Unit
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.sealing.pools import lent
from wirecopy.transforms.sealing.seal import extract_here, learned, seal, seal_rejects

SEALED_BYTES = 8 << 20
"""Bytes of units that are sealed together, for each worker process: small files share a folder."""

SEALED_REJECTS = 10_000

COMMIT_ARTICLES = 30_000
"""Articles of one commit, unless one folder has more: what matching and indexing them takes must fit memory."""

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
    processes a record that takes too long or too much memory is cut off; with none all is done in the caller's.
    """

    staging: Path
    workers: int = 0

    def expand(self, units: PCollection[Unit]) -> PCollection[Sealed]:
        """Wire the transform."""
        group = SEALED_BYTES * max(1, 4 * self.workers)
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


@dataclass
class CommitWaves(beam.PTransform[PCollection[Sealed], PCollection[Committed]]):
    """Commit what is sealed, pane by pane of one key: all at the end of a bounded run, or every N seconds.

    Takes a PCollection of `Sealed`, gives a PCollection of `Committed`: one a pane, more where it has more articles
    than COMMIT_ARTICLES. A pane that an engine delivers twice commits nothing the second time: the ledger of units
    knows it.
    """

    lake: Path
    staging: Path
    run: Run
    every_s: int

    def expand(self, sealed: PCollection[Sealed]) -> PCollection[Committed]:
        """Wire the transform."""
        if not sealed.is_bounded:
            sealed = sealed | "EveryFewSeconds" >> beam.WindowInto(
                window.GlobalWindows(),
                trigger=trigger.Repeatedly(trigger.AfterProcessingTime(self.every_s)),
                accumulation_mode=trigger.AccumulationMode.DISCARDING,
            )
        return (
            sealed
            | "OneKey" >> beam.Map(lambda one: (b"", one)).with_output_types(tuple[bytes, Sealed])
            | "Gather" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(_Commit(self.lake, self.staging, self.run)).with_output_types(Committed)
        )


class _Staged(beam.DoFn):
    """Holds the run's folder, so that nobody sweeps it away under a worker."""

    def __init__(self, staging: Path):
        self._staging = staging

    def setup(self) -> None:
        self._held = ExitStack()
        self._held.enter_context(join(self._staging))

    def teardown(self) -> None:
        self._held.close()


class _Seal(_Staged):
    def __init__(self, staging: Path, workers: int):
        super().__init__(staging)
        self._workers = workers

    def setup(self) -> None:
        super().setup()
        self._furniture = learned(self._staging.parent.parent)
        threading.Thread(target=importlib.import_module, args=(_COMMITTING,), daemon=True).start()

    def process(self, units: Sequence[Unit]) -> Iterator[Sealed]:
        if self._workers:
            with lent(self._workers, self._furniture) as workers:
                sealed = seal(units, self._staging, workers.pool.map, workers.reader.portions)
        else:
            sealed = seal(units, self._staging, partial(extract_here, furniture=self._furniture))
        for _, error in sealed.failed:
            logging.getLogger("wirecopy").warning("cannot be read now, stays open: %s", error)
        yield sealed


class _Commit(_Staged):
    def __init__(self, lake: Path, staging: Path, run: Run):
        super().__init__(staging)
        self._lake = lake
        self._run = run

    def process(self, keyed: tuple[bytes, Iterable[Sealed]]) -> Iterator[Committed]:
        from wirecopy.transforms.commit.wave import commit_wave

        for sealed in _shares(keyed[1]):
            yield commit_wave(self._lake, self._staging, self._run, sealed)


def _shares(sealed: Iterable[Sealed]) -> Iterator[list[Sealed]]:
    """Share sealed folders out among commits, in order."""
    share: list[Sealed] = []
    for one in sealed:
        if share and sum(other.articles for other in share) + one.articles > COMMIT_ARTICLES:
            yield share
            share = []
        share.append(one)
    yield share
