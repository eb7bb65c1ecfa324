"""Committing as a step of a Beam pipeline: what is sealed meets under one key and becomes one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms import trigger, window

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.elements import Committed, Run, Sealed
from wirecopy.transforms.metering import Meter
from wirecopy.transforms.sealing.transform import Staged

COMMIT_ARTICLES = 30_000
"""Articles of one commit, unless one folder has more: what matching and indexing them takes must fit memory."""


@dataclass
class CommitWaves(beam.PTransform[PCollection[Sealed], PCollection[Committed]]):
    """Commit what is sealed, pane by pane of one key: all at the end of a bounded run, or every N seconds.

    Takes a PCollection of `Sealed`, gives a PCollection of `Committed`: one a pane, more where it has more articles
    than COMMIT_ARTICLES. A pane that an engine delivers twice commits nothing the second time: the ledger of units
    knows it. All that it keeps is in the lake. Counts `in` (folders), `out` (commits) and `msec` in the namespace
    `commit`.

    Attributes:
        lake: the lake's folder; on an engine, one that all workers share.
        staging: the run's folder in it, the same as that of `SealUnits`.
        run: what rows and commits are marked with.
        every_s: seconds between the panes of an unbounded input.
        early: whether a bounded input has such panes, too, rather than one at its end.
        again: the units are done already, and what they give now takes the place of what they gave before.
    """

    lake: Path
    staging: Path
    run: Run
    every_s: int
    early: bool = False
    again: bool = False

    def expand(self, sealed: PCollection[Sealed]) -> PCollection[Committed]:
        """Wire the transform."""
        if self.early or not sealed.is_bounded:
            sealed = sealed | "EveryFewSeconds" >> beam.WindowInto(
                window.GlobalWindows(),
                trigger=trigger.Repeatedly(trigger.AfterProcessingTime(self.every_s)),
                accumulation_mode=trigger.AccumulationMode.DISCARDING,
            )
        committing = _Commit(self.lake, self.staging, self.run, self.again)
        return (
            sealed
            | "OneKey" >> beam.Map(lambda one: (b"", one)).with_output_types(tuple[bytes, Sealed])
            | "Gather" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(committing).with_output_types(Committed)
        )


class _Commit(Staged):
    def __init__(self, lake: Path, staging: Path, run: Run, again: bool):
        super().__init__(staging)
        self._again = again
        self._lake = lake
        self._run = run
        self._meter = Meter("commit")

    def process(self, keyed: tuple[bytes, Iterable[Sealed]]) -> Iterator[Committed]:
        """Yield the commits of one pane."""
        sealed = list(keyed[1])
        self._meter.take(sealed)
        yield from self._meter.give(self._committed(sealed))

    def _committed(self, pane: list[Sealed]) -> Iterator[Committed]:
        from wirecopy.transforms.commit.wave import commit_wave

        for sealed in _shares(pane):
            yield commit_wave(self._lake, self._staging, self._run, sealed, self._again)


def _shares(sealed: Iterable[Sealed]) -> Iterator[list[Sealed]]:
    """Share sealed folders out among commits, in order."""
    share: list[Sealed] = []
    for one in sealed:
        if share and sum(other.articles for other in share) + one.articles > COMMIT_ARTICLES:
            yield share
            share = []
        share.append(one)
    yield share
