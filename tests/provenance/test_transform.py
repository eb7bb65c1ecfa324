from __future__ import annotations

import apache_beam as beam
import pyarrow as pa
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from wirecopy.schemas.reuse import PAIRS
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import FACTS
from wirecopy.transforms.provenance.transform import ClusterPairs


def test_clusters_in_a_pipeline_are_those_of_the_pure_function() -> None:
    ids = [n.to_bytes(16, "big") for n in range(4)]
    rows = [{"article_id": one, "identity": one, "n_words": 100} for one in ids]
    pair = {"relation": "copy", "jaccard": 0.9, "src_coverage": 1.0, "dst_coverage": 1.0, "n_passages": 1}
    pair |= {"score": 500, "same_outlet": False, "direction_confidence": 0.5, "model_id": "test"}
    articles = pa.Table.from_pylist(rows, schema=FACTS)
    pairs = pa.Table.from_pylist(
        [pair | {"src_article_id": a, "dst_article_id": b} for a, b in ((ids[0], ids[1]), (ids[2], ids[3]))],
        schema=PAIRS.schema,
    )
    want_clusters, want_members = clusters(articles, pairs)
    with beam.Pipeline(FnApiRunner()) as p:
        found = {
            "articles": p | "Articles" >> beam.Create(articles.to_batches(max_chunksize=1)),
            "pairs": p | "Pairs" >> beam.Create(pairs.to_batches(max_chunksize=1)),
        } | ClusterPairs()
        assert_that(found["clusters"], equal_to(want_clusters.to_batches()), label="clusters")
        assert_that(found["members"], equal_to(want_members.to_batches()), label="members")
    assert want_clusters.num_rows == 2
