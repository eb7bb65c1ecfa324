"""A lake mended that has lost parts, or commits: what cannot stand without them goes, and their units are open again.

Mending is one commit. It drops the parts that are lost, the articles that are left without a text or a text without an
article, with all that speaks of them, and the rejects of each unit that it opens again, so that ingesting the same
input once more restores what was there. Clusters are made anew from the pairs that stay. Pairs and passages that were
lost between articles that stay are found again by settling; the commit says that this is to be done.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.schemas.elements import Row, Run, Unit
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import is_among, storage
from wirecopy.transforms.commit.publish import attempt, marked, stage_upkeep
from wirecopy.transforms.commit.upgrade import with_columns
from wirecopy.transforms.index.relations import EDGES
from wirecopy.transforms.index.versions import SEEN_BY, numbered, sighted
from wirecopy.transforms.lake.commits import (
    FORMAT,
    Commit,
    Part,
    Snapshot,
    broken_commits,
    checked_path,
    commit_numbers,
    is_part,
    open_snapshot,
)
from wirecopy.transforms.lake.files import LakeError, sync_folder
from wirecopy.transforms.lake.history import unpack
from wirecopy.transforms.lake.lookup import pair_keys
from wirecopy.transforms.lake.parts import is_whole, read_parts, rewrite_part
from wirecopy.transforms.maintenance.regain import regained, write_ledger
from wirecopy.transforms.maintenance.vacuum import unnamed
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import COLUMNS, facts
from wirecopy.transforms.search.upkeep import NAME as SEARCH
from wirecopy.transforms.search.upkeep import without_articles

GONE_FOR_GOOD = ("feeds", "polls", "entries", "runs")
"""Tables whose lost rows no input gives back."""

_ENDS = ("src_article_id", "dst_article_id")

Parts = Mapping[str, tuple[Part, ...]]


class Lost(NamedTuple):
    """What a lake has lost with some parts.

    Attributes:
        parts: the lost parts by table.
        articles: plain ids of articles of which only the row or only the text is there.
        units: ids of the units in the ledger that may have given what is lost.
    """

    parts: Parts
    articles: pa.Array
    units: frozenset[str]


def missing_parts(snapshot: Snapshot) -> dict[str, tuple[Part, ...]]:
    """Return the live parts, by table, that are not there."""
    return _chosen(snapshot, lambda part: not checked_path(snapshot.root, part.path).is_file())


def altered_parts(snapshot: Snapshot) -> dict[str, tuple[Part, ...]]:
    """Return the live parts, by table, that are there, but not with the bytes that were committed."""
    return _chosen(snapshot, lambda part: (snapshot.root / part.path).is_file() and not _is_whole(snapshot.root, part))


def lost_with(snapshot: Snapshot, parts: Parts) -> Lost:
    """Return what the lake has lost with some of its parts.

    Raises OSError where another part cannot be read.
    """
    stay = _staying(snapshot, parts)
    articles = read_parts(snapshot.root, stay["articles"], TABLES["articles"].schema, ["article_id", "unit_id"])
    texts = read_parts(snapshot.root, stay["texts"], TABLES["texts"].schema, ["article_id"])
    bare = articles.filter(pc.invert(is_among(articles["article_id"], texts["article_id"])))
    orphans = texts.filter(pc.invert(is_among(texts["article_id"], articles["article_id"])))
    fallen = pa.concat_arrays([storage(bare["article_id"]), storage(orphans["article_id"])]).unique()
    units = {one.hex() for one in storage(bare["unit_id"]).unique().to_pylist()}
    wanted = {part.path for table in ("articles", "rejects") for part in parts.get(table, ())}
    return Lost(parts, fallen, snapshot.units.known(units) | _units_of(snapshot, wanted))


def mend(root: Path, staging: Path, run: Run) -> tuple[Commit, Lost] | None:
    """Commit what makes a lake whole that has lost parts.

    Returns the commit and what was lost; None where no part is. Raises LakeError where a commit is missing or damaged,
    and OSError where the lake cannot be written.
    """
    while True:
        snapshot = open_snapshot(root)
        missing, altered = missing_parts(snapshot), altered_parts(snapshot)
        parts = {table: missing.get(table, ()) + altered.get(table, ()) for table in missing | altered}
        if not parts:
            return None
        lost = lost_with(snapshot, parts)
        commit = _commit(snapshot, staging, run, lost)
        forget_index(root)
        if attempt(root, staging, commit):
            return commit, lost


def mend_ledger(root: Path, staging: Path, run: Run) -> bool | None:
    """Make the ledger anew where it lost runs; return whether it is exact, None where none is lost.

    Where it is not, polls that the spool states again are dropped, since their files will be committed again. Raises
    LakeError as `mend` does, and OSError where the lake cannot be written.
    """
    while found := regained(snapshot := open_snapshot(root)):
        ledger, exact = found
        polls = pa.array([], pa.string()) if exact else _polls_again(replace(snapshot, units=ledger), frozenset())
        rewritten, removed = _without_polls(snapshot, polls, staging)
        if removed and not attempt(root, staging, stage_upkeep(snapshot, staging, run, {}, rewritten, removed)):
            continue
        write_ledger(snapshot, ledger)
        return exact
    return None


def _without_polls(
    snapshot: Snapshot, polls: pa.Array, staging: Path
) -> tuple[dict[str, tuple[Part, ...]], dict[str, tuple[str, ...]]]:
    """Stage anew the parts of `polls` less some rows, given by their keys, and return them and those they stand for."""

    def goes(rows: pa.Table) -> pa.Array:
        return pc.is_in(_poll_keys(rows), value_set=polls)

    table = TABLES["polls"]
    rewritten: list[Part] = []
    removed: list[str] = []
    for part in snapshot.parts["polls"] if len(polls) else ():
        if pc.any(goes(read_parts(snapshot.root, (part,), table.schema, list(table.key)))).as_py():
            rewritten += rewrite_part(snapshot.root, table, part, goes, staging)
            removed.append(part.path)
    return ({"polls": tuple(rewritten)}, {"polls": tuple(removed)}) if removed else ({}, {})


def forget_index(root: Path) -> None:
    """Have the index built anew, as it is of articles that are no more, and forget when the lake was settled."""
    for name in ("HEAD.json", "SETTLED.json"):
        (root / "index" / name).unlink(missing_ok=True)


def is_unsettled(snapshot: Snapshot) -> bool:
    """Return whether pairs were lost since the lake was settled last."""
    try:
        settled = int(json.loads((snapshot.root / "index" / "SETTLED.json").read_bytes())["commit"])
    except (OSError, ValueError, KeyError, TypeError):
        settled = 0
    return snapshot.unsettled > settled


def newest_whole(root: Path) -> int:
    """Return the number of the newest commit as of which the lake can be opened."""
    newest = max(commit_numbers(root), default=0)
    for number in [newest, *(broken - 1 for broken in sorted(broken_commits(root), reverse=True))]:
        try:
            open_snapshot(root, number)
        except LakeError:
            continue
        return number
    return 0


def go_back(root: Path, staging: Path, run: Run, number: int) -> Commit:
    """Give up the commits that are missing, damaged or later than a commit, and commit that.

    Files of later commits are put aside, the latest first, so that the lake is that of one commit or another at every
    moment. What they alone named is deleted by a compaction after the usual grace.

    Raises LakeError where the commit is not the newest as of which the lake can be opened.
    """
    if number != (whole := newest_whole(root)):
        raise LakeError(f"the newest commit as of which {root} can be opened is {whole}, not {number}")
    folder = root / "_commits"
    aside = folder / f"given-up-{run.run_id}"
    later = [one for one in commit_numbers(root) if one > number]
    if later:
        unpack(root, number)
    for one in reversed(later):
        aside.mkdir(exist_ok=True)
        for path in folder.glob(f"{one:08d}.*"):
            path.rename(aside / path.name)
        sync_folder(folder)
    snapshot = open_snapshot(root, number)
    upgrade = snapshot.format != FORMAT
    rewritten, removed = with_columns(snapshot, staging, ()) if upgrade else ({}, {})
    gone: dict[str, tuple[str, ...]] = defaultdict(tuple, removed)
    stones: list[Part] = []  # what was forgotten stays so, whichever commit said it
    for stray in unnamed(root, dt.datetime.now(dt.UTC)):
        name = stray.relative_to(root).as_posix()
        if is_part(name):
            table = name.partition("/")[0]
            gone[table] += (name,)
            if table == "forgotten" and is_whole(stray):
                stones.append(Part(name, 0, 0))
    rows = {"forgotten": read_parts(root, tuple(stones), TABLES["forgotten"].schema)} if stones else {}
    given_up = tuple(broken_commits(root))
    commit = stage_upkeep(snapshot, staging, run, rows, rewritten, gone, given_up=given_up, upgrade=upgrade)
    forget_index(root)
    if not attempt(root, staging, commit):
        raise LakeError(f"{root} was written to meanwhile: look again, with wirecopy doctor")
    return commit


def _commit(snapshot: Snapshot, staging: Path, run: Run, lost: Lost) -> Commit:
    """Stage the commit that drops what is lost and what cannot stand without it."""
    stay = _staying(snapshot, lost.parts)
    removed: dict[str, tuple[str, ...]] = defaultdict(tuple)
    rewritten: dict[str, tuple[Part, ...]] = defaultdict(tuple)
    for table, parts in lost.parts.items():
        removed[table] += tuple(part.path for part in parts)

    def rewrite(table: str, column: str, goes: Any) -> None:
        for part in stay[table]:
            rows = read_parts(snapshot.root, (part,), TABLES[table].schema, column.split())
            if pc.any(goes(rows)).as_py():
                rewritten[table] += tuple(rewrite_part(snapshot.root, TABLES[table], part, goes, staging))
                removed[table] += (part.path,)

    for table in ("articles", "texts"):
        rewrite(table, "article_id", lambda rows: is_among(rows["article_id"], lost.articles))
    segments, old_segments = without_articles(snapshot, lost.articles, staging, stay[SEARCH])
    rewritten[SEARCH] += segments
    removed[SEARCH] += old_segments
    there = _there(snapshot, stay, lost)
    pairs = read_parts(snapshot.root, stay["pairs"], TABLES["pairs"].schema, EDGES.names)
    pairs = pairs.filter(pc.and_(*(is_among(pairs[side], there) for side in _ENDS)))
    keys = pair_keys(pairs).unique()
    for table in ("pairs", "passages"):
        rewrite(table, " ".join(_ENDS), lambda rows: pc.invert(pc.is_in(pair_keys(rows), value_set=keys)))
    units = pa.array([bytes.fromhex(one) for one in sorted(lost.units)], pa.binary(16))
    rewrite("rejects", "unit_id", lambda rows: is_among(rows["unit_id"], units))
    polls = _polls_again(snapshot, lost.units)
    rewrite("polls", "feed_url polled_at", lambda rows: pc.is_in(_poll_keys(rows), value_set=polls))
    made = _clusters(snapshot, stay, pairs) | _versions(snapshot, stay, lost)
    rows = marked(made, run, snapshot.number + 1)
    for table in ("clusters", "members", *({"versions"} & made.keys())):
        removed[table] += tuple(part.path for part in stay[table])
    if upgrade := snapshot.format != FORMAT:
        anew, former = with_columns(snapshot, staging, itertools.chain.from_iterable(removed.values()))
        for table in anew.keys() | former.keys():
            rewritten[table] += anew.get(table, ())
            removed[table] += former.get(table, ())
    return stage_upkeep(
        snapshot,
        staging,
        run,
        rows,
        rewritten,
        removed,
        replaced=tuple(sorted(one.hex() for one in lost.articles.to_pylist())),
        reopened=tuple(sorted(lost.units)),
        unsettled=bool(lost.parts.keys() & {"pairs", "passages"}),
        upgrade=upgrade,
    )


def _there(snapshot: Snapshot, stay: Parts, lost: Lost) -> pa.Array:
    """Return the plain ids of the articles that stay."""
    articles = read_parts(snapshot.root, stay["articles"], TABLES["articles"].schema, ["article_id"])
    ids = storage(articles["article_id"])
    return ids.filter(pc.invert(pc.is_in(ids, value_set=lost.articles)))


def _clusters(snapshot: Snapshot, stay: Parts, pairs: pa.Table) -> dict[str, pa.Table]:
    """Return all clusters and members that pairs make, less the columns that only the commit knows."""
    ends = pa.concat_arrays([storage(pairs[side]) for side in _ENDS]).unique()
    found = []
    for part in stay["articles"]:
        rows = read_parts(snapshot.root, (part,), TABLES["articles"].schema, COLUMNS)
        rows = rows.filter(pc.or_(is_among(rows["article_id"], ends), pc.is_valid(rows["slugline"].combine_chunks())))
        found.append(facts(rows))
    if not found:
        return {}
    of_clusters, of_members = clusters(pa.concat_tables(found), pairs)
    return {"clusters": of_clusters, "members": of_members}


def _versions(snapshot: Snapshot, stay: Parts, lost: Lost) -> dict[str, pa.Table]:
    """Return all rows of versions that the articles that stay make, none where the lake tells of no versions."""
    if not snapshot.parts["versions"]:
        return {}
    columns = ["article_id", "identity", *SEEN_BY]
    rows = read_parts(snapshot.root, stay["articles"], TABLES["articles"].schema, columns)
    return {"versions": numbered(sighted(rows.filter(pc.invert(is_among(rows["article_id"], lost.articles)))), True)}


def _staying(snapshot: Snapshot, lost: Parts) -> dict[str, tuple[Part, ...]]:
    return {
        table: tuple(part for part in parts if part not in set(lost.get(table, ())))
        for table, parts in snapshot.parts.items()
    }


def _chosen(snapshot: Snapshot, choose: Any) -> dict[str, tuple[Part, ...]]:
    chosen = {table: tuple(filter(choose, parts)) for table, parts in snapshot.parts.items()}
    return {table: parts for table, parts in chosen.items() if parts}


def _is_whole(root: Path, part: Part) -> bool:
    path = root / part.path
    try:
        if path.stat().st_size != part.bytes or not is_whole(path):
            return False
        return pq.ParquetFile(path).metadata.num_rows == part.rows
    except (OSError, ValueError):
        return False


def _units_of(snapshot: Snapshot, paths: set[str]) -> frozenset[str]:
    """Return the units of the commits whose rows parts may hold, all units where that cannot be told."""
    if not paths:
        return frozenset()
    spans = [snapshot.origins.get(path) for path in sorted(paths)]
    if None in spans:
        return snapshot.units.all()
    return frozenset[str]().union(*(snapshot.units.of_commits(*span) for span in spans if span))


def _polls_again(snapshot: Snapshot, units: frozenset[str]) -> pa.Array:
    """Return the keys of the rows of `polls` that spool files state which are committed again, once open again."""
    from wirecopy.transforms.fetch.spool import left_over

    keys = [
        _poll_key(row.values["feed_url"], row.values["polled_at"])
        for row in _stated(left_over(snapshot.root, snapshot.units, units))
        if row.table == "polls"
    ]
    return pa.array(keys, pa.string())


def _stated(files: Iterator[Unit]) -> Iterator[Row]:
    from wirecopy.transforms.read.portions import portions

    for unit in files:
        for portion in portions([unit]):
            yield from (each for each in portion.others if isinstance(each, Row))


def _poll_key(feed_url: str, polled_at: int) -> str:
    return f"{polled_at} {feed_url}"


def _poll_keys(rows: pa.Table) -> pa.Array:
    keys = zip(rows["feed_url"].to_pylist(), rows["polled_at"].cast(pa.int64()).to_pylist(), strict=True)
    return pa.array([_poll_key(*key) for key in keys], pa.string())
