"""A compacted lake says what it said before, in fewer parts, whoever reads it, writes to it or kills it meanwhile."""

import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from killing import die_at
from lakes import SEEDS, commit, contents, query, write_jsonl
from made_texts import edit, sample

from wirecopy.pipelines.compact import run_compact
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.index.runs import open_index, reindex
from wirecopy.transforms.lake import parts as parts_module
from wirecopy.transforms.lake.commits import open_snapshot, read_commit
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.maintenance import compact as module
from wirecopy.transforms.maintenance.vacuum import unnamed

NOW = dt.timedelta(0)


def records(n, seed=1):
    """Records of three months and of none; every other one is a copy of the one before."""
    rng = random.Random(seed)
    words = sample("en", 200, rng)
    for i in range(n):
        words = edit(words, 0.02, "en", rng) if i % 2 else sample("en", 200, rng)
        at = {} if i % 7 == 0 else {"published_at": f"2022-0{1 + i % 3}-{1 + i % 28:02d}T{i % 24:02d}:00:00Z"}
        yield {"url": f"https://outlet{i % 5}.example/{seed}/{i}", "text": " ".join(words) + "."} | at


@pytest.fixture(scope="module")
def commits_of_many(tmp_path_factory):
    """A lake of twelve commits; the last ones tell better of articles of the first."""
    place = tmp_path_factory.mktemp("many")
    all_of_them = list(records(60))
    for i in range(11):
        commit(place / "lake", write_jsonl(place / f"{i}.jsonl", all_of_them[i::11]))
    seen_again = [record | {"published_at": "2021-12-31T00:00:00Z"} for record in all_of_them[:30:3]]
    commit(place / "lake", write_jsonl(place / "again.jsonl", seen_again))
    return place / "lake"


@pytest.fixture
def many(commits_of_many, tmp_path):
    shutil.copytree(commits_of_many, tmp_path / "lake")
    return tmp_path / "lake"


def live(lake):
    return {part.path for parts in open_snapshot(lake).parts.values() for part in parts}


def on_disk(lake):
    return {path.relative_to(lake).as_posix() for table in TABLES for path in (lake / table).rglob("*.parquet")}


def compact_beyond(lake, most):
    options = WaveOptions(lake, new_run("compact"))
    with join(options.staging):
        module.compact(lake, options.staging, options.run, most)


def test_each_month_is_one_sorted_part_that_says_the_same(many):
    before = contents(many)
    done = run_compact(many, NOW)
    assert contents(many) == before
    parts = open_snapshot(many).parts
    assert done.merged > 100
    for table in TABLES.values():
        folders = [Path(part.path).parent for part in parts[table.name] if table.name != "runs"]
        assert len(folders) == len(set(folders))
    for part in parts["articles"]:
        file = pq.ParquetFile(many / part.path)
        assert file.metadata.num_row_groups == 1
        keys = file.read(columns=["event_at", "article_id"]).to_pylist()
        assert keys == sorted(keys, key=lambda row: (row["event_at"] is None, row["event_at"], row["article_id"]))
    assert on_disk(many) == live(many)
    assert run_compact(many, NOW).deleted == 0


def test_a_merged_part_is_the_one_that_a_single_run_writes(tmp_path):
    """Types, order, row groups, dictionaries: byte by byte, whichever engine sorted it."""
    rows = list(records(40))
    for i in range(4):
        commit(tmp_path / "four", write_jsonl(tmp_path / f"{i}.jsonl", rows[i::4]))
    commit(tmp_path / "one", *(tmp_path / f"{i}.jsonl" for i in range(4)))
    run_compact(tmp_path / "four", NOW)
    for table in ("texts", "pairs", "passages"):
        hashes = [
            sorted(part.path.rpartition("-")[2] for part in open_snapshot(tmp_path / lake).parts[table])
            for lake in ("one", "four")
        ]
        assert hashes[0] == hashes[1], table


def test_superseded_rows_are_dropped(many):
    def stored(table):
        return open_snapshot(many).rows(table)

    assert stored("members") > query(many, "SELECT count(*) FROM members")[0][0]
    run_compact(many, NOW)
    for table in ("clusters", "members"):
        assert stored(table) == query(many, f"SELECT count(*) FROM {table}")[0][0]


def test_a_part_is_cut_when_it_is_large(many, monkeypatch):
    before = contents(many)
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    for name in ("texts", "articles"):
        monkeypatch.setitem(TABLES, name, TABLES[name].__class__(**vars(TABLES[name]) | {"row_group": 4}))
    run_compact(many, NOW)
    snapshot = open_snapshot(many)
    merged = read_commit(many, snapshot.number).rewritten["texts"]
    assert len(merged) > 10 and max(part.rows for part in merged) == 4
    assert snapshot.rows("texts") == 60
    assert contents(many) == before


def test_parts_of_a_size_are_merged_where_there_are_too_many(many):
    before = contents(many)
    n_parts = len(open_snapshot(many).parts["runs"])
    compact_beyond(many, n_parts)
    assert len(open_snapshot(many).parts["runs"]) == n_parts
    compact_beyond(many, n_parts - 2)
    assert len(open_snapshot(many).parts["runs"]) == 2
    assert contents(many) == before


