"""What matching needs of every article in the lake: runs of articles on disk, memory-mapped, bound to a commit.

A run is a segment with the relations of its articles. The index is a cache: `HEAD.json` names the commit it stands
for, its runs, and the articles that are dead in each because a better sighting took their place. An index that is
behind its lake is caught up from the tables when it is opened; one that is lost or damaged, or that stands for a commit
that the lake does not have, is built anew. What a run's files hold is checked, against the checksums of its manifest,
before a process maps it for the first time and before it is merged.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import re
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import fixed, storage
from wirecopy.transforms.index import relations
from wirecopy.transforms.index.head import RUN_NAME, Head, NamedRun, read_head, run_name, write_head
from wirecopy.transforms.index.manifest import DamagedError, damages, measured, read_file, read_manifest, write_manifest
from wirecopy.transforms.index.relations import RELATIONS, Relations, relate
from wirecopy.transforms.index.replay import RELATED, added_rows, live_rows
from wirecopy.transforms.index.versions import sighted
from wirecopy.transforms.lake.commits import Commit, Snapshot, commit_identity, open_snapshot, read_commit
from wirecopy.transforms.lake.files import LakeError, lock
from wirecopy.transforms.lake.lookup import latest
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.segments import segment as segments
from wirecopy.transforms.matching.segments.segment import Segment, build, merge, open_segment, save
from wirecopy.transforms.provenance.facts import FACTS

ALIKE = 4
"""So many runs of like size are merged into one: a lookup costs a little in each, and so does writing them again."""

MOST_RUNS = 24
"""With more of them a commit waits until they are merged."""

CATCH_UP_ROWS = 20_000
"""About so many articles are caught up with, or indexed anew, at once."""

_mapped: dict[Path, Run] = {}
"""Runs by their folders, whose names are used once: what this process has mapped it need not map again page by page."""

FILES = (*segments.FILES, *relations.FILES)
"""The files of a run, beside its manifest."""

_BUILDING = re.compile(r"\.[0-9a-f]{32}")
_SPILL = "spill-"
_ROWS = 500
_SMALL = 1_000
"""Articles up to which runs are of like size."""

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """Articles with what relates them, as of when they were committed.

    Attributes:
        name: its folder under index/.
        manifest: the checksum of its manifest.
        segment: fingerprints and postings, the dead masked.
        relations: pairs, clusters, members and versions; those of dead articles are still in them.
        dead: ids of articles that count no more in this run; others than it holds may be among them.
    """

    name: str
    manifest: str
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
        commit: the commit's number.
        identity: the commit's identity, as `commit_identity` gives it; empty for commit 0.
        runs: the runs, oldest first.
    """

    root: Path
    commit: int
    identity: str
    runs: tuple[Run, ...] = ()

    @property
    def segments(self) -> list[Segment]:
        """The runs' segments."""
        return [run.segment for run in self.runs]

    def holds(self, ids: pa.Array) -> pa.Array:
        """Return for each id whether an article that lives has it."""
        wanted = fixed(ids)
        held = np.zeros(len(wanted), bool)
        for run in self.runs:
            held |= _living(run.segment, wanted) >= 0
        return pa.array(held)

    def facts(self, ids: pa.Array) -> pa.Table:
        """Return the FACTS of the articles with these ids."""
        wanted = fixed(ids)
        found = [FACTS.empty_table()]
        for run in self.runs:
            rows = _living(run.segment, wanted)
            found.append(fingerprint_facts(run.segment.articles, rows[rows >= 0]))
        return pa.concat_tables(found)

    def find(self, name: str, ids: pa.Array) -> pa.Table:
        """Return the rows of a relation one of whose id columns (FOUND_BY) is among `ids`, as readers see them."""
        wanted = fixed(ids)
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
    """Return the FACTS, as `transforms.provenance` wants them, of some rows of SEGMENT_ARTICLES."""
    taken = articles.select(FACTS.names).take(pa.array(rows))
    return pa.Table.from_arrays(taken.columns, schema=FACTS)


