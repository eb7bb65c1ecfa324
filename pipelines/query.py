"""SQL on a lake: views made from its commits, in a DuckDB that reads the lake's folder and nothing else."""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import duckdb

from wirecopy.pipelines.terminal.results import FORMATS, write
from wirecopy.transforms.lake.catalog import NAME, catalog_sql, literal_path
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError

__all__ = ["FORMATS", "open_lake", "run"]

_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "allow_persistent_secrets": "false",
}
_REFUSED = {"COPY", "COPY_DATABASE", "EXPORT", "ATTACH", "LOAD", "EXTENSION", "CALL"}
"""Statements that write files, even into the lake, or reach beside it."""

_WRAPPED = {"EXPLAIN", "PREPARE"}
_HIDDEN = re.compile(r"\b(copy|export|attach|load|install|call)\b", re.IGNORECASE)
_HEARD_S = 0.05
"""How long Ctrl-C may stay unheard."""

_ADVICE = "wirecopy sql reads the lake's folder and writes no file; --unsafe allows it, in SQL that you trust"


def open_lake(lake: str | Path, unsafe: bool = False) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection in which the newest commit of a lake can be read: its views and macros.

    `con.sql("FROM articles").to_arrow_table()` gives a table as Arrow.

    The views are made from the commits: catalog.duckdb, in which a stranger may have put any SQL, is not opened, and
    may be missing or damaged. Nothing but the lake's folder can be read then, no configuration changed, no extension
    loaded, unless `unsafe` says so.

    Args:
        lake: the lake's folder.
        unsafe: allow SQL to read and write whatever this process may.

    Raises LakeError where there is no lake or it cannot be read, duckdb.Error where its parts cannot.
    """
    lake = Path(lake)
    if not (lake / "_commits").is_dir():
        there = "it holds other files, and no folder _commits" if lake.is_dir() and any(lake.iterdir()) else None
        if there or lake.is_file():
            raise LakeError(f"{lake} is not a lake: {there or 'it is a file'}; name a lake's folder with --lake")
        raise LakeError(f"there is no lake at {lake}: make one with `wirecopy ingest PATH --lake {lake}`")
    snapshot = open_snapshot(lake)
    if not snapshot.number:
        raise LakeError(f"the lake at {lake} is empty: take something in with `wirecopy ingest PATH --lake {lake}`")
    script = catalog_sql(snapshot)
    root = lake.resolve()
    folder = Path(tempfile.mkdtemp(prefix="wirecopy-sql-"))
    try:
        with duckdb.connect(str(folder / NAME), config=_SETTINGS) as made:
            _name(made, root)
            made.execute(f"BEGIN; {script} COMMIT")
        con = duckdb.connect(str(folder / NAME), read_only=True, config=_SETTINGS | {"temp_directory": str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # the open file stays readable; DuckDB makes the folder to spill into
    _name(con, root)
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET parquet_metadata_cache = true")  # parts never change; a search looks into each several times
    con.execute("SET enable_progress_bar = false")  # it would go where the result goes
    if not unsafe:
        folders = ", ".join(
            "'" + str(path).replace("'", "''") + "/'" for path in (root, literal_path(str(root)), folder)
        )
        con.execute(f"SET allowed_directories = [{folders}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
    return con


def _name(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    con.execute("SET VARIABLE lake = ?", [literal_path(str(root))])


def run(
    con: duckdb.DuckDBPyConnection, query: str, form: str, out: TextIO, binary: BinaryIO, spreadsheet: bool = False
) -> None:
    """Run SQL and write the last statement's result in one of FORMATS; nothing where it has none.

    Raises duckdb.Error, LakeError where the SQL asks for what the connection does not allow, and KeyboardInterrupt,
    once the query has stopped.
    """
    stopped = threading.Event()
    _interruptible(con, stopped, lambda: _run(con, query, form, out, binary, spreadsheet, stopped))


def _run(
    con: duckdb.DuckDBPyConnection,
    query: str,
    form: str,
    out: TextIO,
    binary: BinaryIO,
    spreadsheet: bool,
    stopped: threading.Event,
) -> None:
    locked = con.execute("SELECT current_setting('lock_configuration')::BOOLEAN").fetchall()[0][0]
    try:
        statements = con.extract_statements(query)
        for statement in statements if locked else ():
            kind = statement.type.name
            if kind in _REFUSED or (kind in _WRAPPED and _HIDDEN.search(statement.query)):
                raise LakeError(f"{kind.replace('_', ' ')} is refused: {_ADVICE}")
        gives = bool(statements) and duckdb.ExpectedResultType.QUERY_RESULT in statements[-1].expected_result_type
        if not gives or statements[-1].type.name == "SET":
            con.execute(query)
            return
        relation = con.sql(query)
        if relation is not None:
            write(con, relation, form, out, binary, spreadsheet, stopped)
    except duckdb.Error as error:
        refused = isinstance(error, duckdb.PermissionException) or "configuration has been locked" in str(error)
        if locked and refused:
            raise LakeError(f"{error}\n{_ADVICE}") from None
        raise


def _interruptible(con: duckdb.DuckDBPyConnection, stopped: threading.Event, work: Callable[[], None]) -> None:
    """Do work on a connection in a thread, and stop it at Ctrl-C, which DuckDB itself would not hear while it works.

    The signal is handled, not raised: an exception at any line but the one that waits would leave the thread running,
    and Python ends by a signal where it finds DuckDB at work as it shuts down.
    """
    failed: list[BaseException] = []

    def done() -> None:
        try:
            work()
        except BaseException as error:  # raised again by the caller's thread
            failed.append(error)

    heard = threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT))
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set()) if heard else None
    try:
        thread = threading.Thread(target=done, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_HEARD_S)
            if stopped.is_set():
                con.interrupt()
    finally:
        if heard:
            signal.signal(signal.SIGINT, before)
    if stopped.is_set():
        raise KeyboardInterrupt
    if failed:
        raise failed[0]
