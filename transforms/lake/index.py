"""What matching needs of every article in the lake: runs of articles on disk, memory-mapped, bound to a commit.

A run is a segment with the relations of its articles. The index is a cache: `HEAD.json` names the commit it stands
for, its runs, and the articles that are dead in each because a better sighting took their place. An index that is
behind its lake is caught up from the tables when it is opened; one that is lost or damaged is built anew.
"""

from __future__ import annotations

import fcntl
import json
import logging
import math
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schemas.tables import TABLES
from transforms.cluster.facts import FACTS
from transforms.lake import relations
from transforms.lake.commits import Commit, Snapshot, open_snapshot, read_commit
from transforms.lake.files import LakeError
from transforms.lake.files import replace as replace_file
from transforms.lake.relations import RELATIONS, Relations, ids_of, relate
from transforms.lake.replay import RELATED, added_rows, live_rows
from transforms.lake.select import latest
from transforms.match.fingerprint import fingerprint
from transforms.match.segment import Segment, build, merge, open_segment, save
from transforms.reuse.rarity import MODEL_ID

FORMAT = 2
ALIKE = 4
"""So many runs of like size are merged into one: a lookup costs a little in each, and so does writing them again."""

MOST_RUNS = 24
"""With more of them a commit waits until they are merged."""

CATCH_UP_ROWS = 20_000
"""About so many articles are caught up with, or indexed anew, at once."""

_mapped: dict[Path, Run] = {}
"""Runs by their folders, whose names are used once: what this process has mapped it need not map again page by page."""

_ROWS = 500
_SMALL = 1_000
"""Articles up to which runs are of like size."""


@dataclass(frozen=True)
class Run:
    """Articles with what relates them, as of when they were committed.

    Attributes:
        name: its folder under index/.
        segment: fingerprints and postings, the dead masked.
        relations: pairs, clusters, members and versions; those of dead articles are still in them.
        dead: ids of articles that count no more in this run; others than it holds may be among them.
    """

    name: str
    segment: Segment
    relations: Relations
    dead: frozenset[bytes]

    def without(self, ids: Sequence[bytes]) -> Run:
        """Return the run with some articles dead."""
        return replace(self, segment=self.segment.without(ids), dead=self.dead | set(ids)) if ids else self


@dataclass(frozen=True)
class Index:
    """The runs that stand for a lake as of one commit.

    Attributes:
        root: the lake's folder.
        commit: the commit.
        runs: the runs, oldest first.
    """

    root: Path
    commit: int
    runs: tuple[Run, ...] = ()

    @property
    def segments(self) -> list[Segment]:
        """The runs' segments."""
        return [run.segment for run in self.runs]

    def holds(self, ids: pa.Array) -> pa.Array:
        """Return for each id whether an article that lives has it."""
        wanted = ids_of(ids)
        held = np.zeros(len(wanted), bool)
        for run in self.runs:
            held |= _living(run.segment, wanted) >= 0
        return pa.array(held)

    def facts(self, ids: pa.Array) -> pa.Table:
        """Return the FACTS of the articles with these ids."""
        wanted = ids_of(ids)
        found = [FACTS.empty_table()]
        for run in self.runs:
            rows = _living(run.segment, wanted)
            found.append(fingerprint_facts(run.segment.articles, rows[rows >= 0]))
        return pa.concat_tables(found)

    def find(self, name: str, ids: pa.Array) -> pa.Table:
        """Return the rows of a relation one of whose id columns (FOUND_BY) is among `ids`, as readers see them."""
        wanted = ids_of(ids)
        found = [RELATIONS[name].empty_table()]
        for run in self.runs:
            rows = relations.find(run.relations, name, wanted)
            found.append(relations.without(name, rows, pa.array(run.dead, pa.binary(16))))
        rows = pa.concat_tables(found)
        return latest(TABLES[name], rows) if name in TABLES and TABLES[name].keep == "latest" else rows

    def without(self, dead: pa.Array) -> Index:
        """Return the index with some articles dead, given by their plain 16-byte ids."""
        return replace(self, runs=tuple(run.without(dead.to_pylist()) for run in self.runs))


