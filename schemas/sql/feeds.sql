CREATE VIEW feed_health AS
WITH moment AS (
  SELECT max(polled_at) AS as_of FROM polls
),
history AS (
  SELECT
    feed_url,
    count(*) AS polls,
    round(avg((outcome IN ('failed', 'refused'))::INTEGER), 3) AS failed,
    max(polled_at) AS last_poll_at,
    max(polled_at) FILTER (outcome IN ('new', 'unchanged', 'not modified')) AS last_ok_at,
    max(polled_at) FILTER (new > 0) AS last_new_at,
    sum(new)::BIGINT AS new,
    count(*) FILTER (gap) AS gaps,
    arg_max(status, polled_at) AS status,
    arg_max(error, polled_at) FILTER (error IS NOT NULL) AS last_error
  FROM polls
  GROUP BY feed_url
),
pauses AS (
  SELECT feed_url, quantile_cont(pause_s, 0.9)::BIGINT AS usual_s
  FROM (
    SELECT feed_url, epoch(polled_at)::BIGINT - lag(epoch(polled_at)::BIGINT) OVER earlier AS pause_s
    FROM polls
    WHERE new > 0
    WINDOW earlier AS (PARTITION BY feed_url ORDER BY polled_at)
  )
  WHERE pause_s IS NOT NULL
  GROUP BY feed_url
),
judged AS (
  SELECT
    *,
    epoch(moment.as_of)::BIGINT - epoch(last_new_at)::BIGINT AS silent_s
  FROM feeds
  FULL JOIN history USING (feed_url)
  LEFT JOIN pauses USING (feed_url)
  CROSS JOIN moment
)
SELECT
  outlet,
  title,
  CASE
    WHEN state IN ('retired', 'paused') THEN state
    WHEN polls IS NULL THEN 'never polled'
    WHEN last_ok_at IS NULL OR last_ok_at < last_poll_at THEN 'failing'
    WHEN silent_s > greatest(2 * usual_s, 86400) OR last_new_at IS NULL THEN 'silent'
    WHEN gaps > 0 THEN 'gaps'
    ELSE 'ok'
  END AS health,
  lag_of(silent_s) AS silent_for,
  lag_of(usual_s) AS usual_pause,
  failed,
  polls,
  new,
  gaps,
  status,
  last_error,
  last_ok_at,
  last_new_at,
  next_at,
  feed_url
FROM judged
ORDER BY health = 'ok', health, feed_url;
COMMENT ON VIEW feed_health IS 'One row a feed, those in trouble first, as of the last poll of any feed: failing (its last poll failed), silent (nothing new for a day and for twice its usual pause, the 90th percentile of its pauses between new entries), gaps (entries may have been missed between two polls), ok. failed is the share of its polls.';

CREATE VIEW reject_reasons AS
SELECT
  stage,
  reason,
  count(*) AS rejects,
  count(*) FILTER (retryable) AS retryable,
  count(DISTINCT unit_id) AS units,
  min(first_at) AS first_at,
  max(first_at) AS last_at,
  arg_max(error, first_at) AS last_error,
  arg_max(doc_ref, first_at) AS last_doc_ref
FROM rejects
GROUP BY ALL
ORDER BY rejects DESC, stage, reason;
COMMENT ON VIEW reject_reasons IS 'What was not taken in, by reason: how often, how many of it may succeed when tried again, and the last example.';
