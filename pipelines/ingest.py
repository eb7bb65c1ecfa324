"""Archives into a lake: units in waves, each wave one bounded Beam run and one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import monitor
from pipelines.options import WaveOptions
from pipelines.summary import Progress
from schemas.elements import Committed, Unit
from transforms.lake.commits import open_snapshot

RUNNER = "FnApiRunner"
WAVE_BYTES = 64 << 20


def build(pipeline: beam.Pipeline, units: Sequence[Unit], options: WaveOptions) -> beam.PCollection[Committed]:
    """Take some units into the lake: one wave of a bounded run."""
    return monitor.build(pipeline | "Units" >> beam.Create(units).with_output_types(Unit), options)


def run_wave(units: Sequence[Unit], options: WaveOptions) -> None:
    """Run one wave on Beam's in-process runner, pinned by name.

    `DirectRunner` would switch engines with the shape of the graph and try to download one.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    with beam.Pipeline(RUNNER, options=PipelineOptions([])) as pipeline:
        build(pipeline, units, options)


def waves(units: Iterable[Unit], done: frozenset[str], progress: Progress) -> Iterator[list[Unit]]:
    """Group the units that are not done into waves of about 64 MB; a unit that comes twice is given once."""
    seen: set[str] = set()
    wave: list[Unit] = []
    size = 0
    for unit in units:
        progress.units += 1
        if unit.unit_id in done or unit.unit_id in seen:
            progress.known += 1
            continue
        seen.add(unit.unit_id)
        wave.append(unit)
        size += unit.size
        if size >= WAVE_BYTES:
            yield wave
            wave, size = [], 0
    if wave:
        yield wave


def ingest(units: Iterable[Unit], options: WaveOptions, progress: Progress, after_wave: Callable[[], None]) -> None:
    """Take units into the lake wave by wave, calling back after each commit.

    Memory depends on the wave, never on the archive. Raises LakeError where the lake cannot be used and OSError where
    it cannot be written; what was committed before stays.
    """
    for wave in waves(units, open_snapshot(options.lake).units, progress):
        progress.sent += len(wave)
        run_wave(wave, options)
        progress.bytes += sum(unit.size for unit in wave)
        after_wave()
