"""The catalog: what any DuckDB sees, from anywhere, wherever the lake is moved to."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from commands import wirecopy
from lakes import SEEDS, ingest

from wirecopy.schemas.tables import TABLES

ASK = """
import json, sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps([con.execute(sql).fetchall() for sql in sys.argv[2:]], default=str))
"""
QUESTIONS = [
    "SELECT count(*), count(DISTINCT outlet) FROM articles",
    "SELECT relation, score FROM pairs",
    "SELECT article_id::VARCHAR, n_words FROM articles ORDER BY 1",
    "SELECT cluster_id::VARCHAR, role FROM members ORDER BY ALL",
    "SELECT count(*) FROM about",
]


def interpreters():
    other = os.environ.get("WIRECOPY_OTHER_DUCKDB")
    return [
        pytest.param(sys.executable, id="installed"),
        pytest.param(other, id="other", marks=pytest.mark.skipif(not other, reason="WIRECOPY_OTHER_DUCKDB is not set")),
    ]


def ask(python, catalog, *questions, cwd=None):
    command = [python, "-c", ASK, str(catalog), *questions]
    return json.loads(subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("python", interpreters())
def test_it_answers_the_same_from_any_folder_and_wherever_it_is_moved(lake_copy, tmp_path, python):
    catalog = lake_copy / "catalog.duckdb"
    answers = ask(sys.executable, catalog, *QUESTIONS)
    assert answers[0] == [[5, 1]]
    assert ask(python, catalog, *QUESTIONS, cwd="/") == answers
    assert ask(python, "catalog.duckdb", *QUESTIONS, cwd=lake_copy) == answers
    moved = tmp_path / "mo'ved lake"
    lake_copy.rename(moved)
    assert ask(python, moved / "catalog.duckdb", *QUESTIONS, cwd="/") == answers


@pytest.mark.parametrize("python", interpreters())
def test_a_copy_that_went_its_own_way_answers_for_itself(lake_copy, tmp_path, python):
    other = Path(shutil.copytree(lake_copy, tmp_path / "other"))
    extra = tmp_path / "extra.txt"
    extra.write_text("A sixth story\n\nThe ferry was late again on Friday, passengers said at the pier.\n")
    ingest(other, extra)
    assert ask(python, lake_copy / "catalog.duckdb", QUESTIONS[0])[0][0][0] == 5
    assert ask(python, other / "catalog.duckdb", QUESTIONS[0])[0][0][0] == 6
    shutil.rmtree(lake_copy)
    assert ask(python, other / "catalog.duckdb", QUESTIONS[0])[0][0][0] == 6


@pytest.mark.parametrize("python", interpreters())
def test_where_the_folder_cannot_be_known_it_fails_and_says_so(lake_copy, python):
    attached = f"""
import duckdb
con = duckdb.connect()
con.execute("ATTACH '{lake_copy}/catalog.duckdb' AS wire (READ_ONLY)")
try:
    con.execute("FROM wire.pairs").fetchall()
except duckdb.Error as error:
    print(error)
con.execute("SET VARIABLE lake = '{lake_copy}'")
print(len(con.execute("FROM wire.pairs").fetchall()))
"""
    said = subprocess.run([python, "-c", attached], capture_output=True, text=True, check=True).stdout
    assert "SET VARIABLE lake" in said
    assert said.splitlines()[-1] == "1"


def test_a_moved_temp_directory_is_named_not_guessed(lake_copy, tmp_path):
    con = duckdb.connect(str(lake_copy / "catalog.duckdb"), read_only=True)
    con.execute(f"SET temp_directory = '{tmp_path}'")
    with pytest.raises(duckdb.Error, match="SET VARIABLE lake"):
        con.execute("FROM pairs").fetchall()
    con.close()


ATTACHED = """
import sys, duckdb
con = duckdb.connect()
con.execute(f"SET temp_directory = '{sys.argv[1]}'")
for name, lake in zip("ab", sys.argv[2:]):
    con.execute(f"ATTACH '{lake}/absolute.duckdb' AS {name} (READ_ONLY)")
print([con.execute(f"SELECT count(*) FROM {name}.articles").fetchone()[0] for name in "ab"])
print(con.execute("SELECT count(*) FROM a.stories").fetchone()[0])
print(con.execute("USE a; FROM copies_of((SELECT article_id FROM articles LIMIT 1))").fetchall() is not None)
"""


@pytest.mark.parametrize("python", interpreters())
def test_two_lakes_are_attached_at_once_whatever_the_temporary_folder_is(lake_copy, tmp_path, python):
    other = Path(shutil.copytree(lake_copy, tmp_path / "o'ther [1] lake"))
    for lake in (lake_copy, other):
        assert wirecopy("catalog", "--lake", str(lake)).stdout.strip() == str(lake / "absolute.duckdb")
    extra = tmp_path / "extra.txt"
    extra.write_text("A sixth story\n\nThe ferry was late again on Friday, passengers said at the pier.\n")
    ingest(other, extra)
    command = [python, "-c", ATTACHED, str(tmp_path), str(lake_copy), str(other).replace("'", "''")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["[5, 6]", "1", "True"]


def test_an_empty_lake_has_nothing_to_show(tmp_path):
    (tmp_path / "lake" / "_commits").mkdir(parents=True)
    shown = wirecopy("catalog", "--lake", str(tmp_path / "lake"))
    assert shown.returncode == 1 and "no commit yet" in shown.stderr


def test_every_table_and_column_is_there_and_says_what_it_means(seed_lake):
    con = duckdb.connect(str(seed_lake / "catalog.duckdb"), read_only=True)
    rows = con.execute("SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal").fetchall()
    con.close()
    comments = {(table, column): comment for table, column, comment in rows}
    for table in TABLES.values():
        for field in table.schema:
            if field.name != "deleted":
                assert comments[table.name, field.name].startswith(field.metadata[b"meaning"].decode())


def test_readers_never_see_half_a_commit(tmp_path):
    """A reader that opens the catalog over and over while commits are made sees whole commits only."""
    lake = tmp_path / "lake"
    ingest(lake, SEEDS[0])
    watch = f"""
import duckdb, select, sys
last, over = 0, False
while not over:
    over = bool(select.select([sys.stdin], [], [], 0)[0])
    con = duckdb.connect("{lake}/catalog.duckdb", read_only=True)
    a, t, c, r = con.execute('''SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM texts),
        (SELECT commit FROM lake_commit), (SELECT sum(articles) FROM runs)''').fetchone()
    con.close()
    assert a == t == c == r, (a, t, c, r)
    if c != last:
        print(c, flush=True)
    last = c
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", watch], **pipes) as reader:
        seen = [reader.stdout.readline()]
        for seed in SEEDS[1:]:
            ingest(lake, seed)
        reader.stdin.close()
        seen += reader.stdout.readlines()
    assert reader.returncode == 0
    assert [seen[0], seen[-1]] == ["1\n", f"{len(SEEDS)}\n"]
