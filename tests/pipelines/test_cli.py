"""The command as a user types it: what it prints, where, and how it exits."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from commands import COMMAND, forked, wirecopy
from lakes import SEEDS


def test_help_names_every_command_and_imports_no_beam(tmp_path):
    shown = wirecopy("--help")
    assert shown.returncode == 0
    for command in ("demo", "ingest", "sql"):
        assert command in shown.stdout
    loaded = "import sys, wirecopy.pipelines.cli\n"
    loaded += "print([m for m in ('apache_beam', 'pyarrow', 'numba') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True).stdout.strip() == "[]"


def test_demo_shows_whose_passage_stands_where(tmp_path):
    shown = wirecopy("demo", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "5  articles kept" in shown.stderr
    assert "passage of TASS's" in shown.stdout
    assert "leaked" not in shown.stderr
    assert (tmp_path / "lake" / "catalog.duckdb").exists()
    again = wirecopy("demo", cwd=tmp_path)
    assert again.returncode == 0
    assert "Nothing new" in again.stderr


def test_nothing_is_written_to_stdout_but_data(tmp_path, seed_lake):
    shown = wirecopy("ingest", SEEDS[0], "--lake", tmp_path / "lake")
    assert shown.stdout == ""
    assert "leaked" not in shown.stderr
    shown = wirecopy("ingest", SEEDS[1], "--lake", tmp_path / "lake", "--json")
    assert json.loads(shown.stdout)["articles"] == 1
    rows = wirecopy("sql", "select relation from pairs", "--lake", seed_lake, "--format", "csv")
    assert rows.stdout == "relation\nreuse\n"
    assert rows.stderr == ""


def test_rejects_exit_3_unless_they_are_allowed(tmp_path):
    (tmp_path / "empty.txt").touch()
    shutil.copy(SEEDS[0], tmp_path)
    for allowed, status in (
        ((), 3),
        (("--ok-rejects", "1"), 0),
        (("--ok-rejects", "50%"), 0),
        (("--ok-rejects", "10%"), 3),
    ):
        lake = tmp_path.parent / f"lake{len(allowed)}{allowed[-1:]}"
        shown = forked("ingest", tmp_path, "--lake", lake, *allowed)
        assert shown.returncode == status, shown.stderr
        assert "rejected: empty" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("ingest", "no/such/folder"), 2, "no/such/folder"),
        (("ingest",), 2, "PATH"),
        (("ingest", "x", "--ok-rejects", "many"), 2, "--ok-rejects"),
        (("sql", "select 1", "--format", "xml"), 2, "parquet"),
        (("sql", "select 1", "--lake", "nowhere"), 1, "there is no lake at nowhere"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_mistakes_are_named_without_a_traceback(tmp_path, arguments, status, said):
    shown = wirecopy(*arguments, cwd=tmp_path)
    assert shown.returncode == status
    assert said in shown.stderr
    assert "Traceback" not in shown.stderr
    assert not (tmp_path / "lake").exists()


def test_a_lake_that_is_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    shown = forked("ingest", SEEDS[0], "--lake", tmp_path)
    assert (shown.returncode, "not a lake" in shown.stderr) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_sql_mistakes_are_the_databases_own_words(seed_lake):
    shown = forked("sql", "select headlin from articles", "--lake", seed_lake)
    assert shown.returncode == 1
    assert "headline" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_sql_takes_a_file_or_standard_input(seed_lake, tmp_path):
    file = tmp_path / "q.sql"
    file.write_text("select count(*) as n from articles")
    assert wirecopy("sql", "-f", file, "--lake", seed_lake, "--format", "csv").stdout == "n\n5\n"
    shown = wirecopy("sql", "--lake", seed_lake, "--format", "csv", stdin="select count(*) as n from pairs")
    assert shown.stdout == "n\n1\n"
    assert wirecopy("sql", "from pairs", WIRECOPY_LAKE=str(seed_lake)).returncode == 0


def test_sql_gives_each_format(seed_lake, tmp_path):
    def ask(form):
        return forked(
            "sql", "select headline, agency from articles order by all", "--lake", seed_lake, "--format", form
        )

    assert len(json.loads(ask("json").stdout)) == 5
    assert ask("markdown").stdout.startswith("| headline | agency |\n| --- | --- |\n")
    assert "5 rows" in ask("table").stdout
    out = tmp_path / "out.parquet"
    with out.open("wb") as file:
        subprocess.run(
            [*COMMAND, "sql", "from articles", "--lake", str(seed_lake), "--format", "parquet"], stdout=file, check=True
        )
    assert pq.read_table(out).num_rows == 5


def test_a_catalog_is_never_written_to_by_sql(seed_lake):
    shown = forked("sql", "create table mine as select 1", "--lake", seed_lake)
    assert shown.returncode == 1
    assert "read-only" in shown.stderr


def test_an_interrupted_run_says_so_and_goes_on_later(tmp_path):
    archive = tmp_path / "many.jsonl"
    text = SEEDS[2].read_text(encoding="utf-8")
    with archive.open("w") as file:
        for i in range(20_000):
            file.write(json.dumps({"id": str(i), "text": f"Report {i}. " + text[i % 300 :]}) + "\n")
    lake = tmp_path / "lake"
    running = subprocess.Popen(
        [*COMMAND, "ingest", str(archive), "--lake", str(lake)], stderr=subprocess.PIPE, text=True
    )
    while not (lake / "_staging").exists():
        assert running.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    shown = forked("ingest", *SEEDS, "--lake", lake, "--json")
    assert shown.returncode == 0
    assert json.loads(shown.stdout)["articles"] == 5


def test_reindex_builds_an_index_that_finds_the_same(lake_copy, tmp_path):
    before = {path.name: path.stat().st_ino for path in (lake_copy / "index").iterdir()}
    shown = forked("reindex", "--lake", lake_copy)
    assert shown.returncode == 0
    assert "5 articles" in shown.stderr
    *parts, whole = (int(line.split()[0].replace(",", "")) for line in shown.stderr.splitlines()[1:])
    built = [path for path in (lake_copy / "index").glob("*/*") if path.parent.name not in before]
    files = sum(path.stat().st_size for path in built)
    assert abs(sum(parts) - whole) <= len(parts) and 0 < 5 * whole < files < 5 * whole + 40_000
    assert not set(before) & {path.name for path in (lake_copy / "index").iterdir() if path.is_dir()}
    again = tmp_path / "again.jsonl"
    again.write_text(json.dumps({"id": "x", "text": SEEDS[3].read_text(encoding="utf-8")}))
    assert json.loads(forked("ingest", again, "--lake", lake_copy, "--json").stdout)["copies"] == 1


def test_reindex_where_no_lake_is_says_so(tmp_path):
    shown = forked("reindex", "--lake", tmp_path / "nothing")
    assert shown.returncode == 1
    assert "nothing to index" in shown.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_full_disk_is_named_and_nothing_is_half_done(tmp_path):
    """The lake stands on a file system with no room: the error is the system's, and no commit is made."""
    lake = tmp_path / "lake"
    limit = ["sh", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "sh"]
    shown = subprocess.run(
        [*limit, *COMMAND, "ingest", *map(str, SEEDS), "--lake", str(lake)], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 1
    assert "Traceback" not in shown.stderr
    assert not list(lake.glob("_commits/*.json"))
    assert not list(Path(lake).glob("articles/**/*.parquet"))
