CREATE VIEW pairs AS
WITH told AS (
  SELECT
    passage_id,
    src_article_id,
    dst_article_id,
    dst_begin,
    dst_end,
    identity,
    coalesce(cluster_id, src_article_id) AS src_story
  FROM plain_passages
  LEFT JOIN members ON members.article_id = src_article_id AND role NOT IN ('partial', 'source')
),
explained AS (
  SELECT
    told.src_article_id,
    told.dst_article_id,
    count(DISTINCT told.passage_id) AS n_explained,
    arg_max(nearer.src_article_id, (nearer.identity, nearer.src_article_id)) AS nearer_article_id
  FROM told
  JOIN told AS nearer
    ON nearer.dst_article_id = told.dst_article_id
    AND nearer.src_story <> told.src_story
    AND least(nearer.dst_end, told.dst_end) - greatest(nearer.dst_begin, told.dst_begin)
      >= 0.8 * (told.dst_end - told.dst_begin)
  LEFT JOIN plain_pairs AS before
    ON before.src_article_id = nearer.src_article_id AND before.dst_article_id = told.src_article_id
  WHERE nearer.identity > told.identity + 0.02
    OR (nearer.identity >= told.identity - 0.02 AND before.src_article_id IS NOT NULL)
  GROUP BY ALL
)
SELECT
  plain_pairs.* REPLACE (CASE WHEN nearer_article_id IS NULL THEN relation ELSE 'indirect' END AS relation),
  nearer_article_id
FROM plain_pairs
LEFT JOIN explained
  ON explained.src_article_id = plain_pairs.src_article_id
  AND explained.dst_article_id = plain_pairs.dst_article_id
  AND n_explained = n_passages
  AND relation = 'reuse';
COMMENT ON VIEW pairs IS 'Two articles one of which is a copy of the other or reuses passages of it, by itself or through a third: two that took one passage from a third are an indirect pair, and so are the first and the last of three that took it one from another. plain_pairs are the same as their two texts alone make them: the indirect ones are reuse there.';
COMMENT ON COLUMN pairs.nearer_article_id IS 'of an indirect pair, the third article that dst''s text comes from rather than from src; null for copy and reuse';
