"""Two texts side by side: nothing of either is lost, and what is the same is never said to differ."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from made_texts import edit, sample

from wirecopy.transforms.tracing.diff import MOVED, ONLY_A, ONLY_B, SHARED, Diff, diff


def told(found: Diff) -> list[tuple[str, str, str]]:
    return [
        (one.kind, found.a[one.a_begin : one.a_end].strip(), found.b[one.b_begin : one.b_end].strip())
        for one in found.stretches
    ]


def changed(found: Diff) -> list[tuple[str, str, str]]:
    return [(one.kind, found.a[one.a_begin : one.a_end], found.b[one.b_begin : one.b_end]) for one in found.changes]


def test_words_changed_after_publication_are_marked_within_the_text_that_stayed() -> None:
    a = "The minister said on Monday that 12 people were hurt. Police closed the old bridge, a spokeswoman said."
    b = "The minister said on Monday that 15 people were badly hurt. Police closed the bridge, Ann Smith said."
    found = diff(a, b)
    assert [kind for kind, _, _ in told(found)] == [SHARED]
    assert changed(found) == [
        ("replaced", "12", "15"),
        ("inserted", "", "badly"),
        ("deleted", "old", ""),
        ("replaced", "a spokeswoman", "Ann Smith"),
    ]
    assert [one.number for one in found.changes] == [True, False, False, False]
    assert [one.name for one in found.changes] == [False, False, False, True]


def test_what_only_one_has_stands_by_itself_where_it_stands() -> None:
    rng = random.Random(3)
    first, second, lone, other = (" ".join(sample("en", 80, rng)) for _ in range(4))
    found = diff(f"{first}\n{lone}\n{second}", f"{first}\n{second}\n{other}")
    assert told(found) == [(SHARED, first, first), (ONLY_A, lone, ""), (SHARED, second, second), (ONLY_B, "", other)]


def test_paragraphs_in_another_order_are_moved_and_not_two_changes() -> None:
    rng = random.Random(4)
    first, second, third = (" ".join(sample("en", n, rng)) for n in (150, 80, 150))
    found = diff(f"{first}\n{second}\n{third}", f"{second}\n{first}\n{third}")
    assert [kind for kind, _, _ in told(found)].count(MOVED) == 1
    assert (MOVED, second, second) in told(found)
    assert found.alike == 1


def test_unrelated_texts_have_nothing_in_common_but_chance() -> None:
    rng = random.Random(5)
    found = diff(" ".join(sample("en", 200, rng)), " ".join(sample("en", 200, rng)))
    assert [kind for kind, _, _ in told(found)] == [ONLY_A, ONLY_B]
    assert found.alike == 0


def test_case_and_accents_count_and_line_ends_do_not() -> None:
    assert changed(diff("Elle a dit: l'ete est la.", "Elle a dit: l'été est la.")) == [("replaced", "ete", "été")]
    assert changed(diff("One two\nthree four", "One two three  four")) == []
    assert diff("", "").stretches == ()


words = st.sampled_from(["the", "minister", "said", "12", "Paris", "bridge", "été", "хлеб", "新聞", "and", "fire"])
texts = st.lists(st.tuples(words, st.sampled_from([" ", ". ", ", ", "\n"])), max_size=60).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def whole(found: Diff) -> None:
    for text, begin, end in ((found.a, "a_begin", "a_end"), (found.b, "b_begin", "b_end")):
        spans = sorted((getattr(one, begin), getattr(one, end)) for one in found.stretches)
        at = 0
        for low, high in spans:
            assert low in (high, at)
            at = max(at, high)
        assert at == (len(text) if any(map(str.isalnum, text)) else 0)
    for one in found.stretches:
        for change in one.changes:
            assert one.a_begin <= change.a_begin <= change.a_end <= one.a_end
            assert one.b_begin <= change.b_begin <= change.b_end <= one.b_end


@given(texts, texts)
def test_every_word_of_both_stands_in_one_stretch(a: str, b: str) -> None:
    whole(diff(a, b))
    same = diff(a, a)
    assert (same.changes, same.alike) == ((), 1)
    assert {one.kind for one in same.stretches} <= {SHARED}


@given(st.integers(0, 1000), st.sampled_from([0.05, 0.2, 0.5]))
def test_edited_and_reordered_texts_are_whole_too(seed: int, rate: float) -> None:
    rng = random.Random(seed)
    parts = [sample("en", 70, rng) for _ in range(4)]
    others = [edit(part, rate, "en", rng) for part in parts]
    rng.shuffle(others)
    whole(diff("\n".join(map(" ".join, parts)), "\n".join(map(" ".join, others))))
