"""The figures of a report as SVG and PNG, and its tables as CSV, for papers and for other tools."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from wirecopy.pipelines.pages.figures import Figure
from wirecopy.pipelines.pages.svg import alone
from wirecopy.pipelines.report import questions as q
from wirecopy.pipelines.report.page import drawings
from wirecopy.transforms.lake.files import LakeError

_TABLES = {
    "flows": q.FLOWS,
    "network": q.NETWORK,
    "speed": q.SPEED,
    "stories": q.STORIES,
    "passages": q.CHOSEN_PASSAGES,
    "uncredited": q.UNCREDITED,
    "changed": q.CHANGED,
    "outlets": q.OUTLETS_OWN,
    "feeds": q.FEEDS,
    "rejects": q.REJECTED,
}

_ZOOM = 2.5
"""Dots of a PNG to a unit of its SVG: 2,400 for a wide figure, 300 to the inch over 20 cm."""


def png_renderer() -> Any:
    """Return what makes PNG of SVG. Raises LakeError, which says what to install, where it is not there."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise LakeError("PNG needs the package resvg-py: install it with `pip install 'wirecopy[figures]'`") from None
    return svg_to_bytes


def write_figures(con: duckdb.DuckDBPyConnection, facts: dict[str, Any], folder: Path) -> list[str]:
    """Write the figures and tables of a report into a folder, which is made, and return the names of the files.

    Every row that the report is about is in the tables, not only those that its page shows. Raises LakeError where
    PNG cannot be made, OSError where the folder cannot be written to.
    """
    to_png = png_renderer()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, figure in _figures(facts):
        svg = alone(figure.svg, figure.width, figure.height)
        write_whole(folder / f"{name}.svg", svg.encode())
        write_whole(folder / f"{name}.png", bytes(to_png(svg_string=svg, zoom=_ZOOM)))
        written += [f"{name}.svg", f"{name}.png"]
    write_whole(
        folder / "period.csv", _csv(("bucket", "own", "other_outlets", "agency"), (bar[:4] for bar in facts["bars"]))
    )
    for name, query in _TABLES.items():
        result = con.execute(query)
        columns = [column[0] for column in result.description or []]
        kept = [n for n, column in enumerate(columns) if not column.startswith("some")]
        rows = ([row[n] for n in kept] for row in _fetched(result))
        write_whole(folder / f"{name}.csv", _csv([columns[n] for n in kept], rows))
    return [*written, "period.csv", *(f"{name}.csv" for name in _TABLES)]


def _figures(facts: dict[str, Any]) -> Iterator[tuple[str, Figure]]:
    for name, drawn in drawings(facts).items():
        yield name, drawn.wide
    for number, story in enumerate(facts["stories"].rows, 1):
        yield f"story-{number:02}", story["figure"].wide


def _fetched(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(10_000):
        yield from rows


def _csv(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([one.isoformat() if isinstance(one, dt.datetime) else one for one in row])
    return out.getvalue().encode()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its name and rename it there, so that nobody reads half of it. Raises OSError."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
