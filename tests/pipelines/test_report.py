"""What a run says: every file by a name that a terminal can show, and why it is not read."""

import io
import os
from pathlib import Path

from wirecopy.pipelines.terminal.preview import print_plan
from wirecopy.pipelines.terminal.report import reporting, unknown
from wirecopy.pipelines.terminal.summary import Progress, Summary
from wirecopy.transforms.read import plan
from wirecopy.transforms.read.fields.mapping import told


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
