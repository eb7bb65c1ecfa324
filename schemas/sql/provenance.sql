CREATE VIEW passages AS
WITH added AS (
  SELECT DISTINCT origin_article_id AS article_id
  FROM clusters
  JOIN articles AS origin ON origin.article_id = origin_article_id
  WHERE clusters.agency IS NULL AND origin.agency IS NOT NULL
)
SELECT
  found.* REPLACE (
    CASE
      WHEN reached.agency IS NOT NULL THEN reached.agency
      WHEN added.article_id IS NULL AND NOT reached.held THEN found.agency
    END AS agency
  ),
  CASE
    WHEN reached.agency IS NOT NULL THEN reached.article_id
    WHEN found.agency IS NOT NULL AND added.article_id IS NULL AND NOT reached.held THEN found.src_article_id
  END AS agency_article_id
FROM plain_passages AS found
LEFT JOIN added ON added.article_id = found.src_article_id
LEFT JOIN LATERAL (
  SELECT
    arg_max(before.agency, (overlap, before.src_article_id)) FILTER (is_agency) AS agency,
    arg_max(before.src_article_id, (overlap, before.src_article_id)) FILTER (is_agency) AS article_id,
    count(*) > 0 AS held
  FROM (
    SELECT
      earlier.*,
      least(earlier.dst_end, found.src_end) - greatest(earlier.dst_begin, found.src_begin) AS overlap,
      earlier.agency IS NOT NULL AND adding.article_id IS NULL AS is_agency
    FROM plain_passages AS earlier
    LEFT JOIN added AS adding ON adding.article_id = earlier.src_article_id
    WHERE earlier.dst_article_id = found.src_article_id
  ) AS before
  WHERE 2 * overlap >= found.src_end - found.src_begin
) AS reached ON true;
COMMENT ON VIEW passages IS 'A passage of one article that stands, possibly edited, in another, with the agency whose words they are, as far as the lake knows: that of the agency''s text from which the source has at least half of the passage, else the one that the source credits, where it has the words from nobody else. What a paper added to an agency''s text is no agency''s, though the paper credits one, nor is what an agency has from a paper. plain_passages are the same with the credits of the two articles alone.';
COMMENT ON COLUMN passages.agency_article_id IS 'the article whose credit says that the words are the agency''s: see passage_credits; null where they are none''s';

CREATE VIEW passage_credits AS
SELECT
  passage_id,
  passages.agency,
  credit.kind,
  credit.evidence,
  credit."where",
  agency_article_id,
  src_article_id,
  dst_article_id
FROM passages
JOIN articles ON article_id = agency_article_id
CROSS JOIN unnest(list_filter(credits, lambda each: each.agency = passages.agency)) AS told (credit);
COMMENT ON VIEW passage_credits IS 'What stands behind the agency of a passage: the credit, in its own words, and the article that has it, which is the source, or an agency''s text that the source has it from. An article on an agency''s own domain that credits nobody has no row.';
