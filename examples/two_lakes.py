"""Take the same units of input into two lakes in one pipeline, each with its own commits.

    python examples/two_lakes.py archive/ public/lake internal/lake

The units may as well come from a source that never ends, such as the spool of a monitor watched by an engine: the
composition is the same, and each lake then commits every few seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path

import apache_beam as beam

from wirecopy.beam import CommitWaves, PlanUnits, SealUnits, WaveOptions, new_run


def ingest_into(lakes: list[str], paths: list[str]) -> None:
    """Read the files that paths name once, and take them into every lake."""
    with beam.Pipeline("FnApiRunner") as pipeline:
        planned = pipeline | "Paths" >> beam.Create(paths) | "Plan" >> PlanUnits()
        for name in lakes:
            options = WaveOptions(Path(name), new_run("example"))
            sealed = planned.units | f"Seal for {name}" >> SealUnits(options.staging)
            _ = sealed | f"Commit to {name}" >> CommitWaves(options.lake, options.staging, options.run, options.every_s)


if __name__ == "__main__":
    ingest_into(sys.argv[2:], [sys.argv[1]])
