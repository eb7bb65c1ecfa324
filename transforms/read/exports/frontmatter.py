"""Markdown with front matter, as web clippers and static sites write it: fields in YAML or TOML, then the text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import instant, string, strings, web_address
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire import markup

READER_VERSION = 1

__all__ = ["READER_VERSION", "is_article", "plain", "read", "spans"]

_FENCED = re.compile(r"\A(-{3}|\+{3})[ \t]*\n(.*?)^(?:\1|\.{3})[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_BEGINS = re.compile(
    rb"(?:-{3}|\+{3})[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[\"']?[A-Za-z_][\w -]{0,60}[\"']?[ \t]*[:=]"
)
_ENDS = re.compile(rb"^(?:-{3}|\+{3}|\.{3})[ \t\r]*$", re.MULTILINE)
_PAIR = re.compile(r"([\"']?)([A-Za-z_][\w .-]{0,60})\1[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)$")
_INLINE = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^']|'')*)'|([^,\[\]]+)")
_WIKI = re.compile(r"!?\[\[([^\[\]|]{1,300})(?:\|([^\[\]]{1,300}))?\]\]")
_IMAGE = re.compile(r"!\[[^\[\]]{0,1000}\]\([^()]{0,2000}(?:\([^()]{0,200}\))?[^()]{0,200}\)")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]{0,300}\]){0,1000})\]\([^()]{0,2000}(?:\([^()]{0,200}\))?[^()]{0,200}\)")
_REFERENCE = re.compile(r"^\[[^\]\n]{1,200}\]:[ \t]+\S.*$\n?", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t]*#*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$\n?", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_STRESSED = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)([^*\n]{1,2000}?)(?<=\S)\1(?![\w*])")
_TAGGED = re.compile(
    r"</?(?:p|div|span|br|img|a|h[1-6]|figure|figcaption|em|strong|iframe|blockquote)\b[^<>]{0,1000}>", re.I
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_FIELDS = {
    name: field
    for field, names in {
        "headline": "title headline",
        "url": "source url link canonicalurl canonical original originalurl permalink sourceurl weburl",
        "authors": "author authors creator by",
        "byline": "byline",
        "published": "published date publisheddate publishdate pubdate datepublished publishedat publishedtime",
        "seen": "created clipped saved datesaved clippeddate captured captureddate added datecreated retrieved"
        " accessed",
        "modified": "updated modified lastmod lastmodified updatedat datemodified",
        "deck": "description excerpt summary subtitle deck abstract",
        "keywords": "tags keywords tag topics categories",
        "outlet_name": "site publisher sitename sourcename publication outlet website newspaper journal domain",
        "language": "lang language locale",
        "section": "section category",
    }.items()
    for name in names.split()
}
_FIRST_HEADING = re.compile(r"\s*#[ \t]+(\S[^\n]{0,300})")
_OF_CLIPPERS = frozenset(("clipping", "clippings", "web-clip", "webclip", "clip"))


def is_article(head: bytes) -> bool:
    """Say whether a text begins with front matter: a fence, a field, and the fence that ends it."""
    begin = _BEGINS.match(head)
    return begin is not None and _ENDS.search(head, begin.end()) is not None


def read(unit: Unit, stream: Stream) -> Iterator[Document]:
    """Yield a file's one document, of form `record`. Raises Fault and OSError."""
    text = charset.decode(stream.whole()).replace("\r\n", "\n").lstrip("\ufeff\n\t ")
    found = _FENCED.match(text)
    if not found:
        raise Fault("malformed", "front matter without an end")
    fields = _toml(found[2]) if found[1] == "+++" else _yaml(found[2])
    yield _document(fields, text[found.end() :], unit)