def sizes(index: Index) -> dict[str, int]:
    """Return the bytes of an index by what they hold."""
    found = dict.fromkeys(("anchors", "words", "places of words", "bands", "articles", "relations"), 0)
    for run in index.runs:
        segment, words = run.segment, sum(each.nbytes for each in run.segment.words)
        places = sum(each.nbytes for each in segment.spacing)
        found["anchors"] += segment.anchors.entries.nbytes + segment.anchors.positions.nbytes
        found["words"] += words + segment.vocabulary.nbytes
        found["places of words"] += places
        found["bands"] += segment.bands.entries.nbytes
        found["articles"] += segment.articles.nbytes - words - places + segment.by_id.nbytes
        for rows, orders in run.relations.values():
            found["relations"] += rows.nbytes + sum(order.nbytes for order in orders)
    return found


def fingerprint_facts(articles: pa.RecordBatch, rows: NDArray[np.int64]) -> pa.Table:
    """Return the FACTS, as `transforms.cluster` wants them, of some rows of SEGMENT_ARTICLES."""
    taken = articles.select(FACTS.names).take(pa.array(rows))
    return pa.Table.from_arrays(taken.columns, schema=FACTS)


class Ahead(LakeError):
    """The index stands for a later commit than is asked for: open the lake's newest snapshot."""


def open_index(snapshot: Snapshot) -> Index:
    """Return the index of a snapshot, caught up or built anew where it must be.

    Raises Ahead where another process has made a commit meanwhile.
    """
    with _locked(snapshot.root):
        if snapshot.number < _read_head(snapshot.root)["commit"] <= open_snapshot(snapshot.root).number:
            raise Ahead(f"{snapshot.root} has a commit after {snapshot.number} by now; try again")
        index = _load(snapshot) or _built(snapshot)
        while index.commit < snapshot.number:
            try:
                index = _caught_up(index, snapshot)
            except FileNotFoundError:  # vacuumed since; what it held stands in a newer part
                index = _built(snapshot)
        return index


def indexed_commit(snapshot: Snapshot) -> int | None:
    """Return the commit that the index on disk stands for, None where there is none that can be used."""
    index = _load(snapshot)
    return index.commit if index else None


def reindex(snapshot: Snapshot) -> Index:
    """Build the index of a snapshot anew from the tables, some articles at a time, and return it."""
    with _locked(snapshot.root):
        return _built(snapshot)


def add_commit(root: Path, commit: Commit, segment: Segment, tables: Mapping[str, pa.Table]) -> None:
    """Add a commit to the index on disk, unless it stands for another than the one before: then it catches up later.

    Args:
        root: the lake's folder.
        commit: the commit.
        segment: its new articles.
        tables: its rows of each relation.
    """
    with _locked(root):
        head = _read_head(root)
        if head["commit"] == commit.number - 1:
            _extend(root, _less(root, head, commit), commit.number, segment, relate(tables))


def tidy(root: Path, wait: bool = False) -> None:
    """Merge runs of like size where there are too many, unless another process is at it.

    Readers and writers go on meanwhile: the merged run takes the place of the others in one step at the end. So an
    article is written log(n) times in n commits, and runs are log(n).
    """
    with _flock(root / "index" / "merging", fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)) as free:
        while free and _merge_alike(root):
            pass


def tidy_beside(root: Path) -> None:
    """Merge what `tidy` would in a thread of its own; with far too many runs, wait for it."""
    if len(_read_head(root)["runs"]) > MOST_RUNS:
        tidy(root, wait=True)
    else:
        threading.Thread(target=_tidy_or_say, args=(root,), name="tidy", daemon=False).start()


def _tidy_or_say(root: Path) -> None:
    try:
        tidy(root)
    except OSError as error:
        logging.getLogger("wirecopy").warning("the index is not tidied now: %s", error)


