"""JSON Lines (jsonlines.org): one object a line, each an article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import BRACKETS, LINE_BYTES, NESTING
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.lines import lines
from wirecopy.transforms.read.io.spans import lines as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.records import elastic, objects

READER_VERSION = 2

__all__ = ["READER_VERSION", "parse", "read", "spans"]


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each object in a unit's lines, and a reject for each line that holds none.

    Blank lines, and those of a bulk request that tell what to do with the next one, are passed over. `doc_ref` is
    path#line. Raises Fault where the stream is damaged, and OSError.
    """
    ordinal = 0
    for number, data, size in lines(stream, unit.begin, unit.end, unit.first):
        if data is not None and (not data or data.isspace()):
            continue
        doc_ref = f"{unit.path}#{number}"
        try:
            if data is None:
                raise Fault("too large", f"a line of {size:,} bytes; at most {LINE_BYTES:,} are read")
            value = parse(data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref, data)
            ordinal += 1
            continue
        if type(value) is dict and len(value) == 1 and elastic.is_action(value):
            continue
        for element in objects.documents(value, unit, ordinal, doc_ref, data):
            yield element
            ordinal += 1


def parse(data: bytes) -> Any:
    """Return the value of a JSON text (RFC 8259).

    Raises:
        Fault: `encoding` where it is not UTF-8, `malformed` where it is not JSON, `too large` beyond NESTING levels or
            BRACKETS arrays and objects.
    """
    brackets = data.count(b"[") + data.count(b"{")
    if brackets > BRACKETS:
        raise Fault("too large", f"about {brackets:,} arrays and objects; at most {BRACKETS:,} are read")
    try:
        value = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise Fault("encoding", f"JSON is UTF-8, but {error}") from None
    except RecursionError:
        raise Fault("too large", f"nested deeper than {NESTING} levels") from None
    except ValueError as error:
        raise Fault("malformed", str(error)) from None
    if brackets > NESTING and _deep(value):
        raise Fault("too large", f"nested deeper than {NESTING} levels")
    return value


def _deep(value: Any) -> bool:
    level = [value]
    for _ in range(NESTING + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
