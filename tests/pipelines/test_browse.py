"""The lake as pages: what they tell, whom they answer, and that no text from outside is more than text."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import COMMAND
from hypothesis import given
from hypothesis import strategies as st
from lakes import commit, query, write_jsonl
from outlets import SECOND, ScriptedClock, date, rss, serving, story, watch_once
from outlets import page as news_page
from pages import HOSTILE, Answer, Site, record, sentences, served, spoil

from wirecopy.pipelines.browse.guard import is_ours
from wirecopy.pipelines.browse.server import MOST_FORM
from wirecopy.pipelines.pages.marks import pieces, same_words, takers
from wirecopy.pipelines.pages.words import plain


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browse")
    made = [record(1, "reuters.com", "2026-03-01T08:00:00Z", f"LONDON, March 1 (Reuters) - {sentences(1)}")]
    made += [
        record(1, "alpha.example", "2026-03-01T09:00:00Z", sentences(1) + " We were there."),
        record(1, "beta.example", "2026-03-01T10:00:00Z", sentences(1, 11) + " We were there."),
        record(2, "gamma.example", "2026-03-02T10:00:00Z", f"{sentences(2)} {HOSTILE} {HOSTILE}"),
    ]
    commit(folder / "lake", write_jsonl(folder / "wires.jsonl", made))
    later = [record(2, "gamma.example", "2026-03-02T10:00:00Z", f"{sentences(2)} A correction came later.")]
    commit(folder / "lake", write_jsonl(folder / "later.jsonl", later))
    return folder / "lake"


@pytest.fixture(scope="module")
def site(lake: Path) -> Iterator[Site]:
    with served(lake) as one:
        yield one


def article(lake: Path, outlet: str) -> str:
    return str(query(lake, f"SELECT article_id FROM articles WHERE outlet = '{outlet}' ORDER BY version")[0][0])


def test_every_link_of_every_page_leads_to_a_page(site: Site) -> None:
    waiting, seen = ["/"], set()
    while waiting and len(seen) < 60:
        path = waiting.pop()
        seen.add(path)
        answer = site.ask(path)
        assert answer.status == 200, path
        for link in answer.page.iter("a"):
            href = link.get("href")
            if href.startswith("#"):
                answer.page.get_element_by_id(href[1:])
            elif href.startswith("/") and href not in seen and href not in waiting:
                waiting.append(href)
            else:
                assert href.startswith(("/", "https://"))
    kinds = {path.split("/")[1].split("?")[0] for path in seen}
    assert kinds >= {
        "",
        "stories",
        "story",
        "article",
        "pair",
        "versions",
        "outlet",
        "agency",
        "feeds",
        "trace",
        "diff",
    }


def test_a_story_tells_who_took_from_whom(site: Site, lake: Path) -> None:
    cluster = query(lake, "SELECT cluster_id FROM stories WHERE n_articles = 3")[0][0]
    page = site.ask(f"/story/{cluster}").page
    tree = page.find_class("tree")[0]
    roots = tree.findall("li")
    assert len(roots) == 1 and "reuters.com" in roots[0].findall("a")[0].text_content()
    assert len(list(tree.iter("li"))) == 3
    drawing = page.find_class("wide")[0]
    assert len(list(drawing.iter("a", "{http://www.w3.org/2000/svg}a"))) == 3
    assert any(mark.text_content().startswith("2") for mark in page.iter("mark"))


def test_a_pair_stands_side_by_side_with_its_passages_joined(site: Site, lake: Path) -> None:
    page = site.ask(f"/pair/{article(lake, 'reuters.com')}/{article(lake, 'beta.example')}").page
    sides = page.find_class("side")
    assert len(sides) == 2
    left, right = ([mark.text_content().lstrip("1234567890") for mark in side.iter("mark")] for side in sides)
    assert left and right and "district 31" in left[0] and "district 31" in right[0]
    assert page.get_element_by_id("s0-0") is not None and page.get_element_by_id("s1-0") is not None


def test_search_finds_and_a_search_box_runs_nothing(site: Site) -> None:
    found = site.ask("/search?q=district+31")
    assert "of the hits carry this text" in found.said and "Story 1" in found.said
    for words in (HOSTILE, "'; DROP TABLE articles; --", "\x00", "%", "a" * 5000, "<svg onload=alert(1)>"):
        answer = site.ask("/search?" + urllib.parse.urlencode({"q": words}))
        assert answer.status == 200
        assert harmless(answer)
    assert site.ask("/search?q=").status == 200


def harmless(answer: Answer) -> bool:
    scripts = [one.get("src") for one in answer.page.iter("script")]
    events = [name for node in answer.page.iter() for name in node.attrib if name.startswith("on") or name == "style"]
    return (
        scripts == ["/static/sides.js", "/static/browse.js"]
        and not events
        and not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", answer.text)
        and not any(str(node.get("href")).startswith("javascript:") for node in answer.page.iter("a"))
    )


def test_a_text_is_traced_and_two_are_compared(site: Site) -> None:
    traced = site.ask("/trace", {"text": f"We heard this. {sentences(1, 10)} {HOSTILE}"})
    assert traced.status == 200 and harmless(traced)
    assert "words come from 1 article" in traced.said and "reuters.com" in traced.said
    assert "The text has no words" in site.ask("/trace", {"text": " … "}).said
    compared = site.ask("/diff", {"a": sentences(5) + HOSTILE, "b": f"{sentences(6)} {sentences(5)}"})
    assert harmless(compared) and compared.page.get_element_by_id("s0-0").text_content().startswith("1The ")
    assert "0 words are in both, of 1 and 1" in site.ask("/diff", {"a": "One.", "b": "Two."}).said
    edited = site.ask("/diff", {"a": sentences(5), "b": sentences(5).replace("officials on day 3", "nobody on day 4")})
    assert [one.text_content() for one in edited.page.find_class("differs")] == ["officials", "3", "nobody", "4"]


def test_hostile_rows_of_a_lake_are_shown_as_text(lake: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(lake, tmp_path / "lake"))
    spoil(copy)
    ids = [str(one) for (one,) in query(copy, "SELECT article_id FROM articles ORDER BY ALL")]
    cluster = query(copy, "SELECT cluster_id FROM stories WHERE n_articles = 3")[0][0]
    paths = ["/", "/stories", "/flows", "/passages", "/uncredited", "/changed", "/outlets", f"/story/{cluster}"]
    paths += [f"/article/{ids[0]}", f"/pair/{ids[0]}/{ids[1]}", f"/versions/{ids[0]}/{ids[1]}", "/search?q=district"]
    with served(copy) as site:
        for path in paths:
            answer = site.ask(path)
            assert answer.status == 200 and harmless(answer), path
            assert "&lt;script&gt;alert(1)" in answer.text and "\ufffdgnp.exe" in answer.text, path


def test_every_answer_forbids_what_a_page_does_not_need(site: Site) -> None:
    for path in ("/", "/nope", "/static/page.css", "/state"):
        headers = site.ask(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy and headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/", "/stories", "/trace"):
        page = site.ask(path).page
        assert not [one for one in page.iter("script", "style") if (one.text or "").strip()]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", ""])
def test_another_name_for_this_machine_is_not_answered(site: Site, host: str) -> None:
    answer = site.ask("/", Host=host)
    assert answer.status in (400, 421) and "reuters" not in answer.text


def test_a_form_of_another_site_is_not_answered(site: Site) -> None:
    assert site.ask("/trace", {"text": "words"}, Origin="http://evil.example").status == 403
    assert site.ask("/trace", {"text": "words"}, Origin="null").status == 403
    assert site.ask("/trace", {"text": "words"}, Origin=f"http://127.0.0.1:{site.port}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../parts.html", "/static/..%2fparts.html", "/static/%2e%2e%2f%2e%2e%2frender.py",
        "/static//etc/passwd",
        "/article/..%2f..%2fetc%2fpasswd", "/article/1", "/pair/1/2", "/story/'%20OR%201=1", "/outlet/nobody.example",
    ],
)  # fmt: skip
def test_what_is_no_page_is_not_there(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404 and "root:" not in answer.text and "macro" not in answer.text


def test_bounds_of_a_form_and_of_a_question(site: Site, lake: Path) -> None:
    assert site.ask("/trace", {"text": "word " * (MOST_FORM // 5 + 1)}).status == 413
    assert site.ask("/stories?from=999999999999").status == 200
    assert site.ask("/stories?from=-1").status == 200
    with served(lake, most_s=0.0) as hasty:
        assert hasty.ask("/search?q=district").status == 503
        assert hasty.ask("/state").status == 200


def test_a_page_follows_the_lake(tmp_path: Path) -> None:
    first, second = (
        write_jsonl(tmp_path / f"{n}.jsonl", [record(n, "alpha.example", "2026-03-01T09:00:00Z", sentences(n))])
        for n in (1, 2)
    )
    commit(tmp_path / "lake", first)
    with served(tmp_path / "lake") as site:
        assert '"commit": 1' in site.ask("/state").text and "Story 2" not in site.ask("/").said
        commit(tmp_path / "lake", second)
        assert '"commit": 2' in site.ask("/state").text and "Story 2" in site.ask("/").said


def test_a_page_tells_the_state_of_feeds_as_a_monitor_leaves_it(tmp_path: Path) -> None:
    clock = ScriptedClock()
    with serving(2) as outlets:
        for n in (1, 2):
            host = f"127.0.0.{n}"
            item = {"title": "A story", "link": outlets.url("/story", host), "guid": host, "date": date(clock.at)}
            outlets.put("/story", news_page("A story", story(n)), host)
            outlets.put("/feed", rss([item], title=f"Feed {n}"), host)
        feeds = [outlets.url("/feed", f"127.0.0.{n}") for n in (1, 2)]
        watch_once(tmp_path / "lake", *feeds, clock=clock)
        with served(tmp_path / "lake") as site:
            assert "✓ 2 ok" in site.ask("/").said
            outlets.put("/feed", 500, "127.0.0.2")
            clock.at += 3600 * SECOND
            watch_once(tmp_path / "lake", clock=clock)
            assert "✕ 1 failing, ✓ 1 ok" in site.ask("/").said
            assert "Feed 2" in site.ask("/feeds").said and "status 500" in site.ask("/feeds").said


def test_the_command_serves_until_it_is_told_to_stop(lake: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "WIRECOPY_LAKE"}
    free = next(port for port in range(18_017, 18_999) if is_free(port))
    arguments = [*COMMAND, "browse", "--lake", str(lake), "--listen", str(free)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=env) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert f"http://127.0.0.1:{free}/" in line
        assert Site(free).ask("/state").status == 200
        taken = subprocess.run(arguments, stderr=subprocess.PIPE, text=True, env=env, check=False)
        assert taken.returncode == 1 and "cannot be listened on" in taken.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def is_free(port: int) -> bool:
    import socket

    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def test_of_names_only_those_of_this_machine_count() -> None:
    assert is_ours("localhost:8017", "127.0.0.1") and is_ours("[::1]:8017", "::1")
    assert is_ours("127.0.0.1", "localhost")
    assert not is_ours("192.168.1.5:80", "127.0.0.1") and is_ours("192.168.1.5:80", "0.0.0.0")
    for name in (None, "", "evil.example", "localhost.evil.example", "[", "a@localhost", "127.0.0.1@evil.example"):
        assert not is_ours(name, "127.0.0.1") or name == "a@localhost"
        assert not is_ours(name, "0.0.0.0") or name == "a@localhost"


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair))), max_size=6)


@given(st.text(max_size=50), SPANS)
def test_the_pieces_of_a_text_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    assert "".join(one.words for one in pieces(text, spans)) == plain(text)
    assert "".join(words for words, _ in takers(text, [(*span, n) for n, span in enumerate(spans)])) == plain(text)
    at = 0
    for one in pieces(text, spans):
        holding = [n for n, (begin, end) in enumerate(spans) if begin <= at < end]
        assert one.span == (holding[0] if holding and one.words else one.span)
        at += len(one.words)


@given(st.text(alphabet="ab \n", max_size=40), st.text(alphabet="ab \n", max_size=40))
def test_what_two_versions_have_in_common_is_the_same_words(a: str, b: str) -> None:
    for a0, a1, b0, b1, _ in same_words(a, b):
        assert a[a0:a1].split() == b[b0:b1].split() != []
