"""WARC and ARC records as they are stored: compressed one by one or not at all, and found again behind damage.

Formats: WARC 1.0 and 1.1 (ISO 28500:2017), ARC 1 and 2 (Internet Archive), members of gzip (RFC 1952), zstd (RFC 8878;
the draft "Zstandard for WARC" of the IIPC) and lz4 frames, one record each or several. A record is yielded only after
its member has been decoded to its end, checksum included.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from wirecopy.transforms.read.bounds import (
    HEADER_BYTES,
    PIECE,
    RATIO,
    RATIO_FLOOR,
    RECORD_BYTES,
    RESYNC_BYTES,
    RESYNC_TRIES,
)
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io.compression import ERRORS, compression, page_decoder, zstd_frame
from wirecopy.transforms.read.io.streams import Stream

_WARC = rb"WARC/\d\.\d+[ \t]*\r?\n"
_ARC = (
    rb"[A-Za-z][A-Za-z0-9+.-]{1,20}:[^\r\n]{1,4096} [0-9A-Fa-f.:]{3,45} \d{14} \S{1,255} [^\r\n]{0,1024}?\d{1,12}\r?\n"
)
START = re.compile(_WARC + b"|" + _ARC)
"""The first line of a WARC record or an ARC record."""

_PLACES = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|(?<=\n)(?:" + _WARC + b"|" + _ARC + b")")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*\d", re.IGNORECASE)
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_BLANK = re.compile(rb"[\r\n]*")
_STEP = 4096
_SEARCHED = 4 * PIECE
"""Bytes that are searched at a time for a record, and that one is tried on: a block of zstd has half as many."""


class Record(NamedTuple):
    """One record.

    Attributes:
        offset: stored byte at which its member, or the record itself where it is not compressed, begins.
        number: its number within its member, from 0.
        header: its named fields, names in lower case; those of an ARC record under their WARC names.
        block: its content; None where it is longer than RECORD_BYTES.
    """

    offset: int
    number: int
    header: Mapping[str, str]
    block: memoryview | None


class Damage(NamedTuple):
    """What stands in the place of a record that cannot be read; reading goes on behind it."""

    offset: int
    fault: Fault


def records(stream: Stream, begin: int, end: int) -> Iterator[Record | Damage]:
    """Yield the records whose members begin in a range of a stream, and leave the stream at the first one behind it.

    Where members begin is decided by the file from its start on, never by the range: a member ends where its data does,
    and what looks like a member inside of one is none. So a range of gzip that does not follow on the one read before
    is reached by decoding what stands before it; only the ends of plain records, zstd and lz4 frames are trusted.

    Args:
        stream: a stream whose innermost compression was left on.
        begin: first stored byte of the range.
        end: stored byte behind the range; -1 for the end of the file.

    Raises:
        Fault: a compression around the whole file is damaged.
        OSError: the file cannot be read.
    """
    _approach(stream, begin)
    while head := _skip_blank(stream):
        if 0 <= end <= stream.position:
            break
        if _SKIPPABLE.match(head):
            _skip_frame(stream)
            continue
        member = _Member(stream, compression(head))
        try:
            if member.offset >= begin:
                yield from _of_member(member)
            else:
                deque(_of_member(member), 0)
        except Fault as fault:
            member.rewind()
            found = _find_next(stream)
            cut_off = fault.reason == "truncated" and found
            if member.offset >= begin:
                yield Damage(member.offset, Fault("damaged", fault.error) if cut_off else fault)
    stream.cursor = (end, None) if end >= 0 else None


def _approach(stream: Stream, begin: int) -> None:
    """Move to where a member certainly begins, at or before a byte, unless the stream stands there already."""
    following = stream.cursor is not None and stream.cursor[0] <= begin
    stream.cursor = None
    if following or not stream.seekable:
        return
    stream.seek(begin)
    if begin and compression(stream.head(8)) == "gzip":
        stream.seek(0)


def _of_member(member: _Member) -> Iterator[Record]:
    number = 0
    while True:
        record = _record(member, number)
        ended = member.begins((b"\r\n\r\n", b"\n"))
        more = member.skip_blank()
        if more and member.codec is None:
            if not ended and not member.match(START):
                raise Fault("damaged", "the record does not end where its length says")
            member.give_back()
        yield record
        if not more or member.codec is None:
            return
        number += 1


def _record(member: _Member, number: int) -> Record:
    start = member.match(START)
    if not start:
        raise Fault("damaged", f"no record begins here: {member.at_hand(40)!r}")
    is_warc = start[0].startswith(b"WARC/")
    header = _warc_header(member.header()) if is_warc else _arc_header(member.take(len(start[0])))
    length = header.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise Fault("damaged", f"the header says no length: {length!r}")
    size = int(length)
    if size > RECORD_BYTES:
        taken = member.skip(size)
        block = None
    else:
        block = member.take(size)
        taken = len(block)
    if taken < size:
        reason = "damaged" if member.codec else "truncated"
        raise Fault(reason, f"{taken:,} of {size:,} bytes of the record are there")
    return Record(member.offset, number, header, block)


def _warc_header(head: memoryview) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in str(head, "utf-8", "replace").splitlines()[1:]:
        if line[:1] in " \t" and name:
            fields[name] += " " + line.strip()
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _arc_header(line: memoryview) -> dict[str, str]:
    parts = str(line, "utf-8", "replace").strip().split(" ")
    moment = max(i for i, part in enumerate(parts) if len(part) == 14 and part.isdigit())
    stamp = parts[moment]
    return {
        "warc-type": "warcinfo" if parts[0].startswith("filedesc:") else "response",
        "warc-target-uri": " ".join(parts[: moment - 1]),
        "warc-date": f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:]}Z",
        "content-type": parts[moment + 1] if moment + 1 < len(parts) - 1 else "",
        "content-length": parts[-1],
        "arc": "1",
    }


class _Member:
    """The decoded bytes of one member; of a file that is not compressed, all bytes that follow."""

    def __init__(self, stream: Stream, codec: str | None):
        self.codec = codec
        self.offset = stream.position
        self._stream = stream
        self._decoder = page_decoder(codec)
        self._buffer, self._at = b"", 0
        self._stored: list[bytes] = []
        self._size = self._decoded = 0

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Match a pattern of one line with the next bytes."""
        while len(self._buffer) - self._at < HEADER_BYTES and self._buffer.find(b"\n", self._at) < 0 and self._more():
            pass
        return pattern.match(self._buffer, self._at)

    def header(self) -> memoryview:
        """Take a header and the empty line behind it, and return what stands before that. Raises Fault."""
        while not (end := _END_OF_HEADER.search(self._buffer, self._at, self._at + HEADER_BYTES)):
            if len(self._buffer) - self._at >= HEADER_BYTES:
                raise Fault("damaged", f"no end of the header in {HEADER_BYTES:,} bytes")
            if not self._more():
                raise Fault("truncated", "the file ends within a header")
        head = self.take(end.start() - self._at)
        self._at = end.end()
        return head

    def at_hand(self, size: int) -> bytes:
        """Return the next bytes, at most `size`, of those that are decoded."""
        return self._buffer[self._at : self._at + size]

    def begins(self, beginnings: tuple[bytes, ...]) -> bool:
        """Say whether the next bytes are one of these."""
        while len(self._buffer) - self._at < max(map(len, beginnings)) and self._more():
            pass
        return self._buffer.startswith(beginnings, self._at)

    def take(self, size: int) -> memoryview:
        """Return the next `size` bytes, fewer at the member's end."""
        if len(self._buffer) - self._at < size:
            self._more(size)
        taken = memoryview(self._buffer)[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def skip(self, size: int) -> int:
        """Take and forget bytes, and return how many there were."""
        skipped = 0
        while skipped < size and (taken := len(self.take(min(size - skipped, PIECE)))):
            skipped += taken
        return skipped

    def skip_blank(self) -> bool:
        """Take line ends, to the member's end where nothing else follows, and say whether something does."""
        while True:
            if blank := _BLANK.match(self._buffer, self._at):
                self._at = blank.end()
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def give_back(self) -> None:
        """Return to the stream what was decoded and not taken; only where nothing is compressed."""
        self._stream.unread(self._buffer[self._at :])
        self._buffer, self._at = b"", 0

    def rewind(self) -> None:
        """Move the stream back to the member's second byte; of one above RESYNC_BYTES only its rest is searched."""
        if self._stream.seekable:
            self._stream.seek(self.offset + 1)
        elif self._size <= RESYNC_BYTES:
            self._stream.unread(b"".join(self._stored)[1 : self._size])

    def _more(self, size: int = 1) -> bool:
        """Decode until `size` bytes are at hand, or all there are; return False where there were no more."""
        held = before = len(self._buffer) - self._at
        pieces: list[bytes | memoryview] = [memoryview(self._buffer)[self._at :]] if held else []
        while (held < size or held == before) and (piece := self._decode(max(size - held, _STEP))):
            pieces.append(piece)
            held += len(piece)
        self._buffer, self._at = b"".join(pieces), 0
        return held > before

    def _decode(self, size: int) -> bytes:
        """Return the next decoded bytes; none at the end of the member."""
        member = self._decoder
        while not member.eof:
            data = b"" if member.pending else self._fed()
            if not data and not member.pending:
                if self.codec is None:
                    return b""
                raise Fault("truncated", f"the file ends within a record's {self.codec} data")
            self._hold(data)
            try:
                out = member.decompress(data, size)
            except ERRORS as error:
                raise Fault("damaged", f"{self.codec} data: {error}") from None
            if member.eof:
                self._stream.unread(member.unused_data)
                self._size -= len(member.unused_data)
            self._decoded += len(out)
            if self.codec and self._decoded > RATIO_FLOOR and self._decoded > RATIO * self._size:
                raise Fault("too large", f"{self._size:,} bytes of {self.codec} became more than {self._decoded:,}")
            if out:
                return out
        return b""

    def _fed(self) -> bytes:
        """Read the next stored bytes, where it can be enough of them for a page; of zstd a whole frame."""
        if self.codec:
            head = self._stream.head(PIECE // 2)
            if self.codec == "zstd" and not zstd_frame(head):
                self._stream.head(_SEARCHED)
        return self._stream.read()

    def _hold(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > RESYNC_BYTES:
            self._stored.clear()
        elif not self._stream.seekable:
            self._stored.append(data)


def _skip_blank(stream: Stream) -> bytes:
    """Pass over line ends and padding between members; return the next bytes, none at the end of the file."""
    while piece := stream.read():
        rest = piece.lstrip(b"\r\n\0")
        if rest:
            stream.unread(rest)
            return stream.head(8) if len(rest) < 8 else rest
    return b""


def _skip_frame(stream: Stream) -> None:
    """Pass over a skippable zstd frame."""
    head = stream.head(8)
    left = 8 + int.from_bytes(head[4:8], "little")
    while left and (piece := stream.read()):
        if len(piece) > left:
            stream.unread(piece[left:])
        left -= min(left, len(piece))


def _find_next(stream: Stream) -> bool:
    """Move to the next byte at which a record begins and return True, or to the end of the file.

    The file's end is also where RESYNC_TRIES places that looked like a compressed record were none.
    """
    tries = 0
    while window := stream.head(2 * _SEARCHED):
        for at in _candidates(window, _SEARCHED if len(window) >= 2 * _SEARCHED else len(window)):
            codec = compression(window[at : at + 8])
            tries += codec is not None
            if codec is None or _begins_record(memoryview(window)[at : at + _SEARCHED], codec):
                stream.read()
                stream.unread(window[at:])
                return True
            if tries == RESYNC_TRIES:
                while stream.read():
                    pass
                return False
        stream.read()
        stream.unread(window[_SEARCHED:])
    return False


def _candidates(window: bytes, end: int) -> Iterator[int]:
    """Yield the places before `end` at which a compressed record may, or a plain one does begin."""
    length = blank = None
    for found in _PLACES.finditer(window):
        at = found.start()
        if at >= end:
            return
        if not found[0].startswith(b"WARC/"):
            yield at
            continue
        if length is None or length.start() < at:
            length = _LENGTH.search(window, at)
        if blank is None or blank.start() < at:
            blank = _END_OF_HEADER.search(window, at)
        if length is None or blank is None:
            end = min(end, at)
        elif length.start() < blank.start():
            yield at


def _begins_record(data: memoryview, codec: str) -> bool:
    stream = pa.CompressedInputStream(pa.BufferReader(data), codec)
    out = b""
    try:
        while len(out) < HEADER_BYTES and (piece := stream.read(64)):
            out += piece
    except OSError:
        pass
    return START.match(out) is not None
