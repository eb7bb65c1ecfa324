"""Feeds watched over simulated days: outlets are played by a real server on loopback, the clock is moved by hand."""

import asyncio
import gzip
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from html import escape
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver
from lakes import query
from outlets import (
    LOOPBACK,
    SECOND,
    START,
    ScriptedClock,
    date,
    page,
    raw,
    rss,
    serving,
    serving_raw,
    story,
    watch_once,
)
from rich.console import Console
from rich.live import Live
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.feeds import remove_feeds
from wirecopy.pipelines.watching.live import Watching
from wirecopy.pipelines.watching.watch import WatchOptions, run_watch
from wirecopy.schemas.elements import Reject
from wirecopy.transforms.fetch.harvest import feed_row
from wirecopy.transforms.fetch.spool import Note, write_spool
from wirecopy.transforms.fetch.state import Feed
from wirecopy.transforms.lake.commits import open_snapshot

HOUR = 3600 * SECOND

POLLS = "SELECT outcome, status, entries, new FROM polls ORDER BY polled_at"
ENTRIES = "SELECT headline, change, outcome FROM entries ORDER BY seen_at, headline"


def items(outlets, numbers, host="127.0.0.1", **more):
    """Items of a feed, and the pages behind them."""
    found = []
    for n in numbers:
        outlets.put(f"/story/{n}", page(f"Story number {n}", story(n)), host)
        link = outlets.url(f"/story/{n}", host)
        stamp = date(START - (100 - n) * HOUR // 100)
        found.append({"title": f"Story number {n}", "link": link, "guid": f"guid-{n}", "date": stamp, **more})
    return found


class Days:
    """A lake whose feeds are watched for one round after another, at the times that the test says."""

    def __init__(self, lake, *sources, **options):
        self.lake, self.sources, self.options = lake, sources, options
        self.clock = ScriptedClock()
        self.said = io.StringIO()

    def round(self, hours=0.0, **options):
        self.clock.at += round(hours * HOUR)
        return watch_once(self.lake, *self.sources, clock=self.clock, said=self.said, **self.options | options)

    def ask(self, sql):
        return query(self.lake, sql)


def test_what_a_feed_shows_is_in_the_lake_once_with_its_copies(tmp_path):
    with serving() as outlets:
        theirs = items(outlets, range(3))
        outlets.put("/feed", rss(theirs), ETag='"1"')
        reprint = outlets.url("/reprint", "127.0.0.2")
        outlets.put("/reprint", page("Story number 1", story(1)), "127.0.0.2")
        outlets.put("/feed", rss([{"title": "Story number 1", "link": reprint, "date": date(START)}]), "127.0.0.2")
        days = Days(tmp_path / "lake", outlets.url("/feed"), outlets.url("/feed", "127.0.0.2"))
        assert days.round().articles == 4
        assert days.ask("SELECT relation, count(*) FROM pairs GROUP BY ALL") == [("copy", 1)]
        rows = days.ask(
            "SELECT headline, published_source, first_seen_at = fetched_at, feed_url FROM articles ORDER BY url"
        )
        assert ("Story number 0", "feed", True, outlets.url("/feed")) in rows
        outlets.asked.clear()
        assert days.round(24).articles == 0
        assert [path for path in outlets.paths() if path != "/robots.txt"] == ["/feed", "/feed"]
        outlets.put("/feed", rss([*items(outlets, [3]), *theirs]))
        assert days.round(24).articles == 1
        assert days.ask("SELECT count(*), count(DISTINCT url) FROM articles") == [(5, 5)]
        assert days.ask("SELECT health FROM feed_health ORDER BY feed_url") == [("ok",), ("silent",)]


def test_validators_are_sent_and_liars_are_found_out(tmp_path):
    body, etag = {}, {"value": '"1"'}

    def answer(request):
        from aiohttp import web

        if request.headers.get("If-None-Match") == etag["value"]:
            return web.Response(status=304)
        return web.Response(text=body["now"], headers={"ETag": etag["value"], "Content-Type": "text/xml"})

    with serving() as outlets:
        body["now"] = rss(items(outlets, range(3)))
        outlets.put("/feed", answer)
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        days.round(24)
        assert days.ask("SELECT outcome FROM polls ORDER BY polled_at") == [("new",), ("not modified",)]
        body["now"] = rss(items(outlets, range(4)))
        for _ in range(10):
            days.round(24)
        assert days.ask("SELECT count(*) FROM articles") == [(4,)]
        assert days.ask("SELECT validates FROM feeds") == [(False,)]
        body["now"] = rss(items(outlets, range(5)))
        days.round(24)
        assert days.ask("SELECT count(*) FROM articles") == [(5,)]


@pytest.mark.parametrize(
    ("answer", "fields", "outcome", "state", "hours"),
    [
        (404, {}, "failed", "active", 0.08),
        (403, {}, "refused", "active", 24),
        (401, {}, "refused", "active", 24),
        (410, {}, "retired", "retired", None),
        (429, {"Retry-After": "7200"}, "failed", "active", 2),
        (503, {"Retry-After": "30"}, "failed", "active", 0.08),
        (500, {}, "failed", "active", 0.08),
        ("<!doctype html><html><body>Please log in</body></html>", {}, "failed", "active", 0.08),
        ("this is no feed", {"Content-Type": "text/plain"}, "failed", "active", 0.08),
        ("", {"Content-Type": "text/xml"}, "failed", "active", 0.08),
        ("<rss version='2.0'><channel><title>Cut o", {}, "failed", "active", 0.08),
        ("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><rss><channel/></rss>", {}, "failed", "active", 0.08),
    ],
)
def test_each_failure_has_its_row_and_its_policy(tmp_path, answer, fields, outcome, state, hours):
    with serving() as outlets:
        outlets.put("/feed", answer, **fields)
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        [(found, error, due)] = days.ask("SELECT outcome, error IS NOT NULL, epoch_us(next_at) FROM polls")
        assert (found, error) == (outcome, True)
        assert days.ask("SELECT state FROM feeds") == [(state,)]
        if hours is None:
            assert due is None
            days.round(1000)
            assert days.ask("SELECT count(*) FROM polls") == [(1,)]
        else:
            assert hours * HOUR <= due - START <= 1.2 * max(hours, 0.17) * HOUR


def test_retry_after_holds_for_the_whole_host_and_across_restarts(tmp_path):
    with serving() as outlets:
        outlets.put("/busy", 429, **{"Retry-After": "7200"})
        outlets.put("/other", rss(items(outlets, range(2))))
        days = Days(tmp_path / "lake", outlets.url("/busy"))
        days.round()
        days.sources = (*days.sources, outlets.url("/other"))
        days.round(1)
        assert "/other" not in outlets.paths()
        days.round(1.5)
        assert "/other" in outlets.paths()
        assert days.ask("SELECT max(wait_s) FROM polls") == [(7200,)]


class Names(AbstractResolver):
    """Knows every name, or none at all."""

    def __init__(self, port):
        self.port, self.works = port, True

    async def resolve(self, host, port=0, family=socket.AF_INET):
        if not self.works:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


def test_without_name_service_it_waits_and_blames_no_feed_for_long(tmp_path):
    with serving() as outlets:
        names = Names(outlets.port)
        feed_url = f"http://feeds.example.org:{outlets.port}/feed"
        outlets.put("/feed", rss(items(outlets, range(2))), "feeds.example.org")
        days = Days(tmp_path / "lake", feed_url, resolver=names)
        names.works = False
        for _ in range(10):
            days.round(0.1)
        assert days.ask("SELECT DISTINCT outcome, status FROM polls") == [("failed", None)]
        names.works = True
        days.round(0.1)
        assert days.ask("SELECT count(*) FROM articles") == [(2,)]


def test_a_clock_that_jumps_stops_no_feed(tmp_path):
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(2))))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        for hours in (0, 365 * 24, -365 * 24, 1, -0.5, 24):
            days.round(hours)
        at = [(row[0] - START) // HOUR for row in days.ask("SELECT epoch_us(polled_at) FROM polls ORDER BY 1")]
        assert at[0] == 0
        assert at[-1] == 365 * 24
        assert len(at) >= 4
        assert days.ask("SELECT count(*) FROM articles") == [(2,)]


def test_a_clock_put_back_while_it_runs_stops_nothing(tmp_path):
    class Told(Watching):
        commits = 0

        def committed(self, *arguments):
            super().committed(*arguments)
            self.commits += 1
            if self.commits == 3:
                clock.at -= 400 * 24 * HOUR
            if self.commits == 6:
                os.kill(os.getpid(), signal.SIGTERM)

    clock = ScriptedClock()
    with serving() as outlets:
        outlets.put("/feed", lambda request: rss(items(outlets, range(len(outlets.asked)))))
        options = WatchOptions(tmp_path / "lake", [outlets.url("/feed")], pause_s=1.0, opened=LOOPBACK)
        run_watch(options, Told(Console(file=io.StringIO())), clock)
    assert query(tmp_path / "lake", "SELECT count(*) FROM polls") >= [(5,)]


def test_polls_that_find_nothing_wait_for_each_other(tmp_path):
    class Told(Watching):
        def committed(self, *arguments):
            super().committed(*arguments)
            if clock.at > START + HOUR:
                os.kill(os.getpid(), signal.SIGTERM)

    clock = ScriptedClock()
    with serving() as outlets:
        sources = []
        for n in range(10):
            outlets.put(f"/{n}", rss(items(outlets, [n])))
            sources.append(outlets.url(f"/{n}"))
        options = WatchOptions(tmp_path / "lake", sources, every_s=120, pause_s=1.0, opened=LOOPBACK)
        told = Told(Console(file=io.StringIO()))
        run_watch(options, told, clock)
    [(polls,)] = query(tmp_path / "lake", "SELECT count(*) FROM polls")
    assert polls >= 250
    assert open_snapshot(tmp_path / "lake").number <= polls // 3


def test_its_log_can_be_read_by_machines(tmp_path):
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(2))))
        outlets.put("/b", rss([{"title": "Taken", "link": outlets.url("/taken", "127.0.0.2")}]), "127.0.0.2")
        outlets.put("/taken", page("Taken", story(1)), "127.0.0.2")
        days = Days(tmp_path / "lake", outlets.url("/feed"), as_json=True)
        days.round()
        days.sources = (*days.sources, outlets.url("/b", "127.0.0.2"))
        days.round(1)
    events = [json.loads(line) for line in days.said.getvalue().splitlines()]
    assert {"feeds", "poll", "commit", "copy"} == {event["event"] for event in events}
    [copy] = [event for event in events if event["event"] == "copy"]
    assert [copy["source"][1], copy["taken"][1]] == ["Story number 1", "Taken"]
    [first] = [event for event in events if event["event"] == "poll" and event["new"] == 2]
    assert (first["feed_url"], first["outcome"], first["pages"]) == (outlets.url("/feed"), "new", {"page": 2})


