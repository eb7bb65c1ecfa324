"""Seal units: read, extract and fingerprint them into one folder that says by its name what it holds.

A folder is a pure function of its units and of the furniture that was learned, so sealing again after a crash, or
twice at once, gives the same rows under the same name. Only its path travels to the commit; no text is ever shuffled.
"""

from __future__ import annotations

import errno
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.elements import Document, Reject, Row, Sealed, Unit
from wirecopy.schemas.fingerprints import FINGERPRINTS
from wirecopy.schemas.rejects import REJECTS
from wirecopy.transforms.columns import storage
from wirecopy.transforms.extract.boilerplate import NOTHING_LEARNED, Furniture, read_furniture
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.files import LakeError, sync_folder, unfinished, writing
from wirecopy.transforms.read.portions import Portion, portions
from wirecopy.transforms.sealing.declared import STATED, stated_batch
from wirecopy.transforms.sealing.progress import ProgressFile

MAX_REJECTS = 10_000
"""Rejects of one unit's reading that are kept one by one."""

FURNITURE = "furniture.parquet"
"""In the lake's folder: lines of outlets' own, as its view `furniture` found them; put there to have them left out."""

NO_READER = "none"
"""The reader of a unit that is a file which no reader takes."""

REJECT_BATCH = pa.schema([field for field in REJECTS.schema if field.name not in ("first_at", "run_id")])
"""The columns of `rejects` that a unit decides; the run adds the rest."""

_FILES = {"articles": ARTICLE_BATCH, "fingerprints": FINGERPRINTS, "rejects": REJECT_BATCH, **STATED}


class Content(NamedTuple):
    """What sealed folders hold between them, each unit once.

    Attributes:
        articles: rows of ARTICLE_BATCH, memory-mapped.
        fingerprints: rows of FINGERPRINTS for the same articles in the same order.
        rejects: rows of REJECT_BATCH.
        units: 16-byte ids of the units that are whole in it.
        failed: units that an I/O error stopped.
        stated: rows that the units state outright, by table, with the schemas of STATED.
    """

    articles: pa.Table
    fingerprints: pa.Table
    rejects: pa.Table
    units: frozenset[bytes]
    failed: int
    stated: dict[str, pa.Table]


