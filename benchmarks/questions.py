"""Measure every documented question, every view and some searches on a lake, and plain reading of the texts beside.

usage: python benchmarks/questions.py LAKE [--only REGEX] [--times 3]

It needs nothing but DuckDB, so that it runs with any version of it. Of a view the first 100 rows are asked for. A
question is asked once to warm up, then some times; told are the least wall time and the CPU time of that run, all
threads together, in milliseconds.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

import duckdb

PAGE = Path(__file__).parents[1] / "docs" / "sql.md"


def questions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return what is asked, by a name for it."""
    asked: dict[str, str] = {}
    section = ""
    for heading, block in re.findall(
        r"^## ([^\n]*)$|```sql\n(.*?)```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        section = heading or section
        if block.startswith("SET"):
            con.execute(block)
        elif block and "duckdb_" not in block:
            first = re.search(r"FROM (\(FROM )?(\w+)", block)
            number = section.split(".")[0] if section[:1].isdigit() else "also"
            name = f"{number} {first[2] if first else ''}"
            asked[name if name not in asked else f"{name} ({len(asked)})"] = block
    for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall():
        asked[f"view {name}"] = f"FROM {name} LIMIT 100"
    common, rare = _words(con)
    asked |= {
        f"search {typed}": f"FROM search('{typed}')"
        for typed in (
            rare,
            common,
            f"{common} {rare}",
            f"{common} OR {rare}",
            f"{common} -{rare}",
            f"{common[:4]}*",
            f'"{common} {rare}"',
        )
    }
    asked["search, plain reading beside"] = (
        f"SELECT article_id FROM articles JOIN texts USING (article_id) WHERE contains(lower(text), '{common}')"
    )
    asked["an article by id"] = "SELECT * FROM articles WHERE article_id = getvariable('article')"
    asked["first versions"] = "SELECT count(*) FROM articles WHERE version = 1"
    return asked


def _words(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """Return a word that about one article in eight holds, and one that about one in two thousand does."""
    plain = "kind = 1 AND regexp_full_match(term, '[a-z][a-z][a-z][a-z][a-z]+')"
    held = f"SELECT term, sum(place) AS n FROM search_index WHERE {plain} GROUP BY 1"
    share = "abs(ln(n / (SELECT count(*) FROM articles)) - ln({}))"
    query = f"SELECT term FROM ({held}) ORDER BY {share}, term LIMIT 1"
    return tuple(con.execute(query.format(each)).fetchall()[0][0] for each in (0.12, 0.0005))  # type: ignore[return-value]


def measured(con: duckdb.DuckDBPyConnection, query: str, times: int) -> tuple[float, float, int]:
    """Return the least wall time and its CPU time in milliseconds, and the rows."""
    rows = len(con.execute(query).fetchmany(1_000_000))
    best = (float("inf"), 0.0)
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        con.execute(query).fetchmany(1_000_000)
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    return 1e3 * best[0], 1e3 * best[1], rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("lake", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    with duckdb.connect(str(options.lake / "catalog.duckdb"), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        asked = questions(con)
        (articles,) = con.execute("SELECT count(*) FROM articles").fetchall()[0]
        print(f"DuckDB {duckdb.__version__}, {articles:,} articles: wall ms, CPU ms, rows")
        for name, query in asked.items():
            if re.search(options.only, name):
                wall, cpu, rows = measured(con, query, options.times)
                print(f"{wall:9.1f} {cpu:9.1f} {rows:9,}  {name}", flush=True)


if __name__ == "__main__":
    main()
