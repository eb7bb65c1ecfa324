CREATE VIEW first_movers AS
SELECT
  source_outlet AS outlet,
  count(DISTINCT cluster_id) AS stories,
  count(DISTINCT article_id) AS reprints,
  count(DISTINCT outlet) AS outlets,
  lag_of(median(lag_s) FILTER (lag_s >= 0)::BIGINT) AS median_lag,
  round(avg(origin_confidence), 3) AS origin_confidence
FROM copies
WHERE role <> 'partial' AND NOT same_outlet AND origin_confidence > 0.5
GROUP BY ALL
ORDER BY stories DESC, reprints DESC, outlet;
COMMENT ON VIEW first_movers IS 'Who has stories first: for each outlet (or agency without one) the stories it originated that other outlets then carried whole, how many articles and outlets followed, and how soon. Stories whose origin is a coin toss (confidence .5) do not count.';

CREATE VIEW agency_matrix AS
SELECT
  outlet,
  source_agency AS agency,
  count(DISTINCT article_id) AS articles,
  count(DISTINCT article_id) FILTER (role = 'verbatim') AS verbatim,
  count(DISTINCT article_id) FILTER (role = 'edited') AS edited,
  count(DISTINCT article_id) FILTER (role = 'partial') AS partial,
  round(avg(share), 3) AS share,
  round(avg(credited::INTEGER), 3) AS credited,
  sum(n_words * share)::BIGINT AS words
FROM copies
WHERE source_agency IS NOT NULL AND NOT same_outlet
GROUP BY ALL
ORDER BY articles DESC, outlet, agency;
COMMENT ON VIEW agency_matrix IS 'Which outlet carries which agency: articles by role, the mean share of their words that is the agency''s, the share of them that credit it, and the words taken.';

CREATE VIEW time_to_reprint AS
SELECT
  source_agency AS agency,
  count(*) FILTER (lag_s >= 0) AS reprints,
  lag_of(quantile_cont(lag_s, 0.1) FILTER (lag_s >= 0)::BIGINT) AS p10,
  lag_of(quantile_cont(lag_s, 0.5) FILTER (lag_s >= 0)::BIGINT) AS median,
  lag_of(quantile_cont(lag_s, 0.9) FILTER (lag_s >= 0)::BIGINT) AS p90,
  count(*) FILTER (lag_s < 0) AS before_origin,
  count(*) FILTER (lag_s IS NULL) AS without_lag
FROM copies
WHERE source_agency IS NOT NULL AND role <> 'partial' AND NOT same_outlet
GROUP BY ALL
ORDER BY reprints DESC, agency;
COMMENT ON VIEW time_to_reprint IS 'How soon whole copies of an agency''s stories appear after the earliest copy that is nearest to the agency (10th, 50th and 90th percentile). before_origin: reprints older than the agency''s own copy in this lake; without_lag: times too vague to order.';

CREATE VIEW outlet_network AS
SELECT
  source_outlet,
  outlet,
  count(DISTINCT article_id) AS articles,
  count(DISTINCT article_id) FILTER (role <> 'partial') AS copies,
  count(DISTINCT article_id) FILTER (role = 'partial') AS partial,
  round(avg(share), 3) AS share,
  lag_of(median(lag_s)::BIGINT) AS median_lag,
  round(avg(origin_confidence), 3) AS origin_confidence
FROM copies
WHERE NOT same_outlet AND ordered
GROUP BY ALL
ORDER BY articles DESC, source_outlet, outlet;
COMMENT ON VIEW outlet_network IS 'Who takes text from whom: one row an edge from the source to the outlet that carries its text, with the number of articles, the mean share of their words and the median lag. Where neither a credit nor the clock says who was first there is no edge.';

CREATE VIEW reuse_by_article AS
WITH taken AS (
  SELECT article_id, max(share) AS share, max(share) FILTER (source_agency IS NOT NULL) AS agency_share
  FROM copies
  WHERE NOT same_outlet AND (ordered OR lag_s IS NULL)
  GROUP BY article_id
)
SELECT
  arg_min(articles.outlet, version) AS outlet,
  arg_min(headline, version) AS headline,
  arg_min(event_at, version) AS event_at,
  arg_min(n_words, version) AS n_words,
  coalesce(max(taken.share), 0) AS share,
  coalesce(max(taken.agency_share), 0) AS agency_share,
  arg_min(articles.article_id, version) AS article_id
FROM articles
LEFT JOIN taken USING (article_id)
GROUP BY identity;
COMMENT ON VIEW reuse_by_article IS 'One row an article, its versions counted once: the greatest share of its words that it took from one origin of another outlet, and from one agency; 0 where it took none. What it took from several is more than that.';

CREATE VIEW outlets AS
SELECT
  outlet,
  count(*) AS articles,
  round(avg((share = 0)::INTEGER), 3) AS original,
  round(sum(n_words * share) / nullif(sum(n_words), 0), 3) AS copied_share,
  round(sum(n_words * agency_share) / nullif(sum(n_words), 0), 3) AS agency_share,
  sum(n_words)::BIGINT AS words,
  min(event_at) AS first_at,
  max(event_at) AS last_at
FROM reuse_by_article
GROUP BY ALL
ORDER BY articles DESC, outlet;
COMMENT ON VIEW outlets IS 'One row an outlet: its articles, the share of them that took nothing from another outlet (original), and the shares of its words that were taken at all and from agencies.';

CREATE MACRO churn(of_outlet) AS TABLE
SELECT
  outlet,
  date_trunc('month', event_at) AS month,
  count(*) AS articles,
  round(sum(n_words * share) / nullif(sum(n_words), 0), 3) AS copied_share,
  round(sum(n_words * agency_share) / nullif(sum(n_words), 0), 3) AS agency_share,
  count(*) FILTER (share >= 0.5) AS mostly_copied,
  count(*) FILTER (share = 0) AS original
FROM reuse_by_article
WHERE outlet = of_outlet
GROUP BY ALL
ORDER BY month;
COMMENT ON MACRO TABLE churn IS 'How much of an outlet''s text is not its own, month by month: the shares of its words taken from other outlets and from agencies. of_outlet: its registrable domain, such as ''aravot.am''. All outlets at once: the view outlets.';

CREATE MACRO uncredited(least := 0.5) AS TABLE
SELECT
  outlet,
  headline,
  source_agency,
  share,
  role,
  lag,
  credits AS credited_instead,
  source_headline,
  source_evidence,
  origin_confidence,
  event_at,
  url,
  article_id,
  origin_article_id,
  cluster_id
FROM copies
WHERE source_agency IS NOT NULL AND NOT credited AND NOT same_outlet AND share >= least
ORDER BY share DESC, event_at, article_id;
COMMENT ON MACRO TABLE uncredited IS 'Articles that carry an agency''s text and do not credit it. What a paper added to an agency''s text is not the agency''s. source_evidence: the words of the source, origin_article_id, that credit the agency; null where its domain says so. least: the least share of an article''s words that has to be the agency''s, .5 where it is left out: uncredited() or uncredited(least := 0.2).';
