"""What is wrong with a lake, and what to do about it: commits, parts, ids, pairs and the index looked at whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from schemas.tables import TABLES
from transforms.lake.catalog import catalog_commit
from transforms.lake.commits import Part, Snapshot, open_snapshot, read_commit
from transforms.lake.files import LakeError
from transforms.lake.index import indexed_commit
from transforms.lake.parts import digest
from transforms.lake.sorting import listed
from transforms.lake.vacuum import GRACE, unnamed

SHOWN = 5
"""Files or ids that one finding names; of more it says how many there are."""


class Finding(NamedTuple):
    """Something that is wrong.

    Attributes:
        grave: rows are lost or wrong; else it mends itself or does no harm.
        what: what is wrong, and where.
        advice: what to do.
    """

    grave: bool
    what: str
    advice: str


def examine(root: Path) -> Iterator[Finding]:
    """Look at all of a lake, every byte of its parts, and yield what is wrong.

    Raises LakeError where there is no lake.
    """
    try:
        snapshot = open_snapshot(root)
        for number in range(1, snapshot.number + 1):
            read_commit(root, number)
    except LakeError as error:
        if not (root / "_commits").is_dir():
            raise
        yield Finding(True, str(error), "restore the file from a backup")
        return
    if not snapshot.number:
        raise LakeError(f"{root} holds no commit yet")
    damaged = list(_damaged(snapshot))
    yield from damaged
    if not damaged:
        yield from _inconsistent(snapshot)
    strays = [path.relative_to(root).as_posix() for path in unnamed(root, dt.datetime.now(dt.UTC) - GRACE)]
    if strays:
        yield Finding(False, f"no commit names {_some(strays)}", "wirecopy compact deletes them")
    catalog = catalog_commit(root)
    if catalog is None:
        what = "catalog.duckdb is missing, damaged or not as it was written"
        yield Finding(False, what, "any command that writes makes it anew, such as wirecopy compact")
    elif catalog != snapshot.number:
        yield Finding(False, f"the catalog stands for commit {catalog}, not {snapshot.number}", "wirecopy compact")
    if indexed_commit(snapshot) != snapshot.number:
        yield Finding(
            False,
            f"the index stands for commit {indexed_commit(snapshot)}, not {snapshot.number}",
            "the next run catches up; or wirecopy reindex",
        )


def _damaged(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what is wrong with the files of live parts."""
    parts = [part for parts in snapshot.parts.values() for part in parts]
    missing = [part.path for part in parts if not (snapshot.root / part.path).exists()]
    there = [part for part in parts if (snapshot.root / part.path).exists()]
    altered = [part.path for part in there if not _is_whole(snapshot.root, part)]
    if missing:
        yield Finding(True, f"missing: {_some(missing)}", "restore them from a backup, or ingest what they held again")
    if altered:
        yield Finding(True, f"not the bytes that were committed: {_some(altered)}", "restore them from a backup")


def _is_whole(root: Path, part: Part) -> bool:
    name = Path(part.path).stem.rpartition("-")[2]
    return (root / part.path).stat().st_size == part.bytes and digest(root / part.path) == name


def _inconsistent(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what does not fit together in the rows."""
    articles = _source(snapshot, "articles")
    checks = {
        f"SELECT article_id FROM {articles} GROUP BY ALL HAVING count(*) > 1": "article_id is there twice",
        f"SELECT article_id FROM {articles} AS a ANTI JOIN {_source(snapshot, 'texts')} AS t USING (article_id)": (
            "an article has no text"
        ),
    }
    for table in ("pairs", "passages"):
        key = ", ".join(TABLES[table].key)
        source = _source(snapshot, table)
        checks[f"SELECT {key} FROM {source} GROUP BY ALL HAVING count(*) > 1"] = f"{table} has a row twice"
        for side in ("src_article_id", "dst_article_id"):
            checks[f"SELECT {side} FROM {source} AS p ANTI JOIN {articles} AS a ON a.article_id = p.{side}"] = (
                f"{table}.{side} is no article"
            )
    with duckdb.connect() as con:
        for query, what in checks.items():
            found = [str(row[0]) for row in con.execute(query).fetchall()]
            if found:
                yield Finding(True, f"{what}: {_some(found)}", "please report this; then ingest into a new lake")


def _source(snapshot: Snapshot, table: str) -> str:
    parts = snapshot.parts[table]
    if parts:
        return listed(snapshot.root, parts)
    return f"(SELECT {', '.join(f'NULL::UUID AS {name}' for name in TABLES[table].schema.names)} WHERE false)"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
