"""What some commits show that somebody watches for: events, each whole, with an id made of what happened."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.watches.store import Watch
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.commits import open_snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.provenance.origin import OWN, Sighting, lag_s, standing

MOST_WORDS = 600
"""Code points of a passage that an event quotes."""

MOST_ROWS = 10_000
"""Rows of a query of one's own that are looked at."""

_PAIRS = """
WITH best AS (
  SELECT
    src_article_id,
    dst_article_id,
    arg_max({'src_begin': src_begin, 'src_end': src_end, 'dst_begin': dst_begin, 'dst_end': dst_end}, score) AS place
  FROM new_passages
  WHERE coalesce(taken, NOT is_chrome)
  GROUP BY ALL
)
SELECT
  relation,
  coalesce(dst_taken, dst_coverage) AS share,
  direction_confidence AS confidence,
  place,
  _article(src) AS source,
  _article(dst) AS taker,
  substring(coalesce(its.text, ''), place.dst_begin + 1, place.dst_end - place.dst_begin) AS dst_words,
  substring(coalesce(theirs.text, ''), place.src_begin + 1, place.src_end - place.src_begin) AS src_words
FROM new_pairs
LEFT JOIN best USING (src_article_id, dst_article_id)
JOIN articles AS src ON src.article_id = src_article_id
JOIN articles AS dst ON dst.article_id = dst_article_id
LEFT JOIN new_texts AS its ON its.article_id = dst_article_id
LEFT JOIN new_texts AS theirs ON theirs.article_id = src_article_id
WHERE relation <> 'stock' AND src.identity <> dst.identity AND NOT coalesce(
  coalesce(src.outlet, src.outlet_name) = coalesce(dst.outlet, dst.outlet_name), false
)
ORDER BY dst.event_at, dst_article_id, src_article_id
"""

_ARTICLE = """
CREATE TEMP MACRO _article(a) AS {
  'article_id': a.article_id, 'identity': a.identity, 'url': a.url, 'outlet': coalesce(a.outlet, a.outlet_name),
  'headline': a.headline, 'published_at': a.event_at, 'language': a.language, 'agency': a.agency,
  'credits': list_transform(a.credits, lambda credit: credit.agency),
  'kind': list_filter(a.credits, lambda credit: credit.agency = a.agency)[1].kind,
  'published': a.published_at, 'precision': a.published_precision, 'seen': a.first_seen_at
}
"""

_HEADLINES = """
SELECT _article(now) AS article, was
FROM (
  SELECT *, lag(headline) OVER (PARTITION BY identity ORDER BY version) AS was
  FROM articles
  WHERE identity IN (SELECT identity FROM articles JOIN new_articles USING (article_id))
) AS now
JOIN new_articles USING (article_id)
WHERE now.version > 1 AND now.headline <> was
ORDER BY now.event_at, now.article_id
"""

_HOLDING = """
SELECT _article(a) AS article, text
FROM articles AS a
JOIN new_texts USING (article_id)
WHERE len(list_filter($words, lambda word: NOT contains(lower(concat_ws(' ', headline, text)), word))) = 0
ORDER BY a.event_at, a.article_id
"""

_STORY = """
SELECT $id::UUID AS article_id
UNION
SELECT other.article_id
FROM members AS own
JOIN members AS other USING (cluster_id)
WHERE own.article_id = $id::UUID AND own.role <> 'partial' AND other.role <> 'partial'
"""

_SILENT = """
SELECT feed_url, title, outlet, epoch(silent_for)::BIGINT AS silent_s, last_new_at
FROM feed_health
WHERE health = 'silent'
ORDER BY feed_url
"""

_SPANS = {"second": 1, "minute": 60, "day": 86_400}


class Look(NamedTuple):
    """What is looked through.

    Attributes:
        con: the lake as it stands, with the tables new_articles, new_pairs, new_passages and new_texts.
        number: the commit that it stands for.
        at: when that commit was made, ISO 8601.
        lake: the lake's folder.
    """

    con: duckdb.DuckDBPyConnection
    number: int
    at: str
    lake: Path


