"""catalog.duckdb: views over exact file lists, so that a reader sees all tables of one commit or none of it.

The file is rebuilt beside and renamed over for each commit. It finds the lake's folder by where it is itself opened
from, so the lake can be moved; where that cannot be known (attached to another database) it fails and says so.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb
import pyarrow as pa

from schemas.sql import statements
from schemas.table import Table
from schemas.tables import TABLES
from transforms.lake.commits import Part, Snapshot, open_snapshot
from transforms.lake.files import LakeError, replace
from transforms.lake.parts import digest
from transforms.lake.staging import held

NAME = "catalog.duckdb"
STORAGE_VERSION = "v1.0.0"
_PATTERN = re.compile(r"[*?\[]")
_DIGEST = f"-- {NAME} "

_ROOT = f"""coalesce(getvariable('lake'), CASE WHEN parse_filename(current_setting('temp_directory')) = '{NAME}.tmp'
  THEN parse_dirpath(current_setting('temp_directory'))
  ELSE error('where the lake is cannot be known here: SET VARIABLE lake = ''/folder/of/the/lake''') END)"""

_SQL_TYPES = {
    pa.uuid(): "UUID",
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.binary(32): "BLOB",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}


def publish_catalog(snapshot: Snapshot, staging: Path) -> None:
    """Write catalog.sql and catalog.duckdb for a snapshot, each by one rename.

    Where another process has published a later commit meanwhile, that catalog stays.
    """
    script = catalog_sql(snapshot)
    staged = staging / NAME
    staged.unlink(missing_ok=True)
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    try:
        con.execute(f"ATTACH '{_quoted(str(staged))}' AS catalog_file (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("USE catalog_file")
        con.execute(f"SET VARIABLE lake = '{_quoted(literal_path(str(snapshot.root.resolve())))}'")
        con.execute(f"BEGIN; {script} COMMIT")
        con.execute("USE memory")
        con.execute("DETACH catalog_file")
    finally:
        con.close()
    descriptor = os.open(staged, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    number, rest = script.split("\n", 1)
    script = f"{number}\n{_DIGEST}{digest(staged)}\n{rest}"
    with held(snapshot.root / "_commits" / "catalog.lock"):
        published = catalog_commit(snapshot.root) or 0
        if not snapshot.number < published <= open_snapshot(snapshot.root).number:
            staged.replace(snapshot.root / NAME)
            replace(snapshot.root / "catalog.sql", script.encode())


def catalog_commit(root: Path) -> int | None:
    """Return the commit that the lake's catalog stands for, None where it is missing, damaged or changed by hand."""
    try:
        with (root / "catalog.sql").open(encoding="utf-8") as file:
            number, written = file.readline(), file.readline()
        whole = written.strip() == _DIGEST + digest(root / NAME)
        return int(number.removeprefix("-- commit ")) if whole else None
    except (OSError, ValueError):
        return None


def catalog_sql(snapshot: Snapshot) -> str:
    """Return the whole catalog as SQL: a view of each table, the views and macros on top, and the tables' comments.

    Raises LakeError where a part lies outside the lake.
    """
    for parts in snapshot.parts.values():
        _check(snapshot.root, parts)
    pieces = [
        f"-- commit {snapshot.number}",
        *(_view(table, snapshot.parts[table.name]) for table in TABLES.values()),
        f"CREATE VIEW lake_commit AS SELECT {snapshot.number} AS commit;",
        *statements(),
        *(_comments(table) for table in TABLES.values()),
    ]
    return "\n\n".join(pieces) + "\n"


def table_sql(snapshot: Snapshot, name: str) -> str:
    """Return the SQL that makes the view of one table. Raises LakeError where a part lies outside the lake."""
    _check(snapshot.root, snapshot.parts[name])
    return _view(TABLES[name], snapshot.parts[name])


def literal_path(path: str) -> str:
    """Return a pattern of DuckDB's that names this one path, whatever is in it: what the variable `lake` is set to."""
    return _PATTERN.sub(r"[\g<0>]", path)


def _check(root: Path, parts: tuple[Part, ...]) -> None:
    """Raise LakeError where a commit names a file outside the lake, or a link to one, or a pattern of names."""
    real = root.resolve()
    folders: dict[str, bool] = {}
    for part in parts:
        folder, _, name = part.path.rpartition("/")
        if folder not in folders:
            steps = folder.split("/")
            folders[folder] = not {"", ".", ".."} & set(steps) and (real / folder).resolve() == real / folder
        if not folders[folder] or _PATTERN.search(part.path) or not name or (real / part.path).is_symlink():
            raise LakeError(
                f"a commit of {root} names {part.path!r}, which is no file of the lake: do not trust this lake, or "
                "restore its folder _commits from a backup"
            )


def _view(table: Table, parts: tuple[Part, ...]) -> str:
    source = _files(table, parts)
    if table.keep == "latest":
        newest = f"QUALIFY row_number() OVER (PARTITION BY {', '.join(table.key)} ORDER BY commit DESC) = 1"
        query = f"SELECT {', '.join(_seen(table))} FROM (SELECT * FROM {source} {newest}) WHERE NOT deleted"
    elif table.name == "articles":
        order = "coalesce(modified_at, first_seen_at, fetched_at, event_at), article_id"
        query = (
            f"SELECT *, row_number() OVER (PARTITION BY identity ORDER BY {order})::INTEGER AS version FROM {source}"
        )
    else:
        query = f"SELECT * FROM {source}"
    view = table.plain_view or table.name
    return f"CREATE VIEW {view} AS\n{query};\nCOMMENT ON VIEW {view} IS '{_quoted(table.meaning)}';"


def _seen(table: Table) -> list[str]:
    return [name for name in table.schema.names if table.keep == "append" or name != "deleted"]


def _comments(table: Table) -> str:
    comments = []
    for column in _seen(table):
        metadata = table.schema.field(column).metadata
        unit = f" ({metadata[b'unit'].decode()})" if b"unit" in metadata else ""
        meaning = _quoted(metadata[b"meaning"].decode() + unit)
        comments.append(f"COMMENT ON COLUMN {table.name}.{column} IS '{meaning}';")
    return "\n".join(comments)


def _files(table: Table, parts: tuple[Part, ...]) -> str:
    if not parts:
        empty = ", ".join(f"NULL::{sql_type(field.type)} AS {field.name}" for field in table.schema)
        return f"(SELECT {empty} WHERE false)"
    paths = ",\n  ".join(f"'{_quoted(part.path)}'" for part in parts)
    return f"read_parquet(list_transform([\n  {paths}\n  ], lambda f: {_ROOT} || '/' || f), hive_partitioning = false)"


def sql_type(kind: pa.DataType) -> str:
    """Return DuckDB's name for an Arrow type that the schemas use. Raises KeyError for any other."""
    if pa.types.is_list(kind):
        return sql_type(kind.value_type) + "[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f'"{field.name}" {sql_type(field.type)}' for field in kind) + ")"
    return _SQL_TYPES[kind]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
