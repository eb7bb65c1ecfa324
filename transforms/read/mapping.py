"""Which field of a record is what: guessed from the names that public news corpora use, or told by the user.

Names are compared without case and punctuation, so `date_publish` is `datePublish`. A name of two levels is written
with a dot. The lists follow C4, mC4, CC-News, RealNews, news-please, Fundus, Webhose, Event Registry, GDELT, NewsAPI,
the Guardian's and the New York Times' APIs, WordPress exports and schema.org/NewsArticle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from schemas.elements import Document
from transforms.extract.urls import without_user
from transforms.read.faults import Fault

MAPPING_VERSION = 2

NAMES: dict[str, str] = {
    "text": "text maintext fulltext plaintext bodytext articlebody articletext articlecontent body content contenttext"
    " textcontent cleantext cleanedtext maincontent article story storytext newstext document documenttext contents"
    " pagecontent paragraphs rawtext transcript",
    "html": "html rawhtml bodyhtml contenthtml htmlcontent articlehtml pagehtml sourcehtml htmlbody html.content",
    "source_id": "id uuid guid docid documentid articleid storyid newsid itemid recordid identifier uri gid",
    "url": "url link canonicalurl articleurl weburl pageurl storyurl newsurl permalink href originalurl finalurl"
    " html.respondedurl respondedurl html.requestedurl requestedurl sourceurl targeturi documentidentifier uri guid id",
    "outlet": "sourcedomain domain outlet site website sitename hostname host publisher newspaper publication"
    " newsoutlet mediaoutlet newssource source.domain source.uri source.url thread.site publisher.url source",
    "outlet_name": "outletname sourcename publishername outlet publisher newspaper publication newsoutlet mediaoutlet"
    " newssource sitename publisher.name publication.name source.title source.name source site website",
    "feed_url": "feedurl feed rssurl",
    "headline": "headline title heading articletitle newstitle webtitle storytitle titletext pagetitle headline.main"
    " title.rendered",
    "deck": "deck dek standfirst subtitle subheadline subheading trailtext lead excerpt description summary abstract",
    "authors": "authors author creators creator writers writer reporters reporter journalists journalist contributors",
    "byline": "byline bylines byline.original",
    "dateline": "dateline",
    "slugline": "slugline",
    "credit": "creditline credit newsagency agency wireservice wire copyrightline",
    "language": "language lang inlanguage languagecode langcode",
    "section": "section sectionname sectiontitle articlesection thread.sectiontitle category categories newsdesk desk"
    " channel rubric",
    "keywords": "keywords keyword newskeywords tags tag topics subjects",
    "status": "pubstatus status",
    "revision": "revision",
    "embargoed": "embargoed embargo embargoeduntil embargodate",
    "published": "publishedat datepublished datepublish publishdate publisheddate publisheddatetime publishingdate"
    " publicationdate webpublicationdate publishedtime publishtime published pubdate datetimepub articledate newsdate"
    " firstpublished firstpublishedat issued releasedate displaydate datetime date dategmt postdate createdat created"
    " datecreated creationdate timestamp day",
    "clock": "time",
    "modified": "modifiedat datemodified datemodify modified modifieddate modificationdate updatedat dateupdated"
    " updateddate updated lastupdated lastmodified updatetime",
    "seen": "crawled crawledat crawldate crawltime html.crawldate warcdate fetchedat fetched fetchtime datedownload"
    " downloaddate downloadedat scrapedat scrapeddate retrievedat seendate firstseenat firstseen dateaccessed",
}
"""Names that a field of a document is looked for under, best first."""

_WRAPPERS = frozenset("source article data document doc news item meta metadata attributes fields thread".split())
_INNER = ("$date", "$oid", "#text", "main", "rendered", "name", "original", "text", "value", "plain", "content")
_CRAWLED = frozenset({"text", "timestamp", "url"})
_STATUSES = {
    "usable": "usable",
    "withheld": "withheld",
    "embargoed": "withheld",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "withdrawn": "cancelled",
}
_FOLD = re.compile(r"[^a-z0-9]")
_DOMAIN = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:/?(?:p|div|span|h[1-6]|ul|li|a|img|body|html|article|section|table)\b[^<>]{0,500}|br ?/?)>", re.I
)
_GLOBAL_ID = re.compile(r"[a-z][a-z0-9+.-]*:\S+|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{32,}", re.I)
_SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str, ...]


def told(own: Mapping[str, str]) -> str:
    """Return a user's own mapping as units carry it.

    Args:
        own: for each field that is not to be guessed the name it has in the records, levels parted by dots, such as
            `{"text": "story.plain", "published": "issued"}`.

    Raises:
        ValueError: a field that no document has; the message lists those that there are.
    """
    unknown = sorted(own.keys() - NAMES.keys())
    if unknown:
        raise ValueError(f"no field {', '.join(map(repr, unknown))} in the mapping: there are {', '.join(NAMES)}")
    return json.dumps(dict(own), sort_keys=True, separators=(",", ":")) if own else ""


def document(record: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str, told: str = "") -> Document:
    """Return the document of a record.

    Args:
        record: names and values as JSON, CSV or Parquet give them, values nested or not.
        unit_id: the unit it stands in.
        ordinal: its number within the unit, from 0.
        doc_ref: file#record it was read from.
        told: the user's own mapping, as `Unit.mapping` carries it; what it does not name is guessed.

    Raises:
        Fault: `no text` where none of its fields holds a text.
    """
    found = {
        field: value
        for field, paths in resolve(_shape(record), told)
        if (value := _first(record, field, paths)) is not None
    }
    if "text" not in found and "html" not in found:
        raise _no_text(record)
    return _document(found, unit_id, ordinal, doc_ref, record.keys() == _CRAWLED)


def documents(
    columns: Mapping[str, Sequence[Any]],
    shape: tuple[Any, ...],
    unit_id: str,
    first: int,
    doc_refs: Sequence[str],
    told: str = "",
) -> list[Document | Fault]:
    """Return the document of each row of a table, or the fault in its place, as `document` would.

    Args:
        columns: values by name, all of one length.
        shape: the names, each a string, or a tuple with the names inside where its values are structures.
        unit_id: the unit they stand in.
        first: the first row's number within the unit, from 0.
        doc_refs: file#record of each row.
        told: the user's own mapping.
    """
    found = {field: _column(columns, field, paths) for field, paths in resolve(shape, told)}
    n = len(doc_refs)
    nothing: Sequence[Any] = [None] * n
    texts, html = found.pop("text", nothing), found.pop("html", nothing)
    seen = found.pop("published", nothing) if columns.keys() == _CRAWLED else found.get("seen", nothing)
    if "clock" in found:
        found["published"] = list(map(_with_clock, found.get("published", nothing), found["clock"]))
    if "source_id" in found:
        outlets = zip(found["source_id"], found.get("outlet", nothing), found.get("outlet_name", nothing), strict=True)
        found["namespace"] = [source_id and namespace(source_id, *outlet) for source_id, *outlet in outlets]
    found["first_seen_at"] = found["fetched_at"] = [moment and instant(moment) for moment in seen]
    found["unit_id"], found["record"], found["doc_ref"] = [unit_id] * n, range(first, first + n), doc_refs
    found["form"] = ["html" if text is None or is_html(text) else "record" for text in texts]
    found["content"] = list(map(_either, texts, html))
    for field in ("authors", "keywords"):
        found[field] = [each or () for each in found.get(field, nothing)]
    rows = zip(*(found.get(field, nothing) for field in Document._fields), strict=True)
    return [_no_text(columns) if document.content is None else document for document in map(Document._make, rows)]


def used(shape: tuple[Any, ...], told: str = "") -> set[str]:
    """Return the names of a shape's top level under which anything of a document is looked for."""
    return {path[0] for _, paths in resolve(shape, told) for path in paths}


