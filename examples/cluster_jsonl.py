"""Cluster the articles of your own JSON Lines file: which of them carry one text, and who had it first.

    python examples/cluster_jsonl.py articles.jsonl clusters.jsonl

Each line of the input is an object with a `text` and, where known, `url`, `title`, `published` and `source`. Each line
of the output is a cluster with its members. No lake is made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from wirecopy.beam import ClusterPairs, ExtractArticles, MatchArticles, PlanUnits, ReadDocuments


def cluster(source: str, out: str) -> None:
    """Read a JSON Lines file, cluster its articles, and write one line a cluster."""
    with beam.Pipeline("FnApiRunner") as pipeline:
        units = pipeline | "Paths" >> beam.Create([source]) | "Plan" >> PlanUnits()
        documents = units.units | "Read" >> ReadDocuments()
        articles = (documents.documents | "Extract" >> ExtractArticles()).articles
        matches = articles | "Match" >> MatchArticles()
        found = {"articles": articles, "pairs": matches.pairs} | ClusterPairs()
        names = beam.pvalue.AsDict(articles | "Names" >> beam.FlatMap(_names))
        _ = (
            found["members"]
            | "Members" >> beam.FlatMap(_members, names)
            | "ByCluster" >> beam.GroupByKey()
            | "Lines" >> beam.MapTuple(lambda key, members: json.dumps({"cluster": key, "members": sorted(members)}))
            | "Write" >> beam.io.WriteToText(out, shard_name_template="", append_trailing_newlines=True)
        )


def _names(articles: pa.RecordBatch) -> Iterator[tuple[str, str]]:
    for row in articles.select(["article_id", "doc_ref", "outlet"]).to_pylist():
        yield str(row["article_id"]), row["outlet"] or Path(row["doc_ref"]).name


def _members(members: pa.RecordBatch, names: dict[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for row in members.to_pylist():
        yield str(row["cluster_id"]), (row["role"], names[str(row["article_id"])])


if __name__ == "__main__":
    cluster(*sys.argv[1:3])
