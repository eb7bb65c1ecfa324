"""Make a lake of any size in minutes, without matching: made articles with copies, passages, clusters and versions.

usage: python benchmarks/made_lake.py LAKE --articles 200000 [--months 12] [--again 4]

Words are drawn as they are in news, a few of them often and most of them seldom (Zipf and Mandelbrot, exponent 1.05, of
400,000 made ones with English endings). A third of the stories have 1 to 40 copies, which lack a tail or have words of
their own; some take a passage of another story; one in fifty was changed after it was published. Rows are written by
the lake's own writer, a month to a commit, so every file is as one that `wirecopy compact` leaves; `wirecopy reindex`
makes the index.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.pipelines.compact import publishing
from wirecopy.schemas.search import ARTICLE, POSTING, WORD
from wirecopy.schemas.table import ID, INSTANT
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage, uuids
from wirecopy.transforms.commit.publish import attempt, marked, stage_upkeep
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.index.versions import numbered, sighted
from wirecopy.transforms.lake.commits import Part, open_snapshot
from wirecopy.transforms.lake.parts import read_parts, stage_parts, write_whole

AGENCIES = ["Reuters", "AP", "AFP", "TASS", "dpa", "Xinhua", "ANSA", "EFE", "PTI", "Kyodo"]
WORDS = 400_000
ENDINGS = ["", "s", "ed", "ing", "er", "ion", "ly", "'s"]
BEGIN = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)


def vocabulary(rng: random.Random) -> list[str]:
    """Return made words, the most frequent first, which are short."""
    onsets, vowels = "b c d f g h k l m n p r s t v w br st tr ch".split(), "a e i o u ea ou".split()
    words: dict[str, None] = dict.fromkeys("the of to and a in said that for on is with by was as".split())
    while len(words) < WORDS:
        size = 1 + min(3, len(words).bit_length() // 5)
        stem = "".join(rng.choice(onsets) + rng.choice(vowels) for _ in range(rng.randint(max(1, size - 1), size)))
        words[stem + rng.choice(onsets)[0] + rng.choice(ENDINGS)] = None
    return list(words)


class Writer:
    """Draws texts."""

    def __init__(self, seed: int) -> None:
        self.words = np.array(vocabulary(random.Random(seed)), object)
        self.numbers = np.random.default_rng(seed)
        weights = 1 / (np.arange(WORDS) + 2.7) ** 1.05
        self.sums = np.cumsum(weights / weights.sum())

    def text(self, words: int) -> list[str]:
        """Return some words in sentences of a dozen or so, the third of which end a paragraph."""
        places = np.searchsorted(self.sums, self.numbers.random(words)).clip(0, WORDS - 1)
        drawn = self.words[places].tolist()
        for at in range(11, words, 13):
            drawn[at] += ".\n" if at % 3 == 2 else "."
        return drawn


def stories(writer: Writer, n: int, month: dt.datetime, rng: random.Random) -> Iterator[list[dict[str, Any]]]:
    """Yield stories, each the articles that carry it, its origin first, until there are n articles."""
    while n > 0:
        at = month + dt.timedelta(seconds=rng.randrange(28 * 86_400))
        agency = rng.choice(AGENCIES) if rng.random() < 0.4 else None
        words = writer.text(max(30, int(rng.gauss(320, 120))))
        headline = " ".join(writer.text(8)).replace("\n", "")
        copies = min(n, rng.choice([2, 2, 3, 3, 4, 6, 10, 40])) if rng.random() < 0.33 else 1
        story = []
        for copy in range(copies):
            own = words
            if copy:
                cut = words[: len(words) - rng.randrange(0, len(words) // 4)]
                own = cut if rng.random() < 0.5 else cut + writer.text(20)
            lag = 0 if copy == 0 else int(rng.expovariate(1 / 7200))
            story.append(
                {
                    "outlet": f"outlet{min(599, int(rng.paretovariate(0.8)))}.example",
                    "headline": headline,
                    "agency": agency if copy == 0 or rng.random() < 0.7 else None,
                    "event_at": at + dt.timedelta(seconds=lag),
                    "lag_s": lag,
                    "share": 1.0 if not copy else min(1.0, len(cut) / len(own)),
                    "text": " ".join(own),
                }
            )
        n -= copies
        yield story


def rows_of(story: list[dict[str, Any]], serial: int, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a story, each with its table."""
    origin: dict[str, Any] | None = None
    cluster_id = blake2b_128(f"cluster {serial}".encode())
    outlets = {one["outlet"] for one in story}
    for i, one in enumerate(story):
        url = f"https://{one['outlet']}/{serial}/{i}"
        versions = [one["text"]] if rng.random() > 0.02 else [one["text"], one["text"] + " Corrected."]
        for version, text in enumerate(versions):
            article = _article(one, url, text, version)
            yield "articles", article
            yield "texts", {"article_id": article["article_id"], "event_at": article["event_at"], "text": text}
        one["article_id"] = _article(one, url, one["text"], 0)["article_id"]
        if origin is None:
            origin = one
        if len(story) == 1:
            return
        role = "origin" if one is origin else "verbatim" if one["share"] > 0.9 else "edited"
        yield (
            "members",
            {
                "cluster_id": cluster_id,
                "article_id": one["article_id"],
                "role": role,
                "copied_share": one["share"],
                "lag_s": one["lag_s"],
            },
        )
        if one is not origin:
            yield from _pair(origin, one, f"{serial} {i}")
    assert origin is not None
    yield (
        "clusters",
        {
            "cluster_id": cluster_id,
            "origin_article_id": origin["article_id"],
            "agency": origin["agency"],
            "origin_method": "credit" if origin["agency"] else "earliest",
            "origin_confidence": 0.9,
            "n_articles": len(story),
            "n_outlets": len(outlets),
            "first_at": min(one["event_at"] for one in story),
            "last_at": max(one["event_at"] for one in story),
        },
    )


