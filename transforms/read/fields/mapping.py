"""Which field of a record is what: guessed from the names that public news corpora use, or told by the user.

Names are compared without case and punctuation, so `date_publish` is `datePublish`. A name of two levels is written
with a dot. The lists follow C4, mC4, CC-News, RealNews, news-please, Fundus, Webhose, Event Registry, GDELT, NewsAPI,
the Guardian's and the New York Times' APIs, WordPress exports and schema.org/NewsArticle. Names that no list has say
what they are by the words that they are made of (`columns`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields import own as own_mapping
from wirecopy.transforms.read.fields.columns import fields, is_about_event
from wirecopy.transforms.read.fields.columns import words as words_of
from wirecopy.transforms.read.fields.missing import is_doubtful
from wirecopy.transforms.read.fields.values import converted, status, string, strings, web_address, words

__all__ = [
    "MAPPING_VERSION",
    "NAMES",
    "document",
    "documents",
    "has_text",
    "is_html",
    "namespace",
    "noted_shapes",
    "resolve",
    "status",
    "string",
    "strings",
    "told",
    "used",
    "web_address",
    "words",
]

MAPPING_VERSION = 4

NAMES: dict[str, str] = {
    "text": "text maintext fulltext plaintext bodytext articlebody articletext articlecontent body content contenttext"
    " textcontent cleantext cleanedtext maincontent article story storytext newstext document documenttext contents"
    " pagecontent paragraphs rawtext transcript noticia nota artikel artigo articolo articulo nachricht",
    "html": "html rawhtml bodyhtml contenthtml htmlcontent articlehtml pagehtml sourcehtml htmlbody html.content",
    "source_id": "id uuid guid docid documentid articleid storyid newsid itemid recordid identifier uri gid",
    "url": "url link canonicalurl articleurl weburl pageurl storyurl newsurl permalink href originalurl finalurl"
    " html.respondedurl respondedurl html.requestedurl requestedurl sourceurl targeturi documentidentifier uri guid id"
    " source",
    "outlet": "sourcedomain domain outlet site website sitename hostname host publisher newspaper publication"
    " newsoutlet mediaoutlet newssource source.domain source.uri source.url thread.site publisher.url source",
    "outlet_name": "outletname sourcename publishername outlet publisher newspaper publication newsoutlet mediaoutlet"
    " newssource sitename publisher.name publication.name source.title source.name sourcehostname source site website",
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
    "published": "publishedat datepublished datepublish publisheddatetime publicationdatetime publicationtime"
    " publishdate publisheddate publishingdate publicationdate webpublicationdate publishedtime publishtime published"
    " pubdate datetimepub articledate newsdate firstpublished firstpublishedat * issued releasedate displaydate"
    " datetime date dategmt postdate createdat created datecreated creationdate timestamp day",
    "clock": "time",
    "modified": "modifiedat datemodified datemodify modified modificationdatetime modifieddate modificationdate"
    " updatedat dateupdated updateddate updated lastupdated lastmodified updatetime",
    "seen": "crawled crawledat crawldate crawltime html.crawldate warcdate fetchedat fetched fetchtime datedownload"
    " downloaddate downloadedat scrapedat scrapeddate retrievedat seendate firstseenat firstseen dateaccessed",
}
"""Names that a field of a document is looked for under, best first."""

_WRAPPERS = frozenset("source article data document doc news item meta metadata attributes fields thread".split())
_CRAWLED = frozenset({"text", "timestamp", "url"})
_FOLD = re.compile(r"[^a-z0-9]")
_TAG = re.compile(
    r"<(?:/?(?:p|div|span|h[1-6]|ul|li|a|img|body|html|article|section|table)\b[^<>]{0,500}|br ?/?)>", re.I
)
_GLOBAL_ID = re.compile(r"[a-z][a-z0-9+.-]*:\S+|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{32,}", re.I)

Path = tuple[str, ...]
_NOTED: ContextVar[dict[tuple[Any, ...], int] | None] = ContextVar("noted", default=None)


def told(own: Mapping[str, str]) -> str:
    """Return a user's own mapping as units carry it: `own.told` of the fields that there are."""
    return own_mapping.told(own, NAMES)


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
    shape = _shape(record)
    _note(shape)
    found = {
        field: value
        for field, paths in resolve(shape, told)
        if (value := _first(record, field, paths, told)) is not None
    }
    if is_doubtful(found.get("headline", "")) and sum(value == found["headline"] for value in record.values()) > 1:
        del found["headline"]
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
    _note(shape)
    n = len(doc_refs)
    nothing: Sequence[Any] = [None] * n
    found = {field: _column(columns, field, paths, told, n) for field, paths in resolve(shape, told)}
    if any(headline and is_doubtful(headline) for headline in found.get("headline", ())):
        found["headline"] = list(map(_sure, found["headline"], zip(*columns.values(), strict=True)))
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


