"""Which part of a lake a report is about, cut out once so that every question is asked of the same rows."""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import dataclass
from typing import Any

import duckdb

_PICKED = """
CREATE TEMP TABLE picked AS
SELECT
  article_id, identity, version, outlet, event_at, language, is_first, n_words, agency, share, agency_share, credited
FROM (
  SELECT
    article_id, identity, version, outlet, event_at, language, n_words,
    version = min(version) OVER versions AS is_first,
    coalesce(arg_max(best.agency, best.agency_share) OVER versions, whole.agency) AS agency,
    coalesce(max(best.share) OVER versions, 0) AS share,
    coalesce(max(best.agency_share) OVER versions, 0) AS agency_share,
    coalesce(arg_max(best.credited, best.agency_share) OVER versions, true) AS credited
  FROM (
    SELECT article_id, identity, version, outlet, event_at, language, n_words, agency
    FROM articles
    WHERE {where}
  ) AS whole
  LEFT JOIN best USING (article_id)
  WINDOW versions AS (PARTITION BY identity)
)
WHERE {agency}
"""

_TAKEN = """
CREATE TEMP TABLE every_taken AS
SELECT
  article_id, outlet, event_at, language, n_words, share, role, lag_s, credited, same_outlet, ordered,
  coalesce(source_outlet, source_agency) AS source, source_agency, origin_article_id, origin_confidence, cluster_id
FROM copies
"""

_BEST = """
CREATE TEMP TABLE best AS
SELECT
  article_id,
  max(share) AS share,
  max(share) FILTER (source_agency IS NOT NULL) AS agency_share,
  arg_max(source_agency, share) FILTER (source_agency IS NOT NULL) AS agency,
  arg_max(credited, share) FILTER (source_agency IS NOT NULL) AS credited
FROM every_taken
WHERE NOT same_outlet AND (ordered OR lag_s IS NULL)
GROUP BY article_id
"""


@dataclass(frozen=True)
class Selection:
    """What a report is about: articles from `since` on and before `until`, of these outlets, agencies and languages.

    An agency's articles are those it is credited for and those that carry its text. Nothing chosen is everything.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    outlets: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is all of the lake."""
        return self == Selection()

    def command(self) -> str:
        """Return the command that makes a report of it."""
        options = [
            ("--since", self.since and f"{self.since:%Y-%m-%d}"),
            ("--until", self.until and f"{self.until:%Y-%m-%d}"),
        ]
        options += [("--outlet", one) for one in self.outlets] + [("--agency", one) for one in self.agencies]
        options += [("--language", one) for one in self.languages]
        return shlex.join(["wirecopy", "report", *(word for option in options if option[1] for word in option if word)])

    def told(self) -> list[str]:
        """Return the choices in words, one an item."""
        days = [
            f"from {self.since:%Y-%m-%d}" if self.since else "",
            f"before {self.until:%Y-%m-%d}" if self.until else "",
        ]
        named = [
            f"{name} {' or '.join(values)}"
            for name, values in (("outlet", self.outlets), ("agency", self.agencies), ("language", self.languages))
            if values
        ]
        return [one for one in [*days, *named] if one]


def cut(con: duckdb.DuckDBPyConnection, selection: Selection) -> None:
    """Make the temporary tables `picked`, the articles a report is about, and `taken`, what they took from whom.

    `every_taken` has what all articles took. Of an article's versions the first of those picked has `is_first`.
    Raises duckdb.Error where the lake cannot be read.
    """
    where, values = ["true"], list[Any]()
    for column, sign, value in (("event_at", ">=", selection.since), ("event_at", "<", selection.until)):
        if value is not None:
            where.append(f"{column} {sign} ?")
            values.append(value)
    for column, chosen in (("outlet", selection.outlets), ("language", selection.languages)):
        if chosen:
            where.append(f"{column} IN (SELECT unnest(?::VARCHAR[]))")
            values.append(list(chosen))
    agencies: list[Any] = [list(selection.agencies)] if selection.agencies else []
    taken = "true"
    of_agency = "true"
    if agencies:
        taken = "source_agency IN (SELECT unnest(?::VARCHAR[]))"
        carried = f"SELECT article_id FROM every_taken WHERE NOT same_outlet AND {taken}"
        of_agency = f"agency IN (SELECT unnest(?::VARCHAR[])) OR article_id IN ({carried})"
    con.execute(_TAKEN)
    con.execute(_BEST)
    con.execute(_PICKED.format(where=" AND ".join(where), agency=of_agency), [*values, *agencies, *agencies])
    con.execute(
        f"CREATE TEMP TABLE taken AS SELECT * FROM every_taken SEMI JOIN picked USING (article_id) WHERE {taken}",
        agencies,
    )
