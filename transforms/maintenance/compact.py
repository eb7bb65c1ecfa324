"""Small parts of one month merged into large ones: sorted, less the rows that newer ones supersede.

A compaction changes no row that a reader sees, so it needs no look at what others commit meanwhile, but that the parts
it merged still live: it is made beside all other work and committed through the same fence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wirecopy.schemas.elements import Run
from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.commit.publish import attempt, stage_upkeep
from wirecopy.transforms.commit.upgrade import upgraded
from wirecopy.transforms.index.runs import add_commit
from wirecopy.transforms.lake.commits import Commit, Part, Snapshot, open_snapshot
from wirecopy.transforms.lake.parts import PART_BYTES, refuse_altered, write_parts
from wirecopy.transforms.lake.scan import listed, stream
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.search.upkeep import alike as segments_alike
from wirecopy.transforms.search.upkeep import merge as merge_segments

SMALL = PART_BYTES // 2
"""Parts of fewer bytes are merged; what is merged comes in parts of about PART_BYTES."""


@dataclass(frozen=True)
class Merged:
    """Staged parts that stand for live ones of a table."""

    table: str
    removed: tuple[Part, ...]
    rewritten: tuple[Part, ...]


def compact(root: Path, staging: Path, run: Run, most: int = 1) -> Commit | None:
    """Merge the small parts of each table and month, where `plan` says so, and commit that.

    Returns the commit, None where nothing was to be merged. Raises LakeError where a part is not what was committed,
    and OSError where the lake cannot be written; nothing is committed then.
    """
    snapshot = upgraded(root, staging, run)
    merged = [_merge(snapshot, table, parts, staging, run) for table, parts in plan(snapshot, most)]
    while merged:
        snapshot = open_snapshot(root)
        live = {part for parts in snapshot.parts.values() for part in parts}
        merged = [one for one in merged if live.issuperset(one.removed)]
        commit = _commit(snapshot, staging, run, merged)
        if merged and attempt(root, staging, commit):
            add_commit(root, commit, build([]), {})
            return commit
    return None


def plan(snapshot: Snapshot, most: int) -> Iterator[tuple[Table, list[Part]]]:
    """Yield the parts that are to be merged, with their table.

    With `most` = 1 these are all small parts of a table and month. With more, those of one size, up to a factor of 16,
    where there are more than `most` of these: so each byte is written only a few times while a month fills up.
    """
    yield from ((TABLES["search_index"], parts) for parts in segments_alike(snapshot, most))
    for table in TABLES.values():
        if table.name == "search_index":
            continue
        alike: dict[tuple[Path, int], list[Part]] = defaultdict(list)
        for part in snapshot.parts[table.name]:
            if part.bytes < SMALL:
                alike[Path(part.path).parent, part.bytes.bit_length() // 4 if most > 1 else 0].append(part)
        own = table.name == "runs"  # the commit adds a part of its own to it
        yield from ((table, parts) for parts in alike.values() if len(parts) > most + own)


def _merge(snapshot: Snapshot, table: Table, parts: Sequence[Part], staging: Path, run: Run) -> Merged:
    if table.name == "search_index":
        return Merged(table.name, tuple(parts), merge_segments(snapshot, parts, staging, run.run_id[:12]))
    refuse_altered(snapshot.root, parts)
    whole = len(parts) == len(snapshot.parts[table.name])
    rows = stream(_query(table, listed(snapshot.root, parts), whole), table.schema, staging / "spill")
    folder = Path(parts[0].path).parent.as_posix()
    return Merged(table.name, tuple(parts), tuple(write_parts(table, rows, staging, folder, run.run_id[:12])))


def _query(table: Table, source: str, whole: bool) -> str:
    """Return the SQL for the rows of a source that still count, in the order in which parts keep them.

    Rows that say that their key is gone still count where older rows of it may stand elsewhere.
    """
    order = [f"{table.month_of} NULLS LAST"] if table.month_of else []
    order += [f"{name} NULLS LAST" for name in table.key]
    query = f"SELECT * FROM {source}"
    if table.keep == "latest":
        query += f" QUALIFY row_number() OVER (PARTITION BY {', '.join(table.key)} ORDER BY commit DESC) = 1"
        if whole:
            query = f"SELECT * FROM ({query}) WHERE NOT deleted"
    return f"{query} ORDER BY {', '.join(order)}"


def _commit(snapshot: Snapshot, staging: Path, run: Run, merged: Sequence[Merged]) -> Commit:
    rewritten: dict[str, tuple[Part, ...]] = defaultdict(tuple)
    removed: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for one in merged:
        rewritten[one.table] += one.rewritten
        removed[one.table] += tuple(part.path for part in one.removed)
    return stage_upkeep(snapshot, staging, run, {}, rewritten, removed)
