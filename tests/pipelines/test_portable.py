"""The command where the system has nothing that only Linux has: it finds what it finds on Linux."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from commands import wirecopy
from lakes import contents, query
from outlets import page, rss, serving, story

TESTS = Path(__file__).parents[1]
LINUX = {"PYTHONPATH": os.pathsep.join(map(str, (TESTS / "less", TESTS.parent, TESTS)))}
LESS = LINUX | {"LESS": "1"}

SHOWN = """
import os, resource
from wirecopy.transforms import machine
print([hasattr(os, "sched_getaffinity"), hasattr(os, "posix_fallocate"), hasattr(resource, "RLIMIT_DATA")])
print(machine.tells_of_processes(), machine.cores() == os.cpu_count())
"""


def test_nothing_is_left_of_what_only_linux_has() -> None:
    """Else the tests of this file would show nothing."""
    shown = subprocess.check_output([sys.executable, "-c", SHOWN], env=os.environ | LESS, text=True)
    assert shown == "[False, False, False]\nFalse True\n"


def test_the_demo_finds_the_same(tmp_path: Path, seed_lake: Path) -> None:
    done = wirecopy("demo", cwd=tmp_path, **LESS)
    assert done.returncode == 0, done.stderr
    assert "a passage of TASS's in aravot.am" in done.stdout
    assert contents(tmp_path / "lake") == contents(seed_lake)
    examined = wirecopy("doctor", cwd=tmp_path, **LESS)
    assert examined.returncode == 0, examined.stdout + examined.stderr


def test_a_page_that_hangs_in_a_library_is_cut_off_and_the_others_are_kept(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    for number in (1, 2):
        (archive / f"{number}.html").write_text(page(f"Headline {number}", story(number)))
    (archive / "3.html").write_text(page("Headline 3", ["This page hangs in a library.", *story(3)]))
    found = []
    for name, environment in (("linux", LINUX), ("less", LESS)):
        lake = tmp_path / name
        done = wirecopy("ingest", archive, "--lake", lake, **environment, HANGS="1")
        assert done.returncode == 3, done.stderr
        found.append(contents(lake))
        told = query(lake, "SELECT reason, error, retryable FROM rejects")
        assert told == [("timeout", "took more than 3 s", True)]
        assert len(found[-1]["articles"]) == 2
    assert found[0] == found[1]


def test_the_monitor_commits_what_a_feed_has(tmp_path: Path) -> None:
    with serving() as outlets:
        for number in (1, 2):
            outlets.put(f"/{number}", page(f"Story number {number}", story(number)))
        items = [{"title": f"Story number {number}", "link": outlets.url(f"/{number}")} for number in (1, 2)]
        outlets.put("/feed", rss(items))
        network = ["--allow-network", "127.0.0.0/8", "--pause", "0s"]
        done = wirecopy("monitor", outlets.url("/feed"), "--once", *network, "--lake", tmp_path / "lake", **LESS)
    assert done.returncode == 0, done.stderr
    headlines = query(tmp_path / "lake", "SELECT headline FROM articles ORDER BY ALL")
    assert headlines == [("Story number 1",), ("Story number 2",)]


def test_a_process_that_holds_too_much_ends_itself() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", FILLED], env=os.environ | LESS, capture_output=True, text=True, check=False
    )
    assert shown.stdout == "2\ntook more memory than it may\n", shown.stderr


FILLED = """
from worktasks import fill
from wirecopy.transforms.processes import Process

for pieces in (2, 40):
    process = Process(fill, pieces)
    try:
        print(process.pipe.recv())
    except EOFError:
        process.kill(dying=True)
        print(process.last_words())
    else:
        process.kill()
"""


def test_readers_and_workers_are_cut_off_as_on_linux() -> None:
    """Their own tests of what works without end and of what dies; what sleeps takes long where many others work."""
    files = [str(TESTS / "read" / "test_isolated.py"), str(TESTS / "extract" / "test_workers.py")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *files, "-k", "spin or die or killed"],
        env=os.environ | LESS,
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
