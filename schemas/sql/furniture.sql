CREATE VIEW furniture AS
WITH lines AS (
  SELECT
    outlet,
    article_id,
    coalesce(lower(headline), article_id::VARCHAR) AS story,
    unnest(list_distinct(string_split(text, chr(10)))) AS line
  FROM articles
  JOIN texts USING (article_id)
  WHERE outlet IS NOT NULL
),
repeated AS (
  SELECT outlet, line
  FROM lines
  WHERE line <> ''
  GROUP BY outlet, line
  HAVING count(DISTINCT story) >= 5
),
held AS (
  SELECT
    lines.*,
    articles.event_at,
    sum(length(line)) OVER (PARTITION BY article_id) / length(text) AS repeated_share,
    list_distinct(regexp_extract_all(lower(line), '\w{5,}')) AS words,
    replace(lower(text), lower(line), ' ') AS rest,
    len(list_filter(credits, lambda credit: contains(line, credit.evidence))) AS n_credits
  FROM lines
  JOIN repeated USING (outlet, line)
  JOIN articles USING (article_id)
  JOIN texts USING (article_id)
)
SELECT
  outlet,
  line AS text,
  count(DISTINCT story) AS n_stories,
  min(event_at) AS first_at,
  max(event_at) AS last_at
FROM held
JOIN (SELECT outlet, count(*) AS n_articles FROM articles GROUP BY outlet) AS whole USING (outlet)
GROUP BY outlet, line, n_articles
HAVING (strlen(line) >= 24 OR n_stories >= greatest(20, n_articles / 2))
  AND avg(len(list_filter(words, lambda word: contains(rest, word))) / greatest(len(words), 1)) < 0.4
  AND median(repeated_share) < 0.5
  AND sum(n_credits) = 0
ORDER BY outlet, n_stories DESC, text;
COMMENT ON VIEW furniture IS 'Lines that are an outlet''s own and no article''s: each stands in five or more of its stories, is not about what they are about (most of its longer words stand nowhere else in them), credits nobody, and is no part of a list that comes again and again. Written to the file furniture.parquet in the lake''s folder, they are left out of the pages and text files that come after.';
