"""What a run says: every file by a name that a terminal can show, and why it is not read."""

import io
import json
import os
from pathlib import Path

from wirecopy.pipelines.terminal.preview import print_plan
from wirecopy.pipelines.terminal.report import reporting, unknown
from wirecopy.pipelines.terminal.summary import Progress, Summary
from wirecopy.pipelines.watching.live import watching
from wirecopy.transforms.fetch.harvest import Harvest
from wirecopy.transforms.fetch.known import new_feed
from wirecopy.transforms.fetch.lists.feedlist import Wanted
from wirecopy.transforms.fetch.poll import Visit
from wirecopy.transforms.fetch.state import Poll
from wirecopy.transforms.read import plan
from wirecopy.transforms.read.fields.mapping import told
from wirecopy.transforms.sealing.progress import Extracted, ProgressFile, extracted


def test_a_plan_says_what_is_read_as_what_and_what_is_not_and_why(tmp_path: Path) -> None:
    (tmp_path / "a\nb\x1b[31m.txt").write_text("A text.")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (tmp_path / "c.py").write_text("pass")
    os.mkfifo(tmp_path / "d")
    out = io.StringIO()
    print_plan(plan([str(tmp_path)]), out)
    assert [" ".join(line.split()) for line in out.getvalue().replace(f"{tmp_path}/", "").splitlines()] == [
        "7 text a\\nb\\x1b[31m.txt [0:7]",
        "- reject b.png: unsupported: a PNG image",
        "- skipped c.py: code",
        "- skipped d: special",
        "7 bytes in 1 units",
        "1 unit of text",
    ]


def test_a_plan_of_records_says_which_column_is_taken_for_what_and_what_they_would_become(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "link_url,published_on,headline_text,body_text,rank\n"
        + "".join(f"https://a.com/{n},2026-03-0{n},Vote {n},The council voted on item {n}.,7\n" for n in range(1, 6))
    )
    out = io.StringIO()
    print_plan(
        plan([str(tmp_path)], told({"outlet": "'b.org'", "section": "desk", "published": "published_on~.*"})), out
    )
    said = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    for line in (
        "url link_url",
        "headline headline_text",
        "outlet 'b.org'",
        "published published_on ~ .*",
        "not used rank",
    ):
        assert line in said
    assert "section no column 'desk' in these records" in said
    assert sum("would become" in line for line in said) == 3
    assert "headline Vote 2" in said and "published_at 2026-03-02 00:00:00+00:00" in said


def test_an_ingest_says_what_is_unknown_and_how_to_name_it() -> None:
    summary = Summary("lake", articles=10, formats={"csv": 1}, unknown={"outlet": 6, "published_at": 5, "headline": 10})
    lines = list(unknown(summary))
    assert [line.split(" is unknown")[0] for line in lines] == [
        "the outlet of 6 of 10 articles",
        "the headline of 10 of 10 articles",
    ]
    assert not list(unknown(Summary("lake", articles=10, formats={"text": 10}, unknown={"outlet": 10})))
    assert "--map outlet=COLUMN" in lines[0] and "--map headline=COLUMN" in lines[1]


def test_a_name_in_brackets_is_no_markup() -> None:
    out = io.StringIO()
    with reporting(out) as report:
        report.begin("ingest", Path("lake[/b]"))
        report.wave(Summary("lake[/b]"), Progress())
    assert "into lake[/b]" in out.getvalue()


def test_a_folder_without_news_is_not_said_to_be_in_the_lake() -> None:
    out = io.StringIO()
    with reporting(out) as report:
        report.end(Summary("lake", passed_over={"dotfile": 2}))
        report.end(Summary("lake", known=3))
    assert " ".join(out.getvalue().split()) == (
        "Nothing new: there was nothing to read (passed over: 2 dotfile). No commit was made. "
        "Nothing new: the lake has all 3 units already. No commit was made."
    )


def test_a_run_says_how_far_a_wave_is_and_when_it_is_matched() -> None:
    out = io.StringIO()
    with reporting(out) as report:
        report.wave(Summary("lake", seconds=3.0), Progress(sent_bytes=4_000_000))
        half = Progress(sent_bytes=4_000_000, behind=10, total=20)
        report.wave(Summary("lake", seconds=30.0), half, Extracted(600, 2_000_000))
        whole = Progress(sent_bytes=4_000_000, all_planned=True)
        report.wave(Summary("lake", seconds=60.0), whole, Extracted(1_200, 4_000_000))
        report.close()
        report.wave(Summary("lake", seconds=61.0), whole, Extracted(1_200, 4_000_000))
    first, second, third = out.getvalue().splitlines()
    assert first == "reading"
    assert second.startswith("2.0 MB read, 600 articles (20/s)") and second.endswith("25% done, about 90 s left")
    assert third.startswith("4.0 MB read, 1,200 articles") and third.endswith(", matching")


def test_what_is_extracted_is_told_beside_what_is_sealed(tmp_path: Path) -> None:
    (tmp_path / "sealed-a").mkdir()
    (tmp_path / ".sealed-b.1").mkdir()
    for folder, articles in (("sealed-a", 3), (".sealed-b.1", 4)):
        progress = ProgressFile(tmp_path / folder)
        progress.add(articles=articles, size=10)
    progress.add(articles=1)
    assert extracted(tmp_path) == Extracted(7, 20)
    progress.write()
    assert extracted(tmp_path) == Extracted(8, 20)


def monitored(**how: bool) -> str:
    """Return what the monitor says of two polls, one of which fails, in three cycles."""
    out = io.StringIO()
    with watching(out, **how) as told:
        for number in range(1, 4):
            for outcome, error in (("unchanged", None), ("failed", "status 404")):
                poll = Poll(f"https://a.com/{outcome}", 1_700_000_000_000_000, 200, outcome, error=error)
                told.harvested(Harvest(poll.feed_url, Visit(poll, new_feed(Wanted(poll.feed_url))), (), ()))
            told.committed(Summary("lake", commits=[number], articles=number), (), (), 1_700_000_000_000_000)
        told.trouble("the disk is full", 1_700_000_000_000_000)
    return out.getvalue()


def test_a_monitor_says_a_line_a_commit_and_what_begins_to_fail() -> None:
    assert [line.partition(" ")[2] for line in monitored().splitlines()] == [
        "failed https://a.com/failed: status 404",
        *(
            f"commit {number}: 2 polls (1 failed, 1 unchanged); 1 articles, 0 copies, 0 reuse, 0 rejected"
            for number in range(1, 4)
        ),
        "trouble: the disk is full",
    ]


def test_a_quiet_monitor_says_what_is_wrong() -> None:
    assert [line.partition(" ")[2] for line in monitored(quiet=True).splitlines()] == [
        "failed https://a.com/failed: status 404",
        "trouble: the disk is full",
    ]


def test_a_monitor_that_writes_json_says_every_event() -> None:
    events = [json.loads(line)["event"] for line in monitored(as_json=True).splitlines()]
    assert events == ["poll", "poll", "commit"] * 3 + ["trouble"]
