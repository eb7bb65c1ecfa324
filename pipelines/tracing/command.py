"""The commands `wirecopy trace` and `wirecopy diff`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from wirecopy.pipelines.tracing import tracing
from wirecopy.pipelines.tracing.inputs import read_input
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.tracing.results import Trace
from wirecopy.transforms.tracing.trace import trace_document, trace_id

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