class Extracted(NamedTuple):
    """Some documents' articles (ARTICLE_BATCH), their fingerprints (FINGERPRINTS) in the same order, and rejects."""

    articles: pa.RecordBatch
    fingerprints: pa.RecordBatch
    rejects: list[Reject]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel without the schemas, which take longer than one article does."""
        return _received, (self.articles.serialize(), self.fingerprints.serialize(), self.rejects)


def _received(articles: pa.Buffer, fingerprints: pa.Buffer, rejects: list[Reject]) -> Extracted:
    return Extracted(
        pa.ipc.read_record_batch(articles, ARTICLE_BATCH),
        pa.ipc.read_record_batch(fingerprints, FINGERPRINTS),
        rejects,
    )


def extract(documents: Sequence[Document], furniture: Furniture = NOTHING_LEARNED) -> Extracted:
    """Extract and fingerprint documents: all that sealing does to them, and most of what it costs."""
    from wirecopy.transforms.extract import extract_batch
    from wirecopy.transforms.matching.fingerprint import fingerprint

    articles, rejects = extract_batch(documents, furniture)
    return Extracted(articles, fingerprint(articles), rejects)


def learned(root: Path) -> Furniture:
    """Return the furniture that a lake's file lists; none where it has no such file.

    Raises LakeError where the file cannot be read as what it should be.
    """
    path = root / FURNITURE
    try:
        return read_furniture(path) if path.exists() else NOTHING_LEARNED
    except ValueError as error:
        raise LakeError(f"{error}: write it again, with wirecopy sql 'FROM furniture', or delete it") from None


Work = Callable[[Iterable[Sequence[Document]]], Iterator[list[Extracted | Reject]]]
"""Extracts batches and gives a list for each, in order: in this process or in a pool of workers."""


def extract_here(
    batches: Iterable[Sequence[Document]], furniture: Furniture = NOTHING_LEARNED
) -> Iterator[list[Extracted | Reject]]:
    """Extract batches in this process, one after another."""
    return ([extract(documents, furniture)] for documents in batches)


Read = Callable[[Sequence[Unit]], Iterator[Portion]]
"""Reads units, in order: in this process or in one that can be killed."""


def seal(units: Sequence[Unit], staging: Path, work: Work = extract_here, read: Read = portions) -> Sealed:
    """Read, extract and fingerprint units into a folder under the run's staging folder.

    A unit that raises OSError is left out whole and named in `failed`. A unit whose reader dies of anything else is a
    reject `crash`. Raises OSError where the folder itself cannot be written.
    """
    reading = _Reading(units, read)
    with _sealing(staging) as folder:
        found: list[Extracted | Reject] = []
        at = 0
        for results in work(reading.batches()):
            owner = reading.owners.popleft()
            if owner != at:
                folder.add(reading, at, owner, found)
                at, found = owner, []
            found += results
            folder.progress.add(articles=sum(one.articles.num_rows for one in results if isinstance(one, Extracted)))
        folder.add(reading, at, len(units), found)
    failed = tuple((units[i].unit_id, error) for i, error in sorted(reading.failed.items()))
    path = _named(folder, staging, units, [unit_id for unit_id, _ in failed])
    return Sealed(str(path), tuple(units), failed, folder.rows["articles"], folder.rows["rejects"])


class _Reading:
    """Reads units into batches of documents; remembers each batch's first unit, what was rejected and what is stated.

    Of a unit's rejects beyond MAX_REJECTS only their number is kept, as one more reject for each reason.
    """

    def __init__(self, units: Sequence[Unit], read: Read):
        self.units = units
        self._portions = read(units)
        self.owners: deque[int] = deque()
        self.failed: dict[int, str] = {}
        self.rejects: list[list[Reject]] = [[] for _ in units]
        self.more: list[dict[str, tuple[Reject, int]]] = [{} for _ in units]
        self.stated: list[list[Row]] = [[] for _ in units]

    def batches(self) -> Iterator[Sequence[Document]]:
        for portion in self._portions:
            unit = portion.unit
            if portion.error is not None:
                self.failed[unit] = portion.error
            for each in portion.others:
                if isinstance(each, Reject):
                    self._reject(unit, each)
            self.stated[unit] += [each for each in portion.others if isinstance(each, Row)]
            if portion.documents:
                self.owners.append(unit)
                yield portion.documents

    def _reject(self, unit: int, reject: Reject) -> None:
        if len(self.rejects[unit]) < MAX_REJECTS:
            self.rejects[unit].append(reject)
        else:
            first, count = self.more[unit].get(reject.reason, (reject, 0))
            self.more[unit][reject.reason] = first, count + 1

    def rejects_of(self, unit: int) -> list[Reject]:
        """Return a unit's rejects."""
        more = self.more[unit].values()
        return self.rejects[unit] + [
            first._replace(error=f"and {count:,} more of the unit, such as: {first.error}") for first, count in more
        ]


def seal_rejects(rejects: Sequence[Reject], staging: Path) -> Sealed:
    """Seal files that no reader takes: each is a unit by itself, which is done once it is reported."""
    units = tuple(Unit(reject.unit_id, reject.doc_ref, NO_READER, 0, -1, 0) for reject in rejects)
    with _sealing(staging) as folder:
        folder.write("rejects", reject_batch(rejects))
    return Sealed(str(_named(folder, staging, units)), units, (), 0, len(rejects))


