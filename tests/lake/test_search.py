"""Search in a lake: kept up by commits, merged by compact, made for lakes that lack it, and never silently short."""

import duckdb
import pytest
from lakes import ingest, query, write_jsonl
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.compact import publishing, run_compact
from wirecopy.pipelines.mend import run_mend
from wirecopy.transforms.commit.publish import attempt, stage_upkeep
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.coverage import indexed
from wirecopy.transforms.search.upkeep import without_articles

TEXT = "The harbour of the old town reopens on Sunday after three years of dredging, the mayor announced. {}"
PLACES = ["Lisbon cheered.", "Hamburg waited.", "Riga slept.", "Oslo sang.", "Turku danced."]
RECORDS = [
    {
        "url": f"https://a.com/{at}",
        "published_at": f"2022-02-{14 + at}",
        "title": f"Story {at}",
        "text": TEXT.format(words),
    }
    for at, words in enumerate(PLACES)
]


def found(lake, words):
    return sorted(headline for (headline,) in query(lake, f"SELECT headline FROM search('{words}')"))


@pytest.fixture
def lake(tmp_path):
    place = tmp_path / "lake"
    for at, record in enumerate(RECORDS):
        ingest(place, write_jsonl(tmp_path / f"{at}.jsonl", [record]))
    return place


def test_each_commit_is_found_and_compact_leaves_one_segment_that_finds_the_same(lake):
    assert len(open_snapshot(lake).parts["search_index"]) == len(RECORDS)
    assert found(lake, "harbours") == [f"Story {at}" for at in range(5)]
    assert found(lake, "sang OR danced") == ["Story 3", "Story 4"]
    run_compact(lake)
    assert len(open_snapshot(lake).parts["search_index"]) == 1
    assert found(lake, "harbours") == [f"Story {at}" for at in range(5)]
    assert found(lake, "sang OR danced") == ["Story 3", "Story 4"]
    assert found(lake, "after:2022-02-16 -danced") == ["Story 2", "Story 3"]


def test_where_articles_are_not_indexed_search_says_so_until_compact_has_indexed_them(lake):
    forget_segments(lake, 2)
    with pytest.raises(duckdb.Error, match="no index of 2 of 5 articles"):
        found(lake, "harbour")
    assert len(query(lake, "FROM search_texts('harbour')")) == 5
    run_compact(lake)
    assert indexed(open_snapshot(lake)) == 5
    assert found(lake, "harbour") == [f"Story {at}" for at in range(5)]


def test_reindex_makes_what_is_missing(lake):
    forget_segments(lake, 5)
    assert CliRunner().invoke(app, ["reindex", "--lake", str(lake)]).exit_code == 0
    assert found(lake, "lisbon") == ["Story 0"]


def test_a_lost_segment_is_made_anew_by_mending(lake):
    part = open_snapshot(lake).parts["search_index"][0]
    (lake / part.path).unlink()
    run_mend(lake, None)
    assert found(lake, "harbour") == [f"Story {at}" for at in range(5)]


def test_a_better_sighting_takes_the_place_of_an_article_in_its_segment(lake, tmp_path):
    again = {**RECORDS[0], "title": "Another headline"}
    before = open_snapshot(lake)
    ingest(lake, write_jsonl(tmp_path / "again.jsonl", [again]))
    after = open_snapshot(lake)
    assert after.number == before.number + 1
    assert indexed(after) == after.rows("articles") == 5
    assert found(lake, "lisbon") == [*query(lake, "SELECT headline FROM articles WHERE url LIKE '%/0'")[0]]


def test_segments_without_articles_no_longer_name_them(lake):
    ids = query(lake, "SELECT article_id FROM articles WHERE headline = 'Story 3'")
    import pyarrow as pa

    with publishing(lake, "test") as options:
        snapshot = open_snapshot(lake)
        gone = pa.array([ids[0][0].bytes], pa.binary(16))
        rewritten, removed = without_articles(snapshot, gone, options.staging)
    assert rewritten == () and len(removed) == 1  # the segment had no other article


def forget_segments(lake, n):
    """Make a lake one that has no index of some articles, as an earlier version left it."""
    with publishing(lake, "test") as options:
        snapshot = open_snapshot(lake)
        gone = {"search_index": tuple(part.path for part in snapshot.parts["search_index"][:n])}
        assert attempt(lake, options.staging, stage_upkeep(snapshot, options.staging, options.run, {}, {}, gone))
