"""The times of comments, teasers and boxes are not the story's."""

from __future__ import annotations

import pytest

from wirecopy.transforms.extract.pages.pages import read_page
from wirecopy.transforms.extract.story import Story

STORY = "<p>The harbour council of Port Ellery voted on Tuesday to rebuild the northern breakwater.</p>" * 3
TIME = "<time datetime='2013-06-03T19:09:00Z'>8 hours ago</time>"


def published(body: str) -> list[str]:
    found = read_page(f"<!DOCTYPE html><html lang=en><head><title>Vote</title></head><body>{body}</body></html>")
    assert isinstance(found, Story)
    return [stamp.raw for stamp in found.published]


@pytest.mark.parametrize(
    "beside",
    [
        f"<div id='comments'><div class='comment'>{TIME}<p>Not at all.</p></div></div>",
        f"<section class='comments-area'>{TIME}</section>",
        f"<div class='related'><article><h3><a href='/x'>Another story</a></h3>{TIME}</article></div>",
        f"<aside>{TIME}</aside>",
    ],
)
def test_a_time_beside_the_story_is_not_its(beside: str) -> None:
    assert published(f"<article><h1>Vote</h1>{STORY}</article>{beside}") == []
    own = f"<article><h1>Vote</h1><div class='byline'>3 June 2014 10:05 am by Mara Rook</div>{STORY}</article>"
    assert [raw[:11] for raw in published(own + beside)] == ["3 June 2014"]


def test_a_readers_day_is_not_the_storys() -> None:
    readers = "<div class='kommentare'><ul><li><p class=meta>joe 07/03/2026 10:31</p><p>Not at all.</p></li></ul></div>"
    assert published(f"<article><h1>Vote</h1>{STORY}</article>{readers}") == []


def test_a_labelled_day_goes_before_that_of_a_teaser() -> None:
    time = TIME.replace("8 hours ago", "3.6.2013")
    teaser = f"<aside><article><h3><a href='/x'>Another story</a></h3>{time}</article></aside>"
    found = published(f"<article><h1>Vote</h1><p>Datum: 1. Juni 2014</p>{STORY}{teaser}</article>")
    assert set(found) == {"1. Juni 2014"}


def test_a_time_with_that_of_a_change_behind_it() -> None:
    line = "<p>Publié le 06/03/2026 à 17h05, mis à jour à 18h00</p>"
    assert published(f"<article><h1>Vote</h1>{line}{STORY}</article>")[0] == "06/03/2026 à 17h05"


def test_rdfa_of_drupal() -> None:
    marked = "<span property='dc:date dc:created' content='2013-06-01T12:00:00+02:00'>1 June</span>"
    assert published(f"<article><h1>Vote</h1>{marked}{STORY}</article>")[0] == "2013-06-01T12:00:00+02:00"
    told = "<meta property='dcterms:created' content='2013-06-01T12:00:00+02:00'>"
    assert published(f"{told}<article><h1>Vote</h1>{STORY}</article>")[0] == "2013-06-01T12:00:00+02:00"
