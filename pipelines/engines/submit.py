"""A job sent to an engine and watched until it ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineState

from wirecopy.pipelines.engines import flink
from wirecopy.pipelines.engines.arguments import FLINK, Engine, beam_options, is_streaming, name_of
from wirecopy.pipelines.engines.spread import build, write_plan
from wirecopy.pipelines.ingest import fresh
from wirecopy.pipelines.options import WaveOptions
from wirecopy.pipelines.terminal.summary import Progress
from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError

EVERY_S = 15
"""Seconds between commits of a job; one that is large is cut into several of COMMIT_ARTICLES."""

LOOK_S = 1.0

_log = logging.getLogger("wirecopy")


def ingest_on(
    engine: Engine,
    planned: Iterable[Unit | Reject],
    options: WaveOptions,
    progress: Progress,
    after_wave: Callable[[], None],
) -> None:
    """Take what is planned into the lake by one job on an engine, calling back after commits.

    A job over the same lake that is still running is waited for first: what it commits is not done again.

    Raises:
        LakeError: the engine cannot be reached, or the job failed; what it committed stays.
        OSError: the lake cannot be written.
    """
    options = replace(options, workers=None, every_s=EVERY_S, early=is_streaming(engine))
    name = name_of("ingest", str(options.lake))
    pipeline = pipeline_on(engine, name)
    if engine.runner == FLINK:
        _await_others(engine.address, name, after_wave)
    plan = write_plan(fresh(planned, open_snapshot(options.lake).units, progress), options.staging)
    if not plan.sizes:
        return
    progress.sent += len(plan.sizes)
    progress.sent_bytes += sum(plan.sizes.values())
    progress.all_planned = True
    build(pipeline, plan, options)
    job = submitted(pipeline)
    seen = open_snapshot(options.lake).number
    try:
        while not PipelineState.is_terminal(_state(job)):
            time.sleep(LOOK_S)
            snapshot = open_snapshot(options.lake)
            if snapshot.number > seen:
                seen = snapshot.number
                progress.bytes = sum(plan.sizes[unit_id] for unit_id in snapshot.units.known(plan.sizes))
                after_wave()
    except BaseException:
        _cancel(engine, name, job)
        raise
    snapshot = open_snapshot(options.lake)
    done = snapshot.units.known(plan.sizes)
    progress.open += len(plan.sizes) - len(done)
    progress.bytes = sum(plan.sizes[unit_id] for unit_id in done)
    if _state(job) != PipelineState.DONE:
        raise LakeError(
            f"the job {name} ended as {_state(job)} on {engine.address or engine.runner}{_why(job)}; "
            "what was committed stays: run the same command again to go on"
        )
    if snapshot.number > seen:
        after_wave()


def pipeline_on(engine: Engine, name: str, bounded: bool = True) -> beam.Pipeline:
    """Return an empty pipeline that is to run on an engine. Raises LakeError where that cannot be reached."""
    version, slots = "", 0
    if engine.runner == FLINK:
        version, slots = flink.version(engine.address), flink.slots(engine.address)
    return beam.Pipeline(options=PipelineOptions(beam_options(engine, name, version, slots, bounded)))


def submitted(pipeline: beam.Pipeline) -> PipelineResult:
    """Send a pipeline to its engine. Raises LakeError where that, or a job that runs at once, fails."""
    try:
        return pipeline.run()
    except Exception as error:
        raise LakeError(
            f"the engine did not do the job: {_first_line(error)}; what was committed stays: run the same command "
            "again to go on, with --debug to see more"
        ) from error


def _cancel(engine: Engine, name: str, job: PipelineResult) -> None:
    """End a job; Flink itself is asked to, as an interrupt has ended the job server before."""
    with suppress(Exception):
        if engine.runner == FLINK:
            flink.cancel(engine.address, name)
        else:
            job.cancel()


def _state(job: PipelineResult) -> str:
    return str(job.state)


def _why(job: PipelineResult) -> str:
    try:
        job.wait_until_finish()
    except Exception as error:
        return f": {_first_line(error)}"
    return ""


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:500] if lines else type(error).__name__


def _await_others(address: str, name: str, after_wave: Callable[[], None]) -> None:
    told = False
    while running := flink.running(address, name):
        if not told:
            _log.warning("job %s over this lake is still running on %s: it is waited for first", running[0], address)
            told = True
        time.sleep(LOOK_S)
        after_wave()
