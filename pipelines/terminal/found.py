"""What one commit found, in words: which articles are copies, or share passages, of which."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import duckdb

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.catalog import literal_path, table_sql
from wirecopy.transforms.lake.commits import open_snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import read_parts

MOST = 20
"""Pairs of one commit that are told."""

_NAMED = """
    SELECT article_id, coalesce(outlet_name, outlet, '?'), coalesce(headline, url, source_id, '?')
    FROM articles WHERE article_id IN (SELECT unnest(?::UUID[]))
"""

_log = logging.getLogger("wirecopy")


class Found(NamedTuple):
    """A pair: its relation, the share of the one's words that are the other's, and both articles' outlet and headline.

    Attributes:
        relation: copy or reuse.
        share: share of the destination's words that stand in the source, 0 to 1.
        source: outlet and headline of the article the text comes from.
        taken: outlet and headline of the article it was taken into.
    """

    relation: str
    share: float
    source: tuple[str, str]
    taken: tuple[str, str]


def found(lake: Path, number: int) -> list[Found]:
    """Return the pairs that a commit added, those that share most first, at most MOST.

    An empty list where the lake cannot be read just now, or no longer has that commit's parts.
    """
    try:
        return _found(lake, number)
    except (LakeError, OSError, duckdb.Error) as error:
        _log.debug("what commit %d found cannot be told: %s", number, error)
        return []


def _found(lake: Path, number: int) -> list[Found]:
    columns = ["relation", "dst_coverage", "src_article_id", "dst_article_id"]
    pairs = read_parts(lake, read_commit(lake, number).added.get("pairs", ()), TABLES["pairs"].schema, columns)
    if not len(pairs):
        return []
    best = pairs.sort_by([("dst_coverage", "descending")]).slice(0, MOST).to_pylist()
    ids = {row[side] for row in best for side in ("src_article_id", "dst_article_id")}
    with duckdb.connect() as con:
        con.execute("SET VARIABLE lake = ?", [literal_path(str(lake.resolve()))])
        con.execute(table_sql(open_snapshot(lake), "articles"))
        named = {one: (outlet, headline) for one, outlet, headline in con.execute(_NAMED, [list(ids)]).fetchall()}
    return [
        Found(row["relation"], row["dst_coverage"], named[row["src_article_id"]], named[row["dst_article_id"]])
        for row in best
        if row["src_article_id"] in named and row["dst_article_id"] in named
    ]