def test_an_open_catalog_and_an_older_commit_can_be_read_until_the_grace_period_ends(many):
    was = open_snapshot(many)
    texts = TABLES["texts"].schema
    rows = read_parts(many, was.parts["texts"], texts)
    kept = run_compact(many)
    assert kept.deleted == 0
    as_of_then = open_snapshot(many, was.number)
    assert as_of_then.parts == was.parts
    assert read_parts(many, as_of_then.parts["texts"], texts).equals(rows)
    assert run_compact(many, NOW).deleted > 100
    assert on_disk(many) == live(many)


@pytest.mark.parametrize("run", ["run", f"run/{'a' * 32}"])
def test_parts_of_a_run_that_has_not_committed_yet_are_never_deleted(many, run):
    """They lie in the run's folder, or in one of a commit in it."""
    stray = many / "texts" / "month=2022-01" / "part-run-0.parquet"
    stray.write_bytes(b"PAR1")
    staged = many / "_staging" / run / "parts" / "texts" / "month=2022-01"
    staged.mkdir(parents=True)
    os.link(stray, staged / stray.name)
    assert stray not in unnamed(many, dt.datetime.now(dt.UTC))
    (staged / stray.name).unlink()
    assert stray in unnamed(many, dt.datetime.now(dt.UTC))


def test_the_index_only_moves_its_mark(many):
    before = open_index(open_snapshot(many))
    run_compact(many, NOW)
    after = open_index(open_snapshot(many))
    assert after.commit == open_snapshot(many).number > before.commit
    assert [run.name for run in after.runs] == [run.name for run in before.runs]


def test_an_index_that_is_behind_what_was_vacuumed_is_built_anew(many, tmp_path):
    extra = write_jsonl(tmp_path / "extra.jsonl", records(10, seed=2))
    shutil.copytree(many, tmp_path / "whole")
    commit(tmp_path / "whole", extra)
    reindex(open_snapshot(many, 3))
    shutil.copytree(many / "index", tmp_path / "index")
    run_compact(many, NOW)
    shutil.rmtree(many / "index")
    shutil.copytree(tmp_path / "index", many / "index")
    commit(many, extra)
    assert contents(many) == contents(tmp_path / "whole")


def test_beside_a_process_that_writes_nothing_is_lost(many, tmp_path):
    files = [write_jsonl(tmp_path / f"{i}.jsonl", records(8, seed=10 + i)) for i in range(3)]
    write = f"""
import sys
from pathlib import Path
sys.path[:0] = {sys.path!r}
from lakes import commit
for line in sys.stdin:
    commit({str(many)!r}, line.strip())
"""
    shutil.copytree(many, tmp_path / "alone")
    with subprocess.Popen([sys.executable, "-c", write], stdin=subprocess.PIPE, text=True) as writer:
        for file in files:
            writer.stdin.write(f"{file}\n")
            writer.stdin.flush()
            run_compact(many, dt.timedelta(minutes=1))
        writer.stdin.close()
        while writer.poll() is None:
            run_compact(many, dt.timedelta(minutes=1))
    assert writer.returncode == 0
    run_compact(many, NOW)
    commit(tmp_path / "alone", *files)
    assert contents(many) == contents(tmp_path / "alone")
    assert on_disk(many) == live(many)


def test_a_number_that_is_taken_costs_only_what_the_other_rewrote(many, monkeypatch, tmp_path):
    """Another commit, one that removes a part that is being merged, comes in just before the first attempt."""
    again = write_jsonl(tmp_path / "x.jsonl", [next(iter(records(60))) | {"published_at": "2021-12-30T00:00:00Z"}])
    attempt = module.attempt
    left = [lambda: commit(many, again)]

    def late(*args):
        if left:
            left.pop()()
        return attempt(*args)

    shutil.copytree(many, tmp_path / "alone")
    commit(tmp_path / "alone", again)
    monkeypatch.setattr(module, "attempt", late)
    run_compact(many, NOW)
    assert not left
    assert contents(many) == contents(tmp_path / "alone")
    last = read_commit(many, open_snapshot(many).number)
    assert "pairs" in last.removed


def test_killed_at_any_step_and_run_again_gives_the_same_lake(tmp_path):
    whole = tmp_path / "whole"
    for seed in SEEDS[1:4]:
        commit(whole, seed)
    expected = contents(whole)
    steps = 0
    while True:
        lake = tmp_path / f"lake{steps}"
        shutil.copytree(whole, lake)
        child = os.fork()
        if child == 0:
            die_at(steps, *("fsync", "link", "replace", "rename", "unlink"))
            run_compact(lake, NOW)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert contents(lake) == expected, f"killed at step {steps}"
        run_compact(lake, NOW)
        assert contents(lake) == expected, f"killed at step {steps} and run again"
        assert on_disk(lake) == live(lake)
        assert not list((lake / "_staging").iterdir())
        shutil.rmtree(lake)
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        steps += 1 + steps // 8
    assert steps > 20
