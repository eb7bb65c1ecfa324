CREATE VIEW stock_passages AS
WITH reuse AS (
  SELECT src_article_id, dst_article_id FROM plain_pairs WHERE relation <> 'copy'
),
shared AS (
  SELECT
    src_article_id AS article_id, src_begin AS shared_begin, src_end AS shared_end, dst_article_id AS holder_id,
    coalesce(stock, CASE WHEN is_quote THEN 'quote' ELSE 'background' END) AS why
  FROM plain_passages
  SEMI JOIN reuse USING (src_article_id, dst_article_id)
  WHERE NOT is_chrome
  UNION ALL
  SELECT
    dst_article_id, dst_begin, dst_end, src_article_id,
    coalesce(stock, CASE WHEN is_quote THEN 'quote' ELSE 'background' END)
  FROM plain_passages
  SEMI JOIN reuse USING (src_article_id, dst_article_id)
  WHERE NOT is_chrome
),
known AS (
  SELECT
    articles.article_id,
    coalesce(articles.event_at, 'infinity') AS since,
    coalesce(story.cluster_id, articles.identity) AS story_id
  FROM articles
  LEFT JOIN members AS story ON story.article_id = articles.article_id AND story.role NOT IN ('partial', 'source')
),
told AS (
  SELECT
    shared.*,
    since,
    holder_id = first_value(holder_id) OVER (
      PARTITION BY shared.article_id, story_id ORDER BY since, holder_id
    ) AS opens_story
  FROM shared
  JOIN known ON known.article_id = holder_id
),
ends AS (
  SELECT article_id, place, sum(step) AS step
  FROM (
    SELECT article_id, shared_begin AS place, 1 AS step FROM told WHERE opens_story
    UNION ALL
    SELECT article_id, shared_end, -1 FROM told WHERE opens_story
  )
  GROUP BY ALL
),
stretches AS (
  SELECT article_id, place, lead(place) OVER by_place AS until, sum(step) OVER by_place AS other_stories
  FROM ends
  WINDOW by_place AS (PARTITION BY article_id ORDER BY place)
),
numbered AS (
  SELECT
    *,
    until - sum(until - place) OVER (PARTITION BY article_id ORDER BY place ROWS UNBOUNDED PRECEDING) AS number
  FROM stretches
  WHERE other_stories >= 3
),
stock AS (
  SELECT article_id, min(place) AS first_begin, max(until) AS first_end
  FROM numbered
  GROUP BY article_id, number
  HAVING max(until) - min(place) >= 100
),
held AS (
  SELECT article_id, first_begin, first_end, article_id AS holder_id, NULL AS why
  FROM stock
  UNION
  SELECT article_id, first_begin, first_end, holder_id, why
  FROM stock
  JOIN told USING (article_id)
  WHERE 2 * (least(shared_end, first_end) - greatest(shared_begin, first_begin)) >= first_end - first_begin
),
counted AS (
  SELECT
    held.article_id AS first_article_id,
    first_begin,
    first_end,
    arg_min(holder.agency, (since, holder_id)) FILTER (holder.agency IS NOT NULL) AS agency,
    min(holder.event_at) AS first_at,
    max(holder.event_at) AS last_at,
    mode(why ORDER BY why) AS why,
    count(DISTINCT holder_id) AS n_articles,
    count(DISTINCT holder.outlet) AS n_outlets
  FROM held
  JOIN known ON known.article_id = holder_id
  JOIN articles AS holder ON holder.article_id = holder_id
  GROUP BY ALL
  HAVING arg_min(holder_id, (since, holder_id)) = held.article_id
)
SELECT
  md5(concat_ws('/', first_article_id, first_begin, first_end))::UUID AS stock_id,
  substring(texts.text, first_begin + 1, first_end - first_begin) AS text,
  why,
  agency,
  n_articles,
  n_outlets,
  first_at,
  last_at,
  first_article_id,
  first_begin,
  first_end
FROM counted
LEFT JOIN texts ON texts.article_id = first_article_id AND texts.event_at IS NOT DISTINCT FROM first_at
ORDER BY n_articles DESC, first_at, stock_id;
COMMENT ON VIEW stock_passages IS 'Passages that keep coming back, such as an agency''s background paragraphs: what at least four stories have in common, as the first article has it (code points first_begin to first_end), why it recurs (background, which is somebody''s; or what is nobody''s: quote, notice, form, list), the first agency credited for it, when it was first and last seen, and how many articles and outlets hold it; of a passage in more than 32 articles, of a story printed by more, those count that make a pair with the first. Whole copies of one story do not make a passage stock.';
