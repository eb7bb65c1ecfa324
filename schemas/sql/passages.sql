CREATE MACRO aligned(a, b) AS TABLE
WITH shared AS (
  SELECT
    'a' AS source, src_begin AS a_begin, src_end AS a_end, dst_begin AS b_begin, dst_end AS b_end,
    n_words, identity, is_quote, is_chrome, stock, taken, agency, lag_s, score, passage_id
  FROM passages
  WHERE src_article_id = a::UUID AND dst_article_id = b::UUID
  UNION ALL
  SELECT
    'b', dst_begin, dst_end, src_begin, src_end,
    n_words, identity, is_quote, is_chrome, stock, taken, agency, lag_s, score, passage_id
  FROM passages
  WHERE src_article_id = b::UUID AND dst_article_id = a::UUID
),
read AS (
  SELECT article_id, text
  FROM texts
  WHERE article_id IN (a::UUID, b::UUID)
    AND event_at IN (SELECT event_at FROM articles WHERE article_id IN (a::UUID, b::UUID))
  UNION ALL
  SELECT article_id, text FROM texts WHERE article_id IN (a::UUID, b::UUID) AND event_at IS NULL
)
SELECT
  substring(a_text.text, a_begin + 1, a_end - a_begin) AS a_words,
  substring(b_text.text, b_begin + 1, b_end - b_begin) AS b_words,
  source,
  n_words,
  identity,
  agency,
  lag_of(lag_s) AS lag,
  is_quote,
  is_chrome,
  stock,
  taken,
  score,
  a_begin,
  a_end,
  b_begin,
  b_end,
  passage_id
FROM shared
LEFT JOIN read AS a_text ON a_text.article_id = a::UUID
LEFT JOIN read AS b_text ON b_text.article_id = b::UUID
ORDER BY a_begin, b_begin;
COMMENT ON MACRO TABLE aligned IS 'The passages that two articles share, side by side, in the order of the first: what stands in a, what stands in b, which of the two it comes from, and whether it was taken or is nobody''s: a quote, the site''s furniture or stock. Words are null where the lake was given away without texts. a, b: article_ids, as UUID or text.';

CREATE VIEW reprinted_passages AS
WITH ordered AS (
  SELECT
    *,
    src_begin >= max(src_end) OVER (
      PARTITION BY src_article_id ORDER BY src_begin, src_end, passage_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS apart
  FROM passages
  WHERE NOT is_chrome
),
numbered AS (
  SELECT
    *,
    sum(coalesce(apart, true)::INTEGER) OVER (
      PARTITION BY src_article_id ORDER BY src_begin, src_end, passage_id ROWS UNBOUNDED PRECEDING
    ) AS number
  FROM ordered
),
spans AS (
  SELECT
    src_article_id AS article_id,
    min(src_begin) AS src_begin,
    max(src_end) AS src_end,
    max(numbered.n_words) AS n_words,
    bool_or(is_quote) AS is_quote,
    any_value(stock ORDER BY passage_id) AS stock,
    any_value(numbered.agency ORDER BY passage_id) AS agency,
    count(DISTINCT dst_article_id) AS n_articles,
    count(DISTINCT taker.outlet) AS n_outlets
  FROM numbered
  LEFT JOIN articles AS taker ON taker.article_id = numbered.dst_article_id
  GROUP BY src_article_id, number
)
SELECT
  articles.outlet,
  articles.headline,
  spans.n_articles,
  spans.n_outlets,
  spans.n_words,
  spans.is_quote,
  spans.stock,
  spans.agency,
  articles.event_at,
  spans.src_begin,
  spans.src_end,
  spans.article_id
FROM spans
LEFT JOIN articles USING (article_id)
ORDER BY n_articles DESC, n_words DESC, spans.article_id, src_begin;
COMMENT ON VIEW reprinted_passages IS 'The stretches of an article that others took, overlapping ones joined: how many articles and outlets took them. Quotes and stock, which are nobody''s, are among them and marked. Their words: substring(text, src_begin + 1, src_end - src_begin) of texts, joined on article_id and event_at.';
