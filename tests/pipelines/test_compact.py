"""The commands compact and doctor, and the monitor that keeps its lake compact as it goes."""

import io
import json

from lakes import SEEDS, commit, contents, query
from outlets import SECOND, START, ScriptedClock, date, page, rss, serving, story, watch_once
from typer.testing import CliRunner

from wirecopy.pipelines import compact
from wirecopy.pipelines.cli import app
from wirecopy.transforms.lake.commits import open_snapshot


def wirecopy(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_compact_merges_and_deletes_and_doctor_finds_nothing_wrong(tmp_path):
    for seed in SEEDS:
        commit(tmp_path / "lake", seed)
    before = contents(tmp_path / "lake")
    shown = wirecopy("compact", "--lake", tmp_path / "lake", "--grace", "0s", "--json")
    done = json.loads(shown.stdout)
    assert shown.exit_code == 0 and done["merged"] > done["into"] > 0 and done["deleted"] == done["merged"]
    assert contents(tmp_path / "lake") == before
    assert query(tmp_path / "lake", "SELECT command FROM runs ORDER BY commit DESC LIMIT 1") == [("compact",)]
    assert wirecopy("doctor", "--lake", tmp_path / "lake").exit_code == 0


def test_doctor_tells_harm_from_what_does_none_by_its_exit_code(lake_copy):
    (lake_copy / "texts" / "part-0.parquet").write_bytes(b"")
    shown = wirecopy("doctor", "--lake", lake_copy, "--json")
    assert shown.exit_code == 3 and json.loads(shown.stdout)[0]["advice"]
    (lake_copy / open_snapshot(lake_copy).parts["texts"][0].path).unlink()
    assert wirecopy("doctor", "--lake", lake_copy).exit_code == 1


def test_where_no_lake_is_they_say_so(tmp_path):
    for command in ("compact", "doctor"):
        shown = wirecopy(command, "--lake", tmp_path / "nothing")
        assert shown.exit_code == 1 and "no commit yet" in shown.stderr
    assert wirecopy("compact", "--lake", tmp_path, "--grace", "soon").exit_code == 2


def test_the_monitor_merges_parts_as_it_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(compact, "MOST_PARTS", 3)
    with serving() as outlets:
        clock = ScriptedClock()
        for n in range(8):
            outlets.put(f"/story/{n}", page(f"Story number {n}", story(n)))
            link = outlets.url(f"/story/{n}")
            outlets.put("/feed", rss([{"title": f"Story number {n}", "link": link, "date": date(START)}]))
            clock.at += 86_400 * SECOND
            assert watch_once(tmp_path / "lake", outlets.url("/feed"), clock=clock, said=io.StringIO()).articles == 1
    parts = open_snapshot(tmp_path / "lake").parts
    assert max(len(parts[table]) for table in ("texts", "polls", "entries", "feeds")) <= 5
    assert query(
        tmp_path / "lake", "SELECT count(*), count(DISTINCT url) FROM articles JOIN texts USING (article_id)"
    ) == [(8, 8)]
    assert query(tmp_path / "lake", "SELECT count(*) FROM polls WHERE new = 1") == [(8,)]
    assert set(query(tmp_path / "lake", "SELECT command FROM runs")) == {("monitor",), ("compact",)}
