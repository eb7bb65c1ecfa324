"""A settled lake is a function of its articles alone, however many of them hold one text and however they came."""

import itertools
import os
import random
import shutil
import signal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from killing import die_at
from lakes import commit, contents, query, write_jsonl
from made_texts import edit, sample

from wirecopy.pipelines.compact import run_compact
from wirecopy.transforms.index.runs import indexed_commit, open_index, reindex
from wirecopy.transforms.lake.commits import open_snapshot, read_commit
from wirecopy.transforms.maintenance import settle as module
from wirecopy.transforms.maintenance.doctor import examine
from wirecopy.transforms.matching import crowding


@pytest.fixture(scope="module", autouse=True)
def few_holders():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowding, "K", 3)
        yield


def stories(seed):
    """30 articles of which up to ten hold the same stock passage, or print the same story."""
    rng = random.Random(seed)
    stock = [sample("en", 70, rng) for _ in range(3)]
    printed = [sample("en", 150, rng) for _ in range(2)]
    for i in range(30):
        words = edit(printed[i % 2], rng.choice([0, 0, 0.03]), "en", rng) if i % 3 == 0 else sample("en", 100, rng)
        for passage in rng.sample(stock, rng.randrange(3)) if i % 3 else ():
            words[50:50] = edit(passage, rng.choice([0, 0.05]), "en", rng)
        at = {"published_at": f"2022-02-{rng.randrange(1, 20):02d}T00:00:00Z"} if i % 5 else {}
        yield {"url": f"https://outlet{i % 7}.example/{i}", "text": " ".join(words) + "."} | at


def found(lake):
    """All that a lake says of its articles, less which unit each was read from."""
    return {table: rows for table, rows in contents(lake).items() if table != "articles"}


def ingest_in_pieces(lake, records, cuts, place):
    bounds = [0, *sorted(cuts), len(records)]
    for n, (a, b) in enumerate(itertools.pairwise(bounds)):
        if a < b:
            commit(lake, write_jsonl(place / f"{n}.jsonl", records[a:b]))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), st.randoms(use_true_random=False), st.sets(st.integers(1, 29), min_size=1, max_size=5))
def test_settled_lakes_are_the_same_whatever_the_order_and_batching(tmp_path_factory, seed, rng, cuts):
    place = tmp_path_factory.mktemp("settle")
    records = list(stories(seed))
    commit(place / "one", write_jsonl(place / "all.jsonl", records))
    rng.shuffle(records)
    ingest_in_pieces(place / "pieces", records, cuts, place)
    for lake in ("one", "pieces"):
        run_compact(place / lake)
    assert found(place / "pieces") == found(place / "one")
    reindex(open_snapshot(place / "pieces"))
    more = write_jsonl(place / "more.jsonl", list(stories(seed + 10)))
    for lake in ("one", "pieces"):
        commit(place / lake, more)
    assert found(place / "pieces") == found(place / "one")


@pytest.fixture(scope="module")
def unsettled(tmp_path_factory):
    """A lake of three commits whose articles came in some other order than that of events, and the same settled."""
    place = tmp_path_factory.mktemp("unsettled")
    records = list(stories(0))
    random.Random(1).shuffle(records)
    ingest_in_pieces(place / "lake", records, [10, 20], place)
    shutil.copytree(place / "lake", place / "settled")
    done = run_compact(place / "settled")
    assert done.retracted > 5
    return place / "lake", place / "settled"


def test_one_run_needs_no_settling(tmp_path):
    """Some of so many ids end in a zero byte, which strings of numpy do not show."""
    short = [
        {"id": f"s{i}", "text": f"Ferry number {i} was late again on Friday, passengers said."} for i in range(600)
    ]
    commit(tmp_path / "lake", write_jsonl(tmp_path / "all.jsonl", [*stories(1), *short]))
    assert any(one.bytes[-1] == 0 for (one,) in query(tmp_path / "lake", "SELECT article_id FROM articles"))
    assert run_compact(tmp_path / "lake").retracted == 0
    assert query(tmp_path / "lake", "SELECT count(*) FROM pairs")[0][0] > 20


