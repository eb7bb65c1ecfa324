"""Measure what it takes to find a new article's copies and passages in the index of a lake.

usage: python benchmarks/lookup.py LAKE [--articles 500]

The new articles are edited ones of the lake: they lack their first words, every tenth word is another, and their
addresses are new, so that each has something to be found. One at a time is fingerprinted, made a segment and matched,
in one thread. Cold means that the system is told to forget the index's files before; warm, that they were read.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage, uuids
from wirecopy.transforms.index.runs import Index, _mapped, open_index
from wirecopy.transforms.lake.commits import Snapshot, open_snapshot
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import build

COLD = 100
PARTS = 20


def edited(text: str, rng: random.Random) -> str:
    words = text.split()[20:]
    for i in range(0, len(words), 10):
        words[i] = rng.choice(words)
    return " ".join(words)


def new_articles(snapshot: Snapshot, n: int) -> pa.RecordBatch:
    rng = random.Random(0)
    texts = {part.path.split("/", 1)[1].rsplit("-", 1)[0]: part for part in snapshot.parts["texts"]}
    parts = rng.sample(snapshot.parts["articles"], min(PARTS, len(snapshot.parts["articles"])))
    chosen = []
    for part in parts:
        articles = read_parts(snapshot.root, (part,), TABLES["articles"].schema)
        own = texts[part.path.split("/", 1)[1].rsplit("-", 1)[0]]
        found = read_parts(snapshot.root, (own,), TABLES["texts"].schema)
        rows = pa.array(rng.sample(range(len(articles)), min(-(-n // len(parts)), len(articles))))
        articles = articles.take(rows)
        at = pa.compute.index_in(storage(articles["article_id"]), storage(found["article_id"]))
        chosen.append(articles.append_column("text", found["text"].take(at)).select(ARTICLE_BATCH.names))
    table = pa.concat_tables(chosen).cast(ARTICLE_BATCH)
    made = {
        "text": pa.array([edited(text, rng) for text in table["text"].to_pylist()], ARTICLE_BATCH.field("text").type),
        **{
            name: uuids(pa.array([rng.randbytes(16) for _ in range(len(table))], pa.binary(16)))
            for name in ("article_id", "identity", "text_hash")
        },
    }
    for name, column in made.items():
        place = ARTICLE_BATCH.get_field_index(name)
        table = table.set_column(place, ARTICLE_BATCH.field(place), column.cast(ARTICLE_BATCH.field(place).type))
    return table.combine_chunks().to_batches()[0]


def index_files(root: Path) -> Iterator[Path]:
    return (path for path in (root / "index").rglob("*") if path.is_file())


def forget(path: Path) -> None:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def show(name: str, index: Index, articles: pa.RecordBatch) -> None:
    spent: dict[str, list[float]] = {"fingerprint": [], "segment": [], "match": [], "all": []}
    wall, pairs = [], 0

    def timed(step: str, function: Callable[..., object], *arguments: object) -> object:
        began = time.thread_time()
        found = function(*arguments)
        spent[step].append(1e3 * (time.thread_time() - began))
        return found

    for row in range(len(articles)):
        began, thread = time.perf_counter(), time.thread_time()
        print_ = timed("fingerprint", fingerprint, articles.slice(row, 1))
        pairs += len(timed("match", match, timed("segment", build, [print_]), index.segments).pairs)
        spent["all"].append(1e3 * (time.thread_time() - thread))
        wall.append(1e3 * (time.perf_counter() - began))
    print(f"{name}: {len(articles)} articles, {pairs / len(articles):.1f} pairs each")
    rows = {f"CPU ms, {step}": times for step, times in spent.items()} | {"wall ms, all": wall}
    for step, times in rows.items():
        low, high, top = np.percentile(times, [50, 90, 99])
        print(f"  {step:22} p50 {low:7.2f}   p90 {high:7.2f}   p99 {top:7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--articles", type=int, default=500)
    options = parser.parse_args()
    snapshot = open_snapshot(options.lake)
    articles = new_articles(snapshot, options.articles)
    match(build([fingerprint(articles.slice(0, 2))]), [])
    for path in index_files(options.lake):
        forget(path)
    began = time.perf_counter()
    index = open_index(snapshot)
    opened = time.perf_counter() - began
    n = sum(len(segment) for segment in index.segments)
    print(f"index of {n:,} articles in {len(index.runs)} runs, opened cold in {1e3 * opened:.0f} ms")
    show("cold", index, articles.slice(0, COLD))
    for path in index_files(options.lake):
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
    _mapped.clear()
    began = time.perf_counter()
    index = open_index(snapshot)
    print(f"opened warm in {1e3 * (time.perf_counter() - began):.0f} ms")
    show("warm, once", index, articles)
    show("warm, again", index, articles)


if __name__ == "__main__":
    main()
