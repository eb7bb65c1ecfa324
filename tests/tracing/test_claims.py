"""Every word goes to whoever had it first, once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.tracing.claims import LEAST_WORDS, Shared, bridged, claim


def shared(begin: int, end: int, there: int = 0) -> Shared:
    return Shared(begin, end, there, there + 6 * (end - begin), float(end - begin), False)


def told(n: int, holders: list[list[Shared]]) -> list[tuple[int, int, int]]:
    return [(one.begin, one.end, one.holder) for one in claim(n, holders)]


def test_the_first_holder_keeps_its_words_and_the_next_gets_what_is_left() -> None:
    assert told(200, [[shared(50, 120)], [shared(0, 200)]]) == [(0, 50, 1), (50, 120, 0), (120, 200, 1)]


def test_a_few_words_beyond_the_end_of_a_passage_make_no_second_source() -> None:
    assert told(200, [[shared(10, 190)], [shared(0, 200)]]) == [(10, 190, 0)]


def test_a_short_text_that_somebody_has_whole_is_theirs() -> None:
    assert told(LEAST_WORDS - 2, [[shared(0, LEAST_WORDS - 2)]]) == [(0, LEAST_WORDS - 2, 0)]


def test_passages_that_changed_words_part_are_one_and_those_in_another_order_are_not() -> None:
    assert [(one.begin, one.end) for one in bridged([shared(0, 60), shared(70, 130, 60 * 6 + 50)])] == [(0, 130)]
    assert len(bridged([shared(0, 60, 2000), shared(60, 120, 0)])) == 2
    assert len(bridged([shared(0, 60), shared(200, 260, 360)])) == 2


spans = st.tuples(st.integers(0, 150), st.integers(1, 100)).map(lambda pair: shared(pair[0], min(200, sum(pair))))


@given(st.lists(st.lists(spans, max_size=4), max_size=5))
def test_no_word_is_given_twice_and_none_that_nobody_has(holders: list[list[Shared]]) -> None:
    claims = claim(200, holders)
    given_out = [word for one in claims for word in range(one.begin, one.end)]
    assert len(given_out) == len(set(given_out))
    for one in claims:
        assert one.shared in holders[one.holder]
        assert one.shared.begin <= one.begin < one.end <= one.shared.end
    firsts = {word for passages in holders[:1] for one in passages for word in range(one.begin, one.end)}
    taken = {word for one in claims if one.holder == 0 for word in range(one.begin, one.end)}
    assert taken <= firsts
