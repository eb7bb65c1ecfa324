"""Commands of the prompt that a dot begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wirecopy.pipelines.terminal.results import FORMATS

MODES = tuple(form for form in FORMATS if form != "parquet")


class Wrong(ValueError):
    """A command that is not known, or cannot do what is asked; the message says what can."""


@dataclass
class Settings:
    """How answers are shown.

    Attributes:
        form: one of MODES.
        timed: say how long each took.
    """

    form: str
    timed: bool = True


def _tables(argument: str, settings: Settings) -> str:
    return "SELECT name, arguments, meaning FROM about WHERE name ILIKE " + _like(argument)


def _schema(argument: str, settings: Settings) -> str:
    if not argument:
        return (
            "SELECT table_name AS name, string_agg(column_name, ', ' ORDER BY column_index) AS columns"
            " FROM duckdb_columns() WHERE NOT internal GROUP BY ALL ORDER BY ALL"
        )
    return (
        "SELECT column_name AS name, data_type AS type, comment AS meaning FROM duckdb_columns()"
        f" WHERE NOT internal AND table_name ILIKE {_literal(argument)} ORDER BY column_index"
    )


def _mode(argument: str, settings: Settings) -> str:
    if argument not in MODES:
        raise Wrong(f".mode takes one of {', '.join(MODES)}; it is {settings.form}")
    settings.form = argument
    return ""


def _timer(argument: str, settings: Settings) -> str:
    if argument not in ("on", "off"):
        raise Wrong(f".timer takes on or off; it is {'on' if settings.timed else 'off'}")
    settings.timed = argument == "on"
    return ""


def _help(argument: str, settings: Settings) -> str:
    rows = ", ".join(f"({_literal(dot)}, {_literal(meaning)})" for dot, (meaning, _) in DOTS.items())
    return f"SELECT command, meaning FROM (VALUES {rows}) AS t(command, meaning)"


DOTS: dict[str, tuple[str, Callable[[str, Settings], str]]] = {
    ".tables": ("list views and macros, with their arguments; .tables out% those whose name fits", _tables),
    ".schema": ("list the columns of all views; .schema stories those of one, with types", _schema),
    ".mode": (f"show answers as {', '.join(MODES)}", _mode),
    ".timer": ("on or off: say how long each answer took", _timer),
    ".help": ("this list", _help),
}
"""What each command does, and what gives the SQL that answers it; an empty text where it answers nothing."""


def statement(line: str, settings: Settings) -> str:
    """Return the SQL that answers a command, after doing what it asks. Raises Wrong."""
    name, _, argument = line.strip().rstrip(";").partition(" ")
    if name not in DOTS:
        raise Wrong(f"there is no command {name}: .help lists them")
    return DOTS[name][1](argument.strip(), settings)


def _like(pattern: str) -> str:
    return _literal(pattern or "%")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
