"""What Telegram's desktop program exports of a chat (result.json): a message an article, cut into runs of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from blake3 import blake3

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import LINE_BYTES, UNIT_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.records import jsonvalues
from wirecopy.transforms.read.records.jsonl import parse
from wirecopy.transforms.read.records.telegram import document

READER_VERSION = 2

_MESSAGES = re.compile(rb'"messages"\s*:\s*\[')
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_KIND = re.compile(
    rb'"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|(?:private|public)_(?:group|supergroup|channel))"'
)


def is_export(head: bytes) -> bool:
    """Say whether a file begins as the export of one chat: that of an account holds its messages deeper."""
    found = _MESSAGES.search(head, 0, 4096)
    if found is None or _KIND.search(head, 0, found.start()) is None:
        return False
    before = _STRING.sub(b"", head[: found.start()])
    return before.count(b"{") == before.count(b"}") + 1 and before.count(b"[") == before.count(b"]")


def spans(stream: Stream, target: int = UNIT_BYTES) -> Iterator[Span]:
    """Cut an export before the first message that begins at or after every `target` bytes."""
    begin, first, number, end = 0, 1, 0, -1
    head = stream.head()
    digest = blake3(head[: _start(head)])
    try:
        for value in jsonvalues.values(stream, _start(head), -1):
            if value.begin - begin >= target:
                yield Span(begin, value.begin, first, value.begin - begin, digest.digest())
                begin, first, digest = value.begin, number + 1, blake3(head[: _start(head)])
            number += 1
            digest.update(value.data if value.data is not None else str(value.end).encode())
        end = stream.position
    except Fault:
        pass
    yield Span(begin, end, first, stream.position - begin, digest.digest())


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each message with a text, and a reject for each without.

    `doc_ref` is path#number of the message. Raises Fault where the stream is damaged, and OSError.
    """
    if unit.begin == 0:
        head = stream.head()
    else:
        path = unit.path.removesuffix("".join(f"!/{name}" for name in unit.inside))
        with closing(open_stream(path, unit.inside)) as start:
            head = start.head()
    about = chat(head)
    ordinal = 0
    for number, value in enumerate(jsonvalues.values(stream, unit.begin or _start(head), unit.end), unit.first):
        doc_ref = f"{unit.path}#{number}"
        try:
            if value.data is None:
                raise Fault("too large", f"a message of {value.end - value.begin:,} bytes; {LINE_BYTES:,} are read")
            if not value.whole:
                raise Fault("truncated", "the file ends within a message")
            message = parse(value.data)
            if not isinstance(message, dict):
                raise Fault("malformed", "no message")
            yield document(message, unit.unit_id, ordinal, doc_ref, about)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref, value.data)
        ordinal += 1
    if ordinal == 0 and unit.begin == 0:
        raise Fault("empty", "a chat without messages")


def chat(head: bytes) -> Mapping[str, Any]:
    """Return what an export says of its chat in front of the messages: name, type and id."""
    begin = _MESSAGES.search(head)
    about = head[: begin.start()].rstrip().removesuffix(b",") + b"}" if begin else b"{}"
    try:
        found = parse(about)
    except Fault:
        return {}
    return found if isinstance(found, dict) else {}


def _start(head: bytes) -> int:
    """Return the byte behind the bracket that opens the messages."""
    found = _MESSAGES.search(head)
    return found.end() if found else 0
