"""What a report asks of the articles that are picked; every answer has the ids of some of the articles it counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb

FEW = 6
"""Articles that are listed for a number, of those it counts."""

SOURCES, TAKERS, OUTLETS, STORIES_TOLD, MEMBERS, PASSAGES, ROWS = 10, 16, 25, 12, 24, 12, 40
"""Rows of each part of the page; what is left out is counted."""

_EXAMPLES = f"arg_min({{'a': article_id, 'b': origin_article_id}}, (event_at, article_id), {FEW})"

GLANCE = f"""
SELECT
  count(*) AS articles,
  count(DISTINCT outlet) AS outlets,
  count(DISTINCT language) AS languages,
  min(event_at) AS first_at,
  max(event_at) AS last_at,
  count(*) FILTER (share > 0) AS taken,
  count(*) FILTER (agency_share >= 0.5) AS agency,
  count(*) FILTER (agency_share >= 0.5 AND NOT credited) AS uncredited,
  arg_max(article_id, event_at, {FEW}) AS some,
  arg_max(article_id, share, {FEW}) FILTER (share > 0) AS some_taken,
  arg_max(article_id, agency_share, {FEW}) FILTER (agency_share >= 0.5) AS some_agency
FROM picked
WHERE is_first
"""

CELLS = """
CREATE OR REPLACE TEMP TABLE cells AS
SELECT
  {bucket} AS bucket, outlet, agency, language,
  count(*) AS articles,
  count(*) FILTER (share > 0) AS taken,
  count(*) FILTER (agency_share >= 0.5) AS agency_text,
  count(*) FILTER (agency_share >= 0.5 AND NOT credited) AS uncredited,
  count(*) FILTER (share > 0 AND agency_share = 0) AS others
FROM picked
WHERE is_first
GROUP BY ALL
"""

CUBE = """
SELECT
  bucket,
  CASE WHEN outlet IS NULL OR outlet IN (SELECT unnest(?::VARCHAR[])) THEN outlet ELSE ? END AS told_outlet,
  CASE WHEN agency IS NULL OR agency IN (SELECT unnest(?::VARCHAR[])) THEN agency ELSE ? END AS told_agency,
  CASE WHEN language IS NULL OR language IN (SELECT unnest(?::VARCHAR[])) THEN language ELSE ? END AS told_language,
  sum(articles)::BIGINT, sum(taken)::BIGINT, sum(agency_text)::BIGINT, sum(uncredited)::BIGINT, sum(others)::BIGINT
FROM cells
GROUP BY ALL
ORDER BY ALL
"""

BUCKET_EXAMPLES = f"""
SELECT {{bucket}} AS bucket, arg_max(article_id, (share, article_id), {FEW})
FROM picked
WHERE is_first
GROUP BY ALL
"""

FLOWS = f"""
SELECT
  source_agency AS agency,
  outlet,
  count(DISTINCT article_id) AS articles,
  count(DISTINCT article_id) FILTER (role <> 'partial') AS whole,
  round(avg(share), 3) AS share,
  round(avg(credited::INTEGER), 3) AS credited,
  {_EXAMPLES} AS some
FROM taken
WHERE source_agency IS NOT NULL AND NOT same_outlet
GROUP BY ALL
ORDER BY articles DESC, agency, outlet
"""

NETWORK = f"""
SELECT
  source,
  outlet,
  count(DISTINCT article_id) AS articles,
  count(DISTINCT article_id) FILTER (role <> 'partial') AS whole,
  round(avg(share), 3) AS share,
  median(lag_s)::BIGINT AS median_lag_s,
  {_EXAMPLES} AS some
FROM taken
WHERE source_agency IS NULL AND NOT same_outlet AND ordered
GROUP BY ALL
ORDER BY articles DESC, source, outlet
"""

SPEED = f"""
SELECT
  source_agency AS agency,
  count(*) FILTER (lag_s >= 0) AS reprints,
  quantile_cont(lag_s, 0.1) FILTER (lag_s >= 0)::BIGINT AS p10_s,
  quantile_cont(lag_s, 0.5) FILTER (lag_s >= 0)::BIGINT AS median_s,
  quantile_cont(lag_s, 0.9) FILTER (lag_s >= 0)::BIGINT AS p90_s,
  count(*) FILTER (lag_s < 0) AS before_origin,
  count(*) FILTER (lag_s IS NULL) AS without_lag,
  arg_min({{'a': article_id, 'b': origin_article_id}}, (lag_s, article_id), {FEW}) FILTER (lag_s >= 0) AS some,
  arg_min({{'a': article_id, 'b': origin_article_id}}, (lag_s, article_id), {FEW}) FILTER (lag_s < 0) AS some_before,
  arg_min({{'a': article_id, 'b': origin_article_id}}, article_id, {FEW}) FILTER (lag_s IS NULL) AS some_without