def test_a_server_that_is_not_there_is_tried_again_and_comes_back(tmp_path):
    with serving() as outlets:
        port = outlets.port
        days = Days(tmp_path / "lake", outlets.url("/feed"))
    days.round()
    days.round(24)
    assert days.ask("SELECT outcome, status FROM polls") == [("failed", None)] * 2
    assert days.ask("SELECT failures FROM feeds") == [(2,)]
    with serving(port=port) as outlets:
        outlets.put("/feed", rss(items(outlets, range(2))))
        days.round(24)
    assert days.ask("SELECT failures FROM feeds") == [(0,)]
    assert days.ask("SELECT count(*) FROM articles") == [(2,)]


def test_a_home_page_leads_to_its_feed(tmp_path):
    with serving() as outlets:
        outlets.put("/rss", rss(items(outlets, range(2))))
        head = "<link rel='alternate' type='application/rss+xml' title='Comments' href='/comments'>"
        head += "<link rel='alternate' type='application/rss+xml' href='/rss'>"
        outlets.put("/", f"<!doctype html><html><head>{head}</head><body>News</body></html>")
        days = Days(tmp_path / "lake", outlets.url("/"))
        days.round()
        assert days.ask("SELECT feed_url FROM feeds") == [(outlets.url("/rss"),)]
        assert days.ask("SELECT count(*) FROM articles") == [(2,)]
        days.round(24)
        assert days.ask("SELECT feed_url FROM feeds") == [(outlets.url("/rss"),)]


