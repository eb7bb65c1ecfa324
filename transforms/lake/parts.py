"""Rows to Parquet parts: sorted, split by month, named by their content, and never overwritten by other rows."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import ADDED
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.commits import Part, checked_path
from wirecopy.transforms.lake.files import LakeError, publish, sync_folder, writing
from wirecopy.transforms.lake.staging import PARTS
from wirecopy.transforms.machine import sync

ZSTD_LEVEL = 3
PART_BYTES = 128 << 20
"""A part that has grown so large is closed and the next one begun: what rewrites a part rewrites no more than this."""

_ROWS = 8192
_DICTIONARY = frozenset(
    "outlet outlet_name feed_url agency language section status relation role origin_method stage reason "
    "published_precision published_source extractor model_id outcome state command version unit_id run_id "
    "segment kind term level".split()
)
_DELTAS = frozenset(["place"])
"""Columns that ascend, told by how much."""


def stage_parts(table: Table, rows: pa.Table, staging: Path, wave: str) -> list[Part]:
    """Write the rows, in the table's schema, as synced Parquet files under the run's folder, one a month.

    Rows are sorted by the month column, then by the key, so that the same rows give the same parts.
    """
    pieces = _by_folder(table, rows)
    return [part for folder, piece in pieces for part in write_parts(table, [piece], staging, folder, wave)]


def write_parts(table: Table, rows: Iterable[pa.Table], staging: Path, folder: str, wave: str) -> Iterator[Part]:
    """Write rows, which come in order and are all of one folder, as synced parts; hold one row group at a time."""
    groups = slices(rows, table.row_group)
    for first in groups:
        yield _write(table, itertools.chain([first], groups), staging, folder, wave)


def rewrite_part(
    root: Path, table: Table, part: Part, goes: Callable[[pa.Table], pa.Array], staging: Path
) -> list[Part]:
    """Stage a part's rows anew, less those of which `goes` says so, a few thousand at a time; no part where all go.

    Raises LakeError where the part is not what was committed, and OSError where it is missing.
    """
    return change_part(root, table, part, lambda rows: rows.filter(pc.invert(goes(rows))), staging)


def change_part(
    root: Path, table: Table, part: Part, change: Callable[[pa.Table], pa.Table], staging: Path
) -> list[Part]:
    """Stage what a function makes of a part's rows, a few thousand at a time. Raises as `rewrite_part` does."""
    refuse_altered(root, (part,))
    batches = pq.ParquetFile(checked_path(root, part.path)).iter_batches(_ROWS)
    tables = (completed(pa.Table.from_batches([batch]), table.schema) for batch in batches)
    stay = (change(rows) for rows in tables)
    folder = Path(part.path).parent.as_posix()
    return list(write_parts(table, stay, staging, folder, f"rewritten-{staging.name[:12]}"))


def publish_parts(root: Path, staging: Path, parts: list[Part]) -> None:
    """Give staged parts their public names. What has the name of one and other bytes was damaged: it is replaced."""
    folders = {checked_path(root, Path(part.path).parent.as_posix()) for part in parts}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        staged, path = staging / PARTS / part.path, root / part.path
        if not publish(staged, path) and not is_whole(path):
            beside = staged.with_suffix(".anew")
            beside.unlink(missing_ok=True)
            os.link(staged, beside)
            beside.replace(path)
    for folder in folders:
        sync_folder(folder)
        sync_folder(folder.parent)


