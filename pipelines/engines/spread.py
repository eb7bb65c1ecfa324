"""A bounded run on an engine: the units of an archive spread over its workers, committed as they are ready."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PCollection

from wirecopy.pipelines import monitor
from wirecopy.pipelines.options import WaveOptions
from wirecopy.schemas.coders import TupleCoder
from wirecopy.schemas.elements import Committed, Reject, Sealed, Unit
from wirecopy.transforms.lake.files import write_synced
from wirecopy.transforms.sealing.transform import SealRejects, SealUnits

PLAN = "plan"
"""The folder of a run's plan, in its staging folder."""

SHEET = 1_000
"""Units of one file of the plan: a job names files, so that its size does not grow with the archive."""


class Plan(NamedTuple):
    """What a job is to do.

    Attributes:
        sizes: bytes by the id of each unit, those of rejected files among them.
        units: files of units.
        rejects: files of rejects.
    """

    sizes: dict[str, int]
    units: list[str]
    rejects: list[str]


def write_plan(items: Iterable[Unit | Reject], staging: Path) -> Plan:
    """Write what is planned into the run's folder. Raises OSError."""
    folder = staging / PLAN
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan({}, [], [])
    waiting: dict[type[Unit] | type[Reject], list[bytes]] = {Unit: [], Reject: []}

    def write(kind: type[Unit] | type[Reject]) -> None:
        files = plan.units if kind is Unit else plan.rejects
        if waiting[kind]:
            path = folder / f"{kind.__name__.lower()}s-{len(files):05d}.jsonl"
            write_synced(path, b"\n".join(waiting[kind]))
            files.append(str(path))
            waiting[kind] = []

    for item in items:
        kind = type(item)
        plan.sizes[item.unit_id] = item.size if isinstance(item, Unit) else 0
        waiting[kind].append(TupleCoder(kind).encode(item))
        if len(waiting[kind]) == SHEET:
            write(kind)
    for kind in (Unit, Reject):
        write(kind)
    return plan


def read_units(path: str) -> Iterator[Unit]:
    """Yield the units of a file of the plan. Raises OSError."""
    yield from map(TupleCoder(Unit).decode, _lines(path))


def read_rejects(path: str) -> Iterator[Reject]:
    """Yield the rejects of a file of the plan. Raises OSError."""
    yield from map(TupleCoder(Reject).decode, _lines(path))


def _lines(path: str) -> list[bytes]:
    """Return the lines of a file of the plan, none where it was swept away while no worker of the job lived.

    What it names stays open then, so that the job ends and the next one does it.
    """
    try:
        return Path(path).read_bytes().splitlines()
    except FileNotFoundError:
        logging.getLogger("wirecopy").warning("%s is gone: what it names stays open", path)
        return []


def build(pipeline: beam.Pipeline, plan: Plan, options: WaveOptions) -> PCollection[Committed]:
    """Take what is planned into the lake, and return what each commit took in."""
    sealed: PCollection[Sealed] = (
        pipeline
        | "Plan" >> beam.Create(plan.units, reshuffle=False).with_output_types(str)
        | "ReadPlan" >> beam.FlatMap(read_units).with_output_types(Unit)
        | "Spread" >> beam.Reshuffle()
        | "SealUnits" >> SealUnits(options.staging, options.workers)
    )
    if plan.rejects:
        rejected = (
            pipeline
            | "Rejects" >> beam.Create(plan.rejects, reshuffle=False).with_output_types(str)
            | "ReadRejects" >> beam.FlatMap(read_rejects).with_output_types(Reject)
            | "SealRejects" >> SealRejects(options.staging)
        )
        sealed = (sealed, rejected) | "Sealed" >> beam.Flatten()
    return monitor.commit(sealed, options)
