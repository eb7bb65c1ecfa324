"""From compared pairs to rows of `pairs` and `passages`: source and destination, agency, lag, quotes, furniture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.schemas.reuse import PAIRS, PASSAGES
from wirecopy.transforms.columns import binary, fixed, uuids
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.matching.assemble import gather_columns
from wirecopy.transforms.matching.segments.segment import NEVER, Segment, instants
from wirecopy.transforms.matching.verify import Comparison
from wirecopy.transforms.provenance.origin import Sighting, lag_s, orient, standing
from wirecopy.transforms.similarity.whose import FORM, LIST, NOTICE_TEXT, QUOTE, SOMEBODY
from wirecopy.transforms.text.rarity import MODEL_ID

VERBATIM = 0.95
"""Least identity of a site's furniture: what opens or closes two different articles of one outlet, uncredited."""

WHOLE = 0.85
"""Share of the longer article that a quote in common has to be for the two to be copies; less, and it is what two
reports quote."""


class Matches(NamedTuple):
    """Rows of PAIRS, by (source, destination), and of PASSAGES, by (source, destination, place in the source)."""

    pairs: pa.Table
    passages: pa.Table


def no_matches() -> Matches:
    """Return no rows."""
    return Matches(PAIRS.schema.empty_table(), PASSAGES.schema.empty_table())


class _Sides(NamedTuple):
    """The articles that take part, one row each, as arrays that pairs point into."""

    ids: NDArray[np.bytes_]
    events: NDArray[np.int64]
    outlets: NDArray[np.int64]
    sightings: list[Sighting]


def make_rows(
    segments: Sequence[Segment],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    which: NDArray[np.int64],
    found: Comparison,
) -> Matches:
    """Return the rows of pairs of articles whose texts have been compared.

    Args:
        segments: where the articles are.
        left, right: i64[pairs], articles, numbered through all segments; left and right as they were compared.
        which: i64[pairs], the comparison of their texts, in `found`.
        found: what the comparisons found; those without copy and passage make no row.
    """
    passages = found.passages
    n_passages = np.bincount(passages.pair, minlength=len(found.copy))
    kept = found.copy[which] | (n_passages[which] > 0)
    left, right, which = left[kept], right[kept], which[kept]
    if len(left) == 0:
        return no_matches()
    articles, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    left, right = places.reshape(2, -1)
    sides = _sides(segments, articles)
    source_left, confidence, lags = _orient(sides, left, right)
    source, destination = np.where(source_left, left, right), np.where(source_left, right, left)
    events = _later(sides.events[source], sides.events[destination])
    same_outlet = (sides.outlets[source] == sides.outlets[destination]) & (sides.outlets[source] >= 0)

    first = np.concatenate([[0], np.cumsum(n_passages)])[which]
    count = n_passages[which]
    pair = np.repeat(np.arange(len(which)), count)
    passage = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count - first, count)
    by_source = np.where(source_left[pair], 0, 1)

    def side(of_left: NDArray[Any], of_right: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        both = np.stack([of_left[passage], of_right[passage]]).astype(np.int64)
        row = np.arange(len(passage))
        return both[by_source, row], both[1 - by_source, row]

    source_words, destination_words = side(passages.left_words, passages.right_words)
    source_begin, destination_begin = side(passages.left_begin, passages.right_begin)
    source_end, destination_end = side(passages.left_end, passages.right_end)
    score = passages.score[passage]
    best = np.zeros(len(which), np.int32)
    np.maximum.at(best, pair, score)

    def coverage(words: NDArray[np.int64], of_left: NDArray[np.int64], of_right: NDArray[np.int64]) -> pa.Array:
        total = np.maximum(np.where(source_left, of_left[which], of_right[which]), 1)
        return pa.array((np.bincount(pair, words, len(which)) / total).astype(np.float32))

    src, dst = source[pair], destination[pair]
    agencies, of_one_agency = _agencies(sides, source, destination)
    identity = (passages.matched[passage] / np.maximum(source_words, destination_words)).astype(np.float32)
    chrome = (same_outlet & agencies.is_null().to_numpy(zero_copy_only=False) & ~found.copy[which])[pair]
    is_chrome = chrome & found.at_edge[passage] & (identity >= VERBATIM)
    whose, of_pair = found.passage_of[passage], found.pair_of[which]
    shared_words = np.bincount(pair, np.maximum(source_words, destination_words), len(which))
    all_words = np.maximum(found.left_words, found.right_words)[which]
    is_whole = (of_pair == QUOTE) & (of_one_agency | (shared_words >= WHOLE * all_words))
    copy = found.copy[which] & ((of_pair == SOMEBODY) | (of_pair == LIST) | is_whole)
    taken = copy[pair] | ((whose == SOMEBODY) & ~is_chrome)
    has_stock = np.bincount(pair, (whose == NOTICE_TEXT) | (whose == FORM), len(which)) > 0
    has_taken = np.bincount(pair, taken, len(which)) > 0
    relation = np.select([copy, has_stock & ~has_taken], ["copy", "stock"], "reuse")

    pairs = {
        "src_article_id": uuids(binary(sides.ids[source])),
        "dst_article_id": uuids(binary(sides.ids[destination])),
        "event_at": events,
        "relation": relation,
        "jaccard": found.jaccard[which],
        "src_coverage": coverage(source_words, found.left_words, found.right_words),
        "dst_coverage": coverage(destination_words, found.right_words, found.left_words),
        "src_taken": coverage(source_words * taken, found.left_words, found.right_words),
        "dst_taken": coverage(destination_words * taken, found.right_words, found.left_words),
        "n_passages": count.astype(np.int32),
        "score": best,
        "same_outlet": same_outlet,
        "direction_confidence": confidence,
        "model_id": pa.array([MODEL_ID]).take(pa.array(np.zeros(len(which), np.int32))),
    }
    shared = {
        "passage_id": _passage_ids(
            sides.ids[src], sides.ids[dst], source_begin, source_end, destination_begin, destination_end
        ),
        "src_article_id": uuids(binary(sides.ids[src])),
        "src_begin": source_begin,
        "src_end": source_end,
        "dst_article_id": uuids(binary(sides.ids[dst])),
        "dst_begin": destination_begin,
        "dst_end": destination_end,
        "event_at": events.take(pa.array(pair)),
        "n_words": source_words,
        "identity": identity,
        "score": score,
        "is_quote": whose == QUOTE,
        "is_chrome": is_chrome,
        "stock": pa.array([None, None, "notice", "form", "list"], pa.string()).take(pa.array(whose)),
        "taken": taken,
        "agency": agencies.take(pa.array(pair)),
        "lag_s": pa.array(lags, pa.int64()).take(pa.array(pair)),
        "model_id": pa.array([MODEL_ID]).take(pa.array(np.zeros(len(pair), np.int32))),
    }
    by_pair = np.lexsort((sides.ids[destination], sides.ids[source]))
    by_place = np.lexsort((source_begin, sides.ids[dst], sides.ids[src]))
    return Matches(_table(PAIRS.schema, pairs, by_pair), _table(PASSAGES.schema, shared, by_place))


def _table(schema: pa.Schema, columns: dict[str, Any], order: NDArray[np.int64]) -> pa.Table:
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column).cast(field.type)
        for field, column in ((field, columns[field.name]) for field in schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema).take(pa.array(order)).combine_chunks()


