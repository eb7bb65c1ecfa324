"""A run's folder under _staging: unseen by readers, and cleaned up by whoever finds that its run is dead."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from transforms.lake.commits import open_snapshot

ALIVE = "alive"
PARTS = "parts"


@contextlib.contextmanager
def join(folder: Path) -> Iterator[None]:
    """Hold a run's folder, made if need be, for as long as the block runs; processes of one run hold it together."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ALIVE).open("a") as alive:
        fcntl.flock(alive, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold a lock file in a run's folder by oneself for as long as the block runs."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sweep(root: Path) -> None:
    """Remove the folders of dead runs, with the parts they published but never committed.

    A part is published by a second link from the run's folder, so the folder of a dead run names every part it may
    have left behind. Whether a part was committed is read after its run is known to be dead.
    """
    for folder in sorted((root / "_staging").glob("*")):
        with contextlib.suppress(BlockingIOError, FileNotFoundError, NotADirectoryError):
            descriptor = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                live = {part.path for parts in open_snapshot(root).parts.values() for part in parts}
                for staged in (folder / PARTS).rglob("*.parquet"):
                    path = staged.relative_to(folder / PARTS).as_posix()
                    if path not in live:
                        (root / path).unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
