"""Feeds watched by a pipeline that any runner can spread over workers: what it finds is what the monitor finds."""

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from lakes import query
from outlets import LOOPBACK, SECOND, START, page, rss, serving, story, watch_once

from wirecopy.pipelines.engines.watch import build, watch_options
from wirecopy.pipelines.feeds import add_feeds
from wirecopy.transforms.fetch.known import Known, followed, load, new_feed
from wirecopy.transforms.fetch.lists.feedlist import Wanted
from wirecopy.transforms.fetch.spool import Note, write_spool
from wirecopy.transforms.fetch.spread.asking import Borrowed, Manners
from wirecopy.transforms.fetch.spread.due import MOST_DUE, SHARES, Due, Sent, due, packed, share, still_due, unpacked
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.staging import join

FOUND = "SELECT url, headline FROM articles ORDER BY ALL"
MANNERS = Manners(None, 0.0, LOOPBACK)


def test_all_that_is_asked_of_a_registrable_domain_has_one_share():
    hosts = ("news.example.co.uk", "example.co.uk", "a.b.example.co.uk:8080")
    assert len({share(f"https://{host}/{n}") for n, host in enumerate(hosts)}) == 1
    shares = {share(f"https://outlet{n}.example/") for n in range(1_000)}
    assert shares <= set(range(SHARES)) and len(shares) > SHARES / 2


def test_what_is_due_is_told_once_until_it_had_time_to_be_answered():
    feeds = [new_feed(Wanted(f"https://example.org/{n}")) for n in range(MOST_DUE + 3)]
    known = Known(feeds={feed.feed_url: feed for feed in feeds})
    known.open["https://example.org/1", "e"] = {"url": "https://other.example/e", "next_at": START}
    known.open["https://example.org/1", "later"] = {"url": "https://other.example/f", "next_at": START + SECOND}
    found = due(known, START)
    assert found[share("https://other.example/")] == [Due("https://example.org/1", "e", START)]
    sent, number = Sent(), share("https://example.org/")
    assert [len(sent.fresh(found, START)[number]) for _ in range(2)] == [MOST_DUE, 3]
    assert sent.fresh(found, START + SECOND) == {}
    assert len(sent.fresh(found, START + (Sent.PATIENCE_S + 1) * SECOND)[number]) == MOST_DUE
    requests = found[number]
    assert unpacked(packed(requests)) == requests == still_due(known, requests)
    known.feeds[feeds[0].feed_url] = feeds[0]._replace(next_at=START)
    assert still_due(known, requests[:2]) == requests[1:2]


def test_a_page_that_is_being_fetched_is_not_known_to_others_before_it_is_written():
    known = Known()
    known.memory.take_page([1])
    first, second = Borrowed(known.memory), Borrowed(known.memory)
    first.take_page(iter([2, 3]))
    assert [memory.has_page(mark) for memory in (first, second) for mark in (1, 2)] == [True, True, True, False]
    assert first.taken == [2, 3]


def run(lake):
    """Watch for some seconds and commit what was found, as a bounded run of the same steps."""
    options = watch_options(lake)
    with join(options.staging), beam.Pipeline("FnApiRunner", options=PipelineOptions([])) as pipeline:
        build(pipeline, options, MANNERS, for_s=1.0)


@pytest.fixture
def two_outlets():
    """A feed with three stories, one of which is on the site of another outlet."""
    with serving() as outlets:
        places = [("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.2", 3)]
        for host, n in places:
            outlets.put(f"/{n}", page(f"Story number {n}", story(n)), host=host)
        items = [{"title": f"Story number {n}", "link": outlets.url(f"/{n}", host)} for host, n in places]
        outlets.put("/feed", rss(items))
        yield outlets


def test_the_job_finds_what_the_monitor_finds_and_asks_for_each_page_once(tmp_path, two_outlets):
    here, there = tmp_path / "here", tmp_path / "there"
    watch_once(here, two_outlets.url("/feed"))
    del two_outlets.asked[:]
    add_feeds(there, [two_outlets.url("/feed")], ["127.0.0.0/8"])
    run(there)
    assert query(there, "SELECT outcome, count(*) FROM entries GROUP BY 1 ORDER BY 1") == [("open", 1), ("page", 2)]
    run(there)
    assert query(there, FOUND) == query(here, FOUND) and len(query(there, FOUND)) == 3
    asked = [path for path in two_outlets.paths() if path != "/robots.txt"]
    assert sorted(asked) == ["/1", "/2", "/3", "/feed"]
    assert query(there, "SELECT count(DISTINCT run_id) FROM runs WHERE command = 'monitor'") == [(1,)]


def test_what_a_killed_worker_left_in_the_spool_is_committed(tmp_path, two_outlets, monkeypatch):
    lake = tmp_path / "lake"
    add_feeds(lake, [two_outlets.url("/away")], ["127.0.0.0/8"])
    item = {"entry_id": "0" * 32, "feed_url": two_outlets.url("/away"), "seen_at": START, "change": "new"}
    rest = {"url": None, "source_id": None, "headline": None, "published_raw": None, "outcome": "lost", "marks": [1]}
    more = {"status": None, "error": None, "tries": 1, "next_at": None, "entry": None}
    unit = write_spool(lake, [Note([("entries", item | rest | more)], START, two_outlets.url("/away"))])
    monkeypatch.setattr("wirecopy.transforms.fetch.spread.transform.LEFT_S", -1.0)
    run(lake)
    assert unit.unit_id in open_snapshot(lake).units


def test_what_is_followed_commit_by_commit_is_what_is_loaded(tmp_path, two_outlets):
    lake = tmp_path / "lake"
    add_feeds(lake, [two_outlets.url("/feed"), two_outlets.url("/other")], ["127.0.0.0/8"])
    known = followed(None, open_snapshot(lake))
    watch_once(lake)
    known, loaded = followed(known, open_snapshot(lake)), load(open_snapshot(lake))
    assert (known.commit, known.feeds, known.open) == (loaded.commit, loaded.feeds, loaded.open)
    marks = [list(memory.of(two_outlets.url("/feed"))) for memory in (known.memory, loaded.memory)]
    assert sorted(marks[0]) == sorted(marks[1]) != []