def _document(fields: Mapping[str, Any], body: str, unit: Unit) -> Document:
    told: dict[str, Any] = {}
    for name, value in fields.items():
        field = _FIELDS.get(re.sub(r"[^a-z]", "", name.lower()))
        if field == "url" and not web_address(value):
            field = "outlet_name" if isinstance(value, str) and name.lower() == "source" else None
        if field and value not in (None, "", []):
            told.setdefault(field, value)
    first_heading = _FIRST_HEADING.match(body)
    headline = string(told.get("headline")) or (plain(first_heading[1]) or None if first_heading else None)
    text = plain(body)
    first, _, rest = text.partition("\n")
    if headline and " ".join(first.split()) == " ".join(headline.split()):
        text = rest.lstrip("\n")
    if not text:
        raise Fault("no text", "front matter with nothing behind it")
    authors = tuple(_WIKI.sub(_label, name) for name in strings(told.get("authors")) or ())
    outlet = string(told.get("outlet_name"))
    seen = string(told.get("seen"))
    published = string(told.get("published")) or (None if "url" in told else seen)
    listed = told.get("keywords")
    words = listed if isinstance(listed, list) else re.split(r"[,;]", listed) if isinstance(listed, str) else []
    at = instant(seen) if seen and published != seen else None
    return Document(
        unit.unit_id,
        0,
        unit.path,
        "record",
        text,
        url=web_address(told.get("url")),
        outlet_name=_WIKI.sub(_label, outlet) if outlet else None,
        headline=headline,
        deck=string(told.get("deck")),
        authors=authors,
        byline=string(told.get("byline")) or (", ".join(authors) or None),
        language=string(told.get("language")),
        section=string(told.get("section")),
        keywords=tuple(word for word in strings(words) or () if word.lower().lstrip("#") not in _OF_CLIPPERS),
        published=published,
        modified=string(told.get("modified")),
        first_seen_at=at,
        fetched_at=at,
    )


def _label(found: re.Match[str]) -> str:
    return found[2] or found[1].rpartition("/")[2]


def _toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Fault("malformed", f"front matter in TOML: {error}") from None


def _yaml(text: str) -> Mapping[str, Any]:
    """Return the fields of the first level: texts, quoted or not, over one line or several, and lists of them."""
    fields: dict[str, Any] = {}
    name, block = "", ""
    for line in text.split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pair = _PAIR.match(line)
        if pair:
            name, value = pair[2].strip(), (pair[3] or "").strip()
            block = value if value[:1] in ("|", ">") else ""
            fields[name] = "" if block else _value(value)
        elif name and not block and (item := _ITEM.match(line)):
            held = fields[name] if isinstance(fields[name], list) else []
            fields[name] = [*held, _scalar(item[1].strip())]
        elif name and line[:1] in " \t" and isinstance(fields[name], str):
            fields[name] = f"{fields[name]} {line.strip()}".strip()
    return fields


def _value(value: str) -> Any:
    if value.startswith("[") and value.endswith("]") and not value.startswith("[["):
        inner = _INLINE.finditer(value[1:-1])
        return [told for found in inner if (told := _scalar(found[0].strip()))]
    return _scalar(value)


def _scalar(value: str) -> str:
    """Return a YAML scalar as text, its quotes and a comment behind it taken off."""
    if value[:1] == '"' and (end := value.rfind('"')) > 0:
        return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), value[1:end])
    if value[:1] == "'" and (end := value.rfind("'")) > 0:
        return value[1:end].replace("''", "'")
    value = re.sub(r"\s#\s.*$", "", value)
    return "" if value in ("null", "~", "Null", "NULL") else value


def plain(body: str) -> str:
    """Return the text of Markdown as a reader sees it: links are their words, images and marks are left out."""
    text = _REFERENCE.sub("", body)
    text = _WIKI.sub(lambda found: "" if found[0].startswith("!") else _label(found), _IMAGE.sub("", text))
    text = _LINK.sub(r"\1", text)
    text = _QUOTED.sub("", _RULE.sub("", _HEADING.sub(r"\1", text)))
    text = _STRESSED.sub(r"\2", text)
    if len(_TAGGED.findall(text)) >= 2:
        text = "\n\n".join(markup.fragment(part) or "" for part in re.split(r"\n[ \t]*\n", text))
    text = unescape(_ESCAPED.sub(r"\1", text))
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n ")