def read_parts(root: Path, parts: tuple[Part, ...], schema: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """Return the rows of some parts, or some of their columns, as one table.

    Columns that an older part lacks are null, or as ADDED has them. Raises OSError where a part is missing.
    """
    wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
    return pa.concat_tables([wanted.empty_table()] + [_read(checked_path(root, part.path), wanted) for part in parts])


def _read(path: Path, wanted: pa.Schema) -> pa.Table:
    file = pq.ParquetFile(path)
    there = set(file.schema_arrow.names)
    return completed(file.read(columns=[name for name in wanted.names if name in there]), wanted)


def completed(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with the columns of a schema: those that older rows lack are null, or as ADDED has them.

    Raises ValueError where they lack another column that is never null.
    """
    if rows.column_names == schema.names:
        return rows.cast(schema)
    columns = []
    for field in schema:
        if field.name in rows.column_names:
            columns.append(rows[field.name].cast(field.type))
        elif field.nullable:
            columns.append(pa.nulls(len(rows), field.type))
        elif field.name in ADDED:
            columns.append(pa.repeat(pa.scalar(ADDED[field.name], field.type), len(rows)))
        else:
            raise ValueError(f"rows lack the column {field.name}")
    return pa.Table.from_arrays(columns, schema=schema)


def slices(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Yield the rows of some tables in tables of so many, the last one of fewer."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= rows:
            whole = pa.concat_tables(waiting)
            full = len(whole) - len(whole) % rows
            yield from (whole.slice(at, rows) for at in range(0, full, rows))
            waiting = [whole.slice(full)]
    if any(map(len, waiting)):
        yield pa.concat_tables(waiting)


def _by_folder(table: Table, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    if not rows.num_rows:
        return
    order = ([(table.month_of, "ascending")] if table.month_of else []) + [(name, "ascending") for name in table.key]
    plain = pa.table({name: storage(rows[name]) for name, _ in order})
    rows = rows.take(pc.sort_indices(plain, sort_keys=order))
    if table.month_of is None:
        yield table.name, rows
        return
    months = pc.fill_null(pc.strftime(rows[table.month_of], "%Y-%m"), "unknown").combine_chunks()
    starts = [0] + [i + 1 for i in pc.indices_nonzero(pc.not_equal(months[1:], months[:-1])).to_pylist()]
    for begin, end in zip(starts, starts[1:] + [rows.num_rows], strict=True):
        yield f"{table.name}/month={months[begin].as_py()}", rows.slice(begin, end - begin)


def write_whole(table: Table, groups: Iterable[pa.Table], staging: Path, wave: str) -> Part:
    """Write rows of a table kept in one folder as one synced part, however large, with these row groups."""
    return _write(table, groups, staging, table.name, wave, whole=True)


def _write(
    table: Table, groups: Iterable[pa.Table], staging: Path, folder: str, wave: str, whole: bool = False
) -> Part:
    """Write row groups until they end or the part is large enough; more of them are left then."""
    place = staging / PARTS / folder
    place.mkdir(parents=True, exist_ok=True)
    unnamed = place / f".{wave}"
    rows = 0
    with writing(unnamed), unnamed.open("wb") as file:
        with pq.ParquetWriter(
            file,
            table.schema,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            use_dictionary=[name for name in table.schema.names if name in _DICTIONARY],
            column_encoding={name: "DELTA_BINARY_PACKED" for name in table.schema.names if name in _DELTAS} or None,
            store_schema=False,
        ) as writer:
            for group in groups:
                writer.write_table(group.cast(table.schema), row_group_size=table.row_group)
                rows += len(group)
                if not whole and file.tell() >= PART_BYTES:
                    break
        file.flush()
        sync(file.fileno())
    path = f"{folder}/part-{wave}-{digest(unnamed)}.parquet"
    unnamed.rename(staging / PARTS / path)
    return Part(path, rows, (staging / PARTS / path).stat().st_size)


def refuse_altered(root: Path, parts: Iterable[Part]) -> None:
    """Read parts in full, before rows of theirs are written anew: what is wrong in them would else become true.

    Raises LakeError where one has other bytes than were committed, and OSError where one is missing.
    """
    for part in parts:
        if not is_whole(checked_path(root, part.path)):
            raise LakeError(
                f"{root / part.path} has not the bytes that were committed: run wirecopy doctor --lake {root}"
            )


def is_whole(path: Path) -> bool:
    """Return whether a part, which is there, has the bytes that its name was made of. Raises OSError."""
    return not path.is_symlink() and digest(path) == path.stem.rpartition("-")[2]


def digest(path: Path) -> str:
    """Return the hash that a part of these bytes has in its name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