def test_a_feed_that_moved_for_good_is_asked_there_and_remembers_its_entries(tmp_path):
    with serving() as outlets:
        feed = rss(items(outlets, range(3), text="words"))
        outlets.put("/old", feed)
        days = Days(tmp_path / "lake", outlets.url("/old"))
        days.round()
        outlets.put("/old", 301, Location="/new")
        outlets.put("/new", feed)
        for _ in range(3):
            days.round(24)
        assert days.ask("SELECT feed_url FROM feeds") == [(outlets.url("/new"),)]
        outlets.asked.clear()
        days.round(24)
        assert [path for path in outlets.paths() if path != "/robots.txt"] == ["/new"]
        assert days.ask("SELECT sum(new), count(*) FROM polls") == [(3, 5)]


def test_an_edited_article_is_another_version(tmp_path):
    with serving() as outlets:
        first = items(outlets, range(4))
        outlets.put("/feed", rss(first))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        first[2]["title"] = "Story number 2 (corrected)"
        outlets.put("/feed", rss(first))
        outlets.put("/story/2", page("Story number 2 (corrected)", story(2, edit=1)))
        days.round(24)
        days.round(24)
        url = outlets.url("/story/2")
        assert days.ask(f"SELECT version, headline FROM articles WHERE url = '{url}' ORDER BY version") == [
            (1, "Story number 2"),
            (2, "Story number 2 (corrected)"),
        ]
        assert days.ask("SELECT change, count(*) FROM entries GROUP BY ALL ORDER BY ALL") == [("edited", 1), ("new", 4)]


def test_the_feeds_text_is_taken_where_the_page_cannot_be_had_and_nothing_is_lost_in_silence(tmp_path):
    with serving() as outlets:
        full = "<p>" + " ".join(story(7)) + "</p>"
        with_text, without = items(outlets, [7], text=full), items(outlets, [8])
        outlets.put("/story/7", 403)
        outlets.put("/story/8", b"%PDF-1.4", **{"Content-Type": "application/pdf"})
        outlets.put("/feed", rss(with_text + without))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        assert days.ask(ENTRIES) == [("Story number 7", "new", "feed"), ("Story number 8", "new", "lost")]
        assert days.ask("SELECT headline, extractor LIKE '%record%' FROM articles") == [("Story number 7", True)]
        [(stage, url, error)] = days.ask("SELECT stage, url, error FROM rejects")
        assert (stage, url) == ("read", outlets.url("/story/8"))
        assert "application/pdf" in error


def test_the_feeds_text_is_taken_where_the_page_only_asks_to_log_in(tmp_path):
    with serving() as outlets:
        full = "<p>" + " ".join(story(7)) + "</p>"
        outlets.put("/feed", rss(items(outlets, [7], text=full) + items(outlets, [8], text="<p>A short summary.</p>")))
        outlets.put("/story/7", page("Log in", ["Please log in or subscribe to read this article on our site."]))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        assert days.ask("SELECT headline, extractor LIKE '%record%' FROM articles ORDER BY headline") == [
            ("Story number 7", True),
            ("Story number 8", False),
        ]
        assert days.ask("SELECT text FROM articles JOIN texts USING (article_id) WHERE headline LIKE '%7'") == [
            (" ".join(story(7)),)
        ]


