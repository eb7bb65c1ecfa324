"""`wirecopy trace` as a user types it: readable without colour, safe with any text, guarded on the web."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import wirecopy
from outlets import page, serving

TEXT = (
    "On December 17, 2021, the Russian foreign ministry released a draft agreement on security guarantees between "
    "Russia and the United States, and a draft agreement on ensuring the security of Russia and NATO member states. "
    "The proposed measures include guarantees that NATO will not advance eastward, including the accession of Ukraine "
    "and other countries into the alliance, as well as non-deployment of serious offensive weapons, including "
    "nuclear ones."
)
HOSTILE = "\u202eRed <script>alert(1)</script> & words that nobody else has written before."


@pytest.mark.slow
def test_a_piped_text_shows_letter_by_line_whose_words_are_whose(seed_lake: Path) -> None:
    done = wirecopy("trace", "-", "--lake", seed_lake, stdin=f"{HOSTILE}\n{TEXT}\n", COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  A +\d\d%  TASS  Putin asks Lavrov", done.stdout, re.MULTILINE)
    assert "does not credit TASS" in done.stdout
    assert re.search(r"^ · +\\u202eRed <script>", done.stdout, re.MULTILINE)
    assert re.search(r"^ A ┃ On December 17, 2021, the Russian foreign ministry", done.stdout, re.MULTILINE)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.stdout)
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.slow
def test_json_has_it_all_and_html_runs_nothing(seed_lake: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.html"
    told = f"<p>{HOSTILE.replace('<', '&lt;')}</p><p>{TEXT}</p>"
    text.write_text(f"<html><title>A page</title><article><h1>A page</h1>{told}</article>")
    done = wirecopy("trace", text, "--lake", seed_lake, "--json")
    found = json.loads(done.stdout)
    assert [(source["agency"], source["credit"]) for source in found["sources"]] == [("TASS", "none")]
    assert found["passages"][0]["words"] in found["text"]
    assert found["own_share"] + found["sources"][0]["share"] == pytest.approx(1)
    shown = wirecopy("trace", text, "--lake", seed_lake, "--html").stdout
    assert "default-src 'none'" in shown
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.slow
def test_a_page_is_fetched_under_the_guard_and_an_article_is_traced_by_its_id(seed_lake: Path) -> None:
    with serving(1) as outlets:
        outlets.put("/story", page("A story", ["The first words are nobody's but this page's own.", TEXT]))
        refused = wirecopy("trace", outlets.url("/story"), "--lake", seed_lake)
        assert (refused.returncode, outlets.asked) == (1, [])
        assert "is no public address" in refused.stderr
        done = wirecopy("trace", outlets.url("/story"), "--lake", seed_lake, "--allow-network", "127.0.0.0/8", "--json")
        assert json.loads(done.stdout)["sources"][0]["agency"] == "TASS"
        gone = wirecopy("trace", outlets.url("/gone"), "--lake", seed_lake, "--allow-network", "127.0.0.0/8")
        assert (gone.returncode, "answers 404" in gone.stderr) == (1, True)
    again = wirecopy("trace", json.loads(done.stdout)["sources"][0]["article_id"], "--lake", seed_lake, COLUMNS="80")
    assert "in the lake, left out of its own sources" in again.stdout
    assert "1 article came later and hold" in again.stdout


@pytest.mark.slow
def test_what_names_nothing_says_so(seed_lake: Path, tmp_path: Path) -> None:
    several = tmp_path / "several.jsonl"
    several.write_text("".join(json.dumps({"id": n, "text": TEXT}) + "\n" for n in range(2)))
    for named, status, said in (
        ("nothing-there", 2, "neither a file nor an address"),
        ("00000000-0000-0000-0000-000000000000", 1, "the lake has no article"),
        (several, 1, "holds several articles"),
    ):
        done = wirecopy("trace", named, "--lake", seed_lake, COLUMNS="140")
        assert (done.returncode, said in done.stderr) == (status, True), done.stderr
        assert "Traceback" not in done.stderr
