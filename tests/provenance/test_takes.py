"""Texts that an agency sends under one slugline are versions of one story."""

from __future__ import annotations

import pytest
from clustering import article, name, pair, parts

from wirecopy.transforms.provenance.takes import read_slug

STORY = name(77)


@pytest.mark.parametrize(
    ("slugline", "story", "is_take"),
    [
        ("BC-Port Strike", "port strike", False),
        ("BC-Port Strike,1st Ld-Writethru", "port strike", True),
        ("AM-Port Strike, 2nd Ld-Writethru, 0400", "port strike", True),
        ("NORTHAVEN-STRIKE/ (UPDATE 2)", "northaven strike", True),
        ("UPDATE 2-NORTHAVEN-STRIKE/", "northaven strike", True),
        ("Streik/Hafen (Zusammenfassung 1430)", "streik hafen", True),
        ("EIL Streik/Hafen", "streik hafen", True),
        ("grève-port-2e LEAD", "grève port", True),
        ("HUELGA PUERTO (Ampliación)", "huelga puerto", True),
        ("забастовка-порт-срочно", "забастовка порт", True),
        ("Lead Poisoning", "lead poisoning", False),
        ("Apollo 11, 1st Ld", "apollo 11", True),
        ("Urgent", "urgent", False),
    ],
)
def test_a_slugline_names_a_story_and_says_whether_it_is_a_later_take(slugline: str, story: str, is_take: bool) -> None:
    assert read_slug(slugline) == (story, is_take)


def test_a_slugline_without_a_word_names_nothing() -> None:
    assert read_slug(" - ") is None and read_slug("BC-") is None


def take(n: int, hour: int, words: int, is_take: bool = True) -> dict[str, object]:
    known = {"outlet": None, "agency": "AP", "credit_kind": "dateline", "slug": STORY, "is_take": is_take}
    return article(n, hour, words, **known)


FLASH, LEAD, WRITETHRU = take(1, 5, 35, False), take(2, 6, 160), take(3, 12, 270)


def test_flash_lead_and_writethru_are_one_story_and_prints_follow_the_take_they_print() -> None:
    prints = [article(4, 7, 160), article(5, 15, 270)]
    alike = {"jaccard": 0.46, "src_coverage": 0.8, "dst_coverage": 0.5}
    same = {"jaccard": 1.0, "share": 1.0}
    pairs = [pair(2, 3, **alike), pair(2, 4, **same), pair(3, 5, **same), pair(2, 5, **alike), pair(3, 4, **alike)]
    roles = parts([FLASH, LEAD, WRITETHRU, *prints], pairs)
    assert roles == {1: {1: "origin", 2: "version", 3: "version", 4: "verbatim", 5: "verbatim"}}


def test_takes_without_prints_or_a_word_in_common_are_one_story() -> None:
    assert parts([FLASH, LEAD, WRITETHRU], []) == {1: {1: "origin", 2: "version", 3: "version"}}


def test_two_texts_of_one_slugline_that_are_no_takes_are_two_stories_and_so_are_those_of_other_days() -> None:
    assert parts([FLASH, take(2, 6, 160, False)], []) == {}
    assert parts([FLASH, take(2, 60, 160)], []) == {}
    assert parts([FLASH, take(2, 6, 160, False), take(3, 7, 100)], []) == {2: {2: "origin", 3: "version"}}


def test_who_takes_a_passage_from_a_take_takes_from_its_story() -> None:
    pairs = [pair(3, 6, "reuse")]
    roles = parts([FLASH, LEAD, WRITETHRU, article(6, 30)], pairs)
    assert roles == {1: {1: "origin", 2: "version", 3: "version", 6: "partial"}}
