from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest
from clustering import HOUR, Fact, Pair, article, name, number, pair, pair_table, parts, table
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.schemas.articles import ARTICLES
from wirecopy.transforms.columns import is_among
from wirecopy.transforms.index.relations import EDGES
from wirecopy.transforms.provenance.changes import incident_in, recluster, touched
from wirecopy.transforms.provenance.clusters import CLUSTER_ROWS, MEMBER_ROWS, cluster_id, clusters
from wirecopy.transforms.provenance.facts import FACTS, facts, standings
from wirecopy.transforms.provenance.origin import SECOND, Sighting, orient, standing
from wirecopy.transforms.provenance.takes import take_links


def test_copies_gather_around_the_earliest() -> None:
    articles = [article(1, 5), article(2, 1), article(3, 9)]
    pairs = [pair(2, 1, jaccard=0.95, share=0.98), pair(2, 3), pair(1, 3)]
    assert parts(articles, pairs) == {2: {2: "origin", 1: "verbatim", 3: "edited"}}
    found, members = clusters(table(articles), pair_table(pairs))
    assert found.schema == CLUSTER_ROWS and members.schema == MEMBER_ROWS
    (row,) = found.to_pylist()
    assert row["cluster_id"].bytes == cluster_id(name(2))
    assert (row["cluster_id"].version, row["n_articles"], row["n_outlets"]) == (8, 3, 3)
    assert row["first_at"].hour == 1 and row["last_at"].hour == 9
    assert (row["origin_method"], row["origin_confidence"]) == ("earliest", 0.75)
    lags = {number(row["article_id"]): row["lag_s"] for row in members.to_pylist()}
    assert lags == {2: 0, 1: 4 * 3600, 3: 8 * 3600}


def test_a_later_agency_story_heads_the_cluster_of_its_earlier_reprints() -> None:
    articles = [
        article(1, 1, outlet="aravot.am", agency="TASS", credit_kind="credit line"),
        article(2, 9, outlet=None, agency="TASS", credit_kind="dateline"),
        article(3, 3),
    ]
    pairs = [pair(2, 1, direction_confidence=0.85), pair(2, 3, direction_confidence=0.8), pair(1, 3)]
    assert parts(articles, pairs) == {2: {2: "origin", 1: "edited", 3: "edited"}}
    (row,) = clusters(table(articles), pair_table(pairs))[0].to_pylist()
    assert (row["agency"], row["origin_method"]) == ("TASS", "credit")
    assert row["origin_confidence"] == pytest.approx(0.825)


def test_a_digest_does_not_chain_two_stories_together() -> None:
    roles = parts([article(1, 1), article(2, 2), article(3, 3)], [pair(1, 3), pair(2, 3)])
    assert roles == {1: {1: "origin", 3: "edited"}, 2: {2: "origin", 3: "partial"}}


def test_a_cut_copy_is_verbatim_and_a_lengthened_one_is_edited() -> None:
    articles = [article(1, 1, words=400), article(2, 2, words=200), article(3, 3, words=800)]
    pairs = [pair(1, 2, jaccard=0.5, share=1.0), pair(1, 3, jaccard=0.5, src_coverage=1.0, dst_coverage=0.5)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "verbatim", 3: "edited"}}


def test_a_single_source_of_passages_heads_a_cluster_and_fellow_takers_are_no_sources() -> None:
    articles = [article(n, n) for n in range(1, 5)]
    pairs = [pair(s, d, "reuse") for s in range(1, 5) for d in range(s + 1, 5)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "partial", 3: "partial", 4: "partial"}}


def test_a_fellow_taker_that_gave_more_than_the_first_source_is_a_source() -> None:
    articles = [article(n, n) for n in range(1, 4)]
    pairs = [pair(1, 2, "reuse"), pair(1, 3, "reuse", share=0.2), pair(2, 3, "reuse", share=0.5)]
    assert parts(articles, pairs) == {1: {1: "origin", 2: "partial", 3: "partial"}, 2: {2: "origin", 3: "partial"}}


