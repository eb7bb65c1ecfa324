"""Feeds watched by a job on an engine: polled, fetched, sealed and committed for as long as the job lives."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.runners.runner import PipelineState

from wirecopy.pipelines import monitor
from wirecopy.pipelines.engines import flink
from wirecopy.pipelines.engines.arguments import FLINK, Engine, name_of
from wirecopy.pipelines.engines.submit import pipeline_on, submitted
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.schemas.elements import Committed
from wirecopy.transforms.fetch.spread.asking import Manners
from wirecopy.transforms.fetch.spread.transform import FetchPages, PollFeeds
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.staging import sweep

LOOK_S = 1.0
START_S = 300.0


def build(
    pipeline: beam.Pipeline, options: WaveOptions, manners: Manners, for_s: float | None = None
) -> PCollection[Committed]:
    """Watch the feeds of the lake, and return what each commit took in; end after so many seconds, where given."""
    units = (
        pipeline
        | "PollFeeds" >> PollFeeds(options.lake, manners.every_s, for_s)
        | "FetchPages" >> FetchPages(options.lake, manners)
        | "Spread" >> beam.Reshuffle()
    )
    return monitor.build(units, options)


def watch_options(lake: Path) -> WaveOptions:
    """Return the options of the job over a lake: its run has the same id whenever, and wherever, it is started anew."""
    run_id = blake2b_128(name_of("monitor", str(lake)).encode()).hex()
    return WaveOptions(lake, new_run("monitor")._replace(run_id=run_id), workers=None)


def watch_on(engine: Engine, lake: Path, manners: Manners) -> str:
    """Start the job that watches a lake's feeds and return its name, once it runs.

    Raises LakeError where it runs already, and where the engine cannot be reached or does not run it.
    """
    refuse_second(engine, lake)
    name = name_of("monitor", str(lake))
    sweep(lake)
    pipeline = pipeline_on(engine, name, bounded=False)
    build(pipeline, watch_options(lake), manners)
    job = submitted(pipeline)
    began = time.monotonic()
    while job.state != PipelineState.RUNNING or (engine.runner == FLINK and not flink.running(engine.address, name)):
        if PipelineState.is_terminal(job.state):
            raise LakeError(f"the job {name} ended as {job.state}; run again with --debug to see more")
        if time.monotonic() - began > START_S:
            raise LakeError(f"the job {name} does not run within {START_S:g} s; look at the engine")
        time.sleep(LOOK_S)
    return name


def refuse_second(engine: Engine, lake: Path) -> None:
    """Raise LakeError where a job watches a lake's feeds already, or the engine cannot be reached to tell."""
    if engine.runner == FLINK and (there := flink.running(engine.address, name_of("monitor", str(lake)))):
        raise LakeError(f"job {there[0]} on {engine.address} watches the feeds of {lake} already; cancel it first")


def told(engine: Engine, name: str) -> Sequence[str]:
    """Return what a user is to know of a job that was started."""
    if engine.runner != FLINK:
        return [f"job {name} runs on {engine.runner}"]
    [job_id, *_] = flink.running(engine.address, name)
    return [
        f"job {name} runs on {engine.address} as {job_id}; it goes on when this command has ended",
        f"end it:  curl -X PATCH http://{engine.address}/jobs/{job_id}",
        "what it fetched and did not commit waits in the lake's spool: the same command goes on with it",
    ]
