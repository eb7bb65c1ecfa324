"""Rows to Parquet parts: sorted, split by month, named by their content, and never overwritten."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.table import Table
from transforms.columns import storage
from transforms.lake.commits import Part
from transforms.lake.files import publish, sync_folder
from transforms.lake.staging import PARTS

ZSTD_LEVEL = 3
_DICTIONARY = frozenset(
    "outlet outlet_name feed_url agency language section status relation role origin_method stage reason "
    "published_precision published_source extractor model_id outcome state command version unit_id run_id".split()
)


def stage_parts(table: Table, rows: pa.Table, staging: Path, wave: str) -> list[Part]:
    """Write the rows, in the table's schema, as synced Parquet files under the run's folder, one a month.

    Rows are sorted by the month column, then by the key, so that the same rows give the same parts.
    """
    return [_write(table, piece, staging, folder, wave) for folder, piece in _by_folder(table, rows)]


def publish_parts(root: Path, staging: Path, parts: list[Part]) -> None:
    """Give staged parts their public names. A name that is taken already holds the same bytes."""
    folders = {root / Path(part.path).parent for part in parts}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        publish(staging / PARTS / part.path, root / part.path)
    for folder in folders:
        sync_folder(folder)
        sync_folder(folder.parent)


def read_parts(root: Path, parts: tuple[Part, ...], schema: pa.Schema, columns: list[str] | None = None) -> pa.Table:
    """Return the rows of some parts, or some of their columns, as one table.

    Raises OSError where a part is missing.
    """
    wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
    return pa.concat_tables(
        [wanted.empty_table()]
        + [pq.ParquetFile(root / part.path).read(columns=wanted.names).cast(wanted) for part in parts]
    )


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


def _write(table: Table, rows: pa.Table, staging: Path, folder: str, wave: str) -> Part:
    place = staging / PARTS / folder
    place.mkdir(parents=True, exist_ok=True)
    unnamed = place / f".{wave}"
    with unnamed.open("wb") as file:
        pq.write_table(
            rows.cast(table.schema),
            file,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            row_group_size=table.row_group,
            use_dictionary=[name for name in table.schema.names if name in _DICTIONARY],
            store_schema=False,
        )
        file.flush()
        os.fsync(file.fileno())
    data_hash = _digest(unnamed)
    path = f"{folder}/part-{wave}-{data_hash}.parquet"
    unnamed.rename(staging / PARTS / path)
    return Part(path, rows.num_rows, (staging / PARTS / path).stat().st_size)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
