CREATE MACRO words_in(string) AS
regexp_extract_all(strip_accents(lower(string)), '[\p{L}\p{M}\p{N}]+');
COMMENT ON MACRO words_in IS 'The words of a string as search() compares them: in small letters, without accents.';

CREATE MACRO is_unspaced(string) AS
regexp_matches(string, '[\x{2E80}-\x{2FDF}\x{3005}-\x{3007}\x{3021}-\x{3029}\x{3031}-\x{30FF}\x{31F0}-\x{31FF}\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{FF66}-\x{FF9F}\x{1AFF0}-\x{1B16F}\x{20000}-\x{3FFFF}\x{E00}-\x{EFF}\x{1000}-\x{109F}\x{1780}-\x{17FF}\x{1950}-\x{19FF}\x{1A20}-\x{1AAF}\x{1B00}-\x{1B7F}\x{A980}-\x{A9DF}\x{A9E0}-\x{A9FF}\x{AA60}-\x{AA7F}\x{AA80}-\x{AADF}]');
COMMENT ON MACRO is_unspaced IS 'Whether a string has letters of a script that puts no spaces between words.';

CREATE MACRO query_words(string) AS
list_filter(flatten(list_transform(
  string_split_regex(regexp_replace(string, '([\x{2E80}-\x{2FDF}\x{3005}-\x{3007}\x{3021}-\x{3029}\x{3031}-\x{30FF}\x{31F0}-\x{31FF}\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{FF66}-\x{FF9F}\x{1AFF0}-\x{1B16F}\x{20000}-\x{3FFFF}\x{E00}-\x{EFF}\x{1000}-\x{109F}\x{1780}-\x{17FF}\x{1950}-\x{19FF}\x{1A20}-\x{1AAF}\x{1B00}-\x{1B7F}\x{A980}-\x{A9DF}\x{A9E0}-\x{A9FF}\x{AA60}-\x{AA7F}\x{AA80}-\x{AADF}]+)', ' \1 ', 'g'), '[\s*:_-]+'),
  lambda piece: CASE
    WHEN regexp_full_match(piece, '(?:[^0-9.&''’]\.)+[^0-9.&''’]\.?|(?:[^0-9.&''’]\.){2,}')
      OR regexp_full_match(piece, '[^.&''’]{1,3}(?:&[^.&''’]{1,3})+\.?')
      THEN [rtrim(piece, '.')]
    ELSE string_split_regex(regexp_replace(piece, '[''’].$', ''), '[&.''’]+')
  END
)), lambda word: word <> '');
COMMENT ON MACRO query_words IS 'The words of a piece of a query, as search() looks them up; it is in small letters and has no accents.';

CREATE MACRO search_items(q) AS TABLE
WITH cut AS (
  SELECT
    item,
    nth,
    regexp_extract(item, '^-?(outlet|headline|agency|language|after|before):', 1) AS field,
    strip_accents(lower(replace(regexp_replace(
      item, '^-?(?:(?:outlet|headline|agency|language|after|before):)?', ''
    ), '"', ''))) AS body
  FROM (SELECT generate_subscripts(found, 1) AS nth, unnest(found) AS item FROM (
    SELECT regexp_extract_all(
      regexp_replace(q, '[^\p{L}\p{M}\p{N}\s"&.''’*:_-]+', ' ', 'g'), '-?(?:[a-z]+:)?(?:"[^"]*"?|[^\s"]+)'
    ) AS found
  ))
),
worded AS (
  SELECT
    *,
    CASE WHEN field IN ('after', 'before') THEN [body]
      WHEN field IN ('outlet', 'agency', 'language') THEN [field || ':' || body]
      ELSE query_words(body)
    END AS words,
    lag(item) OVER (ORDER BY nth) IS DISTINCT FROM 'OR' AS opens
  FROM cut
)
SELECT
  nth AS item,
  count(*) FILTER (opens) OVER (ORDER BY nth) AS clause,
  starts_with(item, '-') AS negated,
  field,
  words,
  CASE WHEN field IN ('', 'headline') THEN is_unspaced(words[1]) ELSE false END AS unspaced,
  field IN ('', 'headline') AND (contains(item, '"') OR len(words) > 1 OR unspaced AND length(words[1]) > 2) AS exact,
  field IN ('', 'headline') AND NOT contains(item, '"') AND len(words) = 1
    AND (ends_with(item, '*') OR unspaced AND length(words[1]) = 1) AS prefix
