"""A lake that ages: old commits are packed and expire, runs of the ledger are merged, nothing that counts is lost."""

import datetime as dt
import itertools
import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import die_at
from lakes import SEEDS, commit, contents, ingest, write_jsonl
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.compact import run_compact
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.transforms.index.runs import tidy
from wirecopy.transforms.lake import commits, history, ledger
from wirecopy.transforms.lake.commits import (
    Commit,
    Part,
    broken_commits,
    checkpoint_numbers,
    commit_identity,
    commit_numbers,
    open_snapshot,
    read_commit,
    write_commit,
)
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.maintenance.expire import expire

UNITS = st.sets(st.integers(0, 40), max_size=5)
OLD = dt.datetime(2022, 2, 14, tzinfo=dt.UTC)


def unit(number):
    return f"{number:032x}"


@pytest.fixture(autouse=True)
def quick_to_age(monkeypatch):
    """Packs of 4 commits, 6 of which stay loose, and a checkpoint each 4."""
    for module, name, value in (
        *((history, "PACKED", 4), (history, "LOOSE", 6)),
        *((commits, "CHECKPOINT_EVERY", 4), (commits, "SPARSE", 4), (ledger, "UNNAMED_S", -1.0)),
    ):
        monkeypatch.setattr(module, name, value)


def add(root, number, at=OLD, reopened=()):
    staging = root / "_staging" / ("0" * 32)
    staging.mkdir(parents=True, exist_ok=True)
    (root / "_commits").mkdir(exist_ok=True)
    part = Part(f"rejects/part-{number}.parquet", number, 1)
    removed = {"rejects": (f"rejects/part-{number - 2}.parquet",)} if number % 5 == 0 else {}
    one = Commit(
        *(number, number - 1, "0" * 32, at.isoformat(), (unit(number),), {"rejects": (part,)}),
        removed=removed,
        reopened=tuple(map(unit, reopened)),
    )
    return write_commit(root, staging, one)


def lake_of(root, n, at=OLD):
    for number in range(1, n + 1):
        assert add(root, number, at)
    return root


def told(root, at=None):
    snapshot = open_snapshot(root, at)
    return snapshot.number, set(snapshot.parts["rejects"]), snapshot.units.all(), snapshot.identity


def test_packed_commits_say_what_they_said_and_earlier_ones_can_be_opened(tmp_path):
    identities, states = {}, {}
    for number in range(1, 31):
        add(tmp_path, number)
        identities[number] = commit_identity(tmp_path, number)
        states[number] = told(tmp_path)
    assert len(history.packs(tmp_path)) >= 5 and len(history.loose_numbers(tmp_path)) < 12
    assert commit_numbers(tmp_path) == list(range(1, 31)) and not broken_commits(tmp_path)
    for number in range(1, 31):
        assert commit_identity(tmp_path, number) == identities[number]
        assert read_commit(tmp_path, number).units == (unit(number),)
        assert told(tmp_path, number) == states[number]


def test_few_checkpoints_and_runs_stay(tmp_path):
    lake_of(tmp_path, 70)
    assert checkpoint_numbers(tmp_path) == [16, 32, 48, 64, 68]
    named = {run.path for base in checkpoint_numbers(tmp_path) for run in open_snapshot(tmp_path, base).units.runs}
    there = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / ledger.FOLDER).iterdir()}
    assert named <= there and len(there) < 16
    assert len(open_snapshot(tmp_path).units.runs) < 4


def test_a_writer_that_slept_does_not_take_a_number_that_was_packed_or_has_expired(tmp_path):
    lake_of(tmp_path, 30)
    before = told(tmp_path)
    for number in (2, 3, 4, 5, 17, 30):
        assert not add(tmp_path, number)
    expire_all(tmp_path)
    for number in (2, 3, 4, 5, 17, 30):
        assert not add(tmp_path, number)
    assert told(tmp_path)[1:3] == before[1:3] and not broken_commits(tmp_path)


