"""Credits, citations and quotes together: laws that hold for any text, and texts made to hurt."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.schemas.articles import CITATION, CREDIT, CREDIT_KINDS, EVIDENCE_PLACES, QUOTE
from wirecopy.transforms.credit.attribution import attribute
from wirecopy.transforms.credit.citations import Citation
from wirecopy.transforms.credit.credits import Credit
from wirecopy.transforms.credit.quotes.quotes import Quote

PIECES = st.sampled_from(
    [
        *'"“”„«»‘’()/[]【】.,:;-—– \n',
        *(
            "MOSCOW",
            "Berlin",
            "February 14",
            "14 фев",
            "/TASS/",
            "(Reuters)",
            "Reuters",
            "AP",
            "ТАСС",
            "新华社",
            "14日电",
        ),
        *("said", "told", "according to", "сообщает", "Sergey Lavrov", "Lavrov", "he", "the diplomat", "Источник"),
        *(
            "© 2022 AFP",
            "With inputs from PTI",
            "Photo",
            "the newspaper Foo",
            "the Foo newspaper",
            "رويترز",
            "𝔸",
            "\ud800",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map(" ".join) | st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)


@given(TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.lists(TEXTS, max_size=2))
@settings(max_examples=300, deadline=None)
def test_evidence_stands_in_the_text(text: str, byline: str | None, headline: str | None, tails: list[str]) -> None:
    found = attribute(text, byline=byline, headline=headline, credit=byline, tails=tails, markup=tails)
    for part in (*found.credits, *found.cited):
        assert part.where in EVIDENCE_PLACES
        assert (part.begin is None) == (part.end is None) == (part.where != "text")
        if part.where == "text":
            assert text[part.begin : part.end] == part.evidence != ""
    for quote in found.quotes:
        assert text[quote.begin : quote.end] == quote.text == quote.text.strip() != ""
    assert found.dateline is None or found.dateline in text
    assert found.agency is None or found.agency in {credit.agency for credit in found.credits}
    assert {credit.kind for credit in found.credits} <= set(CREDIT_KINDS)
    spans = [(quote.begin, quote.end) for quote in found.quotes]
    assert spans == sorted(spans)
    assert all(end < begin for (_, end), (begin, _) in pairwise(spans))


def test_tuples_have_the_fields_of_the_schema() -> None:
    for element, struct in ((Credit, CREDIT), (Citation, CITATION), (Quote, QUOTE)):
        assert list(element._fields) == [field.name for field in struct]


MEGABYTE = 1_000_000
HOSTILE = [
    '"',
    "“”",
    "«»„“",
    "‘’",
    "(",
    "/",
    "A",
    "MOSCOW ",
    "\n",
    '"\n',
    "(Reuters) ",
    "Reuters\n",
    "/TASS/\n",
    '"a," he said ',
    'he said "a b c d e f" ',
    "Sergey Lavrov ",
    "14 Feb ",
    "the Foo newspaper ",
    "新华社",
    "LONDON - \n",
    "\x00",
]


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_long_texts_of_one_piece_are_read_to_their_end(piece: str) -> None:
    text = piece * ((MEGABYTE if len(piece) < 3 else MEGABYTE // 5) // len(piece))
    attribute(text, byline=text, headline=text, credit=text, tails=[text], markup=[text])


def test_a_long_text_of_many_names_is_read_to_its_end() -> None:
    text = "".join(f'Minister Cd{n} came. "a b," he said. "c d," Ef{n} said. ' for n in range(MEGABYTE // 120))
    assert len(attribute(text).quotes) > 5_000


def agency(text: str, **lines: object) -> str | None:
    return attribute(text, **lines).agency  # type: ignore[arg-type]


def test_a_dateline_is_stronger_than_a_byline_and_a_tail() -> None:
    assert agency("PARIS (AFP) - It rains.", byline="Reuters", tails=["Source: TASS"]) == "AFP"
    assert agency("It rains.", byline="Reuters", tails=["Source: TASS"]) == "Reuters"
    assert agency("It rains.", tails=["Source: TASS"]) == "TASS"


def test_an_outlet_is_credited_and_cited_but_no_agency() -> None:
    found = attribute("It rains.", tails=["Источник rbc.ru"])
    assert (found.agency, [c.agency for c in found.credits], [c.name for c in found.cited]) == (None, ["RBC"], ["RBC"])


def test_who_only_contributed_is_no_origin() -> None:
    line = "The Associated Press contributed to this report."
    assert agency("It rains.", byline="Jane Doe", tails=[line]) is None
    assert attribute("It rains.", byline="Jane Doe", tails=[line]).credits[0].agency == "AP"
    assert agency("It rains.", tails=["With inputs from PTI"]) is None


def test_an_agency_does_not_cite_itself() -> None:
    assert attribute("MOSCOW, May 1. /TASS/. It rains, a source told TASS.").cited == []
    assert attribute("It rains, a source told Reuters.", outlet="reuters.com").cited == []
    assert [c.name for c in attribute("It rains, a source told Reuters.", outlet="example.com").cited] == ["Reuters"]


def test_markup_and_feed_credits_say_where_they_stand() -> None:
    found = attribute("It rains.", credit="dpa", markup=["Reuters"])
    assert [(c.agency, c.kind, c.where) for c in found.credits] == [
        ("dpa", "credit line", "feed"),
        ("Reuters", "credit line", "markup"),
    ]


def test_unknown_media_are_cited_where_the_text_calls_them_so() -> None:
    found = attribute(
        "The mayor resigned, the Springfield Shopper newspaper reported. He told the tabloid Foo Daily why."
    )
    assert [c.name for c in found.cited] == ["Springfield Shopper", "Foo Daily"]