FROM worded
WHERE item <> 'OR' AND len(words) > 0;
COMMENT ON MACRO TABLE search_items IS 'How search() takes a query apart: a row for each item of it; the items of one clause are alternatives. q: as of search().';

CREATE MACRO search_holds(clauses, held, string) AS
list_bool_and(list_transform(
  clauses,
  lambda items: list_bool_or(list_transform(items, lambda item:
    item.negated <> (
      (held & item.mask) = item.mask AND (NOT item.unsure OR list_bool_or(list_transform(
        item.sought,
        lambda words: contains(
          ' ' || array_to_string(words_in(string), ' ') || ' ' || strip_accents(lower(string)), words
        )
      )))
    )
  ))
));
COMMENT ON MACRO search_holds IS 'Whether a string, found by the terms of a mask, is what a query of search() asks for.';

CREATE MACRO search(q, most := 20, per_story := false) AS TABLE
WITH items AS MATERIALIZED (
  SELECT items.*
  FROM search_items(q) AS items
  CROSS JOIN search_coverage
  WHERE indexed = articles OR error(format(
    'search() has no index of {} of {} articles: make it with wirecopy reindex, or ask search_texts()',
    articles - indexed, articles
  ))
),
asked AS MATERIALIZED (
  SELECT *, row_number() OVER () - 1 AS bit
  FROM (
    SELECT
      item,
      field,
      prefix,
      NOT prefix AND NOT exact AND NOT unspaced AND field IN ('', 'headline') AS stemmed,
      unnest(CASE
        WHEN field IN ('after', 'before') THEN []
        WHEN unspaced THEN flatten(list_transform(words, lambda word: CASE
          WHEN length(word) > 1 THEN list_transform(range(1, length(word)), lambda i: substring(word, i, 2))
          ELSE [word]
        END))
        ELSE words
      END) AS word
    FROM items
  )
),
known AS MATERIALIZED (
  SELECT bit, stemmed, own.segment, own.term, own.other, own.place, own.level
  FROM (
    SELECT bit, stemmed, unnest(CASE WHEN stemmed THEN [word, '~' || word] ELSE [word] END) AS form
    FROM asked
    WHERE NOT prefix AND field IN ('', 'headline')
  ) AS asked
  JOIN search_index AS own ON own.term = form AND own.kind = 1
),
guessed AS MATERIALIZED (
  SELECT bit, true AS stemmed, own.segment, own.term, own.other, own.place, own.level
  FROM (
    SELECT bit, length(ending) AS guess, unnest(CASE
      WHEN ends_with(word, ending)
        THEN [left(word, -length(ending)), '~' || left(word, -length(ending)), word || ending]
      WHEN length(ending) < 3 THEN [word || ending]
      ELSE []
    END) AS form
    FROM (
      SELECT bit, word, unnest([
        's', 'es', 'ed', 'd', 'ing', 'er', 'ers', 'ion', 'e', 'en', 'n', 'a', 'i', 'o', 'y', 'as', 'os',
        'а', 'я', 'ы', 'и', 'у', 'ю', 'е', 'ои', 'ом', 'ов', 'ам', 'ах', 'ами', 'ия', 'ии', 'ию', 'ая', 'ое', 'ые', 'ыи'
      ]) AS ending
      FROM asked
      ANTI JOIN known USING (bit)
      WHERE stemmed AND length(word) >= 4
    )
  ) AS guesses
  JOIN search_index AS own ON own.term = form AND own.kind = 1
  QUALIFY guess = min(guess) OVER (PARTITION BY bit)
),
formed AS MATERIALIZED (
  SELECT bit, segment, term AS form, place, level FROM known WHERE NOT stemmed
  UNION
  SELECT bit, own.segment, own.other, own.place, own.level
  FROM (
    SELECT DISTINCT bit, CASE WHEN starts_with(term, '~') THEN term ELSE '~' || other END AS stem
    FROM (FROM known UNION ALL FROM guessed)
    WHERE stemmed
  ) AS stems
  JOIN search_index AS own ON own.term = stem AND own.kind = 1
  UNION
  SELECT bit, segment, term, place, level
  FROM asked
  JOIN search_index ON prefix AND kind = 1 AND term >= word AND term < word || chr(1114111)
),
rarity AS MATERIALIZED (
  SELECT bit, min(level) = 0 AS common, list(DISTINCT form) AS forms, sum(place) AS n
  FROM formed
  GROUP BY bit
),
words AS MATERIALIZED (
  SELECT
    asked.*,
    coalesce(common, false) AND field = '' AS common,
    CASE WHEN field IN ('outlet', 'agency', 'language') THEN [word]
      WHEN field = 'headline' THEN list_transform(forms, lambda form: 'headline:' || form)
      ELSE forms
    END AS forms,
    CASE WHEN field IN ('', 'headline') AND n > 0 THEN 0.55 * ln(1 + greatest(every - n, 0.5) / (n + 0.5)) ELSE 0 END
      AS weight
  FROM asked
  LEFT JOIN rarity USING (bit)
  CROSS JOIN (SELECT sum(place) AS every FROM search_index WHERE kind = 1 AND term = '')
),
needed AS MATERIALIZED (
  SELECT
    items.*,
    coalesce(bit_or(1::BIGINT << bit) FILTER (NOT common), 0) AS mask,
    any_value(items.exact) OR coalesce(bool_or(common), false) AS unsure,
    CASE
      WHEN any_value(items.unspaced) THEN [array_to_string(any_value(items.words), '')]
      WHEN any_value(items.exact) THEN [concat(
        ' ', replace(replace(array_to_string(any_value(items.words), ' '), '.', ' '), '&', ' '), ' '
      )]
      WHEN any_value(items.prefix) THEN [' ' || any_value(items.words)[1]]
      ELSE list_transform(flatten(list(forms)), lambda form: ' ' || form || ' ')
    END AS sought
  FROM items
  LEFT JOIN words USING (item)
  WHERE items.field NOT IN ('after', 'before')
  GROUP BY ALL
),
plan AS MATERIALIZED (
  SELECT
    coalesce(list(items), []) AS clauses,
    coalesce(bool_or(unsure), false) AS unsure,
    NOT coalesce(bool_or(narrow), false) AND EXISTS (FROM items) AS broad
  FROM (
    SELECT
      list({'negated': negated, 'mask': mask, 'unsure': unsure, 'sought': sought}) AS items,
      bool_or(unsure) AS unsure,
      bool_and(NOT negated AND mask <> 0) AS narrow
    FROM needed
    GROUP BY clause
  )
),
dates AS MATERIALIZED (
  SELECT
    max(CASE WHEN field = 'after' THEN words[1]::TIMESTAMP AT TIME ZONE 'UTC' END) AS since,
    min(CASE WHEN field = 'before' THEN words[1]::TIMESTAMP AT TIME ZONE 'UTC' END) AS until
  FROM items
  WHERE field IN ('after', 'before')
  HAVING count(*) > 0
),
spans AS (
  SELECT segment, min(place) AS first, max(place) AS last
  FROM search_index
  JOIN dates ON event_at >= coalesce(since, '-infinity'::TIMESTAMPTZ) AND event_at < coalesce(until, 'infinity'::TIMESTAMPTZ)
  WHERE kind = 0
  GROUP BY segment
),
held AS MATERIALIZED (
  SELECT doc, bit_or(held) AS held, sum(score) AS score
  FROM (
    SELECT segment * 65536 + (place & 65535) AS doc, 1::BIGINT << bit AS held, level * weight AS score
    FROM search_index
    JOIN (SELECT bit, weight, unnest(forms) AS term FROM words WHERE NOT common LIMIT 1000000) AS terms USING (term)
    WHERE kind = 2
    UNION ALL
    SELECT segment * 65536 + place, 0, 0 FROM search_index JOIN plan ON broad WHERE kind = 0
  )
  GROUP BY doc
),
matched AS MATERIALIZED (
  SELECT doc, held, score
  FROM held
  SEMI JOIN (
    SELECT held
    FROM (SELECT DISTINCT held FROM held)
    CROSS JOIN plan
    WHERE coalesce(list_bool_and(list_transform(clauses, lambda items: list_bool_or(list_transform(items, lambda item:
      item.negated <> ((held & item.mask) = item.mask) OR item.negated AND item.unsure
    )))), true)
  ) AS fitting USING (held)
  WHERE NOT EXISTS (FROM dates)
    OR EXISTS (FROM spans WHERE doc BETWEEN segment * 65536 + first AND segment * 65536 + last)
),
best AS MATERIALIZED (
  SELECT doc, held, score
  FROM (FROM matched ORDER BY score DESC, doc DESC LIMIT (2 * most + 250))
  CROSS JOIN plan
  QUALIFY unsure OR per_story OR row_number() OVER (ORDER BY score DESC, doc DESC) <= most
),
best_at AS MATERIALIZED (
  SELECT doc, best.held, score, article_id, event_at
  FROM (SELECT *, doc // 65536 AS segment, doc & 65535 AS place FROM best) AS best
  JOIN search_index AS own ON own.segment = best.segment AND own.place = best.place AND own.kind = 0
),
unsure_at AS MATERIALIZED (
  SELECT article_id, event_at FROM best_at JOIN plan ON unsure
),
best_read AS MATERIALIZED (
  SELECT best_at.*
  FROM best_at
  JOIN (
    FROM texts SEMI JOIN unsure_at USING (article_id, event_at)
    UNION ALL
    FROM texts SEMI JOIN unsure_at USING (article_id) WHERE event_at IS NULL
  ) AS texts USING (article_id)
  JOIN (FROM articles SEMI JOIN unsure_at USING (article_id)) AS articles USING (article_id)
  CROSS JOIN plan
  WHERE search_holds(clauses, held, concat_ws(' ', headline, text))
),
others_at AS MATERIALIZED (
  SELECT doc, others.held, score, article_id, event_at
  FROM (
    SELECT *, doc // 65536 AS segment, doc & 65535 AS place
    FROM matched
    ANTI JOIN best USING (doc)
    WHERE (SELECT count(*) FROM best_read) < most AND (SELECT unsure FROM plan)
  ) AS others
  JOIN search_index AS own ON own.segment = others.segment AND own.place = others.place AND own.kind = 0
),
found AS (
  SELECT best_at.* FROM best_at JOIN plan ON NOT unsure
  UNION ALL
  FROM best_read
  UNION ALL
  SELECT others_at.*
  FROM others_at
  JOIN (
    FROM texts SEMI JOIN others_at USING (article_id, event_at)
    UNION ALL
    FROM texts SEMI JOIN others_at USING (article_id) WHERE event_at IS NULL
  ) AS texts USING (article_id)
  JOIN (FROM articles SEMI JOIN others_at USING (article_id)) AS articles USING (article_id)
  CROSS JOIN plan
  WHERE search_holds(clauses, held, concat_ws(' ', headline, text))
),
hits AS MATERIALIZED (
  SELECT found.*, coalesce(cluster_id, article_id) AS story
  FROM found
  LEFT JOIN (SELECT article_id, cluster_id FROM members WHERE role NOT IN ('partial', 'source')) AS carried USING (article_id)
  QUALIFY NOT per_story
    OR row_number() OVER (PARTITION BY coalesce(cluster_id, article_id) ORDER BY score DESC, event_at, article_id) = 1
  ORDER BY score DESC, event_at, article_id
  LIMIT most
)
SELECT
  round(score, 2) AS score,
  articles.outlet,
  articles.headline,
  hits.event_at,
  trim(regexp_replace(substring(text, greatest(coalesce(list_min(list_filter(list_transform(
    (SELECT list(word) FROM asked),
    lambda word: instr(strip_accents(lower(text)), word)
  ), lambda nth: nth > 0)), 1) - 60, 1), 160), '\s+', ' ', 'g')) AS excerpt,
  articles.url,
  story,
  hits.article_id
FROM hits
JOIN (FROM articles SEMI JOIN hits USING (article_id)) AS articles ON articles.article_id = hits.article_id
LEFT JOIN (
    FROM texts SEMI JOIN hits USING (article_id, event_at)
    UNION ALL
    FROM texts SEMI JOIN hits USING (article_id) WHERE event_at IS NULL
  ) AS texts ON texts.article_id = hits.article_id
ORDER BY hits.score DESC, hits.event_at, hits.article_id;
COMMENT ON MACRO TABLE search IS 'The articles that a query finds, the best first. q: words that an article holds in any of their forms, in any case, with or without accents; "words in quotes" as they stand, one OR another, -not this one, begin*, and headline: outlet: agency: language: after: before: with what they are to be. most: so many hits, 20 where it is left out. per_story: one hit of articles that carry one text. The rank is BM25 (k1 1.2, b .75, in steps of a quarter); a word of the headline counts three times, one that a quarter of the articles hold does not weigh.';
