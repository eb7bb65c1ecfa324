from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
from made_texts import sample

from wirecopy.transforms.similarity.anchors import ANCHOR_RARITY, Anchors, find_anchors
from wirecopy.transforms.text.rarity import weigh
from wirecopy.transforms.text.tokens import tokenize


def anchors_of(*texts: str) -> Anchors:
    tokens = tokenize(pa.array(texts))
    weights = weigh(tokens.words, tokens.bounds, ["en"] * len(texts))
    return find_anchors(tokens.stems, weights, tokens.begins, tokens.ends, tokens.bounds)


def test_common_words_make_no_anchor():
    assert len(anchors_of("and of the to in it was on the that he said and the two of them to us").hashes) == 0


def test_an_anchor_grows_until_it_is_rare():
    tokens = tokenize(pa.array(["she met the ambassador in the garden of the old palace"]))
    weights = weigh(tokens.words, tokens.bounds, ["en"])
    (met, *_) = find_anchors(tokens.stems, weights, tokens.begins, tokens.ends, tokens.bounds).positions
    assert met == 1
    assert weights[1:4].sum() < ANCHOR_RARITY <= weights[1:7].sum()


def test_the_same_words_make_the_same_anchors_wherever_they_stand():
    phrase = "deployment of serious offensive weapons including nuclear ones"
    found = anchors_of(f"Russia opposes the {phrase}.", f"He spoke for an hour about the {phrase} at length.")
    first, second = (set(found.hashes[found.articles == row].tolist()) for row in (0, 1))
    common = first & second
    assert len(common) >= 4
    at = [int(found.positions[(found.articles == row) & np.isin(found.hashes, list(common))].min()) for row in (0, 1)]
    assert at == [3, 7]


def test_inflected_words_make_the_same_anchors():
    a, b = "foreign ministries released drafts", "Foreign Ministry releases draft"
    found = anchors_of(a, b)
    assert set(found.hashes[found.articles == 0].tolist()) & set(found.hashes[found.articles == 1].tolist())


def test_what_an_article_repeats_is_an_anchor_once():
    once = anchors_of("Secretary General Jens Stoltenberg")
    often = anchors_of("Secretary General Jens Stoltenberg. " * 50)
    assert len(set(often.hashes.tolist())) == len(often.hashes)
    assert set(once.hashes.tolist()) <= set(often.hashes.tolist())
    assert often.positions.max() < 8


def test_articles_have_the_same_anchors_in_any_batch():
    rng = random.Random(3)
    texts = [" ".join(sample("en", n, rng)) for n in (300, 0, 2, 3, 150)]
    together = anchors_of(*texts)
    for row, text in enumerate(texts):
        alone = anchors_of(text)
        assert together.hashes[together.articles == row].tolist() == alone.hashes.tolist()
        assert together.positions[together.articles == row].tolist() == alone.positions.tolist()