def test_the_feeds_text_is_taken_where_another_page_comes_in_place_of_the_entrys(tmp_path):
    with serving() as outlets:
        full = "<p>" + " ".join(story(7)) + "</p>"
        outlets.put("/feed", rss(items(outlets, [7], text=full) + items(outlets, [8], text=full)))
        wall = [
            "Before you go on, tell us whether we may keep cookies on your device and show advertising to suit you."
        ]
        outlets.put("/story/7", page("One moment", wall * 12))
        outlets.put("/story/8", 302, Location="/front")
        outlets.put("/front", page("The Ellery News", [f"What became of pier {n}, and who paid." for n in range(40)]))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        assert days.ask(ENTRIES) == [("Story number 7", "new", "feed"), ("Story number 8", "new", "feed")]
        assert days.ask("SELECT DISTINCT error LIKE '%another page%' FROM entries") == [(True,)]
        assert days.ask("SELECT DISTINCT text FROM texts") == [(" ".join(story(7)),)]


def test_a_page_behind_a_wall_is_asked_for_again_later_and_not_for_ever(tmp_path):
    with serving() as outlets:
        text = " ".join(story(7))
        outlets.put("/feed", rss(items(outlets, [7], text=f"<p>{text[:400]}</p>")))
        outlets.put("/story/7", page("One moment", ["Before you go on, tell us whether we may keep cookies."] * 12))
        days = Days(tmp_path / "lake", outlets.url("/feed"), every_s=30 * 86_400)
        days.round()
        waiting = "SELECT outcome, tries, next_at IS NOT NULL, entry IS NOT NULL FROM entries"
        assert days.ask(waiting) == [("feed", 1, True, True)]
        assert days.ask("SELECT text FROM texts") == [(text[:400].strip(),)]
        days.round(2)
        assert days.ask(waiting) == [("feed", 2, True, True)]
        outlets.put("/story/7", page("Story number 7", story(7)))
        days.round(8)
        assert days.ask(waiting) == [("page", 3, False, False)]
        assert days.ask("SELECT count(DISTINCT identity) FROM articles") == [(1,)]
        assert any(text[-60:] in whole for (whole,) in days.ask("SELECT text FROM texts"))


def test_a_page_that_stays_another_is_given_up(tmp_path):
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, [7], text="<p>" + " ".join(story(7)) + "</p>")))
        outlets.put("/story/7", page("One moment", ["Before you go on, tell us whether we may keep cookies."] * 12))
        days = Days(tmp_path / "lake", outlets.url("/feed"), every_s=30 * 86_400)
        days.round()
        for hours in (2, 8, 30):
            days.round(hours)
        assert days.ask("SELECT outcome, tries, next_at, entry FROM entries") == [("feed", 4, None, None)]
        assert days.ask("SELECT count(*) FROM articles") == [(1,)]


def test_a_page_that_is_away_for_a_while_is_asked_for_again(tmp_path):
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(2))))
        outlets.put("/story/1", 503)
        days = Days(tmp_path / "lake", outlets.url("/feed"), every_s=86_400)
        days.round()
        assert days.ask(ENTRIES) == [("Story number 0", "new", "page"), ("Story number 1", "new", "open")]
        outlets.put("/story/1", page("Story number 1", story(1)))
        days.round(0.5)
        assert days.ask(ENTRIES) == [("Story number 0", "new", "page"), ("Story number 1", "new", "page")]
        assert days.ask("SELECT count(*) FROM articles") == [(2,)]
        assert days.ask("SELECT count(*) FROM polls") == [(1,)]


def test_an_article_in_two_feeds_of_an_outlet_is_fetched_once(tmp_path):
    with serving() as outlets:
        shared = items(outlets, range(3))
        outlets.put("/world", rss(shared))
        outlets.put("/all", rss(shared))
        days = Days(tmp_path / "lake", outlets.url("/world"), outlets.url("/all"))
        days.round()
        assert sorted(path for path in outlets.paths() if "story" in path) == ["/story/0", "/story/1", "/story/2"]
        assert days.ask("SELECT outcome, count(*) FROM entries GROUP BY ALL ORDER BY ALL") == [
            ("known", 3),
            ("page", 3),
        ]


def test_a_window_that_slid_past_is_a_possible_gap(tmp_path):
    with serving() as outlets:
        for numbers, gap in ((range(5), False), (range(3, 8), False), (range(20, 25), True)):
            outlets.put("/feed", rss(items(outlets, numbers)))
            days = Days(tmp_path / "lake", outlets.url("/feed"))
            days.clock.at = START + numbers[0] * 10 * HOUR
            days.round()
            assert days.ask("SELECT arg_max(gap, polled_at) FROM polls") == [(gap,)]


def test_a_feed_that_is_removed_while_it_is_polled_stays_removed(tmp_path):
    lake = tmp_path / "lake"
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, [1])))
        other = outlets.url("/feed", "127.0.0.2")
        outlets.put("/feed", rss([]), "127.0.0.2")
        Days(lake, outlets.url("/feed"), other).round()

        def meanwhile(request):
            remove_feeds(lake, [outlets.url("/feed")])
            return rss(items(outlets, [1, 2])).encode()

        outlets.put("/feed", meanwhile)
        days = Days(lake)
        days.round(24)
        assert days.ask("SELECT feed_url FROM feeds") == [(other,)]
        assert days.ask("SELECT count(*) FROM articles") == [(2,)]