def _sides(segments: Sequence[Segment], articles: NDArray[np.int64]) -> _Sides:
    instants_of = ("begin_at", "end_at", "told_at")
    names = ["article_id", "event_at", "outlet", "agency", "credit_kind", *instants_of, "outlet_names", "named"]
    table = gather_columns(segments, articles, names)
    columns = {name: table[name].combine_chunks() for name in names}
    ids = fixed(columns["article_id"])
    outlet, agency, kind = (columns[name].to_pylist() for name in ("outlet", "agency", "credit_kind"))
    times = (columns[name].cast(pa.int64()).to_pylist() for name in instants_of)
    own, said = (map(frozenset, columns[name].to_pylist()) for name in ("outlet_names", "named"))
    raw = [ids[i : i + 1].tobytes() for i in range(len(ids))]
    sightings = list(map(Sighting, raw, outlet, agency, kind, *times, own, said))
    codes = columns["outlet"].dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    return _Sides(ids, instants(columns["event_at"]), codes, sightings)


def _orient(
    sides: _Sides, left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float32], list[int | None]]:
    """Return whether the left article is the source, how sure that is, and the destination's lag."""
    source_left = np.empty(len(left), bool)
    confidence = np.empty(len(left), np.float32)
    lags: list[int | None] = []
    for k, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        a, b = sides.sightings[i], sides.sightings[j]
        source_left[k], confidence[k] = orient(a, b)
        lags.append(lag_s(a, b) if source_left[k] else lag_s(b, a))
    return source_left, confidence, lags


def _agencies(
    sides: _Sides, source: NDArray[np.int64], destination: NDArray[np.int64]
) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Return the agency whose the source of each pair is, by credit or domain, and whether both articles credit it."""
    names = [
        (standing(sides.sightings[i])[1], sides.sightings[j].agency) for i, j in zip(source, destination, strict=True)
    ]
    one = np.array([first is not None and first == other for first, other in names], bool)
    return pa.array([first for first, _ in names], pa.string()), one


def _later(a: NDArray[np.int64], b: NDArray[np.int64]) -> pa.Array:
    """Return the later of two instants; the known one where one is not known, null where neither is."""
    later = np.where((a == NEVER) | (b == NEVER), np.minimum(a, b), np.maximum(a, b))
    return pa.array(later, mask=later == NEVER).cast(PAIRS.schema.field("event_at").type)


def _passage_ids(source: NDArray[np.bytes_], destination: NDArray[np.bytes_], *spans: NDArray[np.int64]) -> pa.Array:
    """Return blake2b-128 of both ids and of the four offsets as little-endian 32-bit numbers."""
    places = np.stack(spans, axis=1).astype("<u4").tobytes()
    sources, destinations = source.tobytes(), destination.tobytes()
    ids = b"".join(
        blake2b_128(sources[at : at + 16], destinations[at : at + 16], places[at : at + 16])
        for at in range(0, 16 * len(source), 16)
    )
    return uuids(binary(np.frombuffer(ids, "S16")))
