"""Write docs/tables.md, the lake's data dictionary, from the schemas: `python docs/make_tables.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.catalog import sql_type

PAGE = Path(__file__).with_name("tables.md")
HEAD = """# The tables of a lake

Generated from `schemas/` by `python docs/make_tables.py`. Types are DuckDB's; in Parquet an id is a 16-byte UUID, an
instant a UTC timestamp in microseconds. All offsets are Unicode code points into `texts.text`. What the views and
macros over these tables answer stands in [sql.md](sql.md).

A table is kept in one of two ways. `append`: a row stays. `latest`: of the rows with one key the view shows the one of
the newest commit, and none where that one is marked `deleted`; the view itself has no such column. The view `articles`
also has `version`, numbered from 1 within `identity` by time, and an outlet's name where no domain of it is known.
"""


def page() -> str:
    """Return the text of docs/tables.md."""
    return "\n".join([HEAD, *(_section(table) for table in TABLES.values())])


def _section(table: Table) -> str:
    folder = f"`{table.name}/month=YYYY-MM/` by {table.month_of}" if table.month_of else f"`{table.name}/`"
    meaning = f"{table.meaning[0].upper()}{table.meaning[1:]}."
    lines = [
        f"## {table.name}",
        "",
        f"{meaning} Key: {', '.join(table.key)}; kept: {table.keep}; in {folder}.",
        "",
        "| column | type | null | unit | meaning |",
        "| --- | --- | --- | --- | --- |",
        *(row for field in table.schema for row in _rows(field.name, field)),
    ]
    return "\n".join(lines) + "\n"


def _rows(name: str, field: pa.Field) -> Iterator[str]:
    said = {key.decode(): value.decode() for key, value in field.metadata.items()}
    inner = field.type.value_type if pa.types.is_list(field.type) else None
    parts = list(inner) if inner and pa.types.is_struct(inner) else []
    kind = "STRUCT[]" if parts else sql_type(field.type)
    cells = (name, kind, "yes" if field.nullable else "", said.get("unit", ""), said["meaning"])
    yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    for part in parts:
        yield from _rows(f"{name}.{part.name}", part)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
