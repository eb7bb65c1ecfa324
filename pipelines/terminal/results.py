"""Results of queries written out: exactly in CSV, JSON and Parquet, and for people as a table, lines or Markdown.

DuckDB gives each value as its own text, so that no type is narrowed to one of Python's on the way.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import duckdb
from duckdb.sqltypes import DuckDBPyType

from wirecopy.pipelines.terminal.shown import shown_lines
from wirecopy.pipelines.terminal.tables import write_lines, write_markdown, write_table
from wirecopy.pipelines.terminal.values import Column, as_text, json_of, json_string, members, nullable, plain

FORMATS = ("table", "lines", "csv", "json", "jsonl", "markdown", "parquet")

_FETCH = 1024
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What OWASP says a spreadsheet takes for the beginning of a formula."""


def write(
    con: duckdb.DuckDBPyConnection,
    relation: duckdb.DuckDBPyRelation,
    form: str,
    out: TextIO,
    binary: BinaryIO,
    spreadsheet: bool,
    stopped: threading.Event,
) -> None:
    """Write a result in one of FORMATS.

    Args:
        con: the connection that the result comes from.
        relation: the result.
        form: one of FORMATS.
        out: where text goes.
        binary: where Parquet goes.
        spreadsheet: whether cells of CSV that a spreadsheet would run are made text.
        stopped: set from outside to end it.

    Raises:
        duckdb.Error: the query fails, or was stopped.
    """
    columns = [Column(name, kind) for name, kind in zip(relation.columns, relation.types, strict=True)]
    if form == "parquet":
        _write_parquet(con, relation, columns, binary)
        return
    values = [as_text(column.kind, f"#{n}") for n, column in enumerate(columns, 1)]
    rows = _rows(relation.project(", ".join(values)), stopped)
    if form == "csv":
        _write_csv(columns, rows, out, spreadsheet)
    else:
        writers = {"table": write_table, "lines": write_lines, "markdown": write_markdown}
        writers |= {"json": _write_json, "jsonl": _write_jsonl}
        writers[form](columns, rows, out)


def _rows(relation: duckdb.DuckDBPyRelation, stopped: threading.Event) -> Iterator[Sequence[Any]]:
    for batch in relation.to_arrow_reader(_FETCH):
        if stopped.is_set():
            raise duckdb.InterruptException("interrupted")
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_csv(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO, spreadsheet: bool) -> None:
    """Write CSV as RFC 4180 has it, but for line ends of one byte; null is an empty cell, empty text is "".

    On a terminal, what it would take for a command is written out; elsewhere nothing is changed.
    """
    told = shown_lines if out.isatty() else str
    texts = [plain(column.kind) for column in columns]

    def cell(text: str, is_number: bool) -> str:
        if spreadsheet and not is_number:
            text = f"'{text}" if text.startswith(_FORMULA) else text
            return '"' + told(text).replace('"', '""') + '"'
        return _quoted(told(text))

    out.write(",".join(cell(column.name, False) for column in columns) + "\n")
    for row in rows:
        cells = (
            "" if value is None else cell(text(value), column.is_number)
            for column, text, value in zip(columns, texts, row, strict=True)
        )
        out.write(",".join(cells) + "\n")


def _quoted(text: str) -> str:
    special = "," in text or '"' in text or "\n" in text or "\r" in text or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if special or not text else text


def _write_json(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    out.write("[")
    for n, row in enumerate(_objects(columns, rows)):
        out.write((",\n " if n else "\n ") + row)
    out.write("\n]\n")


def _write_jsonl(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    for row in _objects(columns, rows):
        out.write(row + "\n")


def _objects(columns: list[Column], rows: Iterator[Sequence[Any]]) -> Iterator[str]:
    """Yield each row as an object of JSON, on one line."""
    names = [json_string(column.name) for column in columns]
    values = [nullable(json_of(column.kind)) for column in columns]
    for row in rows:
        fields = (f"{name}: {value(held)}" for name, value, held in zip(names, values, row, strict=True))
        yield "{" + ", ".join(fields) + "}"


def _write_parquet(
    con: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation, columns: list[Column], out: BinaryIO
) -> None:
    """Write what DuckDB writes, by way of its folder for temporary files; but integers of 128 bits as decimals."""
    values = [f"CAST(#{n} AS {_stored(column.kind)}) AS {_name(column.name)}" for n, column in enumerate(columns, 1)]
    folder = Path(con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "result.parquet"
    try:
        relation.project(", ".join(values)).write_parquet(str(path), compression="zstd")
        with path.open("rb") as file:
            shutil.copyfileobj(file, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stored(kind: DuckDBPyType) -> str:
    """Return a type as SQL, with integers of 128 bits, which DuckDB would write as floats, as decimals."""
    if kind.id in ("hugeint", "uhugeint"):
        return "DECIMAL(38, 0)"
    if kind.id in ("list", "array"):
        size = kind.children[1][1] if kind.id == "array" else ""
        return f"{_stored(members(kind)[0][1])}[{size}]"
    if kind.id == "map":
        return f"MAP({_stored(members(kind)[0][1])}, {_stored(members(kind)[1][1])})"
    if kind.id == "struct" and all(name for name, _ in members(kind)):
        return "STRUCT(" + ", ".join(f"{_name(name)} {_stored(child)}" for name, child in members(kind)) + ")"
    return str(kind)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
