"""What a page keeps so that every number leads to its articles and every pair opens side by side, within bounds."""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb

from wirecopy.pipelines.pages.marks import same_words
from wirecopy.pipelines.pages.words import moment, one_line, plain, web_address

MOST_TEXT = 700_000
"""Bytes of texts that a page keeps, all together."""

MOST_OF_ONE = 6_000
"""Code points of one text that a page keeps."""

_ARTICLES = """
SELECT article_id, outlet, agency, headline, event_at, url, language, n_words, n_chars
FROM articles
SEMI JOIN wanted USING (article_id)
"""

_TEXTS = """
SELECT texts.article_id, substring(text, 1, ?) AS text
FROM texts
JOIN wanted ON wanted.article_id = texts.article_id AND texts.event_at IS NOT DISTINCT FROM wanted.event_at
"""

_PASSAGES = """
SELECT a, b, true, src_begin, src_end, dst_begin, dst_end, identity
FROM wanted_pairs
JOIN passages ON src_article_id = a AND dst_article_id = b
UNION ALL
SELECT a, b, false, dst_begin, dst_end, src_begin, src_end, identity
FROM wanted_pairs
JOIN passages ON src_article_id = b AND dst_article_id = a
ORDER BY ALL
"""

_NEAREST = """
SELECT a, b, arg_max(src_article_id, (dst_coverage, src_article_id))
FROM wanted_pairs
JOIN plain_pairs ON dst_article_id = b
WHERE NOT EXISTS (FROM plain_pairs AS direct WHERE direct.src_article_id = a AND direct.dst_article_id = b)
  AND NOT EXISTS (FROM plain_pairs AS direct WHERE direct.src_article_id = b AND direct.dst_article_id = a)
GROUP BY a, b
"""

Id = Any
"""An article_id as DuckDB gives it."""


class Listed(NamedTuple):
    """The articles behind a number: the first of them, each with the article its text comes from, if it took it."""

    title: str
    total: int
    articles: list[tuple[Id, Id | None]]
    query: str


class Shelf:
    """Collects lists and pairs while a page is made, and then reads what they name from the lake, once."""

    def __init__(self) -> None:
        self._lists: list[Listed] = []
        self._pairs: dict[tuple[Id, Id, str], int] = {}

    def listed(self, title: str, total: int, articles: list[Any] | None, query: str) -> str | None:
        """Keep the articles behind a number and return the link to them; None where there are none.

        Articles are ids, or pairs of the id of an article and of the one that its text comes from.
        """
        if not articles or not total:
            return None
        entries = [(one["a"], one["b"]) if isinstance(one, dict) else (one, None) for one in articles]
        for taker, source in entries:
            if source is not None:
                self.pair(source, taker)
        self._lists.append(Listed(title, total, entries, query))
        return f"#list-{len(self._lists) - 1}"

    def pair(self, source: Id, taker: Id, kind: str = "copy") -> str:
        """Keep a pair to be read side by side and return the link to it; kind is `copy` or `version`."""
        return f"#pair-{self._pairs.setdefault((source, taker, kind), len(self._pairs))}"

    def read(self, con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        """Return all that was collected as plain values: articles, lists, pairs and texts, by number.

        Texts are kept in the order in which their pairs were named, until MOST_TEXT; pairs that come after have none.
        """
        pairs = self._nearest(con)
        ids = list(dict.fromkeys([i for one in self._lists for entry in one.articles for i in entry if i is not None]))
        ids = list(dict.fromkeys([*ids, *(i for a, b, _ in pairs for i in (a, b))]))
        number = {one: n for n, one in enumerate(ids)}
        rows = _wanted(con, ids)
        texts, kept = self._texts(con, pairs, rows), 0
        held: dict[int, list[Any]] = {}
        for a, b, _ in pairs:
            new = [i for i in (a, b) if number[i] not in held and i in texts]
            size = sum(len(texts[i].encode()) for i in new)
            if kept + size <= MOST_TEXT:
                kept += size
                held |= {number[i]: [texts[i], max(0, rows[i][8] - len(texts[i]))] for i in new}
        spans = self._spans(con, pairs, texts)
        return {
            "articles": [_article(rows.get(one)) for one in ids],
            "lists": [
                [
                    one.title,
                    one.total,
                    [
                        [number[i], self._pairs.get((source, i, "copy"), -1) if source is not None else -1]
                        for i, source in one.articles
                    ],
                    one.query,
                ]
                for one in self._lists
            ],
            "pairs": [[number[a], number[b], kind, found] for (a, b, kind), found in zip(pairs, spans, strict=True)],
            "texts": held,
        }

    def _nearest(self, con: duckdb.DuckDBPyConnection) -> list[tuple[Id, Id, str]]:
        """Return the pairs, where two share nothing by themselves with the article that the second took most from."""
        pairs = list(self._pairs)
        _wanted_pairs(con, [(a, b) for a, b, _ in pairs])
        nearest = {(a, b): source for a, b, source in con.execute(_NEAREST).fetchall()}
        return [(nearest.get((a, b), a) if kind == "copy" else a, b, kind) for a, b, kind in pairs]

    def _texts(self, con: duckdb.DuckDBPyConnection, pairs: list[Any], rows: dict[Id, Any]) -> dict[Id, str]:
        most, ids = 2 * MOST_TEXT // 1000, dict.fromkeys(i for a, b, _ in pairs for i in (a, b))
        known = [one for one in list(ids)[:most] if one in rows]
        con.execute(
            "CREATE OR REPLACE TEMP TABLE wanted AS "
            "SELECT unnest(?::UUID[]) AS article_id, unnest(?::TIMESTAMPTZ[]) AS event_at",
            [list(map(str, known)), [rows[one][4] for one in known]],
        )
        return {one: plain(text) for one, text in con.execute(_TEXTS, [MOST_OF_ONE]).fetchall()}

    def _spans(self, con: duckdb.DuckDBPyConnection, pairs: list[Any], texts: dict[Id, str]) -> list[list[Any]]:
        _wanted_pairs(con, [(a, b) for a, b, kind in pairs if kind == "copy"])
        found: dict[tuple[Id, Id], list[Any]] = {}
        for a, b, _, a0, a1, b0, b1, identity in con.execute(_PASSAGES).fetchall():
            found.setdefault((a, b), []).append([a0, a1, b0, b1, round(100 * identity)])
        return [
            found.get((a, b), []) if kind == "copy" else same_words(texts.get(a, ""), texts.get(b, ""))
            for a, b, kind in pairs
        ]


def _wanted(con: duckdb.DuckDBPyConnection, ids: list[Id]) -> dict[Id, Any]:
    con.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT unnest(?::UUID[]) AS article_id", [list(map(str, ids))])
    return {row[0]: row for row in con.execute(_ARTICLES).fetchall()}


def _wanted_pairs(con: duckdb.DuckDBPyConnection, pairs: list[tuple[Id, Id]]) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE wanted_pairs AS SELECT unnest(?::UUID[]) AS a, unnest(?::UUID[]) AS b",
        [[str(a) for a, _ in pairs], [str(b) for _, b in pairs]],
    )


def _article(row: Any) -> list[Any]:
    if row is None:
        return ["", "an article that the lake does not have", "undated", None, "", 0, ""]
    _, outlet, agency, headline, at, url, language, n_words, _ = row
    return [
        one_line(outlet or agency or "outlet not known", 60),
        one_line(headline or "without a headline", 180),
        moment(at),
        web_address(url),
        one_line(language, 20),
        n_words,
        one_line(agency, 60),
    ]