def takes_of(segment: Segment) -> dict[str, pa.Table]:
    """Return the relation `takes` of a segment's articles."""
    articles = pa.Table.from_batches([segment.articles.select(["identity", "slug", "article_id"])])
    return {"takes": articles.filter(pc.not_equal(storage(articles["slug"]), storage(articles["identity"])))}


def _related(rows: Mapping[str, pa.Table], segment: Segment) -> Relations:
    seen = {"seen": sighted(rows["articles"])}
    return relate(seen | takes_of(segment) | {name: rows[name] for name in RELATED})


class Ahead(LakeError):
    """The index stands for a later commit than is asked for: open the lake's newest snapshot."""


def open_index(snapshot: Snapshot) -> Index:
    """Return the index of a snapshot, caught up or built anew where it must be; a warning says why it is built anew.

    Raises:
        Ahead: another process has made a commit meanwhile.
        LakeError: the index must be built anew and a part of the lake is missing or damaged, or it is a link.
        OSError: it cannot be written.
    """
    with _locked(snapshot.root):
        try:
            head = read_head(snapshot.root)
            if head and head.commit > snapshot.number:
                if head.commit > open_snapshot(snapshot.root).number:
                    raise DamagedError(f"the index stands for a commit {head.commit} that the lake does not reach")
                raise Ahead(f"{snapshot.root} has a commit after {snapshot.number} by now; try again")
            index, why = _opened(snapshot.root, head), "there is none that this version reads"
        except DamagedError as error:
            index, why = None, str(error)
        if index is None:
            if snapshot.number:
                _warn("the index of %s is built anew: %s", snapshot.root, why)
            index = _built(snapshot)
        while index.commit < snapshot.number:
            try:
                index = _caught_up(index, snapshot)
            except (FileNotFoundError, DamagedError, LakeError):  # vacuumed since: what it held stands in a newer part
                index = _built(snapshot)
        return index


def indexed_commit(snapshot: Snapshot) -> int | None:
    """Return the commit that the index on disk stands for, None where there is none that can be used."""

    def commit() -> int | None:
        try:
            index = _opened(snapshot.root, read_head(snapshot.root))
        except DamagedError:
            return None
        return index.commit if index and index.commit <= snapshot.number else None

    return _steady(snapshot.root, commit)


def verify_index(snapshot: Snapshot) -> list[str]:
    """Return what is wrong with the index on disk, every byte of it read: nothing where it is whole or not there.

    What this process has mapped already is read again. Writers go on meanwhile.
    """
    return _steady(snapshot.root, lambda: list(_faults(snapshot.root)))


def reindex(snapshot: Snapshot) -> Index:
    """Build the index of a snapshot anew from the tables, some articles at a time, and return it.

    Raises LakeError where a part is missing or damaged, OSError where the index cannot be written; the old index stays
    then.
    """
    with _locked(snapshot.root):
        return _built(snapshot)


def add_commit(root: Path, commit: Commit, segment: Segment, tables: Mapping[str, pa.Table]) -> None:
    """Add a commit to the index on disk, unless it stands for another than the one before: then it catches up later.

    So it does where the disk is full or fails, with a warning: the commit stands, and the index is a cache.

    Args:
        root: the lake's folder.
        commit: the commit.
        segment: its new articles.
        tables: its rows of each relation.
    """
    try:
        with _locked(root):
            head = read_head(root)
            if head and head.commit == commit.number - 1:
                _extend(root, _less(root, head, commit), commit.number, segment, relate(tables))
    except DamagedError:
        return  # whoever opens it says so, and builds it anew
    except OSError as error:
        _warn(
            "commit %s is in the lake, but not in its index, which the next run catches up: %s",
            commit.number,
            _described(error, root / "index"),
        )


def at_newest(root: Path, work: Callable[[Snapshot], T]) -> T:
    """Return what some work gives for the newest snapshot, done again where another process commits meanwhile."""
    while True:
        snapshot = open_snapshot(root)
        try:
            return work(snapshot)
        except Ahead:
            if open_snapshot(root).number == snapshot.number:
                raise


def tidy(root: Path, wait: bool = False) -> None:
    """Merge runs of like size where there are too many, unless another process is at it.

    Readers and writers go on meanwhile: the merged run takes the place of the others in one step at the end. So an
    article is written log(n) times in n commits, and runs are log(n).
    """
    with _flock(root / "index" / "merging", fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)) as free:
        while free and _merge(root, _alike):
            pass


