"""Parts: one a month, sorted, the same rows under the same name."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.parts import publish_parts, read_parts, stage_parts

TEXTS = TABLES["texts"]


def texts(rows):
    return pa.Table.from_pylist(
        [{"article_id": bytes([n]) * 16, "event_at": at, "text": text} for n, at, text in rows], schema=TEXTS.schema
    )


def day(year, month, day):
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


def test_rows_go_to_the_month_they_happened_in(tmp_path):
    rows = texts([(1, day(2022, 2, 28), "a"), (2, day(2022, 3, 1), "b"), (3, None, "c"), (4, day(2022, 2, 1), "d")])
    parts = stage_parts(TEXTS, rows, tmp_path, "w")
    publish_parts(tmp_path, tmp_path, parts)
    assert sorted(part.path.split("/")[1] for part in parts) == ["month=2022-02", "month=2022-03", "month=unknown"]
    february = next(part for part in parts if "2022-02" in part.path)
    assert pq.read_table(tmp_path / february.path)["text"].to_pylist() == ["d", "a"]


def test_parts_keep_the_schema(tmp_path):
    parts = stage_parts(TEXTS, texts([(1, day(2022, 2, 1), "a")]), tmp_path, "w")
    publish_parts(tmp_path, tmp_path, parts)
    back = read_parts(tmp_path, tuple(parts), TEXTS.schema)
    assert back.schema.equals(TEXTS.schema)
    assert back["article_id"].to_pylist()[0].bytes == b"\1" * 16


def test_every_table_can_be_written_empty_and_read_back(tmp_path):
    for table in TABLES.values():
        assert stage_parts(table, table.schema.empty_table(), tmp_path, "w") == []
        assert read_parts(tmp_path, (), table.schema).schema.equals(table.schema)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_rows_does_not_change_a_part(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("parts")
    rows = [(n, day(2022, 1 + n % 3, 1 + n), str(n)) for n in range(12)]
    a = stage_parts(TEXTS, texts(rows), folder / "a", "w")
    b = stage_parts(TEXTS, texts([rows[i] for i in order]), folder / "b", "w")
    assert a == b


def test_a_published_part_is_never_overwritten(tmp_path):
    rows = texts([(1, day(2022, 2, 1), "a")])
    [part] = stage_parts(TEXTS, rows, tmp_path / "a", "w")
    publish_parts(tmp_path, tmp_path / "a", [part])
    before = (tmp_path / part.path).stat().st_ino
    stage_parts(TEXTS, rows, tmp_path / "b", "w")
    publish_parts(tmp_path, tmp_path / "b", [part])
    assert (tmp_path / part.path).stat().st_ino == before


@pytest.mark.parametrize("how", ["flipped", "cut", "a link"])
def test_a_damaged_file_does_not_keep_the_name_of_a_part(tmp_path, how):
    """Units that are ingested again, as a mended lake asks for, give parts of the same names."""
    rows = texts([(1, None, "a")])
    [part] = stage_parts(TEXTS, rows, tmp_path / "a", "w")
    publish_parts(tmp_path, tmp_path / "a", [part])
    path = tmp_path / part.path
    data = path.read_bytes()
    path.unlink()
    if how == "a link":
        path.symlink_to(tmp_path / "a" / "parts" / part.path)
    else:
        path.write_bytes(data[:9] if how == "cut" else data[:99] + bytes([data[99] ^ 1]) + data[100:])
    stage_parts(TEXTS, rows, tmp_path / "b", "w")
    publish_parts(tmp_path, tmp_path / "b", [part])
    assert path.read_bytes() == data and not path.is_symlink()
    assert sorted(path.parent.iterdir()) == [path]
