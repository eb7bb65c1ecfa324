"""What stands in where the system lacks something."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wirecopy.transforms import machine
from wirecopy.transforms.fetch.spool import left_over
from wirecopy.transforms.lake.files import LakeError, publish
from wirecopy.transforms.lake.ledger import Ledger


def ended() -> int:
    """Return the number of a process that was there."""
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def test_a_process_lives_until_it_is_over() -> None:
    assert machine.lives(os.getpid())
    assert machine.lives(1)
    assert not machine.lives(ended())
    assert not machine.lives(10**30)


@pytest.mark.parametrize("size", [1, 4096, (1 << 20) + 7, 3 << 20])
def test_room_is_taken_on_the_disk_where_the_system_has_no_call_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    with (tmp_path / "file").open("wb") as file:
        machine.reserve(file.fileno(), size)
        os.fsync(file.fileno())
    status = (tmp_path / "file").stat()
    assert status.st_size == size
    assert status.st_blocks * 512 >= size


def test_half_written_spool_files_of_dead_writers_are_swept_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "2022-02"
    folder.mkdir(parents=True)
    here, elsewhere = machine.host(), "0" * 16
    kept = {f".a.warc.gz.{os.getpid()}", ".DS_Store", "._b.warc.gz", f".c.{ended()}"}
    kept |= {f".a.warc.gz.{here}-{os.getpid()}-01234567", f".a.warc.gz.{elsewhere}-{ended()}-01234567"}
    long_ago = f".b.warc.gz.{elsewhere}-{os.getpid()}-01234567"
    (folder / long_ago).touch()
    os.utime(folder / long_ago, (0, 0))
    for name in [*kept, f".a.warc.gz.{ended()}", f".a.warc.gz.{here}-{ended()}-01234567"]:
        (folder / name).touch()
    assert list(left_over(tmp_path, Ledger(tmp_path))) == []
    assert {path.name for path in folder.iterdir()} == kept


def test_a_file_system_without_hard_links_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*given: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(LakeError, match="no hard links"):
        publish(tmp_path / "a", tmp_path / "b")
