"""Units as they come, bounded or not: sealed in parallel, committed every few seconds under one key."""

from __future__ import annotations

from apache_beam.pvalue import PCollection

from wirecopy.pipelines.options import WaveOptions
from wirecopy.schemas.elements import Committed, Sealed, Unit
from wirecopy.transforms.commit.transform import CommitWaves
from wirecopy.transforms.sealing.transform import SealUnits


def build(units: PCollection[Unit], options: WaveOptions) -> PCollection[Committed]:
    """Take units of input into the lake and return what each commit took in.

    The units may be an archive's or those of a spool that never ends. What is already committed is skipped, so an
    engine may deliver a unit any number of times.
    """
    sealed = units | "SealUnits" >> SealUnits(options.staging, options.workers)
    return commit(sealed, options)


def commit(sealed: PCollection[Sealed], options: WaveOptions) -> PCollection[Committed]:
    """Commit what is sealed."""
    early, again = options.early, options.again
    commits = CommitWaves(options.lake, options.staging, options.run, options.every_s, early, again)
    return sealed | "CommitWaves" >> commits
