"""Collections of stories in SGML, a story an element: Reuters-21578, TREC's newspapers, Gigaword, RCV1 and their like.

No document type is read and no entity expanded but those that HTML names. End tags may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from html import escape, unescape

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import web_address
from wirecopy.transforms.read.io import charset, separated
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire.wrapped import paragraphs

READER_VERSION = 1

_BEGINS = re.compile(rb"^[ \t]*<(?:REUTERS|DOC)(?:[ \t][^<>]{0,2000})?>", re.MULTILINE | re.IGNORECASE)
_FIRST = re.compile(
    rb"(?:\s+|<!DOCTYPE\s[^>]{0,500}>|<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->|<(?:root|docs|add|corpus|collection)>)*+"
    rb"<(?:REUTERS|DOC)(?:\s[^<>]{0,2000})?>",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = re.compile(
    rb"<(?:DOCNO|DOCID|DOC_ID|TEXT|HEADLINE|HEAD|HL|BODY|FILEID|DATELINE|TTL)\b[^<>]{0,200}>|\bNEWID=|<DOC id=",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([A-Za-z][\w.-]{0,40})((?:\s[^<>]{0,2000})?)/?>")
_ATTRIBUTE = re.compile(r"([A-Za-z][\w-]{0,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_REFERENCE = re.compile(r"&#(?:0?[0-8]|1[1-9]|2[0-9]|3[01]|127);")
_CONTROL = bytes({*range(32), 127} - set(b"\t\n\r"))
_SIGNED_OFF = re.compile(r"\s*\n[ \t]*reuters?[ \t]*\Z", re.IGNORECASE)
_BY_LINE = re.compile(r"\n\s*(?:@|-{2,})\s*")
_FT = re.compile(r"\AFT\s+\d{1,2} [A-Z]{3} \d\d\s*/\s*")
_DOCUMENT = re.compile(r"([A-Z]{2,6})(?:_([A-Z]{3}))?[_-]?(\d{2,8})(?=[-_.]|$)")
_FILED = re.compile(r"(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)(E[SD]T|GMT)")
_DAY_WRITTEN = re.compile(r"[A-Z][a-z]+\.? \d{1,2}, \d{4}")
_MAX_DEPTH = 64

_BLOCKS = frozenset("br p par paragraph".split())
_FIELDS: dict[str, str] = {
    name: field
    for field, names in {
        "headline": "title headline hl head ttl ti tit titulo titre",
        "lead": "lp leadpara ld lead",
        "body": "text tx te txt body article content texte texto",
        "id": "docno docid doc_id",
        "date": "date_time datetime date date1 dd pubdate da dt fecha data",
        "byline": "byline author by auth au autor auteur",
        "dateline": "dateline dl place",
        "outlet": "pub paper publication newspaper journal so source",
        "section": "section page category sect",
        "url": "url link",
        "filed": "fileid",
        "slug": "second slug slugline",
        "header": "dochdr",
        "other": "topics places people orgs exchanges companies unknown first note unk profile access caption descript"
        " memo edition code name day month pg.col pubyear length type subject correction correction-date graphic"
        " doctype header trailer in rec copyright image company country city geographic ht cn re no",
    }.items()
    for name in names.split()
}
"""What the elements of such collections hold; the others are a part of what they stand in."""

_AGENCIES = {"AP": "AP", "APW": "AP", "AFP": "AFP", "CNA": "CNA", "REU": "Reuters", "XIE": "Xinhua", "XIN": "Xinhua"}
_PAPERS = {
    "FT": "Financial Times",
    "GH": "The Herald",
    "LA": "Los Angeles Times",
    "LTW": "Los Angeles Times/Washington Post",
    "NYT": "The New York Times",
    "SJMN": "San Jose Mercury News",
    "WPB": "The Washington Post/Bloomberg",
    "WSJ": "The Wall Street Journal",
}
"""Agencies and papers by the letters that the numbers of their documents begin with in TREC, CLEF and Gigaword."""
_LANGUAGES = {"ENG": "en", "FRA": "fr", "FRE": "fr", "SPA": "es", "ARB": "ar", "CMN": "zh", "DEU": "de", "RUS": "ru"}


def is_collection(head: bytes) -> bool:
    """Say whether a file begins with a story of such a collection."""
    return _FIRST.match(head) is not None and _SIGNS.search(head) is not None


def spans(stream: Stream) -> Iterator[Span]:
    """Cut a collection into runs of stories."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each story that begins in a unit, of form `record`, or a reject; see `separated.read`."""
    yield from separated.read(unit, stream, _BEGINS, partial(_document, unit.unit_id))


def _document(unit_id: str, data: bytes, ordinal: int, doc_ref: str) -> Document | None:
    begin = _BEGINS.search(data)
    if not begin:
        return None
    text = _REFERENCE.sub("", charset.decode(data[begin.start() :].translate(None, _CONTROL)))
    opening = _TAG.search(text)
    assert opening
    about = {name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(opening[3])}
    inside = _CDATA.sub(lambda found: escape(found[1], quote=False), _COMMENT.sub("", text[opening.end() :]))
    if "dochdr" in inside[:2000].lower() and (page := _page(inside, unit_id, ordinal, doc_ref)):
        return page
    elements = _elements(inside)
    if opening[2].upper() == "REUTERS":
        return _reuters(elements, about, unit_id, ordinal, doc_ref)
    return _story(elements, about, unit_id, ordinal, doc_ref)


