"""The schemas: every field says what it means, and every element travels whole."""

import datetime as dt

import pyarrow as pa
import pytest
from apache_beam import coders
from hypothesis import given
from hypothesis import strategies as st

import wirecopy.schemas.coders  # noqa: F401
from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.coders import ArrowBatchCoder
from wirecopy.schemas.elements import Committed, Document, Reject, Sealed, Unit
from wirecopy.schemas.tables import TABLES


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_field_says_what_it_means(table):
    assert table.meaning
    for field in [*table.schema, *ARTICLE_BATCH]:
        assert field.metadata[b"meaning"], field.name
    assert set(table.key) <= set(table.schema.names)
    assert table.month_of is None or table.month_of in table.schema.names
    assert (table.keep == "latest") == ("deleted" in table.schema.names)


UNIT = Unit("0" * 32, "a b.jsonl", "jsonl", 0, 9, 9)
ELEMENTS = [
    UNIT,
    Document("0" * 32, 0, "a#1", "text", "naïve \ud800 text", keywords=("a", "b"), fetched_at=1),
    Reject("read", "empty", "nothing", "a#1", "0" * 32, None, b"\x00\xff", True),
    Sealed("x/sealed-0", (UNIT,), (("0" * 32, "gone"),), 1, 2),
    Committed(1, 2, 3, 4, 5, 6, 7),
]


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: type(element).__name__)
def test_an_element_travels_whole_and_always_in_the_same_bytes(element):
    coder = coders.registry.get_coder(type(element))
    assert coder.is_deterministic()
    back = coder.decode(coder.encode(element))
    assert back == element
    assert type(back) is type(element)
    assert coder.encode(back) == coder.encode(element)


@given(st.lists(st.tuples(st.text(), st.none() | st.datetimes(timezones=st.just(dt.UTC)))))
def test_a_record_batch_travels_whole(rows):
    schema = pa.schema([pa.field("text", pa.string()), pa.field("at", pa.timestamp("us", tz="UTC"))])
    batch = pa.RecordBatch.from_pylist([{"text": text, "at": at} for text, at in rows], schema=schema)
    coder = coders.registry.get_coder(pa.RecordBatch)
    assert isinstance(coder, ArrowBatchCoder)
    assert coder.decode(coder.encode(batch)).equals(batch)
