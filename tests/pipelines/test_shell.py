"""The prompt of `wirecopy sql`, on a terminal as its user has it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from terminals import Terminal

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.shell.completion import LakeCompleter
from wirecopy.pipelines.shell.dots import Settings, Wrong, statement

TAB, UP = "\t", "\x1b[A"


@pytest.fixture(scope="module")
def con(seed_lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with contextlib.closing(open_lake(seed_lake)) as con:
        yield con


def completed(con: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    document = Document(text)
    found = LakeCompleter(con).get_completions(document, CompleteEvent())
    return [text[: len(text) + one.start_position] + one.text for one in found]


def test_names_are_completed_where_they_fit(con: duckdb.DuckDBPyConnection) -> None:
    assert "FROM stories" in completed(con, "FROM sto")
    assert "from copies_of(" in completed(con, "from copies_")
    assert completed(con, "SELECT stories.headl") == ["SELECT stories.headline"]
    assert "SELECT n_outlets" in [text.removesuffix(" FROM stories") for text in completed(con, "SELECT n_out")] or (
        completed(con, "FROM stories WHERE n_out") == ["FROM stories WHERE n_outlets"]
    )
    assert "SELECT" in completed(con, "sel")
    assert completed(con, ".sch") == [".schema"]
    assert completed(con, "FROM nothing_of_this_name") == []


def test_commands_answer_with_sql_that_runs(con: duckdb.DuckDBPyConnection) -> None:
    settings = Settings("table")
    for line in (".tables", ".tables out%", ".schema", ".schema stories", ".help", ".schema o'clock"):
        assert con.execute(statement(line, settings)).fetchall() is not None
    names = [name for name, _, _ in con.execute(statement(".tables out%", settings)).fetchall()]
    assert "outlets" in names and all(name.startswith("out") for name in names)
    columns = dict(row[:2] for row in con.execute(statement(".schema stories", settings)).fetchall())
    assert columns["cluster_id"] == "UUID"


def test_settings_are_changed_and_what_is_wrong_says_what_can_be() -> None:
    settings = Settings("table")
    assert statement(".mode csv;", settings) == "" and settings.form == "csv"
    assert statement(".timer off", settings) == "" and not settings.timed
    for line, told in ((".mode parquet", "table, lines, csv"), (".timer", "on or off"), (".dump", ".help")):
        with pytest.raises(Wrong, match=re.escape(told)):
            statement(line, settings)


def test_a_session_with_completion_history_and_an_answer_that_is_timed(seed_lake: Path, tmp_path: Path) -> None:
    environment = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "XDG_STATE_HOME": str(tmp_path)}
    with Terminal("sql", "--lake", seed_lake, "--format", "csv", **environment) as terminal:
        terminal.until("wirecopy>")
        terminal.type("SELECT count(*) AS n\nFROM artic" + TAB + " WHERE")
        terminal.interrupt_until("interrupted")
        terminal.until("wirecopy>")
        terminal.type("SELECT 40 + 2 AS\n")
        terminal.until(r"\.\.\.\.\.\.>")
        terminal.type("answer;\n")
        terminal.until("answer\r\n42\r\n")
        terminal.until(r"\d\.\d{3} s")
        terminal.until("wirecopy>")
        terminal.type(".mode jpeg\n")
        terminal.until("takes one of table")
        terminal.until("wirecopy>")
        terminal.type("\x04")
        terminal.rest()
    history = tmp_path / "wirecopy" / "sql_history"
    assert "+answer;" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0
    with Terminal("sql", "--lake", seed_lake, "--format", "csv", **environment) as terminal:
        terminal.until("wirecopy>")
        terminal.type(UP + UP)
        terminal.until("40")
        terminal.type("\n")
        terminal.until("answer\r\n42\r\n")
        terminal.type("exit\n")
        terminal.rest()
