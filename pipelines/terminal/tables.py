"""Results for people: a table cut to the terminal, one line a column, or Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from wirecopy.pipelines.terminal.shown import shown, shown_lines
from wirecopy.pipelines.terminal.values import Column, texts

TABLE_ROWS = 200
"""Rows that the formats for people show; the others give all."""


_LEAST = 8
"""Characters of a column's name that stay."""
_READABLE = 20
"""Characters of a value that stay; columns that have no room for so many are left out."""


def write_table(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    """Write a table; on a terminal that is too narrow its columns are cut, and that is said."""
    first, more = _first(rows)
    names = [shown(column.name) for column in columns]
    cells = [list(map(shown_lines, row)) for row in texts(columns, first)]
    widths = [max(_width(cell) for cell in column) for column in zip(names, *cells, strict=True)]
    contents = [max([0, *map(_width, column)]) for column in zip(*cells, strict=True)] or [0] * len(names)
    needed = _table_width(widths)
    console = Console(file=out, width=None if out.isatty() else max(80, needed), highlight=False, markup=False)
    fitting = widths if needed <= console.width else _cut(widths, contents, console.width)
    table = Table(header_style="bold")
    for name, column, width, whole in zip(names, columns, fitting, widths, strict=False):
        side: Literal["left", "right"] = "right" if column.is_number else "left"
        if width == whole:
            table.add_column(Text(name), justify=side)
        else:
            table.add_column(Text(_shortened(name, width)), justify=side, width=width, no_wrap=True)
    for row in cells:
        table.add_row(*(Text(_shortened(cell, width)) for cell, width in zip(row, fitting, strict=False)))
    console.print(table)
    told = _counted(first, more)
    if fitting != widths:
        left_out = len(widths) - len(fitting)
        told += "; columns are cut to the terminal"
        told += f" and {left_out:,} left out" if left_out else ""
        told += ": --format lines, or .mode lines at the prompt, shows all"
    console.print(told, style="dim", soft_wrap=True)


def write_lines(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    """Write one line a column, or several, so that no value is ever cut off."""
    first, more = _first(rows)
    names = [shown(column.name) for column in columns]
    console = Console(file=out, width=None if out.isatty() else 80, highlight=False, markup=False)
    label = max(map(cell_len, names))
    width = console.width - label - 2 if out.isatty() else 0
    for n, row in enumerate(texts(columns, first), 1):
        console.print(Rule(f"row {n}", align="left", characters="─"))
        for name, cell in zip(names, map(shown_lines, row), strict=True):
            head = " " * (label - cell_len(name)) + name
            for line in _wrapped(cell, width):
                console.print(Text.assemble((head, "bold"), "  ", line), soft_wrap=True)
                head = " " * label
    console.print(_counted(first, more), style="dim")


def _counted(first: Sequence[Any], more: bool) -> str:
    return f"the first {len(first):,} rows" if more else f"{len(first):,} row{'' if len(first) == 1 else 's'}"


def _table_width(widths: Sequence[int]) -> int:
    return sum(widths) + 3 * len(widths) + 1


def _cut(widths: Sequence[int], contents: Sequence[int], room: int) -> list[int]:
    """Return widths of the first columns at which a table fits.

    As many columns stay as have room for a name in short and READABLE characters of each value; what room is left goes
    to those that need more, to the narrowest first.

    Args:
        widths: of the columns, their names included.
        contents: of the values alone.
        room: characters of a line.
    """
    least = [min(width, max(_LEAST, min(content, _READABLE))) for width, content in zip(widths, contents, strict=True)]
    kept = max((n for n in range(1, len(least) + 1) if _table_width(least[:n]) <= room), default=1)
    fitting = least[:kept]
    left = room - _table_width(fitting)
    for n in sorted(range(kept), key=lambda n: widths[n] - fitting[n]):
        more = min(left, widths[n] - fitting[n])
        fitting[n], left = fitting[n] + more, left - more
    return fitting


def _shortened(cell: str, width: int) -> str:
    """Return a cell on lines no wider than a column; what is cut off is told by an ellipsis."""
    if _width(cell) <= width:
        return cell
    line = cell.split("\n")[0]
    return set_cell_size(line, width - 1).rstrip() + "…"


def _width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _wrapped(cell: str, width: int) -> list[str]:
    """Return the lines of a cell, broken between words where they are wider; ids and addresses stay whole."""
    lines = cell.split("\n")
    if width < 20:
        return lines
    return [
        piece
        for line in lines
        for piece in (
            textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) if len(line) > width else [line]
        )
    ]


def write_markdown(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    """Write a table in Markdown."""
    first, more = _first(rows)
    lines = [
        "| " + " | ".join(_marked(column.name) for column in columns) + " |",
        "|" + "".join(" ---: |" if column.is_number else " --- |" for column in columns),
        *("| " + " | ".join(map(_marked, row)) + " |" for row in texts(columns, first)),
    ]
    if more:
        lines.append(f"\nThe first {TABLE_ROWS} rows.")
    out.write("\n".join(lines) + "\n")


def _marked(text: str) -> str:
    r"""Return text that Markdown shows as it is: `|`, `*`, `<` and the like behind a backslash, line ends as <br>."""
    text = re.sub(r"[\\`*\[\]<>&~|]|(?<!\w)_|_(?!\w)", r"\\\g<0>", text)
    return "<br>".join(map(shown, text.replace("\r\n", "\n").split("\n")))


def _first(rows: Iterator[Sequence[Any]]) -> tuple[list[Sequence[Any]], bool]:
    first = list(islice(rows, TABLE_ROWS + 1))
    return first[:TABLE_ROWS], len(first) > TABLE_ROWS