def test_taking_from_a_copy_is_taking_from_its_cluster() -> None:
    articles = [article(n, n) for n in range(1, 4)]
    roles = parts(articles, [pair(1, 2, share=0.95), pair(2, 3, "reuse")])
    assert roles == {1: {1: "origin", 2: "edited", 3: "partial"}}


def test_a_near_copy_of_a_near_copy_is_a_copy_of_the_head_though_their_pair_was_not_kept() -> None:
    articles = [article(n, n) for n in range(1, 4)]
    assert parts(articles, [pair(1, 2, jaccard=0.8), pair(2, 3, jaccard=0.8)])[1][3] == "edited"
    assert parts(articles, [pair(1, 2, jaccard=0.7), pair(2, 3, jaccard=0.7)])[1][3] == "partial"


def test_identical_texts_stay_together_where_only_some_of_their_pairs_are_kept() -> None:
    """An agency's own story arrives last, and only the first two of its reprints make pairs with everything."""
    reprints = [article(n, n, agency="TASS", credit_kind="tail") for n in range(1, 9)]
    own = article(9, 9, outlet=None, agency="TASS", credit_kind="dateline")
    same = {"jaccard": 1.0, "share": 1.0}
    pairs = [pair(1, 2, **same)] + [pair(holder, n, **same) for holder in (1, 2) for n in range(3, 9)]
    pairs += [pair(9, 1, **same), pair(9, 2, **same)]
    roles = parts([*reprints, own], pairs)
    assert roles == {9: {9: "origin"} | dict.fromkeys(range(1, 9), "verbatim")}


def test_versions_of_one_article_are_listed_once_and_make_no_cluster_of_their_own() -> None:
    versions = [article(1, 1, identity=name(7)), article(2, 2, identity=name(7))]
    assert parts(versions, [pair(1, 2, jaccard=0.9)]) == {}
    other = article(3, 3)
    pairs = [pair(1, 2, jaccard=0.9), pair(1, 3), pair(2, 3)]
    assert parts([*versions, other], pairs) == {1: {1: "origin", 3: "edited"}}
    assert parts([*versions, other], pairs[1:]) == {1: {1: "origin", 3: "edited"}}


def test_undated_articles_have_no_lag_and_do_not_come_first() -> None:
    articles = [article(1), article(2, 5)]
    assert parts(articles, [pair(2, 1, direction_confidence=0.5)]) == {2: {2: "origin", 1: "edited"}}
    _, members = clusters(table(articles), pair_table([pair(2, 1, direction_confidence=0.5)]))
    assert {number(row["article_id"]): row["lag_s"] for row in members.to_pylist()} == {2: 0, 1: None}


def test_where_credit_and_clock_leave_it_open_the_fuller_text_is_the_origin() -> None:
    articles = [article(1, words=200), article(2, words=400)]
    (row,) = clusters(table(articles), pair_table([pair(1, 2, direction_confidence=0.5)]))[0].to_pylist()
    assert (number(row["origin_article_id"]), row["origin_method"], row["origin_confidence"]) == (2, "containment", 0.5)


def test_nothing_makes_nothing() -> None:
    found, members = clusters(table([]), pair_table([]))
    assert (found.num_rows, members.num_rows) == (0, 0)
    assert parts([article(1)], [pair(1, 2)]) == {}


