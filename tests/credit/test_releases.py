"""Press releases are told as such, and are no agency's text."""

from __future__ import annotations

import pytest

from wirecopy.transforms.credit.attribution import attribute

BODY = "Acme Corp said today that it will rebuild the breakwater of Port Ellery within two years."
RELEASES = {
    f"NEW YORK, March 6, 2026 /PRNewswire/ -- {BODY}\n\nSOURCE Acme Corp": "PR Newswire",
    f"PORT ELLERY, Maine--(BUSINESS WIRE)--{BODY}": "Business Wire",
    f"PORT ELLERY, March 06, 2026 (GLOBE NEWSWIRE) -- {BODY}": "GlobeNewswire",
    f"EQS-News: Acme AG / Schlagwort(e): Jahresergebnis\n\n06.03.2026 / 08:00 CET/CEST\n\n{BODY}": "EQS",
    f"Velmar (ots) - {BODY}\n\nOriginal-Content von: Acme AG, übermittelt durch news aktuell": "ots",
    f"{BODY}\n\nOTS-ORIGINALTEXT PRESSEAUSSENDUNG UNTER AUSSCHLIESSLICHER VERANTWORTUNG DES AUSSENDERS": "APA-OTS",
    f"{BODY}\n\nView source version on businesswire.com: https://www.businesswire.com/news/home/1/en/": "Business Wire",
    f"{BODY}\n\nView original content to download multimedia: https://www.prnewswire.com/1.html": "PR Newswire",
}


@pytest.mark.parametrize("text", RELEASES)
def test_a_press_release_is_told_as_one_and_has_no_agency(text: str) -> None:
    found = attribute(text)
    assert {(credit.agency, credit.kind) for credit in found.credits} == {(RELEASES[text], "press release")}
    assert found.agency is None


def test_a_credit_line_or_byline_that_names_a_service_says_so_too() -> None:
    for found in (attribute(BODY, credit="PR Newswire"), attribute(BODY, byline="Business Wire")):
        assert [credit.kind for credit in found.credits] == ["press release"] and found.agency is None


def test_a_report_on_a_press_release_is_none() -> None:
    text = (
        f"PORT ELLERY (AP) - The port will be rebuilt. {BODY[:40]}, it said in a release carried by PR Newswire. More."
    )
    found = attribute(text)
    assert (found.agency, [credit.kind for credit in found.credits]) == ("AP", ["dateline"])