class _Folder:
    def __init__(self, building: Path):
        self.building = building
        self.rows = dict.fromkeys(_FILES, 0)
        self.progress = ProgressFile(building)
        self._writers = {}
        for name, schema in _FILES.items():
            with writing(building / f"{name}.arrow"):
                self._writers[name] = pa.ipc.new_file(building / f"{name}.arrow", schema)

    def write(self, name: str, batch: pa.RecordBatch) -> None:
        self.rows[name] += batch.num_rows
        with writing(self.building / f"{name}.arrow"):
            self._writers[name].write_batch(batch)

    def add(self, reading: _Reading, begin: int, end: int, found: Sequence[Extracted | Reject]) -> None:
        """Write what units `begin` to `end` gave; what was extracted is whole or of unit `begin` alone."""
        for i in range(begin, end):
            if i in reading.failed:
                continue
            rejects = reading.rejects_of(i)
            for result in found if i == begin else ():
                if isinstance(result, Reject):
                    rejects.append(result)
                    continue
                self.write("articles", result.articles)
                self.write("fingerprints", result.fingerprints)
                rejects += result.rejects
            if rejects:
                self.write("rejects", reject_batch(rejects))
            for table in {row.table for row in reading.stated[i]}:
                self.write(table, stated_batch(table, [row for row in reading.stated[i] if row.table == table]))
        self.progress.add(size=sum(unit.size for unit in reading.units[begin:end]))

    def close(self) -> None:
        self.progress.write()
        for name, writer in self._writers.items():
            with writing(self.building / f"{name}.arrow"):
                writer.close()


@contextmanager
def _sealing(staging: Path) -> Iterator[_Folder]:
    """Give a folder to write to, whose name no other writer has; `_named` gives it its own once it is whole."""
    building = unfinished(staging / "sealed-units")
    building.mkdir(parents=True)
    folder = _Folder(building)
    try:
        yield folder
    finally:
        folder.close()


def _named(folder: _Folder, staging: Path, units: Sequence[Unit], failed: Sequence[str] = ()) -> Path:
    """Give a whole folder the name of what it holds. Where that is there, it holds the same, and is kept."""
    ids = (unit.unit_id.encode() for unit in units)
    path = staging / ("sealed-" + blake2b_128(*ids, *(f"less {unit_id}".encode() for unit_id in failed)).hex())
    try:
        folder.building.rename(path)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        shutil.rmtree(folder.building, ignore_errors=True)
    sync_folder(staging)
    return path


def discard(sealed: Sealed) -> None:
    """Delete a folder so that it is there whole or not at all, whenever this is cut off; one that is gone stays so."""
    dying = unfinished(Path(sealed.folder))
    with suppress(OSError):
        Path(sealed.folder).rename(dying)
        shutil.rmtree(dying, ignore_errors=True)


def open_sealed(sealed: Sequence[Sealed]) -> Content:
    """Return what sealed folders hold, a unit that stands in several taken from the first.

    Raises OSError where a folder is gone.
    """
    taken: set[bytes] = set()
    failed: set[str] = set()
    tables: dict[str, list[pa.Table]] = {name: [schema.empty_table()] for name, schema in _FILES.items()}
    for one in sealed:
        stopped = {unit_id for unit_id, _ in one.failed}
        units = {bytes.fromhex(unit[0]) for unit in one.units if unit[0] not in stopped}
        opened = {name: _mapped(Path(one.folder) / f"{name}.arrow") for name in _FILES}
        if units & taken:
            wanted = pa.array(sorted(units - taken), pa.binary(16))
            masks = {
                name: pc.is_in(storage(table["unit_id"]), value_set=wanted)
                for name, table in opened.items()
                if name != "fingerprints"
            }
            masks["fingerprints"] = masks["articles"]
            opened = {name: table.filter(masks[name]) for name, table in opened.items()}
        for name, table in opened.items():
            tables[name].append(table)
        taken |= units
        failed |= stopped
    whole = {name: pa.concat_tables(found) for name, found in tables.items()}
    stated = {name: whole.pop(name) for name in STATED}
    return Content(**whole, units=frozenset(taken), failed=len(failed), stated=stated)


def reject_batch(rejects: Sequence[Reject]) -> pa.RecordBatch:
    """Return rejects as a batch of REJECT_BATCH."""
    columns = {name: [_written(getattr(reject, name)) for reject in rejects] for name in REJECT_BATCH.names}
    columns["unit_id"] = [bytes.fromhex(unit_id) for unit_id in columns["unit_id"]]
    return pa.RecordBatch.from_pydict(columns, schema=REJECT_BATCH)


def _written(value: Any) -> Any:
    """Return a value that UTF-8 can hold: halves of a surrogate pair, such as an error quotes, are written out."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
