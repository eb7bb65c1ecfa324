"""The macro search: what people type finds what they mean, in every script, from any DuckDB."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_lake import article, catalog_script, rows_of

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.search.rows import groups, read
from wirecopy.transforms.search.segment import Content, content, merged, without

KNOWN = {
    "harbour": (
        "en",
        "The harbour of the old town reopens on Sunday after dredging, the U.S. mayor said at AT&T's café.",
    ),
    "update": (
        "en",
        "The harbour reopens on Monday, he announced to us all: agreements on COVID-19 rules, Putin's too.",
    ),
    "россии": ("ru", "Президент России заявил о переговорах."),
    "洪水": ("ja", "東京で洪水が発生し、首相は避難を呼びかけた。日本"),
    "élysée": ("fr", "Les présidents ont dit: l’État c'est moi."),
    "stocks": ("en", "Stocks in US rose on talks with negotiators."),
}
FEB = [datetime(2022, 2, 14 + at, tzinfo=UTC) for at in range(len(KNOWN))]
ARTICLES = [
    article(
        bytes([at + 1]) * 16, "a.com" if at else "b.com", text, FEB[at],
        headline=headline, language=language, agency="TASS" if at == 2 else None,
    )
    for at, (headline, (language, text)) in enumerate(KNOWN.items())
]  # fmt: skip
WANTED = {
    "harbour": "harbour update",
    "Harbours": "harbour update",
    "reopening": "harbour update",
    "U.S.": "stocks harbour",
    "US": "stocks harbour update",
    "AT&T": "harbour",
    "cafe": "harbour",
    "CAFÉ": "harbour",
    "日本": "洪水",
    "洪": "洪水",
    "首相は": "洪水",
    "は首相": "",
    "Россия": "россии",
    "переговоры": "россии",
    "president": "élysée",
    "Présidents": "élysée",
    "l'Etat": "élysée",
    "agreement": "update",
    "negotiator": "stocks",
    "COVID-19": "update",
    "Putin": "update",
    "monday OR sunday": "harbour update",
    "nowhere OR monday": "update",
    "harbour -monday": "harbour",
    "harbour -nowhere": "harbour update",
    '"the harbour of the old"': "harbour",
    '"old harbour"': "",
    'harbour -"old town"': "update",
    "negot*": "stocks",
    "headline:harbour": "harbour",
    "outlet:b.com": "harbour",
    "agency:TASS": "россии",
    "language:fr": "élysée",
    "outlet:a.com harbour": "update",
    "after:2022-02-15 harbour": "update",
    "before:2022-02-15 harbour": "harbour",
    "after:2022-02-18": "élysée stocks",
    "outlet:a.com before:2022-02-16": "update",
    "harbour nowhere": "",
    "": "",
    '"': "",
    "-": "",
    "*": "",
}


ASK = """
import duckdb, json, sys
script, queries = json.load(sys.stdin)
con = duckdb.connect()
con.execute(script)
asked = {query: query.replace("'", "''") for query in queries}
found = {query: con.execute(f"SELECT headline FROM search('{typed}')").fetchall() for query, typed in asked.items()}
print(json.dumps({query: sorted(row[0] for row in rows) for query, rows in found.items()}))
"""


def batch(articles: list[dict]) -> pa.Table:
    return pa.table([[row.get(f.name) for row in articles] for f in ARTICLE_BATCH], schema=ARTICLE_BATCH)


def segments(parts: list[Content]) -> pa.Table:
    return pa.concat_tables(group for part in parts for group in groups(part))


def opened(folder: Path, parts: list[Content], articles: list[dict] = ARTICLES) -> duckdb.DuckDBPyConnection:
    folder.mkdir()
    empty = {name: table.schema.empty_table() for name, table in TABLES.items()}
    known = {name: rows_of(TABLES[name], articles) for name in ("articles", "texts")}
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    script = catalog_script(folder, empty | known | {"search_index": segments(parts)})
    (folder / "catalog.sql").write_text(script, "utf-8")
    con.execute(script)
    return con


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(tmp_path_factory.mktemp("search") / "lake", [content(batch(ARTICLES))]) as made:
        yield made


def found(con: duckdb.DuckDBPyConnection, query: str, more: str = "") -> list[str]:
    typed = query.replace("'", "''")
    return [row[0] for row in con.execute(f"SELECT headline FROM search('{typed}'{more})").fetchall()]


@pytest.mark.parametrize("query", WANTED)
def test_a_query_finds_what_is_meant(con, query):
    assert sorted(found(con, query)) == sorted(WANTED[query].split())


def test_what_says_it_more_often_and_in_its_headline_comes_first(con):
    assert found(con, "harbour") == ["harbour", "update"]
    assert found(con, "harbour", ", most := 1") == ["harbour"]


def test_an_excerpt_shows_the_words(con):
    rows = con.execute(
        "SELECT excerpt FROM search('переговоры') UNION ALL SELECT excerpt FROM search('café')"
    ).fetchall()
    assert "переговорах" in rows[0][0] and "café" in rows[1][0]


def test_a_segment_is_read_back_as_it_was_written(tmp_path):
    part = content(batch(ARTICLES))
    with pq.ParquetWriter(tmp_path / "part.parquet", TABLES["search_index"].schema, store_schema=False) as writer:
        for group in groups(part):
            writer.write_table(group)
    assert same(read(tmp_path / "part.parquet"), part)


def test_segments_merged_in_any_order_are_the_segment_of_all_articles(tmp_path):
    whole = content(batch(ARTICLES))
    parts = [content(batch(ARTICLES[at::3])) for at in range(3)]
    assert same(merged(parts), whole)
    assert same(merged([merged(parts[1:]), parts[0]]), whole)
    with opened(tmp_path / "several", parts) as several:
        for query in ("harbour", "U.S.", "日本", '"old town"', "-harbour"):
            assert sorted(found(several, query)) == sorted(found_in(whole, tmp_path, query)), query


def found_in(whole: Content, folder: Path, query: str) -> list[str]:
    place = folder / f"lake{len(list(folder.iterdir()))}"
    with opened(place, [whole]) as one:
        return found(one, query)


def test_a_segment_without_an_article_is_that_of_the_others():
    whole = content(batch(ARTICLES))
    assert same(without(whole, pa.array([bytes([2]) * 16], pa.binary(16))), content(batch(ARTICLES[:1] + ARTICLES[2:])))


def test_a_word_that_most_articles_hold_is_looked_for_in_the_texts(tmp_path, monkeypatch):
    monkeypatch.setattr("wirecopy.transforms.search.segment.COMMON_FROM", 2)
    said = dict.fromkeys(range(1, 13), "Every story says so") | {3: "No", 7: "Every story says so but one"}
    many = [
        article(bytes([at]) * 16, "a.com", f"{words}, number{at}.", FEB[0], language="en") for at, words in said.items()
    ]
    part = content(batch(many))
    assert "story" not in part.keys and "one" in part.keys
    with opened(tmp_path / "lake", [part], many) as con:
        assert len(found(con, "story")) == len(found(con, "stories")) == 11
        assert found(con, "story one") == found(con, '"every story" one') == ["Headline of 7"]
        assert found(con, "-story") == ["Headline of 3"]
        assert found(con, "stories number9 -one") == ["Headline of 9"]


@pytest.mark.skipif("WIRECOPY_OTHER_DUCKDB" not in os.environ, reason="WIRECOPY_OTHER_DUCKDB names no other DuckDB")
def test_another_duckdb_finds_the_same(tmp_path):
    with opened(tmp_path / "lake", [content(batch(ARTICLES))]) as con:
        ours = {query: sorted(found(con, query)) for query in WANTED}
    script = (tmp_path / "lake" / "catalog.sql").read_text("utf-8")
    asked = json.dumps([script, list(WANTED)])
    run = subprocess.run(
        [os.environ["WIRECOPY_OTHER_DUCKDB"], "-c", ASK], input=asked, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == ours


def same(one: Content, other: Content) -> bool:
    return all(
        left.equals(right) if isinstance(left, pa.Array) else list(left) == list(right)
        for left, right in zip(one, other, strict=True)
    )
