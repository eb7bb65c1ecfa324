"""Decoders of compressed data, all driven alike, each for one member or frame.

gzip (RFC 1952), zstd (RFC 8878), lz4 frames, bzip2 and xz. A decoder gives what it can decode before it fails, and
never much more than it is asked for at a time, whatever it is fed.
"""

from __future__ import annotations

import bz2
import lzma
import threading
import zlib
from typing import Any, Protocol, cast

import pyarrow as pa
import zstandard
from isal import igzip_lib, isal_zlib

from wirecopy.transforms.read.bounds import RESYNC_BYTES, WINDOW_BYTES

MAGIC = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}
"""The first bytes of a member, and the name of its compression."""

ERRORS = (
    zlib.error,
    zstandard.ZstdError,
    lzma.LZMAError,
    OSError,
    cast(type[Exception], isal_zlib.error),
)
"""What decoders raise for damaged data."""

_PAGE_BYTES = 1 << 18
_FRAME_BYTES = 1 << 20
"""What a zstd frame becomes at most that is decoded in one piece."""
_RUN_LENGTH = 2
"""Bits of a zstd block's header that say it is one byte over and over."""


class Decoder(Protocol):
    """Decodes one member.

    Attributes:
        eof: the member's end was reached, and its checksum is right.
        pending: more can be had from what was fed already; feed nothing.
        unused_data: what was fed and stands behind the member's end.
    """

    eof: bool
    pending: bool
    unused_data: bytes

    def decompress(self, data: bytes, size: int) -> bytes:
        """Return the next bytes, about `size` at most; raises one of ERRORS where the data is damaged."""


def compression(head: bytes) -> str | None:
    """Return the compression whose member begins with these bytes, or None."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def decoder(name: str | None) -> Decoder:
    """Return a new decoder; without a name one that returns what it is fed and never ends."""
    makers: dict[str | None, Any] = {
        "gzip": lambda: _Sliced(isal_zlib.decompressobj(31), 4096),
        "zstd": lambda: _Sliced(zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj(), 2048),
        "lz4": _Lz4,
        "bz2": lambda: _Buffering(bz2.BZ2Decompressor()),
        "xz": lambda: _Buffering(lzma.LZMADecompressor(lzma.FORMAT_XZ, WINDOW_BYTES)),
    }
    made: Decoder = makers.get(name, _Plain)()
    return made


def page_decoder(name: str | None) -> Decoder:
    """Return a new decoder for members that hold a page or little more, sooner done than others with what comes first.

    Where it fails, what it was asked for is lost with it: ask for no more than the rest of a record.
    """
    if name == "gzip":
        return _Paged()
    return _Framed() if name == "zstd" else decoder(name)


def zstd_frame(data: bytes) -> tuple[int, int] | None:
    """Return how long the zstd frame is that data begins with, and what it says it becomes (RFC 8878, 3.1.1).

    None where it does not say that, or does not end within data.
    """
    try:
        frame = zstandard.get_frame_parameters(data)
        at = zstandard.frame_header_size(data)
    except zstandard.ZstdError:
        return None
    last = 0
    while not last and at + 3 <= len(data):
        header = int.from_bytes(data[at : at + 3], "little")
        last = header & 1
        at += 3 + (1 if header & 6 == _RUN_LENGTH else header >> 3)
    at += 4 if frame.has_checksum else 0
    known = frame.content_size != zstandard.CONTENTSIZE_UNKNOWN
    return (at, frame.content_size) if last and at <= len(data) and known else None


class _Plain:
    eof = pending = False
    unused_data = b""

    def decompress(self, data: bytes, size: int) -> bytes:
        return data


class _Sliced:
    """Feeds a decoder small slices: so damage costs little of what stands before it, and no slice becomes very much.

    In gzip a byte becomes 1,032 at most; in zstd four bytes may become 128 KiB.
    """

    eof = pending = False
    unused_data = b""

    def __init__(self, inner: Any, slice_bytes: int):
        self._inner = inner
        self._slice_bytes = slice_bytes
        self._data = b""
        self._at = 0
        self._error: Exception | None = None

    def decompress(self, data: bytes, size: int) -> bytes:
        if self._error:
            raise self._error
        if not self.pending:
            self._data, self._at = data, 0
        pieces: list[bytes] = []
        given = 0
        while given < size and self._at < len(self._data) and not self._inner.eof:
            end = self._at + self._slice_bytes
            try:
                pieces.append(self._inner.decompress(self._data[self._at : end]))
            except ERRORS as error:
                self._error = error
                break
            given += len(pieces[-1])
            self._at = end
        if self._error and not pieces:
            raise self._error
        self.eof = self._inner.eof
        self.pending = self._error is not None or (not self.eof and self._at < len(self._data))
        if self.eof:
            self.unused_data = self._inner.unused_data + self._data[self._at :]
        return b"".join(pieces)


class _Paged:
    """Decodes gzip as far as it is asked to, but in one piece what it is fed first; where that fails, once more."""

    eof = pending = False
    unused_data = b""

    def __init__(self) -> None:
        self._inner: Any = None

    def decompress(self, data: bytes, size: int) -> bytes:
        if self._inner is None:
            try:
                return self._decompressed(igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP), data, _PAGE_BYTES)
            except ERRORS:
                self._inner = igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP)
        return self._decompressed(self._inner, data, size)

    def _decompressed(self, inner: Any, data: bytes, size: int) -> bytes:
        out: bytes = inner.decompress(data, size)
        self._inner = inner
        self.eof, self.unused_data = inner.eof, inner.unused_data
        self.pending = not self.eof and not inner.needs_input
        return out


class _Framed:
    """Decodes a zstd frame in one piece where it is fed whole, is short and in order; any other as it comes."""

    eof = pending = False
    unused_data = b""

    def __init__(self) -> None:
        self._inner: Decoder | None = None

    def decompress(self, data: bytes, size: int) -> bytes:
        if self._inner is None:
            length, becomes = zstd_frame(data) or (0, 0)
            if length and becomes <= _FRAME_BYTES:
                try:
                    out: bytes = _local.zstd.decompress(memoryview(data)[:length])
                except zstandard.ZstdError:
                    pass
                else:
                    self.eof, self.unused_data = True, data[length:]
                    return out
            self._inner = decoder("zstd")
        out = self._inner.decompress(data, size)
        self.eof, self.pending, self.unused_data = self._inner.eof, self._inner.pending, self._inner.unused_data
        return out


class _Local(threading.local):
    """A thread's decoder of whole frames: a new one for each would take an eighth of the time that a page takes."""

    def __init__(self) -> None:
        self.zstd = zstandard.ZstdDecompressor()


