"""Copies among articles, without the rest of matching: from texts to sketches to pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from wirecopy.schemas.table import ID, field
from wirecopy.transforms.columns import fixed, uuids
from wirecopy.transforms.matching.crowding import find_holders
from wirecopy.transforms.matching.holders import Source
from wirecopy.transforms.matching.join import find_pairs
from wirecopy.transforms.matching.segments.lists import flatten, one_batch, take_lists, unflatten
from wirecopy.transforms.matching.segments.postings import post
from wirecopy.transforms.similarity.exact import count_common, count_distinct, is_copy
from wirecopy.transforms.similarity.minhash import find_bands
from wirecopy.transforms.text.shingles import shingle
from wirecopy.transforms.text.tokens import tokenize

SKETCHES = pa.schema(
    [
        field("article_id", ID, "the article"),
        field("words", pa.large_list(pa.uint32()), "hash of each word"),
        field(
            "bands", pa.large_list(pa.uint32()), "keys of its 32 MinHash bands; none for a text of fewer than 5 words"
        ),
    ]
)

COPIES = pa.schema(
    [
        field("left_article_id", ID, "the one with the smaller id"),
        field("right_article_id", ID, "the other"),
        field("jaccard", pa.float32(), "exact word-5-gram Jaccard", unit="share"),
        field("containment", pa.float32(), "share of the smaller's 5-grams that the larger has", unit="share"),
    ]
)


def sketch(articles: pa.RecordBatch) -> pa.RecordBatch:
    """Return SKETCHES, 2.5 kB an article, of articles with the columns `article_id` (16 bytes) and `text`."""
    tokens = tokenize(articles["text"])
    bands = find_bands(shingle(tokens.words, tokens.bounds))
    ids = articles["article_id"]
    return pa.RecordBatch.from_arrays(
        [
            ids if isinstance(ids, pa.ExtensionArray) else uuids(ids),
            unflatten(tokens.words, tokens.bounds, SKETCHES.field("words").type),
            unflatten(*bands, SKETCHES.field("bands").type),
        ],
        schema=SKETCHES,
    )


def find_copies(sketches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Return COPIES, ordered by both ids: the pairs that share a band and are copies by exact comparison.

    Of sketches with one article_id the first counts. A band that more than 32 articles hold links these to the 32 with
    the smallest ids, and copies that have most of their bands so to the first of them alone.
    """
    rows = one_batch(pa.Table.from_batches(sketches, SKETCHES))
    ids, first = np.unique(fixed(rows["article_id"]), return_index=True)
    if len(first) < len(rows):
        rows = rows.take(pa.array(first))
    n = len(ids)
    bands = post(*flatten(rows["bands"]), np.zeros(0, np.uint32))
    holders = find_holders([Source(bands, np.ones(n, bool), np.zeros(n, np.int64), ids)])
    right, left, *_ = find_pairs(holders, 0, n)
    used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    a, b = places.astype(np.uint32).reshape(2, -1)
    words, bounds = flatten(rows["words"])
    shingles = shingle(*take_lists([(words, bounds, used)]))
    sizes, n_words = count_distinct(shingles), np.diff(bounds)
    common = count_common(shingles, a, b)
    kept = is_copy(common, sizes[a], sizes[b], np.minimum(n_words[left], n_words[right]))
    left, right, a, b, common = left[kept], right[kept], a[kept], b[kept], common[kept]
    order = np.lexsort((right, left))
    columns = [
        rows["article_id"].take(pa.array(left)),
        rows["article_id"].take(pa.array(right)),
        pa.array((common / (sizes[a] + sizes[b] - common)).astype(np.float32)),
        pa.array((common / np.minimum(sizes[a], sizes[b])).astype(np.float32)),
    ]
    return pa.Table.from_arrays(columns, schema=COPIES).take(pa.array(order))
