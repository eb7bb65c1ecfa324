"""Words belong to who first has them: what a copy adds is its own."""

from __future__ import annotations

from typing import Any

import pytest
from clustering import article, pair, pair_table, parts, table

from wirecopy.transforms.provenance.clusters import clusters

OWN = {"outlet": "reuters.com", "agency": "Reuters", "credit_kind": "dateline"}
JOINT = {"agency": "Reuters", "credit_kind": "byline"}
REPRINTED = {"jaccard": 0.63, "src_coverage": 0.75, "dst_coverage": 0.8}


def agencies(articles: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> dict[int, str | None]:
    found, _ = clusters(table(articles), pair_table(pairs))
    return {row["origin_article_id"].int: row["agency"] for row in found.to_pylist()}


def test_who_takes_what_a_copy_added_takes_from_the_copy_and_from_no_agency() -> None:
    articles = [article(1, 8, 311, **OWN), article(2, 10, 289, **JOINT), article(3, 15, 147)]
    pairs = [pair(1, 2, **REPRINTED), pair(2, 3, "reuse", dst_coverage=0.38)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "edited"}, 2: {2: "source", 3: "partial"}}
    assert agencies(articles, pairs) == {1: "Reuters", 2: None}


def test_who_takes_both_stands_in_both_stories() -> None:
    articles = [article(1, 8, 311, **OWN), article(2, 10, 289, **JOINT), article(3, 15, 200)]
    pairs = [pair(1, 2, **REPRINTED), pair(1, 3, "reuse", share=0.3), pair(2, 3, "reuse", share=0.6)]
    roles = parts(articles, pairs)
    assert roles == {1: {1: "origin", 2: "edited", 3: "partial"}, 2: {2: "source", 3: "partial"}}


def test_a_copy_of_a_copy_that_keeps_what_that_added_has_it_from_there() -> None:
    articles = [article(1, 8, 311, **OWN), article(2, 10, 289, **JOINT), article(3, 15, 289)]
    pairs = [pair(1, 2, **REPRINTED), pair(1, 3, **REPRINTED), pair(2, 3, jaccard=1.0, share=1.0)]
    roles = parts(articles, pairs)
    assert roles == {1: {1: "origin", 2: "edited", 3: "edited"}, 2: {2: "source", 3: "partial"}}


def test_more_than_the_copy_added_stands_in_the_head_though_that_pair_was_not_kept() -> None:
    articles = [article(1, 8, 300, **OWN), article(2, 10, 300), article(3, 15, 300)]
    pairs = [pair(1, 2, jaccard=1.0, share=1.0), pair(2, 3, "reuse", share=0.3)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "verbatim", 3: "partial"}}


def test_nothing_is_said_where_the_clock_says_that_the_taker_had_the_words_before() -> None:
    articles = [article(1, 8, 311, **OWN), article(2, 10, 289, **JOINT), article(3, 6, 147)]
    pairs = [pair(1, 2, **REPRINTED), pair(2, 3, "reuse", dst_coverage=0.38)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "edited"}}


@pytest.mark.parametrize(("kind", "agency"), [("byline", None), ("dateline", "Reuters")])
def test_a_mere_byline_stands_for_the_agency_s_text_of_that_day(kind: str, agency: str | None) -> None:
    feature = article(2, 10, 900, agency="Reuters", credit_kind=kind)
    articles = [article(1, 8, 311, **OWN), feature, article(3, 15, 200)]
    pairs = [pair(1, 2, "reuse", share=0.25), pair(2, 3, "reuse", share=0.5)]
    assert agencies(articles, pairs) == {1: "Reuters", 2: agency}


def test_text_of_two_agencies_is_neither_s_beyond_what_each_sent() -> None:
    afp = OWN | {"outlet": "afp.com", "agency": "AFP"}
    articles = [article(1, 8, 300, **OWN), article(2, 9, 300, **afp), article(3, 12, 500, **JOINT), article(4, 20, 500)]
    pairs = [pair(s, d, "reuse", share=0.35) for s in (1, 2) for d in (3, 4)] + [pair(3, 4, jaccard=1.0, share=1.0)]
    assert agencies(articles, pairs) == {1: "Reuters", 2: "AFP", 3: None}


def test_a_feature_that_holds_a_brief_took_a_passage_and_has_copies_of_its_own() -> None:
    brief = article(1, 6, 76, **OWN)
    holds = {"jaccard": 0.2, "src_coverage": 1.0, "dst_coverage": 0.2}
    features = [article(2, 100, 370), article(3, 120, 370)]
    pairs = [pair(1, 2, **holds), pair(1, 3, **holds), pair(2, 3, jaccard=1.0, share=1.0)]
    roles = parts([brief, *features], pairs)
    assert roles == {1: {1: "origin", 2: "partial", 3: "partial"}, 2: {2: "origin", 3: "verbatim"}}


def test_a_piece_printed_before_the_full_text_is_no_origin() -> None:
    cut = {"jaccard": 0.25, "src_coverage": 1.0, "dst_coverage": 0.25}
    articles = [article(1, 7, 73), article(2, 8, 311), article(3, 10, 82)]
    late = {"jaccard": 0.2, "src_coverage": 0.25, "dst_coverage": 0.9}
    pairs = [pair(1, 2, **cut), pair(2, 3, **late), pair(1, 3, jaccard=0.88, share=0.9)]
    assert parts(articles, pairs) == {2: {2: "origin", 1: "verbatim", 3: "edited"}}
    (row,) = clusters(table(articles), pair_table(pairs))[0].to_pylist()
    assert row["origin_confidence"] <= 0.5
    days_before = [article(1, 7, 73), article(2, 80, 311), article(3, 90, 82)]
    assert parts(days_before, pairs) == {1: {1: "origin", 2: "partial", 3: "edited"}}


def test_noisy_text_is_a_copy_where_nearly_all_of_it_stands_in_passages() -> None:
    articles = [article(1, 1), article(2, 2), article(3, 3)]
    pairs = [pair(1, 2, "reuse", jaccard=0.2, share=0.9), pair(1, 3, "reuse", share=0.6)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "edited", 3: "partial"}}
