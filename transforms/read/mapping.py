"""Which field of a record is what: guessed from the names that public news corpora use, or told by the user.

Names are compared without case and punctuation, so `date_publish` is `datePublish`. A name of two levels is written
with a dot. The lists follow C4, mC4, CC-News, RealNews, news-please, Fundus, Webhose, Event Registry, GDELT, NewsAPI,
the Guardian's and the New York Times' APIs, WordPress exports and schema.org/NewsArticle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from schemas.elements import Document
from transforms.read.faults import Fault

MAPPING_VERSION = 1

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
    "credit": "creditline credit newsagency agency wireservice wire copyrightline",
    "language": "language lang inlanguage languagecode langcode",
    "section": "section sectionname sectiontitle articlesection thread.sectiontitle category categories newsdesk desk"
    " channel rubric",
    "keywords": "keywords keyword newskeywords tags tag topics subjects",
    "status": "pubstatus status",
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
_STATUS = {
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
        for field, paths in _resolve(_shape(record), told)
        if (value := _first(record, field, paths)) is not None
    }
    text, html = found.pop("text", None), found.pop("html", None)
    content = text or html
    if content is None:
        raise Fault("no text", "no field holds a text; the record has " + (", ".join(map(str, record))[:200] or "none"))
    seen = found.pop("seen", None)
    if found.keys() >= {"published", "url"} and record.keys() == _CRAWLED:
        seen = found.pop("published")
    clock = found.pop("clock", None)
    if clock and ":" in clock and len(found.get("published", ":")) == 10:
        found["published"] += " " + clock
    instant = _instant(seen) if seen else None
    if "source_id" in found:
        found["namespace"] = _namespace(found, doc_ref)
    form = "html" if text is None or _is_html(text) else "record"
    return Document(unit_id, ordinal, doc_ref, form, content, first_seen_at=instant, fetched_at=instant, **found)


def _shape(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple((name, *value) if type(value) is dict else name for name, value in record.items())


@lru_cache(4096)
def _resolve(shape: tuple[Any, ...], told: str) -> tuple[tuple[str, tuple[Path, ...]], ...]:
    """Return, for records of one shape, the paths that each field is to be looked for at, best first."""
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
    resolved = []
    for field, names in NAMES.items():
        wanted = names.split()
        paths = [path for name in wanted for path in places.get(name, ())]
        paths += [path for name in wanted for path in inside.get(name, ())]
        if paths:
            resolved.append((field, tuple(paths)))
    return tuple(resolved)


def _fold(name: str) -> str:
    return _FOLD.sub("", name.lower())


def _first(record: Mapping[str, Any], field: str, paths: tuple[Path, ...]) -> Any:
    convert = _CONVERT.get(field, _string)
    for path in paths:
        value: Any = record
        for name in path:
            value = value[name]
        if value is not None and (converted := convert(value)):
            return converted
    return None


def _string(value: Any) -> str | None:
    if isinstance(value, str):
        value = value.strip()
        return _whole(value) if value else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return str(int(value)) if value == value and abs(value) != float("inf") and value == int(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return next((found for name in _INNER if name in value and (found := _string(value[name]))), None)
    if isinstance(value, Sequence) and not isinstance(value, bytes) and value:
        return _string(value[0])
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return _whole(value) if value and not value.isspace() else None
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


def _strings(value: Any) -> tuple[str, ...] | None:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(found for item in items if (found := _string(item)))) or None


def _keywords(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return _strings(re.split(r"[,;|]", value))
    return _strings(value)


def _url(value: Any) -> str | None:
    found = _string(value)
    return found if found and found[:8].lower().startswith(("http://", "https://")) else None


def _outlet(value: Any) -> str | None:
    found = _string(value)
    return found if found and _DOMAIN.fullmatch(found) else None


def _outlet_name(value: Any) -> str | None:
    found = _string(value)
    return found if found and not _DOMAIN.fullmatch(found) else None


def _language(value: Any) -> str | None:
    found = _string(value)
    return found if found and len(found) <= 35 else None


def _status(value: Any) -> str | None:
    found = _string(value)
    return _STATUS.get(found.lower().rpartition(":")[2]) if found else None


_CONVERT: dict[str, Any] = {
    "text": _text,
    "html": _text,
    "url": _url,
    "feed_url": _url,
    "outlet": _outlet,
    "outlet_name": _outlet_name,
    "authors": _strings,
    "keywords": _keywords,
    "language": _language,
    "status": _status,
}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(text: str) -> str:
    """Return a text that can be written as UTF-8: halves of a surrogate pair, which JSON can escape, are replaced."""
    return text if text.isascii() or not _SURROGATE.search(text) else _SURROGATE.sub("\ufffd", text)


def _is_html(text: str) -> bool:
    return "<" in text and len(_TAG.findall(text, 0, 1 << 14)) >= 2


def _instant(seen: str) -> int | None:
    """Return microseconds since the epoch of a time with a zone, or None: a zone is not guessed."""
    try:
        moment = datetime.fromisoformat(seen)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _namespace(found: Mapping[str, Any], doc_ref: str) -> str:
    """Return where an id is unique: everywhere for a URI, UUID or digest, else at its outlet, else in its file."""
    if _GLOBAL_ID.fullmatch(found["source_id"]):
        return ""
    return found.get("outlet") or found.get("outlet_name") or _stem(doc_ref.rpartition("#")[0])


@lru_cache(64)
def _stem(path: str) -> str:
    return PurePosixPath(path).name.partition(".")[0]
