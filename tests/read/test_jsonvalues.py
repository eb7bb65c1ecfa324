from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.fields.missing import is_missing
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.records import jsonvalues


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(lambda text: not is_missing(text, "text"))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=15),
    indent=st.sampled_from([None, 1, 4]),
    array=st.booleans(),
    target=st.integers(1, 500),
)
def test_arrays_and_pretty_printed_objects_however_they_are_split(
    tmp_path: Path, texts: list[str], indent: int | None, array: bool, target: int
) -> None:
    records = [{"text": text, "deep": [{"x": ["]", "}", '"']}]} for text in texts]
    path = tmp_path / "a.json"
    data = (
        json.dumps(records, indent=indent) if array else "\n".join(json.dumps(each, indent=indent) for each in records)
    )
    path.write_text(data, encoding="utf-8")
    cut = list(jsonvalues.spans(open_stream(str(path)), target))
    units = [Unit("u", str(path), "jsonvalues", span.begin, span.end, span.size, span.first) for span in cut]
    parts = [each for unit in units for each in read(unit)]
    assert [(each.doc_ref, each.content) for each in parts if isinstance(each, Document)] == [
        (f"{path}#{i}", text) for i, text in enumerate(texts, 1)
    ]


def test_replies_of_search_interfaces_are_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"status": "ok", "articles": {"results": [{"body": "One."}, {"body": "Two."}]}}))
    documents, _ = read_all(path)
    assert [(document.doc_ref, document.content) for document in documents] == [
        (f"{path}#1/1", "One."),
        (f"{path}#1/2", "Two."),
    ]


def test_a_broken_value_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[\n{"text": "One."},\n{"text": broken},\n{"text": "Three."},\n{"text": "Four')
    documents, rejects = read_all(path)
    assert [document.content for document in documents] == ["One.", "Three."]
    assert [(reject.doc_ref, reject.reason) for reject in rejects] == [
        (f"{path}#2", "malformed"),
        (f"{path}#4", "truncated"),
    ]


@pytest.mark.parametrize("data", ["[]", "{}", '["a", "b"]', "[1, 2]"])
def test_json_without_an_article_is_a_reject(tmp_path: Path, data: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(data)
    documents, rejects = read_all(path)
    assert not documents and len(rejects) == 1


def test_json_feeds_are_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "A Paper",
        "feed_url": "https://a.com/feed.json",
        "authors": [{"name": "Jane Doe"}],
        "items": [
            {"id": "1", "url": "https://a.com/1", "title": "H", "content_html": "<p>One.</p><p>Two.</p>"},
            {"id": "2", "content_text": "a < b", "date_published": "2022-02-03T09:33:00Z"},
            {"id": "3", "title": "nothing"},
        ],
    }
    path.write_text(json.dumps(feed, indent=2))
    documents, rejects = read_all(path)
    assert [document.content for document in documents] == ["One.\n\nTwo.", "a < b"]
    assert (documents[0].authors, documents[0].feed_url, documents[0].outlet_name) == (
        ("Jane Doe",),
        "https://a.com/feed.json",
        "A Paper",
    )
    assert [reject.reason for reject in rejects] == ["no text"]
