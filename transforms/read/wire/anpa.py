"""ANPA 1312, in which American wires send: control bytes around a keyword line, marked lines and a text.

What passed through mail and text files has lost its control bytes: the message begins with its number and keyword line,
or with its marked lines, and ends with the line that says when it was sent.
"""

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

READER_VERSION = 2

_NUMBER_LINE = rb"[A-Za-z]{1,2}\d{3,4}[a-z-]{0,12}[ \t\r]*\n(?:[a-z] [a-z] )?(?:BC|AM|PM|HFR|bc|am|pm)-"
_SLUG_LINE = rb"\^?(?:BC|AM|PM|HFR)-[^\n]{2,60},[ ]?\d{2,5}[^\n]{0,12}\n"
_BEGINS = re.compile(
    rb"\x16+\x01|(?<!\x16)\x01(?=[A-Za-z]{1,2}\d{3,4}\x1f)|^(?="
    + _NUMBER_LINE
    + rb")|^(?=(?:BC|AM|PM|HFR)-[^\n]{2,60},[ ]?\d{2,5}[ \t\r]*\n)",
    re.MULTILINE,
)
_STRIPPED = re.compile(rb"\s*(?:" + _NUMBER_LINE + rb"|" + _SLUG_LINE + rb"|(?:\^[^\n]{2,90}[<=][ \t\r]*\n){2})")
_HEADER_LINES = re.compile(
    r"\s*[A-Za-z]{1,2}\d{3,4}[a-z-]{0,12}[ \t]*\n(?:(?:[a-z] [a-z] |(?:BC|AM|PM|HFR)-)[^\n]*\n)?"
)
_FIRST = re.compile(rb"[\x00\x7f\s]*(?:\x16+\x01|\x01?[A-Za-z]{1,2}\d{3,4}\x1f)")
_CONTROL = bytes({*range(32), 127} - set(b"\t\n\r"))
_KEYWORD = re.compile(r"((?:BC|AM|PM|HFR|[A-Z]{2})-[^\n]{1,60}?)[ \t]+(\d\d-\d\d)(?:-\d\d)?[ \t]+(\d{3,5})\b")
_SENT = re.compile(
    r"^([A-Z]{2,4})(?:-[A-Z0-9]{1,3})?-(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)(GMT|UTC|E[SD]T)?<?[ \t]*$", re.MULTILINE
)
_ZONES = {"GMT": "Z", "UTC": "Z", "EST": "-05:00", "EDT": "-04:00"}
_BYLINE = re.compile(r"By .{2,100}", re.IGNORECASE)
_FOR_EDITORS = re.compile(
    r"(?:Eds|Editors|Note|AP (?:Photo|Graphic|Video)|Precede|Subs|Recasts|With)\b.*|\(.*\)|(?:c\.|©|\(c\)) ?\d{4} .*",
    re.IGNORECASE | re.DOTALL,
)
_SLUG_ALONE = re.compile(r"(?:BC|AM|PM|HFR)-\S+")
_SLUG_COUNT = re.compile(r",\s?\d{2,5}(?:,\d+)?$")
_TOP_LINES, _TOP_LINE = 12, 90
"""Lines above a text whose marks are lost, and characters of the longest."""


def is_message(head: bytes) -> bool:
    """Say whether a file begins as a message does.

    Without its control bytes a message must be marked, or say at its end when it was sent.
    """
    if head[:1] in b"\x16\x01\x00\x7f" and _FIRST.match(head) is not None:
        return True
    found = _STRIPPED.match(head)
    return found is not None and (
        b"^" in found[0] or _SENT.search(head.decode("latin-1").replace("\r", "")) is not None
    )


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
    stripped = not mark and b"\x01" not in data
    if stripped:
        header, rest = data, data
    elif not mark:
        raise Fault("malformed", "ANPA 1312: a message without the byte that begins its text")
    body, _, behind = rest.partition(b"\x03")
    keyword = _KEYWORD.search(_decoded(header))
    text, sent = _decoded(body), _SENT.search(_decoded(behind)) or _SENT.search(_decoded(body))
    if sent and sent.string != _decoded(behind):
        text = text[: sent.start()]
    text = _HEADER_LINES.sub("", text, count=1) if stripped else text
    marked: list[str] = []
    kept: list[str] = []
    if stripped:
        marked, text = _top(text.lstrip("\n"))
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("^") or (bare.endswith(("<", "=")) and not kept):
            marked.append(bare.lstrip("^").rstrip("<= \t"))
        elif bare or kept:
            kept.append(line.rstrip().rstrip("<"))
    story = paragraphs("\n".join(kept))
    if not story:
        if stripped and not marked:
            return None
        raise Fault("no text", "ANPA 1312: a message without a text")
    marked = [each for each in marked if each]
    slug = keyword[1].strip() if keyword else None
    lines = [
        each
        for each in marked
        if not (_SLUG_COUNT.search(each) or _FOR_EDITORS.fullmatch(each) or _SLUG_ALONE.fullmatch(each))
    ]
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


def _top(text: str) -> tuple[list[str], str]:
    """Return the lines above a text of which the marks may be lost, and the text: it is set in or has long lines."""
    lines = text.split("\n")
    at = 0
    while at < min(len(lines), _TOP_LINES) and not lines[at].startswith(("\t", "  ")) and len(lines[at]) < _TOP_LINE:
        if at and not lines[at].strip():
            break
        at += 1
    return [line.strip().lstrip("^").rstrip("<= \t") for line in lines[:at]], "\n".join(lines[at:])


def _decoded(data: bytes) -> str:
    return charset.decode(data.translate(None, _CONTROL)).replace("\r\n", "\n").replace("\r", "\n")


def _instant(sent: re.Match[str]) -> str:
    _, month, day, year, hour, minute, zone = sent.groups()
    century = "19" if year >= "70" else "20"
    return f"{century}{year}-{month}-{day}T{hour}:{minute}:00{_ZONES.get(zone, '')}"