def alike(sizes: Sequence[int]) -> list[int]:
    """Return the places of the smallest `ALIKE` sizes or more that differ by less than that factor; none if none do."""
    levels = [int(math.log(max(size, _SMALL) / _SMALL, ALIKE)) for size in sizes]
    for level in sorted(set(levels)):
        if levels.count(level) >= ALIKE:
            return [place for place, other in enumerate(levels) if other == level]
    return []


def _merge_alike(root: Path) -> bool:
    """Merge the smallest runs of like size if there are too many; return whether it was done."""
    folder = root / "index"
    for path in folder.glob(".*"):
        shutil.rmtree(path, ignore_errors=True)
    with _locked(root):
        runs = [_open_run(folder, run) for run in _read_head(root)["runs"]]
    merging = [runs[place] for place in alike([len(run.segment) for run in runs])]
    if not merging:
        return False
    building = folder / f".{uuid.uuid4().hex}"
    merge([run.segment for run in merging], building)
    graves = [pa.array(run.dead, pa.binary(16)) for run in merging]
    relations.save(relations.merge([run.relations for run in merging], graves), building)
    name = f"{merging[-1].name[:8]}-{uuid.uuid4().hex[:8]}"
    building.rename(folder / name)
    with _locked(root):
        head = _read_head(root)
        now = {run["name"]: run["dead"] for run in head["runs"]}
        if not all(run.name in now for run in merging):
            shutil.rmtree(folder / name)
            return False
        dead = sorted({one for run in merging for one in now[run.name] if bytes.fromhex(one) not in run.dead})
        kept = [run for run in head["runs"] if run["name"] not in {one.name for one in merging}]
        _write_head(root, head["commit"], [*kept, {"name": name, "dead": dead}])
    return True


def _caught_up(index: Index, snapshot: Snapshot) -> Index:
    """Return the index with a few more commits, read from the tables, on disk as well."""
    root = index.root
    commits = [read_commit(root, index.commit + 1)]
    n_rows = 0
    for number in range(index.commit + 2, snapshot.number + 1):
        n_rows += sum(part.rows for part in commits[-1].added.get("articles", ()))
        commit = read_commit(root, number)
        if commit.replaced or commit.retracted or n_rows >= CATCH_UP_ROWS:
            break
        commits.append(commit)
    rows = added_rows(root, commits)
    related = relate({"versions": rows["articles"]} | {name: rows[name] for name in RELATED})
    head = _less(root, _head_of(index), commits[0])
    _extend(root, head, commits[-1].number, _fingerprinted(rows["articles"]), related)
    return _reloaded(snapshot)


def _built(snapshot: Snapshot) -> Index:
    """Return the index built anew from all rows of a snapshot; it is there only once it is whole."""
    folder = snapshot.root / "index"
    (folder / "HEAD.json").unlink(missing_ok=True)
    _sweep(folder, [])
    runs = []
    with tempfile.TemporaryDirectory(prefix="spill-", dir=folder) as spill:
        for rows in live_rows(snapshot, CATCH_UP_ROWS, Path(spill)):
            related = relate({"versions": rows["articles"]} | {name: rows[name] for name in RELATED})
            runs.append(_save_run(folder, snapshot.number, _fingerprinted(rows["articles"]), related))
    _write_head(snapshot.root, snapshot.number, runs)
    return _reloaded(snapshot)


def _reloaded(snapshot: Snapshot) -> Index:
    index = _load(snapshot)
    if index is None:
        raise OSError(f"{snapshot.root / 'index'} cannot be read back")
    return index


def _extend(root: Path, head: dict[str, Any], number: int, segment: Segment, related: Relations) -> None:
    folder = root / "index"
    runs = head["runs"]
    _sweep(folder, runs)
    if len(segment) or any(len(relation.rows) for relation in related.values()):
        runs = [*runs, _save_run(folder, number, segment, related)]
    _write_head(root, number, runs)


def _sweep(folder: Path, runs: Sequence[Mapping[str, Any]]) -> None:
    """Delete the folders of other runs; who maps their files keeps them until it lets go."""
    names = {run["name"] for run in runs}
    for path in list(_mapped):
        if path.parent == folder and path.name not in names:
            _mapped.pop(path, None)
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith(".") and path.name not in names:
            shutil.rmtree(path, ignore_errors=True)


