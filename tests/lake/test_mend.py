"""A lake that lost parts or commits is mended through the command, and ingesting again gives back what was there."""

import json
import os
import random
import shutil
import signal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from killing import die_at
from lakes import ARTICLES, SEEDS, commit, contents, query, write_jsonl
from outlets import SECOND, START, ScriptedClock, date, page, rss, serving, story, watch_once
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.compact import run_compact
from wirecopy.pipelines.mend import run_mend
from wirecopy.transforms.index.runs import tidy
from wirecopy.transforms.lake import commits
from wirecopy.transforms.lake.commits import open_snapshot, read_commit

STORY = SEEDS[1].read_text(encoding="utf-8")


def wirecopy(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def doctor(lake, *more):
    shown = wirecopy("doctor", "--lake", lake, "--json", *more)
    return shown.exit_code, json.loads(shown.stdout or "[]")


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """Input of four commits: seeds, copies of one of them, a reject, and an article that another unit has as well."""
    folder = tmp_path_factory.mktemp("inputs")

    def record(outlet, day, ending, **more):
        text = f"{STORY} {ending}"
        return {"url": f"https://{outlet}.example/a", "text": text, "date": f"2022-0{day}-01T08:00:00Z"} | more

    first = [record("one", 2, "The end."), record("two", 3, "And more of it was said on Monday at noon.")]
    shared = record("three", 2, "Shared by two units.", fetched_at="2022-02-09T00:00:00Z")
    files = [
        write_jsonl(folder / "a.jsonl", [*first, shared]),
        write_jsonl(folder / "b.jsonl", [shared | {"fetched_at": "2022-02-08T00:00:00Z"}, record("four", 2, "Yes.")]),
    ]
    with files[1].open("a") as file:
        file.write("{broken\n")
    return [SEEDS[:2], files[:1], files[1:], SEEDS[2:]]


@pytest.fixture(scope="session")
def whole(inputs, tmp_path_factory):
    """The lake of these inputs. Not to be written to."""
    lake = tmp_path_factory.mktemp("whole") / "lake"
    for paths in inputs:
        commit(lake, *paths)
    tidy(lake, wait=True)
    return lake


@pytest.fixture
def lake(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "lake"))


def take_in_again(lake, inputs):
    commit(lake, *(path for paths in inputs for path in paths))


def lose(lake, *tables, every=True):
    for table in tables:
        for part in open_snapshot(lake).parts[table][: None if every else 1]:
            (lake / part.path).unlink()


LOSSES = [
    *(("articles",), ("texts",), ("rejects",), ("pairs",), ("passages",), ("clusters", "members"), ("runs",)),
    ("articles", "texts", "pairs", "members", "rejects"),
]


@pytest.mark.parametrize("how", ["all parts", "one part", "compacted"])
@pytest.mark.parametrize("tables", LOSSES, ids=" ".join)
def test_what_was_lost_comes_back(lake, inputs, tables, how):
    if how == "compacted":
        run_compact(lake)
    expected = contents(lake)
    lose(lake, *tables, every=how != "one part")
    status, findings = doctor(lake)
    assert status == 1 and all("--mend" in finding["advice"] for finding in findings)
    status, findings = doctor(lake, "--mend")
    assert (status, findings) == (0, [])
    take_in_again(lake, inputs)
    assert contents(lake) == expected
    assert doctor(lake) == (0, [])


def test_a_part_that_is_damaged_in_any_way_is_mended_too(lake, inputs):
    expected = contents(lake)
    rng = random.Random(5)
    for table in ("articles", "texts", "passages"):
        for part, how in zip(open_snapshot(lake).parts[table], ("cut", "bit", "empty", "other"), strict=False):
            path = lake / part.path
            data = bytearray(path.read_bytes())
            data[rng.randrange(len(data))] ^= 4
            path.write_bytes({"cut": data[:-7], "bit": data, "empty": b"", "other": b"PAR1 and no more PAR1"}[how])
    assert doctor(lake)[0] == 1 and doctor(lake, "--mend") == (0, [])
    take_in_again(lake, inputs)
    assert contents(lake) == expected


@pytest.mark.parametrize("command", ["compact", "reindex"])
def test_what_a_damaged_part_says_never_becomes_true(lake, inputs, whole, command):
    """It can be read, so only its bytes tell."""
    paths = [lake / part.path for part in open_snapshot(lake).parts["texts"]]
    path = max(paths, key=lambda path: [each.parent for each in paths].count(path.parent))
    rows = pq.read_table(path)
    wrong = pa.array(["Not what was committed."] * len(rows))
    pq.write_table(rows.set_column(rows.column_names.index("text"), "text", wrong), path)
    done = wirecopy(command, "--lake", lake)
    assert done.exit_code == 1 and path.name in done.stderr and "wirecopy doctor" in done.stderr
    assert open_snapshot(lake).number == open_snapshot(whole).number
    assert doctor(lake)[0] == 1
    assert doctor(lake, "--mend")[0] == 0
    take_in_again(lake, inputs)
    assert wirecopy(command, "--lake", lake).exit_code == 0
    assert contents(lake) == contents(whole)