def test_programs_that_know_no_packs_see_a_newer_format_first(tmp_path):
    """They begin with commit 1, and say that wirecopy is to be upgraded where its format is greater than theirs."""
    lake_of(tmp_path, 20)
    assert json.loads((tmp_path / "_commits" / "00000001.json").read_bytes())["format"] == commits.FORMAT


def expire_all(root):
    options = WaveOptions(root, new_run("compact"))
    with join(options.staging):
        return expire(root, options.staging, options.run)


def test_commits_expire_after_thirty_days_and_the_lake_says_what_it_said(tmp_path):
    lake_of(tmp_path, 30)
    for number in range(31, 41):
        add(tmp_path, number, dt.datetime.now(dt.UTC))
    before = told(tmp_path)
    done = expire_all(tmp_path)
    assert done is not None and done.expired == 16
    assert told(tmp_path)[1:3] == (before[1] | set(), before[2])
    assert min(commit_numbers(tmp_path)) in range(13, 17) and not broken_commits(tmp_path)
    assert told(tmp_path, 16)[2] == {unit(n) for n in range(1, 17)}
    for gone in (1, 7, 12):
        with pytest.raises(LakeError, match="keeps its commits from 16 on"):
            open_snapshot(tmp_path, gone)
    assert expire_all(tmp_path) is None
    for number in range(42, 60):
        add(tmp_path, number, dt.datetime.now(dt.UTC))
    assert open_snapshot(tmp_path).expired == 16 and unit(3) in open_snapshot(tmp_path).units


