"""The facts of a report: plain values, with links into its shelf, which templates only show."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb

from wirecopy.pipelines.pages.figures import Bar, Dot, Flow, Lag
from wirecopy.pipelines.pages.words import moment, one_line, plain, span
from wirecopy.pipelines.report import questions as q
from wirecopy.pipelines.report.periods import Buckets, buckets
from wirecopy.pipelines.report.selection import Selection, cut
from wirecopy.pipelines.report.shelf import Shelf

OTHER = "others"
"""What a filter calls all that is too rare to have a choice of its own."""

MOST_CELLS = 6_000
"""Cells of the table by which filters count anew."""

_SIZES = ((60, 30, 12), (40, 20, 10), (25, 12, 8), (15, 10, 6), (10, 8, 4), (6, 5, 3), (3, 3, 2), (0, 0, 0))
"""Outlets, agencies and languages that filters tell apart, the most that fit in MOST_CELLS."""


def gather(con: duckdb.DuckDBPyConnection, selection: Selection) -> dict[str, Any]:
    """Return all that a report tells.

    Args:
        con: a lake, as `open_lake` gives it; temporary tables are made in it.
        selection: which articles it is about.

    Raises duckdb.Error where the lake cannot be read.
    """
    cut(con, selection)
    shelf = Shelf()
    times = buckets(con)
    cube = _cube(con, times)
    facts: dict[str, Any] = {
        "commit": con.execute("SELECT commit FROM lake_commit").fetchall()[0][0],
        "stories": _stories(con, shelf),
        "uncredited": _uncredited(con, shelf, times),
        "changed": _changed(con, shelf, times),
        "passages": _passages(con, shelf, selection),
        "flows": _flows(con, shelf),
        "network": _network(con, shelf),
        "speed": _speed(con, shelf),
        "glance": _glance(con, shelf),
        "bars": _bars(con, shelf, times, cube),
        "outlets": _outlets(con, shelf),
        "feeds": q.ask(con, q.FEEDS, q.ROWS),
        "rejects": _rejects(con),
        "cube": cube,
        "unit": times.unit,
    }
    facts["health"] = dict(
        con.execute("SELECT health, count(*) FROM feed_health GROUP BY health ORDER BY ALL").fetchall()
    )
    facts["shelf"] = shelf.read(con)
    return facts


def _glance(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> dict[str, Any]:
    row = q.ask(con, q.GLANCE).rows[0]
    link = {
        "articles": shelf.listed("Articles", row["articles"], row["some"], "FROM articles"),
        "taken": shelf.listed(
            "Articles with text of another outlet", row["taken"], row["some_taken"], "FROM copies WHERE NOT same_outlet"
        ),
        "agency": shelf.listed(
            "Articles that are at least half an agency’s", row["agency"], row["some_agency"],
            "FROM copies WHERE source_agency IS NOT NULL AND share >= 0.5",
        ),
    }  # fmt: skip
    return row | {"link": link}


def _cube(con: duckdb.DuckDBPyConnection, times: Buckets) -> dict[str, Any]:
    """Return counts by bucket, outlet, agency and language, by which a page's filters count anew."""
    named = [
        [value for value, in con.execute(
            f"SELECT {column} FROM picked WHERE is_first AND {column} IS NOT NULL "
            "GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 60"
        ).fetchall()]
        for column in ("outlet", "agency", "language")
    ]  # fmt: skip
    con.execute(q.CELLS.format(bucket=times.sql))
    rows: list[Any] = []
    chosen: list[list[str]] = []
    for size in _SIZES:
        chosen = [values[:most] for values, most in zip(named, size, strict=True)]
        values = [one for names in chosen for one in (names, OTHER)]
        rows = con.execute(q.CUBE, values).fetchall()
        if len(rows) <= MOST_CELLS:
            break
    used = {row[0] for row in rows}
    labels = [one for one in times.labels if one in used or one not in ("earlier", "later", "undated")]
    place = {label: n for n, label in enumerate(labels)}
    names = [
        [*values, *([OTHER] if any(row[n + 1] == OTHER for row in rows) else [])] for n, values in enumerate(chosen)
    ]
    index = [{name: n for n, name in enumerate(values)} for values in names]
    cells = [[place[row[0]], *(index[n].get(row[n + 1], -1) for n in range(3)), *row[4:9]] for row in rows]
    outlets, agencies, languages = ([one_line(name, 80) for name in values] for values in names)
    return {"buckets": labels, "outlets": outlets, "agencies": agencies, "languages": languages, "cells": cells}


