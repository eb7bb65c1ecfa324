"""What is forgotten goes, with all that speaks of it, and does not come back whatever is done."""

import json
import shutil
from pathlib import Path

import pytest
from lakes import SEEDS, commit, contents, query, write_jsonl
from outlets import SECOND, START, ScriptedClock, date, page, rss, serving, story, watch_once
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.transforms.index.runs import open_index, tidy
from wirecopy.transforms.lake.commits import open_snapshot, read_commit

STORY = SEEDS[1].read_text(encoding="utf-8")
SECRET = "Ms Zylphia Quandermere was named in it by mistake."


def wirecopy(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def record(outlet, day, ending, **more):
    url = f"https://{outlet}.example/a"
    return {
        "url": url,
        "text": f"{STORY} {ending}",
        "headline": f"As {outlet} has it",
        "date": f"{day}T08:00:00Z",
    } | more


RECORDS = [
    record("one", "2022-02-01", f"The end. {SECRET}"),
    record("one", "2022-02-01", f"The end, corrected. {SECRET}"),
    record("two", "2022-03-01", "And more of it was said on Monday at noon."),
    record("three", "2023-02-01", "Yes."),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Input with an article in two versions, two copies of it, and the lake that it makes. Not to be written to."""
    folder = tmp_path_factory.mktemp("made")
    for n, one in enumerate(RECORDS):
        write_jsonl(folder / f"{n}.jsonl", [one])
        commit(folder / "lake", folder / f"{n}.jsonl")
    return folder


@pytest.fixture
def lake(made, tmp_path):
    tidy(made / "lake", wait=True)  # else files of a merge beside the commits come and go while they are copied
    return Path(shutil.copytree(made / "lake", tmp_path / "lake"))


def without(made, lake, *left):
    """The lake that never had the others."""
    for n in left:
        commit(lake, made / f"{n}.jsonl")
    return contents(lake)


def is_whole(lake):
    shown = wirecopy("doctor", "--lake", lake)
    return shown.exit_code == 0 or shown.stderr


def holds(folder, what):
    """The files that hold some words, whatever they are compressed with."""
    import gzip

    import pyarrow.parquet as pq

    found = []
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            data = json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
        elif path.suffix == ".gz":
            data = gzip.decompress(path.read_bytes())
        else:
            data = path.read_bytes() if path.is_file() else b""
        if what.encode() in data:
            found.append(path.name)
    return found


def test_a_dry_run_says_what_would_go_and_changes_nothing(lake):
    before, number = contents(lake), open_snapshot(lake).number
    shown = wirecopy("forget", "http://one.example/a?utm_source=x", "--lake", lake, "--dry-run", "--json")
    assert shown.exit_code == 0 and "As one has it" in shown.stderr and "nothing is changed" in shown.stderr
    said = json.loads(shown.stdout)
    assert (said["articles"], said["versions"], said["commit"]) == (1, 2, None)
    assert contents(lake) == before and open_snapshot(lake).number == number


def test_an_article_goes_with_all_that_speaks_of_it_and_the_rest_is_as_if_it_had_never_been(lake, made, tmp_path):
    gone = query(lake, "SELECT article_id FROM articles WHERE outlet = 'one.example'")
    shown = wirecopy("forget", "https://one.example/a", "--lake", lake)
    assert shown.exit_code == 0, shown.stderr
    assert contents(lake) == without(made, tmp_path / "never", 2, 3) and is_whole(lake) is True
    number = open_snapshot(lake).number
    assert len(read_commit(lake, number).replaced) == len(gone) == 2
    assert query(lake, "SELECT count(*) FROM forgotten") == [(1,)]
    assert query(lake, "SELECT command FROM runs ORDER BY commit DESC LIMIT 1") == [("forget",)]
    index = open_index(open_snapshot(lake))
    assert sum(map(len, index.segments)) == 2, "the index holds none of it, not even as dead"
    assert wirecopy("compact", "--grace", "0s", "--lake", lake).exit_code == 0
    assert not holds(lake, "Quandermere") and not holds(lake, "one.example")


@pytest.mark.parametrize("how", ["id", "identity", "--outlet", "--before", "both"])
def test_it_is_named_in_several_ways(lake, how):
    [(one, identity)] = query(lake, "SELECT article_id, identity FROM articles WHERE outlet = 'two.example'")
    arguments = {
        "id": [one],
        "identity": [identity.hex],
        "--outlet": ["--outlet", "TWO.example"],
        "--before": ["--before", "2022-12-31"],
        "both": ["--outlet", "two.example", "--before", "2022-12-31"],
    }[how]
    assert wirecopy("forget", *arguments, "--lake", lake).exit_code == 0
    stays = {"three.example"} if how == "--before" else {"one.example", "three.example"}
    assert {outlet for (outlet,) in query(lake, "SELECT outlet FROM articles")} == stays


@pytest.mark.parametrize("arguments", [[], ["x", "--outlet", "y"], ["--before", "soon"], ["https://nobody.example/a"]])
def test_what_names_nothing_is_an_error_and_changes_nothing(lake, arguments):
    number = open_snapshot(lake).number
    shown = wirecopy("forget", *arguments, "--lake", lake)
    assert shown.exit_code in (1, 2) and shown.stderr and open_snapshot(lake).number == number


def test_it_does_not_come_back(lake, made):
    assert wirecopy("forget", "https://one.example/a", "--lake", lake).exit_code == 0
    texts = "SELECT article_id, text FROM articles JOIN texts USING (article_id) ORDER BY 1"
    expected, said = contents(lake), query(lake, texts)
    again = made.parent / "again.jsonl"
    write_jsonl(again, [one | {"note": "the same in another file"} for one in RECORDS])
    shown = wirecopy("ingest", again, "--lake", lake, "--json")
    assert shown.exit_code == 0 and json.loads(shown.stdout)["rejects"] == {"forgotten": 2}
    assert wirecopy("reindex", "--lake", lake).exit_code == 0
    for part in open_snapshot(lake).parts["texts"][:1]:
        (lake / part.path).unlink()
    assert wirecopy("doctor", "--mend", "--lake", lake).exit_code == 0
    assert wirecopy("ingest", *sorted(made.glob("?.jsonl")), again, "--lake", lake).exit_code == 0
    after = contents(lake)
    for told in ("pairs", "passages", "clusters", "members"):
        assert after[told] == expected[told]
    assert query(lake, texts) == said and is_whole(lake) is True
    shown = wirecopy("forget", "https://one.example/a", "--lake", lake)
    assert shown.exit_code == 0 and "before" in shown.stderr


def test_giving_up_the_commit_that_forgot_it_does_not_bring_it_back(lake, made, tmp_path):
    assert wirecopy("forget", "https://one.example/a", "--lake", lake).exit_code == 0
    number = open_snapshot(lake).number
    (lake / "_commits" / f"{number:08d}.json").write_bytes(b"{}")
    shown = wirecopy("doctor", "--mend", "--back-to", number - 1, "--lake", lake)
    assert shown.exit_code == 0 and "forgets again" in shown.stderr
    assert contents(lake) == without(made, tmp_path / "never", 2, 3)


def test_the_monitor_does_not_bring_it_back_and_the_spool_holds_none_of_it(tmp_path):
    lake, clock = tmp_path / "lake", ScriptedClock()
    with serving() as outlets:

        def feed(told):
            items = [
                {"title": f"{told} {n}", "link": outlets.url(f"/story/{n}"), "date": date(START)} for n in range(3)
            ]
            outlets.put("/feed", rss(items))

        for n in range(3):
            outlets.put(f"/story/{n}", page(f"Story number {n}", [*story(n), SECRET] if n == 1 else story(n)))
        feed("Story number")
        assert watch_once(lake, outlets.url("/feed"), clock=clock).articles == 3
        assert holds(lake / "spool", "/story/1") and holds(lake / "spool", "Quandermere")
        [(url,)] = query(lake, "SELECT url FROM articles WHERE url LIKE '%/story/1'")
        shown = wirecopy("forget", url, "--lake", lake)
        assert shown.exit_code == 0 and "spool" in shown.stderr
        assert not holds(lake / "spool", "/story/1") and not holds(lake / "spool", "Quandermere")
        assert query(lake, "SELECT count(*) FROM entries WHERE url LIKE '%/story/1' OR headline LIKE '%1'") == [(0,)]
        feed("Edited")
        clock.at += 86_400 * SECOND
        before = outlets.paths().count("/story/1")
        watch_once(lake, outlets.url("/feed"), clock=clock)
        assert outlets.paths().count("/story/1") == before, "its page is not asked for again"
        assert {one for (one,) in query(lake, "SELECT url FROM articles")}.isdisjoint({url})
        assert not holds(lake / "spool", "/story/1")
        assert query(lake, "SELECT count(*) FROM entries WHERE headline LIKE '%1'") == [(0,)]
    assert is_whole(lake) is True
