from __future__ import annotations

import random

import pytest
from lakes import ingest, query, write_jsonl
from made_texts import edit, sample

STOCK = (
    "SELECT text, agency, n_articles, n_outlets, first_at::DATE::VARCHAR, last_at::DATE::VARCHAR FROM stock_passages"
)


def story(n, *parts, day, agency=None, outlet=None):
    return {
        "url": f"https://{outlet or f'outlet{n}.com'}/{n}",
        "published_at": f"2022-02-{day:02d}T10:00:00Z",
        "text": (f"GENEVA, Feb {day} ({agency}) - " if agency else "") + "\n\n".join(" ".join(part) for part in parts),
    }


@pytest.fixture(scope="module")
def records():
    """Five stories with one background, the last of them printed thrice; three with another; a story printed by six."""
    rng = random.Random(7)
    background, rare, spread = (sample("en", n, rng) for n in (80, 80, 300))
    own = [sample("en", 200, rng) for _ in range(8)]
    made = [
        story(i, own[i], edit(background, 0.05 * (i > 0), "en", rng), day=5 + i, agency="Reuters" if i == 1 else None)
        for i in range(5)
    ]
    made += [
        made[4] | {"url": f"https://reprint{i}.com/{i}", "published_at": f"2022-02-1{i}T10:00:00Z"} for i in (1, 2)
    ]
    made += [story(10 + i, own[5 + i], rare, day=5 + i) for i in range(3)]
    made += [story(20 + i, spread, day=5 + i) for i in range(6)]
    return made, " ".join(background)


def test_a_passage_that_four_stories_hold_is_stock_as_its_first_article_has_it(tmp_path, records):
    made, background = records
    for lake in ("one", "another"):
        random.Random(lake).shuffle(made)
        for i in range(2):
            ingest(tmp_path / lake, write_jsonl(tmp_path / f"{lake}{i}.jsonl", made[i::2]))
    [(text, *rest)] = query(tmp_path / "one", STOCK)
    assert text in background
    assert len(text) > 0.9 * len(background)
    assert rest == ["Reuters", 7, 7, "2022-02-05", "2022-02-12"]
    assert query(tmp_path / "another", STOCK) == [(text, *rest)]
