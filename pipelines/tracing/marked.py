"""Text in which some words are marked, cut into the lines of a column: for terminals, with and without colour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.text import Text

from wirecopy.pipelines.terminal.shown import shown

_PIECE = re.compile(r"\s+|\S+")


class Mark(NamedTuple):
    """How words are marked: what stands before and after them, and a style for terminals that have colour."""

    before: str
    after: str
    style: str


class Piece(NamedTuple):
    """Some text, marked or not."""

    text: str
    mark: Mark | None = None


def lines(pieces: Iterable[Piece], width: int) -> list[Text]:
    """Return text as lines of at most so many cells; line ends of the text are kept, an empty line is one."""
    out = [Text()]
    for word, style in _words(pieces):
        if word == "\n":
            out.append(Text())
        elif word == " ":
            if out[-1].cell_len and out[-1].cell_len < width:
                out[-1].append(" ", style)
        else:
            if out[-1].cell_len and out[-1].cell_len + cell_len(word) > width:
                out.append(Text())
            for n, part in enumerate(chop_cells(word, width) if cell_len(word) > width else [word]):
                if n:
                    out.append(Text())
                out[-1].append(part, style)
    for line in out:
        line.rstrip()
    while len(out) > 1 and not out[-1].plain:
        out.pop()
    return out


def _words(pieces: Iterable[Piece]) -> Iterable[tuple[str, str]]:
    """Yield words, single spaces and line ends with their styles; marks stand at the words that they enclose."""
    for text, mark in pieces:
        found: list[str] = []
        for match in _PIECE.finditer(text):
            token = match[0]
            found += ["\n"] * min(token.count("\n"), 2) or [" "] if token.isspace() else [shown(token)]
        if mark:
            at = [n for n, token in enumerate(found) if token not in (" ", "\n")]
            if at:
                found[at[0]] = mark.before + found[at[0]]
                found[at[-1]] += mark.after
        for token in found:
            yield token, mark.style if mark else ""


def columns(cells: Sequence[Sequence[Text]], widths: Sequence[int]) -> list[list[Text]]:
    """Return cells of lines as rows of lines, each as wide as its column."""
    height = max(map(len, cells))
    rows = []
    for n in range(height):
        row = []
        for cell, width in zip(cells, widths, strict=True):
            line = cell[n].copy() if n < len(cell) else Text()
            line.append(" " * max(0, width - line.cell_len))
            row.append(line)
        rows.append(row)
    return rows
