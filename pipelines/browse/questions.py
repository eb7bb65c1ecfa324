"""What the pages ask of the lake; each list is asked one row further than it shows, to know whether there are more."""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb

PAGE = 50
"""Rows of a list on one page."""

MEMBERS = 300
"""Articles of a story that its page tells."""

GLANCE = """
SELECT
  (SELECT count(DISTINCT identity) FROM articles) AS articles,
  (SELECT count(DISTINCT outlet) FROM articles) AS outlets,
  (SELECT count(*) FROM stories WHERE n_outlets > 1) AS stories,
  (SELECT count(*) FROM plain_pairs) AS pairs,
  (SELECT count(*) FROM feeds) AS feeds,
  (SELECT count(*) FROM rejects) AS rejects,
  (SELECT max(committed_at) FROM runs) AS committed_at,
  (SELECT commit FROM lake_commit) AS commit
"""

LATEST = """
SELECT article_id, outlet, headline, agency, event_at, language
FROM articles
ORDER BY coalesce(first_seen_at, fetched_at, event_at) DESC NULLS LAST, article_id
"""

RUNS = """
SELECT command, commit, committed_at, articles, copies, reuse, rejects
FROM runs
ORDER BY commit DESC, run_id
LIMIT 8
"""

STORIES = """
SELECT cluster_id, outlet, headline, agency, n_articles, n_outlets, first_at, last_at, origin_confidence
FROM stories
WHERE n_articles > 1
ORDER BY n_outlets DESC, n_articles DESC, cluster_id
"""

RECENT = """
SELECT cluster_id, outlet, headline, agency, n_articles, n_outlets, first_at, last_at, origin_confidence
FROM stories
WHERE n_outlets > 1
ORDER BY last_at DESC NULLS LAST, cluster_id
"""

UNCREDITED = """
SELECT outlet, headline, source_agency AS agency, share, epoch(lag)::BIGINT AS lag_s, event_at, article_id,
  origin_article_id
FROM uncredited()
"""

CHANGED = """
SELECT outlet, headline, previous_headline, changed_at, headline_changed, words_added, article_id, previous_article_id
FROM changed_after_publication
ORDER BY changed_at DESC, article_id
"""

PASSAGES = """
SELECT top.*, substring(texts.text, src_begin + 1, least(src_end - src_begin, 600)) AS words
FROM ({page}) AS top
LEFT JOIN texts ON texts.article_id = top.article_id AND texts.event_at IS NOT DISTINCT FROM top.event_at
ORDER BY n_articles DESC, n_words DESC, top.article_id, src_begin
"""

OF_OUTLET = "SELECT article_id, outlet, headline, agency, event_at, language FROM articles WHERE outlet = ? ORDER BY event_at DESC NULLS LAST, article_id"  # noqa: E501

OF_AGENCY = "SELECT article_id, outlet, headline, agency, event_at, language FROM articles WHERE agency = ? ORDER BY event_at DESC NULLS LAST, article_id"  # noqa: E501

OUTLETS = "SELECT outlet, articles, original, copied_share, agency_share FROM outlets WHERE outlet IS NOT NULL"

FLOWS = "SELECT agency, outlet, articles, verbatim, edited, partial, share, credited FROM agency_matrix"

FEEDS = """
SELECT outlet, title, health, epoch(silent_for)::BIGINT AS silent_s, epoch(usual_pause)::BIGINT AS usual_s, failed,
  polls, new, gaps, last_error, last_ok_at, next_at, feed_url
FROM feed_health
"""

REJECTS = "SELECT stage, reason, error, doc_ref, url, retryable, first_at FROM rejects ORDER BY first_at DESC, doc_ref, reason"  # noqa: E501

CANDIDATES = 300
"""Hits beyond a page's first row that its stories are made of."""

SEARCH = """
SELECT score, outlet, headline, event_at, excerpt, story, article_id, count(*) OVER (PARTITION BY story) AS carriers
FROM (FROM {found})
QUALIFY row_number() OVER (PARTITION BY story ORDER BY score DESC, event_at, article_id) = 1
ORDER BY score DESC, event_at, article_id
"""

