CREATE VIEW changed_after_publication AS
WITH seen AS (
  SELECT
    *,
    coalesce(modified_at, first_seen_at, fetched_at, event_at) AS seen_at,
    count(*) OVER (PARTITION BY identity) AS versions
  FROM articles
),
compared AS (
  SELECT
    *,
    first_value(seen_at) OVER history AS first_seen,
    lag(headline) OVER history AS previous_headline,
    lag(n_words) OVER history AS previous_n_words,
    lag(text_hash) OVER history AS previous_text_hash,
    lag(article_id) OVER history AS previous_article_id
  FROM seen
  WHERE versions > 1
  WINDOW history AS (PARTITION BY identity ORDER BY version)
)
SELECT
  outlet,
  headline,
  previous_headline,
  version,
  seen_at AS changed_at,
  lag_of(epoch(seen_at)::BIGINT - epoch(first_seen)::BIGINT) AS after_first,
  headline IS DISTINCT FROM previous_headline AS headline_changed,
  text_hash <> previous_text_hash AS text_changed,
  n_words - previous_n_words AS words_added,
  url,
  article_id,
  previous_article_id
FROM compared
WHERE version > 1
ORDER BY changed_at, article_id;
COMMENT ON VIEW changed_after_publication IS 'One row a later version of an article: when it was changed, how long after its first version, and what changed. The words that changed: texts of article_id and of previous_article_id.';
