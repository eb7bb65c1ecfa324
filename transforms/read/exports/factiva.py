"""Factiva: pages of many articles as it lets one save them, with its fields in a column or in lines, and their text.

What a line is follows from its place: the count of words stands before the date, the time, the source and its code,
whatever language the surface had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree
from lxml import html as lxml_html

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import BRACKETS
from wirecopy.transforms.read.exports import words
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire.markup import line, local, paragraphs

READER_VERSION = 1

__all__ = ["READER_VERSION", "documents_of_lines", "is_export", "is_text", "read", "spans"]

_ARTICLE = re.compile(r"(?:^|\s)\w{2,6}Article(?:\s|$)")
_SIGN = re.compile(
    rb"class=[\"']?article \w{2,6}Article[\"'\s>]|class=[\"']?articleParagraph \w{2,6}articleParagraph", re.I
)
_NUMBER = re.compile(r"(?:\w+\s+)?([A-Z0-9]{2,10}?0{0,2}(?:19|20)\d{6}[a-z0-9]{6,12})\s*$")
_END = re.compile(r"^[ \t]*(?:AN[ \t]+)?[^\W\d]{2,12}:? ([A-Z0-9]{2,10}(?:19|20)\d{6}[a-z0-9]{6,12})\s*$", re.MULTILINE)
_BY = re.compile(r"(?:by|von|par|por|di|door|av|af|text)\b:? ", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.?!]$|\d")
_NAMES = 5
"""Words of the longest line that is taken for names without saying so."""
_CODE = re.compile(r"[A-Z][A-Z0-9]{2,9}")
_PAGE = re.compile(r"(?:[A-Z]{0,3}\d{1,4}[A-Z]?|\d[\d-]*|(?:page|pg\.?|p\.) ?\w+)", re.IGNORECASE)
_CODES = frozenset("AN BY CLM CO CR CY ED ET HD IN IPC IPD LA LP NS PD PG PUB RE RF SC SE SN TD VOL WC".split())


def is_export(head: bytes) -> bool:
    """Say whether a page begins as one that Factiva saves."""
    return b"rticle" in head and _SIGN.search(head) is not None


def is_text(head: str) -> bool:
    """Say whether a text has a line that ends an article of Factiva, and counts words."""
    return _END.search(head) is not None and any(
        words.COUNTED.fullmatch(each.removeprefix("WC").strip()) for each in head.splitlines() if len(each) < 40
    )


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article, of form `record`, or a reject. `doc_ref` is path#number.

    Raises Fault where there is none, and OSError.
    """
    data = stream.whole()
    if data.count(b"<") > BRACKETS:
        raise Fault("too large", f"more than {BRACKETS:,} tags")
    root = page(html.decode(data))
    articles = [each for each in root.iterdescendants() if _ARTICLE.search(each.get("class") or "")]
    if not articles:
        raise Fault("malformed", "a page of Factiva without an article")
    for ordinal, article in enumerate(articles):
        doc_ref = f"{unit.path}#{ordinal + 1}"
        try:
            yield _article(article, unit.unit_id, ordinal, doc_ref)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref)


