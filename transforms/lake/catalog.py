"""catalog.duckdb: views over exact file lists, so that a reader sees all tables of one commit or none of it.

The file is rebuilt beside and renamed over for each commit. It finds the lake's folder by where it is itself opened
from, so the lake can be moved; where that cannot be known (attached to another database) it fails and says so.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from blake3 import blake3

from wirecopy.schemas.sql import statements
from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import ADDED, TABLES
from wirecopy.transforms.lake.commits import FORMAT, Part, Snapshot, checked_path, open_snapshot
from wirecopy.transforms.lake.files import LakeError, replace
from wirecopy.transforms.lake.loss import catalog_line, catalog_mark
from wirecopy.transforms.lake.staging import held
from wirecopy.transforms.machine import sync

NAME = "catalog.duckdb"
STORAGE_VERSION = "v1.0.0"
_PATTERN = re.compile(r"[*?\[]")

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

    Where another process has published a later commit meanwhile, that catalog stays. Raises LakeError where a part lies
    outside the lake.
    """
    script = catalog_sql(snapshot)
    staged = staging / NAME
    staged.unlink(missing_ok=True)
    _write(snapshot, script, staged)
    descriptor = os.open(staged, os.O_RDONLY)
    sync(descriptor)
    os.close(descriptor)
    script += _file_mark(staged.read_bytes())
    with held(snapshot.root / "_commits" / "catalog.lock"):
        published = catalog_commit(snapshot.root) or 0
        if not snapshot.number < published <= open_snapshot(snapshot.root).number:
            staged.replace(snapshot.root / NAME)
            replace(snapshot.root / "catalog.sql", script.encode())