def _elements(text: str) -> dict[str, list[str]]:
    """Return the texts of a story's elements by their lower-case names, less those of fields inside them."""
    found: dict[str, list[str]] = {}
    stack: list[tuple[str, list[str]]] = [("", [])]
    at = 0

    def close(down_to: int) -> None:
        while len(stack) > down_to:
            name, pieces = stack.pop()
            joined = "".join(pieces)
            found.setdefault(name, []).append(unescape(joined))
            if name not in _FIELDS:
                stack[-1][1].append(joined)

    for tag in _TAG.finditer(text):
        stack[-1][1].append(text[at : tag.start()])
        at, name = tag.end(), tag[2].lower()
        if name in _BLOCKS:
            stack[-1][1].append("\n\n")
        elif tag[1]:
            place = next((i for i in range(len(stack) - 1, 0, -1) if stack[i][0] == name), None)
            if place is not None:
                close(place)
        elif len(stack) < _MAX_DEPTH:
            stack.append((name, []))
    stack[-1][1].append(text[at:])
    close(1)
    return found


def _first(elements: dict[str, list[str]], field: str) -> str | None:
    """Return the first text of the elements that hold a field, in the order of their names, or None."""
    texts = (text for name, known in _FIELDS.items() if known == field for text in elements.get(name, ()))
    return next((text.strip("\n") for text in texts if text.strip()), None)


def _line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def _reuters(
    elements: dict[str, list[str]], about: dict[str, str], unit_id: str, ordinal: int, doc_ref: str
) -> Document:
    """Return the document of a story of Reuters-21578. Raises Fault `no text` for one that is only a headline."""
    text = next((text for name in ("body", "text") for text in elements.get(name, ()) if text.strip()), None)
    if not text:
        raise Fault("no text", "a story that is a headline only")
    number = about.get("newid")
    author = _line(_first(elements, "byline"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        paragraphs(_SIGNED_OFF.sub("", text.rstrip())),
        source_id=number,
        namespace="reuters-21578" if number else None,
        headline=_line(_first(elements, "headline")),
        authors=(author,) if author else (),
        byline=author,
        dateline=(_line(_first(elements, "dateline")) or "").rstrip(" -") or None,
        credit="Reuters",
        language="en",
        keywords=tuple(dict.fromkeys(filter(None, map(_line, elements.get("d", ()))))),
        published=_line(_first(elements, "date")),
    )


def _story(elements: dict[str, list[str]], about: dict[str, str], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of a `DOC`. Raises Fault `no text` where it has none."""
    lead, body = _first(elements, "lead"), _first(elements, "body")
    text = paragraphs("\n\n".join(part for part in (lead, body) if part))
    if not text:
        raise Fault("no text", "a DOC without a text; it has " + (", ".join(elements)[:200] or "nothing"))
    number = about.get("id") or _line(_first(elements, "id"))
    known = _DOCUMENT.match(number) if number else None
    letters = known[1] if known else ""
    headline = _FT.sub("", (_first(elements, "headline") or "").strip())
    headline, *behind = _BY_LINE.split(headline)
    byline = _line(_first(elements, "byline")) or next(
        (line for each in behind if (line := _line(each)) and line.lower().startswith("by ")), None
    )
    url = _line(_first(elements, "url"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=number,
        namespace=letters or about.get("source") if number else None,
        url=web_address(url),
        outlet_name=_PAPERS.get(letters) or _line(_first(elements, "outlet")),
        headline=_line(headline),
        authors=(byline,) if byline else (),
        byline=byline,
        dateline=_line(_first(elements, "dateline")),
        slugline=_line(_first(elements, "slug")),
        credit=_AGENCIES.get(letters),
        language=_LANGUAGES.get(known[2] or "") if known else None,
        section=_line(_first(elements, "section")),
        published=_published(elements, letters, known[3] if known else ""),
    )


def _published(elements: dict[str, list[str]], letters: str, digits: str) -> str | None:
    """Return when a story was published: by the line it was filed with, its date, or the number of its document."""
    if filed := _FILED.search(_first(elements, "filed") or ""):
        month, day, year, hour, minute, zone = filed.groups()
        offset = {"EST": "-05:00", "EDT": "-04:00"}.get(zone, "Z")
        return f"19{year}-{month}-{day}T{hour}:{minute}:00{offset}"
    date = _line(_first(elements, "date"))
    if date and ":" in date:
        return date
    if len(digits) == 8 and digits[:2] in ("19", "20"):
        return digits
    if len(digits) == 6 and letters in ("AP", "WSJ", "FR"):
        return _day(digits)
    if date and date.isdigit() and len(date) == 6:
        return _day(date)
    if date and (written := _DAY_WRITTEN.search(date)):
        return written[0]
    return date


def _day(digits: str) -> str:
    """Return the day that two digits each of year, month and day stand for; collections in SGML begin in 1987."""
    return f"{'19' if digits >= '5' else '20'}{digits[:2]}-{digits[2:4]}-{digits[4:]}"


def _page(inside: str, unit_id: str, ordinal: int, doc_ref: str) -> Document | None:
    """Return the document of a page in a web collection, with the address in its header."""
    found = re.search(r"<DOCHDR>\s*(\S+).*?</DOCHDR>(.*?)(?:</DOC>|\Z)", inside, re.DOTALL | re.IGNORECASE)
    if not found or not found[2].strip():
        return None
    return Document(unit_id, ordinal, doc_ref, "html", found[2].strip(), url=web_address(found[1]))
