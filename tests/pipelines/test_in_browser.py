"""The pages as a browser runs them: filters, drill-down, texts side by side, keys, and nothing that a text could start.

Skipped, with a warning, where no Chromium is found: see tests/chromium.py. Where WIRECOPY_AXE names axe.min.js of
axe-core, the pages are looked over for people who cannot see or use a mouse as well.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import Browser, Tab
from lakes import commit, write_jsonl
from pages import Site, record, sentences, served, spoil

from wirecopy.pipelines.report.run import write_report
from wirecopy.pipelines.report.selection import Selection


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    one = Browser()
    yield one
    one.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    browser.faults.clear()
    one = browser.tab()
    yield one
    one.close()
    assert browser.faults == []


def wires() -> list[dict[str, Any]]:
    made = []
    for n in range(5):
        at = f"2026-03-0{n + 1}T"
        made.append(record(n, "reuters.com", f"{at}08:00:00Z", f"LONDON (Reuters) - {sentences(n)}"))
        made.append(record(n, "alpha.example", f"{at}09:00:00Z", sentences(n) + " We were there."))
        made.append(record(n, "beta.example", f"{at}11:00:00Z", f"{sentences(90 + n, 6)} {sentences(n, 8)}"))
    made.append(record(0, "alpha.example", "2026-03-01T09:00:00Z", sentences(0) + " We were there. A correction."))
    return made


@pytest.fixture(scope="module")
def lake(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    commit(folder / "lake", write_jsonl(folder / "wires.jsonl", wires()))
    return folder / "lake"


@pytest.fixture(scope="module")
def report(lake: Path) -> str:
    page = lake.parent / "report.html"
    write_report(lake, page, Selection())
    return page.as_uri()


@pytest.fixture(scope="module")
def site(lake: Path) -> Iterator[Site]:
    with served(lake) as one:
        yield one


def number(tab: Tab, name: str) -> int:
    return int(tab.run(f"document.querySelector('[data-sum={name}]').textContent").replace(",", ""))


def choose(tab: Tab, name: str, label: str) -> None:
    tab.run(
        f"""(() => {{ const field = document.forms.filters.elements[{name!r}];
        field.value = [...field.options].find(one => one.text === {label!r}).value;
        field.dispatchEvent(new Event("change", {{bubbles: true}})); }})()"""
    )


def shown(tab: Tab, part: str) -> int:
    return int(tab.run(f"document.querySelectorAll('#{part} [data-row]:not([hidden])').length"))


def test_filters_count_anew_and_leave_the_rows_that_fit(tab: Tab, report: str) -> None:
    tab.open(report)
    everything = number(tab, "articles")
    assert everything == 15 and shown(tab, "uncredited") > 5
    choose(tab, "outlet", "alpha.example")
    assert (number(tab, "articles"), number(tab, "taken")) == (5, 5)
    assert shown(tab, "uncredited") == 5
    assert tab.run("document.querySelectorAll('.flows .away').length") > 0
    choose(tab, "from", "2026-03-04")
    assert number(tab, "articles") == 2 and shown(tab, "uncredited") == 2
    assert tab.run("getComputedStyle(document.querySelector('#flows .unfollowed')).display") == "block"
    tab.run("document.querySelector('button[type=reset]').click()")
    tab.wait("document.querySelector('[data-sum=articles]').textContent === '15'")
    assert not tab.run("document.body.classList.contains('filtered')")


def test_a_number_opens_its_articles_and_these_their_sources_and_escape_goes_back(tab: Tab, report: str) -> None:
    tab.open(report)
    tab.run("document.querySelector('#glance [data-sum=taken]').focus()")
    tab.press("Enter", 13, "\r")
    tab.wait("document.getElementById('drawer').open")
    assert tab.run("document.querySelectorAll('#drawer .articles li').length") == 6
    assert tab.run("document.activeElement.closest('dialog') !== null")
    tab.press("Escape", 27)
    tab.wait("!document.getElementById('drawer').open && location.hash === ''")
    assert tab.run("document.activeElement.dataset.sum") == "taken"


def test_a_pair_opens_side_by_side_with_its_passages_joined(tab: Tab, report: str) -> None:
    tab.open(report)
    tab.run("document.querySelector('#uncredited a[href^=\"#pair-\"]').click()")
    tab.wait("document.querySelectorAll('.joins path').length > 0")
    left, right = (
        tab.run(f"[...document.querySelectorAll('mark[data-side=\"{n}\"]')].map(one => one.textContent).join(' ')")
        for n in (0, 1)
    )
    assert "inquiry" in left and "inquiry" in right
    tab.run("document.querySelector('mark[data-side=\"0\"]').click()")
    assert tab.run("document.querySelectorAll('mark.on').length") >= 2
    assert tab.run("document.querySelector('.joins path.on') !== null")


def test_versions_tell_what_was_changed(tab: Tab, report: str) -> None:
    tab.open(report)
    tab.run("document.querySelector('#changed a[href^=\"#pair-\"]').click()")
    tab.wait("document.getElementById('drawer').open")
    assert "correction" in tab.run(
        "[...document.querySelectorAll('#drawer ins, #drawer del')].map(n => n.textContent).join(' ')"
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_its_screen(tab: Tab, report: str, site: Site, width: int) -> None:
    paths = ["/", "/stories", "/flows", "/uncredited", "/outlets", "/trace", "/diff", "/search?q=district"]
    for url in [report, *(f"http://127.0.0.1:{site.port}{path}" for path in paths)]:
        tab.open(url, width, dark=width == 390)
        assert tab.run("document.documentElement.scrollWidth") <= width, url


def test_a_story_is_found_by_searching_and_its_articles_open_beside_it(tab: Tab, site: Site) -> None:
    tab.open(f"http://127.0.0.1:{site.port}/")
    tab.run("document.getElementById('q').value = 'district 31'; document.querySelector('.find').requestSubmit()")
    tab.wait("location.pathname === '/search' && document.querySelectorAll('.articles li').length > 0")
    tab.run("document.querySelector('a[href^=\"/story/\"]').click()")
    tab.wait("location.pathname.startsWith('/story/') && document.querySelector('.tree')")
    tab.run("document.querySelector('.tree a[href^=\"/pair/\"]').click()")
    tab.wait("location.pathname.startsWith('/pair/') && document.querySelectorAll('.joins path').length > 0")


def test_a_text_is_traced_from_its_box(tab: Tab, site: Site) -> None:
    tab.open(f"http://127.0.0.1:{site.port}/trace")
    tab.run(
        f"document.getElementById('text').value = {sentences(3)!r}; document.querySelector('.boxes').requestSubmit()"
    )
    tab.wait("document.querySelectorAll('mark').length > 0")
    assert "reuters.com" in tab.run("document.querySelector('aside').textContent")


def test_a_page_shows_a_new_commit_by_itself(tab: Tab, tmp_path: Path) -> None:
    first, later = (
        write_jsonl(tmp_path / f"{n}.jsonl", [record(n, "alpha.example", "2026-03-01T09:00:00Z", sentences(n))])
        for n in (1, 2)
    )
    commit(tmp_path / "lake", first)
    with served(tmp_path / "lake") as site:
        tab.open(f"http://127.0.0.1:{site.port}/")
        commit(tmp_path / "lake", later)
        tab.wait("document.getElementById('latest').textContent.includes('Story 2')")
        tab.close()


def test_nothing_that_a_stranger_wrote_is_run(tab: Tab, lake: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(lake, tmp_path / "lake"))
    spoil(copy)
    write_report(copy, tmp_path / "report.html", Selection())
    tab.do("Page.addScriptToEvaluateOnNewDocument", source="window.alert = () => { window.ran = true; };")
    with served(copy) as site:
        base = f"http://127.0.0.1:{site.port}"
        for url in ((tmp_path / "report.html").as_uri() + "#list-0", f"{base}/", f"{base}/stories", f"{base}/passages"):
            tab.open(url)
            tab.wait("document.body.textContent.includes('alert(1)')")
            assert not tab.run("Boolean(window.ran) || document.querySelector('img, main script') !== null")
        tab.close()


AXE = os.environ.get("WIRECOPY_AXE")


@pytest.mark.skipif(not AXE, reason="WIRECOPY_AXE names no axe.min.js of axe-core")
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_axe_finds_no_serious_fault(tab: Tab, report: str, site: Site, width: int, dark: bool) -> None:
    pages = [report, f"{report}#list-0", f"{report}#pair-0"]
    pages += [
        f"http://127.0.0.1:{site.port}{path}" for path in ("/", "/stories", "/flows", "/uncredited", "/trace", "/nope")
    ]
    for url in pages:
        tab.do("Page.setBypassCSP", enabled=True)
        tab.open(url, width, dark)
        tab.run(Path(AXE or "").read_text(encoding="utf-8") + "; 0")
        looked = "axe.run({resultTypes: ['violations']})"
        found = tab.run(f"{looked}.then(told => told.violations.map(one => [one.impact, one.id, one.nodes[0].html]))")
        assert [one for one in found if one[0] in ("serious", "critical")] == [], url
        tab.faults.clear()