def page(text: str) -> etree._Element:
    """Return the root of a page, whatever its faults. Raises Fault where there is none."""
    try:
        parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = lxml_html.document_fromstring(text.encode(errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Fault("malformed", f"HTML: {error}") from None
    return root


def _article(article: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    if fields := _column(article):
        return _of_fields(fields, unit_id, ordinal, doc_ref)
    headline = author = None
    before: list[str] = []
    lines: list[str] = []
    body: list[str] = []
    for element in article.iterdescendants():
        name, kind = local(element), element.get("class") or ""
        if "Headline" in kind or element.get("id") == "hd":
            headline = headline or line(element)
        elif "articleParagraph" in kind or (name in ("p", "pre") and body):
            body.append(paragraphs(element) or "")
        elif kind == "author":
            author = line(element)
        elif name == "div" and not body and not any(local(inner) in ("div", "p") for inner in element):
            (lines if headline else before).append(line(element) or "")
        elif name == "p" and _NUMBER.search(line(element) or ""):
            body.append(line(element) or "")
    return _document(headline, author, lines, body, unit_id, ordinal, doc_ref, before)


def _column(article: etree._Element) -> dict[str, str]:
    """Return the fields of an article saved with its indexing: a code in the first cell, what it says in the second."""
    found: dict[str, str] = {}
    for row in article.iterdescendants("tr"):
        cells = [cell for cell in row if local(cell) in ("td", "th")]
        code = (line(cells[0]) or "").strip("\xa0 ") if len(cells) > 1 else ""
        if code in _CODES and (text := paragraphs(cells[1])):
            found.setdefault(code, text)
    return found if {"HD", "PD"} <= found.keys() or {"AN", "SN"} <= found.keys() else {}


def _of_fields(fields: dict[str, str], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    text = "\n\n".join(part for code in ("LP", "TD") if (part := fields.get(code)))
    if not text:
        raise Fault("no text", f"an article of Factiva without lead and text: {fields.get('HD', 'no headline')[:200]}")
    one = {code: " ".join(text.split()) for code, text in fields.items()}
    number = _NUMBER.search(one.get("AN", ""))
    byline, clock = one.get("BY"), one.get("ET", "")
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=number[1] if number else one.get("AN", "").rpartition(" ")[2] or None,
        namespace="factiva" if "AN" in one else None,
        outlet_name=one.get("SN"),
        headline=one.get("HD"),
        authors=(byline,) if byline else (),
        byline=byline,
        credit=one.get("CR"),
        language=words.language(one.get("LA")),
        section=one.get("SE") or one.get("CLM"),
        published=f"{one['PD']} {clock}".strip() if "PD" in one else None,
    )


def _document(
    headline: str | None,
    author: str | None,
    lines: Sequence[str],
    body: Sequence[str],
    unit_id: str,
    ordinal: int,
    doc_ref: str,
    before: Sequence[str] = (),
) -> Document:
    """Return the document of an article by its lines between headline and text, and those of its text."""
    lines = [each for each in lines if each]
    counted = next((place for place, each in enumerate(lines) if words.COUNTED.fullmatch(each)), None)
    behind = lines[counted + 1 :] if counted is not None else lines
    if author is None and counted:
        author = lines[counted - 1]
    dated = next((place for place, each in enumerate(behind) if words.DATE.search(each)), None)
    date = clock = source = tag = number = None
    if dated is not None:
        date, behind = behind[dated], behind[dated + 1 :]
        if behind and words.CLOCK.fullmatch(behind[0]):
            clock, behind = behind[0], behind[1:]
        if behind and not words.COPYRIGHT.match(behind[0]):
            source, behind = behind[0], behind[1:]
    tag = next((found for each in behind if (found := words.language(each))), None)
    text = [part for part in body if part]
    if text and (end := _NUMBER.search(text[-1])):
        number, text = end[1], text[:-1]
    if not text:
        raise Fault("no text", f"an article of Factiva without a text: {(headline or 'no headline')[:200]}")
    section = next((each for each in before if not words.COUNTED.fullmatch(each)), None)
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        "\n\n".join(text),
        source_id=number,
        namespace="factiva" if number else None,
        outlet_name=source,
        headline=headline,
        authors=(author,) if author else (),
        byline=author,
        language=tag,
        section=section,
        published=f"{date} {clock or ''}".strip() if date else None,
    )


def documents_of_lines(text: str, unit_id: str, path: str) -> Iterator[Document | Fault]:
    """Yield the document of each article in a text, as RTF and copied pages hold them, or what is wrong with it.

    An article begins with its headline and ends with the line that gives its number.
    """
    at = 0
    for ordinal, end in enumerate(_END.finditer(text)):
        lines = [stripped for each in text[at : end.start()].splitlines() if (stripped := each.strip())]
        at = end.end()
        try:
            yield _of_lines([*lines, end[0].strip()], unit_id, ordinal, f"{path}#{ordinal + 1}")
        except Fault as fault:
            yield fault


def _coded(lines: Sequence[str]) -> dict[str, str]:
    """Return the fields of an article whose lines begin with Factiva's codes, or stand below them; none elsewhere."""
    found: dict[str, list[str]] = {}
    code = ""
    for each in lines:
        head, _, rest = each.partition(" ") if " " in each else each.partition("\t")
        if head.strip() in _CODES and head.strip() not in found and (not rest or found or head in ("HD", "SE")):
            code, each = head.strip(), rest.strip()
            found[code] = []
        if each and code:
            found[code].append(each)
    told = {name: "\n\n".join(parts) for name, parts in found.items() if parts}
    return told if {"HD", "PD", "SN"} <= told.keys() else {}


def _top(lines: Sequence[str]) -> tuple[str | None, str, str | None]:
    """Return section, headline and byline of the lines above the count of words; a headline always stands there."""
    if len(lines) == 1:
        return None, lines[0], None
    last = lines[-1]
    is_byline = _BY.match(last) or (len(last.split()) <= _NAMES and not _SENTENCE_END.search(last))
    if len(lines) == 2 and is_byline and not (len(lines[0].split()) <= 2 and not _BY.match(last)):
        return None, lines[0], last
    if len(lines) == 2:
        return (lines[0], last, None) if len(lines[0].split()) <= _NAMES else (None, " ".join(lines), None)
    if not is_byline:
        return (lines[0], " ".join(lines[1:]), None) if len(lines[0].split()) <= 3 else (None, " ".join(lines), None)
    return lines[0], " ".join(lines[1:-1]), last


def _of_lines(lines: Sequence[str], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    if fields := _coded(lines):
        return _of_fields(fields, unit_id, ordinal, doc_ref)
    counted = next((place for place, each in enumerate(lines) if words.COUNTED.fullmatch(each)), 0)
    if not counted:
        raise Fault("malformed", "an article of Factiva without a headline or a count of words")
    rights = next((n for n in range(counted, min(len(lines), counted + 16)) if words.COPYRIGHT.match(lines[n])), None)
    if rights is None:
        tagged = (n for n in range(counted, min(len(lines), counted + 12)) if words.language(lines[n]))
        rights = next(tagged, min(counted + 3, len(lines) - 1))
    section, headline, byline = _top(lines[:counted])
    head = [byline, *lines[counted : rights + 1]] if byline else lines[counted : rights + 1]
    before = [section] if section else []
    return _document(headline, None, head, lines[rights + 1 :], unit_id, ordinal, doc_ref, before)
