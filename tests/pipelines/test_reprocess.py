"""What an older extractor made is extracted again: the lake is then as if the present one had made all of it."""

import json
import os
import shutil
from pathlib import Path

import pytest
from killing import die_at
from lakes import SEEDS, commit, contents, query, write_jsonl
from outlets import START, ScriptedClock, date, page, rss, serving, story, watch_once
from typer.testing import CliRunner

import wirecopy.transforms.extract
from wirecopy.pipelines.cli import app
from wirecopy.pipelines.upkeep import reprocess
from wirecopy.pipelines.upkeep.reprocess import run_reprocess
from wirecopy.transforms.extract import article
from wirecopy.transforms.lake.commits import open_snapshot, read_commit

STORY = SEEDS[1].read_text(encoding="utf-8")


def wirecopy_(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def older(monkeypatch):
    """An older extractor, which lost the last words of each text and all that has the word "bulletin"."""
    whole = article.extract_batch

    def extract_batch(documents, *more):
        cut = [one._replace(content=one.content[:-40]) for one in documents if "bulletin" not in str(one.content)]
        return whole(cut, *more)

    with monkeypatch.context() as patch:
        patch.setattr(article, "RULES", "extract/0")
        patch.setattr(wirecopy.transforms.extract, "extract_batch", extract_batch)
        yield patch


def inputs(folder):
    def record(outlet, day, ending):
        return {"url": f"https://{outlet}.example/a", "text": f"{STORY} {ending}", "date": f"2022-0{day}-01T08:00:00Z"}

    first = [record("one", 2, "The end of it, as it was."), record("two", 3, "And a bulletin said more of it at noon.")]
    other = [record("three", 4, "Three more words than before were said about it.")]
    return [write_jsonl(folder / "a.jsonl", first), write_jsonl(folder / "b.jsonl", other)]


def made(lake, paths):
    for path in paths:
        commit(lake, path)
    return lake


def test_the_lake_is_as_if_the_present_extractor_had_made_it(tmp_path, older):
    paths = inputs(tmp_path)
    lake = made(tmp_path / "lake", paths)
    assert len(query(lake, "FROM articles")) == 2
    older.undo()
    shown = wirecopy_("reprocess", "--lake", lake, "--json")
    assert shown.exit_code == 0, shown.stderr
    said = json.loads(shown.stdout)
    assert (said["units"], said["before"], said["after"], said["missing"]) == (2, 2, 3, {}) and len(
        said["commits"]
    ) == 1
    assert contents(lake) == contents(made(tmp_path / "fresh", paths))
    assert len(read_commit(lake, said["commits"][0]).replaced) == 2
    assert wirecopy_("doctor", "--lake", lake).exit_code == 0
    number = open_snapshot(lake).number
    assert "all was extracted by this version" in wirecopy_("reprocess", "--lake", lake).stderr
    assert wirecopy_("ingest", *paths, "--lake", lake).exit_code == 0 and open_snapshot(lake).number == number


def test_what_cannot_be_found_is_told_and_stays_and_is_found_where_it_is_named(tmp_path, older):
    paths = inputs(tmp_path)
    lake = made(tmp_path / "lake", paths)
    older.undo()
    moved = tmp_path / "moved" / "c.jsonl"
    moved.parent.mkdir()
    paths[1].rename(moved)
    shown = wirecopy_("reprocess", "--lake", lake)
    assert shown.exit_code == 3 and "b.jsonl (1 articles)" in shown.stderr
    assert {rules.split()[0] for (rules,) in query(lake, "SELECT extractor FROM articles")} == {
        "extract/0",
        article.RULES,
    }
    assert wirecopy_("reprocess", moved.parent, "--lake", lake).exit_code == 0
    assert contents(lake) == contents(made(tmp_path / "fresh", [paths[0], moved]))


def test_killed_it_is_whole_and_goes_on(tmp_path, older):
    paths = inputs(tmp_path)
    lake = made(tmp_path / "lake", paths)
    older.undo()
    expected, before = contents(made(tmp_path / "fresh", paths)), contents(lake)
    for step in (3, 12, 24):
        hurt = Path(shutil.copytree(lake, tmp_path / f"lake{step}"))
        child = os.fork()
        if child == 0:
            die_at(step, "fsync", "link", "replace", "rename", "unlink")
            run_reprocess(hurt, (), lambda line: None)
            os._exit(0)
        os.waitpid(child, 0)
        assert wirecopy_("doctor", "--lake", hurt).exit_code in (0, 3)
        assert query(hurt, "FROM texts ORDER BY ALL") in (
            query(lake, "FROM texts ORDER BY ALL"),
            query(tmp_path / "fresh", "FROM texts ORDER BY ALL"),
        )
        run_reprocess(hurt, (), lambda line: None)
        assert contents(hurt) == expected != before, f"killed at step {step}"


def test_the_spool_of_a_monitor_is_read_again_and_its_polls_stay(tmp_path, monkeypatch):
    lake = tmp_path / "lake"
    with serving() as outlets:
        outlets.put("/story/1", page("Story number 1", story(1)))
        item = {"title": "Story number 1", "link": outlets.url("/story/1"), "date": date(START)}
        outlets.put("/feed", rss([item]))
        watch_once(lake, outlets.url("/feed"), clock=ScriptedClock())
    monkeypatch.setattr(reprocess, "RULES", "extract/99")
    told = ("FROM polls", "FROM entries ORDER BY ALL", "SELECT * EXCLUDE (run_id) FROM articles")
    before = [query(lake, sql) for sql in told]
    done = reprocess.run_reprocess(lake, (), lambda line: None)
    assert (done.units, done.before, done.after) == (1, 1, 1)
    assert [query(lake, sql) for sql in told] == before
    assert wirecopy_("doctor", "--lake", lake).exit_code == 0
