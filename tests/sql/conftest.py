from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from small_lake import catalog_script, small_lake


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a catalog.duckdb over a small lake, its script beside it."""
    folder = tmp_path_factory.mktemp("lake")
    script = catalog_script(folder, small_lake())
    (folder / "catalog.sql").write_text(script, encoding="utf-8")
    con = duckdb.connect()
    con.execute(f"ATTACH '{folder / 'catalog.duckdb'}' AS lake (STORAGE_VERSION 'v1.0.0'); USE lake")
    con.execute(script)
    con.execute("USE memory; DETACH lake")
    con.close()
    return folder / "catalog.duckdb"


@pytest.fixture
def con(catalog: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(catalog), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
