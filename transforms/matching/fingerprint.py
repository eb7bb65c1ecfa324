"""From articles to fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wirecopy.schemas.articles import CREDIT_KINDS
from wirecopy.schemas.fingerprints import FINGERPRINTS, QUOTE_SPAN
from wirecopy.schemas.table import INSTANT
from wirecopy.transforms.matching.segments.lists import unflatten
from wirecopy.transforms.provenance.origin import span
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
    begins_at, ends_at = _intervals(batch)
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
    columns |= {
        "credit_kind": _credit_kinds(batch),
        "begin_at": begins_at,
        "end_at": ends_at,
        "quotes": _quotes(batch["quotes"]),
    }
    return pa.RecordBatch.from_arrays(
        [columns[name] if name in columns else batch[name] for name in FINGERPRINTS.names], schema=FINGERPRINTS
    )


def _intervals(batch: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
    """Return the first microsecond of each article's time and the one after its last; null where it has none."""
    published, seen = (batch[name].cast(pa.int64()).to_pylist() for name in ("published_at", "first_seen_at"))
    precisions = batch["published_precision"].to_pylist()
    spans = [span(at, precision, first) for at, precision, first in zip(published, precisions, seen, strict=True)]
    begins, ends = ([pair[side] for pair in spans] for side in (0, 1))
    return pa.array(begins, pa.int64()).cast(INSTANT), pa.array(ends, pa.int64()).cast(INSTANT)


def _credit_kinds(batch: pa.RecordBatch) -> pa.Array:
    """Return the strongest kind of credit that names each article's agency; null where none does.

    An article without an agency that another outlet published before has the kind of that credit, `republication`.
    """
    credits = batch["credits"]
    parents = pc.list_parent_indices(credits)
    agencies = batch["agency"].take(parents)
    flat = credits.flatten()
    named = pc.fill_null(pc.equal(flat.field("agency"), agencies), False)
    before = pc.and_(pc.is_null(agencies), pc.equal(flat.field("kind"), "republication"))
    names_it = pc.or_(named, before).to_numpy(zero_copy_only=False)
    kinds = pc.fill_null(pc.index_in(flat.field("kind"), pa.array(CREDIT_KINDS)), len(CREDIT_KINDS))
    strongest = np.full(batch.num_rows, len(CREDIT_KINDS), np.int32)
    np.minimum.at(strongest, parents.to_numpy()[names_it], kinds.to_numpy()[names_it])
    return pa.array((*CREDIT_KINDS, None), pa.string()).take(pa.array(strongest))


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
