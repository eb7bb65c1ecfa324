"""Settled pairs are a function of the articles alone, however few of them a key may link."""

from __future__ import annotations

import itertools
import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_texts import edit, sample

from wirecopy.transforms.matching import crowding
from wirecopy.transforms.matching import settle as module
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.matching.settle import settle


@pytest.fixture(scope="module", autouse=True)
def few_holders():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowding, "K", 3)
        yield


@pytest.fixture(scope="module")
def corpus(make_batch):
    """40 articles: passages that up to twelve of them hold, stories that many print whole, word by word or edited."""
    rng = random.Random(4)
    stock = [sample("en", 70, rng) for _ in range(4)]
    stories = [sample("en", 160, rng) for _ in range(3)]
    rows = []
    for i in range(40):
        if i % 3 == 0:
            words = edit(stories[i % 9 // 3], rng.choice([0, 0, 0.03]), "en", rng)
        else:
            words = sample("en", 120, rng)
            for passage in rng.sample(stock, rng.randrange(3)):
                words[60:60] = edit(passage, rng.choice([0, 0.05]), "en", rng)
        day = rng.randrange(1, 20)
        at = f"2022-02-{day:02d}T00:00:00Z" if i % 5 else None
        rows.append(
            {"text": " ".join(words) + ".", "source_id": str(i), "outlet": f"o{i % 7}.example"}
            | ({"published_at": _instant(at)} if at else {})
        )
    return fingerprint(make_batch(rows))


def _instant(text):
    return pa.scalar(text).cast(pa.timestamp("us", tz="UTC")).as_py()


def segments_of(corpus, order, cuts):
    rows = pa.array(order)
    bounds = [0, *sorted(cuts), len(order)]
    return [build([corpus.take(rows[a:b])]) for a, b in itertools.pairwise(bounds) if a < b]


def found(segments):
    pairs, passages, ids = [], [], []
    for one in settle(segments):
        ids += one.ids.tolist()
        pairs += one.matches.pairs.to_pylist()
        passages += one.matches.passages.to_pylist()
    assert len(ids) == len(set(ids)) == sum(map(len, segments))
    return sorted(pairs, key=str), sorted(passages, key=str)


@pytest.fixture(scope="module")
def expected(corpus):
    return found(segments_of(corpus, range(corpus.num_rows), []))


def test_one_run_over_everything_is_settled(corpus, expected):
    matches = match(build([corpus]), [])
    assert len(expected[0]) > 30
    assert sorted(matches.pairs.to_pylist(), key=str) == expected[0]
    assert sorted(matches.passages.to_pylist(), key=str) == expected[1]


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(40)), st.sets(st.integers(1, 39), max_size=6), st.sampled_from([1, 4, 17, 1000]))
def test_neither_segments_nor_chunks_make_a_difference(corpus, expected, order, cuts, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        assert found(segments_of(corpus, order, cuts)) == expected


def test_the_dead_count_for_nothing(corpus, expected):
    segment = build([corpus])
    dead = segment.ids[[3, 10, 11]].tolist()
    rest = [i for i, one in enumerate(corpus["article_id"].to_pylist()) if one.bytes not in dead]
    pairs = [row for one in settle([segment.without(dead)]) for row in one.matches.pairs.to_pylist()]
    alone = [row for one in settle([build([corpus.take(pa.array(rest))])]) for row in one.matches.pairs.to_pylist()]
    assert sorted(pairs, key=str) == sorted(alone, key=str)