def _bars(con: duckdb.DuckDBPyConnection, shelf: Shelf, times: Buckets, cube: dict[str, Any]) -> list[Bar]:
    sums = [[0, 0, 0, 0] for _ in cube["buckets"]]
    for bucket, _, _, _, articles, taken, _, _, others in cube["cells"]:
        at = sums[bucket]
        at[0] += articles
        at[1] += articles - taken
        at[2] += others
        at[3] += taken - others
    some = dict(con.execute(q.BUCKET_EXAMPLES.format(bucket=times.sql)).fetchall())
    return [
        Bar(label, own, other, agency, shelf.listed(f"Articles of {label}", total, some.get(label), "FROM articles"))
        for label, (total, own, other, agency) in zip(cube["buckets"], sums, strict=True)
    ]


def _flows(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> dict[str, Any]:
    answer = q.ask(con, q.FLOWS)
    rows = answer.rows
    for row in rows:
        row["outlet"] = one_line(row["outlet"] or "outlet not known", 60)
        row["agency"] = one_line(row["agency"], 60)
    sources, takers = _most(rows, "agency", q.SOURCES), _most(rows, "outlet", q.TAKERS)
    drawn: defaultdict[tuple[str, str], int] = defaultdict(int)
    link: dict[tuple[str, str], str | None] = {}
    told: list[dict[str, Any]] = []
    for row in rows:
        source = row["agency"] if row["agency"] in sources else "other agencies"
        taker = row["outlet"] if row["outlet"] in takers else "other outlets"
        drawn[source, taker] += row["articles"]
        if (source, taker) == (row["agency"], row["outlet"]) and len(told) < q.ROWS:
            row["link"] = shelf.listed(
                f"{row['agency']}’s text in {row['outlet']}", row["articles"], row["some"],
                f"FROM copies WHERE source_agency = {_quoted(row['agency'])} AND outlet = {_quoted(row['outlet'])}",
            )  # fmt: skip
            link[source, taker] = row["link"]
            told.append(row)
    edges = [Flow(source, taker, n, link.get((source, taker))) for (source, taker), n in drawn.items()]
    return {"edges": edges, "rows": told, "total": len(rows), "all": rows}


def _most(rows: list[dict[str, Any]], column: str, most: int) -> list[str]:
    sums: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[column]] += row["articles"]
    return sorted(sums, key=lambda name: (-sums[name], name))[:most]


