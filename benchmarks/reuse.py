"""Time each step of finding reused passages among the texts of a file.

usage: python benchmarks/reuse.py FILE [--column text] [--language en] [--limit N]

FILE is Parquet or JSON Lines with one text a row. Prints, for each step, documents a second of CPU time, and what was
found. The join is a plain one in NumPy (each text with the first 32 that hold an anchor); a lake uses that of
`transforms.matching`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import pyarrow.parquet as pq

from wirecopy.transforms.similarity.anchors import Anchors, find_anchors
from wirecopy.transforms.similarity.passages import Hits, Words, find_passages
from wirecopy.transforms.text.rarity import MODEL_ID, weigh
from wirecopy.transforms.text.tokens import tokenize

FIRST_HOLDERS = 32


def read_texts(path: Path, column: str, limit: int | None) -> pa.Array:
    if path.suffix == ".parquet":
        table = pq.read_table(path, columns=[column])
    else:
        table = pj.read_json(path, read_options=pj.ReadOptions(block_size=1 << 26))
    return pc.fill_null(table[column].slice(0, limit).combine_chunks().cast(pa.large_string()), "")


def join(anchors: Anchors) -> Hits:
    order = np.lexsort((anchors.articles, anchors.hashes))
    hashes, articles, positions = (column[order] for column in anchors)
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    start = np.repeat(starts, np.diff(np.append(starts, len(hashes))))
    earlier = np.minimum(np.arange(len(hashes)) - start, FIRST_HOLDERS)
    ends = np.cumsum(earlier)
    left = np.repeat(start, earlier) + np.arange(ends[-1]) - np.repeat(ends - earlier, earlier)
    right = np.repeat(np.arange(len(hashes)), earlier)
    pair = articles[left].astype(np.uint64) << np.uint64(32) | articles[right]
    order = np.argsort(pair, kind="stable")
    pairs, bounds = np.unique(pair[order], return_index=True)
    return Hits(
        (pairs >> np.uint64(32)).astype(np.uint32),
        (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        np.append(bounds, len(pair)).astype(np.int64),
        positions[left[order]],
        positions[right[order]],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--column", default="text")
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    texts = read_texts(options.file, options.column, options.limit)
    n = len(texts)
    warm = tokenize(texts.slice(0, 2))
    weigh(warm.words, warm.bounds, [options.language] * (len(warm.bounds) - 1))
    seconds: dict[str, float] = {}

    def timed(step, function, *arguments):
        began = time.process_time()
        result = function(*arguments)
        seconds[step] = time.process_time() - began
        print(f"{step:10} {n / max(seconds[step], 1e-9):12,.0f} docs a CPU second", flush=True)
        return result

    print(f"{n:,} texts, {MODEL_ID}")
    tokens = timed("tokenize", tokenize, texts)
    weights = timed("weigh", weigh, tokens.words, tokens.bounds, [options.language] * n)
    anchors = timed("anchors", find_anchors, tokens.stems, weights, tokens.begins, tokens.ends, tokens.bounds)
    hits = timed("join", join, anchors)
    words = Words(tokens.stems, weights, tokens.bounds)
    passages = timed("align", find_passages, words, words, hits)
    reuse = seconds["weigh"] + seconds["anchors"] + seconds["align"]
    print(f"{'reuse':10} {n / reuse:12,.0f} docs a CPU second (weigh, anchors, align)")
    per_text = {
        "anchors": len(anchors.hashes),
        "hits": len(hits.left_at),
        "pairs with hits": len(hits.left),
        "passages": len(passages.pair),
        "pairs with passages": len(np.unique(passages.pair)),
    }
    print("a text: " + ", ".join(f"{count / n:,.2f} {what}" for what, count in per_text.items()))


if __name__ == "__main__":
    main()
