"""A site's own lines: found in the lake, left out of what comes after, and nothing else with them."""

import random

import pytest
from lakes import ingest, query
from made_texts import sample

from wirecopy.pipelines.query import open_lake, run
from wirecopy.transforms.lake.files import LakeError

CLOSING = "Our newsroom at the corner of Mill Lane welcomes visitors every Thursday afternoon."
BACKGROUND = "The harbour dispute began when the port authority raised berthing charges in the spring."
CREDIT = "(With inputs from Reuters and our own correspondents)"


def page(number, *closing):
    rng = random.Random(number)
    own = [" ".join(sample("en", 40, rng)).capitalize() + "." for _ in range(4)]
    own[1] += " The harbour authority and its berthing charges were in dispute in the spring, the port said."
    lines = [*own, BACKGROUND, *closing]
    return (
        f"<html><head><title>Story {number}</title></head><body><article><h1>Story {number} of the day</h1>"
        + "".join(f"<p>{line}</p>" for line in lines)
        + "</article></body></html>"
    )


def pages(folder, numbers, *closing):
    folder.mkdir()
    for number in numbers:
        link = f'<head><link rel="canonical" href="https://www.town-times.com/story-{number}">'
        (folder / f"{number}.html").write_text(page(number, *closing).replace("<head>", link))
    return folder


def texts(lake):
    return dict(query(lake, "SELECT headline, text FROM articles JOIN texts USING (article_id)"))


@pytest.fixture
def lake(tmp_path):
    lake = tmp_path / "lake"
    ingest(lake, pages(tmp_path / "before", range(6), CLOSING, CREDIT))
    return lake


def learn(lake):
    with open_lake(lake) as con, (lake / "furniture.parquet").open("wb") as file:
        run(con, "FROM furniture", "parquet", file, file)


def test_background_and_credits_repeat_and_are_no_furniture(lake):
    assert query(lake, "SELECT outlet, text, n_stories FROM furniture") == [("town-times.com", CLOSING, 6)]


def test_what_was_learned_is_left_out_of_what_comes_after(lake, tmp_path):
    learn(lake)
    ingest(lake, pages(tmp_path / "after", range(6, 8), CLOSING, CREDIT))
    found = texts(lake)
    assert [CLOSING in found[f"Story {n} of the day"] for n in range(8)] == [True] * 6 + [False] * 2
    assert all(BACKGROUND in text and CREDIT in text for text in found.values())
    marked = query(
        lake, "SELECT count(*) FROM articles WHERE extractor LIKE '% furniture/%' AND credits[1].agency = 'Reuters'"
    )
    assert marked == [(2,)]


def test_another_outlet_keeps_the_same_line(lake, tmp_path):
    learn(lake)
    other = pages(tmp_path / "other", [9], CLOSING)
    file = other / "9.html"
    file.write_text(file.read_text().replace("town-times", "village-voice"))
    ingest(lake, other)
    assert CLOSING in texts(lake)["Story 9 of the day"]


def test_a_file_that_holds_no_furniture_stops_the_run_and_says_which(lake, tmp_path):
    (lake / "furniture.parquet").write_bytes(b"")
    with pytest.raises(Exception, match=r"furniture\.parquet holds no furniture") as caught:
        ingest(lake, pages(tmp_path / "after", [6], CLOSING))
    assert isinstance(caught.value, LakeError) or isinstance(caught.value.__context__, LakeError)
    assert len(texts(lake)) == 6
