"""A run's folder under _staging: unseen by readers, and cleaned up by whoever finds that its run is dead."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from wirecopy.transforms.lake.commits import checked_path, open_snapshot
from wirecopy.transforms.lake.files import LakeError, lock, open_file
from wirecopy.transforms.lake.loss import lost
from wirecopy.transforms.machine import host

ALIVE = "alive"
"""The file that marks a folder under _staging as a run's, and is locked while the run lives."""

BEAT_S = 30.0
"""Seconds between two signs of life of a process that holds a run's folder."""

DEAD_S = 900.0
"""Seconds after its last sign when a run on another machine is taken for dead."""

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
    with _opened(folder / ALIVE) as alive, _beating(folder / f"{ALIVE}-{host()}"):
        lock(alive.fileno(), fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def held(turns: Path) -> Iterator[None]:
    """Hold a lock file in a run's folder by oneself for as long as the block runs, where the file system has locks."""
    with _opened(turns) as file:
        lock(file.fileno(), fcntl.LOCK_EX)
        yield


def sweep(root: Path) -> None:
    """Remove the folders of dead runs, with the parts they published but never committed.

    A run is dead where nobody holds the lock of its folder and no other machine gave a sign of life in it for DEAD_S.
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
                if _beats(folder, lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)):
                    continue
                if lost(root):
                    return
                live = {part.path for parts in open_snapshot(root).parts.values() for part in parts}
                for path in staged(folder):
                    if path not in live:
                        checked_path(root, path).unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def staged(run: Path) -> Iterator[str]:
    """Yield the paths, in the lake, of the parts in a run's folder and in those of its commits. No link is followed."""
    if run.is_symlink():
        return
    _, names, _ = next(os.walk(run), ("", [], []))
    commits = [run / name for name in names if _RUN.fullmatch(name) and not (run / name).is_symlink()]
    for parts in (place / PARTS for place in (run, *commits)):
        for folder, _, names in os.walk(parts) if not parts.is_symlink() else ():
            for name in names:
                if name.endswith(".parquet"):
                    yield (Path(folder) / name).relative_to(parts).as_posix()


def _beats(folder: Path, locks_hold: bool) -> bool:
    """Say whether a run, which holds no lock on its folder here, was heard of within DEAD_S from another machine.

    Where the file system has no locks, this machine's own sign counts as well. The time is that of the disk's clock.
    """
    own = None if not locks_hold else f"{ALIVE}-{host()}"
    signs = [path for path in folder.glob(f"{ALIVE}-*") if path.name != own and not path.is_symlink()]
    if not signs:
        return False
    os.utime(folder / ALIVE, follow_symlinks=False)
    now = (folder / ALIVE).lstat().st_mtime
    return any(now - sign.lstat().st_mtime < DEAD_S for sign in signs)


_beaten: dict[Path, int] = {}
_counting = threading.Lock()


@contextlib.contextmanager
def _beating(sign: Path) -> Iterator[None]:
    """Touch a file now and every BEAT_S seconds for as long as the block runs: a lock may not hold across machines."""
    with _opened(sign):
        os.utime(sign, follow_symlinks=False)
    with _counting:
        if not _beaten:
            threading.Thread(target=_beat, name="beat", daemon=True).start()
        _beaten[sign] = _beaten.get(sign, 0) + 1
    try:
        yield
    finally:
        with _counting:
            _beaten[sign] -= 1
            if not _beaten[sign]:
                del _beaten[sign]
            _woken.notify_all()


_woken = threading.Condition(_counting)


def _beat() -> None:
    with _counting:
        while _beaten:
            _woken.wait(BEAT_S)
            for sign in _beaten:
                with contextlib.suppress(OSError):
                    os.utime(sign, follow_symlinks=False)


def _opened(path: Path) -> IO[Any]:
    return open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, "ab")