@st.composite
def lakes(draw: st.DrawFn, every_kind: bool = False) -> tuple[list[Fact], list[Pair]]:
    """Return articles and pairs; with `every_kind` also pieces of fuller texts and takes of one slugline."""
    n = draw(st.integers(2, 12))
    jaccards, shares = ([0.2, 0.5, 0.75, 1.0], [0.2, 0.5, 0.9]) if every_kind else ([0.5, 0.75, 1.0], [0.2, 0.25, 0.8])
    agencies = st.sampled_from([None, None, "TASS"])
    articles = []
    for i in range(n):
        agency = draw(agencies)
        own = agency is not None and draw(st.booleans())
        articles.append(
            article(
                i,
                draw(st.none() | st.integers(0, 6)),
                draw(st.sampled_from([100, 300])),
                outlet=None if own else draw(st.sampled_from(["a.com", "b.com"])),
                agency=agency,
                credit_kind="dateline" if agency else None,
                identity=name(1000 + draw(st.integers(max(0, i - 1), i))),
            )
        )
        if every_kind and draw(st.booleans()):
            articles[-1] |= {"slug": name(500 + draw(st.integers(0, 1))), "is_take": draw(st.booleans())}
    sightings = [Sighting(*(row.get(field) for field in Sighting._fields[:7])) for row in articles]  # type: ignore[arg-type]
    pairs = []
    for a in range(n):
        for b in range(a + 1, n):
            relation = draw(st.sampled_from(["", "", "copy", "reuse"]))
            if relation:
                first, confidence = orient(sightings[a], sightings[b])
                src, dst = (a, b) if first else (b, a)
                measured = {"jaccard": draw(st.sampled_from(jaccards))} if relation == "copy" else {}
                share = draw(st.sampled_from(shares))
                pairs.append(pair(src, dst, relation, share=share, direction_confidence=confidence, **measured))
    return articles, pairs


@given(lakes(every_kind=True), st.randoms())
def test_the_order_of_articles_and_pairs_does_not_matter(
    lake: tuple[list[Fact], list[Pair]], rng: random.Random
) -> None:
    articles, pairs = lake
    there = clusters(table(articles), pair_table(pairs))
    rng.shuffle(articles)
    rng.shuffle(pairs)
    back = clusters(table(articles), pair_table(pairs + pairs[:1]))
    assert all(a.equals(b) for a, b in zip(there, back, strict=True))


@given(lakes())
def test_every_cluster_is_a_star_of_copies_with_its_takers(lake: tuple[list[Fact], list[Pair]]) -> None:
    articles, pairs = lake
    facts_of = {row["article_id"]: row for row in articles}
    copies = {frozenset((p["src_article_id"], p["dst_article_id"])) for p in pairs if p["relation"] == "copy"}
    roles = parts(articles, pairs)
    main: dict[int, int] = {}
    for origin, members in roles.items():
        assert members[origin] in ("origin", "source")
        identities = [facts_of[name(n)]["identity"] for n in members]
        assert len(set(identities)) == len(identities) > 1
        for n, role in members.items():
            if role in ("verbatim", "edited"):
                assert main.setdefault(n, origin) == origin
                linked = frozenset((name(n), name(origin))) in copies
                assert linked or any(
                    {frozenset((name(n), m)), frozenset((m, name(origin)))} <= copies for m in facts_of
                )
    assert not main.keys() & {origin for origin, members in roles.items() if members[origin] == "origin"}
    linked = {
        p["dst_article_id"]
        for p in pairs
        if p["relation"] == "reuse" and p["direction_confidence"] in (0.5, 0.65, 0.75)  # whom no credit puts first
    }
    versions = {n for n in linked if sum(facts_of[n]["identity"] == row["identity"] for row in articles) > 1}
    listed = {name(n) for members in roles.values() for n in members}
    assert linked - versions <= listed


@given(lakes())
def test_clusters_and_pairs_agree_on_who_the_source_is_unless_it_is_a_coin(
    lake: tuple[list[Fact], list[Pair]],
) -> None:
    articles, pairs = lake
    sure = {(p["src_article_id"], p["dst_article_id"]) for p in pairs if p["direction_confidence"] > 0.5}
    for origin, members in parts(articles, pairs).items():
        assert not [
            n for n, role in members.items() if role in ("verbatim", "edited") and (name(n), name(origin)) in sure
        ]


@given(lakes())
def test_standings_in_columns_are_those_of_single_articles(lake: tuple[list[Fact], list[Pair]]) -> None:
    articles, _ = lake
    houses = ["tass.com", "reuters.com", None, "a.com", "prnewswire.com"]
    articles = [row | {"outlet": houses[i % 5]} for i, row in enumerate(articles)]
    articles[0] |= {"agency": None, "credit_kind": "press release"}
    ranks, agencies = standings(table(articles))
    want = [standing(Sighting(*(row.get(field) for field in Sighting._fields[:7]))) for row in articles]  # type: ignore[arg-type]
    assert list(zip(ranks.tolist(), agencies.to_pylist(), strict=True)) == want


