"""Results of queries written out: exactly in CSV, JSON and Parquet, and for people as a table or Markdown.

DuckDB gives each value as its own text, so that no type is narrowed to one of Python's on the way; here that text is
put into the form that other tools read. docs/sql.md says what each type looks like.
"""

from __future__ import annotations

import json
import re
import shutil
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import duckdb
from duckdb.sqltypes import DuckDBPyType
from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from wirecopy.pipelines.terminal.shown import shown, shown_lines

FORMATS = ("table", "csv", "json", "markdown", "parquet")
TABLE_ROWS = 200
"""Rows that the formats for people show; the others give all."""

_FETCH = 1024

_INTEGERS = {f"{sign}{size}int" for sign in ("", "u") for size in ("tiny", "small", "", "big", "huge")} | {
    "integer",
    "uinteger",
    "bignum",
    "varint",
}
_FLOATS = {"float", "double"}
_NUMBERS = _INTEGERS | _FLOATS | {"decimal"}
_NOT_FINITE = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_INTERVAL = re.compile(
    r"(?:(?P<Y>-?\d+) years?)? ?(?:(?P<M>-?\d+) months?)? ?(?:(?P<D>-?\d+) days?)? ?"
    r"(?:(?P<sign>-?)(?P<h>\d+):(?P<m>\d+):(?P<s>\d+(?:\.\d+)?))?"
)
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What OWASP says a spreadsheet takes for the beginning of a formula."""


class Column(NamedTuple):
    """A column of a result.

    Attributes:
        name: as the query has it.
        kind: DuckDB's type.
    """

    name: str
    kind: DuckDBPyType

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind.id in _NUMBERS


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
    values = [_as_text(column.kind, f"#{n}") for n, column in enumerate(columns, 1)]
    rows = _rows(relation.project(", ".join(values)), stopped)
    if form == "csv":
        _write_csv(columns, rows, out, spreadsheet)
    else:
        {"table": _write_table, "json": _write_json, "markdown": _write_markdown}[form](columns, rows, out)


def _rows(relation: duckdb.DuckDBPyRelation, stopped: threading.Event) -> Iterator[Sequence[Any]]:
    for batch in relation.to_arrow_reader(_FETCH):
        if stopped.is_set():
            raise duckdb.InterruptException("interrupted")
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _members(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """Return the names and types of what a nested type holds; a union's first is that of its tag."""
    return [(name, held) for name, held in kind.children if isinstance(held, DuckDBPyType)]


def _as_text(kind: DuckDBPyType, value: str, depth: int = 0) -> str:
    """Return SQL for a value with every scalar in it as text: lists as lists, structs as structs of c0, c1 and so on.

    A map becomes a list of structs of its key and value, a union a struct of its tag and one field a member.
    """
    if kind.id in ("list", "array"):
        child = _members(kind)[0][1]
        return f"list_transform({value}::{child}[], lambda e{depth}: {_as_text(child, f'e{depth}', depth + 1)})"
    if kind.id == "map":
        (_, key), (_, held) = _members(kind)
        fields = [_as_text(key, f"e{depth}.key", depth + 1), _as_text(held, f"e{depth}.value", depth + 1)]
        return f"list_transform(map_entries({value}), lambda e{depth}: {_packed(fields)})"
    if kind.id in ("struct", "tuple"):
        fields = [
            _as_text(child, f"struct_extract_at({value}, {n})", depth) for n, (_, child) in enumerate(_members(kind), 1)
        ]
        return f"CASE WHEN {value} IS NOT NULL THEN {_packed(fields)} END"
    if kind.id == "union":
        fields = [
            _as_text(child, f"union_extract({value}, {_literal(name)})", depth) for name, child in _members(kind)[1:]
        ]
        return f"CASE WHEN {value} IS NOT NULL THEN {_packed([f'union_tag({value})::VARCHAR', *fields])} END"
    if kind.id == "variant":
        return f"CAST(CAST({value} AS JSON) AS VARCHAR)"
    return f"CAST({value} AS VARCHAR)"


def _packed(fields: list[str]) -> str:
    return "struct_pack(" + ", ".join(f"c{n} := {field}" for n, field in enumerate(fields)) + ")"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(kind: DuckDBPyType) -> Callable[[Any], str]:
    """Return what turns a value, as `_as_text` gives it, into the text of a cell."""
    if kind.id in _FLOATS:
        return lambda text: _NOT_FINITE.get(text, text)
    if kind.id == "interval":
        return _iso_interval
    if kind.id.startswith(("timestamp", "time")):
        return _iso_time
    if kind.id in ("list", "array", "map", "struct", "tuple", "union"):
        return _json(kind)
    return str


def _json(kind: DuckDBPyType) -> Callable[[Any], str]:
    """Return what turns a value, as `_as_text` gives it, into JSON."""
    if kind.id in ("list", "array"):
        member = _nullable(_json(_members(kind)[0][1]))
        return lambda items: "[" + ", ".join(map(member, items)) + "]"
    if kind.id == "map":
        key, held = _plain(_members(kind)[0][1]), _nullable(_json(_members(kind)[1][1]))
        return lambda items: "{" + ", ".join(f"{_string(key(one['c0']))}: {held(one['c1'])}" for one in items) + "}"
    if kind.id in ("struct", "tuple"):
        fields = [(name, f"c{n}", _nullable(_json(child))) for n, (name, child) in enumerate(_members(kind))]
        if not any(name for name, _, _ in fields):
            return lambda held: "[" + ", ".join(as_json(held[place]) for _, place, as_json in fields) + "]"
        return lambda held: (
            "{" + ", ".join(f"{_string(name)}: {as_json(held[place])}" for name, place, as_json in fields) + "}"
        )
    if kind.id == "union":
        members = {name: (f"c{n}", _nullable(_json(child))) for n, (name, child) in enumerate(_members(kind)[1:], 1)}

        def tagged(held: dict[str, Any]) -> str:
            place, as_json = members[held["c0"]]
            return f"{{{_string(held['c0'])}: {as_json(held[place])}}}"

        return tagged
    if kind.id in _FLOATS:
        return lambda text: f'"{_NOT_FINITE[text]}"' if text in _NOT_FINITE else str(text)
    if kind.id in _NUMBERS or kind.id == "boolean":
        return str
    if kind.id == "variant" or str(kind) == "JSON":
        return _raw_json
    as_text = _plain(kind)
    return lambda text: _string(as_text(text))


