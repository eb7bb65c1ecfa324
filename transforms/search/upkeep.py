"""The segments of a lake: made for new articles, merged, and written anew without some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.schemas.search import SEARCH_INDEX, SEGMENT_ARTICLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import Part, Snapshot, checked_path
from wirecopy.transforms.lake.coverage import indexed_in
from wirecopy.transforms.lake.parts import refuse_altered, write_whole
from wirecopy.transforms.search.rows import groups, read
from wirecopy.transforms.search.segment import Content, content, merged, without

NAME = SEARCH_INDEX.name
NEW_ARTICLES = SEGMENT_ARTICLES // 4
"""Most articles of a new segment: what making it takes is 10 kB for each."""


def stage_segments(articles: pa.Table, staging: Path, wave: str) -> tuple[Part, ...]:
    """Stage segments of some articles, given with their texts as ARTICLE_BATCH has them; none for no articles."""
    slices = (articles.slice(at, NEW_ARTICLES) for at in range(0, len(articles), NEW_ARTICLES))
    return tuple(_staged(content(rows), staging, wave) for rows in slices)


def _staged(segment: Content, staging: Path, wave: str) -> Part:
    return write_whole(SEARCH_INDEX, groups(segment), staging, wave)


def indexed_ids(snapshot: Snapshot) -> pa.Array:
    """Return the plain ids of the articles in a lake's segments. Raises OSError where a part is missing."""
    ids = [pa.array([], pa.binary(16))]
    for part in snapshot.parts[NAME]:
        column = storage(pq.ParquetFile(checked_path(snapshot.root, part.path)).read(["article_id"])["article_id"])
        ids.append(column.drop_null())
    return pa.concat_arrays(ids)


def without_articles(
    snapshot: Snapshot, ids: pa.Array, staging: Path, parts: Iterable[Part] | None = None
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Stage anew the segments that have some articles, less those, and return them and the paths they stand for.

    Args:
        snapshot: the lake.
        ids: plain ids of the articles.
        staging: the run's folder.
        parts: those of the live parts that are looked at; all where it is None.

    Raises:
        LakeError: a part is not what was committed.
        OSError: a part is missing, or the disk has no room.
    """
    rewritten: tuple[Part, ...] = ()
    removed: tuple[str, ...] = ()
    for part in snapshot.parts[NAME] if parts is None else parts:
        path = checked_path(snapshot.root, part.path)
        if not len(ids):
            break
        held = storage(pq.ParquetFile(path).read(["article_id"])["article_id"])
        if not pc.any(pc.is_in(held, value_set=ids)).as_py():
            continue
        refuse_altered(snapshot.root, (part,))
        rest = without(read(path), ids)
        removed += (part.path,)
        if len(rest.article_ids):
            rewritten += (_staged(rest, staging, f"rewritten-{staging.name[:12]}"),)
    return rewritten, removed


def alike(snapshot: Snapshot, most: int) -> Iterator[list[Part]]:
    """Yield segments that are to be merged: with `most` = 1 as many small ones as make one, else those of one size.

    Of one size are those that differ by less than a factor of 16, where there are more than `most` of them.
    """
    levels: dict[int, list[tuple[int, Part]]] = defaultdict(list)
    for part in snapshot.parts[NAME]:
        size = indexed_in(snapshot.root, part)
        if 2 * size <= SEGMENT_ARTICLES:
            levels[size.bit_length() // 4 if most > 1 else 0].append((size, part))
    for some in levels.values():
        if len(some) > most:
            yield from (chosen for chosen in _filled(some) if len(chosen) > 1)


def _filled(some: Sequence[tuple[int, Part]]) -> Iterator[list[Part]]:
    """Yield the parts in groups of at most SEGMENT_ARTICLES articles."""
    chosen: list[Part] = []
    total = 0
    for size, part in sorted(some, key=lambda each: (each[0], each[1].path)):
        if total + size > SEGMENT_ARTICLES:
            yield chosen
            chosen, total = [], 0
        chosen.append(part)
        total += size
    yield chosen


def merge(snapshot: Snapshot, parts: Sequence[Part], staging: Path, wave: str) -> tuple[Part, ...]:
    """Stage one segment of the articles of several parts. Raises LakeError, or OSError where one is missing."""
    refuse_altered(snapshot.root, parts)
    return (_staged(merged([read(checked_path(snapshot.root, part.path)) for part in parts]), staging, wave),)
