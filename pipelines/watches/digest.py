"""`wirecopy digest`: what a day or a week showed, as Markdown or as a page."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import typer

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.terminal.shown import shown
from wirecopy.pipelines.tracing.pages import page
from wirecopy.pipelines.watches.store import has_watches, open_store
from wirecopy.transforms.lake.files import LakeError

DAYS = {"day": 1, "week": 7}
MOST = 10
"""Lines of a section; how many more there are is said."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&]|^[-+]|^\d+(?=[.)]))")

_LAST = "SELECT max(event_at)::DATE FROM articles WHERE event_at <= now()"
_COUNTS = """
SELECT count(*), count(DISTINCT outlet) FROM articles WHERE event_at >= $since AND event_at < $until
  AND ($outlet IS NULL OR outlet = $outlet)
"""
_STORIES = """
SELECT
  any_value(source_headline) AS headline,
  any_value(source_outlet) AS outlet,
  any_value(source_agency) AS agency,
  any_value(origin.url) AS url,
  count(DISTINCT copies.article_id) AS n_articles,
  count(DISTINCT copies.outlet) AS n_outlets,
  string_agg(DISTINCT copies.outlet, ', ' ORDER BY copies.outlet) AS outlets
FROM copies
JOIN articles AS origin ON origin.article_id = origin_article_id
WHERE copies.event_at >= $since AND copies.event_at < $until AND NOT same_outlet AND share >= 0.1
  AND ($outlet IS NULL OR source_outlet = $outlet)
GROUP BY cluster_id
ORDER BY n_outlets DESC, n_articles DESC, cluster_id
"""
_UNCREDITED = """
SELECT outlet, headline, source_agency, share, url
FROM uncredited()
WHERE event_at >= $since AND event_at < $until AND ($outlet IS NULL OR outlet = $outlet)
"""
_HEADLINES = """
SELECT outlet, headline, previous_headline, url
FROM changed_after_publication
WHERE headline_changed AND changed_at >= $since AND changed_at < $until AND ($outlet IS NULL OR outlet = $outlet)
  AND headline IS NOT NULL AND previous_headline IS NOT NULL
"""
_TAKEN = """
SELECT coalesce(source_outlet, source_agency) AS source, outlet, count(DISTINCT article_id) AS n_articles
FROM copies
WHERE event_at >= $since AND event_at < $until AND NOT same_outlet AND share >= 0.1
  AND ($outlet IS NULL OR outlet = $outlet OR source_outlet = $outlet)
GROUP BY ALL
ORDER BY n_articles DESC, source, outlet
"""
_FEEDS = """
SELECT feed_url, health, last_new_at, last_error FROM feed_health
WHERE health IN ('silent', 'failing') AND ($outlet IS NULL OR outlet = $outlet)
"""


class Run(NamedTuple):
    """Some text, and the address that it leads to."""

    text: str
    url: str | None = None
    strong: bool = False


Line = list[Run]


class Section(NamedTuple):
    """A part of a digest: what it is about, its lines, and how many there are in all."""

    title: str
    lines: list[Line]
    n: int


class Digest(NamedTuple):
    """A digest: its title, a line on all of it, and its sections."""

    title: str
    about: str
    sections: list[Section]


def write_digest(lake: Path, period: str, end: str | None, outlet: str | None, form: str) -> str:
    """Return the digest of a lake as `markdown` or `html`. Raises typer.BadParameter, LakeError and duckdb.Error."""
    if period not in DAYS:
        raise typer.BadParameter(f"{period!r} is not one of {', '.join(DAYS)}", param_hint="--period")
    try:
        last = dt.date.fromisoformat(end) if end else None
    except ValueError:
        raise typer.BadParameter(f"{end!r} is no date such as 2022-02-14", param_hint="--end") from None
    found = digest(lake, DAYS[period], last, outlet)
    return as_html(found) if form == "html" else as_markdown(found)


def digest(lake: Path, days: int, last: dt.date | None = None, outlet: str | None = None) -> Digest:
    """Return what some days of a lake showed, in UTC.

    Args:
        lake: the lake's folder.
        days: how many.
        last: the last of them; the last that has an article where None.
        outlet: the outlet that it is about; all where None.

    Raises LakeError where there is no lake, or no article with a date.
    """
    with contextlib.closing(open_lake(lake)) as con:
        if last is None:
            last = con.execute(_LAST).fetchall()[0][0]
            if last is None:
                raise LakeError(f"no article of {lake} has a date: name a day with --end")
        until = last + dt.timedelta(days=1)
        since, end = _midnight(until - dt.timedelta(days=days)), _midnight(until)
        asked = {"since": since, "until": end, "outlet": outlet}
        articles, outlets = con.execute(_COUNTS, asked).fetchall()[0]
        sections = [_section(con, asked, *part) for part in _parts(outlet)]
    if has_watches(lake):
        sections.append(_events(lake, since, end))
    span = str(last) if days == 1 else f"{until - dt.timedelta(days=days)} to {last}"
    whose = f"of {outlet}" if outlet else f"from {_n(outlets, 'outlet')}"
    about = f"{_n(articles, 'article')} {whose}, by when they were published, in UTC."
    return Digest(f"Wirecopy: {span}", about, [section for section in sections if section.lines])


