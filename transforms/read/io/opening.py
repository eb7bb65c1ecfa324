"""Streams of files, and of members of archives, opened anew or taken up where an earlier unit left off.

A compressed stream can only be entered from its start. So that reading the units of one file after another decodes it
once, a stream that was left in order waits for the next unit.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from wirecopy.transforms.read.io import files
from wirecopy.transforms.read.io.members import open_member
from wirecopy.transforms.read.io.streams import Stream

_WAITING = 4


def open_stream(path: str, inside: Sequence[str] = (), recordwise: bool = False) -> Stream:
    """Open a stream at its start; the caller closes it.

    Args:
        path: the file.
        inside: the members to enter, from the outside in, where the file is an archive.
        recordwise: leave the innermost compression on, for a reader that takes it off record by record.

    Raises:
        Fault: it cannot be read for what it holds.
        OSError: it cannot be read now.
    """
    stream = _open(path, inside, None)
    if recordwise and stream.layers and stream.layers[-1] in ("gzip", "zstd", "lz4"):
        stream.close()
        return _open(path, inside, len(stream.layers) - 1)
    return stream


@contextmanager
def resumed(path: str, inside: Sequence[str], begin: int, recordwise: bool) -> Iterator[Stream]:
    """Open a stream that stands at or before an offset: one that waits there, else a new one.

    Takes and raises what `open_stream` does. The stream waits where it is left, unless it is left by an exception.
    """
    stamp = _Stamp(path, tuple(inside), recordwise, os.getpid(), files.stamp(path))
    stream = _take(stamp, begin) or open_stream(path, inside, recordwise)
    try:
        yield stream
    except BaseException:
        stream.close()
        raise
    _wait(stamp, stream)


def _open(path: str, inside: Sequence[str], layers: int | None) -> Stream:
    file = files.open_file(path)
    try:
        for name in inside:
            file = open_member(Stream(file), name)
        return Stream(file, layers)
    except BaseException:
        file.close()
        raise


class _Stamp(NamedTuple):
    """What must be equal for a waiting stream to be of what is asked for, in the process that asks."""

    path: str
    inside: tuple[str, ...]
    recordwise: bool
    process: int
    state: tuple[object, ...]


_waiting: list[tuple[_Stamp, Stream]] = []
_lock = threading.Lock()


def _place(stream: Stream) -> int:
    return stream.cursor[0] if stream.cursor else stream.position


def _take(stamp: _Stamp, begin: int) -> Stream | None:
    with _lock:
        fit = [entry for entry in _waiting if entry[0] == stamp and _place(entry[1]) <= begin]
        if not fit:
            return None
        nearest = max(fit, key=lambda entry: _place(entry[1]))
        _waiting.remove(nearest)
        return nearest[1]


def _wait(stamp: _Stamp, stream: Stream) -> None:
    if stream.seekable and stream.cursor is None:
        stream.close()
        return
    with _lock:
        _waiting.append((stamp, stream))
        if len(_waiting) > _WAITING:
            _waiting.pop(0)[1].close()