def purge(root: Path) -> None:
    """Write the runs anew that hold articles which count no more, so that nothing of these is left in the index.

    Raises OSError where the index cannot be written.
    """
    with _flock(root / "index" / "merging", fcntl.LOCK_EX):
        if not _merge(root, _holding_dead) and (head := _usable_head(root)) and any(run.dead for run in head.runs):
            snapshot = open_snapshot(root)
            if any(_holding_dead(open_index(snapshot))):
                reindex(snapshot)
    with _locked(root):
        if head := _usable_head(root):
            _sweep(root / "index", head.runs)


def _alike(index: Index) -> list[Run]:
    return [index.runs[place] for place in alike([len(run.segment) for run in index.runs])]


def _holding_dead(index: Index) -> list[Run]:
    """Return the runs that hold articles which count no more."""
    return [run for run in index.runs if run.dead and (run.segment.find(list(run.dead)) >= 0).any()]


def tidy_beside(root: Path) -> None:
    """Merge what `tidy` would in a thread of its own; with far too many runs, wait for it."""
    head = _usable_head(root)
    if head and len(head.runs) > MOST_RUNS:
        _tidy_or_say(root, wait=True)
    else:
        threading.Thread(target=_tidy_or_say, args=(root,), name="tidy", daemon=False).start()


def _tidy_or_say(root: Path, wait: bool = False) -> None:
    try:
        tidy(root, wait)
    except OSError as error:
        _warn("the index is not tidied now: %s", _described(error, root / "index"))


def alike(sizes: Sequence[int]) -> list[int]:
    """Return the places of the smallest `ALIKE` sizes or more that differ by less than that factor; none if none do."""
    levels = [int(math.log(max(size, _SMALL) / _SMALL, ALIKE)) for size in sizes]
    for level in sorted(set(levels)):
        if levels.count(level) >= ALIKE:
            return [place for place, other in enumerate(levels) if other == level]
    return []


def _merge(root: Path, choose: Callable[[Index], list[Run]]) -> bool:
    """Merge the runs that a function chooses if there are any; return whether it was done."""
    folder = root / "index"
    _delete(path for path in folder.iterdir() if _BUILDING.fullmatch(path.name))
    try:
        with _locked(root):
            index = _opened(root, read_head(root))
        if index is None:
            return False
        merging = choose(index)
        for run in merging:
            _check_again(folder / run.name, run.manifest)
    except DamagedError:
        return False  # whoever opens the index says so, and builds it anew
    if not merging:
        return False
    building = folder / f".{uuid.uuid4().hex}"
    with _or_gone(building):
        merge([run.segment for run in merging], building)
        graves = [pa.array(run.dead, pa.binary(16)) for run in merging]
        relations.save(relations.merge([run.relations for run in merging], graves), building)
        manifest = write_manifest(building, measured(building, FILES))
        with _locked(root):
            return _take_place(root, merging, building, manifest)


def _take_place(root: Path, merging: Sequence[Run], building: Path, manifest: str) -> bool:
    """Put a merged run in the place of those it was made of, unless they are gone by now; return whether it was.

    The caller holds the lock: a run that has its name and is not in the head yet is swept away by the next writer.
    """
    head = _usable_head(root)
    now = {run.name: run for run in head.runs} if head else {}
    if head is None or not all(run.name in now for run in merging):
        shutil.rmtree(building)
        return False
    name = f"{merging[-1].name[:8]}-{uuid.uuid4().hex[:8]}"
    dead = sorted({one for run in merging for one in now[run.name].dead if bytes.fromhex(one) not in run.dead})
    merged = {run.name for run in merging}
    kept = [run for run in head.runs if run.name not in merged]
    building.rename(root / "index" / name)
    write_head(root, replace(head, runs=(*kept, NamedRun(name, manifest, tuple(dead)))))
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
    segment = _fingerprinted(rows["articles"])
    related = _related(rows, segment)
    head = _less(root, _head_of(index), commits[0])
    _extend(root, head, commits[-1].number, segment, related)
    return _reloaded(root)


