from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.transforms.matching.crowding import K, find_holders
from wirecopy.transforms.matching.holders import Source
from wirecopy.transforms.matching.join import Near, Pairs, find_pairs
from wirecopy.transforms.matching.segments.postings import Postings, merge_postings, post, rename


def source(articles):
    """Return the source of articles (event, id, live, [(key, position)])."""
    articles = sorted(articles, key=lambda a: a[:2])
    bounds = np.cumsum([0, *(len(a[3]) for a in articles)]).astype(np.int64)
    held = np.array([pair for a in articles for pair in a[3]], np.uint32).reshape(-1, 2)
    return articles, Source(
        post(held[:, 0].copy(), bounds, held[:, 1].copy()),
        np.array([a[2] for a in articles], bool),
        np.array([a[0] for a in articles], np.int64),
        np.array([a[1] for a in articles], "S16"),
    )


def expected(articles, n_new):
    """Return {(new, other): [(position, position)]} by the definition, one pair of articles and key at a time."""
    keys = [[key for key, _ in a[3]] if a[2] else [] for a in articles]
    holders = {key: sorted(holding(key, keys), key=lambda i: articles[i][:2]) for key in set().union(*keys)}
    frequent = [[key for key in held if len(holders[key]) > K] for held in keys]
    widespread = [2 * len(some) > len(held) for some, held in zip(frequent, keys, strict=True)]

    def common(i, j):
        """How many of the frequent keys of i, which comes after their first K holders, j holds as one of these."""
        late = [key for key in frequent[i] if i not in holders[key][:K] and j in holders[key][:K]]
        return sum(keys[j].count(key) for key in late)

    def lead(i):
        leads = [j for j in range(len(articles)) if widespread[i] and 2 * common(i, j) > len(frequent[i])]
        return min(leads, key=lambda j: articles[j][:2], default=None)

    leads = [lead(i) if i < n_new else None for i in range(len(articles))]
    pairs = {}
    for key, held in holders.items():
        for i, j in itertools.combinations(sorted(held), 2):
            low, high = (i, j) if j < n_new else (j, i)
            if min(i, j) >= n_new or not {i, j} & set(held[:K]):
                continue
            if high not in held[:K] and leads[high] not in (None, low):
                continue
            if widespread[high] and 2 * common(low, high) > len(frequent[high]):
                continue
            hits = [(p, q) for k, p in articles[high][3] for m, q in articles[low][3] if k == m == key]
            pairs.setdefault((high, low), []).extend(hits)
    return pairs


def hits_by_pair(found):
    ends = np.cumsum(found.hits).tolist()
    hits = list(zip(found.new_at.tolist(), found.other_at.tolist(), strict=True))
    return {
        (new, other): sorted(hits[end - n : end])
        for new, other, n, end in zip(*(c.tolist() for c in found[:3]), ends, strict=True)
    }


def holding(key, keys):
    return [i for i, held in enumerate(keys) if key in held]


@st.composite
def waves(draw):
    """Return sources whose articles hold few keys, so that many of these have more than K holders."""
    n = draw(st.integers(1, 3 * K))
    n_keys = draw(st.integers(1, 5))
    held = st.lists(st.tuples(st.integers(0, n_keys), st.integers(0, 50)), max_size=4)
    articles = [
        (draw(st.integers(0, 3)), i.to_bytes(2, "big") + b"x" * 14, draw(st.integers(0, 5)) > 0, draw(held))
        for i in draw(st.permutations(range(n)))
    ]
    cuts = sorted(draw(st.lists(st.integers(0, n), min_size=2, max_size=2)))
    return [source(articles[a:b]) for a, b in itertools.pairwise([0, *cuts, n])]


@settings(deadline=None, max_examples=60)
@given(waves())
def test_pairs_and_hits_are_those_of_the_definition(wave):
    articles = [a for part, _ in wave for a in part]
    n_new = len(wave[0][0])
    holders = find_holders([s for _, s in wave])
    middle = n_new // 2
    blocks = [find_pairs(holders, 0, middle), find_pairs(holders, middle, n_new)]
    found = Pairs(*(np.concatenate(columns) for columns in zip(*blocks, strict=True)))
    assert hits_by_pair(found) == {pair: sorted(hits) for pair, hits in expected(articles, n_new).items()}


@settings(deadline=None, max_examples=60)
@given(waves(), st.integers(1, 10), st.integers(10, 30), st.integers(0, 5))
def test_near_keeps_the_pairs_that_have_two_hits_in_line(wave, apart, reach, shift):
    holders = find_holders([s for _, s in wave])
    n_new = len(wave[0][0])
    every = find_pairs(holders, 0, n_new)
    near = find_pairs(holders, 0, n_new, Near(apart, reach, shift))
    kept = {
        pair: hits
        for pair, hits in hits_by_pair(every).items()
        for (x, y), (u, v) in itertools.permutations(hits, 2)
        if apart <= u - x <= reach and v - y >= apart and abs((u - x) - (v - y)) <= shift
    }
    assert hits_by_pair(near) == kept


@given(st.lists(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 9)), max_size=5), max_size=9), st.data())
def test_merged_postings_are_those_of_all_articles(articles, data):
    whole = post(*_flat(articles))
    owner = [data.draw(st.integers(0, 2)) for _ in articles]
    parts = []
    for part in range(3):
        rows = np.array([i for i, o in enumerate(owner) if o == part], np.int64)
        parts.append((post(*_flat([articles[i] for i in rows])), rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "wirecopy.transforms.matching.segments.postings._STEP", data.draw(st.sampled_from([1, 4, 1 << 18]))
        )
        steps = [post(*_flat([])), *merge_postings(parts)]
    merged = Postings(*(np.concatenate(columns) for columns in zip(*steps, strict=True)))
    assert np.array_equal(merged.entries, whole.entries)
    assert sorted(zip(*merged, strict=True)) == sorted(zip(*whole, strict=True))


def test_articles_at_minus_one_leave_no_posting():
    postings = post(np.array([7, 7, 9], np.uint32), np.array([0, 1, 2, 3]), np.array([1, 2, 3], np.uint32))
    left = rename(postings, np.array([0, -1, 1]))
    assert left.entries.tolist() == [7 << 32, 9 << 32 | 1]
    assert left.positions.tolist() == [1, 3]


def _flat(articles):
    held = np.array([pair for a in articles for pair in a], np.uint32).reshape(-1, 2)
    return held[:, 0].copy(), np.cumsum([0, *map(len, articles)]).astype(np.int64), held[:, 1].copy()