def _save_run(folder: Path, number: int, segment: Segment, related: Relations) -> dict[str, Any]:
    name = _run_name(number)
    save(segment, folder / name)
    relations.save(related, folder / name)
    return {"name": name, "dead": []}


def _run_name(number: int) -> str:
    return f"{number:08d}-{uuid.uuid4().hex[:8]}"


def _load(snapshot: Snapshot) -> Index | None:
    """Return the index as it stands on disk, at the snapshot's commit or before; None where it must be built anew."""
    try:
        head = _read_head(snapshot.root)
        if head["commit"] > snapshot.number:
            return None
        runs = tuple(_open_run(snapshot.root / "index", run) for run in head["runs"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Index(snapshot.root, head["commit"], runs)


def _open_run(folder: Path, run: Mapping[str, Any]) -> Run:
    path = folder / run["name"]
    opened = _mapped.get(path)
    if opened is None:
        opened = _mapped[path] = Run(run["name"], open_segment(path), relations.open_saved(path), frozenset())
    return opened.without([bytes.fromhex(one) for one in run["dead"]])


def _head_of(index: Index) -> dict[str, Any]:
    runs = [{"name": run.name, "dead": sorted(one.hex() for one in run.dead)} for run in index.runs]
    return {"commit": index.commit, "runs": runs}


def _less(root: Path, head: Mapping[str, Any], commit: Commit) -> dict[str, Any]:
    """Return the head less the articles and pairs that gave way in a commit."""
    runs = [{"name": run["name"], "dead": sorted({*run["dead"], *commit.replaced})} for run in head["runs"]]
    if commit.retracted:
        pairs = pa.array([bytes.fromhex(source + destination) for source, destination in commit.retracted])
        runs = [{"name": _retracted(root / "index", run["name"], pairs), "dead": run["dead"]} for run in runs]
    return {"commit": head["commit"], "runs": runs}


def _retracted(folder: Path, name: str, pairs: pa.Array) -> str:
    """Return the name of a run less some pairs: the same run where it has none of them, else one beside it."""
    kept = relations.retract(relations.open_saved(folder / name), pairs)
    if kept is None:
        return name
    beside = f"{name[:8]}-{uuid.uuid4().hex[:8]}"
    shutil.copytree(folder / name, folder / beside, copy_function=os.link, ignore=shutil.ignore_patterns("pairs.*"))
    relations.save({"pairs": kept}, folder / beside)
    return beside


def _read_head(root: Path) -> dict[str, Any]:
    """Return the commit and runs of the index on disk; commit 0 and none where there is none that can be used."""
    try:
        head: dict[str, Any] = json.loads((root / "index" / "HEAD.json").read_bytes())
        if (head["format"], head["model_id"]) == (FORMAT, MODEL_ID):
            return {"commit": int(head["commit"]), "runs": list(head["runs"])}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return {"commit": 0, "runs": []}


def _write_head(root: Path, commit: int, runs: Sequence[Mapping[str, Any]]) -> None:
    head = {"format": FORMAT, "model_id": MODEL_ID, "commit": commit, "runs": list(runs)}
    replace_file(root / "index" / "HEAD.json", json.dumps(head, indent=1).encode())


def _fingerprinted(articles: pa.Table) -> Segment:
    return build([fingerprint(batch) for batch in articles.combine_chunks().to_batches(_ROWS)])


def _living(segment: Segment, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    rows = segment.find(ids)
    return np.where((rows >= 0) & segment.live[rows], rows, -1) if len(segment) else rows


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Keep other writers of the index away; readers never wait, they map files that stay until they let go."""
    with _flock(root / "index" / "lock", fcntl.LOCK_EX):
        yield


@contextmanager
def _flock(path: Path, how: int) -> Iterator[bool]:
    """Hold a lock for a block, and say whether it is held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, how)
        except BlockingIOError:
            yield False
        else:
            yield True
