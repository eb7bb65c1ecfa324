"""What a pipeline needs to know beside its input."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from wirecopy.schemas.elements import Run


@dataclass(frozen=True)
class WaveOptions:
    """Where sealed units and commits go, and how often a stream commits.

    Attributes:
        lake: the lake's folder; on an engine, a folder that all workers share.
        run: what rows and commits are marked with.
        workers: worker processes that extract; none where the input is too small to be worth them or to do harm; where
            it is None, one for each core of the machine that the step runs on.
        every_s: seconds between commits of an unbounded run; a bounded run commits once, at its end.
        early: whether a bounded run commits every so many seconds, too, as one on an engine does.
        again: the units are done already: what they give now takes the place of what they gave before.
    """

    lake: Path
    run: Run
    workers: int | None = 0
    every_s: int = 5
    early: bool = False
    again: bool = False

    @property
    def staging(self) -> Path:
        """The run's folder for what no reader may see yet."""
        return self.lake / "_staging" / self.run.run_id


def new_run(command: str) -> Run:
    """Return a run that starts now."""
    started_at = int(dt.datetime.now(dt.UTC).timestamp() * 1_000_000)
    return Run(uuid.uuid4().hex, command, version("wirecopy"), started_at)
