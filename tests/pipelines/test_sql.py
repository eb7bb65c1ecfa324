"""`wirecopy sql`: what it lets SQL reach, what it prints on a terminal, and what Ctrl-C ends."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from commands import COMMAND
from lakes import SEEDS, commit, write_jsonl
from terminals import WAIT_S, Terminal

from wirecopy.pipelines.compact import publishing
from wirecopy.pipelines.query import open_lake, run
from wirecopy.transforms.lake.catalog import catalog_commit, catalog_is_current, catalog_sql
from wirecopy.transforms.lake.commits import Part, Snapshot, open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.maintenance.doctor import examine

HOSTILE = "\x1b]0;owned\x07\x1b[2J[/x]\u202eevil\x9b31m\r\b"
PAGE = Path(__file__).parents[2] / "docs" / "sql.md"


def wirecopy(*arguments, text=True, stdin=None):
    env = {name: value for name, value in os.environ.items() if name != "WIRECOPY_LAKE"}
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, text=text, check=False)


def ask(lake, query, form="csv", unsafe=False):
    out, binary = io.StringIO(), io.BytesIO()
    with contextlib.closing(open_lake(Path(lake), unsafe)) as con:
        run(con, query, form, out, binary)
    return out.getvalue()


@pytest.fixture(scope="module")
def hostile_lake(tmp_path_factory):
    """A lake whose outlets and headlines hold commands to a terminal and markup."""
    folder = tmp_path_factory.mktemp("hostile")
    text = SEEDS[2].read_text("utf-8")
    rows = [
        {"id": str(n), "text": text + f" Edition {n}.", "outlet": HOSTILE + str(n), "headline": "H " + HOSTILE}
        for n in range(2)
    ]
    commit(folder / "lake", write_jsonl(folder / "a.jsonl", rows))
    return folder / "lake"


def runs_nothing(said):
    return not set("\x1b\x07\x9b\u202e\b") & set(re.sub(r"\x1b\[[\d;]*m", "", said))


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_text('{outside}')",
        "FROM read_text('{lake}/../outside.txt')",
        "FROM glob('{outside}*')",
        "SELECT * FROM read_csv('{outside}')",
        "COPY (SELECT 1) TO '{outside}.csv'",
        "COPY (SELECT 1) TO '{lake}/new.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{lake}/new.csv'",
        "PREPARE p AS COPY (SELECT 1) TO '{lake}/new.csv'; EXECUTE p",
        "SELECT 1; COPY (SELECT 1) TO '{lake}/new.csv'; SELECT 2",
        "EXPORT DATABASE '{lake}/new'",
        "ATTACH '{lake}/new.db'",
        "ATTACH '{outside}.db'",
        "IMPORT DATABASE '{outside}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CALL enable_logging(storage = 'file', storage_config = {{'path': '{outside}.log'}})",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET VARIABLE lake = '{lake}/..'; FROM articles",
    ],
)
def test_sql_reads_the_lake_alone_and_writes_nothing(lake_copy, query):
    outside = lake_copy.parent / "outside.txt"
    outside.write_text("secret")
    shutil.copytree(lake_copy / "articles", lake_copy.parent / "articles")
    before = sorted(lake_copy.parent.rglob("*"))
    with pytest.raises(LakeError, match="--unsafe allows it"):
        ask(lake_copy, query.format(outside=outside, lake=lake_copy))
    assert sorted(lake_copy.parent.rglob("*")) == before


def test_unsafe_lifts_it(seed_lake, tmp_path):
    (tmp_path / "beside.txt").write_text("seen")
    assert "seen" in ask(seed_lake, f"SELECT content FROM read_text('{tmp_path}/beside.txt')", unsafe=True)
    shown = wirecopy("sql", f"COPY (FROM articles) TO '{tmp_path}/out.parquet'", "--lake", seed_lake, "--unsafe")
    assert shown.returncode == 0, shown.stderr
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 5


def test_a_refusal_says_what_allows_it(seed_lake):
    shown = wirecopy("sql", "FROM read_text('/etc/hostname')", "--lake", seed_lake)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "--unsafe allows it" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_variables_of_python_are_no_tables(seed_lake):
    with pytest.raises(duckdb.CatalogException):
        ask(seed_lake, "FROM statements")


def test_a_strangers_catalog_is_not_run(lake_copy):
    secret = lake_copy.parent / "secret.txt"
    secret.write_text("secret")
    (lake_copy / "catalog.duckdb").unlink()
    with duckdb.connect(str(lake_copy / "catalog.duckdb")) as con:
        con.execute(f"CREATE VIEW stories AS FROM read_text('{secret}')")
    assert "secret" not in ask(lake_copy, "FROM stories", "json")
    assert json.loads(ask(lake_copy, "SELECT n_articles FROM stories", "json")) == [{"n_articles": 2}]


@pytest.mark.parametrize(
    "path", ["../../x.parquet", "/etc/x.parquet", "articles/../../x.parquet", "articles/*.parquet"]
)
def test_a_part_outside_the_lake_is_refused(seed_lake, path):
    snapshot = open_snapshot(seed_lake)
    odd = Snapshot(seed_lake, 1, snapshot.parts | {"articles": (Part(path, 1, 1),)}, frozenset())
    with pytest.raises(LakeError, match="no file of the lake"):
        catalog_sql(odd)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_part_that_is_a_link_is_refused(lake_copy, what):
    part = lake_copy / open_snapshot(lake_copy).parts["articles"][0].path
    linked = part if what == "file" else part.parent
    elsewhere = lake_copy.parent / "elsewhere"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)
    with pytest.raises(LakeError, match="symbolic link"):
        ask(lake_copy, "FROM articles")


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"broken" * 999), Path.unlink])
def test_a_damaged_catalog_is_not_needed_and_is_made_anew(lake_copy, damage):
    catalog = lake_copy / "catalog.duckdb"
    damage(catalog)
    assert ask(lake_copy, "SELECT count(*) AS n FROM articles") == "n\n5\n"
    (finding,) = examine(lake_copy)
    assert "catalog.duckdb" in finding.what
    with publishing(lake_copy, "compact"):
        pass
    assert catalog_commit(lake_copy) == 1
    assert not list(examine(lake_copy))
    with duckdb.connect(str(catalog), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM articles").fetchall() == [(5,)]


@pytest.mark.parametrize("command", ["reindex", "compact"])
def test_commands_that_write_mend_the_catalog(lake_copy, command):
    (lake_copy / "catalog.duckdb").write_bytes(b"broken")
    shown = wirecopy(command, "--lake", lake_copy)
    assert shown.returncode == 0, shown.stderr
    assert catalog_is_current(open_snapshot(lake_copy))


@pytest.mark.parametrize("name", ["a [1] lake", "it's 100% *"])
def test_a_lake_of_any_name_opens(seed_lake, tmp_path, name):
    lake = shutil.copytree(seed_lake, tmp_path / name)
    assert ask(lake, "SELECT count(*) AS n FROM articles") == "n\n5\n"


def test_what_is_no_lake_is_told_in_one_line(lake_copy, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "begun" / "_commits").mkdir(parents=True)
    newer = lake_copy / "_commits" / "00000001.json"
    newer.write_text(json.dumps(json.loads(newer.read_text()) | {"format": 99}))
    for lake, said in (
        (tmp_path / "none", "there is no lake"),
        (tmp_path / "empty", "there is no lake"),
        (tmp_path / "other", "is not a lake"),
        (tmp_path / "other" / "thesis.txt", "is a file"),
        (tmp_path / "begun", "is empty"),
        (lake_copy, "99"),
    ):
        shown = wirecopy("sql", "FROM articles", "--lake", lake)
        assert shown.returncode in (1, 2), lake
        assert said in shown.stderr
        assert "Traceback" not in shown.stderr
        if shown.returncode == 1:
            assert len(shown.stderr.splitlines()) == 1


def test_every_recipe_of_the_page_runs(seed_lake):
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with contextlib.closing(open_lake(seed_lake)) as con:
        for block in blocks:
            run(con, block, "json", io.StringIO(), io.BytesIO())


def test_every_view_runs_on_a_terminal_of_80_columns(seed_lake):
    said = Terminal("sql", "FROM stories", "--lake", seed_lake, "--format", "lines").rest()
    plain = re.sub(r"\x1b\[[\d;]*m", "", said)
    assert all(len(line) <= 80 for line in plain.splitlines()), plain
    assert re.search(r"cluster_id  [0-9a-f-]{36}\r?\n", plain)


def test_a_table_is_cut_to_the_terminal_and_says_so(seed_lake):
    said = re.sub(r"\x1b\[[\d;]*m", "", Terminal("sql", "FROM stories", "--lake", seed_lake).rest())
    *table, told = said.splitlines()
    assert max(map(len, table)) <= 80, said
    assert "…" in said and "left out: --format lines" in told
    whole = wirecopy("sql", "FROM stories", "--lake", seed_lake).stdout
    assert "…" not in whole and "cluster_id" in whole


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json"])
def test_a_terminal_is_shown_commands_and_never_runs_them(hostile_lake, form):
    query = f'SELECT outlet, headline, 1 AS "{HOSTILE}" FROM articles'
    said = Terminal("sql", query, "--lake", hostile_lake, "--format", form).rest()
    assert "owned" in said and "evil" in said
    assert runs_nothing(said), said


def test_data_that_goes_elsewhere_stay_exact(hostile_lake):
    query = "SELECT outlet_name AS name FROM articles ORDER BY name LIMIT 1"
    name = json.loads(wirecopy("sql", query, "--lake", hostile_lake, "--format", "json").stdout)[0]["name"]
    csv = wirecopy("sql", query, "--lake", hostile_lake, "--format", "csv", text=False).stdout.decode()
    assert csv == f"name\n{name}\n"
    assert {"\x1b", "\x07", "\u202e"} < set(name)


def test_the_demo_shows_markup_and_commands_as_text(hostile_lake):
    show = "import sys, pathlib; from wirecopy.pipelines.demo import show_findings as f; f(pathlib.Path(sys.argv[1]))"
    shown = subprocess.run([sys.executable, "-c", show, str(hostile_lake)], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert "[/x]" in shown.stdout
    assert runs_nothing(shown.stdout), shown.stdout


def test_errors_show_what_they_quote(seed_lake, tmp_path):
    for arguments in (
        ("sql", f"SELECT '{HOSTILE}' FROM nowhere", "--lake", seed_lake),
        ("sql", "FROM articles", "--lake", tmp_path / "no\x1b[2Jlake[/x]"),
        ("ingest", tmp_path / "no\x1b[2Jfile[/x]"),
        ("sql", "SELECT 1", "--format", "x\x1b[2J[/x]"),
    ):
        shown = wirecopy(*arguments)
        assert shown.returncode in (1, 2)
        assert runs_nothing(shown.stderr) and "\x1b[2J" not in shown.stderr, shown.stderr
        assert "Traceback" not in shown.stderr


def test_parquet_keeps_types_that_arrow_cannot(seed_lake, tmp_path):
    query = "SELECT sum(x) AS s, interval '1 month' AS i, [sum(x)] AS l FROM (SELECT 9007199254740993 AS x)"
    file = tmp_path / "out.parquet"
    file.write_bytes(wirecopy("sql", query, "--lake", seed_lake, "--format", "parquet", text=False).stdout)
    rows = duckdb.sql(f"SELECT s::VARCHAR, i::VARCHAR, l::VARCHAR FROM '{file}'").fetchall()
    assert rows == [("9007199254740993", "1 month", "[9007199254740993]")]


def test_ctrl_c_ends_the_query_or_the_line_and_not_the_session(seed_lake):
    with Terminal("sql", "--lake", seed_lake, "--format", "csv") as terminal:
        _interrupt(terminal)


def _interrupt(terminal):
    terminal.until("wirecopy> ")
    long = "SELECT count(*) FROM range(100000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
    terminal.type("SELECT 'it ' || 'runs' AS sign; \n")
    terminal.until("it runs")
    terminal.until("wirecopy> ")
    terminal.type(f"{long};\n")
    terminal.until("= 3;\r\n")
    terminal.interrupt_until("interrupted")
    terminal.until("wirecopy> ")
    terminal.type("SELECT\n")
    terminal.until(r"\.\.\.\.\.\.> ")
    terminal.interrupt_until("wirecopy> ")
    terminal.type("SELECT 41 + 1 AS answer;\n")
    terminal.until("answer\r\n42")
    terminal.type("exit\n")
    terminal.rest()


def test_ctrl_c_ends_a_query_that_was_given(seed_lake):
    long = "SELECT count(*) FROM range(100000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
    script = "import wirecopy.pipelines.query as q; ran = q._run; "
    script += "q._run = lambda *a: (print('begun', flush=True), ran(*a)); "
    command = [sys.executable, "-c", script + COMMAND[2], "sql", long, "--lake", str(seed_lake)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert running.stdout.readline() == "begun\n"
        running.send_signal(signal.SIGINT)
        told, said = running.communicate(timeout=WAIT_S)
    finally:
        running.kill()
    assert (running.returncode, told) == (130, "")
    assert "interrupted" in said and "Traceback" not in said
