from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.matching.segments.vocabulary import encode, join, look_up, renumber

WORDS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 3), st.integers(0, 2)) | st.tuples(*3 * [st.just(7)])
ARTICLES = st.lists(st.lists(WORDS, max_size=8), max_size=6)


def encoded(articles):
    words, stems, weights = np.array([word for one in articles for word in one], np.uint32).reshape(-1, 3).T.copy()
    bounds = np.cumsum([0, *map(len, articles)]).astype(np.int64)
    return encode(words, stems, weights.astype(np.uint8), bounds)


def decoded(articles, rows, vocabulary, packed, bounds):
    n = sum(len(articles[row]) for row in rows)
    words, stems, weights = np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint8)
    look_up(packed, bounds, np.array(rows, np.int64), vocabulary, words, stems, weights)
    return list(zip(words.tolist(), stems.tolist(), weights.tolist(), strict=True))


@given(ARTICLES)
def test_words_are_looked_up_as_they_were(articles):
    rows = list(range(len(articles)))[::2]
    found = decoded(articles, rows, *encoded(articles))
    assert found == [word for row in rows for word in articles[row]]


@given(ARTICLES, ARTICLES)
def test_joined_vocabularies_are_that_of_all(some, others):
    (a, a_packed, a_bounds), (b, b_packed, b_bounds) = encoded(some), encoded(others)
    both, (of_a, of_b) = join([a, b])
    whole, packed, _ = encoded(some + others)
    assert np.array_equal(both, whole)
    left, right = renumber(a_packed, a_bounds, of_a), renumber(b_packed, b_bounds, of_b)
    assert np.concatenate([left[0], right[0]]).tolist() == packed.tolist()


def test_frequent_words_take_a_byte_and_rare_ones_of_many_three():
    rng = np.random.default_rng(0)
    words = np.concatenate([np.arange(40_000), np.repeat(np.arange(100) + 50_000, 1000)]).astype(np.uint32)
    rng.shuffle(words)
    vocabulary, packed, bounds = encode(words, words, np.zeros(len(words), np.uint8), np.array([0, len(words)]))
    assert sorted(vocabulary[:100, 0]) == list(range(50_000, 50_100))
    assert len(packed) == bounds[-1] == 100_028 + 2 * (16_384 - 128) + 3 * (40_100 - 16_384)
    again = np.empty((2, len(words)), np.uint32)
    look_up(packed, bounds, np.array([0]), vocabulary, *again, np.empty(len(words), np.uint8))
    assert np.array_equal(again[0], words) and np.array_equal(again[1], words)
