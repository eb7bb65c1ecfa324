"""RSS, Atom and RDF: what feedparser finds in them, found without it wherever that comes to the same.

A feed that is well-formed, or becomes so when what is commonly wrong with feeds is put right, is read by `wellformed`;
all others by feedparser.
"""

from __future__ import annotations

import io
import re
from html import escape
from html.entities import html5
from typing import Any

import feedparser

from wirecopy.transforms.read.bounds import FEED_TAGS, FILE_BYTES, LOOSE_FEED_TAGS, MENDS, TAG_BYTES
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.feeds import expat, wellformed
from wirecopy.transforms.read.feeds.wellformed import Found
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.web import html

feedparser.api.PREFERRED_XML_PARSERS.insert(0, expat.__name__)

_OPENING = re.compile(rb"(?:\xef\xbb\xbf|\s)*(?:<\?xml[^>]*\?>)?")
_CDATA = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_LONG_TAG = re.compile(rb"<[^<>]{%d}" % TAG_BYTES)
_ELEMENT = re.compile(rb"<\w")
_ENTRY = re.compile(rb"<(?:item|entry)\b", re.IGNORECASE)
_END = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_DECLARED = re.compile(rb"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
_REFERENCE = re.compile(rb"&#\w+;")
_AMPERSAND = re.compile(
    rb"(?P<whole><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))"
    rb"|&(?!(?:amp|lt|gt|quot|apos);)(?:#(?P<number>\d{1,9}|x[\da-fA-F]{1,7});|(?P<name>[\w.-]{1,99});)?",
    re.DOTALL,
)
_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_FOREIGN = re.compile(rb"[^<>\x80-\xff]*[\x80-\xff][^<>]*")
_OF_ONE_BYTE = ("cp12", "iso8859", "koi8", "cp866", "cp874", "mac_")
_CONTROL = bytes({*range(32)} - set(b"\t\n\r"))

_KEPT: dict[str, type] = {
    **dict.fromkeys(("id", "link", "title", "summary", "published", "updated", "language"), str),
    **dict.fromkeys(("links", "content", "authors", "tags"), list),
    **dict.fromkeys(("title_detail", "summary_detail", "source"), dict),
}
_CRASHES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def find(data: bytes, declared: str | None, address: str) -> Found:
    """Return what a feed holds.

    Args:
        data: the feed.
        declared: the encoding that the reply it came with declares.
        address: what its addresses are relative to; empty where that is unknown.

    Raises:
        Fault: `malformed` where it is no feed, `too large` beyond a bound, `encoding` or `binary` where it is no text.
    """
    if data.count(b"<") > FEED_TAGS and _CDATA.sub(b"", data).count(b"<") > FEED_TAGS:
        raise Fault("too large", f"more than {FEED_TAGS:,} tags")
    raw = bare(data)
    if found := _well_formed(raw, address):
        return found
    text = bare(_decoded(data, declared).encode(errors="replace"))
    if text != raw and (found := _well_formed(text, address)):
        return found
    text = mended(text)
    return _well_formed(text, address) or by_feedparser(text, address)


def _decoded(data: bytes, declared: str | None) -> str:
    """Return a feed's text; one in Latin-1 with UTF-8 in some elements as Latin-1, to be mended by element."""
    label = declared or html.label_in(data)
    if label and charset.codec(label) == "cp1252" and _UTF8.search(data) and not _is_utf8(data):
        return data.decode("latin-1")
    known = charset.codec(label) if label else None
    if known and known.startswith(_OF_ONE_BYTE) and _UTF8.search(data) and not _is_utf8(data):
        data = _FOREIGN.sub(lambda found: _in_utf8(found[0], known), data)
        return data.decode("utf-8", "replace")
    return html.decode(data, declared)


def _in_utf8(piece: bytes, known: str) -> bytes:
    """Return a piece of text between tags in UTF-8, which it may be in already, whatever the feed declares."""
    return piece if _is_utf8(piece) else piece.decode(known, "replace").encode()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _well_formed(data: bytes, address: str) -> Found | None:
    try:
        return wellformed.parse(data, address)
    except wellformed.Unsure:
        return None


def bare(data: bytes) -> bytes:
    """Return a document less its byte order mark and XML declaration."""
    opening = _OPENING.match(data)
    return data[opening.end() :] if opening else data


def mended(data: bytes) -> bytes:
    """Return a document in UTF-8 with what is commonly wrong with feeds put right.

    Entities of HTML, and those that its document type declares, become the characters that they stand for; other
    ampersands stand for themselves; the document type, control characters and what follows the feed are left out.

    Raises:
        Fault: `malformed` where entities are made of entities, `too large` where they stand for more than FILE_BYTES or
            more than MENDS places are to be mended.
    """
    declared, data = _without_doctype(data.translate(None, _CONTROL).replace(b"&#X", b"&#x"))
    end = max((found.end() for found in _END.finditer(data)), default=0)
    if end and not _ENTRY.search(data, end):
        data = data[:end]
    room, left = FILE_BYTES, MENDS

    def meant(found: re.Match[bytes]) -> bytes:
        nonlocal room, left
        left -= 1
        if left < 0:
            raise Fault("too large", f"more than {MENDS:,} places to be mended")
        if number := found["number"]:
            return found[0] if _is_allowed(int(b"0" + number, 0) if number[:1] == b"x" else int(number)) else b""
        if found["name"] is None:
            return found[0] if found["whole"] else b"&amp;"
        if (value := declared.get(found["name"])) is not None:
            room -= len(value)
            if room < 0:
                raise Fault("too large", f"entities that stand for more than {FILE_BYTES:,} bytes")
            return value
        known = html5.get(found["name"].decode() + ";")
        return escape(known).encode() if known else b"&amp;" + found["name"] + b";"

    return _AMPERSAND.sub(meant, data)


def _is_allowed(code: int) -> bool:
    """Say whether XML 1.0 allows a character."""
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _without_doctype(data: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """Return the entities that a document declares, and the document less its document type."""
    element = _ELEMENT.search(data)
    begin = data.find(b"<!DOCTYPE", 0, element.start() if element else None)
    doctype = _DOCTYPE.match(data, begin) if begin >= 0 else None
    if not doctype:
        return {}, data
    declared = {name: double or single for name, double, single in _DECLARED.findall(doctype[0])}
    if any(b"<" in value or (b"&" in value and not _REFERENCE.fullmatch(value)) for value in declared.values()):
        raise Fault("malformed", "the feed declares entities made of entities or elements, which are not expanded")
    return declared, data[:begin] + data[doctype.end() :]


def by_feedparser(data: bytes, address: str) -> Found:
    """Return what feedparser finds in a document in UTF-8 without document type. Raises Fault as `find` does."""
    outside = _CDATA.sub(b"", data)
    if outside.count(b"<") > LOOSE_FEED_TAGS:
        raise Fault("too large", f"more than {LOOSE_FEED_TAGS:,} tags in a feed that is not well-formed")
    if _LONG_TAG.search(outside):
        raise Fault("too large", f"a tag of more than {TAG_BYTES:,} bytes")
    if b"<!ENTITY" in outside:
        raise Fault("malformed", "the feed declares entities where none can be declared")
    try:
        found = feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": address},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _CRASHES as error:
        raise Fault("malformed", f"feedparser: {type(error).__name__}: {error}") from None
    if not found.version and not found.entries:
        raise Fault("malformed", f"no feed: {found.get('bozo_exception', 'no known root element')}")
    return Found(_kept(found.feed), [_kept(entry) for entry in found.entries])


def _kept(found: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a feed or an entry; elements of the same name may have taken its place."""
    return {name: value for name, value in dict.items(found) if isinstance(value, _KEPT.get(name, ()))}
