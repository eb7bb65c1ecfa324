"""Units as they come, bounded or not: sealed in parallel, committed every few seconds under one key."""

from __future__ import annotations

import apache_beam as beam

from pipelines.options import WaveOptions
from schemas.elements import Committed, Unit
from transforms.lake.transform import CommitWaves, SealUnits


def build(units: beam.PCollection[Unit], options: WaveOptions) -> beam.PCollection[Committed]:
    """Take units of input into the lake and return what each commit took in.

    The units may be an archive's or those of a spool that never ends. What is already committed is skipped, so an
    engine may deliver a unit any number of times.
    """
    return (
        units
        | "SealUnits" >> SealUnits(options.staging)
        | "CommitWaves" >> CommitWaves(options.lake, options.staging, options.run, options.every_s)
    )
