"""Zip archives opened, those too that have names which are said to be UTF-8 and are not.

Such a name has one archive rejected whole by `zipfile`. It is read as the bytes that it is: for `zipfile` the mark that
says UTF-8 is taken off that name alone.
"""

from __future__ import annotations

import io
import itertools
import os
import struct
import zipfile
from typing import Any, BinaryIO, cast

_ENTRY = struct.Struct("<8xH18xHHH12x")
_SIGNATURE = b"PK\x01\x02"
_UTF8 = 0x800
_MARK_IN_ENTRY, _MARK_IN_HEADER = 9, 7
"""Where the byte is, in an entry of the directory and in a member's header, that has the mark of UTF-8."""


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """Return the archive in a file that can be read anywhere; a name that is not UTF-8 is as `os.fsdecode` has it.

    Raises what ZipFile raises: BadZipFile, ValueError, NotImplementedError and OSError.
    """
    archive = zipfile.ZipFile.__new__(zipfile.ZipFile)
    try:
        archive.__init__(file)  # type: ignore[misc]
        return archive
    except UnicodeDecodeError:
        misnamed = _misnamed(file, archive.start_dir)
    unmarked = _Unmarked(file, {at + _MARK_IN_ENTRY for at in misnamed.values()})
    archive = zipfile.ZipFile(cast(BinaryIO, unmarked))
    for number, info in enumerate(archive.infolist()):
        if number in misnamed:
            unmarked.marks.add(info.header_offset + _MARK_IN_HEADER)
            info.filename = os.fsdecode(info.orig_filename.encode("cp437").partition(b"\0")[0])
    return archive


def _misnamed(file: BinaryIO, at: int) -> dict[int, int]:
    """Return where the entries of a directory begin, by their number, whose names are said to be UTF-8 and are not."""
    found: dict[int, int] = {}
    file.seek(at)
    for number in itertools.count():
        head = file.read(_ENTRY.size)
        if len(head) < _ENTRY.size or not head.startswith(_SIGNATURE):
            break
        flags, *lengths = _ENTRY.unpack(head)
        rest = file.read(sum(lengths))
        if flags & _UTF8 and _is_misnamed(rest[: lengths[0]]):
            found[number] = at
        at += len(head) + len(rest)
    return found


def _is_misnamed(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return True
    return False


class _Unmarked(io.RawIOBase):
    """A file with the mark of UTF-8 taken off the bytes at some places."""

    def __init__(self, file: BinaryIO, marks: set[int]):
        self._file = file
        self.marks = marks

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        at = self._file.tell()
        data = bytearray()
        while len(data) < len(buffer) and (piece := self._file.read(len(buffer) - len(data))):
            data += piece
        for mark in self.marks:
            if at <= mark < at + len(data):
                data[mark - at] &= ~(_UTF8 >> 8) & 0xFF
        buffer[: len(data)] = data
        return len(data)
