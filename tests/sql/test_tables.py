from __future__ import annotations

import importlib.util
from pathlib import Path

import pyarrow as pa

from wirecopy.schemas.tables import TABLES

SCRIPT = Path(__file__).parents[2] / "docs" / "make_tables.py"


def test_the_data_dictionary_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_tables", SCRIPT)
    assert spec and spec.loader
    make_tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_tables)
    assert make_tables.PAGE.read_text("utf-8") == make_tables.page(), "run: python docs/make_tables.py"


def test_every_column_says_what_it_means_and_every_instant_its_unit() -> None:
    for table in TABLES.values():
        assert set(table.key) <= set(table.schema.names)
        for field in table.schema:
            assert field.metadata[b"meaning"], field.name
            assert not pa.types.is_timestamp(field.type) or field.metadata[b"unit"] == b"UTC", field.name
