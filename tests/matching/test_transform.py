from __future__ import annotations

import random

import apache_beam as beam
import wordfreq
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.matching.transform import MatchArticles

WORDS = [word for word in wordfreq.top_n_list("en", 12_000, "small")[400:] if word.isalpha()]


def prose(seed, n):
    return " ".join(random.Random(seed).choices(WORDS, k=n))


def test_a_pipeline_matches_as_the_pure_function_does(make_batch):
    shared = prose(0, 80)
    texts = [shared, f"{shared} {prose(1, 30)}", f"{prose(2, 300)} {shared}", prose(3, 100), ""]
    articles = make_batch([{"text": text, "source_id": str(i), "language": "en"} for i, text in enumerate(texts)])
    expected = match(build([fingerprint(articles)]), [])
    assert sorted(expected.pairs["relation"].to_pylist()) == ["copy", "copy", "reuse"]
    pipeline = beam.Pipeline(FnApiRunner())
    batches = [articles.slice(0, 2), articles.slice(2), articles.slice(1, 1), articles.slice(0, 0)]
    found = pipeline | beam.Create(batches) | MatchArticles()
    for name in ("pairs", "passages"):
        rows = found[name] | f"Rows of {name}" >> beam.FlatMap(lambda batch: map(repr, batch.to_pylist()))
        assert_that(rows, equal_to([repr(row) for row in getattr(expected, name).to_pylist()]), label=name)
    result = pipeline.run()
    counted = result.metrics().query(MetricsFilter().with_namespace("match"))["counters"]
    counts = {counter.key.metric.name: counter.committed for counter in counted}
    assert (counts["pairs"], counts["passages"], counts["out"]) == (
        3,
        expected.passages.num_rows,
        3 + expected.passages.num_rows,
    )
