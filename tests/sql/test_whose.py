"""Whose words these are, passage by passage, through the views that a reader asks."""

from __future__ import annotations

import random

import pytest
from lakes import commit, query, write_jsonl
from made_texts import sample

EDGES = "SELECT source_outlet, outlet, copies, partial FROM outlet_network ORDER BY ALL"
CREDITED = """
SELECT src.outlet, dst.outlet, passages.agency, behind.outlet, evidence
FROM passages
JOIN articles AS src ON src.article_id = passages.src_article_id
JOIN articles AS dst ON dst.article_id = passages.dst_article_id
LEFT JOIN articles AS behind ON behind.article_id = passages.agency_article_id
LEFT JOIN passage_credits USING (passage_id)
WHERE dst.outlet = 'gamma.net'
ORDER BY ALL
"""


def paragraphs(language, counts, seed):
    rng = random.Random(seed)
    return [" ".join(sample(language, n, rng)).capitalize() + "." for n in counts]


def story(outlet, hour, texts, **known):
    times = {"published": f"2024-05-07T{hour:02d}:00:00Z"}
    return {"url": f"https://www.{outlet}/story", "text": "\n\n".join(texts), **times, **known}


@pytest.fixture(scope="module", params=["en", "ru"])
def told(request):
    """A story of Reuters', a paper that adds a paragraph to it, and what others may take of that."""
    own = paragraphs(request.param, [35, 41, 44, 42, 36, 38, 37, 41], 1)
    added, elsewhere = paragraphs(request.param, [70], 2), paragraphs(request.param, [60, 50], 3)
    reuters = story("reuters.com", 8, ["NORTHAVEN (Reuters) - " + own[0], *own[1:]])
    alpha = story("alpha.com", 10, [*own[:6], *added], byline="By Alpha Staff and Reuters")
    return reuters, alpha, own, added, elsewhere


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_who_takes_what_a_paper_added_takes_from_the_paper_and_no_agency_is_due(tmp_path, told, order):
    reuters, alpha, _, added, elsewhere = told
    records = [reuters, alpha, story("gamma.net", 15, [*added, *elsewhere])]
    for i in order:
        commit(tmp_path / "lake", write_jsonl(tmp_path / f"{i}.jsonl", [records[i]]))
    lake = tmp_path / "lake"
    assert query(lake, EDGES) == [("alpha.com", "gamma.net", 0, 1), ("reuters.com", "alpha.com", 1, 0)]
    assert query(lake, CREDITED) == [("alpha.com", "gamma.net", None, None, None)]
    assert query(lake, "FROM uncredited(least := 0.1)") == []
    assert query(lake, "SELECT original, agency_share FROM outlets WHERE outlet = 'gamma.net'") == [(0.0, 0.0)]


def test_of_a_chain_each_keeps_what_it_added_and_the_agency_what_it_sent(tmp_path, told):
    reuters, alpha, own, added, elsewhere = told
    beta = story("beta.org", 12, [*added, *own[1:4]])
    gamma = story("gamma.net", 15, [*added, elsewhere[0], *own[1:3], elsewhere[1], *paragraphs("en", [90], 4)])
    lake = tmp_path / "lake"
    commit(lake, write_jsonl(tmp_path / "all.jsonl", [reuters, alpha, beta, gamma]))
    edges = {(source, taker) for source, taker, *_ in query(lake, EDGES)}
    assert {("reuters.com", "gamma.net"), ("alpha.com", "gamma.net"), ("alpha.com", "beta.org")} <= edges
    assert ("beta.org", "gamma.net") not in edges
    holds = f"contains(substring(text, dst_begin + 1, dst_end - dst_begin), '{added[0][:60]}')"
    of_added = f"SELECT agency FROM passages JOIN texts ON texts.article_id = dst_article_id WHERE {holds}"
    assert {agency for (agency,) in query(lake, of_added)} == {None}
    behind = {(agency, outlet, evidence) for _, _, agency, outlet, evidence in query(lake, CREDITED)}
    assert behind == {(None, None, None), ("Reuters", "reuters.com", "NORTHAVEN (Reuters)")}


def test_two_agencies_in_one_text_have_their_passages_each(tmp_path, told):
    reuters, _, own, _, elsewhere = told
    sent = paragraphs("en", [60, 60, 60], 5)
    afp = story("afp.com", 9, ["NORTHAVEN (AFP) - " + sent[0], *sent[1:]])
    both = story("alpha.com", 12, [*own[:4], *sent, *elsewhere], byline="By Reuters and AFP")
    gamma = story("gamma.net", 15, [*sent[:2], paragraphs("en", [90], 6)[0]])
    lake = tmp_path / "lake"
    commit(lake, write_jsonl(tmp_path / "all.jsonl", [reuters, afp, both, gamma]))
    ((alpha,),) = query(lake, "SELECT article_id FROM articles WHERE outlet = 'alpha.com'")
    assert sorted(query(lake, f"SELECT source_outlet, source_agency, role FROM sources_of('{alpha}')")) == [
        ("afp.com", "AFP", "partial"),
        ("reuters.com", "Reuters", "partial"),
    ]
    assert {agency for _, _, agency, *_ in query(lake, CREDITED)} == {"AFP"}
    assert ("reuters.com", "gamma.net") not in {(source, taker) for source, taker, *_ in query(lake, EDGES)}


def test_a_story_that_a_paper_broke_is_the_paper_s_where_the_agency_names_it(tmp_path, told):
    _, _, own, added, elsewhere = told
    paper = story("alphaherald.com", 6, [*added, *own[:3]])
    named = story(
        "reuters.com", 8, ["NORTHAVEN (Reuters) - Docks are shut, the Alpha Herald reported.", *added, *elsewhere]
    )
    silent = story("reuters.com", 9, ["NORTHAVEN (Reuters) - " + own[4], *own[:3], elsewhere[0]])
    silent["url"] += "/2"
    gamma = story("gamma.net", 15, [*added, *own[5:]])
    lake = tmp_path / "lake"
    commit(lake, write_jsonl(tmp_path / "all.jsonl", [paper, named, silent, gamma]))
    edges = {(source, taker) for source, taker, *_ in query(lake, EDGES)}
    assert {("alphaherald.com", "reuters.com"), ("alphaherald.com", "gamma.net")} <= edges
    assert ("reuters.com", "gamma.net") not in edges
    assert {agency for _, _, agency, *_ in query(lake, CREDITED)} == {None}
    assert query(lake, "SELECT outlet FROM uncredited(least := 0.1)") == [("alphaherald.com",)]
