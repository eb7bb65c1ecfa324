"""Segments as rows of `search_index`, and rows as segments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wirecopy.schemas.search import ARTICLE, DOC_BITS, POSTING, SEARCH_INDEX, WORD
from wirecopy.transforms.columns import storage, uuids
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.search.segment import Content, Word

_SEGMENT_BITS = 44
_GROUPS = {ARTICLE: 8_192, WORD: 32_768, POSTING: 122_880}
"""Rows of a row group, by kind: words are looked up one by one."""

_NO_TERMS = pa.array([], pa.string()).dictionary_encode()

SCHEMA = SEARCH_INDEX.schema


def groups(content: Content) -> Iterator[pa.Table]:
    """Yield the rows of a segment, sorted by kind, term and place, a row group at a time."""
    segment = int.from_bytes(blake2b_128(*content.article_ids.to_pylist())[:8]) >> (64 - _SEGMENT_BITS)
    for kind, rows in ((ARTICLE, _articles(content)), (WORD, _words(content)), (POSTING, _postings(content))):
        for at in range(0, len(rows), _GROUPS[kind]):
            yield _group(segment, kind, rows.slice(at, _GROUPS[kind]))


def _articles(content: Content) -> pa.Table:
    n = len(content.article_ids)
    ids = uuids(content.article_ids)
    return pa.table({"term": pa.repeat("", n), "place": np.arange(n), "article_id": ids, "event_at": content.events})


def _words(content: Content) -> pa.Table:
    n = len(content.article_ids)
    forms = [(one.form, one.stem, one.held, int(not one.common)) for one in content.words]
    stems = [(f"~{one.stem}", one.form, one.held, int(not one.common)) for one in content.words]
    rows = sorted([("", "", n, 1), *forms, *stems])
    term, other, place, level = zip(*rows, strict=True)
    return pa.table({"term": term, "other": other, "place": place, "level": pa.array(level, pa.int16())})


def _postings(content: Content) -> pa.Table:
    lengths = np.diff(content.bounds)
    ranks = np.repeat(np.arange(len(lengths)), lengths)
    terms = pa.DictionaryArray.from_arrays(pa.array(ranks), pa.array(content.keys, pa.string()))
    places = ranks << DOC_BITS | content.docs
    return pa.table({"term": terms, "place": places, "level": content.levels.astype(np.int16)})


def _group(segment: int, kind: int, rows: pa.Table) -> pa.Table:
    n = len(rows)
    known = {"segment": pa.repeat(segment, n), "kind": pa.repeat(pa.scalar(kind, pa.int16()), n)}
    columns = [
        known[field.name]
        if field.name in known
        else rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(n, field.type)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def read(path: Path) -> Content:
    """Return the segment that a part is. Raises OSError where it is missing, ValueError where it is none."""
    file = pq.ParquetFile(path, read_dictionary=["term"])
    kinds: dict[int, list[pa.Table]] = {ARTICLE: [], WORD: [], POSTING: []}
    for number in range(file.metadata.num_row_groups):
        group = file.read_row_group(number)
        kinds[group["kind"][0].as_py()].append(group)
    articles, words, postings = (
        pa.concat_tables(kinds[kind]) if kinds[kind] else file.schema_arrow.empty_table()
        for kind in (ARTICLE, WORD, POSTING)
    )
    places = np.asarray(postings["place"])
    terms = pa.concat_arrays(postings["term"].unify_dictionaries().chunks or [_NO_TERMS])
    codes = np.asarray(terms.indices)
    return Content(
        storage(articles["article_id"]),
        articles["event_at"].combine_chunks(),
        terms.dictionary.to_pylist(),
        np.searchsorted(codes, np.arange(len(terms.dictionary) + 1)).astype(np.int64),
        (places & ((1 << DOC_BITS) - 1)).astype(np.uint32),
        np.asarray(postings["level"]).astype(np.uint8),
        [
            Word(form, stem, held, level == 0)
            for form, stem, held, level in zip(
                *(words[name].to_pylist() for name in ("term", "other", "place", "level")), strict=True
            )
            if form and not form.startswith("~")
        ],
    )
