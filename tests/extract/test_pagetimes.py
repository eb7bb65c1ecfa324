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


def test_rdfa_of_drupal() -> None:
    marked = "<span property='dc:date dc:created' content='2013-06-01T12:00:00+02:00'>1 June</span>"
    assert published(f"<article><h1>Vote</h1>{marked}{STORY}</article>")[0] == "2013-06-01T12:00:00+02:00"
