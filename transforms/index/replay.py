"""The rows that the index is made of, read back from the tables: what some commits added, or all there is."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import Commit, Part, Snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import read_parts, refuse_altered, slices
from wirecopy.transforms.lake.scan import listed, stream

RELATED = ("pairs", "clusters", "members")

Rows = Mapping[str, pa.Table]
"""Articles with their texts (ARTICLE_BATCH), and rows of each table of RELATED."""


def added_rows(root: Path, commits: Sequence[Commit]) -> Rows:
    """Return the rows that some commits added.

    Raises FileNotFoundError where a part of them was vacuumed since, LakeError where one is not what was committed.
    """
    parts: dict[str, list[Part]] = defaultdict(list)
    for commit in commits:
        for name in ("articles", "texts", *RELATED):
            parts[name] += commit.added.get(name, ())
    for added in parts.values():
        refuse_altered(root, added)
    rows = {name: read_parts(root, tuple(parts[name]), TABLES[name].schema) for name in ("articles", *RELATED)}
    texts = read_parts(root, tuple(parts["texts"]), TABLES["texts"].schema, ["article_id", "text"])
    articles = rows["articles"]
    at = pc.index_in(storage(articles["article_id"]), value_set=storage(texts["article_id"]))
    articles = articles.append_column("text", texts["text"].take(at))
    return rows | {"articles": articles.select(ARTICLE_BATCH.names).cast(ARTICLE_BATCH)}


def live_rows(snapshot: Snapshot, rows: int, spill: Path) -> Iterator[Rows]:
    """Yield all rows of a snapshot, about so many of each table at a time.

    Raises LakeError where a part is missing or cannot be read, OSError where the disk has no room.
    """
    for name in ("articles", "texts", *RELATED):
        for part in snapshot.parts[name]:
            if not (snapshot.root / part.path).is_file():
                raise LakeError(f"{snapshot.root / part.path} is missing, so no index can be made: run wirecopy doctor")
        refuse_altered(snapshot.root, snapshot.parts[name])
    streams = {"articles": slices(_articles(snapshot, spill), rows)} | {
        name: slices(_all(snapshot, name, spill), rows) for name in RELATED
    }
    empty = {"articles": ARTICLE_BATCH.empty_table()} | {name: TABLES[name].schema.empty_table() for name in RELATED}
    try:
        for pieces in itertools.zip_longest(*streams.values()):
            yield {name: empty[name] if piece is None else piece for name, piece in zip(streams, pieces, strict=True)}
    except OSError as error:
        if error.errno is not None:
            raise
        raise LakeError(f"no index can be made of {snapshot.root}: {error}; run wirecopy doctor") from None


def _articles(snapshot: Snapshot, spill: Path) -> Iterator[pa.Table]:
    """Yield all articles with their texts, month by month."""
    texts = _by_folder(snapshot.parts["texts"])
    for month, parts in sorted(_by_folder(snapshot.parts["articles"]).items()):
        query = (
            f"SELECT a.*, t.text FROM {listed(snapshot.root, parts)} AS a "
            f"JOIN {listed(snapshot.root, texts[month])} AS t USING (article_id)"
        )
        yield from stream(query, ARTICLE_BATCH, spill)


def _all(snapshot: Snapshot, name: str, spill: Path) -> Iterator[pa.Table]:
    if parts := snapshot.parts[name]:
        yield from stream(f"FROM {listed(snapshot.root, parts)}", TABLES[name].schema, spill)


def _by_folder(parts: Sequence[Part]) -> dict[str, list[Part]]:
    folders: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        folders[Path(part.path).parent.name].append(part)
    return folders
