"""A lake of made news whose sources are known."""

from __future__ import annotations

import random

import pytest
from lakes import commit, write_jsonl
from made_texts import edit, sample

RNG = random.Random(18)
WIRE, OWN, OTHER = (sample("en", 300, RNG) for _ in range(3))
LEAD = "MOSCOW, February 3. /TASS/. "


def spoken(words):
    return " ".join(words)


ARTICLES = {
    "wire": ("https://tass.com/world/1", "A wire story", "2022-02-03T10:00:00Z", LEAD + spoken(WIRE)),
    "reprint": (
        "https://daily.example/1",
        "The wire story again",
        "2022-02-04T10:00:00Z",
        LEAD + spoken(edit(WIRE, 0.05, "en", RNG)),
    ),
    "own": ("https://times.example/1", "A story of our own", "2022-02-02T10:00:00Z", spoken(OWN)),
    "digest": (
        "https://digest.example/1",
        "A digest of the week",
        "2022-02-06T10:00:00Z",
        spoken(OWN[:120] + OTHER[:100] + WIRE[100:200]),
    ),
}


@pytest.fixture(scope="session")
def news(tmp_path_factory):
    """A lake of a story of TASS, its reprint, another outlet's story, and a digest of both. Not to be written to."""
    folder = tmp_path_factory.mktemp("news")
    rows = [
        {"id": name, "url": url, "headline": headline, "published_at": at, "text": text}
        for name, (url, headline, at, text) in ARTICLES.items()
    ]
    commit(folder / "lake", write_jsonl(folder / "news.jsonl", rows))
    return folder / "lake"
