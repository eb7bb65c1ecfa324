"""What more than K articles hold, settled in the lake: pairs that depend on the order of arrival are found anew.

What is settled is that of the commit that was newest when it began; what others commit meanwhile is matched as ever,
and settled the next time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.elements import Run
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import binary, is_among, storage
from wirecopy.transforms.commit.publish import attempt, marked, stage_upkeep
from wirecopy.transforms.commit.upgrade import upgraded
from wirecopy.transforms.index.recluster import changed_clusters
from wirecopy.transforms.index.runs import Ahead, Index, add_commit, open_index
from wirecopy.transforms.lake.commits import Commit, Part, Snapshot, commit_identity, open_snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError, replace
from wirecopy.transforms.lake.lookup import pair_keys, rows_concerning
from wirecopy.transforms.lake.parts import read_parts, rewrite_part
from wirecopy.transforms.matching.segments.segment import MADE_WITH, build, instants
from wirecopy.transforms.matching.settle import settle as settled

_ENDS = ("src_article_id", "dst_article_id")
_TABLES = ("pairs", "passages")


@dataclass(frozen=True)
class Difference:
    """What settling changes.

    Attributes:
        gone: pairs that go, as `pair_keys` gives them; some of them may be among those that come.
        pairs: rows of PAIRS that come.
        passages: rows of PASSAGES that come.
    """

    gone: pa.Array
    pairs: pa.Table
    passages: pa.Table

    def less(self, articles: pa.Array) -> Difference:
        """Return the difference less all that concerns some articles, given by their plain ids."""

        def free(rows: pa.Table) -> pa.Table:
            return rows.filter(pc.invert(pc.or_(*(is_among(rows[side], articles) for side in _ENDS))))

        ends = [pc.binary_slice(self.gone, at, at + 16).cast(pa.binary(16)) for at in (0, 16)]
        of_them = pc.or_(*(pc.is_in(end, value_set=articles) for end in ends))
        return Difference(self.gone.filter(pc.invert(of_them)), free(self.pairs), free(self.passages))


def settle(root: Path, staging: Path, run: Run) -> Commit | None:
    """Settle the pairs, passages, clusters and members of a lake, and commit what that changes.

    Returns the commit; None where nothing changes. Raises OSError where the lake cannot be written.
    """
    upgraded(root, staging, run)
    snapshot, index = _opened(root)
    if _is_settled(snapshot):
        return None
    found = difference(snapshot, index)
    commit = None
    while len(found.gone) or len(found.pairs):
        newest, index = _opened(root)
        since = [read_commit(root, number) for number in range(snapshot.number + 1, newest.number + 1)]
        if any(one.retracted for one in since):
            return settle(root, staging, run)
        replaced = [bytes.fromhex(one) for commit in since for one in commit.replaced]
        still = found.less(pa.array(replaced, pa.binary(16)))
        rows = _rows(index, still, run, newest.number + 1)
        commit = _commit(newest, staging, run, still, rows)
        if attempt(root, staging, commit):
            add_commit(root, commit, build([]), rows)
            break
    _mark(root, snapshot.number)
    return commit


def difference(snapshot: Snapshot, index: Index) -> Difference:
    """Return what settling changes in a snapshot that an index stands for."""
    gone: list[pa.Array] = [pa.array([], pa.binary())]
    came: dict[str, list[pa.Table]] = {name: [TABLES[name].schema.empty_table()] for name in _TABLES}
    for ids, matches in settled(index.segments):
        articles = binary(ids)
        old = {name: _of_later(index, rows_concerning(snapshot, name, _ENDS, articles), articles) for name in _TABLES}
        new = matches._asdict()
        changed = pa.concat_arrays([_differing(old[name], new[name]) for name in _TABLES]).unique()
        old_keys = pair_keys(old["pairs"])
        gone.append(old_keys.filter(pc.is_in(old_keys, value_set=changed)))
        for name in _TABLES:
            came[name].append(new[name].filter(pc.is_in(pair_keys(new[name]), value_set=changed)))
    return Difference(pa.concat_arrays(gone), *(pa.concat_tables(came[name]) for name in _TABLES))


def _of_later(index: Index, rows: pa.Table, articles: pa.Array) -> pa.Table:
    """Return those of some rows whose article that comes later in (event_at, article_id) order is among some."""
    facts = index.facts(pa.concat_arrays([storage(rows[side]) for side in _ENDS]).unique())
    events = pa.array(instants(facts["event_at"].combine_chunks()))
    ids = storage(facts["article_id"])
    at = [events.take(pc.index_in(storage(rows[side]), value_set=ids)) for side in _ENDS]
    source, destination = (storage(rows[side]).cast(pa.binary()) for side in _ENDS)
    source_later = pc.or_(pc.greater(at[0], at[1]), pc.and_(pc.equal(at[0], at[1]), pc.greater(source, destination)))
    later = pc.if_else(source_later, source, destination).cast(pa.binary(16))
    return rows.filter(pc.is_in(later, value_set=articles))


def _differing(old: pa.Table, new: pa.Table) -> pa.Array:
    """Return the keys of the pairs of rows that only one of two tables has."""
    names = new.column_names
    sides = [
        pa.table({name: storage(rows[name]) for name in names} | {"side": pa.array([side] * len(rows), pa.int8())})
        for rows, side in ((old, -1), (new, 1))
    ]
    counted = pa.concat_tables(sides).group_by(names, use_threads=False).aggregate([("side", "sum")])
    return pair_keys(counted.filter(pc.not_equal(counted["side_sum"], 0)))


def _rows(index: Index, found: Difference, run: Run, number: int) -> dict[str, pa.Table]:
    ends = [pc.binary_slice(found.gone, at, at + 16).cast(pa.binary(16)) for at in (0, 16)]
    changed = pa.concat_arrays([*ends, *(storage(found.pairs[side]) for side in _ENDS)]).unique()
    none = index.facts(pa.array([], pa.binary(16)))
    clusters, members = changed_clusters(index, changed, found.pairs, found.gone, none)
    rows = {"pairs": found.pairs, "passages": found.passages, "clusters": clusters, "members": members}
    return marked(rows, run, number)


def _commit(snapshot: Snapshot, staging: Path, run: Run, found: Difference, rows: dict[str, pa.Table]) -> Commit:
    def goes(rows: pa.Table) -> pa.Array:
        return pc.is_in(pair_keys(rows), value_set=found.gone)

    rewritten: dict[str, tuple[Part, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    for name in _TABLES:
        for part in snapshot.parts[name]:
            if not pc.any(goes(read_parts(snapshot.root, (part,), TABLES[name].schema, list(_ENDS)))).as_py():
                continue
            removed[name] = (*removed.get(name, ()), part.path)
            stay = rewrite_part(snapshot.root, TABLES[name], part, goes, staging)
            rewritten[name] = (*rewritten.get(name, ()), *stay)
    keys = [one.hex() for one in found.gone.to_pylist()]
    retracted = tuple((key[:32], key[32:]) for key in keys)
    return stage_upkeep(snapshot, staging, run, rows, rewritten, removed, retracted=retracted)


def _opened(root: Path) -> tuple[Snapshot, Index]:
    """Return the newest snapshot and its index."""
    while True:
        snapshot = open_snapshot(root)
        try:
            return snapshot, open_index(snapshot)
        except Ahead:
            continue


def _is_settled(snapshot: Snapshot) -> bool:
    """Return whether no article came, and no pair was lost, since the lake was settled last."""
    try:
        mark = json.loads((snapshot.root / "index" / "SETTLED.json").read_bytes())
        if mark["made_with"] != MADE_WITH or mark["identity"] != commit_identity(snapshot.root, mark["commit"]):
            return False
        since = range(mark["commit"] + 1, snapshot.number + 1)
        return mark["commit"] <= snapshot.number and not any(
            commit.added.get("articles") or commit.unsettled
            for commit in (read_commit(snapshot.root, number) for number in since)
        )
    except (OSError, LakeError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _mark(root: Path, commit: int) -> None:
    mark = {"commit": commit, "identity": commit_identity(root, commit), "made_with": MADE_WITH}
    replace(root / "index" / "SETTLED.json", json.dumps(mark).encode())
