from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.schemas.fingerprints import FINGERPRINTS
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.text.offsets import pack, unpack

DAY = dt.datetime(2022, 2, 14, tzinfo=dt.UTC)


def rows_of(make_batch, *rows):
    batch = fingerprint(make_batch(rows))
    assert batch.schema == FINGERPRINTS
    batch.validate(full=True)
    return batch.to_pylist()


def test_a_row_for_each_article_in_order(make_batch):
    rows = rows_of(make_batch, {"text": "One two three four five six"}, {"text": ""}, {"text": "One, two!"})
    assert [len(row["words"]) for row in rows] == [6, 0, 2]
    assert [len(row["bands"]) for row in rows] == [32, 0, 0]
    assert rows[0]["words"][:2] == rows[2]["words"]
    assert [len(row["weights"]) for row in rows] == [len(row["stems"]) for row in rows] == [6, 0, 2]
    assert [len(row["anchors"]) for row in rows] == [len(row["anchors_at"]) for row in rows]


def test_no_articles_have_no_fingerprints(make_batch):
    assert rows_of(make_batch) == []


@pytest.mark.parametrize(
    "precision, seen, span",
    [
        ("second", None, (DAY, dt.timedelta(seconds=1))),
        ("day", None, (DAY, dt.timedelta(days=1))),
        ("none", DAY, (DAY, dt.timedelta(seconds=1))),
        ("none", None, None),
    ],
)
def test_times_are_intervals(make_batch, precision, seen, span):
    published = None if precision == "none" else DAY
    (row,) = rows_of(
        make_batch,
        {"text": "x", "published_at": published, "published_precision": precision, "first_seen_at": seen},
    )
    assert (row["begin_at"], row["end_at"]) == ((span[0], span[0] + span[1]) if span else (None, None))


def credit(agency, kind):
    return {"agency": agency, "kind": kind, "evidence": "", "where": "text", "begin": 0, "end": 0}


@pytest.mark.parametrize(
    "agency, credits, kind",
    [
        ("TASS", [credit("TASS", "tail"), credit("TASS", "dateline")], "dateline"),
        ("TASS", [credit("Reuters", "dateline"), credit("TASS", "tail")], "tail"),
        ("TASS", [], None),
        (None, [credit("TASS", "tail")], None),
    ],
)
def test_the_strongest_credit_of_the_agency_counts(make_batch, agency, credits, kind):
    other = {"text": "y", "agency": "AP", "credits": [credit("AP", "byline")]}
    rows = rows_of(make_batch, other, {"text": "x", "agency": agency, "credits": credits})
    assert [row["credit_kind"] for row in rows] == ["byline", kind]


def test_quotes_notices_and_names_are_told_by_word(make_batch):
    text = (
        'Mayor Ada Quill spoke at length. "We shall mend every bridge of this town before the winter," Ada said. '
        "Bridges rust.\nThis text contains forward-looking statements, and readers should not place undue reliance "
        "on them."
    )
    row, empty = rows_of(make_batch, {"text": text, "language": "en"}, {"text": ""})
    words = re.findall(r"\w+", text)
    (quote,), (notice,) = row["quotes"], row["notices"]
    assert words[quote["begin"]] == "We" and words[quote["end"] - 1] == "winter"
    assert words[notice["begin"]] == "This" and words[notice["end"] - 1] == "them"
    bits = np.unpackbits(np.frombuffer(row["names"], np.uint8))[: len(words)].astype(bool)
    assert {word for word, name in zip(words, bits, strict=True) if name} == {"Ada", "Quill"}
    assert (empty["quotes"], empty["notices"], empty["names"]) == ([], [], b"")


@given(st.lists(st.lists(st.tuples(st.integers(0, 2**20), st.integers(1, 2**20)), max_size=6), max_size=5))
def test_places_of_words_survive_packing(articles):
    places = []
    for article in articles:
        point = 0
        for before, length in article:
            places.append((point + before, point + before + length))
            point += before + length
    begins, ends = np.array(places, np.uint32).reshape(-1, 2).T.copy()
    bounds = np.cumsum([0, *map(len, articles)]).astype(np.int64)
    packed, packed_bounds = pack(begins, ends, bounds)
    again = np.empty((2, len(begins)), np.uint32)
    unpack(packed, packed_bounds, np.arange(len(articles)), *again)
    assert np.array_equal(again, [begins, ends])
    unpack(packed, packed_bounds, np.arange(len(articles))[-1:], *again)
    last = len(articles[-1]) if articles else 0
    assert np.array_equal(again[:, :last], np.array([begins, ends])[:, len(begins) - last :])
