"""Credits of article batches, with Beam and without."""

from __future__ import annotations

from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that, equal_to

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.transforms.credit.columns import attribute_batch
from wirecopy.transforms.credit.transform import CreditArticles


def row(text: str, **columns: Any) -> dict[str, Any]:
    made = {}
    for field in ARTICLE_BATCH:
        if field.nullable:
            made[field.name] = None
        elif pa.types.is_list(field.type):
            made[field.name] = []
        elif pa.types.is_string(field.type):
            made[field.name] = ""
        else:
            made[field.name] = bytes(16) if field.type == pa.uuid() else 0
    return made | {"text": text} | columns


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), schema=ARTICLE_BATCH)


ROWS = (
    row("MOSCOW, May 1. /TASS/. “It rains,” Ned Price said.", agency="wrong", quotes=[]),
    row(
        "It rains, CNN reported.",
        dateline="PARIS",
        credits=[
            {"agency": "x", "kind": "tail", "evidence": "Source: dpa", "where": "tail", "begin": None, "end": None}
        ],
    ),
)


def read(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (
            row["dateline"],
            row["agency"],
            [credit["evidence"] for credit in row["credits"]],
            [citation["name"] for citation in row["cited"]],
            [quote["speaker"] for quote in row["quotes"]],
        )
        for row in rows
    ]


WANT = [
    ("MOSCOW, May 1. /TASS/.", "TASS", ["MOSCOW, May 1. /TASS/."], [], ["Ned Price"]),
    ("PARIS", "dpa", ["Source: dpa"], ["CNN"], []),
]


def test_columns_are_made_again() -> None:
    made = attribute_batch(batch(*ROWS))
    assert made.schema.equals(ARTICLE_BATCH)
    assert read(made.to_pylist()) == WANT
    assert attribute_batch(made).equals(made)


def test_an_empty_batch_stays_empty() -> None:
    assert attribute_batch(batch()).num_rows == 0


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="ARTICLE_BATCH"):
        attribute_batch(pa.RecordBatch.from_pydict({"text": ["x"]}))


def test_the_transform_is_the_same_in_a_pipeline() -> None:
    with beam.Pipeline("FnApiRunner") as pipeline:
        made = (
            pipeline | beam.Create([batch(*ROWS)]) | CreditArticles() | beam.FlatMap(lambda one: read(one.to_pylist()))
        )
        assert_that(made, equal_to(WANT))