def test_feeds_are_listed_edited_and_exported(tmp_path):
    lake, cli = ["--lake", str(tmp_path / "lake")], CliRunner()

    def run(*arguments):
        return cli.invoke(app, ["feeds", *arguments, *lake])

    opml = tmp_path / "out.opml"
    assert run("add", "https://a.example.com/feed", "https://b.example.com/feed").exit_code == 0
    assert run("add", "https://a.example.com/feed").exit_code == 0
    assert run("remove", "https://b.example.com/feed").exit_code == 0
    assert run("remove", "https://b.example.com/feed").exit_code == 2
    assert run("add", "http://10.0.0.1/feed").exit_code == 2
    listed = json.loads(run("list", "--json").stdout)
    assert [(feed["feed_url"], feed["state"], feed["outlet"]) for feed in listed] == [
        ("https://a.example.com/feed", "active", "example.com")
    ]
    assert run("export", str(opml)).exit_code == 0
    again = ["--lake", str(tmp_path / "again")]
    assert cli.invoke(app, ["feeds", "import", str(opml), *again]).exit_code == 0
    assert "https://a.example.com/feed" in cli.invoke(app, ["feeds", "list", *again]).stdout


def test_a_spool_that_was_left_is_committed_by_the_next_run(tmp_path, monkeypatch):
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(3))))
        days = Days(tmp_path / "lake", outlets.url("/feed"))

        class Killed(BaseException):
            pass

        def die(*arguments):
            raise Killed

        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr("wirecopy.pipelines.watching.watch.commit_units", die)
            days.round()
        assert open_snapshot(days.lake).number == 0
        outlets.asked.clear()
        days.round()
        days.round()
        assert days.ask("SELECT count(*) FROM articles") == [(3,)]
        assert days.ask("SELECT count(*) FROM polls") == [(1,)]


def test_a_full_disk_is_waited_for(tmp_path, monkeypatch):
    from wirecopy.pipelines.watching import watch

    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(3))))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        written, refused = watch.write_spool, []

        def full(*arguments):
            if len(refused) < 3:
                refused.append(arguments)
                raise OSError(28, "No space left on device")
            return written(*arguments)

        monkeypatch.setattr(watch, "write_spool", full)
        days.round()
        assert days.ask("SELECT count(*) FROM articles") == [(3,)]
        assert "No space left on device" in days.said.getvalue()


ROUND = """
import io, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from outlets import ScriptedClock, watch_once
if __name__ == "__main__":
    watch_once(Path({lake!r}), *{sources!r}, clock=ScriptedClock({at}), said=io.StringIO())
"""

STATE = {
    "articles": "SELECT * EXCLUDE (run_id, doc_ref, unit_id, record) FROM articles ORDER BY ALL",
    "texts": "SELECT * FROM texts ORDER BY ALL",
    "pairs": "SELECT * FROM pairs ORDER BY ALL",
    "members": "SELECT * EXCLUDE (commit) FROM members ORDER BY ALL",
    "entries": "SELECT * EXCLUDE (commit) FROM entries ORDER BY ALL",
    "feeds": "SELECT * EXCLUDE (commit) FROM feeds ORDER BY ALL",
    "polls": "SELECT * EXCLUDE (run_id, ms) FROM polls ORDER BY ALL",
}


def start_round(tmp_path, lake, sources, at):
    script = tmp_path / "round.py"
    tests = str(Path(__file__).parents[1])
    script.write_text(ROUND.format(tests=tests, lake=str(lake), sources=list(sources), at=at))
    return subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.timeout(600)
def test_killed_at_random_moments_and_run_again_gives_the_same_lake(tmp_path):
    chance = random.Random(7)
    with serving() as outlets:
        sites = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        sources = [outlets.url("/feed", site) for site in sites]

        def publish(day):
            for k, site in enumerate(sites):
                numbers = range(day * 2, day * 2 + 4)
                outlets.put("/feed", rss(items(outlets, numbers, site)[:: 1 if k else -1]), site, ETag=f'"{day}"')

        for day in range(2):
            publish(day)
            at = START + day * 24 * HOUR
            assert start_round(tmp_path, tmp_path / "whole", sources, at).wait() == 0
            kills = 0
            while True:
                running = start_round(tmp_path, tmp_path / "killed", sources, at)
                try:
                    assert running.wait(chance.uniform(1, 12) if kills < 2 else None) == 0
                    break
                except subprocess.TimeoutExpired:
                    os.killpg(running.pid, signal.SIGKILL)
                    running.wait()
                    kills += 1
    for name, sql in STATE.items():
        assert query(tmp_path / "killed", sql) == query(tmp_path / "whole", sql), name


def test_sigterm_ends_the_monitor_and_what_it_fetched_is_kept(tmp_path):
    """On a busy machine it waits in the spool; the next run finds the feed gone and commits what was fetched."""
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(30))))
        command = [
            sys.executable,
            "-c",
            "from wirecopy.pipelines.cli import main; main()",
            "monitor",
            outlets.url("/feed"),
        ]
        command += ["--lake", str(tmp_path / "lake"), "--allow-network", "127.0.0.0/8", "--pause", "1s"]
        running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 120
        while "/story/1" not in outlets.paths() and time.monotonic() < deadline:
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=120)
        assert running.returncode == 0, said
        fetched = sum("story" in path for path in outlets.paths())
        assert 0 < fetched < 30
        outlets.answers.clear()
        watch_once(tmp_path / "lake")
        [(kept,)] = query(tmp_path / "lake", "SELECT count(*) FROM articles")
        assert fetched - 1 <= kept <= fetched
        [(known, of_pages)] = query(
            tmp_path / "lake", "SELECT count(*), count(*) FILTER (outcome = 'page') FROM entries"
        )
        assert (known, of_pages) == (30, kept)


