"""The temporary folder of a run: a private one that the next run removes where this one is killed."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

ALIVE = "alive"
"""A file in a run's folder that the run holds locked as long as it lives."""

_SYSTEM = "WIRECOPY_SYSTEM_TMPDIR"
"""What tells processes of the run where temporary files of all runs are."""
_SOCKET_CHARS = 70
"""Longest path of a run's folder below which a socket's path, `pymp-12345678/listener-12345678`, is short enough."""


def system() -> Path:
    """Return the temporary folder of the system, whether or not a run has one of its own."""
    return Path(os.environ.get(_SYSTEM) or tempfile.gettempdir())


def use_own() -> Path | None:
    """Have this process and those it starts keep temporary files in a folder of their own, removed at exit.

    Folders of dead runs of this user are removed first: those whose lock nobody holds. Where no folder can be made
    that is this user's alone, nothing is changed. To be called before `multiprocessing` makes its temporary folder.

    Returns:
        The folder, None where there is none.
    """
    top = system() / f"wirecopy-{os.geteuid()}"
    try:
        if not _is_private(top):
            return None
        with _locked(top / "lock"):
            _sweep(top)
            own = Path(tempfile.mkdtemp(prefix="", dir=top))
            alive = os.open(own / ALIVE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    if len(str(own)) > _SOCKET_CHARS:
        return None
    os.environ[_SYSTEM] = str(top.parent)
    os.environ["TMPDIR"] = tempfile.tempdir = str(own)
    return own


def _is_private(folder: Path) -> bool:
    """Make a folder, and say whether it is no link, and this user's alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(top: Path) -> None:
    """Remove the folders of dead runs; links in them are removed and never followed."""
    with os.scandir(top) as found:
        folders = [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]
    for folder in folders:
        with contextlib.suppress(OSError):
            descriptor = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
