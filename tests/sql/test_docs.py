"""The page of recipes is run, block by block, on the DuckDB that is installed and on one more if there is one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from wirecopy.schemas.sql import statements

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
COUNT = """
import duckdb, json, sys
catalog, script, blocks = json.load(sys.stdin)
made, opened = duckdb.connect(), duckdb.connect(catalog, read_only=True)
made.execute(script)
print(json.dumps([[len(con.execute(block).fetchall()) for block in blocks] for con in (made, opened)]))
"""
RUNNABLE = [block.replace("'/dev/stdout'", "'/dev/null'") for block in BLOCKS]
VIEWS = [f"FROM {name}" for script in statements() for name in re.findall(r"^CREATE VIEW (\w+)", script)]


def count_rows(python: str, catalog: Path) -> list[list[int]]:
    given = json.dumps([str(catalog), catalog.with_suffix(".sql").read_text("utf-8"), RUNNABLE + VIEWS])
    run = subprocess.run([python, "-c", COUNT], input=given, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_every_recipe_answers_something(con: duckdb.DuckDBPyConnection) -> None:
    assert len(RUNNABLE) >= 20
    for block in RUNNABLE:
        for statement in con.extract_statements(block):
            rows = con.execute(statement).fetchall()
            rare = ("FROM furniture", "stock_passages", "FROM corrections")  # nothing of the kind is in the small lake
            recurs = any(name in block for name in rare)
            assert rows or recurs or block.startswith("SET"), block


def test_the_page_tells_of_every_question_macro_and_view(con: duckdb.DuckDBPyConnection) -> None:
    assert len(re.findall(r"^## \d+\. ", PAGE.read_text("utf-8"), re.MULTILINE)) == 15
    asked = "\n".join(BLOCKS)
    names = con.execute("SELECT name FROM about WHERE name NOT IN ('reuse_by_article')").fetchall()
    assert [name for (name,) in names if not re.search(rf"\b{name}\b", asked)] == []


@pytest.mark.skipif("WIRECOPY_OTHER_DUCKDB" not in os.environ, reason="WIRECOPY_OTHER_DUCKDB names no other DuckDB")
def test_another_duckdb_gives_as_many_rows(catalog: Path) -> None:
    assert count_rows(os.environ["WIRECOPY_OTHER_DUCKDB"], catalog) == count_rows(sys.executable, catalog)
