"""A run's folder under _staging: unseen by readers, and cleaned up by whoever finds that its run is dead."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from wirecopy.transforms.lake.commits import checked_path, open_snapshot
from wirecopy.transforms.lake.files import LakeError, open_file
from wirecopy.transforms.lake.loss import lost

ALIVE = "alive"
"""The file that marks a folder under _staging as a run's, and is locked while the run lives."""

PARTS = "parts"

_RUN = re.compile(r"[0-9a-f]{32}")


@contextlib.contextmanager
def join(folder: Path) -> Iterator[None]:
    """Hold a run's folder, made if need be, for as long as the block runs; processes of one run hold it together.

    Raises LakeError where the folder, or the one it is in, is a symbolic link.
    """
    for each in (folder.parent, folder):
        if each.is_symlink():
            raise LakeError(f"{each} is a symbolic link, which no folder of a lake may be: delete the link")
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(folder / ALIVE) as alive:
        fcntl.flock(alive, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold a lock file in a run's folder by oneself for as long as the block runs."""
    with _opened(lock) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sweep(root: Path) -> None:
    """Remove the folders of dead runs, with the parts they published but never committed.

    A part is published by a second link from the run's folder, so the folder of a dead run names every part it may
    have left behind. Whether a part was committed is read after its run is known to be dead; where the lake has lost
    a commit, which may have named it, nothing is removed. Folders that no run made are left alone, and no link is
    followed. Raises LakeError where _staging is a symbolic link, or the lake cannot be opened.
    """
    open_snapshot(root)
    for folder in sorted((root / "_staging").glob("*")):
        if not _RUN.fullmatch(folder.name) or folder.is_symlink() or (folder / ALIVE).is_symlink():
            continue
        with contextlib.suppress(BlockingIOError, FileNotFoundError, NotADirectoryError):
            descriptor = os.open(folder / ALIVE, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if lost(root):
                    return
                live = {part.path for parts in open_snapshot(root).parts.values() for part in parts}
                for path in _staged(folder / PARTS):
                    if path not in live:
                        checked_path(root, path).unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _staged(parts: Path) -> Iterator[str]:
    """Yield the paths, in the lake, of the parts in a run's folder."""
    for folder, _, names in os.walk(parts) if not parts.is_symlink() else ():
        for name in names:
            if name.endswith(".parquet"):
                yield (Path(folder) / name).relative_to(parts).as_posix()


def _opened(path: Path) -> IO[Any]:
    return open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, "ab")
