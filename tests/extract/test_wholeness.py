"""A page's text is whole, and is the article's alone."""

from __future__ import annotations

import pytest

from wirecopy.transforms.extract.pages.pages import read_page
from wirecopy.transforms.extract.story import Story
from wirecopy.transforms.read.wire.markup import fragment

STORY = (
    "<p>The harbour council of Port Ellery voted on Tuesday to rebuild the northern breakwater after last"
    " winter's storms"
    " tore away forty metres of stone and flooded three streets of the old town.</p><p>Mayor Ines Calder said the work"
    " would cost eleven million and take two summers, and that the fleet would be moved to the inner basin.</p>"
)


def text_of(body: str, head: str = "") -> str:
    page = f"<!DOCTYPE html><html><head><title>Vote</title>{head}</head><body>{body}</body></html>"
    story = read_page(page)
    assert isinstance(story, Story)
    return story.text


def test_joiners_stay() -> None:
    persian = "شورای بندر روز سه‌شنبه رأی داد که موج‌شکن شمالی را که توفان‌های زمستان گذشته برده بود، بازسازی کند."
    hindi = "बंदरगाह परिषद ने मंगलवार को क्‍या तय किया, यह श्रीमान् ने बताया और लोगों ने पूछा कि मरम्मत क्यों टूटी।"
    for paragraph in (persian, hindi):
        assert paragraph in text_of(f"<article><h1>رأی</h1><p>{paragraph}</p><p>{paragraph} ۲</p></article>")


def test_ruby_and_word_breaks_cut_no_sentence() -> None:
    body = (
        "<article><h1>港</h1><p><ruby>港湾<rp>(</rp><rt>こうわん</rt><rp>)</rp></ruby><ruby>評議会<rt>ひょうぎかい</rt></ruby>は"
        "火曜日、昨冬の嵐で流された北防波堤の再建を決めた。</p>"
        "<p>The Donau<wbr>dampf<wbr>schiff sailed on Tuesday.</p></article>"
    )
    found = text_of(body)
    assert "港湾評議会は火曜日、昨冬の嵐で流された北防波堤の再建を決めた。" in found
    assert "The Donaudampfschiff sailed on Tuesday." in found
    assert fragment("<p><ruby>港湾<rp>(</rp><rt>こうわん</rt><rp>)</rp></ruby>は</p>") == "港湾は"


@pytest.mark.parametrize(
    "mark",
    [
        'class="comentarios"',
        'class="lista-comentarios"',
        'id="kommentare"',
        'class="commentaires-liste"',
        'id="comments"',
    ],
)
def test_readers_comments_are_not_text(mark: str) -> None:
    comments = "".join(f"<li><p>I knew number {n} of it all along, and nobody listened.</p></li>" for n in range(5))
    found = text_of(f"<div><h1>Vote</h1>{STORY}</div><div {mark}><h3>5</h3><ul>{comments}</ul></div>")
    assert "northern breakwater" in found and "nobody listened" not in found


@pytest.mark.parametrize(
    "heading", ["2 Kommentare", "Reader comments", "Join the discussion", "Комментарии (2)", "Réactions"]
)
def test_what_stands_below_a_heading_of_comments_is_not_text(heading: str) -> None:
    item = "<li><p>I knew it all along, and nobody listened to me in all these years.</p></li>"
    found = text_of(f"<div><h1>Vote</h1>{STORY}<div class=x><h3>{heading}</h3><ul>{item * 3}</ul></div></div>")
    assert "northern breakwater" in found and "nobody listened" not in found


def test_a_part_of_an_article_headed_discussion_stays() -> None:
    found = text_of(
        f"<article><h1>Vote</h1>{STORY}<h3>Discussion</h3><p>The council spoke of it for nine hours.</p></article>"
    )
    assert "nine hours" in found


def test_captions_and_boxes_are_not_text() -> None:
    found = text_of(
        f"<article><h1>Vote</h1><figure><img src=a.jpg><figcaption>The quay on Monday"
        f" morning</figcaption></figure>{STORY}"
        '<div class="newsletter-box"><p>Have our stories sent to you each morning, for nothing at all.</p></div>'
        '<p class="wp-caption-text">Cranes stand at the inner basin in winter</p></article>'
    )
    assert "inner basin." in found
    assert not any(words in found for words in ("quay on Monday", "sent to you", "Cranes stand"))
