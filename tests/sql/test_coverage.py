"""Views and macros for newsrooms: whose text, how soon, what was cut, who corrected what, who reports by himself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import pytest
from small_lake import ARAVOT, FEB_14, HARBOUR, HOUR, REPRINT, TASS, article, catalog_script, rows_of, small_lake

from wirecopy.schemas.tables import TABLES


def ask(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()


def test_an_outlets_agency_share_is_told_month_by_month(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT outlet, month::DATE::VARCHAR, articles, with_agency_text, agency_share FROM agency_share")
    found = {(outlet, month): rest for outlet, month, *rest in rows}
    assert found["a.com", "2022-02-01"][:2] == [2, 1] and 0 < found["a.com", "2022-02-01"][2] < 1
    assert found["c.com", "2022-02-01"] == [1, 0, 0.0]
    assert found["aravot.am", "2022-02-01"][1] == 1


def test_reprinters_are_told_by_how_soon_they_are_and_how_often_first(con: duckdb.DuckDBPyConnection) -> None:
    rows = {
        outlet: rest for outlet, *rest in ask(con, "SELECT outlet, reprints, first, median FROM fastest_reprinters")
    }
    assert rows["b.com"] == [1, 0, timedelta(hours=5)]
    assert rows["a.com"][:2] == [2, 2]
    assert "aravot.am" not in rows  # before its origin


def test_what_a_copy_cut_and_added_is_what_stands_in_no_passage(con: duckdb.DuckDBPyConnection) -> None:
    tass, aravot = (f"'{one.hex()}'" for one in (TASS, ARAVOT))
    rows = ask(con, f"SELECT change, words FROM cut_and_added({tass}, {aravot})")
    assert next(words for change, words in rows if change == "cut").startswith("MOSCOW, February 14. /TASS/.")
    assert [words for change, words in rows if change == "added"] == ["Yerevan asks.", "Local news."]
    back = ask(con, f"SELECT change, words FROM cut_and_added({aravot}, {tass})")
    assert {words for change, words in back if change == "cut"} == {"Yerevan asks.", "Local news."}
    assert ask(con, f"FROM cut_and_added({tass}, '{REPRINT.hex()}')") == []


def test_an_agencys_story_in_many_outlets_is_one_source(con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, "SELECT outlet, agency, articles, outlets FROM independent_sources('ministry published')")
    assert sorted(rows) == [("TASS", "TASS", 3, 2)] or [row[0] for row in rows].count("TASS") == 1
    harbour = ask(con, "SELECT outlet, articles FROM independent_sources('harbour')")
    assert sorted(harbour, key=str) == [("c.com", 2), (None, 1)]


CORRECTION = "Correction: an earlier version of this article misstated the day of the opening."


@pytest.mark.parametrize(
    ("added", "told"), [(CORRECTION, [CORRECTION]), ("They sang.", []), ("Исправлено: день.", ["Исправлено: день."])]
)
def test_a_correction_is_a_later_version_that_says_so(tmp_path, added: str, told: list[str]) -> None:
    first, later = b"\1" * 16, b"\2" * 16
    seen = {"identity": first, "headline": "Harbour"}
    articles = [
        article(first, "a.com", HARBOUR, FEB_14, first_seen_at=FEB_14, **seen),
        article(later, "a.com", f"{HARBOUR}\n{added}", FEB_14, first_seen_at=FEB_14 + HOUR, **seen),
        article(b"\3" * 16, "b.com", f"{HARBOUR}\n{CORRECTION}", FEB_14, first_seen_at=FEB_14),
    ]
    lake = small_lake() | {name: rows_of(TABLES[name], articles) for name in ("articles", "texts")}
    with duckdb.connect() as con:
        con.execute(catalog_script(tmp_path, lake))
        assert [notice for (notice,) in ask(con, "SELECT notice FROM corrections")] == told
