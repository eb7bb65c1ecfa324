"""How a table of the lake is declared: an Arrow schema whose every field says what it means, and how rows are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ID = pa.uuid()
INSTANT = pa.timestamp("us", tz="UTC")
COUNT = pa.int32()
OFFSET = pa.int32()


def field(name: str, kind: pa.DataType, meaning: str, *, null: bool = False, unit: str | None = None) -> pa.Field:
    """Return a documented field: its meaning and unit travel in the field's metadata, into the catalog's comments."""
    metadata = {"meaning": meaning} | ({"unit": unit} if unit else {})
    return pa.field(name, kind, nullable=null, metadata=metadata)


@dataclass(frozen=True)
class Table:
    """One table of the lake.

    Attributes:
        name: the name of the folder that holds its parts, and of the view that readers query.
        meaning: what a row is.
        schema: Arrow schema of a part; the only source of truth for names, types, units and meanings.
        keep: `append`: every row stays until its part is replaced; `latest`: of the rows with one key only the one
            of the newest commit is seen, and a row whose `deleted` is true hides its key.
        key: the columns that name a row.
        month_of: the instant column whose month names the part's folder; None for tables kept in one folder.
        row_group: rows in one Parquet row group.
        plain_view: the name of the view of its rows as they stand, where `schemas.sql` makes the one of its own name.
    """

    name: str
    meaning: str
    schema: pa.Schema
    keep: Literal["append", "latest"]
    key: tuple[str, ...]
    month_of: str | None = None
    row_group: int = 122_880
    plain_view: str | None = None


LATEST_FIELDS = (
    field("commit", pa.int64(), "the commit that wrote this row; the newest of a key counts"),
    field("deleted", pa.bool_(), "true where the newest row only says that its key is gone"),
)
