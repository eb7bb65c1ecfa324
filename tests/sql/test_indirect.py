from __future__ import annotations

import random

import pytest
from lakes import ingest, query, write_jsonl
from made_texts import edit, sample

RELATIONS = """
    SELECT src.outlet, dst.outlet, relation, nearer.outlet
    FROM pairs
    JOIN articles AS src ON src.article_id = src_article_id
    JOIN articles AS dst ON dst.article_id = dst_article_id
    LEFT JOIN articles AS nearer ON nearer.article_id = nearer_article_id
"""


def story(outlet, day, *parts):
    return {
        "url": f"https://{outlet}/story",
        "published_at": f"2022-02-{day:02d}T10:00:00Z",
        "text": "\n\n".join(" ".join(part) for part in parts),
    }


@pytest.fixture(scope="module")
def records():
    """A passage of a story that is printed twice; two take it, one with changes; a third takes it with those."""
    rng = random.Random(3)
    passage = sample("en", 90, rng)
    changed = edit(passage, 0.2, "en", rng)
    own = [sample("en", 200, rng) for _ in range(4)]
    source = [own[0][:100], passage, own[0][100:]]
    return [
        story("source.com", 1, *source),
        story("reprint.com", 2, *source),
        story("plain.com", 3, own[1], passage),
        story("changed.com", 4, changed, own[2]),
        story("second.com", 5, own[3][:50], edit(changed, 0.1, "en", rng), own[3][50:]),
    ]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]])
def test_a_pair_is_indirect_where_a_third_has_the_passage_more_closely_or_had_it_before(tmp_path, records, order):
    for half in order[:2], order[2:]:
        ingest(tmp_path / "lake", write_jsonl(tmp_path / f"{half[0]}.jsonl", [records[i] for i in half]))
    found = {(src, dst): (relation, nearer) for src, dst, relation, nearer in query(tmp_path / "lake", RELATIONS)}
    prints = {"source.com", "reprint.com"}
    assert found.pop(("source.com", "reprint.com")) == ("copy", None)
    for each in prints:
        assert found.pop((each, "plain.com")) == ("reuse", None)
        assert found.pop((each, "changed.com")) == ("reuse", None)
        assert found.pop((each, "second.com")) == ("indirect", "changed.com")
    relation, nearer = found.pop(("plain.com", "changed.com"))
    assert relation == "indirect"
    assert nearer in prints
    assert found.pop(("plain.com", "second.com")) == ("indirect", "changed.com")
    assert found.pop(("changed.com", "second.com")) == ("reuse", None)
    assert not found
