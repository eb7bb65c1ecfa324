"""IPTC 7901, in which agencies send over the oldest of wires: with its control bytes, or stripped of them."""

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

_HEADER = rb"[A-Za-z]{1,4}\d{3,5} [1-9] [A-Za-z]{1,4} +\d{1,5}(?P<rest>(?:[ \t][^\r\n\x02]{0,120})?)[ \t\r]*\n"
_BEGINS = re.compile(
    rb"[\x00\x16\x7f]*\x01[ \t]*(?=[A-Za-z]{1,4}\d{3,5} )|^(?=" + _HEADER.replace(b"?P<rest>", b"?:") + rb")",
    re.MULTILINE,
)
_FIRST = re.compile(rb"[\x00\x16\x7f\s]*\x01?[ \t]*" + _HEADER)
_CONTROL = bytes({*range(32), 127} - set(b"\t\n\r"))
_ENDS = re.compile(
    r"^(?:[A-Z]{2,6} )?(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?: ?(?P<zone>GMT|UTC|Z))?[ ,]+"
    r"(?P<month>[^\W\d_]{3,9})\.? ?"
    r"(?P<year>\d\d(?:\d\d)?)?[ \t]*$",
    re.MULTILINE,
)
_SIGNATURE = re.compile(r"\n[ \t]*(?:[A-Z]{2,6}[ \t]+)?[a-z]{2,6}(?:[ /-][a-z]{1,6}){1,6}[ \t]*\Z")
_SLUG = re.compile(r"\S[^\n]{0,80}/[ \t]*")
_KEYWORDS = re.compile(r"[^\W\d_][\w.]*(?:-[\w.]+)+")
"""A slug that no stroke ends: one word made of several, above the headline."""
_BYLINE = re.compile(r"(?:By|Von|Par|Por|Door|Di|Av|Af|VON|BY|PAR|POR)[ \t]+[^\W\d_].{1,80}")
_PROVIDER = re.compile(r"(?:^|\s)([a-zA-Z]{2,6})(?:-[a-z]{2,4})?\s+\d{2,5}\s*$")
_MONTHS = {
    month: number
    for number, months in enumerate(
        "jan ene gen|feb fév fev|mar mär mrz maa|apr avr abr|may mai mei mag|jun juin giu|jul juil lug|aug aoû ago"
        "|sep set|oct okt ott out|nov|dec dez déc dic".split("|"),
        1,
    )
    for month in months.split()
}


def is_message(head: bytes) -> bool:
    """Say whether a file begins as a message does: with the header of one, behind its control byte or not.

    Without the control byte a slug, a mark of the headline's end or the time at the end must be there as well.
    """
    found = _FIRST.match(head)
    if found is None:
        return False
    if b"\x01" in found[0]:
        return True
    text = head[found.end() :].decode("latin-1").replace("\r\n", "\n")
    top = text.lstrip()[:400]
    return _SLUG.match(top.partition("\n")[0]) is not None or " =\n" in top or _ENDS.search(text) is not None


def spans(stream: Stream) -> Iterator[Span]:
    """Cut a file into runs of messages."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each message that begins in a unit, or a reject; see `separated.read`."""
    yield from separated.read(unit, stream, _BEGINS, partial(_document, unit.unit_id))


def _document(unit_id: str, data: bytes, ordinal: int, doc_ref: str) -> Document | None:
    if not data.translate(None, _CONTROL).strip():
        return None
    header = _FIRST.match(data)
    if header is None:
        raise Fault("malformed", "IPTC 7901: a message without its header")
    text = charset.decode(data[header.end() :].partition(b"\x03\x04")[0].translate(None, _CONTROL))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    ends = next(reversed(list(_ENDS.finditer(text))), None)
    if ends:
        text = text[: ends.start()]
    text = _SIGNATURE.sub("", text.rstrip())
    slug, headline, byline, body = _parts(text.strip("\n"))
    story = paragraphs(body)
    if not story:
        raise Fault("no text", f"IPTC 7901: a message without a text: {headline or slug or 'no headline'}")
    provider = _PROVIDER.search(header["rest"].decode("latin-1"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        story,
        headline=headline,
        authors=(byline,) if byline else (),
        byline=byline,
        slugline=slug,
        credit=provider[1] if provider else None,
        published=_instant(ends) if ends else None,
    )


def _parts(text: str) -> tuple[str | None, str | None, str | None, str]:
    """Return slug, headline, byline and text of a message.

    The headline ends with the sign `=`, or with an empty line; what stands in brackets beside it is for editors.
    """
    lines = text.split("\n")
    at = 0
    slug: list[str] = []
    while at < len(lines) and (not lines[at].strip() or _SLUG.fullmatch(lines[at].strip())):
        if lines[at].strip():
            slug.append(lines[at].strip().rstrip("/"))
        at += 1
    block: list[str] = []
    begin = at
    while at < len(lines) and len(block) < 8:
        told = lines[at].strip()
        at += 1
        if not told:
            break
        block.append(told.rstrip("= \t"))
        if told.endswith("="):
            break
    if any(len(each) > 120 for each in block) or (at >= len(lines) and begin < at):
        return "/".join(slug) or None, None, None, "\n".join(lines[begin:])
    if not slug and len(block) > 1 and _KEYWORDS.fullmatch(block[0]):
        slug.append(block.pop(0))
    bylines = [each for each in block if _BYLINE.fullmatch(each)]
    kept = [each for each in block if each not in bylines and not each.startswith("(")]
    headline = " ".join(kept) or None
    return "/".join(slug) or None, headline, bylines[0] if bylines else None, "\n".join(lines[at:])


def _instant(ends: re.Match[str]) -> str | None:
    """Return when a message was sent, of the line that gives day and time before month and year."""
    month = next((_MONTHS[ends["month"][:n].lower()] for n in (4, 3) if ends["month"][:n].lower() in _MONTHS), None)
    if month is None or not ends["year"]:
        return None
    year = ends["year"] if len(ends["year"]) == 4 else f"{'19' if ends['year'] >= '70' else '20'}{ends['year']}"
    zone = "Z" if ends["zone"] else ""
    return f"{year}-{month:02}-{ends['day']}T{ends['hour']}:{ends['minute']}:00{zone}"
