"""What a run says: every file by a name that a terminal can show, and why it is not read."""

import io
import os
from pathlib import Path

from pipelines.report import print_units, reporting
from pipelines.summary import Progress, Summary
from transforms.read import plan


def test_a_plan_says_what_is_read_as_what_and_what_is_not_and_why(tmp_path: Path) -> None:
    (tmp_path / "a\nb\x1b[31m.txt").write_text("A text.")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (tmp_path / "c.py").write_text("pass")
    os.mkfifo(tmp_path / "d")
    out = io.StringIO()
    print_units(plan([str(tmp_path)]), out)
    assert [" ".join(line.split()) for line in out.getvalue().replace(f"{tmp_path}/", "").splitlines()] == [
        "7 text a\\nb\\x1b[31m.txt [0:7]",
        "- reject b.png: unsupported: a PNG image",
        "- skipped c.py: code",
        "- skipped d: special",
        "7 bytes in 1 units",
    ]


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
