"""Measure what a story costs that is printed everywhere: thousands of prints of one text, cut and edited.

usage: python benchmarks/reprints.py [--prints 20000] [--edited .03]

The prints are those of a seed story; `--edited` of their words are others, and two in five lack up to a quarter at the
end. They are matched at once; prints comparisons, pairs, clusters and prints a CPU second.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from wirecopy.pipelines.demo import seed_folder
from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.transforms.index.runs import fingerprint_facts
from wirecopy.transforms.matching import match as matching
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.matching.verify import Comparison, compare
from wirecopy.transforms.provenance.clusters import clusters

BATCH = 500
MINUTE = 60_000_000
FILLED = {"doc_ref": "made", "record": 0, "extractor": "made", "published_precision": "second"}


def digest(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def printed(n: int, edited: float) -> Iterator[str]:
    texts = [path.read_text("utf-8") for path in sorted(seed_folder().glob("*.txt"))]
    story, vocabulary = texts[2].split(" "), " ".join(texts).split()
    rng = random.Random(1)
    for _ in range(n):
        words = [rng.choice(vocabulary) if rng.random() < edited else word for word in story]
        yield " ".join(words[: int(len(words) * (rng.uniform(0.75, 1) if rng.random() < 0.4 else 1))])


def to_batch(texts: list[str], since: int) -> pa.RecordBatch:
    columns = []
    rows: list[dict[str, Any]] = [
        FILLED
        | {"article_id": digest(i), "identity": digest(i, "url"), "unit_id": digest(since), "text_hash": digest(text)}
        | {"text": text, "n_words": len(text.split()), "n_chars": len(text), "language": "en"}
        | {"published_at": i * MINUTE, "event_at": i * MINUTE}
        for i, text in enumerate(texts, since)
    ]
    for field in ARTICLE_BATCH:
        values = [row.get(field.name, [] if pa.types.is_list(field.type) else None) for row in rows]
        is_id = isinstance(field.type, pa.BaseExtensionType)
        column = pa.array(values, pa.binary(16) if is_id else field.type)
        columns.append(pa.ExtensionArray.from_storage(field.type, column) if is_id else column)
    return pa.RecordBatch.from_arrays(columns, schema=ARTICLE_BATCH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prints", type=int, default=20_000)
    parser.add_argument("--edited", type=float, default=0.03)
    options = parser.parse_args()
    n = options.prints
    texts = list(printed(n, options.edited))
    batches = [to_batch(texts[at : at + BATCH], at) for at in range(0, n, BATCH)]
    compared: list[int] = []

    def counted(*given: Any) -> Comparison:
        compared.append(len(given[1]))
        return compare(*given)

    matching.compare = counted
    began = time.process_time()
    segment = build([fingerprint(batch) for batch in batches])
    fingerprinted = time.process_time()
    pairs, _ = matching.match(segment, [])
    ended = time.process_time()
    found, _ = clusters(fingerprint_facts(segment.articles, np.arange(n)), pairs)
    sizes = sorted(found["n_articles"].to_pylist(), reverse=True)
    print(f"{n:,} prints: {sum(compared):,} comparisons, {len(pairs):,} pairs, clusters of {sizes[:5]}")
    print(f"{n / (fingerprinted - began):,.0f} fingerprints, {n / (ended - fingerprinted):,.0f} matched a CPU second")


if __name__ == "__main__":
    main()
