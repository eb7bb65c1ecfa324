"""The commands `wirecopy trace` and `wirecopy diff`."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.tracing import diffing, tracing
from wirecopy.pipelines.tracing.diffing import Compared, Side, compared
from wirecopy.pipelines.tracing.inputs import read_input
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.tracing.results import Trace
from wirecopy.transforms.tracing.trace import article_of, trace_document, trace_id

PIPED_WIDTH = 100
"""Cells of a line where the output is no terminal and COLUMNS is not set."""


def form(as_json: bool, as_html: bool) -> str:
    """Return in which form to write. Raises typer.BadParameter."""
    if as_json and as_html:
        raise typer.BadParameter("give --json or --html, not both", param_hint="--html")
    return "json" if as_json else "html" if as_html else "terminal"


def console() -> Console:
    """Return a console on standard output, as wide as the terminal."""
    wide = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else PIPED_WIDTH
    return Console(file=sys.stdout, width=wide, highlight=False, markup=False, emoji=False)


def trace(named: str, lake: Path, written: str, cidrs: Sequence[str], contact: str) -> None:
    """Write where a text comes from. Raises typer.BadParameter, LakeError and OSError."""
    found = traced(named, lake, cidrs, contact)
    if written == "json":
        print(tracing.as_json(found))
    elif written == "html":
        sys.stdout.write(tracing.as_page(found))
    else:
        tracing.show_trace(found, console())


def traced(named: str, lake: Path, cidrs: Sequence[str] = (), contact: str = "") -> Trace:
    """Return the trace of a file, an address, an article or standard input. Raises as `trace` does."""
    asked = read_input(named, cidrs, contact)
    try:
        if asked.document is not None:
            return trace_document(lake, asked.document)
        assert asked.article_id is not None
        return trace_id(lake, asked.article_id)
    except KeyError as error:
        raise LakeError(str(error.args[0])) from None
    except ValueError as error:
        raise LakeError(f"{named}: {error}") from None


_VERSIONS = """
SELECT article_id, version, coalesce(modified_at, first_seen_at, fetched_at, event_at)
FROM articles
WHERE identity = (SELECT identity FROM articles WHERE article_id = ?)
ORDER BY version
"""


def diff(a: str, b: str | None, lake: Path, written: str, cidrs: Sequence[str], contact: str) -> None:
    """Write two texts side by side, or an article's versions. Raises typer.BadParameter, LakeError and OSError."""
    if a == b == "-":
        raise typer.BadParameter("standard input holds one text: name the other", param_hint="B")
    found = versions(a, lake) if b is None else [pair(a, b, lake, cidrs, contact)]
    if written == "json":
        print(diffing.as_json(found))
    elif written == "html":
        sys.stdout.write(diffing.as_page(found))
    else:
        for n, one in enumerate(found):
            if n:
                print()
            diffing.show_diff(one, console())


def pair(a: str, b: str, lake: Path, cidrs: Sequence[str] = (), contact: str = "") -> Compared:
    """Compare two texts, each a file, an address, the id of an article or standard input. Raises as `diff` does."""
    return compared(_side("A", a, lake, cidrs, contact), _side("B", b, lake, cidrs, contact))


def versions(named: str, lake: Path) -> list[Compared]:
    """Compare each version of an article with the one before. Raises as `diff` does."""
    asked = read_input(named).article_id
    if asked is None:
        raise typer.BadParameter("name a second text, or the id of an article to see its versions", param_hint="B")
    with contextlib.closing(open_lake(lake)) as con:
        rows = con.execute(_VERSIONS, [asked]).fetchall()
    if not rows:
        raise LakeError(f"the lake has no article {asked}")
    if len(rows) < 2:
        raise LakeError(f"the lake has one version of the article {asked}: name a second text to compare it with")
    sides = [_of_lake(f"version {version}", one, lake)._replace(at=at) for one, version, at in rows]
    return [compared(before, after) for before, after in itertools.pairwise(sides)]


def _side(called: str, named: str, lake: Path, cidrs: Sequence[str], contact: str) -> Side:
    asked = read_input(named, cidrs, contact)
    if asked.document is None:
        assert asked.article_id is not None
        return _of_lake(called, asked.article_id, lake)
    batch, rejects = extract_batch([asked.document])
    if not batch.num_rows:
        raise LakeError(f"{named}: {rejects[0].reason}: {rejects[0].error}")
    [row] = batch.to_pylist()
    return _made(called, row, None)


def _of_lake(called: str, article_id: uuid.UUID, lake: Path) -> Side:
    snapshot = open_snapshot(lake)
    if not snapshot.number:
        raise LakeError(f"there is no lake at {lake}: an article is named by its id, and --lake says in which lake")
    try:
        [row] = article_of(snapshot, article_id).to_pylist()
    except KeyError as error:
        raise LakeError(str(error.args[0])) from None
    return _made(called, row, str(article_id))


def _made(called: str, row: dict[str, Any], article_id: str | None) -> Side:
    return Side(
        called,
        row["text"],
        row["headline"],
        row["outlet"] or row["outlet_name"],
        row["url"],
        row["language"],
        article_id,
        row["event_at"],
    )