def _built(snapshot: Snapshot) -> Index:
    """Return the index built anew from all rows of a snapshot; it takes the old one's place once it is whole."""
    root, folder = snapshot.root, snapshot.root / "index"
    runs: list[NamedRun] = []
    try:
        with tempfile.TemporaryDirectory(prefix=_SPILL, dir=folder) as spill:
            for rows in live_rows(snapshot, CATCH_UP_ROWS, Path(spill)):
                segment = _fingerprinted(rows["articles"])
                runs.append(_save_run(folder, snapshot.number, segment, _related(rows, segment)))
        write_head(root, Head(snapshot.number, _identity(root, snapshot.number), tuple(runs)))
    except BaseException:
        _delete(folder / run.name for run in runs)
        raise
    _sweep(folder, runs)
    return _reloaded(root)


def _reloaded(root: Path) -> Index:
    try:
        index = _opened(root, read_head(root))
    except DamagedError as error:
        raise OSError(f"what was just written cannot be read back: {error}") from None
    if index is None:
        raise OSError(f"{root / 'index'} cannot be read back")
    return index


def _extend(root: Path, head: Head, number: int, segment: Segment, related: Relations) -> None:
    folder = root / "index"
    runs = head.runs
    _sweep(folder, runs)
    if len(segment) or any(len(relation.rows) for relation in related.values()):
        runs = (*runs, _save_run(folder, number, segment, related))
    write_head(root, Head(number, _identity(root, number), runs))


def _sweep(folder: Path, runs: Collection[NamedRun]) -> None:
    """Delete the folders of other runs; who maps their files keeps them until it lets go."""
    names = {run.name for run in runs}
    for path in list(_mapped):
        if path.parent == folder and path.name not in names:
            _mapped.pop(path, None)
    ours = (path for path in folder.iterdir() if RUN_NAME.fullmatch(path.name) or path.name.startswith(_SPILL))
    _delete(path for path in ours if path.name not in names)


def _delete(folders: Iterable[Path]) -> None:
    """Delete folders with all that is in them. Links are left alone."""
    for path in folders:
        if not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _or_gone(folder: Path) -> Iterator[None]:
    """Delete a folder where the block that fills it fails."""
    try:
        yield
    except BaseException:
        _delete([folder])
        raise


def _save_run(folder: Path, number: int, segment: Segment, related: Relations) -> NamedRun:
    name = run_name(number)
    with _or_gone(folder / name):
        save(segment, folder / name)
        relations.save(related, folder / name)
        return NamedRun(name, write_manifest(folder / name, measured(folder / name, FILES)))


def _usable_head(root: Path) -> Head | None:
    try:
        return read_head(root)
    except DamagedError:
        return None


def _opened(root: Path, head: Head | None) -> Index | None:
    """Return the index that a head names, None where there is no head. Raises DamagedError."""
    if head is None:
        return None
    return Index(root, head.commit, head.identity, tuple(_open_run(root / "index", run) for run in head.runs))


def _open_run(folder: Path, named: NamedRun) -> Run:
    """Return a run, checked and mapped unless this process has mapped it already. Raises DamagedError."""
    path = folder / named.name
    opened = _mapped.get(path)
    if opened is None or opened.manifest != named.manifest:
        _check(path, named.manifest)
        opened = _mapped[path] = _parsed(path, named.manifest)
    return opened.without([bytes.fromhex(one) for one in named.dead])


def _parsed(path: Path, manifest: str) -> Run:
    """Return a run of which every byte is as it was written. Raises DamagedError."""
    try:
        return Run(path.name, manifest, open_segment(path), relations.open_saved(path), frozenset())
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DamagedError(str(error)) from None


def _check(path: Path, manifest: str) -> None:
    """Raise DamagedError unless the files of a run are what was written."""
    if found := damages(path, read_manifest(path, manifest, FILES)):
        raise DamagedError(found[0])


def _check_again(path: Path, manifest: str) -> None:
    """Raise DamagedError, and let go of the run, where its files are no more what they were when it was mapped."""
    try:
        _check(path, manifest)
    except DamagedError:
        _mapped.pop(path, None)
        raise


