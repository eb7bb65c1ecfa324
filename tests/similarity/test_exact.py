from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.transforms.similarity.common_runs import GAP, LEAST, Held, common_runs
from wirecopy.transforms.similarity.exact import count_common, count_distinct, is_copy
from wirecopy.transforms.similarity.minhash import BANDS, band_keys, sign
from wirecopy.transforms.text.shingles import WIDTH, Shingles, shingle
from wirecopy.transforms.text.tokens import tokenize

TEXT = st.lists(st.sampled_from("abcdefg"), max_size=80).map(" ".join)


def five_grams(text):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


@given(st.lists(TEXT, min_size=2, max_size=5))
def test_common_shingles_are_those_of_the_sets(texts):
    tokens = tokenize(pa.array(texts))
    shingles = shingle(tokens.words, tokens.bounds)
    assert count_distinct(shingles).tolist() == [len(five_grams(t)) for t in texts]
    left, right = np.triu_indices(len(texts), 1)
    common = count_common(shingles, left.astype(np.uint32), right.astype(np.uint32))
    assert common.tolist() == [
        len(five_grams(texts[i]) & five_grams(texts[j])) for i, j in zip(left, right, strict=True)
    ]


@pytest.mark.parametrize(
    "common, left, right, fewer_words, copy",
    [
        (9, 20, 9, 13, True),  # Jaccard 9/20, exactly .45
        (9, 20, 10, 13, False),  # 9/21
        (85, 100, 1000, 104, True),  # exactly .85 of the smaller
        (84, 100, 1000, 104, False),
        (17, 20, 1000, 60, True),
        (17, 20, 1000, 59, False),  # too short for containment
        (0, 0, 0, 4, False),  # two texts without a shingle
        (0, 0, 50, 4, False),
        (1, 1, 1, 5, True),
    ],
)
def test_the_definition_of_a_copy(common, left, right, fewer_words, copy):
    columns = (np.array([n]) for n in (common, left, right, fewer_words))
    assert is_copy(*columns).tolist() == [copy]


def test_similar_texts_share_a_band_and_others_do_not():
    rng = np.random.default_rng(0)
    base = rng.integers(0, 2**32, 400, dtype=np.uint32)
    edited = base.copy()
    edited[rng.choice(400, 15, replace=False)] += 1  # Jaccard about .7
    other = rng.integers(0, 2**32, 400, dtype=np.uint32)
    words, bounds = np.concatenate([base, edited, other]), np.arange(0, 1201, 400)
    keys = band_keys(sign(shingle(words, bounds)))
    assert keys.shape == (3, BANDS)
    assert (keys[0] == keys[1]).any()
    assert not (keys[0] == keys[2]).any()
    assert len(np.unique(keys)) > 2 * BANDS


def test_bands_find_nine_in_ten_pairs_of_jaccard_one_half():
    rng = np.random.default_rng(1)
    n, found = 300, 0
    for _ in range(n):
        shingles = rng.integers(0, 2**63, 300, dtype=np.uint64)
        hashes = np.concatenate([shingles[:225], shingles[75:]])  # 150 of 300 in common
        keys = band_keys(sign(Shingles(hashes, np.array([0, 225, 450]))))
        found += bool((keys[0] == keys[1]).any())
    assert found / n > 0.8


def none_held(pairs):
    nothing = np.zeros(0, np.uint32)
    return Held(np.zeros(pairs + 1, np.int64), nothing, nothing, nothing, nothing)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_common_runs_are_equal_words_that_do_not_overlap(a, b):
    tokens = tokenize(pa.array([a, b]))
    shingles = shingle(tokens.words, tokens.bounds)
    runs = common_runs(
        tokens.words, tokens.bounds, shingles, np.zeros(1, np.uint32), np.ones(1, np.uint32), none_held(1)
    )
    left, right = (tokens.words[tokens.bounds[i] : tokens.bounds[i + 1]] for i in (0, 1))
    assert bool(len(runs.pair)) == bool(five_grams(a) & five_grams(b))
    for begin, end, length in (
        (runs.left_begin, runs.left_end, len(left)),
        (runs.right_begin, runs.right_end, len(right)),
    ):
        order = np.argsort(begin)
        assert (end[order][:-1] <= begin[order][1:]).all()
        assert (begin >= 0).all() and (end <= length).all()
    assert (runs.matched >= WIDTH).all()
    assert (runs.matched <= np.minimum(runs.left_end - runs.left_begin, runs.right_end - runs.right_begin)).all()
    for k in range(len(runs.pair)):
        x, y = left[runs.left_begin[k] : runs.left_end[k]], right[runs.right_begin[k] : runs.right_end[k]]
        assert (x[:WIDTH] == y[:WIDTH]).all() and (x[-WIDTH:] == y[-WIDTH:]).all()


def run_columns(a, b, held=None):
    words = np.concatenate([a, b]).astype(np.uint32)
    bounds = np.array([0, len(a), len(a) + len(b)])
    runs = common_runs(
        words, bounds, shingle(words, bounds), np.zeros(1, np.uint32), np.ones(1, np.uint32), held or none_held(1)
    )
    return list(zip(*(column.tolist() for column in runs[1:]), strict=True))


def test_runs_that_are_near_become_one_passage():
    head, middle, tail = np.arange(0, 20), np.arange(100, 100 + GAP), np.arange(200, 220)
    changed = middle + 1000
    a = np.concatenate([head, middle, tail])
    assert run_columns(a, np.concatenate([head, changed[LEAST - 1 :], tail])) == [(0, 90, 0, 81, 40)]
    assert run_columns(a, np.concatenate([head, changed, [99], tail])) == [(0, 20, 0, 20, 20), (70, 90, 71, 91, 20)]


def test_what_was_cut_from_between_two_runs_is_found_where_it_stands():
    head, middle, tail = np.arange(0, 20), np.arange(100, 100 + LEAST), np.arange(200, 220)
    found = run_columns(np.concatenate([head, middle, tail]), np.concatenate([head, tail, middle]))
    assert found == [(0, 20, 0, 20, 20), (20, 30, 40, 50, LEAST), (30, 50, 20, 40, 20)]


def test_runs_beside_known_passages_do_not_overlap_them_and_are_no_mere_phrases():
    known, paragraph, phrase = np.arange(0, 60), np.arange(100, 100 + LEAST), np.arange(200, 199 + LEAST)
    a = np.concatenate([known, paragraph, [1000], phrase])
    b = np.concatenate([phrase, [2000], paragraph, [3000], known])
    begin = len(phrase) + LEAST + 2
    sides = ([0], [60], [begin], [begin + 60])
    held = Held(np.array([0, 1]), *(np.array(side, np.uint32) for side in sides))
    assert run_columns(a, b, held) == [(60, 70, 10, 20, LEAST)]
