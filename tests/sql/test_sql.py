from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from wirecopy.schemas.sql import FILES, statements

PLAIN_VIEWS = tuple(
    "articles texts plain_pairs plain_passages clusters members rejects feeds polls entries runs "
    "search_index search_coverage".split()
)


def ask(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()


def uuid(n: int) -> str:
    return f"00000000-0000-0000-0000-{n:012}"


def test_each_statement_is_one_statement_and_each_file_is_used() -> None:
    assert all(len(duckdb.extract_statements(statement)) == 1 for statement in statements())
    folder = Path(__file__).parents[2] / "schemas" / "sql"
    assert {path.stem for path in folder.glob("*.sql")} == set(FILES)


def test_every_view_and_macro_says_what_it_answers(con: duckdb.DuckDBPyConnection) -> None:
    bare = ask(
        con,
        f"""SELECT view_name FROM duckdb_views()
        WHERE NOT internal AND comment IS NULL AND view_name NOT IN {PLAIN_VIEWS}
        UNION ALL SELECT function_name FROM duckdb_functions() WHERE NOT internal AND comment IS NULL""",
    )
    assert bare == []
    for name, arguments, meaning in ask(con, "SELECT name, arguments, meaning FROM about WHERE arguments <> ''"):
        explained = [argument.strip() for argument in arguments.split(",")]
        assert all(re.search(rf"\b{argument}\b.*:", meaning) for argument in explained), name


def test_copies_of_an_origin_come_by_time_with_lag_and_share(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, f"SELECT outlet, lag, round(share::DOUBLE, 2), role FROM copies_of('{uuid(1)}')")
    assert rows == [
        ("aravot.am", timedelta(days=-11), 0.75, "partial"),
        ("a.com", timedelta(hours=2), 1.0, "verbatim"),
        ("b.com", timedelta(hours=5), 0.8, "verbatim"),
    ]
    assert ask(con, f"SELECT outlet, lag, round(share::DOUBLE, 2), role FROM copies_of('{uuid(1)}'::UUID)") == rows


def test_copies_of_a_copy_name_the_origin_first(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, f"SELECT headline, role, lag FROM copies_of('{uuid(3)}')")
    assert rows[0] == ("Opinion on the responses asked for", "origin", timedelta(0))
    assert len(rows) == 3
    assert ask(con, f"FROM copies_of('{uuid(9)}')") == []


def test_sources_of_an_article_that_took_a_passage(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, f"SELECT source_outlet, source_agency, role, credited FROM sources_of('{uuid(2)}')")
    assert rows == [("TASS", "TASS", "partial", True)]


def test_aligned_words_are_the_same_either_way_round(con: duckdb.DuckDBPyConnection) -> None:
    """The second text begins with an emoji and a combining accent: offsets are code points."""
    ((there, other, source),) = ask(con, f"SELECT a_words, b_words, source FROM aligned('{uuid(1)}', '{uuid(4)}')")
    assert there == other
    assert there.startswith("On December 17") and there.endswith("crucial.")
    assert source == "a"
    assert ask(con, f"SELECT a_words, b_words, source FROM aligned('{uuid(4)}', '{uuid(1)}')") == [(there, there, "b")]


def test_aligned_reads_the_text_of_an_undated_article(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, f"SELECT a_words, b_words FROM aligned('{uuid(8)}', '{uuid(6)}')") == [("harbour", "harbour")]


def test_timeline_counts_outlets_as_they_join(con: duckdb.DuckDBPyConnection) -> None:
    (story,) = ask(con, "SELECT cluster_id FROM stories ORDER BY n_articles DESC LIMIT 1")[0]
    rows = ask(con, f"SELECT outlet, n_articles, n_outlets FROM timeline('{story}')")
    assert rows == [("aravot.am", 1, 1), (None, 2, 1), ("a.com", 3, 2), ("b.com", 4, 3)]


def test_first_movers_are_origins_and_not_the_earliest(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT outlet, stories, reprints, outlets, median_lag FROM first_movers")
    assert rows == [("TASS", 1, 2, 2, timedelta(hours=3.5)), ("c.com", 1, 1, 1, timedelta(days=1))]


def test_agency_matrix(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT outlet, agency, verbatim, partial, credited FROM agency_matrix ORDER BY outlet")
    assert rows == [("a.com", "TASS", 1, 0, 1), ("aravot.am", "TASS", 0, 1, 1), ("b.com", "TASS", 1, 0, 0)]


def test_time_to_reprint_counts_whole_copies_only(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT agency, reprints, median, before_origin, without_lag FROM time_to_reprint")
    assert rows == [("TASS", 2, timedelta(hours=3.5), 0, 0)]


def test_uncredited_copy_is_found_and_credited_copy_is_not(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, "SELECT outlet, source_agency, credited_instead FROM uncredited()") == [("b.com", "TASS", [])]
    assert ask(con, "FROM uncredited(least := 0.9)") == []


def test_outlet_network_names_the_agency_where_its_copy_has_no_outlet(con: duckdb.DuckDBPyConnection) -> None:
    edges = ask(con, "SELECT source_outlet, outlet, copies, partial FROM outlet_network ORDER BY ALL")
    assert edges == [
        ("TASS", "a.com", 1, 0),
        ("TASS", "aravot.am", 0, 1),
        ("TASS", "b.com", 1, 0),
        ("c.com", "a.com", 1, 0),
    ]


def test_outlets_count_a_changed_article_once(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT outlet, articles, original, copied_share > 0.7 FROM outlets WHERE outlet[1] IN ('b', 'c')")
    assert sorted(rows) == [("b.com", 1, 0, True), ("c.com", 1, 1, False)]
    assert ask(con, "SELECT articles, mostly_copied, original FROM churn('b.com')") == [(1, 1, 0)]
    assert ask(con, "FROM churn('nobody.com')") == []


def test_reprinted_passages_join_what_overlaps_and_leave_furniture_out(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT headline, n_articles, n_outlets, src_begin FROM reprinted_passages")
    assert rows == [("Opinion on the responses asked for", 3, 3, 0), ("Harbour reopens", 1, 1, 0)]


def test_changed_after_publication(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT previous_headline, headline, after_first, words_added FROM changed_after_publication")
    assert rows == [("Ministry waits", "Ministry waits no more", timedelta(hours=3), -28)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("HARBOUR reopens", {6, 7}),
        ("senators", {8}),
        ("senator", {8}),
        ("洪水", {9}),
        ("首相", {9}),
        ("harbour dredging nowhere", set()),
        ("it's; DROP", set()),
        ("", set()),
        ("...", set()),
    ],
)
def test_search_finds_articles_with_all_words(con: duckdb.DuckDBPyConnection, query: str, found: set[int]) -> None:
    rows = con.execute("SELECT article_id FROM search(?)", [query]).fetchall()
    assert {article.int for (article,) in rows} == found


def test_search_ranks_the_headline_above_the_text(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT headline, excerpt FROM search('harbour reopens')")
    assert rows[0][0] == "Harbour reopens"
    assert "harbour" in rows[0][1]


def test_search_reads_the_texts_of_articles_without_a_time(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, "SELECT event_at, excerpt FROM search('\"and the harbour\"')") == [
        (None, "Senators and the harbour, in brief.")
    ]


def test_feed_health(con: duckdb.DuckDBPyConnection) -> None:
    health = dict(ask(con, "SELECT split_part(feed_url, '/', 3), health FROM feed_health"))
    assert health == {
        "a.com": "ok",
        "b.com": "silent",
        "c.com": "failing",
        "d.jp": "gaps",
        "e.com": "never polled",
        "old.com": "retired",
    }


def test_reject_reasons(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT reason, rejects, retryable, last_doc_ref FROM reject_reasons")
    assert rows == [("empty", 2, 0, "archive.jsonl#2"), ("timeout", 1, 1, "archive.jsonl#1")]


def test_views_work_where_the_catalog_is_attached_and_macros_after_use(catalog: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{catalog}' AS wire (READ_ONLY)")
        views = [name for (name,) in ask(con, "SELECT view_name FROM duckdb_views() WHERE database_name = 'wire'")]
        assert len(views) > 20
        for view in views:
            con.execute(f"FROM wire.{view}").fetchall()
        con.execute("USE wire")
        assert len(ask(con, f"FROM copies_of('{uuid(1)}')")) == 3


def test_an_empty_lake_answers_every_view_with_no_rows(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    views = [name for (name,) in ask(con, "SELECT view_name FROM duckdb_views() WHERE NOT internal")]
    with duckdb.connect() as empty:
        for name in PLAIN_VIEWS:
            columns = ", ".join(f"{column} {kind}" for column, kind, *_ in ask(con, f"DESCRIBE {name}"))
            empty.execute(f"CREATE TABLE {name} ({columns})")
        for statement in statements():
            empty.execute(statement)
        for view in set(views) - {"about"}:
            assert empty.execute(f"FROM {view}").fetchall() == [], view
        assert empty.execute("FROM search('word')").fetchall() == []
