"""The command `report`: from a lake to a file."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.report.facts import gather
from wirecopy.pipelines.report.files import png_renderer, write_figures, write_whole
from wirecopy.pipelines.report.page import html
from wirecopy.pipelines.report.selection import Selection
from wirecopy.transforms.lake.files import LakeError


def day(text: str) -> dt.datetime:
    """Return the instant that a date, or a date and time, names; without a zone it is UTC. Raises ValueError."""
    at = dt.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def write_report(lake: Path, out: Path, selection: Selection, figures: Path | None = None) -> list[str]:
    """Write the report of a lake as a page, and its figures where a folder is named; return lines that say so.

    Raises LakeError where there is no lake, PNG cannot be made or the page has no folder, and duckdb.Error where the
    lake cannot be read.
    """
    if figures is not None:
        png_renderer()
    if not out.parent.is_dir():
        raise LakeError(f"{out.parent} is not a folder: name a file in one that is there with -o")
    with contextlib.closing(open_lake(lake)) as con:
        facts = gather(con, selection)
        page = html(facts, selection, lake, dt.datetime.now(dt.UTC)).encode()
        write_whole(out, page)
        glance = facts["glance"]
        lines = [
            f"{out}: {glance['articles']:,} articles, {glance['taken']:,} with text of another outlet, "
            f"{glance['uncredited']:,} of an agency without credit; {len(page) / 1e6:,.2f} MB"
        ]
        if figures is not None:
            lines.append(f"{figures}: {len(write_figures(con, facts, figures))} files")
    return lines
