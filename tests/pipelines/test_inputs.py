"""Bad names, damaged files, two runs at once, killed runs and full disks, through the command that a user types."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import COMMAND, wirecopy
from lakes import SEEDS, query

TEXT = "The port of {} was closed on Monday after a tanker ran aground near the pier, the authority said. "
BROKEN = b"\n{broken\n"


def record(name):
    return json.dumps({"id": name, "text": TEXT.format(name) * 3}).encode()


def tar_of(name, data):
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, BytesIO(data))
    return file.getvalue()


@pytest.fixture
def odd_folder(tmp_path):
    """A folder with names and a column that are not UTF-8, beside a good file."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.jsonl").write_bytes(record("Hamburg"))
    (folder / os.fsdecode(b"bad\xff\xfe.jsonl")).write_bytes(record("Bremen") + BROKEN)
    (folder / r"like\xff.jsonl").write_bytes(record("Kiel") + BROKEN)
    (folder / "members.tar").write_bytes(tar_of("m\udcff.jsonl", record("Emden") + BROKEN))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": ["Words."], "headlineqq": ["x"]}), sink)
    (folder / "p.parquet").write_bytes(sink.getvalue().to_pybytes().replace(b"headlineqq", b"headline\xff\xfe"))
    return folder


def test_names_that_are_not_utf8_stop_nothing_and_are_told_apart(odd_folder, tmp_path):
    lake = tmp_path / "lake"
    shown = wirecopy("ingest", odd_folder, "--lake", lake, "--json")
    assert shown.returncode == 3, shown.stderr
    assert json.loads(shown.stdout)["rejects"] == {"malformed": 3, "damaged": 1}
    rejects = query(lake, "SELECT reason, doc_ref FROM rejects ORDER BY ALL")
    assert [(reason, ref.removeprefix(f"{odd_folder}/")) for reason, ref in rejects] == [
        ("damaged", "p.parquet"),
        ("malformed", r"bad\xff\xfe.jsonl#2"),
        ("malformed", r"like\x5cxff.jsonl#2"),
        ("malformed", r"members.tar!/m\xff.jsonl#2"),
    ]
    assert query(lake, "SELECT count(*) FROM articles") == [(4,)]
    again = wirecopy("ingest", odd_folder, "--lake", lake)
    assert (again.returncode, "the lake has all 5 units already" in again.stderr) == (0, True)


def test_a_dry_run_shows_what_would_be_rejected_and_where(odd_folder):
    shown = wirecopy("ingest", odd_folder, "--dry-run")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert r"bad\xff\xfe.jsonl" in shown.stdout.replace("\\\\", "\\")
    [told] = [line for line in shown.stdout.splitlines() if "p.parquet" in line]
    assert "reject" in told and "damaged" in told


