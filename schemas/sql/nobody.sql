CREATE VIEW nobodys_passages AS
WITH untaken AS (
  SELECT
    *,
    CASE WHEN is_chrome THEN 'furniture' WHEN is_quote THEN 'quote' ELSE stock END AS why
  FROM plain_passages
  WHERE taken = false
),
firsts AS (
  SELECT *
  FROM untaken
  ANTI JOIN untaken AS earlier
    ON earlier.dst_article_id = untaken.src_article_id
    AND earlier.dst_begin < untaken.src_end
    AND earlier.dst_end > untaken.src_begin
),
ordered AS (
  SELECT
    *,
    src_begin >= max(src_end) OVER (
      PARTITION BY src_article_id, why ORDER BY src_begin, src_end, passage_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS apart
  FROM firsts
),
numbered AS (
  SELECT
    *,
    sum(coalesce(apart, true)::INTEGER) OVER (
      PARTITION BY src_article_id, why ORDER BY src_begin, src_end, passage_id ROWS UNBOUNDED PRECEDING
    ) AS number
  FROM ordered
),
spans AS (
  SELECT
    src_article_id AS article_id,
    why,
    min(src_begin) AS first_begin,
    max(src_end) AS first_end,
    max(numbered.n_words) AS n_words,
    1 + count(DISTINCT dst_article_id) AS n_articles,
    list_distinct(list(holder.outlet)) AS others
  FROM numbered
  LEFT JOIN articles AS holder ON holder.article_id = numbered.dst_article_id
  GROUP BY src_article_id, why, number
)
SELECT
  spans.why,
  articles.outlet,
  articles.headline,
  spans.n_articles,
  len(list_distinct(list_append(spans.others, articles.outlet))) AS n_outlets,
  spans.n_words,
  articles.event_at,
  spans.first_begin,
  spans.first_end,
  spans.article_id
FROM spans
LEFT JOIN articles USING (article_id)
ORDER BY n_articles DESC, n_words DESC, spans.article_id, first_begin, why;
COMMENT ON VIEW nobodys_passages IS 'What articles share and none took from another, as the first of them has it, and why: quote (somebody said it), notice (safe-harbour paragraphs, what companies say of themselves), form (the words stay and names and numbers are others, as in obituaries), list (half of it is names and numbers, such as office holders and prices) or furniture (an outlet''s own lines); with how many articles and outlets hold it. The views of copies, originality and networks leave it out; pairs.dst_coverage counts it, pairs.dst_taken does not. Its words: substring(text, first_begin + 1, first_end - first_begin) of texts, joined on article_id and event_at.';
