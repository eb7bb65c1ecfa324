"""Spool files lose what was forgotten, keep the rest byte for byte, and stay the units that they were."""

import gzip
from contextlib import closing
from pathlib import Path

import pytest

from wirecopy.transforms.extract.forgotten import tombstone
from wirecopy.transforms.extract.identity import named
from wirecopy.transforms.fetch.scrub import scrubbed, write
from wirecopy.transforms.fetch.spool import Note, Page, spool_files, write_spool
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.read.feeds import spool
from wirecopy.transforms.read.io.opening import open_stream

FEED = "https://news.example/feed"
AT = 1_645_000_000_000_000


def entry(n, outcome="page"):
    url = f"https://news.example/story/{n}"
    row = {
        "feed_url": FEED,
        "entry_id": f"{n:032x}",
        "seen_at": AT + n,
        "change": "new",
        "url": url,
        "source_id": f"guid-{n}",
        "headline": f"Headline {n}",
        "published_raw": None,
        "outcome": outcome,
        "status": 200,
        "error": None,
        "tries": 1,
        "next_at": None,
        "entry": None,
        "marks": [n, n + 1],
    }
    told = {
        "entry": {"url": url, "id": f"guid-{n}", "title": f"Headline {n}", "markup": f"<p>Summary {n}</p>"},
        "feed": {"url": FEED, "title": "News", "language": "en"},
        "namespace": "news.example",
        "seen_at": AT + n,
        "outcome": outcome,
        "error": None,
    }
    page = Page(url, 200, {"content-type": "text/html"}, f"<p>Words of story {n}</p>".encode(), AT + n)
    return Note([("entries", row)], AT + n, url, told, page)


@pytest.fixture
def lake(tmp_path):
    poll = Note([("polls", {"feed_url": FEED, "polled_at": AT, "outcome": "new"})], AT, FEED)
    write_spool(tmp_path, [poll, *(entry(n) for n in range(3))])
    write_spool(tmp_path, [entry(7)])
    return tmp_path


def stones(url, source_id=None):
    return frozenset(map(tombstone, named(url, source_id, FEED)))


def text(lake):
    return b"".join(gzip.decompress(Path(unit.path).read_bytes()) for unit in spool_files(lake)).decode()


@pytest.mark.parametrize("how", ["address", "guid", "place"])
def test_an_entry_goes_with_its_page_and_only_hashes_stay(lake, how):
    before, units = text(lake), [unit.unit_id for unit in spool_files(lake)]
    places = {}
    forgotten = stones("http://news.example/story/1?utm_source=x") if how == "address" else frozenset()
    if how == "guid":
        forgotten = stones(None, "guid-1")
    elif how == "place":
        [first] = [unit for unit in spool_files(lake) if b"story/1" in gzip.decompress(Path(unit.path).read_bytes())]
        offsets = [record.doc_ref.rpartition("#")[2] for record in read(first) if getattr(record, "url", None)]
        places = {first.unit_id: frozenset({int(offsets[1])})}
    [one] = scrubbed(lake, forgotten, places)
    assert one.keys == {(FEED, (1).to_bytes(16, "big"))} and one.records == 2
    assert stones("https://news.example/story/1") <= one.names
    write(one)
    after = text(lake)
    for told in ("story/1", "guid-1", "Headline 1", "Summary 1", "Words of story 1"):
        assert told in before and told not in after
    for n in (0, 2, 7):
        assert f"Words of story {n}" in after and f"Summary {n}" in after
    assert [unit.unit_id for unit in spool_files(lake)] == units
    rows = [row for unit in spool_files(lake) for row in read(unit) if getattr(row, "table", "") == "entries"]
    assert sorted(row.values["marks"] for row in rows) == [[0, 1], [1, 2], [2, 3], [7, 8]]
    assert not list(scrubbed(lake, forgotten, {}))


def read(unit):
    with closing(open_stream(unit.path, (), True)) as stream:
        return list(spool.read(unit, stream))


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(lake):
    [path, _] = [unit.path for unit in spool_files(lake)]
    with Path(path).open("r+b") as file:
        file.truncate(150)
        file.seek(20)
        file.write(b"\xff" * 60)
    with pytest.raises(LakeError, match="cannot be read"):
        list(scrubbed(lake, stones("https://news.example/story/1"), {}))
