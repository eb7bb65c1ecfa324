"""Watches: each event is noted once, whole, and told to whom it is for, and secrets stay where they are."""

from __future__ import annotations

import json
import logging
import random
import socket
import sqlite3
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from commands import wirecopy
from lakes import commit, query, write_jsonl
from made_texts import sample
from outlets import serving
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.pipelines.watches import command as watches
from wirecopy.pipelines.watches.firing import collect, fire
from wirecopy.pipelines.watches.sinks import shown_address
from wirecopy.pipelines.watches.store import open_store
from wirecopy.transforms.lake.files import LakeError

RNG = random.Random(5)
OURS, WIRE, THEIRS = (" ".join(sample("en", 250, RNG)) for _ in range(3))
CREDITED = f"MOSCOW. /TASS/. {WIRE}"


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key of the test's own to sign watches with."""
    path = tmp_path / "settings" / "key"
    monkeypatch.setenv("WIRECOPY_WATCH_KEY", str(path))
    return path


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with a story of ours and one of an agency."""
    take(
        tmp_path / "lake",
        [
            ("https://ours.example/1", "Our story", 1, OURS),
            ("https://tass.com/1", "Wire", 1, f"MOSCOW. /TASS/. {WIRE}"),
        ],
    )
    return tmp_path / "lake"


def take(lake: Path, articles: list[tuple[str, str, int, str]]) -> None:
    rows = [
        {"url": url, "headline": headline, "published_at": f"2022-02-{day:02d}T10:00:00Z", "text": text}
        for url, headline, day, text in articles
    ]
    commit(lake, write_jsonl(lake.parent / f"{random.random()}.jsonl", rows))


def add(lake: Path, name: str, on: str | None = None, **chosen: Any) -> None:
    watches.add(name, lake, on, None, chosen)


def told(lake: Path, name: str) -> list[dict[str, Any]]:
    with open_store(lake) as store:
        return [event.body for event in store.events(name)]


def test_a_reprint_of_ours_is_an_event_once_with_all_that_is_known_of_it(lake: Path) -> None:
    add(lake, "ours", outlet="ours.example")
    assert fire(lake) == 0
    take(
        lake,
        [
            ("https://them.example/1", "Their story", 3, f"{OURS[:1000]} {THEIRS}"),
            ("https://x.example/1", "X", 3, WIRE),
        ],
    )
    fire(lake)
    fire(lake)
    [event] = told(lake, "ours")
    assert (event["source"]["url"], event["article"]["url"]) == ("https://ours.example/1", "https://them.example/1")
    assert (event["lag_s"], event["agency"], event["credited"]) == (2 * 86_400, None, None)
    assert 0.3 < event["share"] < 0.5
    assert event["passage"] in OURS
    take(lake, [("https://them.example/1", "Their story, changed", 4, f"{OURS[:1000]} {THEIRS} More.")])
    fire(lake)
    assert told(lake, "ours") == [event], "another version of the reprint is no other reprint"


def test_agency_copy_without_credit_is_told_from_that_with_credit(lake: Path) -> None:
    add(lake, "bare", "uncredited")
    add(lake, "tass", agency="TASS")
    take(lake, [("https://a.example/1", "A", 3, WIRE), ("https://b.example/1", "B", 3, CREDITED)])
    fire(lake)
    assert [(one["article"]["outlet"], one["credited"]) for one in told(lake, "bare")] == [("a.example", False)]
    found = {one["article"]["outlet"]: (one["agency"], one["credited"]) for one in told(lake, "tass")}
    assert found == {"a.example": ("TASS", False), "b.example": ("TASS", True)}


def test_a_changed_headline_words_a_story_and_new_rows_are_events(lake: Path, tmp_path: Path) -> None:
    [[origin]] = query(lake, "SELECT article_id FROM articles WHERE outlet = 'ours.example'")
    (tmp_path / "q.sql").write_text("SELECT outlet FROM articles")
    add(lake, "headline", "headline", outlet="ours.example")
    add(lake, "words", query="Zymurgy NEWS")
    add(lake, "story", story=str(origin))
    add(lake, "rows", sql=str(tmp_path / "q.sql"))
    take(
        lake,
        [
            ("https://ours.example/1", "Our story, corrected", 2, OURS + " Corrected."),
            ("https://a.example/1", "News of zymurgy", 3, THEIRS),
            ("https://b.example/1", "B", 3, OURS),
        ],
    )
    fire(lake)
    assert [(one["was"], one["now"]) for one in told(lake, "headline")] == [("Our story", "Our story, corrected")]
    assert [one["article"]["headline"] for one in told(lake, "words")] == ["News of zymurgy"]
    assert {one["article"]["outlet"] for one in told(lake, "story")} == {"b.example"}
    assert sorted(one["row"]["outlet"] for one in told(lake, "rows")) == ["a.example", "b.example"]


def test_what_was_there_before_is_no_event_and_a_commit_is_looked_through_before_its_parts_go(lake: Path) -> None:
    take(lake, [("https://them.example/1", "Their story", 3, OURS)])
    add(lake, "ours", outlet="ours.example")
    fire(lake)
    assert told(lake, "ours") == []
    take(lake, [("https://others.example/1", "Other story", 3, OURS)])
    collect(lake)
    assert [one["article"]["outlet"] for one in told(lake, "ours")] == ["others.example"]


def test_what_a_killed_run_committed_is_told_by_the_next(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "told"
    add(lake, "ours", outlet="ours.example", command=f"tee -a {out}")
    take(lake, [("https://them.example/1", "Their story", 3, OURS)])
    assert not out.exists(), "a commit that was not followed by a firing, as of a killed run"
    empty = write_jsonl(tmp_path / "more.jsonl", [{"url": "https://x.example/1", "text": THEIRS}])
    done = wirecopy("ingest", empty, "--lake", lake)
    assert done.returncode == 0, done.stderr
    assert fire(lake) == 0
    [event] = [json.loads(line) for line in out.read_text().splitlines()]
    assert event["article"]["url"] == "https://them.example/1"


def test_a_feed_has_each_event_once_and_any_text(lake: Path) -> None:
    add(lake, "ours", outlet="ours.example")
    take(lake, [("https://them.example/1", "Fish & <chips>", 3, OURS)])
    for _ in range(2):
        fire(lake)
    root = ET.parse(lake / "_watches" / "ours.atom").getroot()
    entries = root.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    assert "Fish &" in (entries[0][1].text or "")


def test_a_webhook_that_fails_is_asked_again_and_its_address_is_told_to_nobody(
    lake: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[tuple[str, dict[str, Any]]] = []

    async def answer(request: web.Request) -> web.Response:
        got.append((request.headers["Idempotency-Key"], await request.json()))
        return web.Response(status=500 if len(got) == 1 else 204)

    with serving(1) as outlets:
        outlets.put("/hook/s3cret", answer)
        monkeypatch.setenv("HOOK", outlets.url("/hook/s3cret"))
        add(lake, "ours", outlet="ours.example", webhook="$HOOK")
        take(lake, [("https://them.example/1", "Their story", 3, OURS), ("https://y.example/1", "Y", 3, OURS)])
        with caplog.at_level(logging.WARNING):
            assert fire(lake) == 0
            assert fire(lake) == 0, "it is given time"
        with sqlite3.connect(lake / "_watches" / "watches.sqlite") as con:
            con.execute("UPDATE told SET again_at = 0")
        assert fire(lake) == 2
    assert "answers 500" in caplog.text
    assert [one for one, _ in got] == [got[0][0], got[0][0], got[2][0]]
    assert {body["article"]["outlet"] for _, body in got} == {"them.example", "y.example"}
    kept = b"".join(path.read_bytes() for path in lake.rglob("*") if path.is_file())
    assert b"s3cret" not in kept and "s3cret" not in caplog.text
    assert shown_address("https://hooks.example/T0/s3cret?x=1") == "https://hooks.example/…"


REPLIES = {b"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", b"AUTH": b"235 ok\r\n", b"QUIT": b"221 bye\r\n"}


@pytest.fixture
def postbox() -> Iterator[tuple[int, list[str]]]:
    """A mail server that takes everything: its port, and what it was sent."""
    got: list[str] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb", buffering=0) as stream:
                stream.write(b"220 here\r\n")
                while line := stream.readline():
                    word = line.split()[0].upper()
                    if word == b"DATA":
                        stream.write(b"354 go on\r\n")
                        while (line := stream.readline()) != b".\r\n":
                            got.append(line.decode())
                    stream.write(REPLIES.get(word, b"250 ok\r\n"))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], got
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(10)


def test_an_event_is_mailed_with_its_id_and_without_a_server_it_waits(
    lake: Path, postbox: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    port, got = postbox
    add(lake, "ours", outlet="ours.example", mail="desk@ours.example")
    take(lake, [("https://them.example/1", "Their\r\nBcc: all@them.example story", 3, OURS)])
    fire(lake)
    assert "WIRECOPY_SMTP is not set" in caplog.text
    monkeypatch.setenv("WIRECOPY_SMTP", f"smtp://me%40ours.example:pa55@127.0.0.1:{port}")
    with sqlite3.connect(lake / "_watches" / "watches.sqlite") as con:
        con.execute("UPDATE told SET again_at = 0")
    assert fire(lake) == 1
    text = "".join(got)
    [event] = told(lake, "ours")
    assert f"Message-ID: <{event['id']}@wirecopy.invalid>" in text
    assert "To: desk@ours.example" in text
    assert "\nBcc:" not in text
    assert "pa55" not in text + caplog.text


def test_a_lake_that_somebody_else_gave_runs_nothing(lake: Path, key: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "told"
    add(lake, "theirs", outlet="ours.example", command=f"tee -a {out}")
    key.unlink()
    take(lake, [("https://them.example/1", "Their story", 3, OURS)])
    assert fire(lake) == 0
    watches.list_watches(lake, False, __import__("sys").stdout)
    assert "set up by somebody else" in " ".join(capsys.readouterr().out.split())
    watches.trust(lake, "theirs")
    assert fire(lake) == 1
    assert out.exists()


def test_the_command_says_what_it_watches_and_refuses_what_makes_no_sense(lake: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["watch", *arguments, "--lake", str(lake)], env={"COLUMNS": "140"})
        return done.exit_code, done.output

    status, said = run("add", "ours", "--outlet", "ours.example")
    assert (status, "watching for reprint" in said) == (0, True), said
    status, said = run("add", "ours", "--agency", "TASS")
    assert (status, "there is a watch ours already" in said) == (1, True), said
    status, said = run("add", "none")
    assert (status, "say what to watch for" in said) == (2, True), said
    status, said = run("add", "hook", "--agency", "TASS", "--webhook", "https://me:pa55@hooks.example/x")
    assert (status, "pa55" in said) == (2, False), said
    assert "_watches/ours.atom" in run("list")[1]
    assert run("remove", "ours")[0] == 0
    with pytest.raises(LakeError, match="no watch"):
        watches.remove(lake, "ours")