def _article(one: dict[str, Any], url: str, text: str, version: int) -> dict[str, Any]:
    credit = {"agency": one["agency"], "kind": "dateline", "evidence": "/", "where": "byline"}
    seen = one["event_at"] + dt.timedelta(hours=version)
    return {
        "article_id": blake2b_128(url.encode(), text.encode()),
        "identity": blake2b_128(url.encode()),
        "doc_ref": "made",
        "unit_id": bytes(16),
        "record": 0,
        "url": url,
        "canonical_url": url,
        "outlet": one["outlet"],
        "headline": one["headline"],
        "agency": one["agency"],
        "credits": [credit] if one["agency"] else [],
        "language": "en",
        "published_at": one["event_at"],
        "published_precision": "second",
        "published_source": "record",
        "modified_at": seen,
        "first_seen_at": seen,
        "event_at": one["event_at"],
        "n_words": text.count(" ") + 1,
        "n_chars": len(text),
        "text_hash": blake2b_128(text.encode()),
        "extractor": "made",
        "run_id": bytes(16),
        **{name: [] for name in ("authors", "cited", "quotes", "keywords", "published_inferred")},
    }


def _pair(origin: dict[str, Any], one: dict[str, Any], serial: str) -> Iterator[tuple[str, dict[str, Any]]]:
    length = min(len(origin["text"]), int(len(one["text"]) * one["share"]))
    common = {
        "src_article_id": origin["article_id"],
        "dst_article_id": one["article_id"],
        "event_at": one["event_at"],
        "score": 900,
        "model_id": "made",
    }
    yield (
        "pairs",
        common
        | {
            "relation": "copy",
            "jaccard": 0.8,
            "src_coverage": 0.9,
            "dst_coverage": one["share"],
            "n_passages": 1,
            "same_outlet": origin["outlet"] == one["outlet"],
            "direction_confidence": 0.9,
        },
    )
    yield (
        "passages",
        common
        | {
            "passage_id": blake2b_128(serial.encode()),
            "src_begin": 0,
            "src_end": length,
            "dst_begin": 0,
            "dst_end": length,
            "n_words": length // 6,
            "identity": 1.0,
            "is_quote": False,
            "is_chrome": False,
            "agency": origin["agency"],
            "lag_s": one["lag_s"],
        },
    )


