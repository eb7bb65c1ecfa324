"""Headlines as readers see them, authors that are people, bodies that a page carries only as data."""

from __future__ import annotations

import json

import pytest

from wirecopy.transforms.extract.authors import names
from wirecopy.transforms.extract.pages.pages import read_page
from wirecopy.transforms.extract.story import Story

STORY = "".join(
    f"<p>Paragraph {n}: the harbour council of Port Ellery voted on Tuesday to rebuild the northern breakwater.</p>"
    for n in range(4)
)


def story_of(body: str, title: str, head: str = "") -> Story:
    found = read_page(f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>")
    assert isinstance(found, Story)
    return found


def test_a_kicker_is_no_part_of_the_headline() -> None:
    body = f"<article><h1><span class='article-kicker'>Opinion</span>Why the vote matters</h1>{STORY}</article>"
    assert story_of(body, "Why the vote matters").headline == "Why the vote matters"
    assert story_of(body, "").headline == "Why the vote matters"


def test_a_hidden_heading_is_not_the_headline() -> None:
    body = (
        "<h1 class='visually-hidden'>Port Ellery breakwater news and updates</h1>"
        f"<article><h1>Council votes for breakwater</h1>{STORY}</article>"
    )
    assert story_of(body, "Council votes for breakwater | Gazette").headline == "Council votes for breakwater"


def test_the_sites_name_is_taken_off_with_and_without_its_article() -> None:
    site = "<meta property='og:site_name' content='The Ellery Gazette'>"
    body = f"<article><h1>Council votes</h1>{STORY}</article>"
    assert story_of(body, "Council votes - Ellery Gazette", site).headline == "Council votes"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Quelle: dpa", ["dpa"]),
        ("Mara Rook (obe)", ["Mara Rook"]),
        ("mara-rook", ["Mara Rook"]),
        ("Rook, Mara; Hart, Bo", ["Mara Rook", "Bo Hart"]),
        ("Null", ["Null"]),
        ("null", []),
        ("Foto: Bo Hart", []),
        ("Senior Political Correspondent", []),
    ],
)
def test_what_is_no_author(field: str, expected: list[str]) -> None:
    assert names([field]) == expected


def test_a_section_is_no_author() -> None:
    head = "<meta property='article:section' content='Politics'><meta name='author' content='Politics'>"
    assert list(story_of(f"<article><h1>Vote</h1>{STORY}</article>", "Vote", head).authors) == []


def test_a_body_that_a_page_carries_as_data() -> None:
    data = json.dumps({"props": {"article": {"id": 7, "body": STORY, "title": "Harbour council votes"}}})
    body = f"<div id=root><h1>Harbour council votes</h1></div><script type='application/json'>{data}</script>"
    found = story_of(body, "Harbour council votes")
    assert "Paragraph 3" in found.text and "<p>" not in found.text
