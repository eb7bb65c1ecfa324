"""From articles to fingerprints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.schemas.fingerprints import FINGERPRINTS, SPAN
from wirecopy.transforms.credit.naming import named, own_names
from wirecopy.transforms.credit.notices.notices import may_hold, notices
from wirecopy.transforms.credit.quotes.quoted import quoted
from wirecopy.transforms.matching.segments.lists import unflatten
from wirecopy.transforms.provenance.facts import facts
from wirecopy.transforms.provenance.origin import house
from wirecopy.transforms.similarity.anchors import find_anchors
from wirecopy.transforms.similarity.minhash import find_bands
from wirecopy.transforms.text.names import find_names
from wirecopy.transforms.text.offsets import pack
from wirecopy.transforms.text.rarity import weigh
from wirecopy.transforms.text.shingles import shingle
from wirecopy.transforms.text.tokens import Tokens, tokenize

_CODES = pa.large_list(pa.uint32())


def fingerprint(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the fingerprints of articles, a batch of FINGERPRINTS with one row for each row and in their order.

    Args:
        batch: articles with their texts, of schema ARTICLE_BATCH.
    """
    tokens = tokenize(batch["text"])
    languages = batch["language"].to_pylist()
    weights = weigh(tokens.words, tokens.bounds, languages)
    anchors = find_anchors(tokens.stems, weights, tokens.begins, tokens.ends, tokens.bounds)
    anchor_bounds = np.searchsorted(anchors.articles, np.arange(batch.num_rows + 1))
    lists: dict[str, tuple[NDArray[Any], NDArray[np.int64]]] = {
        "words": (tokens.words, tokens.bounds),
        "stems": (tokens.stems, tokens.bounds),
        "weights": (weights, tokens.bounds),
        "spacing": pack(tokens.begins, tokens.ends, tokens.bounds),
        "bands": find_bands(shingle(tokens.words, tokens.bounds)),
        "anchors": ((anchors.hashes >> np.uint64(32)).astype(np.uint32), anchor_bounds),
        "anchors_at": (anchors.positions, anchor_bounds),
        "names": _bits(find_names(batch["text"], tokens, weights, languages), tokens.bounds),
    }
    columns = {name: unflatten(*flat, FINGERPRINTS.field(name).type) for name, flat in lists.items()}
    known = facts(pa.Table.from_batches([batch]))
    columns |= {
        name: known[name].combine_chunks()
        for name in ("outlet", "credit_kind", "begin_at", "end_at", "told_at", "slug", "is_take")
    }
    rows = batch.select(["outlet", "outlet_name", "agency", "text"]).to_pylist()
    columns["outlet_names"] = pa.array([own_names(row["outlet"], row["outlet_name"]) for row in rows], _CODES)
    by_agency = (bool(row["agency"] or house(row["outlet"])) for row in rows)
    told = [named(row["text"]) if is_wire else [] for row, is_wire in zip(rows, by_agency, strict=True)]
    columns["named"] = pa.array(told, _CODES)
    texts = batch["text"].to_pylist()
    columns["quotes"] = _spans(map(quoted, texts), tokens)
    held = may_hold(batch["text"]).tolist()
    columns["notices"] = _spans((notices(text) if may else [] for text, may in zip(texts, held, strict=True)), tokens)
    return pa.RecordBatch.from_arrays(
        [columns[name] if name in columns else batch[name] for name in FINGERPRINTS.names], schema=FINGERPRINTS
    )


def _spans(of_texts: Iterable[list[tuple[int, int]]], tokens: Tokens) -> pa.LargeListArray:
    """Return the spans of each text, in code points, as spans of words."""
    found = list(of_texts)
    counts = np.array([len(spans) for spans in found], np.int64)
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    points = np.array([span for spans in found for span in spans], np.int64).reshape(-1, 2)
    words = np.empty(points.shape, np.uint32)
    for row in np.flatnonzero(counts):
        begins = tokens.begins[tokens.bounds[row] : tokens.bounds[row + 1]]
        words[bounds[row] : bounds[row + 1]] = np.searchsorted(begins, points[bounds[row] : bounds[row + 1]])
    spans = pa.StructArray.from_arrays([pa.array(words[:, 0]), pa.array(words[:, 1])], fields=list(SPAN))
    return pa.LargeListArray.from_arrays(pa.array(bounds), spans, type=FINGERPRINTS.field("quotes").type)


def _bits(flags: NDArray[np.bool_], bounds: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return a flag a word of n articles as bits, the highest first, and the n + 1 bounds of each article's bytes."""
    sizes = -(-np.diff(bounds) // 8)
    byte_bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    places = np.arange(len(flags)) + np.repeat(8 * byte_bounds[:-1] - bounds[:-1], np.diff(bounds))
    spread = np.zeros(8 * int(byte_bounds[-1]), bool)
    spread[places] = flags
    return np.packbits(spread), byte_bounds
