"""The programs in examples/ do what they say, run as a user runs them."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from lakes import contents, ingest, write_jsonl
from made_texts import sample


def prose(seed: int, n: int) -> str:
    return " ".join(sample("en", n, random.Random(seed)))


EXAMPLES = Path(__file__).parent.parent / "examples"


def run(name: str, *arguments: object) -> str:
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stories() -> list[dict[str, str]]:
    """Three stories, the first of them printed by two outlets an hour apart."""
    first, second, third = (prose(seed, 120) for seed in (1, 2, 3))
    return [
        {"url": "https://alphaherald.com/1", "text": first, "published": "2024-03-01T08:00:00Z"},
        {"url": "https://betatimes.org/1", "text": first + " " + prose(4, 9), "published": "2024-03-01T09:00:00Z"},
        {"url": "https://gammapost.com/2", "text": second, "published": "2024-03-01T09:00:00Z"},
        {"url": "https://deltanews.net/3", "text": third, "published": "2024-03-01T09:00:00Z"},
    ]


def test_a_file_of_ones_own_is_clustered_without_a_lake(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "articles.jsonl", stories())
    run("cluster_jsonl.py", source, tmp_path / "clusters.jsonl")
    clusters = [json.loads(line) for line in (tmp_path / "clusters.jsonl").read_text().splitlines()]
    assert [[tuple(member) for member in one["members"]] for one in clusters] == [
        [("origin", "alphaherald.com"), ("verbatim", "betatimes.org")]
    ]


def test_copies_are_found_from_parquet_to_parquet(tmp_path: Path) -> None:
    texts = [story["text"] for story in stories()]
    pq.write_table(pa.table({"id": ["a", "b", "c", "d"], "text": texts}), tmp_path / "articles.parquet")
    run("parquet_copies.py", tmp_path / "articles.parquet", tmp_path / "copies.parquet")
    ids = sorted(hashlib.blake2b(one.encode(), digest_size=16).digest() for one in ("a", "b"))
    found = pq.read_table(tmp_path / "copies.parquet").to_pylist()
    assert [(row["left_article_id"], row["right_article_id"]) for row in found] == [tuple(ids)]
    assert 0.8 < found[0]["jaccard"] < 1


def test_units_are_taken_into_two_lakes_alike(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_jsonl(tmp_path / "in" / "articles.jsonl", stories())
    run("two_lakes.py", tmp_path / "in", tmp_path / "one", tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(contents(tmp_path / "one")["articles"]) == 4


def test_the_analysis_draws_a_plot(tmp_path: Path) -> None:
    ingest(tmp_path / "lake", write_jsonl(tmp_path / "articles.jsonl", stories()))
    printed = run("reprint_lags.py", tmp_path / "lake", tmp_path / "lags.png")
    assert printed == "1 reprints\n"
    assert (tmp_path / "lags.png").read_bytes().startswith(b"\x89PNG")
