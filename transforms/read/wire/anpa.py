"""ANPA 1312, in which American wires send: control bytes around a keyword line, marked lines and a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset, separated
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire.wrapped import paragraphs

READER_VERSION = 1

_BEGINS = re.compile(rb"\x16+\x01|(?<!\x16)\x01(?=[A-Za-z]{1,2}\d{3,4}\x1f)")
_FIRST = re.compile(rb"[\x00\x7f\s]*(?:\x16+\x01|\x01?[A-Za-z]{1,2}\d{3,4}\x1f)")
_CONTROL = bytes({*range(32), 127} - set(b"\t\n\r"))
_KEYWORD = re.compile(r"((?:BC|AM|PM|HFR|[A-Z]{2})-[^\n]{1,60}?)[ \t]+(\d\d-\d\d)(?:-\d\d)?[ \t]+(\d{3,5})\b")
_SENT = re.compile(
    r"^([A-Z]{2,4})-[A-Z0-9]{1,3}-(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)(GMT|UTC|E[SD]T)?[ \t]*$", re.MULTILINE
)
_ZONES = {"GMT": "Z", "UTC": "Z", "EST": "-05:00", "EDT": "-04:00"}
_BYLINE = re.compile(r"By .{2,100}", re.IGNORECASE)
_FOR_EDITORS = re.compile(r"(?:Eds|Editors|Note|AP Photo|Precede|Subs|Recasts)\b.*", re.IGNORECASE | re.DOTALL)
_SLUG_COUNT = re.compile(r",\s?\d{2,5}(?:,\d+)?$")


def is_message(head: bytes) -> bool:
    """Say whether a file begins as a message does."""
    return head[:1] in b"\x16\x01\x00\x7f" and _FIRST.match(head) is not None


def spans(stream: Stream) -> Iterator[Span]:
    """Cut a file into runs of messages."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each message that begins in a unit, or a reject; see `separated.read`."""
    yield from separated.read(unit, stream, _BEGINS, partial(_document, unit.unit_id))


def _document(unit_id: str, data: bytes, ordinal: int, doc_ref: str) -> Document | None:
    if not data.translate(None, _CONTROL).strip():
        return None
    header, mark, rest = data.partition(b"\x02")
    if not mark:
        raise Fault("malformed", "ANPA 1312: a message without the byte that begins its text")
    body, _, behind = rest.partition(b"\x03")
    keyword = _KEYWORD.search(_decoded(header))
    text, sent = _decoded(body), _SENT.search(_decoded(behind)) or _SENT.search(_decoded(body))
    if sent and sent.string != _decoded(behind):
        text = text[: sent.start()]
    marked: list[str] = []
    kept: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("^") or (bare.endswith(("<", "=")) and not kept):
            marked.append(bare.lstrip("^").rstrip("<= \t"))
        elif bare or kept:
            kept.append(line.rstrip().rstrip("<"))
    story = paragraphs("\n".join(kept))
    if not story:
        raise Fault("no text", "ANPA 1312: a message without a text")
    marked = [each for each in marked if each]
    slug = keyword[1].strip() if keyword else None
    lines = [each for each in marked if not _SLUG_COUNT.search(each) and not _FOR_EDITORS.fullmatch(each)]
    byline = next((each for each in lines if _BYLINE.fullmatch(each)), None)
    headline = lines[0] if lines and lines[0] != byline else None
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        story,
        headline=headline,
        authors=(byline,) if byline else (),
        byline=byline,
        slugline=slug or next((_SLUG_COUNT.sub("", each) for each in marked if _SLUG_COUNT.search(each)), None),
        credit=sent[1] if sent else None,
        published=_instant(sent) if sent else None,
    )


def _decoded(data: bytes) -> str:
    return charset.decode(data.translate(None, _CONTROL)).replace("\r\n", "\n").replace("\r", "\n")


def _instant(sent: re.Match[str]) -> str:
    _, month, day, year, hour, minute, zone = sent.groups()
    century = "19" if year >= "70" else "20"
    return f"{century}{year}-{month}-{day}T{hour}:{minute}:00{_ZONES.get(zone, '')}"
