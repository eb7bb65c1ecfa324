"""Archives into a lake: units in waves, each wave one bounded Beam run and one commit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pvalue import PCollection

from wirecopy.pipelines import monitor
from wirecopy.pipelines.options import WaveOptions
from wirecopy.pipelines.terminal.summary import Progress
from wirecopy.schemas.elements import Committed, Reject, Unit
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.machine import cores
from wirecopy.transforms.sealing.transform import SealRejects, SealUnits, weight

RUNNER = "FnApiRunner"
WAVE_BYTES = 64 << 20
CRAWL_SHARE = 8
"""A wave has so many times more bytes of web archives, most of which is not text."""
WAVE_UNITS = 20_000
WAVES = 2
"""So many waves are under way at once: one is extracted by the workers while the one before is matched."""

SMALL_BYTES = 256 << 10
HARMLESS = frozenset({"text", "jsonl"})
"""Readers of whose records so few bytes cannot take long."""


def build(pipeline: beam.Pipeline, wave: Sequence[Unit | Reject], options: WaveOptions) -> PCollection[Committed]:
    """Take one wave into the lake: units, and files that planning rejected."""
    units = [item for item in wave if isinstance(item, Unit)]
    sealed = (
        pipeline
        | "Units" >> beam.Create(units).with_output_types(Unit)
        | "SealUnits" >> SealUnits(options.staging, options.workers)
    )
    if rejects := [item for item in wave if isinstance(item, Reject)]:
        rejected = (
            pipeline
            | "Rejects" >> beam.Create(rejects).with_output_types(Reject)
            | "SealRejects" >> SealRejects(options.staging)
        )
        sealed = (sealed, rejected) | "Sealed" >> beam.Flatten()
    return monitor.commit(sealed, options)


def run_wave(wave: Sequence[Unit | Reject], options: WaveOptions) -> None:
    """Run one wave on Beam's in-process runner, pinned by name.

    `DirectRunner` would switch engines with the shape of the graph and try to download one.
    """
    with beam.Pipeline(RUNNER, options=PipelineOptions([])) as pipeline:
        build(pipeline, wave, options)


def fresh(planned: Iterable[Unit | Reject], done: Container[str], progress: Progress) -> Iterator[Unit | Reject]:
    """Yield what is not done; what comes twice is given once."""
    seen: set[str] = set()
    for item in planned:
        progress.units += 1
        if item.unit_id in done or item.unit_id in seen:
            progress.known += 1
        else:
            seen.add(item.unit_id)
            yield item


def waves(planned: Iterable[Unit | Reject], done: Container[str], progress: Progress) -> Iterator[list[Unit | Reject]]:
    """Group what is not done into waves of about 64 MB, or 512 MB of pages."""
    wave: list[Unit | Reject] = []
    size = 0
    for item in fresh(planned, done, progress):
        wave.append(item)
        if isinstance(item, Unit):
            size += weight(item) // (CRAWL_SHARE if item.reader == "warc" else 1)
        if size >= WAVE_BYTES or len(wave) >= WAVE_UNITS:
            yield wave
            wave, size = [], 0
    if wave:
        yield wave


def ingest(
    planned: Iterable[Unit | Reject], options: WaveOptions, progress: Progress, after_wave: Callable[[], None]
) -> None:
    """Take what is planned into the lake wave by wave, calling back after each commit.

    Memory depends on the wave, never on the archive. Raises LakeError where the lake cannot be used and OSError where
    it cannot be written; what was committed before stays. An interrupt does not wait for the waves that are under way.
    """
    under_way: deque[tuple[Sequence[Unit | Reject], _Wave]] = deque()

    def finish() -> None:
        units, wave = under_way.popleft()
        wave.finish()
        done = open_snapshot(options.lake).units.known(item.unit_id for item in units)
        progress.open += sum(1 for item in units if item.unit_id not in done)
        progress.bytes += sum(item.size for item in units if isinstance(item, Unit))
        after_wave()

    try:
        for wave in waves(planned, open_snapshot(options.lake).units, progress):
            if len(under_way) == WAVES:
                finish()
            progress.sent += len(wave)
            progress.sent_bytes += sum(item.size for item in wave if isinstance(item, Unit))
            under_way.append((wave, _Wave(wave, replace(options, workers=workers_for(wave)))))
        progress.all_planned = True
        while under_way:
            finish()
    except Exception:
        for _, wave_under_way in under_way:
            wave_under_way.join()
        raise


class _Wave(threading.Thread):
    """Runs a wave. A daemon, so that an interrupt need not wait for it; whoever ends well joins it before."""

    def __init__(self, wave: Sequence[Unit | Reject], options: WaveOptions):
        super().__init__(name="wave", daemon=True)
        self._wave = wave
        self._options = options
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            run_wave(self._wave, self._options)
        except BaseException as error:
            self._error = error

    def finish(self) -> None:
        """Wait for the wave. Raises what it raised."""
        self.join()
        if self._error is not None:
            raise self._error


def workers_for(wave: Sequence[Unit | Reject]) -> int:
    """Return how many worker processes extract a wave: none where it is small and can do no harm."""
    units = [item for item in wave if isinstance(item, Unit)]
    small = sum(unit.size for unit in units) < SMALL_BYTES and all(unit.reader in HARMLESS for unit in units)
    return 0 if small else cores()