def _nullable(as_json: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "null" if value is None else as_json(value)


def _string(text: str) -> str:
    """Return a JSON string; what a terminal would take for a command is escaped, which means the same."""
    quoted = json.dumps(text, ensure_ascii=False)
    if quoted.isprintable():
        return quoted
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in quoted)


def _raw_json(text: str) -> str:
    """Return JSON as it stands, on one line; what only DuckDB takes for JSON (NaN, a comma too many) as a string."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _string(text)
    text = re.sub(r"[\t\n\r]", " ", text)  # between values: in strings of JSON they are escaped
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _iso_interval(text: str) -> str:
    """Return an interval as ISO 8601 has it, each component with its own sign as PostgreSQL writes them."""
    found = _INTERVAL.fullmatch(text)
    if found is None:
        return text
    date = "".join(f"{int(found[unit])}{unit}" for unit in "YMD" if found[unit])
    parts = []
    if found["h"]:
        seconds = found["s"].rstrip("0").rstrip(".") if "." in found["s"] else found["s"]
        for amount, unit in ((found["h"], "H"), (found["m"], "M"), (seconds, "S")):
            if amount := amount.lstrip("0"):
                amount = f"0{amount}" if amount.startswith(".") else amount
                parts.append(f"{found['sign']}{amount}{unit}")
    time = "".join(parts)
    return f"P{date}T{time}" if time else f"P{date}" if date else "PT0S"


def _iso_time(text: str) -> str:
    """Return a time, or a date and time, as ISO 8601 has it; years before Christ stay as DuckDB writes them."""
    if "(BC)" in text:
        return text
    return re.sub(r"([+-]\d\d)$", r"\1:00", text.replace(" ", "T")) if ":" in text else text


def _write_table(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    """Write a table where it fits the terminal, else one line a column, so that no value is ever cut off."""
    first, more = _first(rows)
    names = [shown(column.name) for column in columns]
    cells = [list(map(shown_lines, row)) for row in _texts(columns, first)]
    widths = [max(_width(cell) for cell in column) for column in zip(names, *cells, strict=True)]
    needed = sum(widths) + 3 * len(widths) + 1
    console = Console(file=out, width=None if out.isatty() else max(80, needed), highlight=False, markup=False)
    if needed <= console.width:
        table = Table(header_style="bold")
        for name, column in zip(names, columns, strict=True):
            table.add_column(Text(name), justify="right" if column.is_number else "left")
        for row in cells:
            table.add_row(*map(Text, row))
        console.print(table)
    else:
        label = max(map(cell_len, names))
        width = console.width - label - 2 if out.isatty() else 0
        for n, row in enumerate(cells, 1):
            console.print(Rule(f"row {n}", align="left", characters="─"))
            for name, cell in zip(names, row, strict=True):
                head = " " * (label - cell_len(name)) + name
                for line in _wrapped(cell, width):
                    console.print(Text.assemble((head, "bold"), "  ", line), soft_wrap=True)
                    head = " " * label
    count = f"the first {len(first):,} rows" if more else f"{len(first):,} row{'' if len(first) == 1 else 's'}"
    console.print(count, style="dim")


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


def _write_markdown(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO) -> None:
    first, more = _first(rows)
    lines = [
        "| " + " | ".join(_marked(column.name) for column in columns) + " |",
        "|" + "".join(" ---: |" if column.is_number else " --- |" for column in columns),
        *("| " + " | ".join(map(_marked, row)) + " |" for row in _texts(columns, first)),
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


def _texts(columns: list[Column], rows: Sequence[Sequence[Any]]) -> Iterator[list[str]]:
    texts = [_plain(column.kind) for column in columns]
    for row in rows:
        yield ["" if value is None else text(value) for text, value in zip(texts, row, strict=True)]


def _write_csv(columns: list[Column], rows: Iterator[Sequence[Any]], out: TextIO, spreadsheet: bool) -> None:
    """Write CSV as RFC 4180 has it, but for line ends of one byte; null is an empty cell, empty text is "".

    On a terminal, what it would take for a command is written out; elsewhere nothing is changed.
    """
    told = shown_lines if out.isatty() else str
    texts = [_plain(column.kind) for column in columns]

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
    names = [_string(column.name) for column in columns]
    values = [_nullable(_json(column.kind)) for column in columns]
    out.write("[")
    for n, row in enumerate(rows):
        fields = (f"{name}: {value(held)}" for name, value, held in zip(names, values, row, strict=True))
        out.write((",\n " if n else "\n ") + "{" + ", ".join(fields) + "}")
    out.write("\n]\n")


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
        return f"{_stored(_members(kind)[0][1])}[{size}]"
    if kind.id == "map":
        return f"MAP({_stored(_members(kind)[0][1])}, {_stored(_members(kind)[1][1])})"
    if kind.id == "struct" and all(name for name, _ in _members(kind)):
        return "STRUCT(" + ", ".join(f"{_name(name)} {_stored(child)}" for name, child in _members(kind)) + ")"
    return str(kind)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