FROM taken
WHERE source_agency IS NOT NULL AND role <> 'partial' AND NOT same_outlet
GROUP BY ALL
ORDER BY reprints DESC, agency
"""

STORIES = """
SELECT
  cluster_id, outlet, headline, agency, n_articles, n_outlets, first_at, last_at, origin_confidence, origin_method,
  language, origin_article_id
FROM stories
SEMI JOIN (SELECT cluster_id FROM members SEMI JOIN picked USING (article_id)) USING (cluster_id)
WHERE n_outlets > 1
ORDER BY n_outlets DESC, n_articles DESC, cluster_id
"""

MEMBERS_OF = """
SELECT
  members.cluster_id, article_id, articles.outlet, articles.event_at, if(role = 'source', 'origin', role) AS role,
  copied_share, lag_s
FROM members
JOIN (SELECT unnest(?::UUID[]) AS cluster_id) AS told USING (cluster_id)
JOIN articles USING (article_id)
WHERE articles.event_at IS NOT NULL
ORDER BY members.cluster_id, articles.event_at, article_id
"""

PASSAGES_TAKEN = """
SELECT *
FROM reprinted_passages
{semi}
ORDER BY n_articles DESC, n_words DESC, article_id, src_begin
"""

WHOLE_PASSAGES = PASSAGES_TAKEN.format(semi="")

CHOSEN_PASSAGES = PASSAGES_TAKEN.format(
    semi="""SEMI JOIN (
  SELECT src_article_id AS article_id FROM passages
  WHERE dst_article_id IN (SELECT article_id FROM picked)
) USING (article_id)"""
)

TAKERS_OF = f"""
WITH top AS (SELECT unnest(?::UUID[]) AS id, unnest(?::INTEGER[]) AS top_begin, unnest(?::INTEGER[]) AS top_end)
SELECT id, top_begin, arg_min({{'a': dst_article_id, 'b': src_article_id}}, (event_at, dst_article_id), {FEW})
FROM top
JOIN passages ON src_article_id = id AND src_begin < top_end AND src_end > top_begin AND NOT is_chrome
GROUP BY ALL
"""

WORDS_OF = """
WITH top AS (
  SELECT
    unnest(?::UUID[]) AS id, unnest(?::INTEGER[]) AS b, unnest(?::INTEGER[]) AS e, unnest(?::TIMESTAMPTZ[]) AS event_at
)
SELECT id, b, substring(text, b + 1, least(e - b, 420))
FROM top
JOIN texts ON texts.article_id = id AND texts.event_at IS NOT DISTINCT FROM top.event_at
"""

UNCREDITED = """
SELECT
  outlet, source_agency AS agency, share, role, lag_s, origin_confidence, event_at, language, article_id,
  origin_article_id
FROM taken
WHERE source_agency IS NOT NULL AND NOT credited AND NOT same_outlet AND share >= 0.5
ORDER BY share DESC, event_at, article_id
"""

CHANGED = """
SELECT
  outlet, headline, previous_headline, changed_at, epoch(after_first)::BIGINT AS after_s, headline_changed,
  text_changed, words_added, version, article_id, previous_article_id
FROM changed_after_publication
SEMI JOIN picked USING (article_id)
ORDER BY changed_at DESC, article_id
"""

FEEDS = """
SELECT
  outlet, title, health, epoch(silent_for)::BIGINT AS silent_s, epoch(usual_pause)::BIGINT AS usual_s, failed, polls,
  new, gaps, last_error, last_ok_at, feed_url
FROM feed_health
"""

REJECTED = "FROM reject_reasons"

REJECTED_ROWS = """
SELECT stage, reason, error, doc_ref, url, retryable
FROM rejects
QUALIFY row_number() OVER (PARTITION BY stage, reason ORDER BY first_at DESC, doc_ref) <= 4
ORDER BY stage, reason, doc_ref
"""

OUTLETS_OWN = f"""
SELECT
  outlet,
  count(*) AS articles,
  round(avg((share = 0)::INTEGER), 3) AS original,
  round(sum(n_words * share) / nullif(sum(n_words), 0), 3) AS copied_share,
  round(sum(n_words * agency_share) / nullif(sum(n_words), 0), 3) AS agency_share,
  arg_max(article_id, event_at, {FEW}) AS some
FROM picked
WHERE is_first AND outlet IS NOT NULL
GROUP BY ALL
ORDER BY articles DESC, outlet
"""


class Answer(NamedTuple):
    """Rows as dicts by column, the first of them, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int

    @property
    def left_out(self) -> int:
        """Rows that are not told."""
        return self.total - len(self.rows)


def ask(con: duckdb.DuckDBPyConnection, query: str, most: int | None = None, values: list[Any] | None = None) -> Answer:
    """Return the first rows of a query's answer and how many it has; the order is the query's."""
    if most is None:
        rows = _rows(con.execute(query, values or []))
        return Answer(rows, len(rows))
    con.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {query}", values or [])
    total = con.execute("SELECT count(*) FROM answer").fetchall()[0][0]
    return Answer(_rows(con.execute(f"FROM answer LIMIT {most}")), total)


def _rows(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