def look(lake: Path, after: int, number: int) -> Look:
    """Return what the commits after one, up to another, brought into a lake. Raises LakeError and OSError."""
    con = open_lake(lake, unsafe=True)
    con.execute(_ARTICLE)
    parts: dict[str, list[pa.Table]] = {name: [] for name in ("articles", "pairs", "passages", "texts")}
    at = ""
    first = max(after + 1, open_snapshot(lake).expired)
    if first > after + 1:
        logging.getLogger("wirecopy").warning("watches cannot look through the commits before %d, which expired", first)
    for step in range(first, number + 1):
        commit = read_commit(lake, step)
        at = commit.committed_at
        for name, found in parts.items():
            columns = ["article_id"] if name == "articles" else None
            for part in commit.added.get(name, ()):
                try:
                    found.append(_plain(read_parts(lake, (part,), TABLES[name].schema, columns)))
                except FileNotFoundError:
                    logging.getLogger("wirecopy").warning(
                        "watches cannot look through %s, which commit %d added and another removed since",
                        part.path,
                        step,
                    )
    for name, tables in parts.items():
        empty = _plain(
            TABLES[name].schema.empty_table().select(["article_id"])
            if name == "articles"
            else TABLES[name].schema.empty_table()
        )
        con.register(f"_new_{name}", pa.concat_tables([empty, *tables]))
        ids = [one for one in empty.column_names if one.endswith("article_id")]
        cast = ", ".join(f"{one}::UUID AS {one}" for one in ids)
        con.execute(f"CREATE TEMP TABLE new_{name} AS SELECT * REPLACE ({cast}) FROM _new_{name}")
        con.unregister(f"_new_{name}")
    return Look(con, number, at, lake)


def _plain(rows: pa.Table) -> pa.Table:
    """Return rows with their ids as text, which every DuckDB takes."""
    for place, field in enumerate(rows.schema):
        if field.type == pa.uuid():
            ids = [str(uuid.UUID(bytes=one)) for one in storage(rows[field.name]).to_pylist()]
            rows = rows.set_column(place, field.name, pa.array(ids, pa.string()))
    return rows


def events(watch: Watch, seen: Look) -> Iterator[dict[str, Any]]:
    """Yield what happened that a watch is for. Raises duckdb.Error where its own query cannot be run."""
    finders: dict[str, Callable[[Watch, Look], Iterator[dict[str, Any]]]] = {
        "headline": _headlines,
        "silent": _silent,
        "query": _holding,
        "sql": _rows,
    }
    yield from finders.get(watch.what, _taken)(watch, seen)


def _taken(watch: Watch, seen: Look) -> Iterator[dict[str, Any]]:
    """Yield pairs: text of a source in another outlet's article.

    Where it matters that somebody has an agency's text, or a story's, and not from which of its prints, an article is
    one event, with the source that is nearest to where the text comes from.
    """
    story = _story(watch, seen) if watch.what == "story" else None
    best: dict[Any, tuple[tuple[int, float], dict[str, Any]]] = {}
    for row in _dicts(seen.con, _PAIRS):
        source, taker = row["source"], row["taker"]
        rank, agency = standing(_sighting(source))
        credited = agency is not None and agency in {taker["agency"], *(taker["credits"] or ())}
        wanted = {
            "reprint": source["outlet"] == watch.outlet,
            "uncredited": agency is not None
            and not credited
            and watch.outlet in (None, taker["outlet"])
            and watch.agency in (None, agency),
            "agency": agency == watch.agency and standing(_sighting(taker)) != (OWN, agency),
            "story": story is not None and source["article_id"] in story,
        }[watch.what]
        if wanted and row["share"] >= watch.least:
            happened = (source["identity"] if watch.what == "reprint" else agency, taker["identity"])
            nearness = (rank, -row["share"])
            if happened not in best or nearness < best[happened][0]:
                best[happened] = nearness, _taking(watch, seen, row, happened, agency, credited)
    for _, event in best.values():
        yield event


def _taking(
    watch: Watch, seen: Look, row: Mapping[str, Any], happened: Sequence[Any], agency: str | None, credited: bool
) -> dict[str, Any]:
    source, taker, place = row["source"], row["taker"], row["place"] or {}
    words = row["dst_words"] or row["src_words"] or ""
    begin, end = ("dst_begin", "dst_end") if row["dst_words"] else ("src_begin", "src_end")
    told = f"{_name(taker)} has {row['share']:.0%} of its words from {_name(source)}: {taker['headline'] or ''}"
    return _event(
        watch,
        seen,
        happened,
        told,
        relation=row["relation"],
        share=round(row["share"], 4),
        confidence=round(row["confidence"], 4),
        lag_s=lag_s(_sighting(source), _sighting(taker)),
        agency=agency,
        credited=credited if agency else None,
        source=_told(source),
        article=_told(taker),
        passage=words[:MOST_WORDS] or None,
        passage_in="article" if row["dst_words"] else "source" if words else None,
        passage_begin=place.get(begin) if words else None,
        passage_end=place.get(end) if words else None,
    )