PLACE = "SELECT identity, event_at FROM articles WHERE article_id = ?::UUID"

ARTICLE = """
SELECT
  article_id, outlet, outlet_name, headline, deck, byline, dateline, agency, credits, language, section, url,
  published_at, published_precision, published_inferred, modified_at, event_at, n_words, version, identity, doc_ref
FROM articles
WHERE identity = ?::UUID AND article_id = ?::UUID
"""

TEXT = "SELECT text FROM texts WHERE article_id = ?::UUID AND event_at IS NOT DISTINCT FROM ?::TIMESTAMPTZ"

TAKEN = """
SELECT
  src_article_id AS other, dst_begin AS begin_at, dst_end AS end_at, passages.identity, passages.agency, source.outlet,
  source.headline, source.event_at, source.agency AS source_agency
FROM passages
LEFT JOIN articles AS source ON source.article_id = src_article_id
WHERE dst_article_id = ?::UUID AND NOT is_chrome
ORDER BY passages.identity DESC, source.agency IS NULL, source.event_at, src_article_id, dst_begin
"""

GIVEN = """
SELECT dst_article_id AS other, outlet, headline, dst_coverage AS share, relation, articles.event_at
FROM plain_pairs
LEFT JOIN articles ON article_id = dst_article_id
WHERE src_article_id = ?::UUID
ORDER BY dst_coverage DESC, dst_article_id
"""

STORY = "FROM stories WHERE cluster_id = ?::UUID"

STORY_OF = (
    "SELECT cluster_id, role FROM members WHERE article_id = ?::UUID ORDER BY role = 'partial', cluster_id LIMIT 5"
)

MEMBERS_OF = """
SELECT article_id, outlet, headline, articles.agency, articles.event_at, role, copied_share AS share, lag_s
FROM members
LEFT JOIN articles USING (article_id)
WHERE cluster_id = ?::UUID
ORDER BY role <> 'origin', articles.event_at NULLS LAST, article_id
"""

EDGES = """
SELECT dst_article_id, src_article_id, dst_coverage
FROM plain_pairs
SEMI JOIN (SELECT unnest(?::UUID[]) AS dst_article_id) USING (dst_article_id)
SEMI JOIN (SELECT unnest(?::UUID[]) AS src_article_id) USING (src_article_id)
ORDER BY dst_article_id, dst_coverage DESC, src_article_id
"""

HELD = """
SELECT src_begin, src_end, dst_article_id
FROM passages
WHERE src_article_id = ?::UUID AND NOT is_chrome
ORDER BY ALL
"""

ALIGNED = """
SELECT a_begin, a_end, b_begin, b_end, source, identity, n_words, agency, is_quote
FROM aligned(?, ?)
WHERE NOT is_chrome
"""


class Rows(NamedTuple):
    """Rows of a list as dicts by column, where they begin, and whether more come after them."""

    rows: list[dict[str, Any]]
    begin: int
    more: bool


def ask(con: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[dict[str, Any]]:
    """Return the rows of an answer as dicts by column."""
    result = con.execute(query, list(values))
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def listed(con: duckdb.DuckDBPyConnection, query: str, begin: int, *values: Any, most: int = PAGE) -> Rows:
    """Return one page of a list, from row `begin` on."""
    rows = ask(con, f"SELECT * FROM ({query}) LIMIT {most + 1} OFFSET {begin}", *values)
    return Rows(rows[:most], begin, len(rows) > most)


def found(con: duckdb.DuckDBPyConnection, begin: int, words: str) -> Rows:
    """Return one page of what a search finds, a story a row; nothing for a date that is none.

    A lake without an index of all its articles is read, text by text.
    """
    [(indexed,)] = con.execute("SELECT indexed = articles FROM search_coverage").fetchall()
    source = f"search(?, most := {begin + CANDIDATES})" if indexed else "search_texts(?)"
    try:
        return listed(con, SEARCH.format(found=source), begin, words)
    except (duckdb.ConversionException, duckdb.InvalidInputException):
        return Rows([], begin, False)
