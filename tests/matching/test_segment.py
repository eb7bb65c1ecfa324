from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
import wordfreq

from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments import segment as module
from wirecopy.transforms.matching.segments.segment import build, open_segment, save

WORDS = [word for word in wordfreq.top_n_list("en", 12_000, "small")[400:] if word.isalpha()]


def prose(seed, n):
    return " ".join(random.Random(seed).choices(WORDS, k=n))


@pytest.fixture(scope="module")
def fingerprints(make_batch):
    """Thirty articles, three of each text, and five without words or time."""
    rows = [
        {"text": prose(i % 10, 80), "source_id": str(i), "language": "en", "published_at": 10**15 + (i * 7) % 30}
        for i in range(30)
    ]
    rows += [{"text": "" if i else "...", "source_id": f"e{i}"} for i in range(5)]
    return fingerprint(make_batch(rows))


def same(one, other):
    return all(
        a.equals(b) if isinstance(a, pa.RecordBatch) else np.array_equal(a, b)
        for a, b in (
            (one.articles, other.articles),
            (one.bands.entries, other.bands.entries),
            (one.anchors.entries, other.anchors.entries),
            (one.anchors.positions, other.anchors.positions),
            (one.live, other.live),
        )
    )


def parts(fingerprints, *cuts):
    return [build([fingerprints.slice(a, b - a)]) for a, b in zip([0, *cuts], [*cuts, len(fingerprints)], strict=True)]


def test_articles_are_ordered_by_time_and_id(fingerprints):
    segment = build([fingerprints])
    keys = list(zip(segment.events.tolist(), segment.ids.tolist(), strict=True))
    assert keys == sorted(keys)
    assert keys[-1][0] == module.NEVER


def test_a_saved_segment_is_opened_as_it_was(fingerprints, tmp_path):
    segment = build([fingerprints])
    save(segment, tmp_path / "a" / "b")
    assert same(open_segment(tmp_path / "a" / "b"), segment)


def test_an_empty_segment_is_saved_and_opened(tmp_path):
    save(build([]), tmp_path / "empty")
    assert len(open_segment(tmp_path / "empty")) == 0


@pytest.mark.parametrize("cuts", [(), (10,), (3, 3, 20), (34,)])
def test_merged_parts_are_the_whole(fingerprints, merged, tmp_path, cuts):
    pieces = parts(fingerprints, *cuts)
    for i, piece in enumerate(pieces):
        save(piece, tmp_path / str(i))
    opened = [open_segment(tmp_path / str(i)) for i in range(len(pieces))]
    whole = build([fingerprints])
    assert same(merged(opened), whole)
    assert same(build([fingerprints.slice(20), fingerprints.slice(0, 20)]), whole)


def test_dead_articles_match_nothing_and_are_left_out_of_merges(fingerprints, merged):
    left, right = parts(fingerprints, 12)
    dead = [bytes(i) for i in right.ids[:5]]
    buried = right.without([*dead, b"x" * 16])
    assert right.live.all()
    assert sorted(np.flatnonzero(~buried.live)) == [0, 1, 2, 3, 4]
    for known in ([buried], [merged([buried])]):
        matches = match(left, known)
        held = {row[side].bytes for row in matches.pairs.to_pylist() for side in ("src_article_id", "dst_article_id")}
        assert held and not held & set(dead)
    assert match(left, [right]).pairs.num_rows > match(left, [buried]).pairs.num_rows
    assert len(merged([left, buried])) == len(left) + len(right) - 5


def test_a_mapped_index_gives_the_rows_of_one_in_memory(fingerprints, merged, tmp_path):
    new, a, b = parts(fingerprints, 10, 22)
    save(a, tmp_path / "a")
    save(b, tmp_path / "b")
    mapped = match(new, [open_segment(tmp_path / "a"), open_segment(tmp_path / "b")])
    assert mapped.pairs.num_rows > 0
    for other in (match(new, [a, b]), match(new, [merged([b, a])])):
        assert mapped.pairs.equals(other.pairs)
        assert mapped.passages.equals(other.passages)


def test_articles_are_found_by_id(fingerprints):
    segment = build([fingerprints])
    ids = [bytes(i) for i in segment.ids]
    assert segment.find(reversed(ids)).tolist() == list(reversed(range(len(ids))))
    assert segment.find([b"\0" * 16, b"\xff" * 16, ids[3]]).tolist() == [-1, -1, 3]
    assert segment.find([]).tolist() == []
    assert build([]).find(ids[:2]).tolist() == [-1, -1]


def test_a_segment_made_in_another_way_is_refused(fingerprints, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MADE_WITH", "an older model")
    save(build([fingerprints]), tmp_path / "old")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="an older model"):
        open_segment(tmp_path / "old")


@pytest.mark.parametrize("name", ["articles.arrow", "bands.npy", "anchors.npy", "positions.npy"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_segment_is_an_error_that_says_so(fingerprints, tmp_path, name, damage):
    save(build([fingerprints]), tmp_path)
    path = tmp_path / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises((OSError, ValueError)):
        open_segment(tmp_path)