def _faults(root: Path) -> Iterator[str]:
    """Yield what is wrong with the index on disk."""
    folder = root / "index"
    if folder.is_symlink():
        yield f"{folder} is a link"
        return
    try:
        head = read_head(root)
    except DamagedError as error:
        yield str(error)
        return
    for run in head.runs if head else ():
        try:
            found = damages(folder / run.name, read_manifest(folder / run.name, run.manifest, FILES))
            yield from found
            if not found:
                _parsed(folder / run.name, run.manifest)
        except DamagedError as error:
            yield str(error)


def _steady(root: Path, look: Callable[[], T]) -> T:
    """Return what a look at the index on disk finds; it is taken again where a writer changed it meanwhile."""
    while True:
        before = _head_bytes(root)
        found = look()
        if _head_bytes(root) == before:
            return found


def _head_bytes(root: Path) -> bytes | None:
    try:
        return read_file(root / "index" / "HEAD.json")
    except OSError:
        return None


def _identity(root: Path, number: int) -> str:
    return commit_identity(root, number) if number else ""


def _head_of(index: Index) -> Head:
    runs = [NamedRun(run.name, run.manifest, tuple(sorted(one.hex() for one in run.dead))) for run in index.runs]
    return Head(index.commit, index.identity, tuple(runs))


def _less(root: Path, head: Head, commit: Commit) -> Head:
    """Return the head less the articles and pairs that gave way in a commit."""
    runs = [replace(run, dead=tuple(sorted({*run.dead, *commit.replaced}))) for run in head.runs]
    if commit.retracted:
        pairs = pa.array([bytes.fromhex(source + destination) for source, destination in commit.retracted])
        runs = [_retracted(root / "index", run, pairs) for run in runs]
    return replace(head, runs=tuple(runs))


def _retracted(folder: Path, run: NamedRun, pairs: pa.Array) -> NamedRun:
    """Return a run less some pairs: the same run where it has none of them, else one beside it.

    What the two have in common keeps the checksums that it was written with.
    """
    kept = relations.retract(_open_run(folder, run).relations, pairs)
    if kept is None:
        return run
    manifest = read_manifest(folder / run.name, run.manifest, FILES)
    changed = [name for name in FILES if name.startswith("pairs.")]
    beside = f"{run.name[:8]}-{uuid.uuid4().hex[:8]}"
    with _or_gone(folder / beside):
        (folder / beside).mkdir()
        for name in FILES:
            if name not in changed:
                os.link(folder / run.name / name, folder / beside / name, follow_symlinks=False)
        relations.save({"pairs": kept}, folder / beside)
        whole = write_manifest(folder / beside, {**manifest, **measured(folder / beside, changed)})
    return replace(run, name=beside, manifest=whole)


def _fingerprinted(articles: pa.Table) -> Segment:
    return build([fingerprint(batch) for batch in articles.combine_chunks().to_batches(_ROWS)])


def _living(segment: Segment, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    rows = segment.find(ids)
    return np.where((rows >= 0) & segment.live[rows], rows, -1) if len(segment) else rows


def _warn(message: str, *parts: object) -> None:
    logging.getLogger("wirecopy").warning(message, *parts)


def _described(error: OSError, folder: Path) -> str:
    """Return what went wrong, with the file, and what room is left where the folder is."""
    said = f"{error.filename or folder}: {error.strerror or error}"
    try:
        place, free = folder.resolve(), shutil.disk_usage(folder).free / 1e6
    except OSError:
        return said
    while not os.path.ismount(place):
        place = place.parent
    return f"{said}; {free:,.1f} MB are free on {place}"


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Keep other writers of the index away; readers never wait, they map files that stay until they let go."""
    with _flock(root / "index" / "lock", fcntl.LOCK_EX):
        yield


@contextmanager
def _flock(path: Path, how: int) -> Iterator[bool]:
    """Hold a lock for a block, and say whether it is held. Raises LakeError where the index is a link."""
    if path.parent.is_symlink():
        raise LakeError(
            f"{path.parent} is a link, which may lead out of the lake: remove it, and the index is built anew"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)) as file:
        try:
            lock(file.fileno(), how)
        except BlockingIOError:
            yield False
        else:
            yield True
