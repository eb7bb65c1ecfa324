"""A digest tells what some days showed, and text from outside is text in it."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from lakes import commit, write_jsonl
from made_texts import sample
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.watches.digest import as_html, as_markdown, digest

RNG = random.Random(9)
WIRE, OURS, LATE = (" ".join(sample("en", 200, RNG)) for _ in range(3))
TRICK = "[x](javascript:alert(1)) *bold* & `code` < 3"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digest")
    rows = [
        ("https://tass.com/1", "The wire", "2022-02-10T10:00:00Z", f"MOSCOW. /TASS/. {WIRE}"),
        ("https://bare.example/1", TRICK, "2022-02-11T10:00:00Z", WIRE),
        ("https://ours.example/1", "Our story", "2022-02-10T10:00:00Z", OURS),
        ("https://them.example/1", "Theirs", "2022-02-11T10:00:00Z", OURS),
        ("https://late.example/1", "Much later", "2022-02-20T10:00:00Z", LATE),
    ]
    names = ("url", "headline", "published_at", "text")
    commit(folder / "lake", write_jsonl(folder / "a.jsonl", [dict(zip(names, row, strict=True)) for row in rows]))
    changed = {
        "url": rows[2][0],
        "headline": "Our story, corrected",
        "published_at": rows[2][2],
        "text": OURS + " More.",
    }
    commit(folder / "lake", write_jsonl(folder / "b.jsonl", [changed | {"modified_at": "2022-02-11T12:00:00Z"}]))
    return folder / "lake"


def test_a_day_tells_what_travelled_what_is_not_credited_and_what_was_changed(lake: Path) -> None:

    found = {section.title: section for section in digest(lake, 1, dt.date(2022, 2, 11)).sections}
    told = {title: ["".join(run.text for run in line) for line in section.lines] for title, section in found.items()}
    assert told["Agency copy without credit"] == [f"{TRICK} (bare.example): 100% TASS text"]
    assert told["Headlines changed"] == ["ours.example: Our story → Our story, corrected"]
    assert {line.split(" (")[0] for line in told["Stories that travelled"]} == {"The wire", "Our story, corrected"}
    assert "them.example from ours.example: 1 article" in told["Who took from whom"]


def test_text_from_outside_is_text_in_both_forms(lake: Path) -> None:

    found = digest(lake, 7, dt.date(2022, 2, 12))
    assert r"\[x\](javascript:alert(1)) \*bold\* \& \`code\` \< 3" in as_markdown(found)
    page = as_html(found)
    assert "&lt; 3" in page and "<b>[x]" in page
    assert 'href="https://bare.example/1"' in page
    assert "default-src 'none'" in page


def test_an_outlet_sees_what_concerns_it_and_a_quiet_day_says_so(lake: Path) -> None:
    run = CliRunner().invoke(app, ["digest", "--lake", str(lake), "--end", "2022-02-11", "--outlet", "ours.example"])
    assert "## Stories of ours.example that others carried" in run.output
    assert "TASS" not in run.output
    quiet = CliRunner().invoke(app, ["digest", "--lake", str(lake)])
    assert quiet.output.startswith("# Wirecopy: 2022-02-20\n")
    assert "Nothing travelled, and nothing was changed." in quiet.output
    wrong = CliRunner().invoke(app, ["digest", "--lake", str(lake), "--period", "year"])
    assert wrong.exit_code == 2
