"""Values of results as text: DuckDB gives each as its own, here it is put into the form that other tools read.

docs/sql.md says what each type looks like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from duckdb.sqltypes import DuckDBPyType

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


def members(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """Return the names and types of what a nested type holds; a union's first is that of its tag."""
    return [(name, held) for name, held in kind.children if isinstance(held, DuckDBPyType)]


def as_text(kind: DuckDBPyType, value: str, depth: int = 0) -> str:
    """Return SQL for a value with every scalar in it as text: lists as lists, structs as structs of c0, c1 and so on.

    A map becomes a list of structs of its key and value, a union a struct of its tag and one field a member.
    """
    if kind.id in ("list", "array"):
        child = members(kind)[0][1]
        return f"list_transform({value}::{child}[], lambda e{depth}: {as_text(child, f'e{depth}', depth + 1)})"
    if kind.id == "map":
        (_, key), (_, held) = members(kind)
        fields = [as_text(key, f"e{depth}.key", depth + 1), as_text(held, f"e{depth}.value", depth + 1)]
        return f"list_transform(map_entries({value}), lambda e{depth}: {_packed(fields)})"
    if kind.id in ("struct", "tuple"):
        fields = [
            as_text(child, f"struct_extract_at({value}, {n})", depth) for n, (_, child) in enumerate(members(kind), 1)
        ]
        return f"CASE WHEN {value} IS NOT NULL THEN {_packed(fields)} END"
    if kind.id == "union":
        fields = [
            as_text(child, f"union_extract({value}, {_literal(name)})", depth) for name, child in members(kind)[1:]
        ]
        return f"CASE WHEN {value} IS NOT NULL THEN {_packed([f'union_tag({value})::VARCHAR', *fields])} END"
    if kind.id == "variant":
        return f"CAST(CAST({value} AS JSON) AS VARCHAR)"
    return f"CAST({value} AS VARCHAR)"


def _packed(fields: list[str]) -> str:
    return "struct_pack(" + ", ".join(f"c{n} := {field}" for n, field in enumerate(fields)) + ")"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def plain(kind: DuckDBPyType) -> Callable[[Any], str]:
    """Return what turns a value, as `as_text` gives it, into the text of a cell."""
    if kind.id in _FLOATS:
        return lambda text: _NOT_FINITE.get(text, text)
    if kind.id == "interval":
        return _iso_interval
    if kind.id.startswith(("timestamp", "time")):
        return _iso_time
    if kind.id in ("list", "array", "map", "struct", "tuple", "union"):
        return json_of(kind)
    return str


def json_of(kind: DuckDBPyType) -> Callable[[Any], str]:
    """Return what turns a value, as `as_text` gives it, into JSON."""
    if kind.id in ("list", "array"):
        member = nullable(json_of(members(kind)[0][1]))
        return lambda items: "[" + ", ".join(map(member, items)) + "]"
    if kind.id == "map":
        key, held = plain(members(kind)[0][1]), nullable(json_of(members(kind)[1][1]))
        return lambda items: "{" + ", ".join(f"{json_string(key(one['c0']))}: {held(one['c1'])}" for one in items) + "}"
    if kind.id in ("struct", "tuple"):
        fields = [(name, f"c{n}", nullable(json_of(child))) for n, (name, child) in enumerate(members(kind))]
        if not any(name for name, _, _ in fields):
            return lambda held: "[" + ", ".join(as_json(held[place]) for _, place, as_json in fields) + "]"
        return lambda held: (
            "{" + ", ".join(f"{json_string(name)}: {as_json(held[place])}" for name, place, as_json in fields) + "}"
        )
    if kind.id == "union":
        of_tag = {name: (f"c{n}", nullable(json_of(child))) for n, (name, child) in enumerate(members(kind)[1:], 1)}

        def tagged(held: dict[str, Any]) -> str:
            place, as_json = of_tag[held["c0"]]
            return f"{{{json_string(held['c0'])}: {as_json(held[place])}}}"

        return tagged
    if kind.id in _FLOATS:
        return lambda text: f'"{_NOT_FINITE[text]}"' if text in _NOT_FINITE else str(text)
    if kind.id in _NUMBERS or kind.id == "boolean":
        return str
    if kind.id == "variant" or str(kind) == "JSON":
        return _raw_json
    as_text = plain(kind)
    return lambda text: json_string(as_text(text))


def nullable(as_json: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return what turns a value that may be null into JSON."""
    return lambda value: "null" if value is None else as_json(value)


def json_string(text: str) -> str:
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
        return json_string(text)
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


def texts(columns: list[Column], rows: Sequence[Sequence[Any]]) -> Iterator[list[str]]:
    """Yield the cells of each row as text; null is an empty one."""
    forms = [plain(column.kind) for column in columns]
    for row in rows:
        yield ["" if value is None else form(value) for form, value in zip(forms, row, strict=True)]
