"""Rows of parts streamed through DuckDB: joined, sorted or thinned out in bounded memory, what is too much on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from wirecopy.transforms.lake.commits import Part, checked_path

MEMORY = "512MB"
"""With one thread 300,000 texts (1 GB) are sorted in it at the same CPU cost; with two they do not fit."""

_ROWS = 8192


def stream(query: str, schema: pa.Schema, spill: Path) -> Iterator[pa.Table]:
    """Yield what a query gives, in its order, some thousand rows at a time, with the columns of a schema.

    Args:
        query: SQL of DuckDB; see `listed`.
        schema: of the rows.
        spill: a folder, made if need be, for what does not fit the memory.

    Raises:
        OSError: a part is missing or cannot be read, or memory or disk do not suffice.
    """
    settings: dict[str, Any] = {
        "memory_limit": MEMORY,
        "threads": 1,
        "temp_directory": str(spill),
        "arrow_lossless_conversion": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with closing(duckdb.connect(config=settings)) as con:
        try:
            for batch in con.sql(query).to_arrow_reader(_ROWS):
                yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
        except duckdb.Error as error:
            raise OSError(str(error)) from None


def listed(root: Path, parts: Sequence[Part]) -> str:
    """Return the SQL for the rows of some parts, one at least."""
    paths = ", ".join("'" + str(checked_path(root, part.path)).replace("'", "''") + "'" for part in parts)
    return f"read_parquet([{paths}], hive_partitioning = false)"
