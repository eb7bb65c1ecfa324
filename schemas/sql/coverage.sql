CREATE VIEW agency_share AS
SELECT
  outlet,
  date_trunc('month', event_at) AS month,
  count(*) AS articles,
  count(*) FILTER (agency_share > 0) AS with_agency_text,
  count(*) FILTER (agency_share >= 0.5) AS mostly_agency_text,
  round(sum(n_words * agency_share) / nullif(sum(n_words), 0), 3) AS agency_share
FROM reuse_by_article
WHERE outlet IS NOT NULL AND event_at IS NOT NULL
GROUP BY ALL
ORDER BY outlet, month;
COMMENT ON VIEW agency_share IS 'How much of an outlet''s text is an agency''s, month by month: its articles, those with any agency text and those that are at least half of it, and the share of its words that were taken from one agency. The same by agency, over all months: agency_matrix.';

CREATE VIEW fastest_reprinters AS
WITH timed AS (
  SELECT
    outlet,
    cluster_id,
    lag_s,
    rank() OVER (PARTITION BY cluster_id ORDER BY lag_s) AS place
  FROM copies
  WHERE role NOT IN ('partial', 'source') AND NOT same_outlet AND lag_s >= 0 AND outlet IS NOT NULL
)
SELECT
  outlet,
  count(*) AS reprints,
  count(DISTINCT cluster_id) AS stories,
  count(DISTINCT cluster_id) FILTER (place = 1) AS first,
  lag_of(quantile_cont(lag_s, 0.1)::BIGINT) AS p10,
  lag_of(quantile_cont(lag_s, 0.5)::BIGINT) AS median,
  lag_of(quantile_cont(lag_s, 0.9)::BIGINT) AS p90
FROM timed
GROUP BY outlet
ORDER BY quantile_cont(lag_s, 0.5), outlet;
COMMENT ON VIEW fastest_reprinters IS 'How soon each outlet carries what others had before: its whole copies, of how many stories, in how many of these no other outlet was sooner, and their lag (10th, 50th and 90th percentile). Copies whose times are too vague to order, or older than their origin, are left out.';

CREATE MACRO cut_and_added(a, b) AS TABLE
WITH shared AS (
  SELECT src_begin AS a_begin, src_end AS a_end, dst_begin AS b_begin, dst_end AS b_end
  FROM passages
  WHERE src_article_id = a::UUID AND dst_article_id = b::UUID
  UNION ALL
  SELECT dst_begin, dst_end, src_begin, src_end
  FROM passages
  WHERE src_article_id = b::UUID AND dst_article_id = a::UUID
),
kept AS (
  SELECT 'cut' AS change, a::UUID AS article_id, a_begin AS kept_begin, a_end AS kept_end FROM shared
  UNION ALL
  SELECT 'added', b::UUID, b_begin, b_end FROM shared
  UNION ALL
  SELECT CASE article_id WHEN a::UUID THEN 'cut' ELSE 'added' END, article_id, n_chars, n_chars
  FROM articles
  WHERE article_id IN (a::UUID, b::UUID) AND EXISTS (FROM shared)
),
gaps AS (
  SELECT
    change,
    article_id,
    coalesce(max(kept_end) OVER (
      PARTITION BY change ORDER BY kept_begin, kept_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS gap_begin,
    kept_begin AS gap_end
  FROM kept
),
read AS (
  SELECT article_id, text
  FROM texts
  WHERE article_id IN (a::UUID, b::UUID)
    AND event_at IN (SELECT event_at FROM articles WHERE article_id IN (a::UUID, b::UUID))
  UNION ALL
  SELECT article_id, text FROM texts WHERE article_id IN (a::UUID, b::UUID) AND event_at IS NULL
)
SELECT change, words, gap_begin, gap_end, article_id
FROM (
  SELECT *, trim(substring(text, gap_begin + 1, gap_end - gap_begin), ' ' || chr(9) || chr(10) || chr(13)) AS words
  FROM gaps
  LEFT JOIN read USING (article_id)
  WHERE gap_end > gap_begin
)
WHERE words IS DISTINCT FROM ''
ORDER BY change DESC, gap_begin;
COMMENT ON MACRO TABLE cut_and_added IS 'What a copy cut and what it added: the stretches of the first article that stand in no passage the two share, and those of the second, in order. No rows where the two share none. Words are null where the lake was given away without texts. a: the original, b: the copy, article_ids as UUID or text.';

CREATE MACRO independent_sources(q, most := 1000) AS TABLE
SELECT
  coalesce(any_value(stories.outlet), arg_min(found.outlet, (found.event_at, found.article_id))) AS outlet,
  any_value(stories.agency) AS agency,
  coalesce(any_value(stories.headline), arg_min(found.headline, (found.event_at, found.article_id))) AS headline,
  count(*) AS articles,
  count(DISTINCT found.outlet) AS outlets,
  min(found.event_at) AS first_at,
  max(score) AS score,
  story
FROM search(q, most := most) AS found
LEFT JOIN stories ON stories.cluster_id = story
GROUP BY story
ORDER BY score DESC, story;
COMMENT ON MACRO TABLE independent_sources IS 'Who reports on something by himself: of the articles that search() finds, one row for each text that is not another''s copy, with the outlet or agency it comes from and how many articles and outlets carry it; an agency''s story in 40 outlets counts once. q: as of search(). most: of so many articles that are found, the best, 1000 where it is left out.';
