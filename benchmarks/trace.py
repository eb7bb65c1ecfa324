"""Trace texts whose sources are known: whether the right articles are named, with the right shares, and how fast.

usage: python benchmarks/trace.py [--lake LAKE --truth FOLDER --nothing FOLDER] [--texts 1000] [--edit-rate .33]

LAKE holds the corpus of the folder `truth`: articles.jsonl.zst (id, text), copies.jsonl (a, b: b is a copy of a) and
passages.jsonl (host, source: host took a passage of source). The folder `nothing` has an articles.jsonl.zst of texts
that draw on nothing in the lake. Without them a corpus is made, of words drawn at their frequencies, and taken in.

A quarter of the texts each are: an article with a share of its words changed (exchanged, left out, put in 2 : 1 : 1);
two articles mixed, a stretch of each by turns; an article's stretches of sentences in another order; a text in another
language that nobody has. The articles are originals that took no passage of others, so the truth is the article itself,
not one of its copies. A text is right where just its sources are named, and near where each share is within .05.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import wordfreq
import zstandard

from wirecopy.pipelines.run import run_ingest
from wirecopy.pipelines.terminal.report import reporting
from wirecopy.schemas.elements import Document
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.lake.parts import read_parts
from wirecopy.transforms.read import plan
from wirecopy.transforms.tracing.results import Trace
from wirecopy.transforms.tracing.trace import opened, trace_article

NEAR = 0.05
STRETCH = 80
"""Words of a stretch, about."""

SENTENCE = re.compile(r"[^.!?\n]+[.!?]+[\"”’)]*\s*|\n+|[^.!?\n]+$")


class Text(NamedTuple):
    kind: str
    text: str
    shares: dict[str, float]


def lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
        yield from map(json.loads, io.TextIOWrapper(stream, encoding="utf-8"))


def words_of(language: str, n: int, rng: random.Random) -> list[str]:
    found = wordfreq.top_n_list(language, 20_000)
    return rng.choices(found, [wordfreq.word_frequency(word, language) for word in found], k=n)


def written(language: str, n: int, rng: random.Random) -> str:
    words = words_of(language, n, rng)
    ends = range(12, n, 17)
    return " ".join(f"{word}." if i in ends else word for i, word in enumerate(words))


def make(folder: Path, n: int, rng: random.Random) -> tuple[Path, Path]:
    """Write a corpus of n texts, a third of them copies of the others, and one of texts that draw on nothing."""
    truth, nothing = folder / "truth", folder / "nothing"
    for place in (truth, nothing):
        place.mkdir()
    originals: list[tuple[str, str]] = []
    with (truth / "copies.jsonl").open("w") as copies, (truth / "articles.jsonl").open("w") as articles:
        for i in range(n):
            name = f"a{i:06d}"
            if originals and rng.random() < 0.35:
                of, text = rng.choice(originals)
                text = changed(text, 0.05, rng)
                copies.write(json.dumps({"a": of, "b": name}) + "\n")
            else:
                text = written("en", rng.randrange(200, 700), rng)
                originals.append((name, text))
            at = f"2022-01-{1 + i * 27 // n:02d}T{i % 24:02d}:00:00Z"
            url = f"https://outlet{rng.randrange(200)}.example/{name}"
            row = {"id": name, "url": url, "headline": f"Report {i}", "published_at": at, "text": text}
            articles.write(json.dumps(row) + "\n")
    (truth / "passages.jsonl").write_text("")
    with (nothing / "articles.jsonl").open("w") as out:
        for i in range(200):
            out.write(json.dumps({"id": f"n{i}", "text": written("en", rng.randrange(200, 700), rng)}) + "\n")
    return truth, nothing


def corpus(folder: Path) -> Path:
    return next(path for path in (folder / "articles.jsonl.zst", folder / "articles.jsonl") if path.exists())


def changed(text: str, rate: float, rng: random.Random) -> str:
    others = words_of("en", 200, rng)
    out: list[str] = []
    for word in text.split(" "):
        what = rng.random() / rate
        if what < 0.5:
            out.append(rng.choice(others))
        elif what >= 0.75:
            out.append(word)
            if what < 1:
                out.append(rng.choice(others))
    return " ".join(out)


def stretches(text: str, least: int) -> list[str]:
    out = [""]
    for sentence in SENTENCE.findall(text):
        if len(out[-1].split()) >= least:
            out.append("")
        out[-1] += sentence
    return [stretch.strip() for stretch in out if len(stretch.split()) >= least]


def texts(truth: Path, n: int, rate: float, rng: random.Random) -> list[Text]:
    copies = {row["b"] for row in lines(truth / "copies.jsonl")}
    hosts = {row["host"] for row in lines(truth / "passages.jsonl")}
    sources = [(row["id"], row["text"]) for row in lines(corpus(truth)) if row["id"] not in copies | hosts]
    sources = [(name, text) for name, text in sources if len(stretches(text, STRETCH)) >= 3]
    kinds: list[Callable[[], Text]] = [
        lambda: _edited(rng.choice(sources), rate, rng),
        lambda: _mixed(*rng.sample(sources, 2)),
        lambda: _reordered(rng.choice(sources), rng),
        lambda: Text("translation of none", written("de", 400, rng), {}),
    ]
    return [kinds[i % len(kinds)]() for i in range(n)]


def _edited(source: tuple[str, str], rate: float, rng: random.Random) -> Text:
    return Text("words changed", changed(source[1], rate, rng), {source[0]: 1.0})


def _mixed(a: tuple[str, str], b: tuple[str, str]) -> Text:
    turns = list(zip(stretches(a[1], STRETCH), stretches(b[1], STRETCH), strict=False))[:3]
    counts = [sum(len(re.findall(r"\w+", pair[side])) for pair in turns) for side in (0, 1)]
    shares = {name: count / sum(counts) for name, count in zip((a[0], b[0]), counts, strict=True)}
    return Text("two mixed", "\n".join(part for pair in turns for part in pair), shares)


def _reordered(source: tuple[str, str], rng: random.Random) -> Text:
    parts = stretches(source[1], STRETCH)
    rng.shuffle(parts)
    return Text("other order", "\n".join(parts), {source[0]: 1.0})


def show(name: str, found: list[tuple[Text, Trace]], names: dict[str, str]) -> None:
    right = near = 0
    worst: list[float] = []
    for text, traced in found:
        shares = {names[source.article_id]: source.share for source in traced.sources}
        right += shares.keys() == text.shares.keys()
        off = [abs(share - shares.get(of, 0.0)) for of, share in text.shares.items()]
        near += all(each <= NEAR for each in off)
        worst += off
    line = f"{name:22} {len(found):5} texts   right sources {right / len(found):.3f}"
    if worst:
        line += f"   shares within .05 {near / len(found):.3f}   mean error {np.mean(worst):.3f}"
    print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--nothing", type=Path)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--edit-rate", type=float, default=1 / 3)
    parser.add_argument("--show", action="store_true", help="print each text whose sources are not right")
    options = parser.parse_args()
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        lake, truth, nothing = options.lake, options.truth, options.nothing
        if lake is None:
            lake = Path(place, "lake")
            truth, nothing = make(Path(place), 4_000, rng)
            with reporting(io.StringIO()) as report:
                run_ingest("ingest", plan([str(corpus(truth))]), lake, report)
        snapshot, index = opened(lake)
        rows = read_parts(
            lake, snapshot.parts["articles"], TABLES["articles"].schema, ["article_id", "source_id"]
        ).to_pylist()
        names = {str(row["article_id"]): row["source_id"] for row in rows}
        asked = texts(truth, options.texts, options.edit_rate, rng)
        asked += [Text("drawing on nothing", row["text"], {}) for row in lines(corpus(nothing))]
        found: dict[str, list[tuple[Text, Trace]]] = {}
        wall, cpu = [], []
        for text in asked:
            batch, _ = extract_batch([Document("0" * 32, 0, "text", "record", text.text)])
            began, spent = time.perf_counter(), time.process_time()
            traced = trace_article(snapshot, index, batch)
            wall.append(1e3 * (time.perf_counter() - began))
            cpu.append(1e3 * (time.process_time() - spent))
            found.setdefault(text.kind, []).append((text, traced))
            if options.show and {names[s.article_id] for s in traced.sources} != text.shares.keys():
                told = {names[s.article_id]: round(s.share, 3) for s in traced.sources}
                print(f"  {text.kind}: {told}, and not {text.shares}")
    print(f"{len(rows):,} articles in the lake")
    for kind, results in found.items():
        show(kind, results, names)
    show("all", [each for results in found.values() for each in results], names)
    for what, times in (("wall", wall), ("CPU", cpu)):
        low, high, top = np.percentile(times, [50, 90, 99])
        print(f"a trace, {what}: p50 {low:.0f} ms   p90 {high:.0f} ms   p99 {top:.0f} ms")


if __name__ == "__main__":
    main()
