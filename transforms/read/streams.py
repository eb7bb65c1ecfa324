"""A file's bytes behind its compressions, as one stream that is read forwards and never held whole.

Offsets count decoded bytes. A plain file is entered anywhere. A compressed one is entered by decoding from its start;
so that reading its units one after another decodes it once, a stream left at the end of a unit waits for the next.
"""

from __future__ import annotations

import codecs
import io
import lzma
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa

from transforms.read import files
from transforms.read.bounds import HEAD_BYTES, LAYERS, PIECE, RATIO, RATIO_FLOOR, WINDOW_BYTES
from transforms.read.faults import Fault

_COMPRESSIONS = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}
_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WAITING = 4


class Stream:
    """Decoded bytes, read forwards.

    Attributes:
        position: offset of the next byte that `read` returns.
        layers: compressions, and encodings that a byte order mark tells, that were taken off, outermost first.
    """

    def __init__(self, file: BinaryIO):
        self.position = 0
        self.layers: tuple[str, ...] = ()
        self._raw = _Raw(file)
        self._file: io.BufferedReader[Any] = io.BufferedReader(self._raw, PIECE)
        self._rest = b""
        self._fault: Fault | None = None
        while layer := _layer(self._file):
            if len(self.layers) == LAYERS:
                raise Fault("too large", f"more than {LAYERS} compressions around each other")
            self.layers += (layer,)
            self._file = io.BufferedReader(_Decoded(self._file, layer, self._raw), PIECE)

    def read(self) -> bytes:
        """Return the next bytes, at most PIECE or what was put back; none at the end. Raises Fault and OSError."""
        if self._rest:
            piece, self._rest = self._rest, b""
        elif self._fault:
            raise self._fault
        else:
            try:
                piece = self._file.read1(PIECE)
            except Fault as fault:
                self._fault = fault
                raise
        self.position += len(piece)
        return piece

    def unread(self, data: bytes) -> None:
        """Put back bytes that were read last."""
        self._rest = data + self._rest
        self.position -= len(data)

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return the next bytes without moving: at least `size` of them, or fewer at the end or before a fault."""
        pieces: list[bytes] = []
        try:
            while sum(map(len, pieces)) < size and (piece := self.read()):
                pieces.append(piece)
        except Fault:
            if not pieces:
                raise
        head = b"".join(pieces)
        self.unread(head)
        return head

    def seek(self, position: int) -> None:
        """Move to an offset, backwards only in a plain file; at most to the end."""
        if not self.layers:
            self._file.seek(position)
            self._rest, self.position = b"", position
        while self.position < position and (piece := self.read()):
            if self.position > position:
                self.unread(piece[position - self.position :])

    def close(self) -> None:
        """Close the file."""
        self._raw.file.close()


def open_stream(path: str) -> Stream:
    """Open a file's stream at its start; the caller closes it. Raises Fault and OSError."""
    file = files.open_file(path)
    try:
        return Stream(file)
    except BaseException:
        file.close()
        raise


@contextmanager
def resumed(path: str, begin: int) -> Iterator[Stream]:
    """Open a file's stream at an offset: one that waits at or before it, else a new one. Raises Fault and OSError.

    The stream waits where it is left, unless it is left by an exception.
    """
    stamp = _stamp(path)
    stream = _take(stamp, begin) or open_stream(path)
    try:
        stream.seek(begin)
        yield stream
    except BaseException:
        stream.close()
        raise
    _wait(stamp, stream)


class _Raw(io.RawIOBase):
    """The stored bytes: counts them, and remembers an I/O error, which decoders would hide among their own."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.count = 0
        self.failure: OSError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            size = self.file.readinto(buffer)  # type: ignore[attr-defined]
        except OSError as error:
            self.failure = error
            raise
        self.count += size
        return int(size)


class _Decoded(io.RawIOBase):
    """One layer taken off. Raises faults in place of the decoders' own errors."""

    def __init__(self, file: io.BufferedReader[Any], layer: str, raw: _Raw):
        self._layer = layer
        self._raw = raw
        self._count = 0
        self._read = _decoder(file, layer)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._read(len(buffer))
        except UnicodeError as error:
            raise Fault("encoding", f"not {self._layer} as its byte order mark says: {error}") from None
        except (OSError, EOFError, lzma.LZMAError) as error:
            if self._raw.failure:
                raise self._raw.failure from None
            reason = "truncated" if isinstance(error, EOFError) or "Truncated" in str(error) else "damaged"
            raise Fault(reason, f"{self._layer} data after {self._count:,} decoded bytes: {error}") from None
        self._count += len(data)
        if self._count > RATIO_FLOOR and self._count > RATIO * self._raw.count:
            raise Fault("too large", f"{self._raw.count:,} bytes of {self._layer} became more than {self._count:,}")
        buffer[: len(data)] = data
        return len(data)


def _layer(file: io.BufferedReader[Any]) -> str | None:
    head = file.peek(PIECE)
    for magic, name in (_COMPRESSIONS | _ENCODINGS).items():
        if head.startswith(magic):
            return name
    return None


def _decoder(file: io.BufferedReader[Any], layer: str) -> Callable[[int], bytes]:
    if layer == "xz":
        return _unxz(file)
    if layer in _ENCODINGS.values():
        return _to_utf8(file, layer)
    read: Callable[[int], bytes] = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), layer).read
    return read


def _unxz(file: io.BufferedReader[Any]) -> Callable[[int], bytes]:
    decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, WINDOW_BYTES)

    def read(size: int) -> bytes:
        nonlocal decoder
        while True:
            if decoder.eof:
                rest = (decoder.unused_data or file.read1(PIECE)).lstrip(b"\0")
                if not rest and not file.peek(1):
                    return b""
                decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, WINDOW_BYTES)
            else:
                rest = file.read1(PIECE) if decoder.needs_input else b""
                if not rest and decoder.needs_input:
                    raise EOFError("the data ends before its end mark")
            if data := decoder.decompress(rest, size):
                return data

    return read


def _to_utf8(file: io.BufferedReader[Any], encoding: str) -> Callable[[int], bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()

    def read(size: int) -> bytes:
        while data := file.read1(size // 2):
            if text := decoder.decode(data):
                return text.encode()
        decoder.decode(b"", final=True)
        return b""

    return read


class _Stamp(NamedTuple):
    """What must be equal for a waiting stream to be of the file that is asked for, in the process that asks."""

    path: str
    process: int
    inode: int
    size: int
    changed: int


_waiting: list[tuple[_Stamp, Stream]] = []
_lock = threading.Lock()


def _stamp(path: str) -> _Stamp:
    stat = Path(path).stat()
    return _Stamp(path, os.getpid(), stat.st_ino, stat.st_size, stat.st_mtime_ns)


def _take(stamp: _Stamp, begin: int) -> Stream | None:
    with _lock:
        fit = [entry for entry in _waiting if entry[0] == stamp and entry[1].position <= begin]
        if not fit:
            return None
        nearest = max(fit, key=lambda entry: entry[1].position)
        _waiting.remove(nearest)
        return nearest[1]


def _wait(stamp: _Stamp, stream: Stream) -> None:
    if not stream.layers:
        stream.close()
        return
    with _lock:
        _waiting.append((stamp, stream))
        if len(_waiting) > _WAITING:
            _waiting.pop(0)[1].close()