@settings(max_examples=200)
@given(lakes(every_kind=True), st.data())
def test_reclustering_what_a_commit_touches_gives_what_clustering_everything_gives(
    lake: tuple[list[Fact], list[Pair]], data: st.DataObject
) -> None:
    articles, pairs = lake
    late = set(data.draw(st.lists(st.sampled_from([row["article_id"] for row in articles]), unique=True)))
    known = [p for p in pairs if not {p["src_article_id"], p["dst_article_id"]} & late]
    there = [row for row in articles if row["article_id"] not in late]
    old_tables = clusters(table(there), pair_table(known))
    old = [rows.to_pylist() for rows in old_tables]
    old_tables = [
        pa.Table.from_pylist(rows, schema=s) for rows, s in zip(old, (CLUSTER_ROWS, MEMBER_ROWS), strict=True)
    ]
    late_identities = {row["identity"] for row in articles if row["article_id"] in late}
    changed = [row["article_id"] for row in articles if row["identity"] in late_identities]
    of_pairs, every = incident_in(pair_table(pairs).select(EDGES.names).cast(EDGES)), table(articles)

    def incident(ids: pa.Array) -> pa.Table:
        near = every.filter(is_among(every["article_id"], ids))
        return pa.concat_tables([of_pairs(ids), take_links(near, every, EDGES)])

    reached = touched(pa.ExtensionArray.from_storage(pa.uuid(), pa.array(changed, pa.binary(16))), incident)
    changes = recluster(*old_tables, table(articles), reached.pairs, reached.origins)
    want = clusters(table(articles), pair_table(pairs))
    for before, delta, after, key in zip(old, changes, want, (1, 2), strict=True):
        rows = {tuple(row.values())[:key]: row for row in before}
        for row in delta.to_pylist():
            ident = tuple(row.values())[:key]
            assert rows.get(ident) != row, "a row that did not change was written"
            if row["deleted"]:
                del rows[ident]
            else:
                rows[ident] = row
        assert rows == {tuple(row.values())[:key]: row for row in after.to_pylist()}


def test_facts_of_articles() -> None:
    def row(n: int, **known: Any) -> dict[str, Any]:
        empty = {f.name: [] if pa.types.is_list(f.type) else None for f in ARTICLES.schema}
        return (
            empty | {"article_id": name(n), "identity": name(n), "n_words": 10, "published_precision": "none"} | known
        )

    credit = {"agency": "TASS", "kind": "tail", "evidence": "TASS", "where": "tail"}
    rows = [
        row(1, published_at=HOUR, published_precision="day", first_seen_at=5, event_at=HOUR, outlet="a.com"),
        row(2, first_seen_at=7 * HOUR, agency="TASS", credits=[credit, credit | {"kind": "dateline"}]),
        row(3, published_precision="month-day", agency="AFP", credits=[credit]),
        row(4, published_at=HOUR, published_precision="minute"),
        row(5, published_precision="day", first_seen_at=HOUR),
    ]
    schema = pa.schema([f.with_nullable(True) for f in ARTICLES.schema])
    found = facts(pa.Table.from_pylist(rows, schema=schema))
    assert found.schema == FACTS
    assert [row["credit_kind"] for row in found.to_pylist()] == [None, "dateline", None, None, None]
    begins, ends = (found[column].cast(pa.int64()).to_pylist() for column in ("begin_at", "end_at"))
    seen, unseen = (7 * HOUR, 7 * HOUR + SECOND), (None, None)
    spans = [(HOUR, 25 * HOUR), seen, unseen, (HOUR, HOUR + 60 * SECOND), (HOUR, HOUR + SECOND)]
    assert list(zip(begins, ends, strict=True)) == spans
