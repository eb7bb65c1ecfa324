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

CREATE MACRO correction_notice() AS
'(?im)^[^\n]*(?:\bcorrect(?:s|ed|ion|ions)\b[^\n]{0,200}(?:article|story|version|headline|paragraph|to )|\bcorrection\s*:|\ban earlier version of this\b|\bkorrektur\b|\bkorrigierte (?:fassung|version)\b|\brectificatif\b|\bcorrectif\b|\bfe de errores\b|\brettifica\b|\berrata\b|исправлен|уточнен)[^\n]*';
COMMENT ON MACRO correction_notice IS 'A line by which an article says that it is corrected, as a regular expression.';

CREATE VIEW corrections AS
WITH said AS (
  SELECT
    outlet,
    headline,
    changed_at,
    after_first,
    texts.article_id,
    previous_article_id,
    url,
    regexp_extract_all(
      concat_ws(chr(10), headline, texts.text), correction_notice()
    ) AS notices,
    before.text AS before_text
  FROM changed_after_publication AS changed
  JOIN texts ON texts.article_id = changed.article_id
  LEFT JOIN texts AS before ON before.article_id = changed.previous_article_id
)
SELECT
  outlet,
  headline,
  trim(list_filter(notices, lambda notice: NOT contains(coalesce(before_text, ''), notice))[1]) AS notice,
  changed_at,
  after_first,
  url,
  article_id,
  previous_article_id
FROM said
WHERE len(list_filter(notices, lambda notice: NOT contains(coalesce(before_text, ''), notice))) > 0
ORDER BY changed_at, article_id;
COMMENT ON VIEW corrections IS 'Later versions of articles that say they correct the version before: the line that says so and did not stand there before, when the version was seen and how long after the first. Told by words of correction in English, German, French, Spanish, Italian, Portuguese and Russian; a change without such words is a row of changed_after_publication alone.';
