"""What an older extractor made is extracted again, from the spool and from archives, and replaced wave by wave."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.pipelines.ingest import run_wave, waves, workers_for
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.pipelines.terminal.summary import Progress
from wirecopy.schemas.elements import Reject, Unit
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.extract.article import RULES
from wirecopy.transforms.fetch.spool import spool_files
from wirecopy.transforms.lake.catalog import catalog_is_current, publish_catalog
from wirecopy.transforms.lake.commits import Snapshot, open_snapshot, read_commit
from wirecopy.transforms.lake.loss import whole_snapshot
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.lake.staging import join, sweep
from wirecopy.transforms.read import NoInput, Unreadable, plan


@dataclass
class Reprocessed:
    """What was extracted again.

    Attributes:
        units: units of input that were extracted again.
        before: articles that they had given.
        after: articles that they give now.
        commits: the commits, one a wave.
        missing: articles of which the input cannot be found, by the file that it was read from.
    """

    units: int = 0
    before: int = 0
    after: int = 0
    commits: list[int] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)


def outdated(snapshot: Snapshot) -> pa.Table:
    """Return unit_id and doc_ref of the articles that another extractor than the present one made.

    Raises OSError where a part is missing.
    """
    columns = ["unit_id", "doc_ref", "extractor"]
    schema = TABLES["articles"].schema
    found = [pa.schema([schema.field(name) for name in columns]).empty_table()]
    for part in snapshot.parts["articles"]:
        rows = read_parts(snapshot.root, (part,), schema, columns)
        found.append(rows.filter(pc.invert(pc.starts_with(rows["extractor"], f"{RULES} "))))
    return pa.concat_tables(found)


def run_reprocess(lake: Path, paths: Sequence[str], tell: Callable[[str], None]) -> Reprocessed:
    """Extract again what an older extractor made, beside whoever else writes to the lake, one commit a wave.

    What is killed is gone on with when it is run again: what was replaced is no longer outdated.

    Args:
        lake: the lake's folder.
        paths: where archives are by now, beside the places that they were read from.
        tell: is given a line for people after each wave.

    Raises:
        LakeError: the lake cannot be used.
        OSError: it cannot be written; what was committed before stays.
        NoInput: a path names nothing.
    """
    snapshot = whole_snapshot(lake, "extract again")
    sweep(lake)
    old = outdated(snapshot)
    wanted = Counter(one.hex() for one in storage(old["unit_id"]).to_pylist())
    done = Reprocessed()
    options = WaveOptions(lake, new_run("reprocess"), again=True)
    with join(options.staging):
        try:
            units = _units(lake, paths, old["doc_ref"].to_pylist(), wanted.keys())
            for wave in waves(units, frozenset(), Progress()):
                number = open_snapshot(lake).number
                run_wave(wave, replace(options, workers=workers_for(wave)))
                done.units += len(wave)
                done.before += sum(wanted[item.unit_id] for item in wave)
                _count(lake, options.run.run_id, number, done)
                tell(f"{done.units:,} of {len(wanted):,} units extracted again: {done.after:,} articles")
            newest = open_snapshot(lake)
            if not catalog_is_current(newest):
                publish_catalog(newest, options.staging)
        finally:
            shutil.rmtree(options.staging, ignore_errors=True)
    left = outdated(open_snapshot(lake))
    done.missing = dict(Counter(_file(doc_ref) for doc_ref in left["doc_ref"].to_pylist()))
    return done


def _units(lake: Path, paths: Sequence[str], doc_refs: Sequence[str], wanted: Iterable[str]) -> Iterator[Unit | Reject]:
    """Yield the units that are wanted: of the spool, of what is named, and of the places that they were read from."""
    left = set(wanted)
    for unit in spool_files(lake):
        if unit.unit_id in left:
            left.discard(unit.unit_id)
            yield unit
    former = sorted({_file(doc_ref).partition("!/")[0] for doc_ref in doc_refs})
    for path in [*paths, *(path for path in former if path and Path(path).is_file())]:
        if not left:
            return
        try:
            planned = plan([path])
        except NoInput:
            if path in paths:
                raise
            continue
        for item in planned:
            if isinstance(item, Unreadable):
                raise OSError(item.error)
            if isinstance(item, Unit) and item.unit_id in left:
                left.discard(item.unit_id)
                yield item


def _file(doc_ref: str) -> str:
    return doc_ref.rpartition("#")[0] or doc_ref


def _count(lake: Path, run_id: str, since: int, done: Reprocessed) -> None:
    for number in range(since + 1, open_snapshot(lake).number + 1):
        commit = read_commit(lake, number)
        if commit.run_id == run_id and commit.units:
            done.commits.append(number)
            rows = read_parts(lake, commit.added.get("runs", ()), TABLES["runs"].schema, ["articles"])
            done.after += pc.sum(rows["articles"]).as_py() or 0
