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
import pyarrow.ipc
from numpy.typing import NDArray

from schemas.fingerprints import FINGERPRINTS, SEGMENT_ARTICLES
from transforms.match.lists import concat_rows, flatten, one_batch
from transforms.match.postings import Postings, merge_postings, post, rename
from transforms.reuse.rarity import MODEL_ID

MADE_WITH = f"{MODEL_ID}/fingerprints-3"
"""Names all that fingerprints depend on: the model of rarity, and the hashes of words, shingles, bands and anchors."""

NEVER = np.iinfo(np.int64).max
"""Stands for an instant that is not known: later than all others."""


@dataclass(frozen=True, eq=False)
class Segment:
    """Fingerprints of n articles and their postings, ordered by (event_at, article_id).

    Attributes:
        articles: n rows of SEGMENT_ARTICLES.
        bands: which articles hold which MinHash band.
        anchors: which articles hold which anchor, and where.
        live: bool[n], false for articles that have been withdrawn or replaced and match nothing.
    """

    articles: pa.RecordBatch
    bands: Postings
    anchors: Postings
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
    def _by_id(self) -> NDArray[np.int64]:
        return np.argsort(self.ids)

    def find(self, ids: Iterable[bytes]) -> NDArray[np.int64]:
        """Return the rows of the articles with these ids; -1 for those that are not in the segment."""
        wanted = np.array(list(ids), "S16")
        if len(self) == 0:
            return np.full(len(wanted), -1)
        at = np.minimum(np.searchsorted(self.ids, wanted, sorter=self._by_id), len(self) - 1)
        rows = self._by_id[at]
        return np.where(self.ids[rows] == wanted, rows, -1)

    def without(self, dead: Iterable[bytes]) -> Segment:
        """Return the segment with the articles of these ids dead; ids that it does not hold are passed over."""
        live = self.live.copy()
        rows = self.find(dead)
        live[rows[rows >= 0]] = False
        return replace(self, live=live)


def fixed(column: pa.Array) -> NDArray[np.bytes_]:
    """Return a column of 16-byte ids as S16; they compare and sort as bytes do."""
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    data = np.frombuffer(storage.buffers()[1] or b"", np.uint8)
    return data[16 * storage.offset : 16 * (storage.offset + len(storage))].view("S16")


def instants(column: pa.Array) -> NDArray[np.int64]:
    """Return a column of instants as microseconds; `NEVER` for null."""
    return column.cast(pa.int64()).fill_null(NEVER).to_numpy()


def build(fingerprints: Sequence[pa.RecordBatch]) -> Segment:
    """Return a segment of these fingerprints, batches of FINGERPRINTS; no two rows have the same article_id."""
    batch = concat_rows(fingerprints, _order(fingerprints, FINGERPRINTS), FINGERPRINTS)
    positions, _ = flatten(batch["anchors_at"])
    return Segment(
        batch.select(SEGMENT_ARTICLES.names),
        post(*flatten(batch["bands"]), np.zeros(0, np.uint32)),
        post(*flatten(batch["anchors"]), positions),
        np.ones(len(batch), bool),
    )


def merge(segments: Sequence[Segment]) -> Segment:
    """Return one segment of the live articles of all."""
    living = [s.articles if s.live.all() else s.articles.filter(pa.array(s.live)) for s in segments]
    order = _order(living, SEGMENT_ARTICLES)
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    rows, begin = [], 0
    for segment in segments:
        row = np.full(len(segment), -1, np.int64)
        end = begin + int(segment.live.sum())
        row[segment.live] = places[begin:end]
        rows.append(row)
        begin = end
    return Segment(
        concat_rows(living, order, SEGMENT_ARTICLES),
        merge_postings([rename(s.bands, row) for s, row in zip(segments, rows, strict=True)]),
        merge_postings([rename(s.anchors, row) for s, row in zip(segments, rows, strict=True)]),
        np.ones(len(order), bool),
    )


def save(segment: Segment, folder: Path) -> None:
    """Write a segment's files into a folder, which is made; its dead articles are written as if they lived."""
    folder.mkdir(parents=True, exist_ok=True)
    schema = segment.articles.schema.with_metadata({"made_with": MADE_WITH})
    with pa.OSFile(str(folder / "articles.arrow"), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        writer.write_batch(segment.articles.cast(schema))
    for name, array in _arrays(segment).items():
        np.save(folder / f"{name}.npy", array)


def open_segment(folder: Path) -> Segment:
    """Return the segment saved in a folder, mapped into memory, all of its articles live.

    Raises:
        ValueError: it was made in another way, so that it cannot be compared with what is made now.
        OSError: a file is missing or damaged.
    """
    reader = pa.ipc.open_file(pa.memory_map(str(folder / "articles.arrow")))
    made_with = (reader.schema.metadata or {}).get(b"made_with", b"").decode()
    if made_with != MADE_WITH or not reader.schema.equals(SEGMENT_ARTICLES):
        raise ValueError(f"{folder} was made with {made_with or 'something else'}, not {MADE_WITH}: rebuild the index")
    articles = reader.get_batch(0)
    bands, anchors, positions = (
        np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("bands", "anchors", "positions")
    )
    return Segment(
        articles, Postings(bands, np.zeros(0, np.uint32)), Postings(anchors, positions), np.ones(len(articles), bool)
    )


def _arrays(segment: Segment) -> dict[str, NDArray[Any]]:
    return {
        "bands": segment.bands.entries,
        "anchors": segment.anchors.entries,
        "positions": segment.anchors.positions,
    }


def _order(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> NDArray[np.int64]:
    """Return the order of all rows by (event_at, article_id)."""
    keys = one_batch(pa.Table.from_batches(batches, schema).select(["article_id", "event_at"]))
    return np.lexsort((fixed(keys["article_id"]), instants(keys["event_at"])))
