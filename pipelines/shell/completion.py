"""What the prompt completes: names of the lake as DuckDB lists them, keywords, and commands that a dot begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import duckdb
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from wirecopy.pipelines.shell.dots import DOTS

_WORD = re.compile(r"[\w.]*$")
_AFTER_FROM = re.compile(r"\b(?:from|join|describe|summarize|table)\s+[\w.]*$", re.IGNORECASE)
_NAMES = re.compile(r"\w+")


class LakeCompleter(Completer):
    """Completes SQL over one connection.

    After FROM and JOIN views and macros are offered; after `name.` the columns of that view; elsewhere the columns of
    the views that the statement names, then macros and keywords. A name is offered whatever the case of what is typed.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection):
        columns = con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        self._columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in columns:
            self._columns.setdefault(table, []).append((column, kind))
        self._macros = con.execute(
            "SELECT DISTINCT function_name, array_to_string(parameters, ', ') FROM duckdb_functions()"
            " WHERE NOT internal AND function_type = 'table_macro' ORDER BY ALL"
        ).fetchall()
        self._keywords = [
            (word.upper(), "") for (word,) in con.execute("SELECT keyword_name FROM duckdb_keywords()").fetchall()
        ]

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what the word before the cursor may become."""
        before = document.text_before_cursor
        if before.lstrip().startswith("."):
            yield from _matching(before.lstrip(), [(dot, meaning) for dot, (meaning, _) in DOTS.items()])
            return
        found = _WORD.search(before)
        word = found[0] if found else ""
        if "." in word:
            table, _, word = word.rpartition(".")
            yield from _matching(word, self._columns.get(table.lower(), []))
            return
        views = [(name, "view") for name in self._columns]
        macros = [(f"{name}(", f"{arguments})") for name, arguments in self._macros]
        if _AFTER_FROM.search(before):
            yield from _matching(word, views + macros)
        elif word:
            named = {name.lower() for name in _NAMES.findall(document.text)} & self._columns.keys()
            columns = [column for name in sorted(named) for column in self._columns[name]]
            yield from _matching(word, columns + views + macros + self._keywords)


def _matching(word: str, names: Iterable[tuple[str, str]]) -> Iterator[Completion]:
    seen = set()
    for name, meaning in names:
        if name.lower().startswith(word.lower()) and name not in seen:
            seen.add(name)
            yield Completion(name, -len(word), display_meta=meaning)
