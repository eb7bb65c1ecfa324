"""A text names the articles that it draws on, each passage the one that had it first, or nobody."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lakes import query
from made_texts import edit, sample
from tracing.conftest import OTHER, OWN, WIRE, spoken

import wirecopy
from wirecopy.schemas.elements import Document
from wirecopy.transforms.tracing.trace import article_of, opened, trace_article, trace_document


def shares(trace: wirecopy.Trace) -> dict[str | None, float]:
    return {source.outlet: round(source.share, 2) for source in trace.sources}


def test_words_of_two_sources_are_told_apart_and_go_to_who_had_them_first(news: Path) -> None:
    mine = sample("en", 100, random.Random(1))
    text = spoken(WIRE[:150] + mine + OWN[50:200])
    found = wirecopy.trace(news, text)
    assert {outlet: pytest.approx(share, abs=0.03) for outlet, share in shares(found).items()} == {
        "tass.com": 0.375,
        "times.example": 0.375,
    }
    assert abs(found.own_words - 100) <= 8
    first, second = found.passages
    assert found.sources[first.source].outlet == "tass.com"
    assert text[first.begin : first.end] == first.words
    assert first.words.split()[5:-5] == first.source_words.split()[5:-5]
    assert found.sources[second.source].outlet == "times.example"
    assert found.agencies == {"TASS": pytest.approx(0.375, abs=0.03)}
    assert [source.credit for source in found.sources] == ["none", "none"]


def test_changed_words_are_said_to_be_changed(news: Path) -> None:
    words = WIRE[:120]
    words[60] = "zymurgy"
    found = wirecopy.trace(news, spoken(words))
    [passage] = found.passages
    assert [found.text[begin:end] for begin, end in passage.changed] == ["zymurgy"]
    assert passage.identity > 0.98


def test_a_third_of_the_words_changed_leaves_the_source(news: Path) -> None:
    found = wirecopy.trace(news, spoken(edit(WIRE, 1 / 3, "en", random.Random(2))))
    assert [source.outlet for source in found.sources] == ["tass.com"]
    assert found.sources[0].share > 0.9


def test_a_text_that_draws_on_nothing_has_no_source(news: Path) -> None:
    for seed in range(5):
        found = wirecopy.trace(news, spoken(sample("en", 300, random.Random(100 + seed))))
        assert (found.sources, found.passages, found.later, found.own_share) == ((), (), (), 1.0)


def test_an_article_of_the_lake_is_left_out_and_has_the_sources_that_sql_gives_it(news: Path) -> None:
    snapshot, index = opened(news)
    for article_id, outlet in query(news, "SELECT article_id, outlet FROM articles"):
        found = trace_article(snapshot, index, article_of(snapshot, article_id))
        assert found.article_id == str(article_id)
        rows = query(
            news, f"SELECT origin_article_id::VARCHAR, round(share::DOUBLE, 4) FROM sources_of('{article_id}')"
        )
        assert {one.article_id: round(one.share, 4) for one in found.sources} == dict(rows), outlet
    wire = query(news, "SELECT article_id FROM articles WHERE outlet = 'tass.com'")[0][0]
    found = trace_article(snapshot, index, article_of(snapshot, wire))
    assert [source.outlet for source in found.later] == ["daily.example", "digest.example"]


def test_an_older_page_is_not_the_taker_of_what_came_after_it(news: Path) -> None:
    page = {"url": "https://elsewhere.example/9", "outlet": "elsewhere.example"}
    document = Document(
        "0" * 32, 0, "page", "record", spoken(OTHER[:100] + OWN), published="2022-01-01T00:00:00Z", **page
    )
    found = trace_document(news, document)
    assert found.sources == ()
    assert {source.outlet for source in found.later} == {"times.example", "digest.example"}


def test_who_is_credited_is_told_from_who_is_not(news: Path) -> None:
    for lead, credit in (("LONDON, February 7. /TASS/. ", "credited"), ("", "none")):
        found = wirecopy.trace(news, lead + spoken(WIRE))
        assert [(source.agency, source.credit) for source in found.sources] == [("TASS", credit)]


def test_what_has_no_words_and_a_lake_that_is_not_there_are_refused(news: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no text"):
        wirecopy.trace(news, "... !")
    with pytest.raises(wirecopy.LakeError, match="there is no lake"):
        wirecopy.trace(tmp_path / "none", "A text of words.")