def test_what_stays_is_consistent_before_anything_is_taken_in_again(lake):
    lose(lake, "texts", every=False)
    articles = open_snapshot(lake).rows("articles")
    assert doctor(lake, "--mend") == (0, [])
    assert 0 < query(lake, "SELECT count(*) FROM articles")[0][0] < articles
    ends = "SELECT count(*) FROM {} p ANTI JOIN articles a ON a.article_id = p.{}"
    for table, side in (
        ("plain_pairs", "src_article_id"),
        ("plain_pairs", "dst_article_id"),
        ("members", "article_id"),
    ):
        assert query(lake, ends.format(table, side)) == [(0,)]
    assert query(lake, "SELECT count(*) FROM articles JOIN texts USING (article_id)") == query(
        lake, "SELECT count(*) FROM articles"
    )


def test_mending_a_lake_that_is_whole_makes_no_commit(lake):
    number = open_snapshot(lake).number
    shown = wirecopy("doctor", "--lake", lake, "--mend")
    assert shown.exit_code == 0 and "nothing was to be mended" in shown.stderr
    assert open_snapshot(lake).number == number
    lose(lake, "pairs")
    assert wirecopy("doctor", "--lake", lake, "--mend").exit_code == 0
    number = open_snapshot(lake).number
    assert wirecopy("doctor", "--lake", lake, "--mend").exit_code == 0
    assert open_snapshot(lake).number == number


