"""The Beam transform of clustering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import PCollection, TaggedOutput

import wirecopy.schemas.coders  # noqa: F401  (registers the coders of the elements)
from wirecopy.schemas.reuse import PAIRS
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import FACTS

Batches: TypeAlias = PCollection[pa.RecordBatch]


class ClusterPairs(beam.PTransform[dict[str, Batches], dict[str, Batches]]):
    """Cluster the articles of a bounded collection by the pairs they make, on one worker (about 1 µs a pair).

    Takes `{"articles": ..., "pairs": ...}`, PCollections of `pa.RecordBatch` with the columns of FACTS and of PAIRS;
    gives `{"clusters": ..., "members": ...}`, PCollections of one batch each with the columns of CLUSTER_ROWS and of
    MEMBER_ROWS.
    """

    def expand(self, inputs: dict[str, Batches]) -> dict[str, Batches]:
        """Wire the transform."""
        gathered = {
            name: batches
            | f"Key{name.title()}" >> beam.Map(lambda one: (b"", one)).with_output_types(tuple[bytes, pa.RecordBatch])
            for name, batches in inputs.items()
        }
        found = (
            gathered
            | "Gather" >> beam.CoGroupByKey()
            | "Cluster"
            >> beam.FlatMapTuple(_cluster).with_output_types(pa.RecordBatch).with_outputs("clusters", "members")
        )
        return {name: found[name] for name in ("clusters", "members")}


def _cluster(_: bytes, inputs: dict[str, Iterable[pa.RecordBatch]]) -> Iterator[TaggedOutput[Any, Any]]:
    articles = pa.Table.from_batches(inputs["articles"], schema=FACTS)
    pairs = pa.Table.from_batches(inputs["pairs"], schema=PAIRS.schema)
    for name, rows in zip(("clusters", "members"), clusters(articles, pairs), strict=True):
        yield from (TaggedOutput(name, batch) for batch in rows.combine_chunks().to_batches())
