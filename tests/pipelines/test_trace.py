"""`wirecopy trace` as a user types it: readable without colour, safe with any text, guarded on the web."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import wirecopy
from lakes import commit, query, write_jsonl
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


@pytest.mark.slow
def test_two_texts_stand_side_by_side_and_are_told_apart_without_colour(tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(f"Fire closes bridge\n\nTwelve people were hurt on Monday, police said. {TEXT}\n")
    new.write_text(f"Fire closes two bridges\n\nFifteen people were hurt on Monday, police said. {TEXT} <b>More.</b>\n")
    shown = wirecopy("diff", old, new, COLUMNS="80")
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"^\[-Twelve-\] people were hurt.* ~ \{\+Fifteen\+\} people were hurt", shown.stdout, re.M)
    assert max(map(len, shown.stdout.splitlines())) <= 80
    found = json.loads(wirecopy("diff", old, new, "--json").stdout)
    assert found[0]["a"]["text"].startswith("Twelve people")
    made = wirecopy("diff", old, new, "--html").stdout
    assert "<del>Twelve</del>" in made and "<ins>Fifteen</ins>" in made
    assert "<b>" not in made and "b&gt;More.&lt;/b" in made


@pytest.mark.slow
def test_versions_of_an_article_are_compared_by_its_id(tmp_path: Path) -> None:
    for n, hurt in enumerate(("Twelve", "Fifteen", "Sixteen")):
        row = {"url": "https://a.example/fire", "headline": f"{hurt} hurt", "text": f"{hurt} people hurt. {TEXT}"}
        source = write_jsonl(tmp_path / f"{n}.jsonl", [row | {"published_at": f"2022-02-0{n + 1}T10:00:00Z"}])
        commit(tmp_path / "lake", source)
    ids = query(tmp_path / "lake", "SELECT article_id FROM articles ORDER BY version")
    shown = wirecopy("diff", ids[1][0], "--lake", tmp_path / "lake", COLUMNS="140")
    assert "headline: Twelve hurt → Fifteen hurt" in shown.stdout
    assert "headline: Fifteen hurt → Sixteen hurt" in shown.stdout
    alone = wirecopy("diff", tmp_path / "0.jsonl", "--lake", tmp_path / "lake")
    assert (alone.returncode, "second text" in alone.stderr) == (2, True)
