"""Seal units: read, extract and fingerprint them into one folder that says by its name what it holds.

A folder is a pure function of its units, so sealing again after a crash, or twice at once, gives the same bytes under
the same name. Only its path travels to the commit; no text is ever shuffled.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from schemas.articles import ARTICLE_BATCH
from schemas.elements import Document, Reject, Sealed, Unit
from schemas.fingerprints import FINGERPRINTS
from schemas.rejects import REJECTS
from transforms.extract import extract_batch
from transforms.hashing import blake2b_128
from transforms.lake.files import sync_folder
from transforms.match import fingerprint
from transforms.read import read

MAX_ROWS = 500
MAX_CHARS = 4 << 20

REJECT_BATCH = pa.schema([field for field in REJECTS.schema if field.name not in ("first_at", "run_id")])
"""The columns of `rejects` that a unit decides; the run adds the rest."""

_FILES = {"articles": ARTICLE_BATCH, "fingerprints": FINGERPRINTS, "rejects": REJECT_BATCH}


class Content(NamedTuple):
    """What a sealed folder holds, memory-mapped: ARTICLE_BATCH rows, their FINGERPRINTS in the same order, rejects."""

    articles: pa.Table
    fingerprints: pa.Table
    rejects: pa.Table


def seal(units: Sequence[Unit], staging: Path) -> Sealed:
    """Read, extract and fingerprint units into a folder under the run's staging folder.

    A unit that raises OSError is left out whole and named in `failed`. A unit whose reader dies of anything else is a
    reject `crash`. Raises OSError where the folder itself cannot be written.
    """
    folder = staging / ("sealed-" + blake2b_128(*(unit.unit_id.encode() for unit in units)).hex())
    building = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    failed: list[tuple[str, str]] = []
    articles = rejected = 0
    writers = {name: pa.ipc.new_file(building / f"{name}.arrow", schema) for name, schema in _FILES.items()}
    for unit in units:
        try:
            batches, rejects = seal_unit(unit)
        except OSError as error:
            failed.append((unit.unit_id, f"{unit.path}: {error}"))
            continue
        for batch in batches:
            articles += batch.num_rows
            writers["articles"].write_batch(batch)
            writers["fingerprints"].write_batch(fingerprint(batch))
        rejected += len(rejects)
        writers["rejects"].write_batch(reject_batch(rejects))
    for writer in writers.values():
        writer.close()
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    sync_folder(staging)
    return Sealed(str(folder), tuple(units), tuple(failed), articles, rejected)


def open_sealed(sealed: Sealed) -> Content:
    """Return what a sealed folder holds. Raises OSError where the folder is gone."""
    return Content(*(_mapped(Path(sealed.folder) / f"{name}.arrow") for name in _FILES))


def seal_unit(unit: Unit) -> tuple[list[pa.RecordBatch], list[Reject]]:
    """Return a unit's articles in batches of at most 500 rows or 4 million characters, and its rejects.

    Raises OSError where the unit cannot be read.
    """
    batches: list[pa.RecordBatch] = []
    rejects: list[Reject] = []
    try:
        for documents in _batched(_documents(read(unit), rejects)):
            batch, refused = extract_batch(documents)
            rejects += refused
            if batch.num_rows:
                batches.append(batch)
    except OSError:
        raise
    except Exception as error:
        logging.getLogger(__name__).debug("%s", unit.path, exc_info=True)
        rejects.append(Reject("read", "crash", f"{type(error).__name__}: {error}", unit.path, unit.unit_id))
    return batches, rejects


def reject_batch(rejects: Sequence[Reject]) -> pa.RecordBatch:
    """Return rejects as a batch of REJECT_BATCH."""
    columns = {name: [getattr(reject, name) for reject in rejects] for name in REJECT_BATCH.names}
    columns["unit_id"] = [bytes.fromhex(unit_id) for unit_id in columns["unit_id"]]
    return pa.RecordBatch.from_pydict(columns, schema=REJECT_BATCH)


def _documents(records: Iterable[Document | Reject], rejects: list[Reject]) -> Iterator[Document]:
    for record in records:
        if isinstance(record, Reject):
            rejects.append(record)
        else:
            yield record


def _batched(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        if batch and (len(batch) == MAX_ROWS or size + len(document.content) > MAX_CHARS):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.content)
    if batch:
        yield batch


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
