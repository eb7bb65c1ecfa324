from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.provenance.origin import (
    OWN,
    REPUBLISHED,
    SECOND,
    Direction,
    Sighting,
    lag_s,
    orient,
    standing,
)

DAY = 86_400 * SECOND
FEB_3, FEB_14 = 1_643_846_400 * SECOND, 1_644_796_800 * SECOND

TASS_STORY = Sighting(bytes(15) + b"\2", None, "TASS", "dateline", FEB_14, FEB_14 + DAY, FEB_14)
ARAVOT = Sighting(bytes(15) + b"\3", "aravot.am", "TASS", "credit line", FEB_3, FEB_3 + 60 * SECOND, FEB_3)
PLAIN = Sighting(bytes(15) + b"\1", "example.com", None, None, FEB_3 - DAY, FEB_3, FEB_3 - DAY)


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    agency = draw(st.sampled_from([None, "TASS", "Reuters"]))
    begin = draw(st.none() | st.integers(0, 12).map(lambda hour: hour * 3600 * SECOND))
    length = draw(st.sampled_from([SECOND, 60 * SECOND, DAY]))
    return Sighting(
        draw(st.binary(min_size=16, max_size=16)),
        draw(st.sampled_from([None, "tass.com", "reuters.com", "prnewswire.com", "aravot.am"])),
        agency,
        draw(st.sampled_from(["dateline", "byline", "credit line", "tail"]))
        if agency
        else draw(st.sampled_from([None, "republication", "press release"])),
        begin,
        begin + length if begin is not None else None,
        begin,
    )


pairs = st.tuples(sightings(), sightings()).filter(lambda ab: ab[0].article_id != ab[1].article_id)


def test_a_later_agency_story_is_the_source_of_an_earlier_reprint() -> None:
    assert orient(TASS_STORY, ARAVOT) == Direction(True, pytest.approx(0.85))
    assert lag_s(TASS_STORY, ARAVOT) == -11 * 86_400


def test_a_reprint_that_credits_an_agency_beats_an_earlier_text_that_credits_nobody() -> None:
    assert not orient(PLAIN, ARAVOT).source_first


def test_a_press_release_is_its_services_before_a_papers_and_no_agencys() -> None:
    told = Sighting(bytes(15) + b"\4", "prnewswire.com", None, "press release", FEB_14, FEB_14 + SECOND, FEB_14)
    paper = told._replace(article_id=bytes(15) + b"\5", outlet="aravot.am", begin_at=FEB_3, end_at=FEB_3 + SECOND)
    bare = PLAIN._replace(begin_at=FEB_3 - DAY, end_at=FEB_3)
    assert orient(told, paper).source_first and orient(told, bare).source_first and orient(bare, paper).source_first
    assert (standing(told), standing(paper)) == ((OWN, None), (REPUBLISHED, None))


def test_the_clock_decides_between_two_plain_texts() -> None:
    later = PLAIN._replace(
        article_id=bytes(16), outlet="example.org", begin_at=FEB_14, end_at=FEB_14 + SECOND, told_at=FEB_14
    )
    assert orient(PLAIN, later).source_first
    assert orient(PLAIN, later).confidence > 0.5
    assert lag_s(PLAIN, later) == 12 * 86_400


def test_a_time_within_the_other_ones_day_decides_nothing() -> None:
    noon = PLAIN._replace(
        article_id=bytes(16), begin_at=FEB_3 - DAY // 2, end_at=FEB_3 - DAY // 2 + SECOND, told_at=FEB_3 - DAY // 2
    )
    assert orient(noon, PLAIN).confidence == 0.5
    assert lag_s(noon, PLAIN) is None


def test_two_reprints_of_one_agency_are_ordered_by_the_clock_but_less_surely_than_plain_texts() -> None:
    again = ARAVOT._replace(
        article_id=bytes(16), outlet="example.org", begin_at=FEB_14, end_at=FEB_14 + SECOND, told_at=FEB_14
    )
    reprints = orient(ARAVOT, again)
    plain = orient(ARAVOT._replace(agency=None, credit_kind=None), again._replace(agency=None, credit_kind=None))
    assert reprints.source_first and plain.source_first
    assert 0.5 < reprints.confidence < plain.confidence


def test_a_dateline_on_a_paper_of_another_name_does_not_make_an_own_copy() -> None:
    assert orient(TASS_STORY, ARAVOT._replace(credit_kind="dateline")).source_first


@given(pairs)
def test_direction_mirrors(ab: tuple[Sighting, Sighting]) -> None:
    there, back = orient(*ab), orient(*reversed(ab))
    assert there.source_first is not back.source_first
    assert there.confidence == back.confidence
    assert 0.5 <= there.confidence <= 1


@given(st.lists(sightings(), min_size=3, max_size=3, unique_by=lambda a: a.article_id))
def test_direction_has_no_cycles_among_articles_of_one_agency(abc: list[Sighting]) -> None:
    one = [
        a._replace(agency=a.agency and "TASS", outlet="tass.com" if a.outlet == "reuters.com" else a.outlet)
        for a in abc
    ]
    a, b, c = one
    if orient(a, b).source_first and orient(b, c).source_first:
        assert orient(a, c).source_first


@given(pairs)
def test_lag_mirrors(ab: tuple[Sighting, Sighting]) -> None:
    lag, back = lag_s(*ab), lag_s(*reversed(ab))
    assert (lag is None) == (back is None)
    assert lag is None or lag == -back != 0  # type: ignore[operator]


def test_a_paper_that_an_agency_names_broke_the_story_if_it_had_it_first() -> None:
    paper = PLAIN._replace(names=frozenset({7}))
    rewritten = TASS_STORY._replace(named=frozenset({7, 8}))
    assert orient(paper, rewritten) == Direction(True, 0.75)
    assert orient(rewritten, paper) == Direction(False, 0.75)
    assert not orient(paper, TASS_STORY._replace(named=frozenset({8}))).source_first
    later = paper._replace(begin_at=FEB_14 + DAY, end_at=FEB_14 + 2 * DAY, told_at=FEB_14 + DAY)
    assert not orient(later, rewritten).source_first
