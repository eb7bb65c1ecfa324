"""Files that survive a crash: written whole and synced before anyone can see them."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from wirecopy.transforms.machine import host, lives, sync

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_WRITER = re.compile(r"\.(?:([0-9a-f]{16})-)?([0-9]+)(?:-[0-9a-f]{8})?")
_ABANDONED_S = 86_400.0
_ERRNO = re.compile(r"\[errno (\d+)\]", re.IGNORECASE)


class LakeError(Exception):
    """The lake cannot be used as asked; the message says what is wrong, where, and what to do."""


def open_file(path: Path, flags: int, mode: str) -> IO[Any]:
    """Open a file that is no symbolic link. Raises OSError."""
    return os.fdopen(os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666), mode)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Have an OSError of the block name the file that it writes, and the system's number where only the text has it."""
    try:
        yield
    except OSError as error:
        told = _ERRNO.search(str(error))
        number = error.errno or (int(told[1]) if told else None)
        if error.filename is not None or number is None:
            raise
        raise OSError(number, os.strerror(number), str(path)) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and make its bytes durable; its name is durable after `sync_folder`.

    Raises OSError where the name is that of a symbolic link, which might lead anywhere.
    """
    with writing(path), open_file(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, "wb") as file:
        file.write(data)
        file.flush()
        sync(file.fileno())


def replace(path: Path, data: bytes) -> None:
    """Put bytes under a name at once: a reader sees the old file or the new one, never a part of either."""
    temporary = unfinished(path)
    write_synced(temporary, data)
    temporary.replace(path)
    sync_folder(path.parent)


def put(path: Path, data: bytes) -> None:
    """Put bytes under a name that holds their hash, unless what is there is the same; durable when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if not path.is_symlink() and path.read_bytes() == data:
            return
    replace(path, data)


def unfinished(path: Path) -> Path:
    """Return a hidden name beside a path that no other writer has, on this machine or another with the same disk."""
    return path.with_name(f".{path.name}.{host()}-{os.getpid()}-{uuid.uuid4().hex[:8]}")


def is_abandoned(path: Path, now: float) -> bool:
    """Say whether an `unfinished` name is that of a writer that has ended.

    One of another machine is, a day after it was last written to. `now` is in seconds since 1970.
    """
    writer = _WRITER.fullmatch(path.suffix)
    if writer is None:
        return False
    if writer[1] in (None, host()):
        return not lives(int(writer[2]))
    try:
        return now - path.lstat().st_mtime > _ABANDONED_S
    except OSError:
        return False


def lock(descriptor: int, how: int) -> bool:
    """Lock an open file as `fcntl.flock` does, and say whether the file system has locks.

    Where it has none nothing in a lake is lost: creating a commit is the fence between writers, and what they do is
    done again. Raises BlockingIOError where another holds the lock and `how` says not to wait.
    """
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True


def publish(staged: Path, path: Path) -> bool:
    """Give a synced file its public name unless that name is taken, and say whether it was given.

    The link is one atomic step and never overwrites, which makes it a fence between writers. The caller syncs the
    folder. Raises LakeError where the file system has no hard links.
    """
    try:
        os.link(staged, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        raise LakeError(
            f"{path}: the file system has no hard links ({error.strerror}), without which one writer of a lake may "
            "overwrite another's commit: keep the lake on a disk that has them, such as one of APFS, ext4 or XFS, and "
            "on no FAT or exFAT"
        ) from error
    return True