def test_a_long_run_goes_on_from_cycle_to_cycle_and_rereads_its_lists(tmp_path):
    """Three simulated days in one process; the list grows on the second and SIGHUP makes it known."""

    class Told(Watching):
        watch = None

        def committed(self, *arguments):
            super().committed(*arguments)
            day = int((clock.at - START) // (24 * HOUR))
            if day >= 1 and len(listed.read_text().split()) == 1:
                listed.write_text(f"{outlets.url('/feed')}\n{outlets.url('/feed', '127.0.0.2')}\n")
                os.kill(os.getpid(), signal.SIGHUP)
            if day >= 3:
                os.kill(os.getpid(), signal.SIGTERM)

    listed = tmp_path / "feeds.txt"
    clock = ScriptedClock()
    with serving() as outlets:
        outlets.put("/feed", lambda request: rss(items(outlets, range((clock.at - START) // (6 * HOUR) + 1))))
        outlets.put("/feed", lambda request: rss(items(outlets, range(50, 53), "127.0.0.2")), "127.0.0.2")
        listed.write_text(outlets.url("/feed"))
        told = Told(Console(file=io.StringIO()))
        options = WatchOptions(tmp_path / "lake", [str(listed)], every_s=6 * 3600, pause_s=0.0, opened=LOOPBACK)
        run_watch(options, told, clock)
    found = query(tmp_path / "lake", "SELECT feed_url, count(*) FROM articles GROUP BY ALL ORDER BY ALL")
    assert [url for url, _ in found] == [outlets.url("/feed"), outlets.url("/feed", "127.0.0.2")]
    assert found[0][1] >= 9
    assert found[1][1] == 3


COMMAND = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()"]
NETWORK = ["--allow-network", "127.0.0.0/8"]


def command(*arguments, **more):
    """Run `wirecopy` as a user does; return its status, standard output and standard error."""
    done = subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=280, **more)
    return done.returncode, done.stdout, done.stderr


def test_a_header_that_is_not_utf8_stops_nothing(tmp_path):
    field = "Content-Disposition: attachment; filename=Zürich".encode("latin-1")
    answer = raw(page("Story number 1", story(1)).encode(), b"Content-Type: text/html", field)
    with serving() as outlets, serving_raw({"/story": answer}) as address:
        outlets.put("/feed", rss([{"title": "Story number 1", "link": f"{address}/story"}, *items(outlets, [2])]))
        assert Days(tmp_path / "lake", outlets.url("/feed")).round().articles == 2


def test_halves_of_characters_in_a_feed_are_stored_as_what_they_are(tmp_path):
    half = "\ud83d"
    link = "http://user:secret@127.0.0.1:{}/story/1"
    with serving() as outlets:
        items(outlets, [1])
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": f"Half {half}", "language": half}
        text = "<p>" + " ".join(story(3)) + "</p>"
        first = {"id": half, "url": link.format(outlets.port), "title": f"One {half}", "tags": [half]}
        feed["items"] = [first, {"id": "2\r\nWARC-Type: x\0", "title": "Two", "content_html": text, "summary": half}]
        outlets.put("/feed", json.dumps(feed), **{"Content-Type": "application/feed+json"})
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        assert days.ask("SELECT headline, outcome FROM entries ORDER BY ALL") == [
            ("One \ufffd", "page"),
            ("Two", "feed"),
        ]
        assert days.ask("SELECT title FROM feeds") == [("Half \ufffd",)]
        assert days.ask("SELECT count(*) FROM articles") == [(2,)]


def test_names_are_text_and_never_markup_or_commands(tmp_path):
    name = "[/b] [red]x[/red] :smile: \u202eevil"
    lake = ["--lake", tmp_path / "lake"]
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, [1]), title=name))
        status, _, said = command("monitor", outlets.url("/feed"), "--once", *NETWORK, *lake)
        assert status == 0, said
    status, out, _ = command("feeds", "list", *lake)
    assert status == 0
    assert "[/b] [red]x[/red] :smile: \\u202eevil" in out
    assert json.loads(command("feeds", "list", "--json", *lake)[1])[0]["title"] == name
    status, _, said = command("feeds", "add", "file:///\x1b]0;title\x07", *lake)
    assert status == 2
    assert not {"\x1b", "\x07"} & set(said)


def test_a_live_view_takes_names_as_text(tmp_path):
    told = io.StringIO()
    console = Console(file=told, force_terminal=True, width=200, color_system=None)
    with serving() as outlets, Live(console=console, refresh_per_second=1) as live:
        outlets.put("/feed", rss(items(outlets, [1]), title="[/b]\u202eevil"))
        options = WatchOptions(tmp_path / "lake", [outlets.url("/feed")], once=True, pause_s=0.0, opened=LOOPBACK)
        run_watch(options, Watching(console, live), ScriptedClock())
    assert "[/b]\\u202eevil" in told.getvalue()


@pytest.mark.parametrize(
    "place",
    [
        "file:///etc/passwd",
        "http://10.0.0.1/feed",
        "data:application/rss+xml,<rss/>",
        "javascript:alert(1)",
        "http://user:secret@127.0.0.1:{port}/feed",
        "/missing",
        "/page",
    ],
)
def test_a_feed_keeps_its_address_until_another_one_answers_as_a_feed(tmp_path, place):
    with serving() as outlets:
        link = f"<link rel='alternate' type='application/rss+xml' href='{escape(place.format(port=outlets.port))}'>"
        outlets.put("/", f"<!doctype html><html><head>{link}</head><body>News</body></html>")
        outlets.put("/page", "<!doctype html><html><body>No feed</body></html>")
        outlets.put("/feed", rss(items(outlets, [1])))
        days = Days(tmp_path / "lake", outlets.url("/"))
        days.round()
        assert days.ask("SELECT feed_url, state FROM feeds") == [(outlets.url("/"), "active")]
        [(outcome, error)] = days.ask("SELECT outcome, error FROM polls")
        assert outcome == "failed"
        assert "secret" not in error + days.said.getvalue()
        outlets.put("/", rss(items(outlets, [2])))
        days.round(24)
        assert days.ask("SELECT count(*) FROM articles") == [(1,)]


def test_a_move_for_good_is_believed_only_where_the_feed_itself_answers(tmp_path):
    """The new place says that nothing changed whatever it is asked, until it gives a feed."""
    with serving() as outlets:
        feed = rss(items(outlets, range(3)))
        outlets.put("/old", feed, ETag='"1"')
        days = Days(tmp_path / "lake", outlets.url("/old"))
        days.round()
        outlets.put("/old", 301, Location="/new")
        outlets.put("/new", 304)
        for _ in range(5):
            days.round(24)
        assert days.ask("SELECT feed_url FROM feeds") == [(outlets.url("/old"),)]
        outlets.put("/new", feed)
        days.round(48)
        assert days.ask("SELECT feed_url FROM feeds") == [(outlets.url("/new"),)]


def test_a_password_in_an_address_is_stored_and_said_nowhere(tmp_path):
    with serving() as outlets:
        secret = f"http://user:secret@127.0.0.1:{outlets.port}"
        items(outlets, [1])
        outlets.put("/moved", 302, Location=f"{secret}/story/1")
        outlets.put(
            "/feed",
            rss(
                [
                    {"title": "Linked", "link": f"{secret}/story/1"},
                    {"title": "Led", "link": outlets.url("/moved"), "text": "<p>" + " ".join(story(5)) + "</p>"},
                    {"title": "Gone", "link": f"{secret}/missing"},
                ]
            ),
        )
        lake = tmp_path / "lake"
        status, out, said = command(
            "monitor", outlets.url("/feed"), "--once", "--json", "--pause", "0s", *NETWORK, "--lake", lake
        )
        assert status == 0, said
        assert "secret" not in out + said
        assert query(lake, "SELECT headline, outcome FROM entries ORDER BY ALL") == [
            ("Gone", "lost"),
            ("Led", "feed"),
            ("Linked", "page"),
        ]
        for table in ("articles", "entries", "rejects", "polls", "feeds"):
            assert "secret" not in str(query(lake, f"FROM {table}"))
        for spool in (lake / "spool").rglob("*.warc.gz"):
            assert b"secret" not in gzip.decompress(spool.read_bytes())
        status, out, said = command("feeds", "add", f"{secret}/feed", "--lake", lake)
        assert status == 2
        assert "secret" not in out + said


def test_a_run_that_polls_once_polls_each_feed_once_whatever_the_clock_does(tmp_path):
    """Each poll takes longer than a tenth of the interval, and the clock is put back meanwhile."""

    def slow(n):
        def answer(request):
            clock.at += (100 if n % 2 else -700) * SECOND
            return rss(items(outlets, [n], f"127.0.0.{n + 1}"))

        return answer

    clock = ScriptedClock()
    with serving() as outlets:
        listed = tmp_path / "feeds.toml"
        feeds = []
        for n in range(4):
            site = f"127.0.0.{n + 1}"
            outlets.put("/feed", slow(n), site)
            outlets.put("/story/9", 503, site)
            feeds.append(f'[[feeds]]\nurl = "{outlets.url("/feed", site)}"\n' + ('every = "5m"\n' if n < 2 else ""))
        listed.write_text("\n".join(feeds))
        watch_once(tmp_path / "lake", str(listed), clock=clock, every_s=60)
        assert sorted(one.host for one in outlets.asked if one.path == "/feed") == [f"127.0.0.{n}" for n in range(1, 5)]
    assert query(tmp_path / "lake", "SELECT count(*) FROM polls") == [(4,)]


def test_what_cannot_be_committed_is_rejected_alone(tmp_path, monkeypatch):
    """An entry that breaks whatever writes it to the lake; the feed's others are in the lake, and so is its poll."""
    from wirecopy.pipelines.watching import watch

    committing, broken = watch.commit_units, []

    def break_on(lake, run, units):
        for unit in units:
            if not isinstance(unit, Reject) and b"Story number 3" in gzip.decompress(Path(unit.path).read_bytes()):
                broken.append(unit)
                raise ValueError("this story cannot be written")
        return committing(lake, run, units)

    monkeypatch.setattr(watch, "commit_units", break_on)
    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(5))))
        outlets.put("/feed", rss(items(outlets, [7], "127.0.0.2")), "127.0.0.2")
        days = Days(tmp_path / "lake", outlets.url("/feed"), outlets.url("/feed", "127.0.0.2"))
        days.round()
        assert len(broken) > 1
        assert days.ask("SELECT count(*) FROM articles") == [(5,)]
        assert days.ask("SELECT count(*) FROM polls") == [(2,)]
        [(stage, error, url)] = days.ask("SELECT stage, error, url FROM rejects")
        assert (stage, url) == ("fetch", outlets.url("/story/3"))
        assert "this story cannot be written" in error
        days.round(24)
        assert days.ask("SELECT count(*) FROM rejects") == [(1,)]


