CREATE MACRO lag_of(seconds) AS
to_days((seconds // 86400)::INTEGER) + to_seconds(seconds % 86400);
COMMENT ON MACRO lag_of IS 'Seconds as an interval of days and the rest, negative where they are negative.';

CREATE VIEW stories AS
SELECT
  coalesce(origin.outlet, clusters.agency) AS outlet,
  origin.headline,
  clusters.n_articles,
  clusters.n_outlets,
  clusters.agency,
  clusters.first_at,
  clusters.last_at,
  lag_of(epoch(clusters.last_at)::BIGINT - epoch(clusters.first_at)::BIGINT) AS spread,
  clusters.origin_confidence,
  clusters.origin_method,
  origin.language,
  origin.url,
  list_filter(origin.credits, lambda credit: credit.agency = clusters.agency)[1].evidence AS agency_evidence,
  clusters.origin_article_id,
  clusters.cluster_id
FROM clusters
LEFT JOIN articles AS origin ON origin.article_id = clusters.origin_article_id;
COMMENT ON VIEW stories IS 'One row a cluster, by its origin: how many articles and outlets carry its text, and for how long. Where the outlet of the origin is not known its agency stands for it. agency_evidence: the words of the origin that credit the agency; null where its domain says so. A story may be what a paper added to an agency''s text: then agency is null and its origin has the role source.';

CREATE VIEW copies AS
SELECT
  article.outlet,
  article.headline,
  lag_of(members.lag_s) AS lag,
  members.copied_share AS share,
  members.role,
  story.outlet AS source_outlet,
  story.headline AS source_headline,
  story.agency AS source_agency,
  article.agency IS NOT DISTINCT FROM story.agency
    OR list_contains(list_transform(article.credits, lambda credit: credit.agency), story.agency) AS credited,
  coalesce(article.outlet = story.outlet, false) AS same_outlet,
  coalesce(members.lag_s > 0, false) OR story.origin_method = 'credit' AS ordered,
  article.event_at,
  article.url,
  article.n_words,
  article.language,
  list_distinct(list_transform(article.credits, lambda credit: credit.agency)) AS credits,
  story.origin_confidence,
  story.agency_evidence AS source_evidence,
  members.lag_s,
  members.article_id,
  story.origin_article_id,
  members.cluster_id
FROM members
JOIN stories AS story USING (cluster_id)
LEFT JOIN articles AS article USING (article_id)
WHERE members.role NOT IN ('origin', 'version', 'source');
COMMENT ON VIEW copies IS 'One row an article that carries text of another: whose, how much of it (share of its own words), how long after, and whether it credits the agency the text comes from. An article may carry text of several. The lag is null where the times are not exact enough to order the two; ordered: whether a credit or the clock says that the source comes first. source_evidence: the source''s words that credit the agency.';

CREATE MACRO copies_of(id) AS TABLE
WITH story AS (
  SELECT cluster_id FROM members WHERE article_id = id::UUID AND role <> 'partial'
)
SELECT
  article.outlet,
  article.headline,
  lag_of(members.lag_s) AS lag,
  members.copied_share AS share,
  members.role,
  article.agency,
  article.event_at,
  article.url,
  members.lag_s,
  members.article_id,
  members.cluster_id
FROM members
JOIN story USING (cluster_id)
LEFT JOIN articles AS article USING (article_id)
WHERE members.article_id <> id::UUID
ORDER BY members.role <> 'origin', article.event_at, members.article_id;
COMMENT ON MACRO TABLE copies_of IS 'The other articles that carry the text of an article: its origin first where that is another one, then by time. Lag and share are measured against the origin. id: an article_id, as UUID or text.';

CREATE MACRO sources_of(id) AS TABLE
SELECT
  source_outlet,
  source_headline,
  source_agency,
  share,
  role,
  lag,
  credited,
  origin_confidence,
  source_evidence,
  origin_article_id,
  cluster_id
FROM copies
WHERE article_id = id::UUID
ORDER BY share DESC, cluster_id;
COMMENT ON MACRO TABLE sources_of IS 'Where the text of an article comes from: the origins it took text of, the greatest share first; words that a copy added to an agency''s text come from that copy, and are no agency''s. source_evidence: the origin''s words that credit the agency. id: an article_id, as UUID or text.';

CREATE MACRO timeline(cluster) AS TABLE
SELECT
  article.event_at,
  article.outlet,
  article.headline,
  lag_of(members.lag_s) AS lag,
  members.copied_share AS share,
  members.role,
  count(*) OVER so_far AS n_articles,
  count(DISTINCT article.outlet) OVER so_far AS n_outlets,
  article.url,
  members.article_id
FROM members
LEFT JOIN articles AS article USING (article_id)
WHERE members.cluster_id = cluster::UUID
WINDOW so_far AS (ORDER BY article.event_at, members.article_id ROWS UNBOUNDED PRECEDING)
ORDER BY article.event_at, members.article_id;
COMMENT ON MACRO TABLE timeline IS 'How a story spread: its articles by time, undated ones last, with the number of articles and of outlets so far. cluster: a cluster_id, as UUID or text.';
