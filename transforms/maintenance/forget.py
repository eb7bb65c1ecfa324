"""Articles forgotten on request: their rows, texts, index entries and spool records go, and they do not come back.

What stays is a hash of each identity, in the table `forgotten`. All versions of an article go together, so that what is
forgotten is told by its identity alone. The commit comes first and the spool after it: what is killed in between is
whole, and asking again finishes it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.elements import Run
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.commit.publish import attempt, marked, stage_upkeep
from wirecopy.transforms.commit.resolve import without_rows_of
from wirecopy.transforms.commit.upgrade import upgraded
from wirecopy.transforms.extract.forgotten import are_forgotten, is_entry_forgotten, silent, tombstone, tombstones
from wirecopy.transforms.extract.identity import identity
from wirecopy.transforms.extract.urls import canonical_url, outlet
from wirecopy.transforms.fetch.scrub import scrubbed, write
from wirecopy.transforms.index.recluster import changed_clusters
from wirecopy.transforms.index.runs import Ahead, add_commit, open_index, purge
from wirecopy.transforms.lake.commits import Commit, Part, Snapshot, open_snapshot
from wirecopy.transforms.lake.lookup import concerning, pair_keys
from wirecopy.transforms.lake.parts import change_part, read_parts, rewrite_part
from wirecopy.transforms.matching.segments.segment import build

_SHOWN = ["article_id", "identity", "unit_id", "doc_ref", "outlet", "outlet_name", "headline", "event_at"]
_ASKED = [*_SHOWN, "url", "source_id"]


@dataclass(frozen=True)
class Asked:
    """What is to be forgotten.

    Attributes:
        names: addresses, ids of articles or identities, or ids that sources gave.
        outlet: the outlet, by its domain or its name, whose articles are; None where that does not matter.
        before: the articles whose `event_at` is before this, microseconds UTC; None where that does not matter.
    """

    names: tuple[str, ...] = ()
    outlet: str | None = None
    before: int | None = None


class Found(NamedTuple):
    """What is to go.

    Attributes:
        articles: rows of `articles`, some columns of them.
        unknown: names that the lake knows nothing of.
        stones: tombstones of what is asked for.
        files: spool files that hold something of it.
        records: records of these that go or are made anew.
        keys: feed_url and entry_id of entries that tell of it.
    """

    articles: pa.Table
    unknown: tuple[str, ...]
    stones: frozenset[bytes]
    files: int
    records: int
    keys: frozenset[tuple[str, bytes]]


def look(snapshot: Snapshot, asked: Asked) -> Found:
    """Return what is to go, without changing anything. Raises LakeError and OSError where the lake cannot be read."""
    known = tombstones(snapshot)
    stones, unknown = set[bytes](), []
    chosen = _chosen(snapshot, lambda rows: _filtered(rows, asked))
    stones.update(map(tombstone, set(storage(chosen["identity"]).to_pylist())))
    for name in asked.names:
        canonical = canonical_url(name) if "://" in name else None
        stone = tombstone(identity(canonical, None, None, "")) if canonical else b""
        if canonical and (stone in known or _is_told_of(snapshot, stone)):
            stones.add(stone)
        elif not _names(chosen, name).num_rows:
            unknown.append(name)
    articles = _chosen(snapshot, lambda rows: are_forgotten(rows["identity"], frozenset(stones)))
    files, records, keys = 0, 0, frozenset[tuple[str, bytes]]()
    for one in scrubbed(snapshot.root, known | stones, _places(articles)):
        files, records = files + 1, records + one.records
        keys |= one.keys
        stones |= one.names
    return Found(articles.select(_SHOWN), tuple(unknown), frozenset(stones), files, records, keys)


def forget(root: Path, staging: Path, run: Run, found: Found) -> Commit | None:
    """Forget what was found, and return the commit; None where the lake had forgotten it before.

    Raises LakeError where a part is not what was committed, and OSError where the lake cannot be written.
    """
    commit = enforce(root, staging, run, found.stones, found.keys)
    purge(root)
    for one in scrubbed(root, found.stones | tombstones(open_snapshot(root)), _places(found.articles)):
        write(one)
    return commit


def _places(articles: pa.Table) -> dict[str, frozenset[int]]:
    """Return by unit the places of the records that articles were read from, where a number tells them."""
    places: dict[str, set[int]] = defaultdict(set)
    columns = (storage(articles["unit_id"]).to_pylist(), articles["doc_ref"].to_pylist())
    for unit_id, doc_ref in zip(*columns, strict=True):
        if (place := doc_ref.rpartition("#")[2]).isdecimal():
            places[unit_id.hex()].add(int(place))
    return {unit: frozenset(found) for unit, found in places.items()}


def enforce(
    root: Path,
    staging: Path,
    run: Run,
    stones: frozenset[bytes] = frozenset(),
    keys: frozenset[tuple[str, bytes]] = frozenset(),
) -> Commit | None:
    """Commit that nothing stays of what is forgotten, by the lake's tombstones and some more, where something does.

    Raises LakeError where a part is not what was committed, and OSError where the lake cannot be written.
    """
    while True:
        snapshot = upgraded(root, staging, run)
        forgotten = tombstones(snapshot) | stones
        if not forgotten:
            return None
        try:
            index = open_index(snapshot)
        except Ahead:
            continue
        new = sorted(stones - tombstones(snapshot))
        ids = _ids(snapshot, forgotten)
        rewritten, removed = without_rows_of(snapshot, ids, staging)
        _add(rewritten, removed, _without_versions(snapshot, ids, staging))
        _add(rewritten, removed, _silenced(snapshot, forgotten, keys, staging))
        if not (new or removed):
            return None
        near = index.find("pairs", ids)
        ends = [storage(near[side]) for side in ("src_article_id", "dst_article_id")]
        rows: dict[str, pa.Table] = {}
        if len(ids):
            changed = pa.concat_arrays([*ends, ids]).unique()
            none = index.facts(pa.array([], pa.binary(16)))
            no_pairs = TABLES["pairs"].schema.empty_table()
            clusters, members = changed_clusters(index, changed, no_pairs, pair_keys(near), none)
            rows = marked({"clusters": clusters, "members": members}, run, snapshot.number + 1)
        at = dt.datetime.now(dt.UTC)
        told = [{"identity_hash": stone, "forgotten_at": at, "run_id": bytes.fromhex(run.run_id)} for stone in new]
        rows["forgotten"] = pa.Table.from_pylist(told, schema=TABLES["forgotten"].schema)
        fallen = tuple(sorted(one.hex() for one in ids.to_pylist()))
        commit = stage_upkeep(snapshot, staging, run, rows, rewritten, removed, replaced=fallen)
        if attempt(root, staging, commit):
            add_commit(root, commit, build([]), rows)
            return commit


def _ids(snapshot: Snapshot, forgotten: frozenset[bytes]) -> pa.Array:
    """Return the plain ids of the articles that are forgotten, by tombstones."""
    columns = ["article_id", "identity"]
    return storage(_chosen(snapshot, lambda rows: are_forgotten(rows["identity"], forgotten), columns)["article_id"])


def _chosen(
    snapshot: Snapshot, choose: Callable[[pa.Table], pa.Array], columns: Sequence[str] = tuple(_ASKED)
) -> pa.Table:
    """Return the rows of articles that a function chooses, some columns of them."""
    schema = TABLES["articles"].schema
    found = [pa.schema([schema.field(name) for name in columns]).empty_table()]
    for part in snapshot.parts["articles"]:
        rows = read_parts(snapshot.root, (part,), schema, list(columns))
        found.append(rows.filter(choose(rows)))
    return pa.concat_tables(found)


def _filtered(rows: pa.Table, asked: Asked) -> pa.Array:
    if asked.names:
        ids = set(storage(_named(rows, asked.names)["article_id"]).to_pylist())
        return pa.array([one in ids for one in storage(rows["article_id"]).to_pylist()], pa.bool_())
    chosen = pa.array([True] * len(rows), pa.bool_())
    if asked.outlet is not None:
        domain, name = outlet(asked.outlet) or asked.outlet.lower(), asked.outlet.casefold()
        named_so = pa.array([(one or "").casefold() == name for one in rows["outlet_name"].to_pylist()], pa.bool_())
        chosen = pc.or_(pc.fill_null(pc.equal(rows["outlet"], domain), False), named_so)
    if asked.before is not None:
        events = rows["event_at"].cast(pa.int64())
        chosen = pc.and_(chosen, pc.fill_null(pc.less(events, asked.before), False))
    return chosen


def _named(rows: pa.Table, names: Iterable[str]) -> pa.Table:
    return pa.concat_tables([rows.slice(0, 0), *(_names(rows, name) for name in names)])


def _names(rows: pa.Table, name: str) -> pa.Table:
    """Return the rows that an address or an id names."""
    masks = [pc.equal(rows["url"], name), pc.equal(rows["source_id"], name)]
    if "://" in name and (canonical := canonical_url(name)):
        masks.append(pc.equal(_plain(rows["identity"]), identity(canonical, None, None, "")))
    try:
        one = uuid.UUID(name).bytes
    except ValueError:
        pass
    else:
        masks += [pc.equal(_plain(rows[column]), one) for column in ("article_id", "identity")]
    chosen = pc.fill_null(masks[0], False)
    for mask in masks[1:]:
        chosen = pc.or_(chosen, pc.fill_null(mask, False))
    return rows.filter(chosen)


def _plain(column: Any) -> pa.Array:
    return storage(column).cast(pa.binary())


def _is_told_of(snapshot: Snapshot, stone: bytes) -> bool:
    """Return whether an article, an entry of a feed or a reject has an address."""
    stones = frozenset((stone,))
    if len(_chosen(snapshot, lambda rows: are_forgotten(rows["identity"], stones), ["article_id", "identity"])):
        return True
    for table in ("entries", "rejects"):
        rows = read_parts(snapshot.root, snapshot.parts[table], TABLES[table].schema, ["url"])
        if any(is_entry_forgotten(url, None, "", stones) for url in rows["url"].unique().to_pylist()):
            return True
    return False


def _without_versions(snapshot: Snapshot, ids: pa.Array, staging: Path) -> Iterator[tuple[str, Part, list[Part]]]:
    table = TABLES["versions"]
    for part, _ in concerning(snapshot, "versions", ("article_id",), ids):
        yield (
            "versions",
            part,
            rewrite_part(
                snapshot.root, table, part, lambda rows: pc.is_in(storage(rows["article_id"]), value_set=ids), staging
            ),
        )


def _silenced(
    snapshot: Snapshot, forgotten: frozenset[bytes], keys: frozenset[tuple[str, bytes]], staging: Path
) -> Iterator[tuple[str, Part, list[Part]]]:
    """Yield the parts of entries and rejects that tell of what is forgotten, and what stands for them."""

    def tells(rows: pa.Table) -> pa.Array:
        urls = rows["url"].to_pylist()
        return pa.array([url is not None and is_entry_forgotten(url, None, "", forgotten) for url in urls], pa.bool_())

    for part in snapshot.parts["rejects"]:
        rows = read_parts(snapshot.root, (part,), TABLES["rejects"].schema, ["url"])
        if pc.any(tells(rows)).as_py():
            yield "rejects", part, rewrite_part(snapshot.root, TABLES["rejects"], part, tells, staging)
    for part in snapshot.parts["entries"]:
        rows = read_parts(snapshot.root, (part,), TABLES["entries"].schema)
        if not silent(rows, forgotten, keys).equals(rows):
            yield (
                "entries",
                part,
                change_part(
                    snapshot.root, TABLES["entries"], part, lambda rows: silent(rows, forgotten, keys), staging
                ),
            )


def _add(
    rewritten: dict[str, tuple[Part, ...]],
    removed: dict[str, tuple[str, ...]],
    more: Iterable[tuple[str, Part, list[Part]]],
) -> None:
    for table, part, anew in more:
        removed[table] = (*removed.get(table, ()), part.path)
        rewritten[table] = tuple(itertools.chain(rewritten.get(table, ()), anew))
