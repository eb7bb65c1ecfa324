"""The options by which a command sends its work to an engine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from wirecopy.pipelines.engines import arguments
from wirecopy.pipelines.engines.arguments import Engine

RunnerOption = Annotated[
    str | None,
    typer.Option(metavar="RUNNER", help="flink, or a runner of Beam's; its options come last, after --."),
]
EngineOption = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Where Flink's REST interface is.")]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def sent(
    runner: str | None, address: str | None, lake: Path, words: Sequence[str], keep: bool = False
) -> tuple[Engine | None, Path, list[str]]:
    """Return what a job is sent to, the lake and what the words name, as a worker elsewhere finds them.

    Without --runner there is no engine, and all stays as it was given. Words that name no paths of a worker's are to
    be kept. Raises typer.BadParameter.
    """
    if runner is None and address is None:
        return None, lake, list(words)
    named, options = arguments.parted(words)
    try:
        if runner is None:
            raise ValueError("it goes with --runner flink")
        engine = arguments.engine(runner, address, options)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--engine" if address is not None else "--runner") from None
    if not named and not keep:
        raise typer.BadParameter("name files, folders or globs before the --", param_hint="PATH")
    return engine, lake.absolute(), named if keep else list(map(_absolute, named))


def taking(engine: Engine | None) -> dict[str, Any]:
    """Return how `run_ingest` takes units in: as it does by itself, or by a job on an engine."""
    if engine is None:
        return {}
    from wirecopy.pipelines.engines.submit import ingest_on

    return {"take": partial(ingest_on, engine)}


def _absolute(path: str) -> str:
    """Return a path that means the same on another machine that has the same storage."""
    return path if _SCHEME.match(path) else str(Path(path).absolute())
