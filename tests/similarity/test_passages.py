from __future__ import annotations

import itertools
import random

import numpy as np
import pyarrow as pa
import pytest
from made_texts import edit, sample

from wirecopy.transforms.similarity.anchors import find_anchors
from wirecopy.transforms.similarity.passages import Hits, Words, find_passages
from wirecopy.transforms.text.rarity import weigh
from wirecopy.transforms.text.tokens import tokenize


@pytest.fixture(scope="module")
def corpus() -> tuple[Words, dict[tuple[int, int], list[tuple[int, int]]]]:
    """Twelve articles that share edited passages, and the hits of each pair."""
    rng = random.Random(8)
    passages = [sample("en", 80, rng) for _ in range(4)]
    texts = []
    for i in range(12):
        own = sample("en", 250, rng)
        taken = edit(passages[i % 4], 0.1 * (i % 3), "en", rng)
        texts.append(" ".join(own[:100] + taken + own[100:]))
    tokens = tokenize(pa.array(texts))
    words = Words(tokens.stems, weigh(tokens.words, tokens.bounds, ["en"] * 12), tokens.bounds)
    anchors = find_anchors(words.stems, words.weights, tokens.begins, tokens.ends, tokens.bounds)
    places = [
        dict(zip(*(c[anchors.articles == i].tolist() for c in (anchors.hashes, anchors.positions)), strict=True))
        for i in range(12)
    ]
    common = {
        (i, j): [(places[i][h], places[j][h]) for h in places[i].keys() & places[j].keys()]
        for i, j in itertools.combinations(range(12), 2)
    }
    return words, common


def hits_of(pairs: list[tuple[int, int]], common: dict[tuple[int, int], list[tuple[int, int]]]) -> Hits:
    at = [hit for pair in pairs for hit in common[pair]]
    return Hits(
        np.array([i for i, _ in pairs], np.uint32),
        np.array([j for _, j in pairs], np.uint32),
        np.cumsum([0, *(len(common[pair]) for pair in pairs)]).astype(np.int64),
        np.array([x for x, _ in at], np.uint32),
        np.array([y for _, y in at], np.uint32),
    )


def rows(passages, pairs) -> list[tuple[tuple[int, int], ...]]:
    columns = (column.tolist() for column in passages)
    return sorted((pairs[pair], *rest) for pair, *rest in zip(*columns, strict=True))


def test_finds_who_shares_a_passage_with_whom(corpus):
    words, common = corpus
    pairs = list(common)
    found = {pair for pair, *_ in rows(find_passages(words, words, hits_of(pairs, common)), pairs)}
    assert found == {(i, j) for i, j in pairs if i % 4 == j % 4}


def test_neither_order_nor_batching_nor_repetition_of_hits_matters(corpus):
    words, common = corpus
    pairs = list(common)
    expected = rows(find_passages(words, words, hits_of(pairs, common)), pairs)
    rng = random.Random(2)
    shuffled = {pair: rng.sample(hits + hits, 2 * len(hits)) for pair, hits in common.items()}
    rng.shuffle(pairs)
    parts = [pairs[:5], pairs[5:40], pairs[40:]]
    found = [row for part in parts for row in rows(find_passages(words, words, hits_of(part, shuffled)), part)]
    assert sorted(found) == expected


def test_left_and_right_may_be_exchanged(corpus):
    words, common = corpus
    pairs = list(common)
    expected = find_passages(words, words, hits_of(pairs, common))
    hits = hits_of(pairs, common)
    found = find_passages(words, words, Hits(hits.right, hits.left, hits.bounds, hits.right_at, hits.left_at))
    for name, column in expected._asdict().items():
        other = {"left": "right", "right": "left"}.get(name.split("_")[0])
        mirrored = name if other is None else f"{other}_{name.split('_')[1]}"
        assert getattr(found, mirrored).tolist() == column.tolist(), name


def test_the_articles_may_stand_in_arrays_of_their_own_that_cannot_be_written(corpus):
    words, common = corpus
    pairs = [(i, j) for i, j in common if i < 6 <= j]
    split = int(words.bounds[6])

    def frozen(part: Words) -> Words:
        for column in part:
            column.setflags(write=False)
        return part

    left = frozen(Words(*(c[:split].copy() for c in words[:2]), words.bounds[:7].copy()))
    right = frozen(Words(*(c[split:].copy() for c in words[:2]), words.bounds[6:] - split))
    there = {(i, j - 6): common[i, j] for i, j in pairs}
    expected = rows(find_passages(words, words, hits_of(pairs, common)), pairs)
    assert rows(find_passages(left, right, hits_of(list(there), there)), pairs) == expected


def test_no_pairs_no_passages(corpus):
    words, common = corpus
    assert all(len(column) == 0 for column in find_passages(words, words, hits_of([], common)))
