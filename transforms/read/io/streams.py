"""A file's bytes behind its compressions, as one stream that is read forwards and never held whole.

Offsets count decoded bytes. A plain file is entered anywhere, a compressed one by decoding from its start.
"""

from __future__ import annotations

import codecs
import errno
import io
from collections.abc import Callable
from typing import Any, BinaryIO, cast

import pyarrow as pa

from wirecopy.transforms import machine
from wirecopy.transforms.read.bounds import FILE_BYTES, HEAD_BYTES, LAYERS, PIECE, RATIO, RATIO_FLOOR
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.compression import ERRORS, compression, decoder

_WIDE = ("utf-16", "utf-32")
_FIRST, _STEP = 64, 4096
"""Bytes asked at first and at most of a decoder that gives nothing of what it was asked for where it meets damage."""


class Stream:
    """Decoded bytes, read forwards.

    Attributes:
        position: offset of the next byte that `read` returns.
        cursor: where a reader that does not count bytes left off, and what it needs to go on from there.
        layers: compressions, and encodings of two or four bytes, that were taken off, outermost first.
    """

    def __init__(self, file: BinaryIO, layers: int | None = None):
        """Wrap a file that stands at its start; take off all layers, or as many as `layers` says."""
        self.position = 0
        self.layers: tuple[str, ...] = ()
        self.raw = _Raw(file)
        self._file: io.BufferedReader[Any] = io.BufferedReader(self.raw, PIECE)
        self.cursor: tuple[int, Any] | None = None
        self._rest = b""
        self._fault: Fault | None = None
        while (layers is None or len(self.layers) < layers) and (layer := _layer(self._file)):
            if len(self.layers) == LAYERS:
                raise Fault("too large", f"more than {LAYERS} compressions around each other")
            self.layers += (layer,)
            self._file = io.BufferedReader(_Decoded(self._file, layer, self.raw), PIECE)

    @property
    def seekable(self) -> bool:
        """Whether `seek` can move backwards."""
        return not self.layers and self.raw.seekable()

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
        self._rest = data + self._rest if self._rest else data
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
        if self.seekable:
            self._file.seek(position)
            self._rest, self.position = b"", position
        while self.position < position and (piece := self.read()):
            if self.position > position:
                self.unread(piece[position - self.position :])

    def whole(self, bound: int = FILE_BYTES) -> bytes:
        """Return all bytes from here to the end. Raises Fault where there are none, or more than `bound`."""
        pieces: list[bytes] = []
        begin = self.position
        while self.position - begin <= bound and (piece := self.read()):
            pieces.append(piece)
        if self.position - begin > bound:
            raise Fault("too large", f"more than {bound:,} bytes in one piece")
        if not pieces:
            raise Fault("empty", "no bytes")
        return b"".join(pieces)

    def random(self, bound: int) -> BinaryIO:
        """Return a file of the decoded bytes for random access; unless it is plain, in memory and up to `bound`."""
        if self.seekable:
            return cast(BinaryIO, self.raw)
        return io.BytesIO(self.whole(bound))

    def close(self) -> None:
        """Close the file."""
        self.raw.file.close()


class _Raw(io.RawIOBase):
    """The stored bytes: counts them, and remembers an I/O error, which decoders would hide among their own."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.count = 0
        self.failure: BaseException | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self.file.seek(offset, whence)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise Fault("damaged", f"the file refers to its byte {offset:,}") from None

    def tell(self) -> int:
        return self.file.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            size = self.file.readinto(buffer)  # type: ignore[attr-defined]
        except (OSError, Fault) as error:
            self.failure = error
            raise
        self.count += size
        machine.read()
        return int(size)


class _Decoded(io.RawIOBase):
    """One layer taken off. Raises faults in place of the decoders' own errors."""

    def __init__(self, file: io.BufferedReader[Any], layer: str, raw: _Raw):
        self._layer = layer
        self._raw = raw
        self._count = 0
        self._rest = memoryview(b"")
        self._read = _decoder(file, layer)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._rest:
            return self._give(self._rest, buffer)
        if self._count > RATIO_FLOOR and self._count > RATIO * self._raw.count:
            raise Fault("too large", f"{self._raw.count:,} bytes of {self._layer} became more than {self._count:,}")
        try:
            data = self._read(len(buffer))
        except UnicodeError as error:
            raise Fault("encoding", f"not {self._layer} as its first bytes say: {error}") from None
        except (*ERRORS, EOFError) as error:
            if self._raw.failure:
                raise self._raw.failure from None
            reason = "truncated" if isinstance(error, EOFError) or "Truncated" in str(error) else "damaged"
            doubt = "" if reason == "truncated" else "; what stands just before it may be altered"
            raise Fault(reason, f"{self._layer} data after {self._count:,} decoded bytes: {error}{doubt}") from None
        self._count += len(data)
        return self._give(memoryview(data), buffer)

    def _give(self, data: memoryview, buffer: Any) -> int:
        size = min(len(data), len(buffer))
        buffer[:size] = data[:size]
        self._rest = data[size:]
        return size


def _layer(file: io.BufferedReader[Any]) -> str | None:
    head = file.peek(PIECE)
    if packed := compression(head):
        return packed
    marked = next((encoding for mark, encoding in charset.MARKS.items() if head.startswith(mark)), None)
    return marked if marked in _WIDE else charset.wide(head) if 0 in head[:4] else None


def _decoder(file: io.BufferedReader[Any], layer: str) -> Callable[[int], bytes]:
    if layer == "lz4":
        return _in_steps(pa.CompressedInputStream(pa.PythonFile(file, mode="r"), layer))
    return _to_utf8(file, layer) if layer.startswith(_WIDE) else _members(file, layer)


def _in_steps(stream: pa.NativeFile) -> Callable[[int], bytes]:
    step = _FIRST

    def read(size: int) -> bytes:
        nonlocal step
        data: bytes = stream.read(min(size, step))
        step = min(2 * step, _STEP)
        return data

    return read


def _members(file: io.BufferedReader[Any], layer: str) -> Callable[[int], bytes]:
    member = decoder(layer)

    def read(size: int) -> bytes:
        nonlocal member
        while True:
            if member.eof:
                data = (member.unused_data or file.read1(PIECE)).lstrip(b"\0")
                if not data and not file.peek(1):
                    return b""
                member = decoder(layer)
            elif member.pending:
                data = b""
            elif not (data := file.read1(PIECE)):
                raise EOFError("it ends before its end mark")
            if out := member.decompress(data, size):
                return out

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
