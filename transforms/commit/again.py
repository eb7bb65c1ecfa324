"""What changes where units that are done are extracted again: all that they gave before gives way to what they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import is_among, storage
from wirecopy.transforms.commit.resolve import Changes, resolve
from wirecopy.transforms.index.recluster import changed_clusters
from wirecopy.transforms.index.runs import Index, fingerprint_facts
from wirecopy.transforms.index.versions import are_told, numbered, sighted, told_of
from wirecopy.transforms.lake.commits import Part, Snapshot
from wirecopy.transforms.lake.lookup import about, concerning, pair_keys
from wirecopy.transforms.lake.parts import read_parts, rewrite_part
from wirecopy.transforms.sealing.seal import Content

_ENDS = ("src_article_id", "dst_article_id")


def resolve_again(content: Content, units: Sequence[bytes], snapshot: Snapshot, index: Index, staging: Path) -> Changes:
    """Return what some units of sealed content, which are done already, change in a snapshot.

    Their articles and rejects give way. Rows that they state outright, such as polls, are as they were.
    """
    wanted = pa.array(units, pa.binary(16))
    before = _before(snapshot, wanted)
    old = storage(before["article_id"])
    changes = resolve(_unstated(content), units, snapshot, index.without(old), staging, gone=old)
    new = storage(changes.rows["articles"]["article_id"])
    near = index.find("pairs", old)
    partners = pa.concat_arrays([*(storage(near[side]) for side in _ENDS), old, new]).unique()
    both = old.filter(pc.is_in(old, value_set=new))
    facts = fingerprint_facts(changes.segment.articles, np.arange(len(changes.segment)))
    clusters, members = changed_clusters(
        index.without(pa.concat_arrays([both, changes.replaced])),
        partners,
        changes.rows["pairs"],
        pair_keys(near),
        facts,
    )
    rows = changes.rows | {"clusters": clusters, "members": members}
    rewritten, removed = dict(changes.rewritten), dict(changes.removed)
    if are_told(snapshot):
        identities = pa.concat_arrays([storage(before["identity"]), storage(rows["articles"]["identity"])]).unique()
        seen = sighted(rows["articles"])
        rows["versions"] = numbered(told_of(index.without(old).find("seen", identities), seen), begin=False)
        _drop(snapshot, "versions", "identity", identities, staging, rewritten, removed)
    _drop(snapshot, "rejects", "unit_id", wanted, staging, rewritten, removed)
    fallen = pa.concat_arrays([old, changes.replaced]).unique()
    return replace(changes, rows=rows, replaced=fallen, rewritten=rewritten, removed=removed)


def _unstated(content: Content) -> Content:
    """Return sealed content without the rows that its units state outright."""
    return content._replace(stated={table: rows.slice(0, 0) for table, rows in content.stated.items()})


def _before(snapshot: Snapshot, units: pa.Array) -> pa.Table:
    """Return article_id and identity of the lake's articles that units gave."""
    schema = TABLES["articles"].schema
    columns = ["article_id", "identity", "unit_id"]
    found = [pa.schema([schema.field(name) for name in columns]).empty_table()]
    for part in snapshot.parts["articles"]:
        rows = read_parts(snapshot.root, (part,), schema, columns)
        found.append(rows.filter(is_among(rows["unit_id"], units)))
    return pa.concat_tables(found)


def _drop(
    snapshot: Snapshot,
    table: str,
    column: str,
    ids: pa.Array,
    staging: Path,
    rewritten: dict[str, tuple[Part, ...]],
    removed: dict[str, tuple[str, ...]],
) -> None:
    """Stage anew the parts of a table that have some ids, without their rows."""
    for part, _ in concerning(snapshot, table, (column,), ids):
        anew = rewrite_part(snapshot.root, TABLES[table], part, lambda rows: about(rows, (column,), ids), staging)
        rewritten[table] = (*rewritten.get(table, ()), *anew)
        removed[table] = (*removed.get(table, ()), part.path)
