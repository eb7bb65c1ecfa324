"""SQL on a lake: the catalog opened read-only, and results in the form that is asked for."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
import json
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import duckdb
from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from transforms.lake.catalog import NAME
from transforms.lake.files import LakeError

FORMATS = ("table", "csv", "json", "markdown", "parquet")
TABLE_ROWS = 200
"""Rows that the formats for people show; the others give all."""

_FETCH = 1024


def connect(lake: Path) -> duckdb.DuckDBPyConnection:
    """Open a lake's catalog read-only. Raises LakeError where there is none."""
    catalog = lake / NAME
    if not catalog.exists():
        raise LakeError(
            f"there is no lake at {lake} ({NAME} is missing): make one with `wirecopy ingest PATH --lake {lake}`"
        )
    settings: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    con = duckdb.connect(str(catalog), read_only=True, config=settings)
    con.execute("SET VARIABLE lake = ?", [str(lake.resolve())])
    con.execute("SET TimeZone = 'UTC'")
    return con


def run(con: duckdb.DuckDBPyConnection, query: str, form: str, out: TextIO, binary: BinaryIO) -> None:
    """Run SQL and write the last statement's result in one of FORMATS; nothing where it has none.

    Raises duckdb.Error.
    """
    if form == "parquet":
        _write_parquet(con, query, binary)
        return
    con.execute(query)
    if con.description is None:
        return
    names = [column[0] for column in con.description]
    _WRITERS[form](names, _rows(con), out)


def _rows(con: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while rows := con.fetchmany(_FETCH):
        yield from rows


def _write_table(names: list[str], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    """Write a table where it fits the terminal, else one line a column, so that no value is ever cut off."""
    shown, more = _first(rows)
    cells = [["" if value is None else _text(value) for value in row] for row in shown]
    widths = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    console = Console(file=out, width=None if out.isatty() else max(80, sum(widths) + 3 * len(widths) + 1))
    if sum(widths) + 3 * len(widths) + 1 <= console.width:
        table = Table(*names, header_style="bold")
        for row in cells:
            table.add_row(*map(Text, row))
        console.print(table)
    else:
        label = max(map(len, names))
        for n, row in enumerate(cells, 1):
            console.print(Rule(f"row {n}", align="left", characters="─"))
            for name, cell in zip(names, row, strict=True):
                console.print(Text.assemble((f"{name:>{label}}  ", "bold"), cell), soft_wrap=True)
    count = f"the first {len(shown):,} rows" if more else f"{len(shown):,} row{'' if len(shown) == 1 else 's'}"
    console.print(count, style="dim", highlight=False)


def _write_markdown(names: list[str], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    shown, more = _first(rows)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    for row in shown:
        cells = ("" if value is None else _text(value).replace("|", "\\|").replace("\n", " ") for value in row)
        lines.append("| " + " | ".join(cells) + " |")
    if more:
        lines.append(f"\nThe first {TABLE_ROWS} rows.")
    out.write("\n".join(lines) + "\n")


def _first(rows: Iterator[Sequence[Any]]) -> tuple[list[Sequence[Any]], bool]:
    shown: list[Sequence[Any]] = []
    for row in rows:
        if len(shown) == TABLE_ROWS:
            return shown, True
        shown.append(row)
    return shown, False


def _write_csv(names: list[str], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow("" if value is None else _text(value) for value in row)


def _write_json(names: list[str], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    out.write("[")
    for n, row in enumerate(rows):
        out.write(",\n " if n else "\n ")
        json.dump(dict(zip(names, row, strict=True)), out, ensure_ascii=False, default=_plain)
    out.write("\n]\n")


def _write_parquet(con: duckdb.DuckDBPyConnection, query: str, out: BinaryIO) -> None:
    import pyarrow.parquet as pq

    relation = con.sql(query)
    if relation is not None:
        buffer = io.BytesIO()
        pq.write_table(relation.to_arrow_table(), buffer, compression="zstd")
        out.write(buffer.getvalue())


_WRITERS = {"table": _write_table, "csv": _write_csv, "json": _write_json, "markdown": _write_markdown}


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID | dt.timedelta):
        return str(value)
    return repr(value)


def prompt(con: duckdb.DuckDBPyConnection, form: str) -> None:
    """Read statements from the terminal, each ended by a semicolon, and answer them until the input ends."""
    print("SQL on the lake; end a statement with ; and leave with Ctrl-D. Try: SHOW TABLES;", file=sys.stderr)
    pending = ""
    while True:
        try:
            line = input("......> " if pending else "wirecopy> ")
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            pending = ""
            print()
            continue
        pending = f"{pending}\n{line}" if pending else line
        if pending.rstrip().endswith(";"):
            try:
                run(con, pending, form, sys.stdout, sys.stdout.buffer)
            except duckdb.Error as error:
                print(error, file=sys.stderr)
            pending = ""
        elif not pending.strip():
            pending = ""