@pytest.mark.timeout(900)
def test_killed_at_any_step_and_run_again_it_mends_the_same(lake, inputs, tmp_path):
    expected = contents(lake)
    lose(lake, "texts", every=False)
    lose(lake, "passages", "rejects")
    steps = 0
    while True:
        hurt = Path(shutil.copytree(lake, tmp_path / f"lake{steps}"))
        child = os.fork()
        if child == 0:
            die_at(steps, "fsync", "link", "replace", "rename", "unlink")
            run_mend(hurt, None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert doctor(hurt, "--mend")[0] == 0, f"killed at step {steps}"
        take_in_again(hurt, inputs)
        assert contents(hurt) == expected, f"killed at step {steps}"
        shutil.rmtree(hurt)
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        steps += 1 + steps // 4
    assert steps > 20


def forget_newest(lake, hint):
    number = open_snapshot(lake).number
    (lake / "_commits" / f"{number:08d}.json").unlink()
    if not hint:
        (lake / "_commits" / "LATEST").unlink()
    return number


@pytest.mark.parametrize("hint", [True, False])
def test_a_lake_that_lost_its_newest_commit_is_told_and_nothing_of_it_is_deleted(lake, hint):
    backup = (lake / "_commits" / "00000004.json").read_bytes()
    expected = contents(lake)
    before = sorted(lake.rglob("*.parquet"))
    assert forget_newest(lake, hint) == 4
    status, findings = doctor(lake)
    assert status == 1 and findings[0]["grave"] and "commit 4" in findings[0]["what"]
    assert not any("compact deletes" in finding["advice"] for finding in findings)
    for arguments in (["compact", "--grace", "0s"], ["doctor", "--mend"]):
        shown = wirecopy(*arguments, "--lake", lake)
        assert shown.exit_code == 1 and "commit 4" in shown.stderr
    assert sorted(lake.rglob("*.parquet")) == before
    (lake / "_commits" / "00000004.json").write_bytes(backup)
    assert doctor(lake) == (0, []) and contents(lake) == expected


def test_parts_of_a_lost_commit_stay_even_when_its_number_is_taken_again(lake, tmp_path):
    lost = [lake / part.path for parts in read_commit(lake, 4).added.values() for part in parts]
    forget_newest(lake, hint=False)
    commit(lake, write_jsonl(tmp_path / "x.jsonl", [{"id": "x", "text": "The ferry was late again. " * 9}]))
    assert open_snapshot(lake).number == 4
    status, findings = doctor(lake)
    assert status == 1 and not any("compact deletes" in finding["advice"] for finding in findings)
    assert wirecopy("compact", "--grace", "0s", "--lake", lake).exit_code == 1
    assert all(path.exists() for path in lost)


@pytest.mark.parametrize("gone", ["newest", "middle", "damaged"])
def test_the_older_state_can_be_gone_on_from_where_the_user_says_so(lake, inputs, gone):
    expected = contents(lake)
    path = lake / "_commits" / ("00000004.json" if gone == "newest" else "00000002.json")
    whole = 3 if gone == "newest" else 1
    if gone == "damaged":
        path.write_bytes(path.read_bytes().replace(b'"rows": ', b'"rows": 1', 1))
    else:
        path.unlink()
    status, findings = doctor(lake)
    assert status == 1 and f"--mend --back-to {whole}" in findings[0]["advice"]
    shown = wirecopy("doctor", "--lake", lake, "--mend", "--back-to", whole + 1 if gone == "newest" else 3)
    assert shown.exit_code == 1 and f"is {whole}, not" in shown.stderr
    assert doctor(lake, "--mend", "--back-to", str(whole)) == (0, [])
    take_in_again(lake, inputs)
    assert contents(lake) == expected and doctor(lake) == (0, [])
    assert wirecopy("compact", "--grace", "0s", "--lake", lake).exit_code == 0
    assert contents(lake) == expected
    live = {part.path for parts in open_snapshot(lake).parts.values() for part in parts}
    assert {path.relative_to(lake).as_posix() for path in lake.rglob("*.parquet")} == live


@pytest.mark.timeout(900)
def test_killed_while_going_back_it_goes_on(lake, inputs, tmp_path):
    expected = contents(lake)
    (lake / "_commits" / "00000002.json").write_text("{}")
    steps = 0
    while True:
        hurt = Path(shutil.copytree(lake, tmp_path / f"lake{steps}"))
        child = os.fork()
        if child == 0:
            die_at(steps, "fsync", "link", "replace", "rename", "unlink")
            run_mend(hurt, 1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        _, findings = doctor(hurt)
        if any(finding["grave"] for finding in findings):
            again = findings[0]["advice"].partition("--back-to ")[2].split()[0]
            assert doctor(hurt, "--mend", "--back-to", again) == (0, []), f"killed at step {steps}"
        take_in_again(hurt, inputs)
        assert contents(hurt) == expected, f"killed at step {steps}"
        shutil.rmtree(hurt)
        if os.WIFEXITED(status):
            break
        steps += 1 + steps // 4
    assert steps > 10


def test_a_commit_from_someone_else_that_names_a_file_outside_is_refused(lake, tmp_path):
    path = lake / "_commits" / "00000004.json"
    record = json.loads(path.read_bytes())
    record["added"]["texts"][0]["path"] = "../../secret.parquet"
    path.write_text(json.dumps({name: one for name, one in record.items() if name not in ("checksum", "parent")}))
    for arguments in (["compact"], ["doctor"], ["ingest", SEEDS[0]], ["reindex"]):
        shown = wirecopy(*arguments, "--lake", lake)
        assert shown.exit_code == 1 and "00000004.json" in shown.stderr and "Traceback" not in shown.stderr


def test_rows_that_no_input_gives_back_are_told(lake):
    lose(lake, "runs")
    _, findings = doctor(lake)
    assert any("no input gives back the rows of runs" in finding["what"] for finding in findings)


def test_what_a_monitor_took_in_comes_back_from_its_spool_with_the_next_round(tmp_path):
    lake, clock = tmp_path / "lake", ScriptedClock()
    polls = "SELECT feed_url, polled_at, outcome FROM polls ORDER BY ALL"
    entries = "SELECT entry_id, seen_at, change, outcome FROM entries ORDER BY ALL"
    with serving() as outlets:
        for n in range(3):
            outlets.put(f"/story/{n}", page(f"Story number {n}", story(n)))
            item = {"title": f"Story number {n}", "link": outlets.url(f"/story/{n}"), "date": date(START)}
            outlets.put("/feed", rss([item]))
            clock.at += 86_400 * SECOND
            assert watch_once(lake, outlets.url("/feed"), clock=clock).articles == 1
        expected = [query(lake, sql) for sql in (ARTICLES, polls, entries)]
        feed = query(lake, "SELECT feed_url, title, state FROM feeds")
        lose(lake, "articles", every=False)
        assert doctor(lake, "--mend") == (0, [])
        assert query(lake, "SELECT count(*) FROM articles") == [(2,)]
        clock.at += SECOND
        watch_once(lake, outlets.url("/feed"), clock=clock)
        after = [query(lake, sql) for sql in (ARTICLES, polls, entries)]
    assert after[0] == expected[0] and after[2] == expected[2]
    assert [row for row in after[1] if row in expected[1]] == expected[1] and len(after[1]) <= len(expected[1]) + 1
    assert query(lake, "SELECT feed_url, title, state FROM feeds") == feed


def test_a_lost_commit_that_a_checkpoint_stands_for_can_be_given_up_without_losing_a_row(lake, monkeypatch):
    monkeypatch.setattr(commits, "CHECKPOINT_EVERY", 2)
    expected = contents(lake)
    commits.write_checkpoint(open_snapshot(lake, 2))
    (lake / "_commits" / "00000001.json").unlink()
    status, findings = doctor(lake)
    assert status == 1 and "00000001.json is missing" in findings[0]["what"]
    assert wirecopy("compact", "--lake", lake).exit_code == 1
    assert doctor(lake, "--mend", "--back-to", "4") == (0, [])
    assert wirecopy("compact", "--lake", lake).exit_code == 0
    assert doctor(lake)[0] != 1 and contents(lake) == expected
