"""RSS, Atom and RDF that is well-formed, read as feedparser reads it, in a twentieth of its time.

The events come from expat, which feedparser has under it too, so what is well-formed for one is so for the other. Of
what feedparser makes of them only the fields that are kept are made, by its rules: which of several titles counts, when
a second description is the content, when a GUID is the address. Whatever is not known to come out the same raises
Unsure: elements that have a meaning for feedparser and none here, elements inside a text, document types, base64.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin
from xml.parsers import expat

from feedparser.api import StrictFeedParser
from feedparser.urls import make_safe_absolute_uri

from wirecopy.transforms.read.bounds import FEED_NAMESPACES
from wirecopy.transforms.read.faults import Fault

TEXT_BYTES = 1 << 16

_NAMESPACES: dict[str, str] = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
_USERLAND = "http://backend.userland.com/rss"

_FIELDS = {
    name: field
    for field, names in {
        "title": "title dc_title media_title",
        "link": "link",
        "id": "id guid",
        "description": "description dc_description media_description",
        "abstract": "abstract",
        "summary": "summary itunes_summary",
        "content": "content",
        "encoded": "content_encoded fullitem",
        "published": "published issued pubdate dcterms_issued",
        "updated": "updated modified lastbuilddate dc_date dcterms_modified",
        "author": "author managingeditor dc_author dc_creator itunes_author",
        "name": "name itunes_name",
        "category": "category keywords dc_subject media_category",
        "itunes category": "itunes_category",
        "terms": "media_keywords itunes_keywords",
        "language": "language dc_language",
        "source": "source",
        "image": "image",
        "textinput": "textinput",
        "rights": "rights copyright dc_rights subtitle tagline itunes_subtitle info feedburner_browserfriendly",
        "owner": "itunes_owner",
        "entry": "item entry",
        "feed": "channel feed",
        "rss": "rss",
    }.items()
    for name in names.split()
}
"""What an element is, by the name that feedparser gives it."""

_PASSED_OVER = frozenset(
    "admin_errorreportsto admin_generatoragent cc_license cloud contributor created creativeCommons_license"
    " creativecommons_license dc_contributor dc_publisher dcterms_created dcterms_valid email enclosure expirationdate"
    " generator geom georss_box georss_line georss_point georss_polygon georss_where georssgeom gml_exterior"
    " gml_linearring gml_linestring gml_point gml_polygon gml_pos gml_poslist height homepage itunes_block itunes_email"
    " itunes_explicit itunes_image itunes_link media_content media_credit media_group media_license media_player"
    " media_rating media_restriction media_thumbnail newlocation psc_chapter psc_chapters uri url webmaster where"
    " width".split()
)
"""Elements whose meaning for feedparser touches nothing that is kept."""

_HANDLED = {name.split("_", 2)[2] for name in dir(StrictFeedParser) if name.startswith(("_start_", "_end_"))}
_OWN = {"author_detail", "authors", "date", "links", "summary_detail", "title_detail"}
STRANGE = frozenset(_HANDLED - _FIELDS.keys() - _PASSED_OVER | _OWN)
"""Elements that have a meaning for feedparser and none here, or the name of something that feedparser makes itself."""

_TYPES = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
}
_USUAL_TYPE = {
    "title": "text",
    "description": "html",
    "abstract": "text",
    "summary": "text",
    "content": "text",
    "encoded": "html",
}
_IN_AUTHOR = frozenset("name itunes_name email itunes_email uri url homepage".split())
_IN_IMAGE = frozenset("title link description url width height name".split())
_IN_TEXTINPUT = frozenset("title link description name".split())

_CP1252 = {code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in b"\x81\x8d\x8f\x90\x9d"}
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_REFERENCE = re.compile(rb"&#(?:0*1[2-5]\d|[xX]0*[89][0-9a-fA-F]);")
_SETTLED = re.compile(
    r"https?://[a-z0-9.-]+/[\w./~%+=:@!$'()*,-]*(?:\?[\w./~%+=:@!$'()*,&?-]+)?(?:#[\w./-]+)?", re.ASCII
)
_SLASHES = re.compile(r"\A([A-Za-z][A-Za-z0-9+,.-]*://)/*")
_NO_ENTITY = re.compile(r"&([A-Za-z0-9_]+);")
_MAIL = r"[a-zA-Z0-9_.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,4}"
_WRITER = re.compile(
    rf"(?P<alone>{_MAIL})|{_MAIL} *\((?P<behind>[^@()<>]+)\)|(?P<before>[^@()<>]+?) *(?:\({_MAIL}\)|<{_MAIL}>)"
)
_MAILBOX = re.compile(r"[a-zA-Z0-9_.+-]@")

_PLAIN = frozenset({"published", "updated", "language", "rights"})
_PLACES = frozenset({"entry", "feed", "image", "textinput", "source", "author"})
_NARROW = frozenset({"source", "author", "image", "textinput"})
_SCOPED = frozenset({"xml:base", "base", "xml:lang", "lang"})


class Unsure(Exception):
    """It is not known that a feed is read here as feedparser reads it."""


class Found(NamedTuple):
    """A feed and its entries as feedparser gives them, as far as they are kept."""

    feed: dict[str, Any]
    entries: list[dict[str, Any]]


def parse(data: bytes, address: str) -> Found:
    """Return what a feed holds.

    Args:
        data: the feed in UTF-8, without byte order mark and XML declaration.
        address: what its addresses are relative to; empty where that is unknown.

    Raises:
        Unsure: it is not well-formed, or not known to be read here as feedparser reads it.
        Fault: `too large` beyond FEED_NAMESPACES.
    """
    reading = _Reading(address, _translated if _C1.search(data) or _C1_REFERENCE.search(data) else _mended)
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.buffer_size = TEXT_BYTES
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text.append
    parser.StartNamespaceDeclHandler = reading.names.declare
    parser.StartDoctypeDeclHandler = _unsure
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unsure(str(error)) from None
    return Found(reading.feed, reading.entries)


class _Names:
    """The names that feedparser gives to the elements and attributes of one feed, by the namespaces it declares."""

    def __init__(self) -> None:
        self.elements: dict[str, tuple[str, str]] = {}
        self._attributes: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
        self._uris: dict[str, str] = {}
        self._prefixes: dict[str | None, str] = {}

    def declare(self, prefix: str | None, uri: str | None) -> None:
        if not uri:
            return
        known = _NAMESPACES.get(uri.lower())
        if _USERLAND[7:] in uri.lower():
            known, uri = "", _USERLAND
        name = (prefix or "") if known is None else known
        if self._uris.get(name) != uri or self._prefixes.get(prefix) != known:
            self._uris[name] = uri
            if len(self._uris) > FEED_NAMESPACES:
                raise Fault("too large", f"more than {FEED_NAMESPACES:,} namespaces")
            if known is not None:
                self._prefixes[prefix] = known
            self.elements.clear()

    def element(self, name: str) -> tuple[str, str]:
        """Return an element's name, which is its local name behind the usual prefix of its namespace, and its field."""
        parts = name.lower().split()
        if len(parts) > 3:
            raise Unsure("a namespace with white space in it")
        uri, local = parts[:2] if len(parts) > 1 else ("", parts[0])
        prefix = "" if _USERLAND[7:] in uri else _NAMESPACES.get(uri)
        if prefix is None:
            uri = name.split()[0]
            prefix = next((own for own, other in self._uris.items() if own and other == uri), "")
        prefix = prefix.lower()
        prefix = self._prefixes.get(prefix, prefix)
        found = f"{prefix}_{local}" if prefix else local
        if found in STRANGE:
            raise Unsure(found)
        self.elements[name] = found, _FIELDS.get(found, "")
        return self.elements[name]

    def attributes(self, raw: Mapping[str, str]) -> dict[str, str]:
        """Return attributes by name: with the usual prefix of the namespace, and with the prefix that stands there."""
        names = tuple(raw)
        usual, written = self._attributes.get(names) or self._folded(names)
        found = dict(zip(usual, raw.values(), strict=True))
        if usual != written:
            found.update(zip(written, raw.values(), strict=True))
        return found

    def _folded(self, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
        usual, written = [], []
        for name in names:
            parts = name.lower().split()
            if len(parts) > 3:
                raise Unsure("a namespace with white space in it")
            uri, local, prefix = parts if len(parts) == 3 else ("", parts[-1], "")
            known = _NAMESPACES.get(uri, "").lower()
            usual.append(f"{known}:{local}" if known else local)
            written.append(f"{prefix}:{local}" if prefix else local)
        self._attributes[names] = usual, written
        return usual, written


class _Reading:
    """What handles the events of one feed, and gathers its `feed` and `entries`.

    An element is a leaf, whose text counts, or stands in a place, that says what begins in it: the feed, an entry, the
    source or an author of an entry, an image. An element that is neither is as if only its inside were there.
    """

    def __init__(self, address: str, clean: Callable[[str], str]):
        self.feed: dict[str, Any] = {"links": []}
        self.entries: list[dict[str, Any]] = []
        self.text: list[str] = []
        self.names = _Names()
        self._elements = self.names.elements
        self._clean = clean
        self._place = "feed"
        self._open = False
        self._entry: dict[str, Any] = {}
        self._source: dict[str, Any] = {}
        self._origin: str | None = None
        self._leaf = ""
        self._name = ""
        self._type = ""
        self._permalink = False
        self._depth = 0
        self._title_depth = -1
        self._has_content = False
        self._depths: dict[str, int] = {}
        self._tags: set[tuple[str | None, ...]] = set()
        self._base = ""
        self._lang: str | None = None
        self._scopes: list[tuple[int, str, str | None]] = []
        self._rebase(address)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name, field = self._elements.get(name) or self.names.element(name)
        if self._leaf:
            self._enter()
        self._depth += 1
        if self.text:
            self._drop()
        if attributes:
            attributes = self.names.attributes(attributes)
            if not _SCOPED.isdisjoint(attributes):
                self._scope(attributes)
        if field or self._place in _NARROW:
            _BEGINS[self._place](self, name, field, attributes)

    def end(self, name: str) -> None:
        if leaf := self._leaf:
            self._leaf = ""
            if leaf in _ENDS:
                _ENDS[leaf](self, "".join(self.text).strip())
            self.text.clear()
        else:
            if self.text:
                self._drop()
            _, field = self._elements.get(name) or self.names.element(name)
            if field in _PLACES:
                self._leave(field)
        if self._scopes and self._scopes[-1][0] == self._depth:
            _, self._base, self._lang = self._scopes.pop()
        self._depth -= 1

    def _drop(self) -> None:
        """Forget text that belongs to no leaf. In a source or an author it would count."""
        if self._place in ("source", "author") and "".join(self.text).strip():
            raise Unsure("text beside elements")
        self.text.clear()

    def _scope(self, attributes: Mapping[str, str]) -> None:
        base = attributes.get("xml:base", attributes.get("base"))
        lang = attributes.get("xml:lang", attributes.get("lang"))
        if base or lang is not None:
            self._scopes.append((self._depth, self._base, self._lang))
        if base:
            self._rebase((make_safe_absolute_uri(self._base, base) or self._base) if self._base else base)
        if lang is not None:
            self._lang = lang.replace("_", "-") or None

    def _rebase(self, base: str) -> None:
        """Take an address as the base of others, if feedparser, which joins it to itself at each element, keeps it."""
        if base and (make_safe_absolute_uri(base, base) or base) != base:
            raise Unsure(f"the base {base}")
        self._base = base

    def _enter(self) -> None:
        """Take an author or a source that has elements inside for a place."""
        if self._leaf == "author":
            self._place = "author"
        elif self._leaf == "source":
            self._place, self._source = "source", {}
        elif self._leaf != "author of source":
            raise Unsure(f"an element inside {self._name}")
        self._leaf = ""

    def _leave(self, field: str) -> None:
        """End an element that is no leaf."""
        if field == "entry":
            self._place, self._has_content = "feed", False
        elif field == "feed":
            self._open = False
        elif field in ("image", "textinput") and self._place == field:
            self._place = "feed"
        elif field == "source" and self._place == "source":
            self._place = "entry"
            self._entry["source"] = self._source
        elif field == "author" and self._place == "author":
            self._place = "entry"
            self._keep("author", "")
            if not self._entry["authors"][-1] or self._depths["author"] != self._depth:
                raise Unsure("an author without a name")

    def _in_feed(self, name: str, field: str, attributes: Mapping[str, str]) -> None:
        if name in ("rss", "feed") and self._lang:
            self.feed["language"] = self._lang
        if (field == "entry" or name == "channel") and ("lastmod" in attributes or "href" in attributes):
            raise Unsure("CDF")
        if field == "entry":
            self._place, self._entry, self._depths, self._tags = "entry", {}, {}, set()
            self._title_depth = -1
            if about := attributes.get("rdf:about"):
                self._entry["id"] = about
            self.entries.append(self._entry)
        elif field == "feed":
            self._open = True
        elif field in ("image", "textinput"):
            self._place = field
            self._title_depth = -1
        elif field == "source":
            raise Unsure("a source outside of entries")
        elif field in ("title", "link", "id", "language", "description", "abstract", "summary", "content", "encoded"):
            if not self._open:
                raise Unsure(f"{name} outside of the feed")
            if field == "link":
                self.feed["links"].append({"rel": attributes.get("rel", "alternate").lower()})
            self._begin(name, field, attributes, self.feed)
        elif field == "rights":
            self._leaf, self._name = field, name

    def _in_entry(self, name: str, field: str, attributes: Mapping[str, str]) -> None:
        if field in _PLAIN:
            self._leaf, self._name = field, name
            return
        if field in ("name", "rss"):
            return
        if field in ("entry", "feed", "textinput", "owner", "itunes category"):
            raise Unsure(f"{name} in an entry")
        if field in ("image", "source"):
            self._title_depth = -1
            self._origin = attributes.get("url") if field == "source" else self._origin
        elif field == "author":
            self._entry.setdefault("authors", []).append({})
        elif field == "category":
            scheme = attributes.get("scheme", attributes.get("domain"))
            if name == "media_category":
                scheme = attributes.get("scheme", "http://search.yahoo.com/mrss/category_schema")
            self._tag(attributes.get("term"), scheme, attributes.get("label"))
        elif field == "terms" and attributes:
            return
        self._begin(name, field, attributes, self._entry)

    def _in_source(self, name: str, field: str, attributes: Mapping[str, str]) -> None:
        if field == "title":
            self._begin(name, field, attributes, self._source)
        elif field == "author":
            self._leaf, self._name = "author of source", name
        elif field in ("id", "published", "updated", "category", "language", "rights", "name"):
            self._leaf, self._name = "rights", name
        elif field == "link":
            if not attributes.keys() & {"url", "uri", "href"}:
                self._leaf, self._name = "rights", name
        elif name == "generator" or name in _IN_AUTHOR or not (field or attributes or name in _PASSED_OVER):
            self._leaf, self._name = "rights", name
        elif field or name in _PASSED_OVER:
            raise Unsure(f"{name} in a source")

    def _in_author(self, name: str, field: str, attributes: Mapping[str, str]) -> None:
        if field == "name" or name in _IN_AUTHOR or not (field or attributes or name in _PASSED_OVER):
            self._leaf, self._name = field or "rights", name
        elif field or name in _PASSED_OVER:
            raise Unsure(f"{name} in an author")

    def _in_image(self, name: str, field: str, attributes: Mapping[str, str]) -> None:
        if name not in _IN_IMAGE:
            raise Unsure(f"{name} in an image")
        self._leaf, self._name = "title" if field == "title" else "rights", name

    def _in_textinput(self, name: str, field: str, attributes: Mapping[str, str]) -> None:
        if name not in _IN_TEXTINPUT:
            raise Unsure(f"{name} in a textinput")
        self._leaf, self._name = "title" if field == "title" else "rights", name

    def _begin(self, name: str, field: str, attributes: Mapping[str, str], context: dict[str, Any]) -> None:
        """Begin a leaf, or take an address out of its attributes."""
        self._name = name
        if field == "id":
            self._permalink = attributes.get("ispermalink", "true") == "true"
        elif field == "link":
            address = attributes.get("url", attributes.get("uri", attributes.get("href")))
            if address or "href" in attributes:
                rel = attributes.get("rel", "alternate").lower()
                kind = attributes.get("type", "application/atom+xml" if rel == "self" else "text/html").lower()
                address = self._absolute(address or attributes["href"])
                if rel == "alternate" and kind in ("html", "text/html", "xhtml", "application/xhtml+xml"):
                    context["link"] = address
                if context is self.feed:
                    self.feed["links"][-1]["href"] = address
                return
        elif field in _USUAL_TYPE:
            if field in ("description", "abstract", "summary") and "summary" in context and not self._has_content:
                field = "content"
            self._has_content |= field in ("content", "encoded")
            kind = attributes.get("type", _USUAL_TYPE[field]).lower()
            if kind not in _TYPES or attributes.get("mode") == "base64":
                raise Unsure(f"{name} of type {kind}")
            self._type = _TYPES[kind]
        self._leaf = field

    def _end_title(self, value: str) -> None:
        value = self._clean(value)
        if not -1 < self._title_depth <= self._depth:
            if self._place == "entry":
                self._keep("title", value)
                self._entry["title_detail"] = {"type": self._type}
            elif self._place == "source":
                self._source["title"] = value
            elif self._place == "feed":
                self.feed["title"], self.feed["title_detail"] = value, {"type": self._type}
        if value and self._name != "media_title":
            self._title_depth = self._depth

    def _end_link(self, value: str) -> None:
        value = self._clean(self._absolute(value)) if value else value
        if self._place == "entry":
            self._entry["link"] = _NO_ENTITY.sub(r"&\1", value.replace("&amp;", "&"))
        else:
            self.feed["link"] = self.feed["links"][-1]["href"] = _NO_ENTITY.sub(r"&\1", value)

    def _end_id(self, value: str) -> None:
        value = self._clean(self._absolute(value)) if value and self._permalink else self._clean(value)
        self._keep("id", value)
        if self._permalink:
            (self._entry if self._place == "entry" else self.feed).setdefault("link", value)

    def _end_summary(self, value: str) -> None:
        if self._place == "entry":
            self._keep("summary", self._clean(value))
            self._entry["summary_detail"] = {"type": self._type}
        elif _FIELDS[self._name] == "summary":
            self.feed["summary"] = value

    def _end_content(self, value: str) -> None:
        value = self._clean(value)
        if self._place == "entry":
            content = {"value": value, "type": self._type, "language": self._lang}
            self._entry.setdefault("content", []).append(content)
            self._entry.setdefault("summary", value)
        else:
            self.feed.setdefault("summary", value)

    def _end_author(self, value: str) -> None:
        self._keep("author", self._clean(value))
        author, text = self._entry["authors"][-1], self._entry["author"]
        if not _MAILBOX.search(text):
            author["name"] = text
        elif writer := _WRITER.fullmatch(text):
            name = writer["behind"] or writer["before"]
            author.update({"email": writer["alone"]} if writer["alone"] else {"name": name.strip()})
        else:
            raise Unsure("an author with an address of mail")

    def _end_name(self, value: str) -> None:
        self._entry["authors"][-1]["name"] = value

    def _end_source(self, value: str) -> None:
        self._entry["source"] = {"title": self._clean(value)} | ({"href": self._origin} if self._origin else {})

    def _end_category(self, value: str) -> None:
        value = self._clean(value)
        tags = self._entry["tags"]
        if value and tags and not tags[-1]["term"]:
            scheme, label = tags[-1]["scheme"], tags[-1]["label"]
            self._tags.discard((tags[-1]["term"], scheme, label))
            self._tags.add((value, scheme, label))
            tags[-1]["term"] = value
        elif value:
            self._tag(value, None, None)

    def _end_terms(self, value: str) -> None:
        scheme = "http://www.itunes.com/" if self._name == "itunes_keywords" else None
        for term in self._clean(value).split(","):
            if term.strip():
                self._tag(term.strip(), scheme, None)

    def _end_published(self, value: str) -> None:
        self._keep("published", self._clean(value))

    def _end_updated(self, value: str) -> None:
        self._keep("updated", self._clean(value))

    def _end_language(self, value: str) -> None:
        self._keep("language", self._clean(value))

    def _tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._entry.setdefault("tags", [])
        if (term or scheme or label) and (term, scheme, label) not in self._tags:
            self._tags.add((term, scheme, label))
            tags.append({"term": term, "scheme": scheme, "label": label})

    def _keep(self, field: str, value: str) -> None:
        """Keep a field. In an entry a value counts that is no deeper than the one before it."""
        if self._place != "entry":
            self.feed[field] = value
        elif self._depth <= self._depths.get(field, self._depth):
            self._depths[field] = self._depth
            self._entry[field] = value

    def _absolute(self, address: str) -> str:
        if _SETTLED.fullmatch(address):
            return address
        try:
            return urljoin(self._base, _SLASHES.sub(r"\1", address))
        except ValueError:
            return ""


_BEGINS: dict[str, Callable[[_Reading, str, str, Mapping[str, str]], None]] = {
    "feed": _Reading._in_feed,
    "entry": _Reading._in_entry,
    "source": _Reading._in_source,
    "author": _Reading._in_author,
    "image": _Reading._in_image,
    "textinput": _Reading._in_textinput,
}
_ENDS: dict[str, Callable[[_Reading, str], None]] = {
    "title": _Reading._end_title,
    "link": _Reading._end_link,
    "id": _Reading._end_id,
    "description": _Reading._end_summary,
    "abstract": _Reading._end_summary,
    "summary": _Reading._end_summary,
    "content": _Reading._end_content,
    "encoded": _Reading._end_content,
    "author": _Reading._end_author,
    "name": _Reading._end_name,
    "category": _Reading._end_category,
    "terms": _Reading._end_terms,
    "source": _Reading._end_source,
    "published": _Reading._end_published,
    "updated": _Reading._end_updated,
    "language": _Reading._end_language,
}


def _mended(text: str) -> str:
    """Return a text with UTF-8 that was taken for Latin-1 put right."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _translated(text: str) -> str:
    """Return a text mended, with C1 controls as the characters of windows-1252 that they stand for."""
    return _mended(text).translate(_CP1252)


def _unsure(*_: object) -> None:
    raise Unsure("a document type")
