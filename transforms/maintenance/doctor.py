"""What is wrong with a lake, and what to do about it: commits, parts, ids, pairs index and catalog looked at whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.index import runs as index
from wirecopy.transforms.index.runs import indexed_commit
from wirecopy.transforms.lake.catalog import catalog_fault
from wirecopy.transforms.lake.commits import (
    FORMAT,
    Snapshot,
    broken_checkpoints,
    broken_commits,
    commit_numbers,
    open_snapshot,
)
from wirecopy.transforms.lake.coverage import indexed as searchable
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.ledger import broken_runs
from wirecopy.transforms.lake.loss import lost
from wirecopy.transforms.lake.scan import listed
from wirecopy.transforms.maintenance.mend import (
    GONE_FOR_GOOD,
    Lost,
    Parts,
    altered_parts,
    is_unsettled,
    lost_with,
    missing_parts,
    newest_whole,
)
from wirecopy.transforms.maintenance.vacuum import GRACE, unnamed

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

    Raises LakeError where there is no lake, or where a folder of it is a symbolic link.
    """
    if not (root / "_commits").is_dir() and not open_snapshot(root).number:
        raise LakeError(f"{root} holds no commit yet")
    history = list(_history(root))
    yield from history
    try:
        snapshot = open_snapshot(root)
    except LakeError:
        if not history:
            raise
        return
    if not snapshot.number:
        if history:
            return
        raise LakeError(f"{root} holds no commit yet")
    if snapshot.format != FORMAT:
        yield Finding(
            False,
            f"the lake is of the older format {snapshot.format}",
            "it can be read as it is; the next command that writes upgrades it, such as wirecopy compact",
        )
    ledger = broken_runs(root, snapshot.units.runs)
    if ledger:
        yield Finding(
            True,
            f"which units are done is not known in full: {_some(ledger)}",
            f"restore them from a backup; where there is none: wirecopy doctor --lake {root} --mend",
        )
    damaged = list(_damaged(snapshot, not ledger))
    yield from damaged
    if not damaged:
        yield from _inconsistent(snapshot)
        if is_unsettled(snapshot):
            yield Finding(
                True,
                "pairs and passages that were lost are not found again yet",
                "wirecopy doctor --mend goes on with it",
            )
        if missing := snapshot.rows("articles") - searchable(snapshot):
            yield Finding(False, f"search has no index of {missing:,} articles", "wirecopy reindex makes it")
    strays = [path.relative_to(root).as_posix() for path in unnamed(root, dt.datetime.now(dt.UTC) - GRACE)]
    if strays and not history:
        yield Finding(False, f"no commit names {_some(strays)}", "wirecopy compact deletes them")
    for path in broken_checkpoints(root):
        yield Finding(
            False,
            f"{path} is damaged",
            f"it is passed over, and does no harm: wirecopy doctor --lake {root} --mend deletes it",
        )
    if not damaged and (fault := catalog_fault(snapshot)):
        yield Finding(False, fault, "any command that writes writes it anew, such as wirecopy compact")
    faults = index_faults(snapshot)
    for what in faults:
        yield Finding(False, what, "the next run builds the index anew; or wirecopy reindex")
    indexed = indexed_commit(snapshot)
    if indexed is None and not faults:
        yield Finding(
            False, "there is no index that this version can use", "the next run builds it; or wirecopy reindex"
        )
    elif indexed is not None and indexed != snapshot.number:
        yield Finding(
            False,
            f"the index stands for commit {indexed}, not {snapshot.number}",
            "the next run catches up; or wirecopy reindex",
        )


def index_faults(snapshot: Snapshot) -> list[str]:
    """Return what is wrong with the bytes of the index."""
    verify = getattr(index, "verify_index", None)
    return list(verify(snapshot)) if verify else []


def _history(root: Path) -> Iterator[Finding]:
    """Yield what is wrong with the commits: those missing or damaged, and newest ones that are lost."""
    told = list(broken_commits(root).values())
    broken = bool(told)
    try:
        missed = lost(root, unnamed(root, dt.datetime.now(dt.UTC) - GRACE))
    except LakeError as error:
        missed = [] if told else [str(error)]
    told, broken = told + missed, broken and not missed
    if told and broken and newest_whole(root) == max(commit_numbers(root)):
        yield Finding(
            True,
            "; ".join(told),
            "restore the lake's folder _commits from a backup. Where there is none: "
            f"wirecopy doctor --lake {root} --mend goes on without. A checkpoint stands for them, so no row is lost",
        )
    elif told:
        number = newest_whole(root)
        again = f"wirecopy doctor --lake {root} --mend --back-to {number}"
        yield Finding(
            True,
            "; ".join(told),
            "restore the lake's folder _commits from a backup, and delete nothing meanwhile. Where there is none: "
            f"{again} goes on from commit {number} and gives up what is lost and what came later",
        )


def _damaged(snapshot: Snapshot, known: bool) -> Iterator[Finding]:
    """Yield what is wrong with the files of live parts, and what is lost with them where the ledger is known."""
    missing, altered = missing_parts(snapshot), altered_parts(snapshot)
    parts = {table: missing.get(table, ()) + altered.get(table, ()) for table in missing | altered}
    if not parts:
        return
    found = lost_with(snapshot, parts) if known else None
    advice = f"restore them from a backup; where there is none: wirecopy doctor --lake {snapshot.root} --mend"
    if found is None or found.units:
        advice += ", and ingest the same input again"
    if missing:
        yield Finding(True, f"missing: {_some(_paths(missing))}", advice)
    if altered:
        yield Finding(True, f"not the bytes that were committed: {_some(_paths(altered))}", advice)
    if found is not None:
        yield Finding(True, _told_of(found), advice)


def _told_of(found: Lost) -> str:
    """Return what is lost with some parts, for people."""
    parts = found.parts
    rows = ", ".join(f"{sum(part.rows for part in gone):,} of {table}" for table, gone in sorted(parts.items()))
    told = f"lost are rows: {rows}"
    if len(found.articles):
        told += f"; {len(found.articles):,} articles have lost their text or their row"
    if found.units:
        told += f"; {len(found.units):,} units are to be ingested again"
    if gone := sorted(parts.keys() & set(GONE_FOR_GOOD)):
        told += f"; no input gives back the rows of {', '.join(gone)}"
    return told


def _paths(parts: Parts) -> list[str]:
    return [part.path for gone in parts.values() for part in gone]


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