def test_a_lake_that_was_just_settled_has_nothing_amiss(unsettled):
    _, settled = unsettled
    assert indexed_commit(open_snapshot(settled)) == open_snapshot(settled).number
    assert list(examine(settled)) == []


def test_settling_twice_changes_nothing(unsettled):
    _, settled = unsettled
    number = open_snapshot(settled).number
    assert run_compact(settled).retracted == 0
    assert open_snapshot(settled).number == number
    (settled / "index" / "SETTLED.json").unlink()
    assert run_compact(settled).retracted == 0


def test_the_index_finds_the_pairs_of_the_tables(unsettled):
    _, settled = unsettled
    snapshot = open_snapshot(settled)

    def found_in(index):
        every = [run.relations["pairs"].rows["src_article_id"] for run in index.runs]
        return {
            (row["src_article_id"], row["dst_article_id"], row["jaccard"])
            for ids in every
            for row in index.find("pairs", ids).to_pylist()
        }

    expected = set(query(settled, "SELECT src_article_id, dst_article_id, jaccard FROM pairs"))
    assert found_in(open_index(snapshot)) == expected
    assert found_in(reindex(snapshot)) == expected


def test_an_index_that_is_behind_follows_a_settled_lake(unsettled, tmp_path):
    lake, _ = unsettled
    shutil.copytree(lake, tmp_path / "lake")
    run_compact(tmp_path / "lake")
    shutil.rmtree(tmp_path / "lake" / "index")
    shutil.copytree(lake / "index", tmp_path / "lake" / "index")
    snapshot = open_snapshot(tmp_path / "lake")
    index = open_index(snapshot)
    assert index.commit == snapshot.number
    assert any(read_commit(snapshot.root, number).retracted for number in range(1, snapshot.number + 1))
    n_pairs = sum(len(run.relations["pairs"].rows) for run in index.runs)
    assert n_pairs == query(snapshot.root, "SELECT count(*) FROM pairs")[0][0]


def test_what_others_commit_while_it_settles_is_kept_and_settled_the_next_time(unsettled, tmp_path, monkeypatch):
    """New stories, and better sightings of articles that are being settled, come in before the first attempt."""
    lake = shutil.copytree(unsettled[0], tmp_path / "lake")
    again = [one | {"published_at": "2022-01-01T00:00:00Z"} for one in list(stories(0))[::4]]
    more = write_jsonl(tmp_path / "more.jsonl", [*again, *({**one, "url": one["url"] + "x"} for one in stories(5))])
    shutil.copytree(lake, tmp_path / "alone")
    commit(tmp_path / "alone", more)
    run_compact(tmp_path / "alone")
    attempt = module.attempt
    left = [lambda: commit(lake, more)]

    def late(*args):
        if left:
            left.pop()()
        return attempt(*args)

    monkeypatch.setattr(module, "attempt", late)
    assert run_compact(lake).retracted
    assert not left
    run_compact(lake)
    assert found(lake) == found(tmp_path / "alone")


def test_killed_at_any_step_and_run_again_gives_the_same_lake(unsettled, tmp_path):
    lake, settled = unsettled
    before, after = contents(lake), contents(settled)
    steps = 0
    while True:
        shutil.copytree(lake, tmp_path / "killed")
        child = os.fork()
        if child == 0:
            die_at(steps, "fsync", "link", "replace", "rename")
            run_compact(tmp_path / "killed")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert contents(tmp_path / "killed") in (before, after), f"killed at step {steps}"
        run_compact(tmp_path / "killed")
        assert contents(tmp_path / "killed") == after, f"killed at step {steps} and run again"
        shutil.rmtree(tmp_path / "killed")
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        steps += 1 + steps // 4
    assert steps > 30
