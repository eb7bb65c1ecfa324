"""Which version of its article a row is: told as articles come, in whatever order, and by lakes that were not told."""

from pathlib import Path

import pytest
from lakes import ingest, query, write_jsonl

from wirecopy.pipelines.compact import publishing, run_compact
from wirecopy.transforms.commit.publish import attempt, stage_upkeep
from wirecopy.transforms.index.versions import are_told
from wirecopy.transforms.lake.catalog import catalog_sql
from wirecopy.transforms.lake.commits import open_snapshot

STORY = "The harbour of the old town reopens on {} after three years of dredging, the mayor announced."
DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday"]
VERSIONS = [
    {"url": "https://a.com/harbour", "published_at": f"2022-02-{14 + at}", "text": STORY.format(day)}
    for at, day in enumerate(DAYS)
]
OTHER = {"url": "https://b.com/1", "published_at": "2022-02-14", "text": "Senators met in the old town hall on Sunday."}
ASKED = "SELECT version, event_at::DATE::VARCHAR FROM articles WHERE outlet = 'a.com' ORDER BY version"
BY_WINDOW = ASKED.replace("version,", "row_number() OVER (PARTITION BY identity ORDER BY event_at),", 1)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_versions_that_come_one_by_one_are_numbered_by_time(tmp_path, order):
    lake = tmp_path / "lake"
    ingest(lake, write_jsonl(tmp_path / "other.jsonl", [OTHER]))
    for at in order:
        ingest(lake, write_jsonl(tmp_path / f"{at}.jsonl", [VERSIONS[at]]))
    assert query(lake, ASKED) == query(lake, BY_WINDOW) == [(1 + at, f"2022-02-{14 + at}") for at in range(4)]
    assert query(lake, "SELECT version FROM articles WHERE outlet = 'b.com'") == [(1,)]
    assert query(lake, "SELECT count(*), min(version) FROM versions") == [(4, 1)]
    before = query(lake, "FROM versions ORDER BY article_id")
    run_compact(lake)
    assert query(lake, "FROM versions ORDER BY article_id") == before
    assert query(lake, ASKED) == [(1 + at, f"2022-02-{14 + at}") for at in range(4)]


def test_a_lake_that_was_not_told_numbers_them_when_asked_and_is_told_by_compact(tmp_path):
    lake = tmp_path / "lake"
    ingest(lake, write_jsonl(tmp_path / "all.jsonl", [*VERSIONS[:3], OTHER]))
    forget_versions(lake)
    assert not are_told(open_snapshot(lake))
    assert "row_number() OVER (PARTITION BY identity" in catalog_sql(open_snapshot(lake))
    ingest(lake, write_jsonl(tmp_path / "more.jsonl", [VERSIONS[3]]))
    assert query(lake, ASKED) == [(1 + at, f"2022-02-{14 + at}") for at in range(4)]
    assert query(lake, "SELECT count(*) FROM versions") == [(0,)]
    run_compact(lake)
    assert are_told(open_snapshot(lake))
    assert query(lake, "SELECT count(*) FROM versions") == [(4,)]
    assert query(lake, ASKED) == [(1 + at, f"2022-02-{14 + at}") for at in range(4)]


def test_an_outlet_that_is_given_by_name_is_one_in_every_view(tmp_path):
    lake = tmp_path / "lake"
    long = " ".join(STORY.format(day) for day in DAYS)
    rows = [
        {"outlet": "Daily Bugle", "id": "1", "published_at": "2022-02-14T09:00:00Z", "text": long},
        {"outlet": "Evening Post", "id": "2", "published_at": "2022-02-14T12:00:00Z", "text": long},
    ]
    ingest(lake, write_jsonl(tmp_path / "named.jsonl", rows))
    assert query(lake, "SELECT outlet, articles FROM outlets ORDER BY 1") == [("Daily Bugle", 1), ("Evening Post", 1)]
    assert query(lake, "SELECT source_outlet, outlet FROM outlet_network") == [("Daily Bugle", "Evening Post")]
    assert query(lake, "SELECT n_outlets FROM stories") == [(2,)]
    assert query(lake, "SELECT articles FROM churn('Evening Post')") == [(1,)]


def forget_versions(lake: Path) -> None:
    """Make a lake one that was begun without the table of versions."""
    with publishing(lake, "test") as options:
        snapshot = open_snapshot(lake)
        gone = {"versions": tuple(part.path for part in snapshot.parts["versions"])}
        assert attempt(lake, options.staging, stage_upkeep(snapshot, options.staging, options.run, {}, {}, gone))
