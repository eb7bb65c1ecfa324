"""What matching needs of every article in the lake: segments on disk, memory-mapped, bound to a commit.

The index is a cache. `HEAD.json` names the commit it stands for, its segments, and the articles that are dead in each
because a better sighting took their place. An index that is behind its lake is caught up from the tables when it is
opened; one that no longer fits is built anew.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import ARTICLE_BATCH
from schemas.tables import TABLES
from transforms.cluster.columns import storage
from transforms.cluster.facts import FACTS
from transforms.lake.commits import Part, Snapshot, read_commit
from transforms.lake.files import replace as replace_file
from transforms.lake.parts import read_parts
from transforms.match.fingerprint import fingerprint
from transforms.match.segment import Segment, build, merge, open_segment, save
from transforms.reuse.rarity import MODEL_ID

FORMAT = 1
MOST_SEGMENTS = 8
"""With more of them the smallest are merged: a lookup costs a little in each."""

_ROWS = 500


@dataclass(frozen=True)
class Index:
    """The segments that stand for a lake as of one commit.

    Attributes:
        root: the lake's folder.
        commit: the commit.
        names: the segments' folders under index/, oldest first.
        segments: the segments, their dead articles masked.
        dead: hexadecimal ids of the dead articles of each segment.
    """

    root: Path
    commit: int
    names: tuple[str, ...]
    segments: tuple[Segment, ...]
    dead: tuple[tuple[str, ...], ...]

    def live(self) -> pa.ChunkedArray:
        """Return the 16-byte ids of the articles it stands for."""
        return pa.chunked_array([storage(_live(one)["article_id"]) for one in self.segments], pa.binary(16))

    def facts(self, column: str, values: pa.Array) -> pa.Table:
        """Return the FACTS of its articles whose id column `column` is among some plain 16-byte values."""
        found = [FACTS.empty_table()]
        for one in self.segments:
            articles = _live(one)
            found.append(fingerprint_facts(articles.filter(pc.is_in(storage(articles[column]), value_set=values))))
        return pa.concat_tables(found)

    def without(self, dead: pa.Array) -> Index:
        """Return the index with some articles dead, given by their plain 16-byte ids."""
        if not len(dead):
            return self
        ids = dead.to_pylist()
        graves = [
            tuple(sorted(set(old) | {one_id.hex() for one_id in ids if segment.find([one_id])[0] >= 0}))
            for old, segment in zip(self.dead, self.segments, strict=True)
        ]
        return replace(self, segments=tuple(one.without(ids) for one in self.segments), dead=tuple(graves))


def fingerprint_facts(fingerprints: pa.Table | pa.RecordBatch) -> pa.Table:
    """Return the FACTS, as `transforms.cluster` wants them, of articles given by their fingerprints."""
    words = pc.list_value_length(fingerprints["words"]).cast(pa.int32())
    columns = [words if name == "n_words" else fingerprints[name] for name in FACTS.names]
    return pa.Table.from_arrays(columns, schema=FACTS)


def open_index(snapshot: Snapshot) -> Index:
    """Return the index of a snapshot, caught up or built anew where it must be."""
    with _locked(snapshot.root):
        index = _load(snapshot)
        if index is None:
            articles = _articles(snapshot.root, snapshot.parts["articles"], snapshot.parts["texts"])
            index = _extended(Index(snapshot.root, 0, (), (), ()), snapshot.number, _fingerprinted(articles))
        for number in range(index.commit + 1, snapshot.number + 1):
            added = read_commit(snapshot.root, number).added
            articles = _articles(snapshot.root, added.get("articles", ()), added.get("texts", ()))
            index = _extended(index, number, _fingerprinted(articles))
    return index


def add_commit(index: Index, number: int, segment: Segment) -> None:
    """Save the index as of the next commit: the articles of one segment more. Whoever was first is left alone."""
    with _locked(index.root):
        if _commit_on_disk(index.root) < number:
            _extended(index, number, segment)


def _extended(index: Index, number: int, segment: Segment) -> Index:
    folder = index.root / "index"
    names, segments, dead = list(index.names), list(index.segments), list(index.dead)
    if len(segment):
        names.append(_save(folder, number, segment))
        segments.append(segment)
        dead.append(())
    if len(segments) > MOST_SEGMENTS:
        by_size = sorted(range(len(segments)), key=lambda i: len(segments[i]))
        small = sorted(by_size[: MOST_SEGMENTS // 2 + 1])
        merged = merge([segments[i] for i in small])
        kept = [i for i in range(len(segments)) if i not in small]
        names = [names[i] for i in kept] + [_save(folder, number, merged)]
        segments = [segments[i] for i in kept] + [merged]
        dead = [dead[i] for i in kept] + [()]
    extended = Index(index.root, number, tuple(names), tuple(segments), tuple(dead))
    _write_head(extended)
    for path in folder.iterdir():
        if path.is_dir() and path.name not in extended.names:
            shutil.rmtree(path, ignore_errors=True)
    return extended


def _load(snapshot: Snapshot) -> Index | None:
    """Return the index as it stands on disk, at the snapshot's commit or before; None where it must be built anew."""
    folder = snapshot.root / "index"
    try:
        head = json.loads((folder / "HEAD.json").read_bytes())
        behind = range(head["commit"] + 1, snapshot.number + 1)
        if (head["format"], head["model_id"]) != (FORMAT, MODEL_ID) or head["commit"] > snapshot.number:
            return None
        if any("articles" in read_commit(snapshot.root, number).removed for number in behind):
            return None
        names = tuple(one["name"] for one in head["segments"])
        dead = tuple(tuple(one["dead"]) for one in head["segments"])
        segments = tuple(
            open_segment(folder / name).without([bytes.fromhex(one) for one in graves])
            for name, graves in zip(names, dead, strict=True)
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Index(snapshot.root, head["commit"], names, segments, dead)


def _commit_on_disk(root: Path) -> int:
    try:
        return int(json.loads((root / "index" / "HEAD.json").read_bytes())["commit"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _write_head(index: Index) -> None:
    head = {
        "format": FORMAT,
        "model_id": MODEL_ID,
        "commit": index.commit,
        "segments": [
            {"name": name, "dead": list(graves)} for name, graves in zip(index.names, index.dead, strict=True)
        ],
    }
    replace_file(index.root / "index" / "HEAD.json", json.dumps(head, indent=1).encode())


def _save(folder: Path, number: int, segment: Segment) -> str:
    name = f"{number:08d}-{uuid.uuid4().hex[:8]}"
    save(segment, folder / name)
    return name


def _articles(root: Path, articles: tuple[Part, ...], texts: tuple[Part, ...]) -> pa.Table:
    """Return rows of the tables articles and texts as one table of ARTICLE_BATCH."""
    rows = read_parts(root, articles, TABLES["articles"].schema)
    texts_rows = read_parts(root, texts, TABLES["texts"].schema)
    at = pc.index_in(storage(rows["article_id"]), value_set=storage(texts_rows["article_id"]))
    return rows.append_column("text", texts_rows["text"].take(at)).select(ARTICLE_BATCH.names).cast(ARTICLE_BATCH)


def _fingerprinted(articles: pa.Table) -> Segment:
    return build([fingerprint(batch) for batch in articles.combine_chunks().to_batches(_ROWS)])


def _live(segment: Segment) -> pa.RecordBatch:
    return segment.articles if segment.live.all() else segment.articles.filter(pa.array(segment.live))


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Keep other writers of the index away; readers never wait, they map files that stay until they let go."""
    folder = root / "index"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