def _column(columns: Mapping[str, Sequence[Any]], field: str, paths: tuple[Path, ...]) -> Sequence[Any]:
    """Return a field's values over the rows of a table, from the first path that has one for the row."""
    convert = _CONVERT.get(field, string)
    found: Sequence[Any] = ()
    for path in paths:
        values = columns[path[0]]
        for name in path[1:]:
            values = [value.get(name) if isinstance(value, Mapping) else None for value in values]
        if not found:
            found = _converted(values, convert)
        elif None in found:
            pairs = zip(found, values, strict=True)
            found = [old if old is not None or value is None else convert(value) or None for old, value in pairs]
    return found


def _converted(values: Sequence[Any], convert: Any) -> Sequence[Any]:
    if convert is string:
        return [
            (value.strip() or None)
            if type(value) is str and value.isascii()
            else value
            if value is None
            else string(value)
            for value in values
        ]
    return [None if value is None else convert(value) or None for value in values]


def _no_text(record: Mapping[str, Any]) -> Fault:
    return Fault("no text", "no field holds a text; the record has " + (", ".join(map(str, record))[:200] or "none"))


def _document(found: dict[str, Any], unit_id: str, ordinal: int, doc_ref: str, crawled: bool) -> Document:
    text, html = found.pop("text", None), found.pop("html", None)
    seen, clock = found.pop("seen", None), found.pop("clock", None)
    if crawled:
        seen = found.pop("published", None)
    if clock:
        found["published"] = _with_clock(found.get("published"), clock)
    if seen:
        found["first_seen_at"] = found["fetched_at"] = instant(seen)
    if "source_id" in found:
        found["namespace"] = namespace(found["source_id"], found.get("outlet"), found.get("outlet_name"))
    form = "html" if text is None or is_html(text) else "record"
    return Document(unit_id, ordinal, doc_ref, form, _either(text, html), **found)


