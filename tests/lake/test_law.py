"""The law of pairs at size: one run or ten, in whatever order, with workers or without, give the same lake."""

import random

import pytest
from lakes import CLUSTERS, MEMBERS, PASSAGES, ingest, query, write_jsonl
from made_texts import edit, insert, sample

from wirecopy.transforms.columns import fixed
from wirecopy.transforms.index import runs as module
from wirecopy.transforms.index.relations import FOUND_BY, RELATIONS
from wirecopy.transforms.index.runs import ALIKE, alike, open_index, reindex, tidy
from wirecopy.transforms.lake.commits import open_snapshot

ANSWERS = {
    "pairs": "SELECT * EXCLUDE (model_id) FROM pairs ORDER BY ALL",
    "passages": PASSAGES,
    "clusters": CLUSTERS,
    "members": MEMBERS,
}

MONTHS = "January February March April May June July August September October November December".split()


def stories(n, seed):
    """Stories of which a third are copies of earlier ones, edited or cut, and a third took a passage of one.

    No words stand in more than 32 of them, from where on the law makes an exception.
    """
    rng = random.Random(seed)
    made = []
    for i in range(n):
        kind = rng.random()
        words = sample("en", rng.randrange(150, 300), rng)
        if made and kind < 0.33:
            words = edit(rng.choice(made[-60:]), 0.03, "en", rng)[rng.randrange(2) * 20 :]
        elif made and kind < 0.67:
            other = rng.choice(made[-60:])
            at = rng.randrange(len(other) - 60)
            text, _, _ = insert(edit(other[at : at + 60], rng.choice([0, 0.1, 0.2]), "en", rng), words, 50)
            words = text.split(" ")
        made.append(words)
        agency, month, day = rng.choice(["Reuters", "AP", "TASS", None]), rng.choice(MONTHS), rng.randrange(1, 29)
        [place] = sample("en", 1, rng)
        yield {
            "url": f"https://outlet{rng.randrange(30)}.example/{i}",
            "published_at": f"2022-0{1 + i // 150}-{1 + i % 28:02d}T{i % 24:02d}:00:00Z",
            "text": (f"{place.upper()}, {month} {day} ({agency}) - " if agency else "") + " ".join(words) + ".",
        }


@pytest.fixture(scope="module")
def lakes(tmp_path_factory):
    """The same 400 stories in one run, by workers, and in ten others in another order, some twice, by none."""
    place = tmp_path_factory.mktemp("law")
    records = list(stories(400, seed=5))
    ingest(place / "one", write_jsonl(place / "all.jsonl", records))
    rng = random.Random(6)
    again = records + rng.sample(records, 40)
    rng.shuffle(again)
    for i in range(10):
        ingest(place / "ten", write_jsonl(place / f"{i}.jsonl", again[i::10]))
    tidy(place / "ten", wait=True)
    return place / "one", place / "ten"


@pytest.mark.parametrize("table", ANSWERS)
def test_ten_runs_in_another_order_give_the_pairs_of_one(lakes, table):
    one, ten = (query(lake, ANSWERS[table]) for lake in lakes)
    assert len(one) > 100
    assert ten == one


def test_some_runs_were_merged_and_some_articles_gave_way(lakes):
    snapshot = open_snapshot(lakes[1])
    assert snapshot.number == 10
    assert len(open_index(snapshot).runs) < ALIKE
    assert query(lakes[1], "SELECT count(*) FROM articles") == [(400,)]
    assert any(part.path.startswith("articles") and "rewritten" in part.path for part in snapshot.parts["articles"])


def test_an_article_is_written_and_looked_for_in_as_many_runs_as_the_logarithm_of_the_commits():
    for n, most in ((64, 3), (1024, 5), (4096, 6)):
        sizes, written = [], 0
        for _ in range(n):
            sizes.append(1000)
            while places := alike(sizes):
                merged = sum(sizes[place] for place in places)
                sizes = [size for place, size in enumerate(sizes) if place not in places] + [merged]
                written += merged
            assert len(sizes) <= 3 * (most + 1)
        assert written <= most * 1000 * n


def rows_of(index):
    ids = [fixed(segment.articles["article_id"].filter(segment.live)).tolist() for segment in index.segments]
    rows = {"articles": sorted(one for some in ids for one in some)}
    for name in RELATIONS:
        everything = [run.relations[name].rows[column] for run in index.runs for column in FOUND_BY[name]]
        found = {tuple(row.items()) for column in everything for row in index.find(name, column).to_pylist()}
        rows[name] = sorted(found, key=str)
    return rows


@pytest.mark.parametrize("batch", [60, 150, 20_000])
def test_an_index_built_anew_finds_what_the_kept_one_finds(lakes, batch, monkeypatch):
    snapshot = open_snapshot(lakes[1])
    kept = rows_of(open_index(snapshot))
    monkeypatch.setattr(module, "CATCH_UP_ROWS", batch)
    assert rows_of(reindex(snapshot)) == kept
    assert all(len(rows) > 100 for name, rows in kept.items() if name != "takes")  # none has a slugline


def test_an_index_that_is_behind_catches_up(lakes):
    """As of the commit before, then opened for the newest, with articles that gave way in between."""
    snapshot = open_snapshot(lakes[1])
    kept = rows_of(open_index(snapshot))
    for number in range(1, snapshot.number):
        reindex(open_snapshot(lakes[1], number))
        assert rows_of(open_index(snapshot)) == kept