def test_killed_at_any_step_of_ageing_it_is_whole(tmp_path):
    """Commit 40 is followed by a checkpoint, by thinning out and by a pack; then commits expire."""
    made = lake_of(tmp_path / "made", 39)
    expected = [told(made)]
    steps = 0
    while True:
        root = Path(shutil.copytree(made, tmp_path / f"lake{steps}"))
        child = os.fork()
        if child == 0:
            die_at(steps, "fsync", "link", "replace", "rename", "unlink")
            add(root, 40)
            expire_all(root)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        found = told(root)
        assert expected[0][2] <= found[2] <= expected[0][2] | {unit(40)}, f"killed at step {steps}"
        assert not broken_commits(root), f"killed at step {steps}"
        number = open_snapshot(root).number
        if number < 40:
            assert add(root, 40)
        expire_all(root)
        assert told(root)[2] == expected[0][2] | {unit(40)} and open_snapshot(root).expired in (32, 36)
        assert min(commit_numbers(root)) > 28 and checkpoint_numbers(root)[0] == open_snapshot(root).expired
        shutil.rmtree(root)
        if os.WIFEXITED(status):
            break
        steps += 1 + steps // 3
    assert steps > 20


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sets(st.integers(0, 40), max_size=6), st.sets(st.integers(0, 40), max_size=2), st.booleans()))
)
def test_the_ledger_is_a_set_however_often_it_is_written(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("lake")
    book, expected = ledger.Ledger(root), set()
    for number, (units, reopened, settle) in enumerate(steps, 1):
        book = ledger.advanced(book, [(number, map(unit, units), map(unit, reopened))])
        expected = (expected | units) - reopened
        book = ledger.settled(book) if settle else book
    assert book.all() == {unit(one) for one in expected}
    assert book.known(map(unit, range(41))) == book.all()
    assert len(book.runs) < 4 or sum(run.rows for run in book.runs) > 256
    assert all(unit(one) in book for one in expected) and unit(99) not in book and "" not in [*expected]


def test_units_are_found_by_the_commits_that_are_done_with_them(tmp_path):
    lake_of(tmp_path, 22)
    book = open_snapshot(tmp_path).units
    for first, last in itertools.product((1, 5, 18, 22), repeat=2):
        assert book.of_commits(first, last) == {unit(n) for n in range(first, last + 1)}


def wirecopy(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def doctor(lake, *more):
    shown = wirecopy("doctor", "--lake", lake, "--json", *more)
    return shown.exit_code, json.loads(shown.stdout or "[]"), shown.stderr


@pytest.fixture(scope="module")
def aged(tmp_path_factory):
    """A lake whose first commits are packed and have expired, and files that give no row. Not to be written to."""
    folder = tmp_path_factory.mktemp("aged")
    lake, patch = folder / "lake", pytest.MonkeyPatch()
    for module, name, value in ((history, "PACKED", 4), (history, "LOOSE", 6), (commits, "CHECKPOINT_EVERY", 4)):
        patch.setattr(module, name, value)
    patch.setattr(commits, "SPARSE", 4)
    for n in range(13):
        text = f"{SEEDS[n % 2].read_text()} Number {n} of them."
        commit(lake, write_jsonl(folder / f"{n}.jsonl", [{"id": f"{n}", "text": text, "date": "2022-02-01T08:00:00Z"}]))
    yield folder
    patch.undo()


@pytest.fixture
def lake(aged, tmp_path):
    tidy(aged / "lake", wait=True)  # else files of a merge beside the commits come and go while they are copied
    return Path(shutil.copytree(aged / "lake", tmp_path / "lake"))


@pytest.mark.parametrize("harm", ["missing", "flipped", "cut"])
@pytest.mark.parametrize("expired", [False, True], ids=["all commits there", "commits expired"])
def test_a_run_of_the_ledger_that_is_lost_is_told_and_made_anew(lake, aged, harm, expired):
    if expired:
        run_compact(lake, dt.timedelta(0), dt.timedelta(0))
        assert open_snapshot(lake).expired > 1
    expected, units = contents(lake), open_snapshot(lake).units.all()
    for run in open_snapshot(lake).units.runs:
        path = lake / run.path
        data = bytearray(path.read_bytes())
        data[30] ^= 1
        if harm == "missing":
            path.unlink()
        else:
            path.write_bytes(data if harm == "flipped" else data[:-9])
    ledger._read.cache_clear()
    status, findings, _ = doctor(lake)
    assert status == 1 and "ledger" in findings[0]["what"] and "--mend" in findings[0]["advice"]
    refused = wirecopy("ingest", aged / "0.jsonl", "--lake", lake)
    assert refused.exit_code == 1 and "run wirecopy doctor" in refused.stderr
    status, findings, said = doctor(lake, "--mend")
    assert (status, findings) == (0, []) and "ledger" in said
    assert open_snapshot(lake).units.all() == units and contents(lake) == expected
    ingest(lake, *sorted(aged.glob("*.jsonl")))
    assert contents(lake) == expected


def test_a_checkpoint_that_is_damaged_is_deleted_by_mending(lake):
    for base in checkpoint_numbers(lake):
        (lake / "_commits" / f"{base:08d}.checkpoint.json").write_bytes(b"{}")
    expected = contents(lake)
    status, findings, _ = doctor(lake)
    assert status == 3 and all("--mend" in finding["advice"] for finding in findings)
    assert doctor(lake, "--mend")[:2] == (0, []) and contents(lake) == expected


def test_a_damaged_pack_that_a_checkpoint_stands_for_is_given_up_and_no_row_is_lost(lake):
    _, path = history.packs(lake)[0]
    path.write_bytes(path.read_bytes()[:-20])
    expected = contents(lake)
    status, findings, _ = doctor(lake)
    assert status == 1 and path.name in findings[0]["what"] and "no row is lost" in findings[0]["advice"]
    status, findings, said = doctor(lake, "--mend")
    assert (status, findings) == (0, []) and "gives up 1, 2, 3, 4" in said
    assert contents(lake) == expected and wirecopy("compact", "--lake", lake).exit_code == 0


def test_mending_says_which_commit_is_to_be_given_up_where_later_ones_depend_on_it(lake):
    newest = open_snapshot(lake).number
    (lake / "_commits" / f"{newest - 1:08d}.json").write_bytes(b"{}")
    for base in checkpoint_numbers(lake)[-1:]:
        (lake / "_commits" / f"{base:08d}.checkpoint.json").unlink()
    shown = wirecopy("doctor", "--lake", lake, "--mend")
    assert shown.exit_code == 1 and f"--back-to {newest - 2}" in shown.stderr