def _column(
    columns: Mapping[str, Sequence[Any]], field: str, paths: tuple[Path, ...], told: str, n: int
) -> Sequence[Any]:
    """Return a field's values over the rows of a table, from the first path that has one for the row."""
    own = own_mapping.owned(told).get(field) if told else None
    if own and own.constant is not None:
        return [converted(own.constant, field)] * n
    found: Sequence[Any] = ()
    for path in paths:
        values = columns[path[0]]
        for name in path[1:]:
            values = [value.get(name) if isinstance(value, Mapping) else None for value in values]
        if own and own.pattern:
            values = [own.part(string(value) or "") for value in values]
        if not found:
            found = [None if value is None else converted(value, field, path[-1]) for value in values]
        elif None in found:
            pairs = zip(found, values, strict=True)
            found = [
                old if old is not None or value is None else converted(value, field, path[-1]) for old, value in pairs
            ]
    return found


def _sure(headline: str | None, row: Sequence[Any]) -> str | None:
    """Return a headline, None for a word for nothing that stands elsewhere in its row, too."""
    return None if headline and is_doubtful(headline) and row.count(headline) > 1 else headline


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
    return any(_first(record, field, paths[field], told) for field in ("text", "html") if field in paths)


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
    own = own_mapping.owned(told)
    told_by_words = _told_by_words(shape)
    resolved = []
    for field, names in NAMES.items():
        if field in own:
            path = own[field].path
            paths = [path] if not path or path[0] in _top(shape) else []
        else:
            before, _, behind = names.partition(" * ")
            paths = _named(before, places, inside)
            weaker = _named(behind, places, inside)
            spoken = [path for path in told_by_words.get(field, ()) if path not in paths]
            if behind:
                events = [path for path in spoken if is_about_event(path[-1], field)]
                paths += [*events, *weaker]
                spoken = [path for path in spoken if path not in paths]
            paths += spoken
        if paths:
            resolved.append((field, tuple(paths)))
    return tuple(resolved)


def _named(names: str, places: Mapping[str, list[Path]], inside: Mapping[str, list[Path]]) -> list[Path]:
    wanted = names.split()
    paths = [path for name in wanted for path in places.get(name, ())]
    return paths + [path for name in wanted for path in inside.get(name, ())]


def _told_by_words(shape: tuple[Any, ...]) -> dict[str, list[Path]]:
    """Return the paths whose names say in words what they are, by field, those of fewest words first.

    A column that a list names is not asked for its words: the list knows better.
    """
    known = frozenset(name for names in NAMES.values() for name in names.split())
    found: dict[str, list[Path]] = {}
    for entry in shape:
        name, *inner = (entry,) if isinstance(entry, str) else entry
        within = [(name, part) for part in inner] if _fold(name) in _WRAPPERS else []
        for path in [(name,), *within]:
            if _fold(path[-1]) not in known:
                for field in fields(path[-1]):
                    found.setdefault(field, []).append(path)
    return {field: sorted(paths, key=lambda path: len(words_of(path[-1]))) for field, paths in found.items()}


def _top(shape: tuple[Any, ...]) -> set[str]:
    return {entry if isinstance(entry, str) else entry[0] for entry in shape}


def _fold(name: str) -> str:
    return _FOLD.sub("", name.lower().removeprefix("_source."))


def _first(record: Mapping[str, Any], field: str, paths: tuple[Path, ...], told: str = "") -> Any:
    own = own_mapping.owned(told).get(field) if told else None
    if own and own.constant is not None:
        return converted(own.constant, field)
    for path in paths:
        value: Any = record
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if own and own.pattern:
            value = own.part(string(value) or "")
        if value is not None and (found := converted(value, field, path[-1])):
            return found
    return None


@contextmanager
def noted_shapes() -> Iterator[dict[tuple[Any, ...], int]]:
    """Give the shapes of the records that are read meanwhile in this thread, each with how many there were."""
    shapes: dict[tuple[Any, ...], int] = {}
    token = _NOTED.set(shapes)
    try:
        yield shapes
    finally:
        _NOTED.reset(token)


def _note(shape: tuple[Any, ...]) -> None:
    if (shapes := _NOTED.get()) is not None:
        shapes[shape] = shapes.get(shape, 0) + 1


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