def _n(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _parts(outlet: str | None) -> Iterator[tuple[str, str, Any]]:
    """Yield the title, the query and the line of each section."""
    whose = f"Stories of {outlet} that others carried" if outlet else "Stories that travelled"
    yield (whose, _STORIES, _story)
    yield ("Agency copy without credit", _UNCREDITED, _uncredited)
    yield ("Headlines changed", _HEADLINES, _headline)
    yield ("Who took from whom", _TAKEN, _taking)
    yield ("Feeds in trouble now", _FEEDS, _feed)


def _section(con: duckdb.DuckDBPyConnection, asked: dict[str, Any], title: str, query: str, line: Any) -> Section:
    wanted = {name: value for name, value in asked.items() if f"${name}" in query}
    found = con.execute(query, wanted)
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return Section(title, [line(row) for row in rows[:MOST]], len(rows))


def _story(row: dict[str, Any]) -> Line:
    by = row["outlet"] or row["agency"] or "an unknown outlet"
    agency = f", {row['agency']} text" if row["agency"] and row["agency"] != by else ""
    return [
        Run(row["headline"] or "no headline", row["url"], strong=True),
        Run(
            f" ({by}{agency}): {row['n_articles']:,} articles in {row['n_outlets']:,} outlets: {row['outlets'] or '?'}"
        ),
    ]


def _uncredited(row: dict[str, Any]) -> Line:
    return [
        Run(row["headline"] or "no headline", row["url"], strong=True),
        Run(f" ({row['outlet'] or 'an unknown outlet'}): {row['share']:.0%} {row['source_agency']} text"),
    ]


def _headline(row: dict[str, Any]) -> Line:
    return [
        Run(f"{row['outlet'] or 'an unknown outlet'}: {row['previous_headline']} → "),
        Run(row["headline"], row["url"], strong=True),
    ]


def _taking(row: dict[str, Any]) -> Line:
    taker = row["outlet"] or "an unknown outlet"
    return [Run(f"{taker} from {row['source'] or 'an unknown outlet'}: {_n(row['n_articles'], 'article')}")]


def _feed(row: dict[str, Any]) -> Line:
    why = f": {row['last_error']}" if row["health"] == "failing" and row["last_error"] else ""
    new = f", nothing new since {row['last_new_at']:%Y-%m-%d %H:%M}" if row["last_new_at"] else ""
    return [Run(row["feed_url"], row["feed_url"]), Run(f" is {row['health']}{new}{why}")]


def _events(lake: Path, since: dt.datetime, until: dt.datetime) -> Section:
    """Return what watches saw in commits of these days."""
    lines: list[Line] = []
    with open_store(lake) as store:
        for kept in store.watches():
            for event in store.events(kept.watch.name):
                if since <= dt.datetime.fromisoformat(event.body["at"]) < until:
                    url = (event.body.get("article") or {}).get("url")
                    lines.append([Run(f"{kept.watch.name}: "), Run(event.body["told"], url)])
    return Section("What watches saw", lines[-MOST:], len(lines))


def as_markdown(found: Digest) -> str:
    """Return a digest as Markdown; text from outside is text in it."""
    out = [f"# {_plain(found.title)}", "", _plain(found.about)]
    if not found.sections:
        out += ["", "Nothing travelled, and nothing was changed."]
    for section in found.sections:
        out += ["", f"## {_plain(section.title)}", ""]
        out += [f"- {''.join(map(_marked, line))}" for line in section.lines]
        if section.n > len(section.lines):
            out.append(f"- and {section.n - len(section.lines):,} more")
    return "\n".join(out) + "\n"


def _marked(run: Run) -> str:
    text = _plain(run.text)
    text = f"**{text.strip()}**" if run.strong and text.strip() else text
    return f"[{text}](<{address}>)" if (address := _address(run.url)) else text


def _plain(text: str) -> str:
    """Return text in which nothing is markup, on one line; a space at its begin and end stays."""
    return _MARKUP.sub(r"\\\1", shown(re.sub(r"\s+", " ", text)))


def _address(url: str | None) -> str | None:
    """Return an address that a link may lead to; None where it is none of the web."""
    if not url or not url.startswith(("http://", "https://")) or not url.isprintable() or set(url) & set("<>\"' \\"):
        return None
    return url


def as_html(found: Digest) -> str:
    """Return a digest as a page that needs nothing else and runs nothing."""
    body = [f"<h1>{escape(found.title)}</h1><p>{escape(found.about)}</p>"]
    if not found.sections:
        body.append("<p>Nothing travelled, and nothing was changed.</p>")
    for section in found.sections:
        body.append(f"<h2>{escape(section.title)}</h2><ul>")
        body += [f"<li>{''.join(map(_linked, line))}</li>" for line in section.lines]
        if section.n > len(section.lines):
            body.append(f"<li>and {section.n - len(section.lines):,} more</li>")
        body.append("</ul>")
    return page(found.title, "".join(body))


def _linked(run: Run) -> str:
    text = f"<b>{escape(run.text)}</b>" if run.strong else escape(run.text)
    address = _address(run.url)
    return f'<a href="{escape(address)}" rel="noreferrer nofollow">{text}</a>' if address else text