def _either(text: str | None, html: str | None) -> Any:
    return html if text is None else text


def _with_clock(published: str | None, clock: str | None) -> str | None:
    """Return a date with the time of day that stands in a field of its own, or that field where it holds it all."""
    if clock and ":" in clock and len(published or "") == 10:
        return f"{published} {clock}"
    return clock if clock and published is None and len(clock) >= 8 else published


def has_text(record: Mapping[str, Any], told: str = "") -> bool:
    """Say whether a record would have a document."""
    paths = dict(resolve(_shape(record), told))
    return any(_first(record, field, paths[field]) for field in ("text", "html") if field in paths)


def _shape(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple((name, *value) if type(value) is dict else name for name, value in record.items())


@lru_cache(4096)
def resolve(shape: tuple[Any, ...], told: str = "") -> tuple[tuple[str, tuple[Path, ...]], ...]:
    """Return the paths at which each field of a document is to be looked for, best first, in records of one shape.

    A shape is the records' names, each a string, or a tuple with the names inside where its value is a structure.
    """
    places: dict[str, list[Path]] = {}
    inside: dict[str, list[Path]] = {}
    for entry in shape:
        name, *inner = (entry,) if isinstance(entry, str) else entry
        folded = _fold(name)
        places.setdefault(folded, []).append((name,))
        for part in inner:
            places.setdefault(f"{folded}.{_fold(part)}", []).append((name, part))
            if folded in _WRAPPERS:
                inside.setdefault(_fold(part), []).append((name, part))
    own: dict[str, str] = json.loads(told) if told else {}
    resolved = []
    for field, names in NAMES.items():
        if field in own:
            paths = [path for path in (tuple(own[field].split(".")),) if path[0] in _top(shape)]
        else:
            wanted = names.split()
            paths = [path for name in wanted for path in places.get(name, ())]
            paths += [path for name in wanted for path in inside.get(name, ())]
        if paths:
            resolved.append((field, tuple(paths)))
    return tuple(resolved)


def _top(shape: tuple[Any, ...]) -> set[str]:
    return {entry if isinstance(entry, str) else entry[0] for entry in shape}


def _fold(name: str) -> str:
    return _FOLD.sub("", name.lower())


def _first(record: Mapping[str, Any], field: str, paths: tuple[Path, ...]) -> Any:
    convert = _CONVERT.get(field, string)
    for path in paths:
        value: Any = record
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None and (converted := convert(value)):
            return converted
    return None


def string(value: Any, strip: bool = True) -> str | None:
    """Return a value as text that can be written as UTF-8, of a structure its name or inner value; None where empty."""
    if isinstance(value, str):
        value = value.strip() if strip else value
        return (value if value.isascii() else _whole(value)) or None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return str(int(value)) if value == value and abs(value) != float("inf") and value == int(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return next((found for name in _INNER if name in value and (found := string(value[name]))), None)
    if isinstance(value, Sequence) and not isinstance(value, bytes) and value:
        return string(value[0])
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return (value if value.isascii() else _whole(value)) if value and not value.isspace() else None
    if isinstance(value, Mapping):
        if "sections" in value:
            return _text([*_list(value.get("summary")), *_list(value["sections"])])
        if "paragraphs" in value:
            return _text([*_list(value.get("headline")), *_list(value["paragraphs"])])
        return next((found for name in ("rendered", "text", "plain", "content", "value", "#text", "html")
                     if name in value and (found := _text(value[name]))), None)  # fmt: skip
    if isinstance(value, list | tuple):
        return "\n\n".join(part for item in value if (part := _text(item))) or None
    return None


def strings(value: Any) -> tuple[str, ...] | None:
    """Return the texts of a list, or of a single value, each once; None where there are none."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(found for item in items if (found := string(item)))) or None


def words(value: Any) -> tuple[str, ...]:
    """Return keywords, of a list or of one string that parts them by commas, semicolons or bars."""
    return strings(re.split(r"[,;|]", value) if isinstance(value, str) else value) or ()


def web_address(value: Any) -> str | None:
    """Return a value that is an address of the web, without user and password, else None."""
    if type(value) is str and value.startswith(("https://", "http://")) and value.isascii():
        return without_user(value.strip())
    found = string(value)
    return without_user(found) if found and found[:8].lower().startswith(("http://", "https://")) else None


def _outlet(value: Any) -> str | None:
    found = string(value)
    return found if found and _DOMAIN.fullmatch(found) else None


def _outlet_name(value: Any) -> str | None:
    found = string(value)
    return found if found and not _DOMAIN.fullmatch(found) else None


def _language(value: Any) -> str | None:
    found = string(value)
    return found if found and len(found) <= 35 else None


def status(value: Any) -> str | None:
    """Return usable, withheld or cancelled where a value says so in the words of the IPTC, else None."""
    found = string(value)
    return _STATUSES.get(found.lower().rpartition(":")[2]) if found else None


_CONVERT: dict[str, Any] = {
    "text": _text,
    "html": _text,
    "url": web_address,
    "feed_url": web_address,
    "outlet": _outlet,
    "outlet_name": _outlet_name,
    "authors": strings,
    "keywords": words,
    "language": _language,
    "status": status,
}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(text: str) -> str:
    """Return a text that can be written as UTF-8: halves of a surrogate pair, which JSON can escape, are replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def is_html(text: str) -> bool:
    """Say whether a text is marked up: at least two tags that HTML has."""
    return "<" in text and len(_TAG.findall(text, 0, 1 << 14)) >= 2


def instant(seen: str) -> int | None:
    """Return microseconds since the epoch of a time with a zone, or None: a zone is not guessed."""
    try:
        moment = datetime.fromisoformat(seen)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def namespace(source_id: str, outlet: str | None, outlet_name: str | None) -> str | None:
    """Return where an id is unique: everywhere for a URI, UUID or digest, else at its outlet; None where unknown."""
    return "" if _GLOBAL_ID.fullmatch(source_id) else outlet or outlet_name
