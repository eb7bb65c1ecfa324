CREATE MACRO words_of(string) AS
list_filter(regexp_split_to_array(lower(string), '[^\p{L}\p{M}\p{N}_]+'), lambda word: word <> '');
COMMENT ON MACRO words_of IS 'The words of a string in lower case, as search_texts() sees them.';

CREATE MACRO within_word(letter) AS
regexp_matches(letter, '[\p{L}\p{M}\p{N}_]');
COMMENT ON MACRO within_word IS 'Whether a letter is part of a word, as search_texts() sees words.';

CREATE MACRO times_in(term, string) AS
CASE
  WHEN regexp_matches(term, '[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]')
  THEN len(string_split(lower(string), term)) - 1
  ELSE len(list_filter(
    list_zip(string_split(lower(string), term)[:-2], string_split(lower(string), term)[2:]),
    lambda around: NOT within_word(right(around[1], 1)) AND NOT within_word(left(around[2], 1))
  ))
END;
COMMENT ON MACRO times_in IS 'How often a term in lower case stands in a string: as a whole word, or anywhere in scripts that write no spaces.';

CREATE MACRO search_texts(q) AS TABLE
WITH query AS (
  SELECT list_distinct(words_of(q)) AS terms
),
holding AS (
  SELECT article_id, terms, list_filter(terms, lambda term: contains(body, term)) AS held
  FROM (
    SELECT article_id, lower(concat_ws(' ', headline, text)) AS body
    FROM texts
    JOIN articles USING (article_id)
  )
  CROSS JOIN query
  WHERE len(held) > 0
),
rarity AS (
  SELECT term, ln(1 + (n - count(*) + 0.5) / (count(*) + 0.5)) AS idf
  FROM (SELECT unnest(held) AS term FROM holding)
  CROSS JOIN (SELECT count(*) AS n FROM articles)
  GROUP BY term, n
  QUALIFY count(*) <= greatest(n / 2, 1000) OR min(count(*)) OVER () > greatest(n / 2, 1000)
),
whole AS (
  SELECT article_id, event_at FROM holding JOIN articles USING (article_id) WHERE len(held) = len(terms)
),
counted AS (
  SELECT
    texts.article_id,
    texts.text,
    term,
    idf,
    times_in(term, texts.text) + 3 * times_in(term, coalesce(articles.headline, '')) AS tf,
    1.2 * (0.25 + 0.75 * articles.n_words / (SELECT greatest(avg(n_words), 1) FROM articles)) AS damping
  FROM texts
  JOIN whole ON whole.article_id = texts.article_id AND whole.event_at IS NOT DISTINCT FROM texts.event_at
  JOIN articles ON articles.article_id = texts.article_id
  CROSS JOIN rarity
),
ranked AS (
  SELECT
    article_id,
    sum(idf * tf * 2.2 / (tf + damping)) AS score,
    min(nullif(instr(lower(text), term), 0)) AS place,
    any_value(text) AS text
  FROM counted
  GROUP BY article_id
  HAVING min(tf) > 0
)
SELECT
  round(ranked.score, 2) AS score,
  articles.outlet,
  articles.headline,
  articles.event_at,
  trim(regexp_replace(substring(ranked.text, greatest(coalesce(ranked.place, 1) - 60, 1), 160), '\s+', ' ', 'g'))
    AS excerpt,
  articles.url,
  coalesce(story.cluster_id, articles.article_id) AS story,
  articles.article_id
FROM ranked
JOIN articles USING (article_id)
LEFT JOIN members AS story ON story.article_id = articles.article_id AND story.role NOT IN ('partial', 'source')
ORDER BY ranked.score DESC, articles.event_at, articles.article_id;
COMMENT ON MACRO TABLE search_texts IS 'Articles whose headline and text hold all the words, the best first, for lakes that search() has no index of. It reads every text; the rank is BM25 (k1 1.2, b .75) in which a word of the headline counts three times and a word''s rarity is estimated from the articles that hold its letters; words that most articles hold are wanted, but do not weigh beside rarer ones. q: words, in any order and case.';