def _network(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> q.Answer:
    answer = q.ask(con, q.NETWORK, 20)
    for row in answer.rows:
        row["source"], row["outlet"] = (one_line(row[side] or "outlet not known", 60) for side in ("source", "outlet"))
        row["link"] = shelf.listed(
            f"{row['source']}’s text in {row['outlet']}", row["articles"], row["some"],
            f"FROM copies WHERE source_outlet = {_quoted(row['source'])} AND outlet = {_quoted(row['outlet'])}",
        )  # fmt: skip
    return answer


def _speed(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> dict[str, Any]:
    answer = q.ask(con, q.SPEED)
    for row in answer.rows:
        row["agency"] = one_line(row["agency"], 60)
        of = f"FROM copies WHERE source_agency = {_quoted(row['agency'])} AND role <> 'partial'"
        row["link"] = shelf.listed(f"Reprints of {row['agency']}, the soonest first", row["reprints"], row["some"], of)
        row["link_before"] = shelf.listed(
            f"Printed before {row['agency']}’s own copy here",
            row["before_origin"],
            row["some_before"],
            f"{of} AND lag_s < 0",
        )
        row["link_without"] = shelf.listed(
            f"{row['agency']}: times too vague to order",
            row["without_lag"],
            row["some_without"],
            f"{of} AND lag_s IS NULL",
        )
    drawn = [
        Lag(row["agency"], row["reprints"], row["p10_s"], row["median_s"], row["p90_s"], row["link"])
        for row in answer.rows
        if row["reprints"]
    ]
    return {"rows": answer.rows[:20], "total": answer.total, "drawn": drawn[:12], "all": answer.rows}


def _stories(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> q.Answer:
    answer = q.ask(con, q.STORIES, q.STORIES_TOLD)
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in con.execute(q.MEMBERS_OF, [[str(row["cluster_id"]) for row in answer.rows]]).fetchall():
        found[row[0]].append(row[1:])
    for story in answer.rows:
        members = found[story["cluster_id"]]
        first = members[0][2] if members else None
        dots, takers = [], []
        for article_id, outlet, at, role, share, lag_s in members[: q.MEMBERS]:
            origin = article_id == story["origin_article_id"]
            link = None if origin else shelf.pair(story["origin_article_id"], article_id)
            name = one_line(outlet or story["agency"] or "outlet not known", 60)
            said = f"{name}, {moment(at)}, {role}" + ("" if origin else f", {share:.0%} of it, {span(lag_s)} after")
            dots.append(Dot((at - first).total_seconds(), role, said, link))
            takers.append({"outlet": name, "at": at, "role": role, "share": share, "lag_s": lag_s, "link": link})
        story["dots"], story["members"] = dots, takers
        story["headline"] = one_line(story["headline"] or "without a headline", 180)
        story["outlet"] = one_line(story["outlet"] or "outlet not known", 60)
        origin_id = story["origin_article_id"]
        ids = [{"a": one[0], "b": None if one[0] == origin_id else origin_id} for one in members[: q.MEMBERS]]
        story["link"] = shelf.listed(
            f"The story of {story['outlet']}", story["n_articles"], ids, f"FROM timeline('{story['cluster_id']}')"
        )
    return answer


def _passages(con: duckdb.DuckDBPyConnection, shelf: Shelf, selection: Selection) -> q.Answer:
    answer = q.ask(con, q.WHOLE_PASSAGES if selection.whole else q.CHOSEN_PASSAGES, q.PASSAGES)
    rows = answer.rows
    ids, begins, ends = (
        [str(r["article_id"]) for r in rows],
        [r["src_begin"] for r in rows],
        [r["src_end"] for r in rows],
    )
    takers = {(i, b): some for i, b, some in con.execute(q.TAKERS_OF, [ids, begins, ends]).fetchall()}
    times = [row["event_at"] for row in rows]
    words = {(i, b): text for i, b, text in con.execute(q.WORDS_OF, [ids, begins, ends, times]).fetchall()}
    for row in rows:
        at = row["article_id"], row["src_begin"]
        row["words"] = plain(words.get(at) or "")
        row["cut"] = max(0, row["src_end"] - row["src_begin"] - 420)
        row["outlet"] = one_line(row["outlet"] or row["agency"] or "outlet not known", 60)
        row["link"] = shelf.listed(
            f"Who took this passage of {row['outlet']}", row["n_articles"], takers.get(at),
            f"FROM passages WHERE src_article_id = '{row['article_id']}'",
        )  # fmt: skip
    return answer


def _uncredited(con: duckdb.DuckDBPyConnection, shelf: Shelf, times: Buckets) -> dict[str, Any]:
    answer = q.ask(con, q.UNCREDITED, q.ROWS)
    by_outlet = con.execute(
        "SELECT outlet, count(*) AS n FROM answer GROUP BY ALL ORDER BY n DESC, outlet LIMIT 12"
    ).fetchall()
    _bucketed(con, answer.rows, times, "event_at")
    for row in answer.rows:
        row["outlet"] = one_line(row["outlet"] or "outlet not known", 60)
        row["link"] = shelf.pair(row["origin_article_id"], row["article_id"])
    _headlines(con, answer.rows)
    return {"rows": answer.rows, "total": answer.total, "by_outlet": by_outlet}


def _changed(con: duckdb.DuckDBPyConnection, shelf: Shelf, times: Buckets) -> q.Answer:
    answer = q.ask(con, q.CHANGED, q.ROWS)
    _bucketed(con, answer.rows, times, "changed_at")
    for row in answer.rows:
        row["outlet"] = one_line(row["outlet"] or "outlet not known", 60)
        row["link"] = shelf.pair(row["previous_article_id"], row["article_id"], "version")
    return answer


def _bucketed(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], times: Buckets, column: str) -> None:
    query = f"SELECT {times.sql} FROM (SELECT unnest(?::TIMESTAMPTZ[]) AS event_at)"
    for row, (label,) in zip(rows, con.execute(query, [[row[column] for row in rows]]).fetchall(), strict=True):
        row["bucket"] = label


def _headlines(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    ids = [str(row["article_id"]) for row in rows]
    query = "SELECT article_id, headline FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))"
    named = dict(con.execute(query, [ids]).fetchall())
    for row in rows:
        row["headline"] = named.get(row["article_id"])


def _outlets(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> q.Answer:
    answer = q.ask(con, q.OUTLETS_OWN, q.OUTLETS)
    for row in answer.rows:
        name = row["outlet"]
        row["link"] = shelf.listed(
            f"Articles of {name}", row["articles"], row["some"], f"FROM articles WHERE outlet = {_quoted(name)}"
        )
    return answer


def _rejects(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    answer = q.ask(con, q.REJECTED)
    examples: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in q.ask(con, q.REJECTED_ROWS).rows:
        examples[row["stage"], row["reason"]].append(row)
    for row in answer.rows:
        row["examples"] = examples[row["stage"], row["reason"]]
    return {"rows": answer.rows, "total": sum(row["rejects"] for row in answer.rows)}


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
