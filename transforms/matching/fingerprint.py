"""From articles to fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wirecopy.schemas.fingerprints import FINGERPRINTS, QUOTE_SPAN
from wirecopy.transforms.matching.segments.lists import unflatten
from wirecopy.transforms.provenance.facts import facts
from wirecopy.transforms.similarity.anchors import find_anchors
from wirecopy.transforms.similarity.minhash import find_bands
from wirecopy.transforms.text.offsets import pack
from wirecopy.transforms.text.rarity import weigh
from wirecopy.transforms.text.shingles import shingle
from wirecopy.transforms.text.tokens import tokenize


def fingerprint(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the fingerprints of articles, a batch of FINGERPRINTS with one row for each row and in their order.

    Args:
        batch: articles with their texts, of schema ARTICLE_BATCH.
    """
    tokens = tokenize(batch["text"])
    weights = weigh(tokens.words, tokens.bounds, batch["language"].to_pylist())
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
    }
    columns = {name: unflatten(*flat, FINGERPRINTS.field(name).type) for name, flat in lists.items()}
    known = facts(pa.Table.from_batches([batch]))
    columns |= {name: known[name].combine_chunks() for name in ("outlet", "credit_kind", "begin_at", "end_at")}
    columns["quotes"] = _quotes(batch["quotes"])
    return pa.RecordBatch.from_arrays(
        [columns[name] if name in columns else batch[name] for name in FINGERPRINTS.names], schema=FINGERPRINTS
    )


def _quotes(quotes: pa.ListArray) -> pa.LargeListArray:
    """Return the spans of direct speech with a code for each speaker."""
    flat = quotes.flatten()
    names = tokenize(flat.field("speaker"))
    speakers = np.zeros(len(flat), np.uint32)
    named = np.diff(names.bounds) > 0
    speakers[named] = names.words[names.bounds[1:][named] - 1]
    spans = pa.StructArray.from_arrays(
        [flat.field("begin"), flat.field("end"), pa.array(speakers)], fields=_fields(QUOTE_SPAN)
    )
    lengths = pc.fill_null(pc.list_value_length(quotes), 0).to_numpy()
    bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return pa.LargeListArray.from_arrays(pa.array(bounds), spans, type=FINGERPRINTS.field("quotes").type)


def _fields(struct: pa.StructType) -> Sequence[pa.Field]:
    return [struct.field(i) for i in range(struct.num_fields)]
