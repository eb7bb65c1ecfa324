"""What is wrong with a lake is found and said, with what to do; a lake that is whole is left in peace."""

import dataclasses
import os
import shutil

import pyarrow as pa
import pytest
from blake3 import blake3
from lakes import SEEDS, commit, ingest, query, write_jsonl

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import uuids
from wirecopy.transforms.lake.commits import open_snapshot, read_commit, write_commit
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import publish_parts, read_parts, stage_parts
from wirecopy.transforms.maintenance.doctor import examine


def graves(lake):
    return [finding.what for finding in examine(lake) if finding.grave]


def a_part(lake, table):
    return lake / open_snapshot(lake).parts[table][0].path


def test_a_lake_that_is_whole(lake_copy):
    assert list(examine(lake_copy)) == []


def test_a_part_that_is_gone_cut_short_or_altered(lake_copy):
    a_part(lake_copy, "pairs").unlink()
    cut = a_part(lake_copy, "texts")
    cut.write_bytes(cut.read_bytes()[:-9])
    altered = a_part(lake_copy, "passages")
    data = bytearray(altered.read_bytes())
    data[100] ^= 1
    altered.write_bytes(data)
    missing, damaged, lost = graves(lake_copy)
    assert "pairs/" in missing and "texts/" not in missing
    assert "texts/" in damaged and "passages/" in damaged and "pairs/" not in damaged
    assert "of texts" in lost and "have lost their text" in lost and "units are to be ingested again" in lost


@pytest.mark.parametrize("data", [None, b"{"])
def test_a_commit_that_is_gone_or_unreadable(lake_copy, tmp_path, data):
    commit(lake_copy, write_jsonl(tmp_path / "x.jsonl", [{"id": "x", "text": "The ferry was late again. " * 9}]))
    path = lake_copy / "_commits" / "00000001.json"
    path.unlink()
    if data:
        path.write_bytes(data)
    [finding] = examine(lake_copy)
    assert finding.grave and "00000001.json" in finding.what


def test_what_mends_itself_is_told_apart(lake_copy):
    stray = lake_copy / "texts" / "part-0.parquet"
    stray.write_bytes(b"")
    shutil.rmtree(lake_copy / "index")
    (lake_copy / "catalog.duckdb").unlink()
    findings = list(examine(lake_copy))
    assert not any(finding.grave for finding in findings)
    assert [any(word in finding.what for finding in findings) for word in ("part-0", "catalog", "index")] == [True] * 3


def add_again(lake, table, change=lambda rows: rows):
    """Commit rows of a table once more, as no writer of ours would."""
    snapshot = open_snapshot(lake)
    rows = change(read_parts(lake, snapshot.parts[table], TABLES[table].schema))
    staging = lake / "_staging" / "odd"
    parts = stage_parts(TABLES[table], rows, staging, "odd")
    publish_parts(lake, staging, parts)
    template = dataclasses.replace(
        read_commit(lake, snapshot.number), number=snapshot.number + 1, added={table: tuple(parts)}, units=()
    )
    assert write_commit(lake, staging, template)
    shutil.rmtree(staging)


def test_ids_that_are_there_twice(lake_copy):
    add_again(lake_copy, "articles")
    assert any("article_id is there twice" in what for what in graves(lake_copy))


def test_pairs_of_articles_that_are_not_there(lake_copy):
    def strange(rows):
        others = uuids(pa.array([os.urandom(16) for _ in range(len(rows))], pa.binary(16)))
        return rows.set_column(1, rows.schema.field(1), others)

    add_again(lake_copy, "pairs", strange)
    assert any("pairs.dst_article_id is no article" in what for what in graves(lake_copy))


def test_no_lake_is_no_finding(tmp_path):
    with pytest.raises(LakeError, match="no commit"):
        list(examine(tmp_path / "nothing"))


@pytest.mark.parametrize("name", ["catalog.duckdb", "catalog.sql"])
@pytest.mark.parametrize("how", ["cut", "altered", "other", "gone"])
def test_a_catalog_that_is_damaged_is_told_and_the_next_run_writes_it_anew(lake_copy, name, how):
    path = lake_copy / name
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": whole[:100], "altered": whole[:-9] + b"Z" * 9, "other": b"-- commit 1"}[how])
    [finding] = examine(lake_copy)
    assert not finding.grave and "catalog" in finding.what
    ingest(lake_copy, SEEDS[0])
    assert list(examine(lake_copy)) == [] and query(lake_copy, "SELECT count(*) FROM articles") == [(5,)]


def test_a_catalog_with_views_of_someone_else_is_told(lake_copy):
    """Its checksum may hold: what it holds is looked at as well."""
    import duckdb

    path = lake_copy / "catalog.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE OR REPLACE VIEW stories AS SELECT * FROM read_text('/etc/hostname')")
    script = lake_copy / "catalog.sql"
    lines = script.read_text().splitlines()
    lines[-1] = f"-- catalog.duckdb {blake3(path.read_bytes()).hexdigest(16)}"
    script.write_text("\n".join(lines) + "\n")
    [finding] = examine(lake_copy)
    assert "other views" in finding.what


@pytest.mark.parametrize("name", ["catalog.sql", "index/HEAD.json"])
def test_a_flipped_bit_in_what_names_a_commit_is_no_lost_commit(lake_copy, name):
    path = lake_copy / name
    whole = path.read_bytes()
    at = whole.index(b"1", whole.index(b"commit"))
    for bit in range(8):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        [finding] = examine(lake_copy)
        assert not finding.grave and name.partition("/")[0].removesuffix(".sql") in finding.what