def test_a_spool_that_cannot_be_committed_keeps_no_run_from_starting(tmp_path, monkeypatch):
    from wirecopy.pipelines.watching import watch

    with serving() as outlets:
        outlets.put("/feed", rss(items(outlets, range(2))))
        days = Days(tmp_path / "lake", outlets.url("/feed"))
        days.round()
        rows = [("feeds", {"feed_url": "https://a.example.com/", "failures": "many", "deleted": False})]
        write_spool(days.lake, [Note(rows, START, "https://a.example.com/")])
        write_spool(days.lake, [Note([("feeds", feed_row(Feed("https://b.example.com/"), None)[1])], START, "b")])
        assert watch.left_over(days.lake, open_snapshot(days.lake).units)
        days.round(24)
        assert days.ask("SELECT feed_url FROM feeds WHERE feed_url LIKE '%example.com/'") == [
            ("https://b.example.com/",)
        ]
        assert days.ask("SELECT stage FROM rejects") == [("fetch",)]


STUCK = """
import asyncio, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from outlets import LOOPBACK
from aiohttp.abc import AbstractResolver
from wirecopy.pipelines.watching import watch
from wirecopy.pipelines.watching.live import watching
from wirecopy.transforms.fetch import parse

class Slow(AbstractResolver):
    async def resolve(self, *arguments, **more):
        print("stuck", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)

    async def close(self):
        pass

def hang(*arguments):
    print("stuck", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    stuck = {stuck!r}
    if stuck == "commit":
        watch.commit_units = hang
    if stuck == "parser":
        parse.Pool.map = hang
    options = watch.WatchOptions(Path({lake!r}), [{feed!r}], pause_s=0.0, opened=LOOPBACK)
    with watching(sys.stderr) as told:
        watch.run_watch(options, told, resolver=Slow() if stuck == "names" else None, last=True)
"""


