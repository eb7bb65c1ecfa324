"""The payload of an HTTP response as a crawler stored it (RFC 9110, 9112)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from wirecopy.transforms.read.bounds import HEADER_BYTES, RATIO_FLOOR, RECORD_BYTES
from wirecopy.transforms.read.faults import Fault

_STATUS = re.compile(rb"(?:HTTP|ICY)(?:/\d(?:\.\d)?)? +(\d{3})")
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_FIELDS = re.compile(rb"\n(content-type|content-encoding|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_SIGNED = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_ARROW = {"gzip": "gzip", "x-gzip": "gzip", "br": "brotli", "zstd": "zstd"}


class Response(NamedTuple):
    """A response.

    Attributes:
        status: the status code; 0 where there is no status line.
        header: the fields that say what the payload is, by lower-case name, the last of a name.
        stored: the payload as it was transferred.
    """

    status: int
    header: Mapping[str, str]
    stored: bytes


def response(block: memoryview) -> Response:
    """Return the response that a record's block holds; a block without a status line is all payload."""
    status = _STATUS.match(block)
    if not status:
        return Response(0, {}, bytes(block))
    end = _END_OF_HEADER.search(block, 0, HEADER_BYTES)
    head, stored = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    header = {name.decode().lower(): value.decode("latin-1").rstrip() for name, value in _FIELDS.findall(head)}
    return Response(int(status[1]), header, bytes(stored))


def payload(reply: Response) -> bytes:
    """Return a response's payload, transfer and content encodings taken off.

    Crawlers often store the decoded payload under the original header, so an encoding that the bytes do not have is
    taken as gone already.

    Raises:
        Fault: `unsupported`, `damaged` or `too large`.
    """
    data = reply.stored
    if "chunked" in reply.header.get("transfer-encoding", "").lower():
        data = _unchunked(data)
    for encoding in reversed(reply.header.get("content-encoding", "").lower().split(",")):
        data = _decoded(data, encoding.strip())
    return data


def _unchunked(data: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(data, at):
        size = int(chunk[1], 16)
        if size == 0:
            return b"".join(pieces)
        pieces.append(data[chunk.end() : chunk.end() + size])
        at = chunk.end() + size
        at += 2 if data[at : at + 2] == b"\r\n" else data[at : at + 1] == b"\n"
    return b"".join(pieces) if pieces and at >= len(data) else data


def _decoded(data: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity", "none") or not data.startswith(_SIGNED.get(encoding, b"")):
        return data
    if encoding == "deflate":
        return _inflated(data)
    if encoding not in _ARROW:
        return data
    try:
        stream = pa.CompressedInputStream(pa.BufferReader(data), _ARROW[encoding])
        out: bytes = stream.read(RECORD_BYTES + 1)
    except OSError as error:
        if encoding == "br" and _is_markup(data):
            return data
        raise Fault("damaged", f"{encoding} payload: {error}") from None
    return _bounded(out, encoding)


def _inflated(data: bytes) -> bytes:
    """Return deflated data, with or without a zlib header: servers do both."""
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return _bounded(zlib.decompressobj(bits).decompress(data, RATIO_FLOOR), "deflate")
        except zlib.error:
            continue
    return data


def _bounded(data: bytes, encoding: str) -> bytes:
    if len(data) > RECORD_BYTES:
        raise Fault("too large", f"a {encoding} payload of more than {RECORD_BYTES:,} bytes")
    return data


def _is_markup(data: bytes) -> bool:
    return data.lstrip()[:1] in (b"<", b"{", b"[")