def _write(snapshot: Snapshot, script: str, path: Path) -> None:
    """Write a catalog's file."""
    with _connected() as con:
        con.execute(f"ATTACH '{_quoted(str(path))}' AS catalog_file (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("USE catalog_file")
        con.execute(f"SET VARIABLE lake = '{_quoted(literal_path(str(snapshot.root.resolve())))}'")
        con.execute(f"BEGIN; {script} COMMIT")
        con.execute("USE memory")
        con.execute("DETACH catalog_file")


def catalog_commit(root: Path) -> int | None:
    """Return the commit that the lake's catalog.sql stands for, None where there is none that can be read."""
    mark = catalog_mark(root)
    return mark.commit if mark and (root / NAME).exists() else None


def catalog_is_current(snapshot: Snapshot) -> bool:
    """Return whether the lake's catalog is the one that was written for a snapshot, byte by byte."""
    try:
        script = (snapshot.root / "catalog.sql").read_bytes()
        mark = _file_mark((snapshot.root / NAME).read_bytes()).encode()
    except OSError:
        return False
    first = catalog_line(snapshot.number, snapshot.identity)
    return script.startswith(first.encode() + b"\n") and script.endswith(mark)


def catalog_fault(snapshot: Snapshot) -> str | None:
    """Return what is wrong with the lake's catalog as one for a snapshot, None where nothing is.

    The catalog is opened, and what it holds is compared with what it should.
    """
    path = snapshot.root / NAME
    if path.is_symlink() or not path.is_file():
        return f"{path} is missing"
    if (mark := catalog_mark(snapshot.root)) is None:
        return f"{snapshot.root / 'catalog.sql'} is missing or damaged"
    if mark.commit != snapshot.number:
        return f"the catalog stands for commit {mark.commit}, not {snapshot.number}"
    try:
        there = _held(path)
        with tempfile.TemporaryDirectory(prefix="wirecopy-") as folder:
            _write(snapshot, catalog_sql(snapshot), Path(folder) / NAME)
            wanted = _held(Path(folder) / NAME)
    except duckdb.Error as error:
        return f"{path} cannot be opened: {str(error).splitlines()[0]}"
    if there != wanted:
        return f"{path} holds other views than those of commit {snapshot.number}"
    return None if catalog_is_current(snapshot) else f"{path} is not the file that {mark.where} was written beside"


def _connected() -> closing[duckdb.DuckDBPyConnection]:
    settings: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return closing(duckdb.connect(config=settings))


def _held(path: Path) -> list[Any]:
    """Return the views, macros and tables in a catalog's file, each with what it is made of. Raises duckdb.Error."""
    named = "database_name = 'catalog_file' AND NOT internal ORDER BY ALL"
    queries = (
        f"SELECT view_name, sql FROM duckdb_views() WHERE {named}",
        "SELECT function_name, parameters, macro_definition FROM duckdb_functions() "
        f"WHERE function_type ILIKE '%macro%' AND {named}",
        f"SELECT table_name, sql FROM duckdb_tables() WHERE {named}",
    )
    with _connected() as con:
        con.execute(f"ATTACH '{_quoted(str(path))}' AS catalog_file (READ_ONLY)")
        return [con.execute(query).fetchall() for query in queries]


def _file_mark(data: bytes) -> str:
    return f"-- {NAME} {blake3(data).hexdigest(16)}\n"


def catalog_sql(snapshot: Snapshot) -> str:
    """Return the whole catalog as SQL: a view of each table, the views and macros on top, and the tables' comments.

    Raises LakeError where a part lies outside the lake.
    """
    for parts in snapshot.parts.values():
        _check(snapshot.root, parts)
    pieces = [
        catalog_line(snapshot.number, snapshot.identity),
        *(_view(table, snapshot.parts[table.name], snapshot.format != FORMAT) for table in TABLES.values()),
        f"CREATE VIEW lake_commit AS SELECT {snapshot.number} AS commit;",
        *statements(),
        *(_comments(table) for table in TABLES.values()),
    ]
    return "\n\n".join(pieces) + "\n"


def table_sql(snapshot: Snapshot, name: str) -> str:
    """Return the SQL that makes the view of one table. Raises LakeError where a part lies outside the lake."""
    _check(snapshot.root, snapshot.parts[name])
    return _view(TABLES[name], snapshot.parts[name], snapshot.format != FORMAT)


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
        if not folders[folder] or (real / part.path).is_symlink():
            checked_path(root, part.path)
        if not folders[folder] or _PATTERN.search(part.path) or not name or (real / part.path).is_symlink():
            raise LakeError(
                f"a commit of {root} names {part.path!r}, which is no file of the lake: do not trust this lake, or "
                "restore its folder _commits from a backup"
            )


def _view(table: Table, parts: tuple[Part, ...], older: bool) -> str:
    source = _files(table, parts, older)
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


def _files(table: Table, parts: tuple[Part, ...], older: bool) -> str:
    """Return the SQL for the rows of some parts; parts of an older format may lack columns."""
    empty = ", ".join(f"NULL::{sql_type(field.type)} AS {field.name}" for field in table.schema)
    if not parts:
        return f"(SELECT {empty} WHERE false)"
    paths = ",\n  ".join(f"'{_quoted(part.path)}'" for part in parts)
    named = f"list_transform([\n  {paths}\n  ], lambda f: {_ROOT} || '/' || f), hive_partitioning = false"
    if not older:
        return f"read_parquet({named})"
    columns = ", ".join(
        f"coalesce({name}, {ADDED[name]}) AS {name}" if name in ADDED else name for name in table.schema.names
    )
    every = f"SELECT {empty} WHERE false UNION ALL BY NAME FROM read_parquet({named}, union_by_name = true)"
    return f"(SELECT {columns} FROM ({every}))"


def sql_type(kind: pa.DataType) -> str:
    """Return DuckDB's name for an Arrow type that the schemas use. Raises KeyError for any other."""
    if pa.types.is_list(kind):
        return sql_type(kind.value_type) + "[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f'"{field.name}" {sql_type(field.type)}' for field in kind) + ")"
    return _SQL_TYPES[kind]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