@pytest.mark.parametrize("stuck", ["commit", "parser", "names", "server", "disk"])
def test_sigterm_ends_it_within_seconds_whatever_hangs(tmp_path, stuck):
    """What was fetched is in the lake after the next run."""
    lake = tmp_path / "lake"

    async def never(request):
        await asyncio.Event().wait()

    with serving() as outlets:
        feed = rss(items(outlets, range(2)))
        outlets.put("/feed", never if stuck == "server" else feed)
        outlets.put("/feed", feed, "feeds.example.org")
        url = outlets.url("/feed", "feeds.example.org" if stuck == "names" else "127.0.0.1")
        if stuck == "disk":
            (lake / "_commits").mkdir(parents=True)
            (lake / "spool").write_text("in the way")
        script = tmp_path / "stuck.py"
        tests = str(Path(__file__).parents[1])
        script.write_text(STUCK.format(tests=tests, lake=str(lake), feed=url, stuck=stuck))
        with (tmp_path / "out").open("w") as out, (tmp_path / "said").open("w") as said:
            running = subprocess.Popen([sys.executable, script], stdout=out, stderr=said)
            signs = {"server": lambda: "/feed" in outlets.paths()}
            signs["disk"] = lambda: "tried again" in (tmp_path / "said").read_text()
            there = signs.get(stuck, lambda: "stuck" in (tmp_path / "out").read_text())
            while not there():
                assert running.poll() is None, (tmp_path / "said").read_text()
                time.sleep(0.05)
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(60)  # it takes ten seconds; a busy machine may take longer to notice
            finally:
                running.kill()
        if stuck == "disk":
            (lake / "spool").unlink()
        if stuck != "names":
            outlets.put("/feed", feed)
            watch_once(lake, url)
            assert query(lake, "SELECT count(*) FROM articles") == [(2,)]
            assert query(lake, "SELECT count(*) FROM polls") == [(1,)]


def test_metrics_are_served_to_this_machine_alone(tmp_path):
    [own] = [one[4][0] for one in socket.getaddrinfo("127.0.0.2", 0, type=socket.SOCK_STREAM)]
    with serving() as outlets, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        outlets.put("/feed", rss(items(outlets, range(2))))
        arguments = ["monitor", outlets.url("/feed"), "--lake", str(tmp_path / "lake"), *NETWORK]
        running = subprocess.Popen(
            [*COMMAND, *arguments, "--metrics-port", str(port)], stderr=subprocess.PIPE, text=True
        )
        try:
            while "/feed" not in outlets.paths():
                assert running.poll() is None
                time.sleep(0.05)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                assert b"wirecopy_feeds" in answer.read()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((own, port))
        finally:
            running.kill()
            running.communicate()
    assert command("monitor", "--metrics-port", "no port", "--lake", tmp_path / "lake")[0] == 2