def make(lake: Path, n: int, months: int, seed: int = 0) -> None:
    """Make a lake of about n articles. What is in the folder is deleted."""
    shutil.rmtree(lake, ignore_errors=True)
    lake.mkdir(parents=True)
    (lake / "_commits").mkdir()
    writer, rng = Writer(seed), random.Random(seed)
    later: dict[str, list[dict[str, Any]]] = {"clusters": [], "members": []}
    serial = 0
    for number in range(months):
        month = BEGIN.replace(year=BEGIN.year + number // 12, month=number % 12 + 1)
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in ("articles", "texts", "pairs", "passages")}
        for story in stories(writer, n // months, month, rng):
            serial += 1
            for table, row in rows_of(story, serial, rng):
                (found if table in found else later)[table].append(row)
        _commit(lake, found, first=number == 0)
        print(f"{number + 1} of {months} months", flush=True)
    _commit(lake, later, first=False)


def repeat(lake: Path, times: int) -> None:
    """Add the rows of a lake to it some times more, years later and under other ids: a large lake in a minute."""
    snapshot = open_snapshot(lake)
    for time in range(1, times + 1):
        with publishing(lake, "made") as options:
            added: dict[str, list[Part]] = {}
            for name in set(snapshot.parts) - {"runs"}:
                for part in snapshot.parts[name]:
                    rows = _again(read_parts(lake, (part,), TABLES[name].schema), time)
                    if name == "search_index":
                        groups = _groups(rows)
                        added.setdefault(name, []).append(write_whole(TABLES[name], groups, options.staging, "made"))
                    else:
                        added.setdefault(name, []).extend(stage_parts(TABLES[name], rows, options.staging, "made"))
            now = open_snapshot(lake)
            commit = stage_upkeep(now, options.staging, options.run, {}, {}, {})
            commit.added.update({name: tuple(parts) for name, parts in added.items()})
            attempt(lake, options.staging, commit)
        print(f"{time} of {times} times", flush=True)


def _groups(rows: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows of a segment in row groups as the lake's writer makes them, each of one kind."""
    for kind, size in ((ARTICLE, 8_192), (WORD, 8_192), (POSTING, 122_880)):
        some = rows.filter(pc.equal(rows["kind"], kind))
        yield from (some.slice(at, size) for at in range(0, len(some), size))


def _again(rows: pa.Table, time: int) -> pa.Table:
    for at, field in enumerate(rows.schema):
        column = rows[field.name]
        if field.type == ID and field.name != "run_id":
            other = [one and bytes([one[0] ^ time]) + one[1:] for one in storage(column).to_pylist()]
            rows = rows.set_column(at, field, uuids(pa.array(other, pa.binary(16))))
        elif field.type == INSTANT:
            later = pc.add(column, pa.scalar(dt.timedelta(days=365 * time)))
            rows = rows.set_column(at, field, later.cast(INSTANT))
        elif field.name == "segment":
            rows = rows.set_column(at, field, pc.add(column, time))
    return rows


def _commit(lake: Path, found: dict[str, list[dict[str, Any]]], first: bool) -> None:
    with publishing(lake, "made") as options:
        snapshot = open_snapshot(lake)
        rows = {}
        for name, some in found.items():
            schema = pa.schema([field for field in TABLES[name].schema if field.name not in ("commit", "deleted")])
            filled = [{field.name: None for field in schema} | row for row in some]
            rows[name] = pa.Table.from_pylist(filled, schema=schema)
        if "articles" in rows:
            rows["versions"] = numbered(sighted(rows["articles"]), begin=first)
        rows = marked(rows, options.run, snapshot.number + 1)
        commit = stage_upkeep(snapshot, options.staging, options.run, rows, {}, {})
        if not attempt(lake, options.staging, commit):
            raise SystemExit(f"{lake} was written to by another")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lake", type=Path)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--again", type=int, default=0, help="add all rows so many times more, under other ids")
    options = parser.parse_args()
    if options.articles:
        make(options.lake, options.articles, options.months)
    repeat(options.lake, options.again)
