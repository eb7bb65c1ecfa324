"""The files in zip and tar archives, one after another, without unpacking anything to disk."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, NamedTuple, cast

from wirecopy.transforms.read.bounds import MEMORY_BYTES, PIECE, RATIO, RATIO_FLOOR
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io.compression import ERRORS
from wirecopy.transforms.read.io.containers import is_wacz, passed_over
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.zips import open_zip

_BLOCK = 512


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        name: its path inside the archive; bytes of it that are not UTF-8 as `os.fsdecode` has them.
        offset: byte at which its header begins.
        size: its bytes when taken out.
        file: its bytes, to be read before the next member is asked for, or what is wrong with it.
        kind: why it is passed over for what it is in its container; None where it is read.
    """

    name: str
    offset: int
    size: int
    file: BinaryIO | Fault
    kind: str | None = None


def is_zip(head: bytes) -> bool:
    """Say whether a file begins as a zip archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_tar(head: bytes) -> bool:
    """Say whether a file begins as a tar archive."""
    return len(head) >= _BLOCK and head[257:262] == b"ustar" and _is_header(head[:_BLOCK])


def members(stream: Stream, begin: int) -> Iterator[Member]:
    """Yield the files of an archive from a header on. Raises Fault where the archive ends early, and OSError.

    The stream's cursor holds the member that was yielded last and those after it, so that who puts no member behind
    that one to use can go on from there.
    """
    if stream.cursor is not None and stream.cursor[0] <= begin:
        held, found = stream.cursor[1]
    else:
        held, found = (), _zip_members(stream) if is_zip(stream.head(4)) else _tar_members(stream, begin)
    for member in chain(held, found):
        if member.offset >= begin:
            stream.cursor = (member.offset, ((member,), found))
            yield member
    stream.cursor = None


def open_member(stream: Stream, name: str) -> BinaryIO:
    """Return the bytes of a member of a zip file. Raises Fault where there is none of that name."""
    for member in _zip_members(stream):
        if member.name == name:
            if isinstance(member.file, Fault):
                raise member.file
            return cast(BinaryIO, Forward(member.file))
    raise Fault("damaged", f"the archive has no member {name!r} any more")


class Forward(io.RawIOBase):
    """The bytes of a member behind some that were read already; read forwards only, errors turned into faults."""

    def __init__(self, file: BinaryIO, head: bytes = b""):
        self._file = file
        self._head = head

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer and return how many bytes; 0 at the end."""
        data = self._head[: len(buffer)] if self._head else piece(self._file, len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def piece(file: BinaryIO, size: int = PIECE) -> bytes:
    """Return the next bytes of a member. Raises Fault and OSError."""
    try:
        return file.read(size)
    except (zipfile.BadZipFile, EOFError, tarfile.TarError, *ERRORS) as error:
        if isinstance(error, OSError):
            raise
        raise Fault("damaged", f"{type(error).__name__}: {error}") from None


def _zip_members(stream: Stream) -> Iterator[Member]:
    try:
        archive = open_zip(stream.random(MEMORY_BYTES))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Fault("damaged", f"zip: {error}") from None
    infos = sorted(filter(_is_file, archive.infolist()), key=lambda info: info.header_offset)
    stored = sum(info.compress_size for info in infos)
    size = sum(info.file_size for info in infos)
    if size > max(RATIO_FLOOR, RATIO * max(stored, 1)):
        raise Fault("too large", f"{stored:,} bytes of zip say they become {size:,}")
    wacz = is_wacz([info.filename for info in infos])
    for info in infos:
        file: BinaryIO | Fault
        try:
            if info.flag_bits & 1:
                raise Fault("unsupported", "an encrypted member")
            file = cast(BinaryIO, archive.open(info))
        except Fault as fault:
            file = fault
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
            reason = "unsupported" if isinstance(error, NotImplementedError | RuntimeError) else "damaged"
            file = Fault(reason, f"zip: {error}")
        yield Member(info.filename, info.header_offset, info.file_size, file, passed_over(info.filename, wacz))


def _is_file(info: zipfile.ZipInfo) -> bool:
    """Say whether a member of a zip file is a file: no folder, and no link, whose bytes would be where it leads."""
    return not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16)


def _tar_members(stream: Stream, begin: int) -> Iterator[Member]:
    stream.seek(begin)
    while True:
        blocks = _Blocks(stream)
        base = stream.position
        try:
            archive = tarfile.TarFile(fileobj=cast(BinaryIO, blocks), mode="r", errors="surrogateescape")
            for info in archive:
                archive.members = []  # type: ignore[attr-defined]
                if info.isreg():
                    yield Member(info.name, base + info.offset, info.size, _tar_file(archive, info))
            last = blocks.last
        except tarfile.TarError as error:
            last = b"" if "end of data" in str(error) else b"?"
        if len(last) < _BLOCK and last != b"?":
            raise Fault("truncated", f"the tar file ends without its end mark at byte {stream.position:,}")
        if not last.strip(b"\0"):
            return
        at = stream.position
        found = _find_header(stream)
        yield Member("", at, 0, Fault("damaged", f"no tar header at byte {at - _BLOCK:,}"))
        if not found:
            return


def _tar_file(archive: tarfile.TarFile, info: tarfile.TarInfo) -> BinaryIO | Fault:
    """Return a member's bytes, unless it is made of holes for the most part."""
    pieces = cast(list[tuple[int, int]], info.sparse or [])  # type: ignore[has-type]
    if pieces and info.size > max(RATIO_FLOOR, RATIO * sum(size for _, size in pieces)):
        return Fault("too large", f"a sparse file of {info.size:,} bytes")
    return cast(BinaryIO, archive.extractfile(info))


class _Blocks:
    """What tarfile needs of a file, over a stream that is read forwards only; remembers the last bytes read."""

    def __init__(self, stream: Stream):
        self._stream = stream
        self._base = stream.position
        self.last = b""

    def tell(self) -> int:
        return self._stream.position - self._base

    def seek(self, position: int, whence: int = 0) -> int:
        self._stream.seek(self._base + position)
        return self.tell()

    def read(self, size: int = -1) -> bytes:
        pieces: list[bytes] = []
        left = size
        while left and (piece := self._stream.read()):
            if len(piece) > left > 0:
                self._stream.unread(piece[left:])
                piece = piece[:left]
            pieces.append(piece)
            left -= len(piece)
        self.last = b"".join(pieces)
        return self.last


def _find_header(stream: Stream) -> bool:
    """Move to the next block that is a tar header and return True, or to the end of the file."""
    while len(window := stream.head(PIECE)) >= _BLOCK:
        window = stream.read()
        for at in range(0, len(window) - _BLOCK + 1, _BLOCK):
            block = window[at : at + _BLOCK]
            if block[257:262] == b"ustar" and _is_header(block):
                stream.unread(window[at:])
                return True
        if rest := len(window) % _BLOCK:
            stream.unread(window[-rest:])
            if len(window) < PIECE:
                return False
    return False


def _is_header(block: bytes) -> bool:
    """Say whether a block has the checksum of a tar header (POSIX.1-1988)."""
    try:
        declared = tarfile.nti(block[148:156])  # type: ignore[attr-defined]
    except tarfile.HeaderError:
        return False
    return declared in tarfile.calc_chksums(block)  # type: ignore[attr-defined]
