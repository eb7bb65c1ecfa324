"""catalog.duckdb: views over exact file lists, so that a reader sees all tables of one commit or none of it.

The file is rebuilt beside and renamed over for each commit. It finds the lake's folder by where it is itself opened
from, so the lake can be moved; where that cannot be known (attached to another database) it fails and says so. A second
file, absolute.duckdb, holds the same views with absolute paths; it is there, and kept, once it was asked for.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from blake3 import blake3

from wirecopy.schemas.sql import statements
from wirecopy.schemas.table import Table
from wirecopy.schemas.tables import ADDED, TABLES
from wirecopy.transforms.lake.commits import FORMAT, Part, Snapshot, checked_path, open_snapshot
from wirecopy.transforms.lake.coverage import indexed
from wirecopy.transforms.lake.files import LakeError, replace
from wirecopy.transforms.lake.loss import catalog_line, catalog_mark
from wirecopy.transforms.lake.staging import held
from wirecopy.transforms.machine import sync

NAME = "catalog.duckdb"
ABSOLUTE = "absolute.duckdb"
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
            if (snapshot.root / ABSOLUTE).is_file():
                _publish_absolute(snapshot, staging)


def publish_absolute(snapshot: Snapshot, staging: Path) -> Path:
    """Write absolute.duckdb for a snapshot, by one rename, and return its path; each commit renews it from then on.

    Raises LakeError where a part lies outside the lake.
    """
    with held(snapshot.root / "_commits" / "catalog.lock"):
        return _publish_absolute(snapshot, staging)


def _publish_absolute(snapshot: Snapshot, staging: Path) -> Path:
    root = _quoted(literal_path(str(snapshot.root.resolve())))
    staged = staging / ABSOLUTE
    staged.unlink(missing_ok=True)
    _write(snapshot, catalog_sql(snapshot).replace(_ROOT, f"'{root}'"), staged)
    staged.replace(snapshot.root / ABSOLUTE)
    return snapshot.root / ABSOLUTE


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
        *(_view(snapshot, table) for table in TABLES.values()),
        f"CREATE VIEW lake_commit AS SELECT {snapshot.number} AS commit;",
        f"CREATE VIEW search_coverage AS "
        f"SELECT {snapshot.rows('articles')} AS articles, {indexed(snapshot)} AS indexed;",
        *statements(),
        *(_comments(table) for table in TABLES.values()),
    ]
    return "\n\n".join(pieces) + "\n"


def table_sql(snapshot: Snapshot, name: str) -> str:
    """Return the SQL that makes the view of one table. Raises LakeError where a part lies outside the lake."""
    for each in {name, "versions"}:
        _check(snapshot.root, snapshot.parts[each])
    return _view(snapshot, TABLES[name])


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


def _view(snapshot: Snapshot, table: Table) -> str:
    view = table.plain_view or table.name
    query = _articles(snapshot) if table.name == "articles" else _rows(snapshot, table)
    if table.name == "versions":
        query = f"SELECT * FROM ({query}) WHERE version > 0"
    return f"CREATE VIEW {view} AS\n{query};\nCOMMENT ON VIEW {view} IS '{_quoted(table.meaning)}';"


def _articles(snapshot: Snapshot) -> str:
    """Return the SQL for the articles, each with its outlet's name where no domain is known, and its version.

    Where the table `versions` tells nothing, as in a lake that was begun without it, all rows are numbered.
    """
    source = _files(snapshot, TABLES["articles"], snapshot.parts["articles"])
    named = "articles.* REPLACE (coalesce(outlet, outlet_name) AS outlet)"
    if snapshot.parts["versions"]:
        told = f"SELECT article_id, version FROM ({_rows(snapshot, TABLES['versions'])})"
        return (
            f"SELECT {named}, coalesce(told.version, 1) AS version FROM {source} AS articles "
            f"LEFT JOIN ({told}) AS told ON told.article_id = articles.article_id"
        )
    order = "coalesce(modified_at, first_seen_at, fetched_at, event_at), article_id"
    number = f"row_number() OVER (PARTITION BY identity ORDER BY {order})::INTEGER"
    return f"SELECT {named}, {number} AS version FROM {source} AS articles"


def _rows(snapshot: Snapshot, table: Table) -> str:
    """Return the SQL for the rows of a table that readers see.

    Of a `latest` table the newest row of each key counts. Where one part is older than all others, which is what
    compacting leaves, its rows need only be looked up among those of the others.
    """
    parts = snapshot.parts[table.name]
    if table.keep == "append":
        return f"SELECT * FROM {_files(snapshot, table, parts)}"
    seen, key = ", ".join(_seen(table)), ", ".join(table.key)
    newest = f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY commit DESC) = 1"
    oldest, later = _oldest(snapshot.root, parts)
    if oldest is None:
        return f"SELECT {seen} FROM (FROM {_files(snapshot, table, parts)} {newest}) WHERE NOT deleted"
    first = f"SELECT {seen} FROM {_files(snapshot, table, (oldest,))} AS first WHERE NOT deleted"
    if not later:
        return first
    source = _files(snapshot, table, later)
    same = " AND ".join(f"later.{name} = first.{name}" for name in table.key)
    return (
        f"{first} AND NOT EXISTS (FROM {source} AS later WHERE {same})\n"
        f"UNION ALL SELECT {seen} FROM (FROM {source} {newest}) WHERE NOT deleted"
    )


def _oldest(root: Path, parts: tuple[Part, ...]) -> tuple[Part | None, tuple[Part, ...]]:
    """Return the largest part of a `latest` table where all of its rows are older than any other's, and the others.

    A part has a key only once. Without such a part the first is None; so it is where a part cannot be read.
    """
    if not parts:
        return None, ()
    largest = max(parts, key=lambda part: part.rows)
    others = tuple(part for part in parts if part is not largest)
    newest = _commits(root, largest.path)
    return (largest, others) if newest and all(_after(root, part, newest[1]) for part in others) else (None, ())


def _after(root: Path, part: Part, commit: int) -> bool:
    commits = _commits(root, part.path)
    return commits is not None and commits[0] > commit


@lru_cache(65_536)
def _commits(root: Path, path: str) -> tuple[int, int] | None:
    """Return the first and last commit that wrote rows of a part, as its footer has them; None where it has not."""
    try:
        metadata = pq.read_metadata(checked_path(root, path))
        column = metadata.schema.names.index("commit")
        groups = [metadata.row_group(i).column(column).statistics for i in range(metadata.num_row_groups)]
    except (OSError, ValueError):
        return None
    if not groups or not all(one is not None and one.has_min_max for one in groups):
        return None
    return min(one.min for one in groups), max(one.max for one in groups)


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


def _files(snapshot: Snapshot, table: Table, parts: tuple[Part, ...]) -> str:
    """Return the SQL for the rows of some parts; parts of an older format may lack columns."""
    empty = ", ".join(f"NULL::{sql_type(field.type)} AS {field.name}" for field in table.schema)
    if not parts:
        return f"(SELECT {empty} WHERE false)"
    paths = ",\n  ".join(f"'{_quoted(part.path)}'" for part in parts)
    named = f"list_transform([\n  {paths}\n  ], lambda f: {_ROOT} || '/' || f), hive_partitioning = false"
    if snapshot.format == FORMAT:
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
