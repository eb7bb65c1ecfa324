"""What the five seed documents say of their sources, by a hand-made reading of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirecopy.transforms.credit.attribution import Attribution, attribute

SEEDS = Path(__file__).parents[2] / "seeds"


def read(number: str) -> tuple[str, Attribution]:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    text = path.read_text("utf-8")
    return text, attribute(text)


READINGS = {
    "000": (None, None, {"The Washington Post", "RBC"}),
    "001": (None, None, {"The Washington Post"}),
    "002": ("MOSCOW, February 14. /TASS/.", "TASS", set()),
    "003": ("/TASS/.", "TASS", set()),
    "004": (None, None, {"RIA Novosti", "Kommersant", "CNN"}),
}

SPEAKERS = [
    ("000", "There is one person in Russia", "an administration official"),
    ("000", "it was right", "Sergei Lavrov"),
    ("000", "precisely legal, legal guarantees,", "Vladimir Putin"),
    ("001", "serious political decisions", "Sergei Ryabkov"),
    ("001", "a thorough, fundamental consideration of all aspects.", "Sergei Ryabkov"),
    ("001", "impenetrable", "Sergei Ryabkov"),
    ("002", "We have agreed with you", "Vladimir Putin"),
    ("002", "I know that such an analysis has been done", "Vladimir Putin"),
    ("003", "We are in the position of knowing", "Ned Price"),
    ("003", "It remains our hope", "Ned Price"),
    ("003", "We don’t yet know the form", "Ned Price"),
    ("003", "There are no preconditions to talking", "US Department of State"),
    ("004", "There is no positive reaction", "Sergey Lavrov"),
    ("004", "It is significant that now", "Sergey Lavrov"),
    ("004", "As for the content of the response", "Sergey Lavrov"),
    ("004", "it's pointless to talk", "Dmitry Medvedev"),
]


@pytest.mark.parametrize("number", READINGS)
def test_agency_dateline_and_cited(number: str) -> None:
    _, found = read(number)
    dateline, agency, cited = READINGS[number]
    assert (found.dateline, found.agency, {citation.name for citation in found.cited}) == (dateline, agency, cited)


@pytest.mark.parametrize("number", READINGS)
def test_evidence_stands_where_it_says(number: str) -> None:
    text, found = read(number)
    for part in (*found.credits, *found.cited):
        assert part.where != "text" or text[part.begin : part.end] == part.evidence
    for quote in found.quotes:
        assert text[quote.begin : quote.end] == quote.text


@pytest.mark.parametrize(("number", "words", "speaker"), SPEAKERS)
def test_speakers(number: str, words: str, speaker: str) -> None:
    _, found = read(number)
    assert [quote.speaker for quote in found.quotes if quote.text.startswith(words)] == [speaker]
