"""Polling and fetching as steps of a Beam pipeline that never ends: all that must last is in the lake."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import StrUtf8Coder
from apache_beam.pvalue import PBegin, PCollection
from apache_beam.transforms.periodicsequence import PeriodicImpulse
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec
from apache_beam.utils.timestamp import MAX_TIMESTAMP, Timestamp

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.elements import Unit
from wirecopy.transforms.fetch.known import Known, followed
from wirecopy.transforms.fetch.spool import left_over
from wirecopy.transforms.fetch.spread.asking import Manners, asker
from wirecopy.transforms.fetch.spread.due import Sent, due, packed, unpacked
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.metering import Meter

TICK_S = 2.0
"""Seconds between two looks at the lake."""

LEFT_S = 300.0
"""Seconds after which a spool file that is not committed is taken for left over."""

LOOK_LEFT_S = 60.0

_SECOND = 1_000_000


@dataclass
class PollFeeds(beam.PTransform[PBegin, PCollection[tuple[str, str]]]):
    """Ask the lake every TICK_S seconds which feeds are to be polled, and which pages are still to be had.

    Takes the beginning of a pipeline, gives a PCollection of (share, requests), unbounded unless it ends: what
    `FetchPages` takes. It remembers nothing but what it sent in the last minutes: the lake says what is due. Counts
    `out` in the namespace `poll`.

    Attributes:
        lake: the lake's folder, which all workers share.
        every_s: interval between polls of feeds that have none of their own; adaptive where None.
        for_s: seconds after which it ends; never where None.
    """

    lake: Path
    every_s: int | None = None
    for_s: float | None = None

    def expand(self, begin: PBegin) -> PCollection[tuple[str, str]]:
        """Wire the transform."""
        start = Timestamp.now()
        stop = MAX_TIMESTAMP if self.for_s is None else start + self.for_s
        ticks = begin | "Tick" >> PeriodicImpulse(start, stop, TICK_S)
        ticks.is_bounded = self.for_s is not None
        return ticks | "Due" >> beam.ParDo(_Due(self.lake, self.every_s)).with_output_types(tuple[str, str])


@dataclass
class FetchPages(beam.PTransform[PCollection[tuple[str, str]], PCollection[Unit]]):
    """Poll feeds and fetch pages that are due, politely, and write what came of it to the lake's spool.

    Takes a PCollection of (share, requests) as `PollFeeds` gives it, gives a PCollection of `Unit`: spool files for
    `SealUnits`. All requests to one registrable domain have one share, and a share is one key: whatever the number of
    workers, one of them asks a domain at a time, with the pause that is owed. Pages of a feed that have another share
    stay open in the lake, and come with that share's requests. The engine keeps, for each share, which hosts asked to
    be left alone, and no text. Spool files that a worker wrote before it was killed are found again. Counts `in`, `out`
    and `msec` in the namespace `fetch`.

    Attributes:
        lake: the lake's folder, which all workers share.
        manners: how servers are asked.
    """

    lake: Path
    manners: Manners = field(default_factory=Manners)

    def expand(self, requests: PCollection[tuple[str, str]]) -> PCollection[Unit]:
        """Wire the transform."""
        return requests | "Ask" >> beam.ParDo(_Ask(self.lake, self.manners)).with_output_types(Unit)


_LEFT = "left over"
"""The key by which left over spool files are looked for."""


class _Due(beam.DoFn):
    def __init__(self, lake: Path, every_s: int | None):
        self._lake = lake
        self._every_s = every_s
        self._meter = Meter("poll")

    def setup(self) -> None:
        self._known: Known | None = None
        self._looked = 0.0

    def process(self, tick: Any) -> Iterator[tuple[str, str]]:
        """Yield what is due and was not sent lately."""
        self._meter.take([tick])
        yield from self._meter.give(self._found())

    def _found(self) -> Iterator[tuple[str, str]]:
        now = time.time_ns() // 1000
        self._known = followed(self._known, open_snapshot(self._lake))
        with _sending:
            fresh = _sent.setdefault(self._lake, Sent()).fresh(due(self._known, now, self._every_s), now)
        for number, requests in fresh.items():
            yield str(number), packed(requests)
        if time.monotonic() - self._looked > LOOK_LEFT_S:
            self._looked = time.monotonic()
            yield _LEFT, ""


_sent: dict[Path, Sent] = {}
_sending = threading.Lock()


_HOSTS = beam.DoFn.StateParam(ReadModifyWriteStateSpec("hosts", StrUtf8Coder()))


class _Ask(beam.DoFn):
    def __init__(self, lake: Path, manners: Manners):
        self._lake = lake
        self._manners = manners
        self._meter = Meter("fetch")

    def process(self, keyed: tuple[str, str], hosts: Any = _HOSTS) -> Iterator[Unit]:
        """Yield the spool files that hold what was learned."""
        self._meter.take([keyed])
        yield from self._meter.give(self._asked(*keyed, hosts))

    def _asked(self, key: str, requests: str, hosts: Any) -> Iterator[Unit]:
        if key == _LEFT:
            yield from self._left()
            return
        before = json.loads(hosts.read() or "{}")
        _rest(self._manners.pause_s, before.pop("", 0))
        units, left_alone = asker(self._lake, self._manners).ask(int(key), unpacked(requests), before)
        hosts.write(json.dumps({**left_alone, "": time.time_ns() // 1000}))
        yield from units

    def _left(self) -> Iterator[Unit]:
        """Yield spool files that were written some time ago and are not committed, as after a worker was killed."""
        for unit in left_over(self._lake, open_snapshot(self._lake).units):
            if time.time() - Path(unit.path).stat().st_mtime > LEFT_S:
                yield unit


def _rest(pause_s: float, asked_at: int) -> None:
    """Wait until a pause after a share was last asked is over: it may have been by another worker."""
    left_s = pause_s - (time.time_ns() // 1000 - asked_at) / _SECOND
    if 0 < left_s <= pause_s:
        time.sleep(left_s)
