"""Openings, bylines and closing lines in the forms that agencies use, with traps: what is found, exactly where."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wirecopy.transforms.credit.agencies import load
from wirecopy.transforms.credit.attribution import attribute

CASES = [json.loads(line) for line in Path(__file__).with_name("labelled.jsonl").read_text("utf-8").splitlines()]
FLOOR = 0.97


def wanted(case: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    if case["where"] != "text":
        yield from (("credit", name) for name in case["agencies"])
        return
    if case["dateline"]:
        yield ("dateline", *case["dateline"])
    yield from (("credit", *credit) for credit in case["credits"])
    yield from (("cited", *citation) for citation in case["cited"])


def found(case: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    if case["where"] != "text":
        line = {"tails": [case["words"]]} if case["where"] == "tail" else {case["where"]: case["words"]}
        yield from (("credit", credit.agency) for credit in attribute("The talks go on.", **line).credits)
        return
    attribution = attribute(case["text"], language=case["language"])
    if attribution.dateline:
        begin = case["text"].index(attribution.dateline)
        yield "dateline", begin, begin + len(attribution.dateline)
    for credit in attribution.credits:
        yield "credit", credit.agency, credit.kind, credit.begin, credit.end
    lines = {credit.evidence for credit in attribution.credits}
    for citation in attribution.cited:
        if citation.evidence not in lines:
            yield "cited", citation.name, citation.begin, citation.end


@pytest.mark.parametrize("kind", ["dateline", "credit", "cited"])
def test_f1(kind: str) -> None:
    tally: Counter[str] = Counter()
    for case in CASES:
        want = {item for item in wanted(case) if item[0] == kind}
        have = {item for item in found(case) if item[0] == kind}
        tally.update(right=len(want & have), found=len(have), wanted=len(want))
    precision, recall = tally["right"] / tally["found"], tally["right"] / tally["wanted"]
    assert 2 * precision * recall / (precision + recall) >= FLOOR


def test_agency_is_the_holder_of_the_first_credit() -> None:
    agencies = {holder.name for holder in load().folded.values() if holder.kind == "agency"}
    wrong = 0
    texts = [case for case in CASES if case["where"] == "text"]
    for case in texts:
        held = [credit[0] for credit in case["credits"] if credit[0] in agencies]
        wrong += attribute(case["text"]).agency != (held[0] if held else None)
    assert wrong <= len(texts) * (1 - FLOOR)


def test_the_set_is_wide_and_a_third_of_it_traps() -> None:
    names = Counter(
        name for case in CASES for name in case.get("agencies", [credit[0] for credit in case.get("credits", [])])
    )
    traps = sum(1 for case in CASES if not case.get("agencies") and not case.get("credits"))
    assert len(CASES) >= 400
    assert len(names) >= 30
    assert len({case["language"] for case in CASES}) >= 8
    assert traps * 3 >= len(CASES)