def _headlines(watch: Watch, seen: Look) -> Iterator[dict[str, Any]]:
    for row in _dicts(seen.con, _HEADLINES):
        article = row["article"]
        if watch.outlet in (None, article["outlet"]):
            told = f"{_name(article)} changed a headline: {row['was']} → {article['headline']}"
            yield _event(
                watch,
                seen,
                (article["article_id"],),
                told,
                article=_told(article),
                was=row["was"],
                now=article["headline"],
            )


def _holding(watch: Watch, seen: Look) -> Iterator[dict[str, Any]]:
    words = [row[0] for row in seen.con.execute("SELECT unnest(words_of(?))", [watch.query]).fetchall()]
    if not words:
        return
    for row in _dicts(seen.con, _HOLDING, words=words):
        article, text = row["article"], row["text"]
        if watch.outlet in (None, article["outlet"]) and watch.agency in (None, article["agency"]):
            at = max(0, text.lower().find(words[0]) - 60)
            told = f"{_name(article)}: {article['headline'] or 'no headline'}"
            excerpt = " ".join(text[at : at + 240].split())
            yield _event(
                watch,
                seen,
                (article["identity"],),
                told,
                article=_told(article),
                agency=article["agency"],
                passage=excerpt,
            )


def _silent(watch: Watch, seen: Look) -> Iterator[dict[str, Any]]:
    for row in _dicts(seen.con, _SILENT):
        if watch.outlet in (None, row["outlet"]):
            told = f"{row['feed_url']} has had nothing new since {row['last_new_at'] or 'it is polled'}"
            yield _event(
                watch,
                seen,
                (row["feed_url"], row["last_new_at"]),
                told,
                feed_url=row["feed_url"],
                outlet=row["outlet"],
                title=row["title"],
                silent_s=row["silent_s"],
                last_new_at=_text(row["last_new_at"]),
            )


def _rows(watch: Watch, seen: Look) -> Iterator[dict[str, Any]]:
    """Yield the rows of the watch's own query, which reads the lake's folder and nothing else."""
    con = open_lake(seen.lake)
    try:
        [statement] = con.extract_statements(watch.sql or "")
        if statement.type != duckdb.StatementType.SELECT:
            raise LakeError(f"the query of the watch {watch.name} is no SELECT")
        for row in itertools.islice(_dicts(con, statement.query), MOST_ROWS):
            plain = {name: _text(value) for name, value in row.items()}
            told = ", ".join(f"{name}: {value}" for name, value in plain.items() if value is not None)
            yield _event(watch, seen, (json.dumps(plain, sort_keys=True, default=str),), told[:400], row=plain)
    except ValueError:
        raise LakeError(f"the query of the watch {watch.name} is not one statement") from None
    finally:
        con.close()


def _story(watch: Watch, seen: Look) -> set[Any]:
    return {row[0] for row in seen.con.execute(_STORY, {"id": watch.story}).fetchall()}


def _event(watch: Watch, seen: Look, happened: Sequence[Any], told: str, **fields: Any) -> dict[str, Any]:
    """Return an event; its id depends on the watch and on what happened, not on when it was seen."""
    name = blake2b_128(watch.key.encode(), watch.what.encode(), *(str(one).encode() for one in happened)).hex()
    head = {"id": name, "watch": watch.name, "what": watch.what, "commit": seen.number, "at": seen.at, "told": told}
    return head | fields


def _dicts(con: duckdb.DuckDBPyConnection, query: str, **given: Any) -> Iterator[dict[str, Any]]:
    found = con.execute(query, given) if given else con.execute(query)
    names = [column[0] for column in found.description or ()]
    while rows := found.fetchmany(1024):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _told(article: Mapping[str, Any]) -> dict[str, Any]:
    names = ("article_id", "url", "outlet", "headline", "published_at", "language", "agency")
    return {name: _text(article[name]) for name in names} | {"credits": sorted({*(article["credits"] or ())} - {None})}


def _name(article: Mapping[str, Any]) -> str:
    return str(article["outlet"] or article["agency"] or "an unknown outlet")


def _text(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_text(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _text(one) for name, one in value.items()}
    return str(value)


def _sighting(article: Mapping[str, Any]) -> Sighting:
    begin, end = _interval(article)
    outlet, agency, kind = article["outlet"], article["agency"], article["kind"]
    return Sighting(article["article_id"].bytes, outlet, agency, kind, begin, end, begin)


def _interval(article: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the microseconds between which an article was published, see `transforms.provenance.facts`."""
    span = _SPANS.get(article["precision"] or "")
    begin = article["published"] if span and article["published"] else article["seen"]
    if begin is None:
        return None, None
    at = round(begin.timestamp() * 1_000_000)
    return at, at + 1_000_000 * (span if span and article["published"] else 1)
