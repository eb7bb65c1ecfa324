from __future__ import annotations

import itertools
import random
import re

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.transforms.matching.copies import COPIES, find_copies, sketch
from wirecopy.transforms.matching.transform import FindCopies


def batch(texts, first=0):
    ids = [n.to_bytes(16, "big") for n in range(first, first + len(texts))]
    return pa.RecordBatch.from_arrays([pa.array(ids, pa.binary(16)), pa.array(texts)], ["article_id", "text"])


def prose(seed, n):
    return [f"w{random.Random(seed * 1000 + i).randrange(10**6)}" for i in range(n)]


def five_grams(text):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}, len(words)


def exact(texts):
    """Return {(left, right): (jaccard, containment)} of all copies, by the definition."""
    copies = {}
    for (i, (a, n)), (j, (b, m)) in itertools.combinations(enumerate(map(five_grams, texts)), 2):
        both = len(a & b)
        jaccard, containment = both / max(1, len(a | b)), both / max(1, min(len(a), len(b)))
        if jaccard >= 0.45 or (containment >= 0.85 and min(n, m) >= 60):
            copies[i, j] = jaccard, containment
    return copies


def number(article_id):
    return int.from_bytes(article_id.bytes, "big")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 4, 5, 50, 100])), max_size=12), st.integers(1, 5))
def test_every_pair_found_is_a_copy_and_identical_texts_are_all_found(parts, size):
    texts = [" ".join(prose(seed, n)) for seed, n in parts]
    found = find_copies([sketch(batch(texts[i : i + size], i)) for i in range(0, len(texts), size)])
    assert found.schema == COPIES
    truth = exact(texts)
    got = {
        (number(row["left_article_id"]), number(row["right_article_id"])): (row["jaccard"], row["containment"])
        for row in found.to_pylist()
    }
    assert list(got) == sorted(got)
    assert {pair for pair in truth if truth[pair][0] == 1} <= got.keys() <= truth.keys()
    assert all(got[pair] == pytest.approx(truth[pair]) for pair in got)


def test_a_pipeline_finds_edited_copies():
    base = prose(1, 200)
    edited = [*base[:60], "new", "words", *base[61:150], *base[155:]]
    texts = [" ".join(base), " ".join(prose(2, 200)), " ".join(edited), "", "too short"]
    batches = [batch(texts[:2]), batch(texts[2:], 2), batch(texts[:1])]
    assert list(exact(texts)) == [(0, 2)]
    with beam.Pipeline(FnApiRunner()) as p:
        found = p | beam.Create(batches) | FindCopies()
        pairs = found | beam.FlatMap(
            lambda rows: [(number(row["left_article_id"]), number(row["right_article_id"])) for row in rows.to_pylist()]
        )
        assert_that(pairs, equal_to([(0, 2)]))


def test_no_articles_are_no_copies():
    assert find_copies([]).num_rows == 0
    assert find_copies([sketch(batch([]))]).schema == COPIES
