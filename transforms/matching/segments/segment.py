"""Segments: fingerprints of many articles with their postings sorted, kept in files that are mapped, not read.

The index of a lake is a list of segments. A segment never changes: new articles come in new segments, small segments
are merged into larger ones, and an article that is withdrawn or replaced is marked dead until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.schemas.fingerprints import FINGERPRINTS, SEGMENT_ARTICLES
from wirecopy.transforms.columns import fixed
from wirecopy.transforms.matching.segments.arrays import appending, map_array, map_batch, write_array, write_batch
from wirecopy.transforms.matching.segments.lists import concat_rows, flatten, one_batch, room_in, unflatten
from wirecopy.transforms.matching.segments.postings import Postings, merge_postings, post
from wirecopy.transforms.matching.segments.sound import check_postings, check_rows, check_words
from wirecopy.transforms.matching.segments.vocabulary import Vocabulary, encode, join, renumber
from wirecopy.transforms.text.rarity import MODEL_ID

MADE_WITH = f"{MODEL_ID}/fingerprints-8"
"""Names all that fingerprints depend on: the model of rarity, and the hashes of words, shingles, bands and anchors."""

NEVER = np.iinfo(np.int64).max
"""Stands for an instant that is not known: later than all others."""

FILES = ("articles.arrow", "vocabulary.npy", "bands.npy", "anchors.npy", "positions.npy", "by_id.npy")
"""What a segment is saved as."""


@dataclass(frozen=True, eq=False)
class Segment:
    """Fingerprints of n articles and their postings, ordered by (event_at, article_id).

    Attributes:
        articles: n rows of SEGMENT_ARTICLES.
        vocabulary: what the articles' words are numbers of.
        bands: which articles hold which MinHash band.
        anchors: which articles hold which anchor, and where.
        by_id: u32[n], the rows in the order of their article_id.
        live: bool[n], false for articles that have been withdrawn or replaced and match nothing.
    """

    articles: pa.RecordBatch
    vocabulary: Vocabulary
    bands: Postings
    anchors: Postings
    by_id: NDArray[np.uint32]
    live: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.articles.num_rows)

    @cached_property
    def ids(self) -> NDArray[np.bytes_]:
        """S16[n], the articles' ids."""
        return fixed(self.articles["article_id"])

    @cached_property
    def events(self) -> NDArray[np.int64]:
        """i64[n], the articles' event_at in microseconds; `NEVER` where it is not known."""
        return instants(self.articles["event_at"])

    @cached_property
    def n_words(self) -> NDArray[np.int32]:
        """i32[n], how many words each article has."""
        counts: NDArray[np.int32] = self.articles["n_words"].to_numpy()
        return counts

    @cached_property
    def words(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The articles' packed words, and the n + 1 bounds of each one's."""
        return flatten(self.articles["words"])

    @cached_property
    def spacing(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Where the words stand, packed, and the n + 1 bounds of each article's."""
        return flatten(self.articles["spacing"])

    def find(self, ids: Iterable[bytes] | NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Return the rows of the articles with these ids; -1 for those that are not in the segment."""
        wanted = ids if isinstance(ids, np.ndarray) else np.array(list(ids), "S16")
        if len(self) == 0:
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self.ids, wanted, sorter=self.by_id), len(self) - 1)
        rows = self.by_id[at].astype(np.int64)
        return np.where(self.ids[rows] == wanted, rows, -1)

    def without(self, dead: Iterable[bytes]) -> Segment:
        """Return the segment with the articles of these ids dead; ids that it does not hold are passed over."""
        live = self.live.copy()
        rows = self.find(dead)
        live[rows[rows >= 0]] = False
        return replace(self, live=live)


def instants(column: pa.Array) -> NDArray[np.int64]:
    """Return a column of instants as microseconds; `NEVER` for null."""
    return column.cast(pa.int64()).fill_null(NEVER).to_numpy()


def build(fingerprints: Sequence[pa.RecordBatch]) -> Segment:
    """Return a segment of these fingerprints, batches of FINGERPRINTS; no two rows have the same article_id."""
    rows = [np.arange(len(batch)) for batch in fingerprints]
    batch = concat_rows(fingerprints, rows, _order(fingerprints, rows), FINGERPRINTS)
    positions, _ = flatten(batch["anchors_at"])
    words, bounds = flatten(batch["words"])
    (stems, _), (weights, _) = flatten(batch["stems"]), flatten(batch["weights"])
    vocabulary, packed, packed_bounds = encode(words, stems, weights, bounds)
    articles = _with_words(batch, np.diff(bounds), packed, packed_bounds)
    return Segment(
        articles,
        vocabulary,
        post(*flatten(batch["bands"]), np.zeros(0, np.uint32)),
        post(*flatten(batch["anchors"]), positions),
        _by_id(articles),
        np.ones(len(articles), bool),
    )


def merge(segments: Sequence[Segment], folder: Path) -> None:
    """Write a segment of the live articles of all into a folder, which is made; it takes disk, not memory."""
    folder.mkdir(parents=True, exist_ok=True)
    room = room_in(folder)
    batches, living = [s.articles for s in segments], [np.flatnonzero(s.live) for s in segments]
    order = _order(batches, living)
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    rows, begin = [], 0
    for segment, kept in zip(segments, living, strict=True):
        row = np.full(len(segment), -1, np.int64)
        row[kept] = places[begin : begin + len(kept)]
        rows.append(row)
        begin += len(kept)
    vocabulary, numbers = join([s.vocabulary for s in segments])
    batches = [
        _with_words(s.articles, s.n_words, *renumber(*s.words, of_segment, room))
        for s, of_segment in zip(segments, numbers, strict=True)
    ]
    _save_articles(concat_rows(batches, living, order, SEGMENT_ARTICLES, room), folder)
    write_array(folder / "vocabulary.npy", vocabulary)
    with appending(folder / "bands.npy", np.uint64) as bands:
        for part in merge_postings([(s.bands, row) for s, row in zip(segments, rows, strict=True)]):
            bands(part.entries)
    with (
        appending(folder / "anchors.npy", np.uint64) as anchors,
        appending(folder / "positions.npy", np.uint32) as positions,
    ):
        for part in merge_postings([(s.anchors, row) for s, row in zip(segments, rows, strict=True)]):
            anchors(part.entries)
            positions(part.positions)


def _with_words(
    articles: pa.RecordBatch, n_words: NDArray[Any], packed: NDArray[np.uint8], bounds: NDArray[np.int64]
) -> pa.RecordBatch:
    """Return SEGMENT_ARTICLES of articles with these packed words."""
    kind = SEGMENT_ARTICLES.field("words").type
    columns = {"n_words": pa.array(n_words.astype(np.int32)), "words": unflatten(packed, bounds, kind)}
    return pa.RecordBatch.from_arrays(
        [columns[name] if name in columns else articles[name] for name in SEGMENT_ARTICLES.names],
        schema=SEGMENT_ARTICLES,
    )


def save(segment: Segment, folder: Path) -> None:
    """Write a segment's files into a folder, which is made; its dead articles are written as if they lived."""
    folder.mkdir(parents=True, exist_ok=True)
    _save_articles(segment.articles, folder)
    write_array(folder / "vocabulary.npy", segment.vocabulary)
    write_array(folder / "bands.npy", segment.bands.entries)
    write_array(folder / "anchors.npy", segment.anchors.entries)
    write_array(folder / "positions.npy", segment.anchors.positions)


def _save_articles(articles: pa.RecordBatch, folder: Path) -> None:
    write_batch(folder / "articles.arrow", articles, articles.schema.with_metadata({"made_with": MADE_WITH}))
    write_array(folder / "by_id.npy", _by_id(articles))


def _by_id(articles: pa.RecordBatch) -> NDArray[np.uint32]:
    return np.argsort(fixed(articles["article_id"])).astype(np.uint32)


def open_segment(folder: Path) -> Segment:
    """Return the segment saved in a folder, mapped into memory, all of its articles live.

    Raises:
        ValueError: it was made in another way, so that it cannot be compared with what is made now, or its files are
            not what they must be.
        OSError: a file is missing.
    """
    articles = map_batch(folder / "articles.arrow", SEGMENT_ARTICLES)
    made_with = (articles.schema.metadata or {}).get(b"made_with", b"").decode(errors="replace")
    if made_with != MADE_WITH:
        raise ValueError(f"{folder} was made with {made_with or 'something else'}, not {MADE_WITH}: rebuild the index")
    bands = Postings(map_array(folder / "bands.npy", np.uint64), np.zeros(0, np.uint32))
    anchors = Postings(map_array(folder / "anchors.npy", np.uint64), map_array(folder / "positions.npy", np.uint32))
    vocabulary, by_id = map_array(folder / "vocabulary.npy", np.uint32, 4), map_array(folder / "by_id.npy", np.uint32)
    segment = Segment(articles, vocabulary, bands, anchors, by_id, np.ones(len(articles), bool))
    try:
        check_rows(by_id, len(segment), "rows by id")
        check_postings(bands, len(segment), "bands", placed=False)
        check_postings(anchors, len(segment), "anchors", placed=True)
        check_words(segment.words, segment.spacing, segment.n_words, vocabulary)
    except ValueError as error:
        raise ValueError(f"{folder} holds no segment: {error}") from None
    return segment


def _order(batches: Sequence[pa.RecordBatch], rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the order of some rows of each batch by (event_at, article_id)."""
    keys = pa.schema([SEGMENT_ARTICLES.field(name) for name in ("article_id", "event_at")])
    picked = [batch.select(keys.names).take(pa.array(kept)) for batch, kept in zip(batches, rows, strict=True)]
    both = one_batch(pa.Table.from_batches(picked, keys))
    return np.lexsort((fixed(both["article_id"]), instants(both["event_at"])))
