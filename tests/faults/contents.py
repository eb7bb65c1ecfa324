"""What a lake says, read from the parts that its newest commit names, and how two lakes differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import digest, read_parts
from wirecopy.transforms.search.rows import read
from wirecopy.transforms.search.segment import Content

Contents = dict[str, list[str]]

_MARKS = frozenset("run_id commit first_at".split())
"""Columns that tell which run wrote a row, and when."""

_MOMENTS = {
    "articles": frozenset("unit_id record doc_ref fetched_at first_seen_at".split()),
    "feeds": frozenset("interval_s conditional next_at last_modified".split()),
    "entries": frozenset("seen_at tries next_at".split()),
}
"""Columns that tell when something was polled or fetched, or follow from it."""


def contents(root: Path, watched: bool) -> Contents:
    """Return the rows of each table as readers see them, sorted, without marks; of a watched lake without moments.

    Raises LakeError or OSError where they cannot be read or are not the bytes that were committed.
    """
    snapshot = open_snapshot(root)
    found = {}
    for name, table in TABLES.items():
        if name in ("runs", "polls"):
            continue
        for part in snapshot.parts[name]:
            if digest(root / part.path) != Path(part.path).stem.rpartition("-")[2]:
                raise LakeError(f"{part.path} is not what was committed")
        if name == "search_index":
            found[name] = sorted(line for part in snapshot.parts[name] for line in _held(read(root / part.path)))
            continue
        rows = _seen(table, read_parts(root, snapshot.parts[name], table.schema).to_pylist())
        left_out = _MARKS | (_MOMENTS.get(name, frozenset()) if watched else frozenset())
        found[name] = sorted(repr({key: row[key] for key in row if key not in left_out}) for row in rows)
    return found


def _held(segment: Content) -> Iterator[str]:
    """Yield what a segment says of each of its articles, however articles are shared out among segments."""
    for at, key in enumerate(segment.keys):
        for place in range(segment.bounds[at], segment.bounds[at + 1]):
            yield f"{segment.article_ids[int(segment.docs[place])]} {key} {segment.levels[place]}"


def difference(found: Contents, expected: Contents) -> str:
    """Say how two lakes differ; nothing where they do not."""
    for name in expected:
        lost, new = (_less(a, b) for a, b in ((expected[name], found[name]), (found[name], expected[name])))
        if lost or new:
            return (
                f"{name}: {len(lost)} rows lost, {len(new)} strange, of {len(expected[name])}; "
                f"{' / '.join(one[0][:300] for one in (lost, new) if one)}"
            )
    return ""


def _seen(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if table.keep == "append":
        return rows
    newest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(row[name] for name in table.key)
        if key not in newest or newest[key]["commit"] < row["commit"]:
            newest[key] = row
    return [row for row in newest.values() if not row["deleted"]]


def _less(rows: list[str], others: list[str]) -> list[str]:
    left = list(others)
    out = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            out.append(row)
    return out