def test_links_out_of_a_folder_are_told_and_followed_when_asked(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(record("Hamburg"))
    (tmp_path / "b.jsonl").write_bytes(record("Bremen"))
    (tmp_path / "in" / "b.jsonl").symlink_to(tmp_path / "b.jsonl")
    shown = json.loads(wirecopy("ingest", tmp_path / "in", "--lake", tmp_path / "lake", "--json").stdout)
    assert (shown["articles"], shown["passed_over"]) == (1, {"link": 1})
    arguments = ("ingest", tmp_path / "in", "--lake", tmp_path / "lake", "--json", "--follow-links")
    shown = json.loads(wirecopy(*arguments).stdout)
    assert (shown["articles"], shown["known"], shown["passed_over"]) == (1, 1, {})


@pytest.mark.parametrize("lake", ["s3://bucket/x", "gs://b", "hdfs://host/x", "http://127.0.0.1/x", "file:///tmp/x"])
def test_a_lake_at_an_address_is_refused_before_anything_starts(tmp_path, lake):
    for command in (("ingest", SEEDS[0]), ("demo",), ("sql", "from articles"), ("doctor",), ("feeds", "list")):
        shown = wirecopy(*command, "--lake", lake, cwd=tmp_path)
        assert shown.returncode == 2, command
        assert "is an address" in shown.stderr and "Traceback" not in shown.stderr
    shown = wirecopy("ingest", SEEDS[0], cwd=tmp_path, WIRECOPY_LAKE=lake)
    assert (shown.returncode, "is an address" in shown.stderr) == (2, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ahead_s", [0, 0.3, 1.5])
def test_the_same_input_taken_in_twice_at_once_is_known_to_the_loser(tmp_path, ahead_s):
    lake, archive = tmp_path / "lake", tmp_path / "a.jsonl"
    archive.write_bytes(b"\n".join(record(f"port {i}") for i in range(300)))
    running = []
    for wait_s in (ahead_s, 0):
        command = [*COMMAND, "ingest", str(archive), "--lake", str(lake), "--json"]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        time.sleep(wait_s)
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    summaries = [json.loads(out) for out, _ in said]
    assert sorted((one["done"], one["known"], one["open"], one["articles"]) for one in summaries) == [
        (0, 1, 0, 0),
        (1, 0, 0, 300),
    ]
    assert query(lake, "SELECT count(*) FROM articles") == [(300,)]


def test_what_a_killed_run_leaves_in_the_temporary_folder_goes_with_the_next(tmp_path):
    lake, archive = tmp_path / "lake", tmp_path / "a.jsonl"
    with temporary_folder() as short:
        archive.write_bytes(b"\n".join(record(f"port {i}") for i in range(3_000)))
        environment = os.environ | {"TMPDIR": str(short)}
        running = subprocess.Popen(
            [*COMMAND, "ingest", str(archive), "--lake", str(lake)], env=environment, stderr=subprocess.DEVNULL
        )
        top = short / f"wirecopy-{os.geteuid()}"
        while not list(top.glob("*/pymp-*")):
            assert running.poll() is None
            time.sleep(0.02)
        [left] = [path for path in top.iterdir() if path.is_dir()]
        (left / "away").symlink_to(archive.parent)
        running.kill()
        running.wait()
        assert left.exists()
        mine = top / "alive1"
        mine.mkdir()
        with held(mine / "alive"):
            shown = wirecopy("ingest", archive, "--lake", lake, "--json", TMPDIR=str(short))
            assert (shown.returncode, json.loads(shown.stdout)["articles"]) == (0, 3_000), shown.stderr
            assert [path.name for path in top.iterdir() if path.is_dir()] == ["alive1"]
        assert archive.exists() and [path.name for path in short.iterdir()] == [top.name]


def test_a_temporary_folder_that_others_may_write_to_is_not_used(tmp_path):
    with temporary_folder() as short:
        top = short / f"wirecopy-{os.geteuid()}"
        top.mkdir()
        top.chmod(0o777)
        (top / "theirs").mkdir()
        shown = wirecopy("ingest", SEEDS[0], "--lake", tmp_path / "lake", TMPDIR=str(short))
        assert shown.returncode == 0, shown.stderr
        assert [path.name for path in top.iterdir()] == ["theirs"]


@contextmanager
def temporary_folder():
    """Give a folder whose path is short enough for sockets in it."""
    with tempfile.TemporaryDirectory(prefix="w") as folder:
        yield Path(folder)


@contextmanager
def held(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_an_ignored_interrupt_stays_ignored(tmp_path):
    """As with any command that a shell started beside."""
    archive, lake = tmp_path / "a.jsonl", tmp_path / "lake"
    archive.write_bytes(b"\n".join(record(f"port {i}") for i in range(500)))
    ignoring = [
        sys.executable,
        "-c",
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])",
    ]
    command = [*ignoring, *COMMAND, "ingest", str(archive), "--lake", str(lake), "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (lake / "_staging").exists():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate()
    assert (running.returncode, json.loads(said)["articles"]) == (0, 500)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only root may mount a small disk")
@pytest.mark.parametrize("kilobytes", [8, 1_400])
def test_a_full_disk_is_named_and_the_run_goes_on_once_there_is_room(tmp_path, kilobytes):
    disk, archive = tmp_path / "disk", tmp_path / "a.jsonl"
    disk.mkdir()
    archive.write_bytes(b"\n".join(record(f"port {i} " + "".join(random(i))) for i in range(1_000)))
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        shown = wirecopy("ingest", archive, "--lake", disk / "lake")
        assert shown.returncode == 1, shown.stderr
        assert "Traceback" not in shown.stderr
        [told] = [line for line in shown.stderr.splitlines() if line.startswith("wirecopy:")]
        assert f"{disk}/lake/" in told and f"of {disk}, which has" in told and "run the same command again" in told
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        again = wirecopy("ingest", archive, "--lake", disk / "lake", "--json")
        assert again.returncode == 0, again.stderr
        assert query(disk / "lake", "SELECT count(*) FROM articles") == [(1_000,)]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def random(seed):
    """Letters that do not compress."""
    return Random(seed).choices("abcdefghijklmnopqrstuvwxyz ", k=600)