_local = _Local()


class _Lz4:
    """Collects a frame by the lengths of its blocks, then decodes it piece by piece."""

    eof = pending = False
    unused_data = b""

    def __init__(self) -> None:
        self._frame = b""
        self._decoded: Any = None

    def decompress(self, data: bytes, size: int) -> bytes:
        if not self.pending:
            self._frame += data
            end = _lz4_end(self._frame)
            if end is None:
                if len(self._frame) > RESYNC_BYTES:
                    raise zlib.error(f"a frame of more than {RESYNC_BYTES:,} bytes")
                return b""
            self.unused_data = self._frame[end:]
            self._decoded = pa.CompressedInputStream(pa.BufferReader(self._frame[:end]), "lz4")
            self.pending = True
        out: bytes = self._decoded.read(size)
        self.eof, self.pending = not out, bool(out)
        return out


class _Buffering:
    """A decoder of the standard library that holds what it was fed and has not decoded."""

    eof = pending = False
    unused_data = b""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor):
        self._inner = inner

    def decompress(self, data: bytes, size: int) -> bytes:
        out = self._inner.decompress(data, size)
        self.eof, self.unused_data = self._inner.eof, self._inner.unused_data
        self.pending = not self.eof and not self._inner.needs_input
        return out


def _lz4_end(data: bytes) -> int | None:
    """Return the length of the lz4 frame that data begins with, or None where it does not end yet."""
    if len(data) < 7:
        return None
    flags = data[4]
    at = 7 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0)
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "little") & 0x7FFFFFFF
        at += 4
        if size == 0:
            at += 4 if flags & 0x04 else 0
            return at if at <= len(data) else None
        at += size + (4 if flags & 0x10 else 0)
    return None
