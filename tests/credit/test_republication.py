"""Notices that an article was published elsewhere before, contributions, states that are no agencies."""

from __future__ import annotations

import pytest

from wirecopy.transforms.credit.attribution import Attribution, attribute
from wirecopy.transforms.provenance.origin import PLAIN, REPUBLISHED, Sighting, orient, standing

BODY = (
    "Dock workers at Northaven walked off the job on Tuesday after talks collapsed shortly before midnight,"
    " leaving eleven"
    " vessels at anchor.\n\nThe federation said nearly 4,200 of its members had joined the stoppage."
)


def of(line: str, outlet: str = "localpaper.com") -> Attribution:
    return attribute(f"{BODY}\n\n{line}", outlet=outlet)


NOTICES = {
    "This article is republished from The Conversation under a Creative Commons licence.": "The Conversation",
    "This article was originally published on The Conversation.": "The Conversation",
    "This story was produced by ProPublica and is republished under a Creative Commons license.": "ProPublica",
    "This article was produced by KFF Health News, a national newsroom.": "KFF Health News",
    "This story was produced in partnership with ProPublica.": "ProPublica",
    "The post Dock strike shuts port appeared first on Alpha Herald.": "Alpha Herald",
    "The post Dock strike shuts port first appeared on Beta Times.": "Beta Times",
    "This story was first published by Honolulu Civil Beat, a nonprofit newsroom.": "Honolulu Civil Beat",
    "(This story originally appeared in the Ellery Gazette.)": "the Ellery Gazette",
    "Reprinted with permission from Inside Climate News.": "Inside Climate News",
    "Originally published at example-news.org": "example-news.org",
    "Der Beitrag Streik erschien zuerst auf Velmarer Bote.": "Velmarer Bote",
    "L’article Grève est apparu en premier sur Journal Velmar.": "Journal Velmar",
    "Dieser Artikel ist zuerst auf RiffReporter erschienen.": "RiffReporter",
    "Publicado originalmente en Diario Velmar.": "Diario Velmar",
    "Reprinted by permission of the Ellery Gazette.": "the Ellery Gazette",
    "La entrada Huelga se publicó primero en Diario Velmar.": "Diario Velmar",
}  # fmt: skip


@pytest.mark.parametrize("line", NOTICES)
def test_a_notice_credits_who_published_it_before(line: str) -> None:
    found = of(line)
    assert [(credit.agency, credit.kind) for credit in found.credits] == [(NOTICES[line], "republication")]
    assert found.agency is None


@pytest.mark.parametrize(
    "line",
    [
        "The council's report was published by the ministry on Tuesday.",
        "His memoir was first published in Paris in 1950.",
        "The minister first appeared on the balcony at noon.",
        "The results were posted on Monday.",
    ],
)
def test_other_publications_are_no_notices(line: str) -> None:
    assert of(line).credits == []


def test_an_outlets_own_line_is_no_credit() -> None:
    assert of("The post Dock strike appeared first on Alpha Herald.", "alphaherald.com").credits == []


CONTRIBUTIONS = [
    "Associated Press writer Jan M. Olsen in Copenhagen contributed to this report.",
    "Associated Press writers Jan Olsen in Oslo; Bo Hart in Bonn; and Mara Rook in Rome contributed to this report.",
    "AP video journalist Bo Hart contributed.",
    "Contributing: The Associated Press. Follow Jane Doe on Twitter.",
]


@pytest.mark.parametrize("line", CONTRIBUTIONS)
def test_a_contribution_is_told_and_makes_no_origin(line: str) -> None:
    found = of(line)
    assert [(credit.agency, credit.kind) for credit in found.credits] == [("AP", "contribution")]
    assert found.agency is None


def test_a_closing_copyright_line_is_a_tail_and_no_dateline() -> None:
    found = of("© 2024 The Associated Press. All rights reserved. This material may not be published.")
    assert (found.agency, found.dateline, [credit.kind for credit in found.credits]) == ("AP", None, ["tail"])


@pytest.mark.parametrize("opening", ["HARRISBURG, PA - ", "FORT WASHINGTON, Pa. -- ", "BOSTON, MA – "])
def test_states_are_no_agencies(opening: str) -> None:
    assert attribute(opening + BODY).credits == []


def test_two_agencies_in_letters_of_full_width() -> None:
    found = attribute("【北港ＡＰ＝共同】北港の港湾労働者は火曜日、交渉が決裂したことを受けてストライキに入った。")
    assert [credit.agency for credit in found.credits] == ["AP", "Kyodo"]


def test_a_syndicate_in_the_byline() -> None:
    found = attribute(BODY, byline="The New York Times News Service Syndicate")
    assert [credit.agency for credit in found.credits] == ["New York Times News Service"]


def test_who_says_that_it_was_published_before_is_no_source_of_it() -> None:
    original = Sighting(bytes(15) + b"\1", "alphaherald.com", None, None, 8_000_000, 9_000_000, 8_000_000)
    early = Sighting(bytes(15) + b"\2", "scraper.xyz", None, "republication", 1_000_000, 2_000_000, 1_000_000)
    assert (standing(original)[0], standing(early)[0]) == (PLAIN, REPUBLISHED)
    assert orient(original, early).source_first
    assert not orient(early, original).source_first
