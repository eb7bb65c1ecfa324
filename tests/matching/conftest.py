from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.transforms.matching.segments.segment import Segment, merge, open_segment

_FILLED = {"doc_ref": "a.jsonl#1", "record": 0, "extractor": "test", "published_precision": "second"}


def _digest(*parts: Any) -> bytes:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


def _batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    filled = []
    for row in rows:
        name, text = row.get("source_id", row["text"]), row["text"]
        keys = {"unit_id": _digest("unit"), "identity": _digest(name), "text_hash": _digest("text", text)}
        counts = {"n_words": len(text.split()), "n_chars": len(text), "event_at": row.get("published_at")}
        filled.append(_FILLED | keys | counts | {"article_id": _digest(name, text)} | row)
    columns = []
    for field in ARTICLE_BATCH:
        missing = [] if pa.types.is_list(field.type) else None
        values = [row.get(field.name, missing) for row in filled]
        if isinstance(field.type, pa.BaseExtensionType):
            columns.append(pa.ExtensionArray.from_storage(field.type, pa.array(values, pa.binary(16))))
        else:
            columns.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=ARTICLE_BATCH)


@pytest.fixture(scope="session")
def make_batch() -> Callable[[Sequence[dict[str, Any]]], pa.RecordBatch]:
    """Return a function from rows, of which only `text` must be given, to a batch of articles."""
    return _batch


@pytest.fixture(scope="session")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Segment]], Segment]:
    """Return a function that merges segments in a folder of their own and opens what it wrote."""

    def merge_and_open(segments: Sequence[Segment]) -> Segment:
        folder = tmp_path_factory.mktemp("merged")
        merge(segments, folder)
        return open_segment(folder)

    return merge_and_open
