"""A lake of the older format is read as it is, and upgraded by whoever writes first, whole at every moment."""

import importlib.util
import json
import os
import shutil
import signal
import zipfile
from pathlib import Path

import duckdb
import pytest
from killing import die_at
from lakes import CONTENTS, commit, query, write_jsonl
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.compact import run_compact
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.catalog import catalog_sql
from wirecopy.transforms.lake.commits import FORMAT, open_snapshot, read_commit

KEPT = CONTENTS | {
    "pairs": "SELECT * EXCLUDE (model_id, src_taken, dst_taken) FROM pairs ORDER BY ALL",
    "passages": "SELECT * EXCLUDE (model_id, stock, taken) FROM passages ORDER BY ALL",
}
"""What a lake says that an older version said as well; what was taken is told once its pairs are found anew."""
SAID = "SELECT * EXCLUDE (unit_id, run_id, extractor, doc_ref) FROM articles ORDER BY ALL"
"""What articles say, whatever version made their rows, and wherever their files lay."""
ADDED_SINCE = ("slugline", "revision", "is_free", "embargoed_until")


def wirecopy(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def unzipped(name, folder):
    with zipfile.ZipFile(Path(__file__).with_name(name)) as archive:
        archive.extractall(folder)
    return folder / "lake"


@pytest.fixture
def older(tmp_path):
    return unzipped("older.zip", tmp_path / "older")


@pytest.fixture
def format2(tmp_path):
    """A lake of format 2, whose checkpoints hold all units and whose commits are never packed."""
    return unzipped("format2.zip", tmp_path / "format2")


def as_read(lake):
    """What the views of this version show of a lake, whatever catalog lies in it."""
    with duckdb.connect() as con:
        con.execute("SET VARIABLE lake = ?", [str(lake)])
        con.execute("SET TimeZone = 'UTC'")
        con.execute(catalog_sql(open_snapshot(lake)))
        return {name: con.execute(sql).fetchall() for name, sql in KEPT.items()} | {
            "added": con.execute(f"SELECT {', '.join(ADDED_SINCE)} FROM articles").fetchall(),
            "columns": con.execute("SELECT column_name, column_type FROM (DESCRIBE FROM articles)").fetchall(),
        }


def lacks_columns(lake, part):
    import pyarrow.parquet as pq

    table = TABLES[part.path.partition("/")[0]]
    return set(table.schema.names) != set(pq.read_schema(lake / part.path).names)


def test_it_is_read_with_nulls_for_the_columns_that_it_lacks(older):
    assert open_snapshot(older).format == 1
    read = as_read(older)
    assert read["added"] == [(None,) * len(ADDED_SINCE)] * 3
    assert len(read["pairs"]) == 3 and len(read["members"]) == 3 and len(read["rejects"]) == 1
    names = [name for name, _ in read["columns"]]
    assert names == [*TABLES["articles"].schema.names, "version"]


def test_the_doctor_says_so_and_finds_no_harm(older):
    shown = wirecopy("doctor", "--lake", older, "--json")
    findings = json.loads(shown.stdout)
    assert shown.exit_code == 3 and not any(finding["grave"] for finding in findings)
    assert any("older format 1" in finding["what"] for finding in findings)
    assert open_snapshot(older).format == 1


@pytest.mark.parametrize("command", ["compact", "reindex", "ingest"])
def test_whoever_writes_first_upgrades_it_and_every_row_stays(older, tmp_path, command):
    before = as_read(older)
    known = write_jsonl(
        tmp_path / "new.jsonl", [{"id": "x", "text": "The ferry was late again. " * 9, "slug": "FERRY"}]
    )
    arguments = [known] if command == "ingest" else []
    assert wirecopy(command, *arguments, "--lake", older).exit_code == 0
    snapshot = open_snapshot(older)
    assert snapshot.format == FORMAT and read_commit(older, 3).upgrade
    assert not any(lacks_columns(older, part) for parts in snapshot.parts.values() for part in parts)
    after = as_read(older)
    if command == "ingest":
        assert len(after["articles"]) == 4
        assert set(before["pairs"]) <= set(after["pairs"]) and set(before["members"]) <= set(after["members"])
    else:
        assert after == before
    findings = json.loads(wirecopy("doctor", "--lake", older, "--json").stdout)
    told = ("index stands for", "search has no index of")  # an older lake's articles, before compact or reindex
    assert all(any(words in finding["what"] for words in told) for finding in findings)
    assert query(older, "SELECT count(*) FROM articles WHERE slugline IS NULL")[0][0] >= 3


def test_the_same_articles_come_in_once_more_as_the_same_rows(older, tmp_path):
    """Units have other ids by now; the articles have not."""
    before = query(older, "SELECT article_id FROM articles ORDER BY 1")
    assert wirecopy("ingest", *made_inputs(tmp_path), "--lake", older).exit_code == 3
    assert query(older, "SELECT article_id FROM articles ORDER BY 1") == before
    shown = wirecopy("doctor", "--lake", older)
    assert shown.exit_code == 3 and "search has no index of" in shown.stderr
    assert wirecopy("reindex", "--lake", older).exit_code == 0
    assert wirecopy("doctor", "--lake", older).exit_code == 0


def test_a_lake_of_format_2_is_read_and_upgraded_in_one_commit_and_every_row_stays(format2, tmp_path):
    before, said = as_read(format2), query(format2, SAID)
    assert open_snapshot(format2).format == 2 and len(before["pairs"]) == 3 and len(before["rejects"]) == 1
    shown = wirecopy("doctor", "--lake", format2, "--json")
    assert shown.exit_code == 3 and "older format 2" in shown.stdout
    units = open_snapshot(format2).units.all()
    assert wirecopy("reindex", "--lake", format2).exit_code == 0
    assert open_snapshot(format2).format == FORMAT and read_commit(format2, 3).upgrade
    assert as_read(format2) == before and open_snapshot(format2).units.all() == units
    assert wirecopy("doctor", "--lake", format2).exit_code == 0
    assert wirecopy("ingest", *made_inputs(tmp_path), "--lake", format2).exit_code in (0, 3)
    assert query(format2, SAID) == said


def made_inputs(folder):
    """The input that both older lakes were made of."""
    spec = importlib.util.spec_from_file_location("older", Path(__file__).with_name("older.py"))
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    return maker.write_inputs(folder)


def test_a_lake_of_format_2_killed_while_it_is_upgraded_is_whole(format2, tmp_path):
    expected = as_read(format2)
    for step in (0, 4, 9, 14, 18, 25):
        lake = Path(shutil.copytree(format2, tmp_path / f"lake{step}"))
        child = os.fork()
        if child == 0:
            die_at(step, "fsync", "link", "replace", "rename", "unlink")
            run_compact(lake)
            os._exit(0)
        os.waitpid(child, 0)
        assert as_read(lake) == expected, f"killed at step {step}"
        run_compact(lake)
        assert open_snapshot(lake).format == FORMAT and as_read(lake) == expected, f"killed at step {step}"


@pytest.mark.timeout(600)
def test_killed_at_any_step_it_is_whole_and_the_next_run_goes_on(older, tmp_path):
    expected = as_read(older)
    steps = 0
    while True:
        lake = tmp_path / f"lake{steps}"
        shutil.copytree(older, lake)
        child = os.fork()
        if child == 0:
            die_at(steps, "fsync", "link", "replace", "rename", "unlink")
            run_compact(lake)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert as_read(lake) == expected, f"killed at step {steps}"
        run_compact(lake)
        assert open_snapshot(lake).format == FORMAT and as_read(lake) == expected, (
            f"killed at step {steps} and run again"
        )
        assert {name: query(lake, sql) for name, sql in KEPT.items()} == {name: expected[name] for name in KEPT}
        assert not list((lake / "_staging").iterdir())
        shutil.rmtree(lake)
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        steps += 1 + steps // 4
    assert steps > 20


def test_a_writer_that_does_not_upgrade_is_refused(older):
    from wirecopy.transforms.lake.commits import Commit, write_commit
    from wirecopy.transforms.lake.files import LakeError

    staging = older / "_staging" / ("0" * 32)
    staging.mkdir(parents=True)
    with pytest.raises(LakeError, match="older format 1"):
        write_commit(older, staging, Commit(3, 2, "0" * 32, "2022-02-14T00:00:00Z", (), {}))
    assert open_snapshot(older).number == 2


def test_a_newer_format_is_refused_in_one_line(lake_copy, tmp_path):
    path = lake_copy / "_commits" / "00000001.json"
    path.write_text(path.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'))
    new = write_jsonl(tmp_path / "new.jsonl", [{"id": "x", "text": "The ferry was late again. " * 9}])
    for arguments in (["ingest", new], ["compact"], ["reindex"], ["doctor"]):
        shown = wirecopy(*arguments, "--lake", lake_copy)
        assert shown.exit_code == 1 and "upgrade wirecopy" in shown.stderr
        assert len(shown.stderr.strip().splitlines()) == (2 if arguments == ["doctor"] else 1)


def test_a_commit_of_the_older_format_does_not_come_after_one_of_this(older):
    commit(older, write_jsonl(older.parent / "x.jsonl", [{"id": "x", "text": "The ferry was late again. " * 9}]))
    first = json.loads((older / "_commits" / "00000001.json").read_text())
    (older / "_commits" / "00000005.json").write_text(json.dumps(first | {"commit": 5, "read": 4}))
    shown = wirecopy("doctor", "--lake", older)
    assert shown.exit_code == 1 and "00000005.json" in shown.stderr
