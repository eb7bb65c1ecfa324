"""The report as a reader has it: one page, whole in itself, whose numbers lead to articles, which no text can break."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import pytest
from commands import forked
from lakes import commit, query, write_jsonl

from wirecopy.pipelines.pages.render import source_hash
from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.report.facts import gather
from wirecopy.pipelines.report.page import MOST_BYTES, html
from wirecopy.pipelines.report.run import write_report
from wirecopy.pipelines.report.selection import Selection
from wirecopy.transforms.lake.files import LakeError

WORDS = (
    "harbour minister election budget storm railway strike parliament court bridge energy school hospital market "
    "border treaty protest drought factory airport museum river mayor union tax vaccine satellite"
).split()

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe\x1b[31m\x00\"'&amp;</script><!--"


def sentences(n: int, length: int = 12) -> str:
    return " ".join(
        f"The {WORDS[(n * 7 + i) % len(WORDS)]} of district {n * 31 + i} was discussed by "
        f"{WORDS[(n * 5 + 3 * i) % len(WORDS)]} officials on day {i} of inquiry {n * 17 + 3 * i}."
        for i in range(length)
    )


def record(n: int, outlet: str, at: str, text: str, **known: Any) -> dict[str, Any]:
    return {
        "id": f"{outlet}-{n}", "url": f"https://{outlet}/{n}", "outlet": outlet, "headline": f"Story {n} in {outlet}",
        "published_at": at, "text": text, "language": "en", **known,
    }  # fmt: skip


def records() -> list[dict[str, Any]]:
    made = []
    for n in range(6):
        wire = f"LONDON, March {n + 1} (Reuters) - {sentences(n)}"
        made.append(record(n, "reuters.com", f"2026-03-0{n + 1}T08:00:00Z", wire))
        for hours, outlet in enumerate(("alpha.example", "beta.example", "gamma.example")[: n % 3 + 1], 1):
            credit = (
                f"LONDON (Reuters) - {sentences(n)}" if outlet == "alpha.example" else sentences(n) + " We were there."
            )
            made.append(record(n, outlet, f"2026-03-0{n + 1}T{8 + hours:02}:30:00Z", credit))
    made.append(record(77, "delta.example", "2026-03-09T10:00:00Z", sentences(3), headline=HOSTILE))
    made.append(record(78, "delta.example", "2026-03-09T11:00:00Z", sentences(78) + HOSTILE * 2))
    return made


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    commit(folder / "lake", write_jsonl(folder / "wires.jsonl", records()))
    changed = [
        record(0, "alpha.example", "2026-03-01T09:30:00Z", f"LONDON (Reuters) - {sentences(0, 9)} More came later.")
    ]
    commit(folder / "lake", write_jsonl(folder / "later.jsonl", changed))
    return folder / "lake"


def facts_of(lake: Path, **chosen: Any) -> dict[str, Any]:
    with contextlib.closing(open_lake(lake)) as con:
        return gather(con, Selection(**chosen))


def page_of(lake: Path, **chosen: Any) -> str:
    return html(facts_of(lake, **chosen), Selection(**chosen), lake, dt.datetime(2026, 4, 1, tzinfo=dt.UTC))


@pytest.fixture(scope="module")
def page(lake: Path) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page_of(lake))


def data_of(page: lxml.html.HtmlElement) -> dict[str, Any]:
    return json.loads(page.get_element_by_id("data").text)


def test_every_number_leads_to_articles_and_every_pair_to_two_texts_with_their_passages(page: Any) -> None:
    data = data_of(page)
    links = [link.get("href") for link in page.iter("a") if link.get("href", "").startswith("#")]
    assert len([link for link in links if link.startswith("#list-")]) > 20
    for link in links:
        kind, _, number = link[1:].partition("-")
        if kind == "list":
            title, total, entries, command = data["lists"][int(number)]
            assert title and command and 0 < len(entries) <= total
            assert all(0 <= article < len(data["articles"]) for article, _ in entries)
        elif kind == "pair":
            a, b, what, spans = data["pairs"][int(number)]
            left, right = data["texts"][str(a)][0], data["texts"][str(b)][0]
            assert what == "version" or spans
            assert all(0 <= s[0] < s[1] <= len(left) and 0 <= s[2] < s[3] <= len(right) for s in spans)
        else:
            assert page.get_element_by_id(link[1:]) is not None


def test_the_numbers_are_those_of_the_lakes_own_views(lake: Path) -> None:
    facts = facts_of(lake)
    assert {(r["agency"], r["outlet"], r["articles"], r["share"], r["credited"]) for r in facts["flows"]["all"]} == set(
        query(lake, "SELECT agency, outlet, articles, share, credited FROM agency_matrix")
    )
    assert [(r["agency"], r["reprints"], r["median_s"]) for r in facts["speed"]["all"]] == query(
        lake, "SELECT agency, reprints, epoch(median)::BIGINT FROM time_to_reprint"
    )
    assert facts["uncredited"]["total"] == query(lake, "SELECT count(*) FROM uncredited()")[0][0] > 0
    assert facts["glance"]["articles"] == query(lake, "SELECT count(DISTINCT identity) FROM articles")[0][0]
    assert facts["changed"].total == 1
    assert [(r["outlet"], r["articles"], r["original"]) for r in facts["outlets"].rows] == query(
        lake, "SELECT outlet, articles, original FROM outlets WHERE outlet IS NOT NULL"
    )
    assert sum(cell[4] for cell in facts["cube"]["cells"]) == facts["glance"]["articles"]
    assert sum(sum(bar[1:4]) for bar in facts["bars"]) == facts["glance"]["articles"]


def test_what_is_chosen_is_what_is_counted(lake: Path) -> None:
    everything = facts_of(lake)["glance"]["articles"]
    day = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    parts = [facts_of(lake, until=day)["glance"]["articles"], facts_of(lake, since=day)["glance"]["articles"]]
    assert sum(parts) == everything and all(parts)
    chosen = facts_of(lake, outlets=("beta.example",))
    assert {row["outlet"] for row in chosen["flows"]["all"]} == {"beta.example"}
    assert {row["outlet"] for row in chosen["uncredited"]["rows"]} == {"beta.example"}
    assert chosen["stories"].total > 0
    of_reuters = facts_of(lake, agencies=("Reuters",))
    carried = "SELECT article_id FROM copies WHERE source_agency = 'Reuters' AND NOT same_outlet"
    counted = f"SELECT count(DISTINCT identity) FROM articles WHERE agency = 'Reuters' OR article_id IN ({carried})"
    assert of_reuters["glance"]["articles"] == query(lake, counted)[0][0] > 5
    assert {row["agency"] for row in of_reuters["flows"]["all"]} == {"Reuters"}
    assert facts_of(lake, agencies=("TASS",))["glance"]["articles"] == 0
    assert facts_of(lake, languages=("xx",))["glance"]["articles"] == 0
    assert "No article of the lake fits" in page_of(lake, languages=("xx",))


def spoilt(value: Any) -> Any:
    """Put markup, controls and a turn of direction into every text of some facts, but for links within the page."""
    if isinstance(value, str):
        return value if value.startswith(("#list-", "#pair-")) else value[:40] + HOSTILE
    if isinstance(value, dict):
        return {key: spoilt(one) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(spoilt, value))
    return [spoilt(one) for one in value] if isinstance(value, list | tuple) else value


def test_nothing_of_a_text_becomes_markup_and_nothing_is_loaded_from_elsewhere(lake: Path) -> None:
    text = html(spoilt(facts_of(lake)), Selection(outlets=(HOSTILE,)), lake, dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    page = lxml.html.document_fromstring(text)
    assert text.count("&lt;script&gt;alert(1)") > 50
    scripts = [one for one in page.iter("script") if one.get("type") != "application/json"]
    assert len(scripts) == 1 and len(list(page.iter("script"))) == 2
    policy = next(one.get("content") for one in page.iter("meta") if one.get("http-equiv"))
    assert "default-src 'none'" in policy and f"script-src '{source_hash(scripts[0].text)}'" in policy
    assert f"style-src '{source_hash(next(page.iter('style')).text)}'" in policy
    assert not list(page.iter("img", "iframe", "object", "embed", "base", "link", lxml.etree.Comment))
    for node in page.iter():
        assert not [name for name in node.attrib if name.startswith("on") or name in ("style", "src")]
        assert not re.match(r"(?i)\s*(javascript|data):", node.get("href", ""))
    assert not re.search(r"url\((?!#)|@import", scripts[0].text + next(page.iter("style")).text)
    assert data_of(page)["lists"]
    shown = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", shown)


def test_addresses_that_are_not_the_webs_are_no_links(tmp_path: Path) -> None:
    made = [
        record(n, "alpha.example", f"2026-03-01T0{n}:00:00Z", sentences(1), url="javascript:alert(1)//" + str(n))
        for n in (1, 2)
    ]
    commit(tmp_path / "lake", write_jsonl(tmp_path / "a.jsonl", made))
    page = lxml.html.document_fromstring(page_of(tmp_path / "lake"))
    assert {one[3] for one in data_of(page)["articles"]} == {None}


def test_texts_and_headlines_of_a_megabyte_stay_within_bounds(tmp_path: Path) -> None:
    long = " ".join(f"word{n} of the long report" for n in range(40_000))
    made = [record(n, f"o{n}.example", f"2026-03-01T0{n}:00:00Z", long, headline="h " * 500_000) for n in (1, 2)]
    commit(tmp_path / "lake", write_jsonl(tmp_path / "a.jsonl", made))
    text = page_of(tmp_path / "lake")
    assert len(text.encode()) < 400_000
    left = [kept[1] for kept in data_of(lxml.html.document_fromstring(text))["texts"].values()]
    assert left and all(one > 100_000 for one in left)


def test_a_page_is_never_larger_than_it_may_be(lake: Path) -> None:
    facts = facts_of(lake)
    facts["shelf"]["texts"] = {n: ["x" * 6000, 0] for n in range(400)}
    made = html(facts, Selection(), lake, dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    assert MOST_BYTES * 0.9 < len(made.encode()) <= MOST_BYTES


def test_what_a_page_leaves_out_is_counted(tmp_path: Path) -> None:
    made = []
    for n in range(50):
        made.append(record(n, "reuters.com", f"2026-03-01T08:{n:02}:00Z", f"LONDON (Reuters) - {sentences(n)}"))
        made.append(record(n, "alpha.example", f"2026-03-01T09:{n:02}:00Z", sentences(n)))
    commit(tmp_path / "lake", write_jsonl(tmp_path / "a.jsonl", made))
    page = lxml.html.document_fromstring(page_of(tmp_path / "lake"))
    said = " ".join(page.get_element_by_id("uncredited").text_content().split())
    assert "50 articles in all; the 40 first are listed here" in said
    assert len(page.get_element_by_id("uncredited").findall(".//tbody/tr")) == 40


def test_the_command_writes_the_page_and_the_figures(lake: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "r.html", tmp_path / "figures"
    done = forked("report", "--lake", lake, "-o", out, "--figures", figures, "--since", "2026-03-01")
    assert done.returncode == 0, done.stderr
    assert f"{out}: " in done.stderr and "without credit" in done.stderr
    assert "from 2026-03-01" in out.read_text(encoding="utf-8")
    for name in ("period", "flows", "speed", "story-01"):
        drawing = lxml.etree.parse(figures / f"{name}.svg").getroot()
        assert drawing.tag.endswith("svg") and not drawing.findall(".//{*}a")
        assert (figures / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((figures / "flows.csv").open(encoding="utf-8")))
    assert sum(int(row["articles"]) for row in rows) == query(lake, "SELECT sum(articles) FROM agency_matrix")[0][0]
    assert {path.suffix for path in figures.iterdir()} == {".svg", ".png", ".csv"}


def test_png_that_cannot_be_made_is_told_before_anything_is_written(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(LakeError, match=r"pip install 'wirecopy\[figures\]'"):
        write_report(lake, tmp_path / "r.html", Selection(), tmp_path / "figures")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--since", "soon"), 2, "no date such as"),
        (("--lake", "nowhere"), 1, "there is no lake at nowhere"),
        (("-o", "no/folder/r.html"), 1, "is not a folder"),
    ],
)
def test_a_mistake_is_told_in_a_line(lake: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    given = arguments if "--lake" in arguments else (*arguments, "--lake", lake)
    done = forked("report", *given)
    assert done.returncode == status
    assert said in " ".join(done.stderr.replace("│", " ").split()) and "Traceback" not in done.stderr


def test_a_lake_of_one_article_makes_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text without a date or an outlet.\n\nIt has two lines.")
    commit(tmp_path / "lake", tmp_path / "a.txt")
    page = lxml.html.document_fromstring(page_of(tmp_path / "lake"))
    said = " ".join(page.text_content().split())
    for words in ("No text is in two outlets", "No outlet carries text that is credited", "watches no feeds"):
        assert words in said
