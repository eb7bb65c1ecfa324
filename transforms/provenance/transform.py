"""The Beam transform of clustering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import PCollection, TaggedOutput

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.reuse import PAIRS
from wirecopy.transforms.metering import Metered
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import FACTS, facts

Batches: TypeAlias = PCollection[pa.RecordBatch]


@dataclass
class ClusterPairs(beam.PTransform[dict[str, Batches], dict[str, Batches]]):
    """Cluster the articles of a bounded collection by the pairs they make, on one worker (about 1 µs a pair).

    Takes `{"articles": ..., "pairs": ...}`, PCollections of `pa.RecordBatch`: the articles that `ExtractArticles`
    gives, with the schema ARTICLE_BATCH, and the pairs that `MatchArticles` finds among them, with that of PAIRS. Gives
    `{"clusters": ..., "members": ...}`, PCollections of one batch each with the columns of CLUSTER_ROWS and of
    MEMBER_ROWS. Of an article's row only what clustering needs travels, about 100 bytes. Nothing is kept on disk.
    Counts `in`, `out`, `bytes` and `msec` in the namespaces `facts` and `cluster`, and `clusters` and `members` in the
    latter.
    """

    def expand(self, inputs: dict[str, Batches]) -> dict[str, Batches]:
        """Wire the transform."""
        keyed = {
            "articles": inputs["articles"]
            | "Facts" >> beam.ParDo(Metered("facts", _facts)).with_output_types(pa.RecordBatch),
            "pairs": inputs["pairs"],
        }
        found = (
            {name: batches | f"Key{name.title()}" >> beam.WithKeys(b"") for name, batches in keyed.items()}
            | "Gather" >> beam.CoGroupByKey()
            | "Values" >> beam.MapTuple(lambda _, inputs: {name: list(batches) for name, batches in inputs.items()})
            | "Cluster"
            >> beam.ParDo(Metered("cluster", _cluster))
            .with_output_types(pa.RecordBatch)
            .with_outputs("clusters", "members")
        )
        return {name: found[name] for name in ("clusters", "members")}


def _facts(articles: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    yield from facts(pa.Table.from_batches([articles])).to_batches()


def _cluster(inputs: dict[str, list[pa.RecordBatch]]) -> Iterator[TaggedOutput[Any, Any]]:
    articles = pa.Table.from_batches(inputs["articles"], schema=FACTS)
    pairs = pa.Table.from_batches(inputs["pairs"], schema=PAIRS.schema)
    for name, rows in zip(("clusters", "members"), clusters(articles, pairs), strict=True):
        yield from (TaggedOutput(name, batch) for batch in rows.combine_chunks().to_batches())
