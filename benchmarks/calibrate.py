"""Count how often stories that have nothing to do with each other are taken for reuse, by score.

usage: python benchmarks/calibrate.py FILE [--column text] [--language en] [--stories 4000]

FILE is Parquet with one story a row, in the order of time; over a year, the first stories know nothing of the last.
Every pair of one of the first and one of the last that has anchors in common is aligned, whatever else holds them.
Prints for each score how many pairs in a million have a passage scored so high, and passages of all scores, since what
tells a false alarm from background that is printed again is reading.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from wirecopy.transforms.similarity.anchors import Anchors, find_anchors
from wirecopy.transforms.similarity.passages import Hits, Places, Words, find_passages, place
from wirecopy.transforms.text.rarity import MODEL_ID, weigh
from wirecopy.transforms.text.tokens import tokenize

SHOWN = 30


def join(anchors: Anchors, n: int) -> Hits:
    """Return the anchors that articles below n have in common with the others."""
    order = np.lexsort((anchors.articles, anchors.hashes))
    hashes, articles, positions = (column[order] for column in anchors)
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    holders = np.diff(np.append(starts, len(hashes)))
    early = np.add.reduceat((articles < n).astype(np.int64), starts)
    left = np.flatnonzero(articles < n)
    begins, counts = (np.repeat(column, holders)[left] for column in (starts + early, holders - early))
    lefts = np.repeat(left, counts)
    rights = np.repeat(begins - np.cumsum(counts) + counts, counts) + np.arange(len(lefts))
    pair = articles[lefts].astype(np.uint64) << np.uint64(32) | articles[rights]
    by_pair = np.argsort(pair, kind="stable")
    pairs, bounds = np.unique(pair[by_pair], return_index=True)
    return Hits(
        (pairs >> np.uint64(32)).astype(np.uint32),
        (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        np.append(bounds, len(pair)).astype(np.int64),
        positions[lefts[by_pair]],
        positions[rights[by_pair]],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--column", default="text")
    parser.add_argument("--language", default="en")
    parser.add_argument("--stories", type=int, default=4000)
    options = parser.parse_args()
    n = options.stories
    stories = pq.read_table(options.file, columns=[options.column])[options.column].combine_chunks()
    if len(stories) < 2 * n:
        parser.error(f"{options.file} holds {len(stories):,} stories, fewer than 2 x {n:,}")
    texts = [*stories[:n].to_pylist(), *stories[-n:].to_pylist()]
    tokens = tokenize(stories.take(np.r_[0:n, len(stories) - n : len(stories)]))
    weights = weigh(tokens.words, tokens.bounds, [options.language] * (2 * n))
    words, places = Words(tokens.stems, weights, tokens.bounds), Places(tokens.begins, tokens.ends, tokens.bounds)
    hits = join(find_anchors(words.stems, words.weights, *places), n)
    found = find_passages(words, words, hits)
    found = place(found, places, hits.left[found.pair], hits.right[found.pair])
    best = np.zeros(len(hits.left), np.int64)
    np.maximum.at(best, found.pair, found.score)
    print(f"{n * n:,} pairs, {len(hits.left):,} with anchors in common, {MODEL_ID}")
    for score in (400, 500, 600, 800, 1000, 1500, 2000):
        pairs = int((best >= score).sum())
        print(f"{score:5} and more: {pairs:4} pairs, {1e6 * pairs / n / n:.2f} in a million")
    for k in np.argsort(found.score, kind="stable")[:: max(1, len(found.score) // SHOWN)].tolist():
        left, right = texts[hits.left[found.pair[k]]], texts[hits.right[found.pair[k]]]
        print(f"\n{found.score[k]}: {left[found.left_begin[k] : found.left_end[k]]!r}")
        print(f"     {right[found.right_begin[k] : found.right_end[k]]!r}")


if __name__ == "__main__":
    main()
