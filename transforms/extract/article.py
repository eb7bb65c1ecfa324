"""Documents become articles: one row of `schemas.articles.ARTICLE_BATCH` for each document that holds one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.elements import Document, Reject
from wirecopy.transforms.addresses import is_unresolved, without_user
from wirecopy.transforms.credit.attribution import attribute
from wirecopy.transforms.credit.datelines import without_state
from wirecopy.transforms.extract.authors import names
from wirecopy.transforms.extract.boilerplate import NOTHING_LEARNED, Furniture, without_furniture
from wirecopy.transforms.extract.dates.dates import Reading, find_date, read_date
from wirecopy.transforms.extract.dates.years import weekday_in_lead, year_from_text
from wirecopy.transforms.extract.dates.zones import country_zone, domain_country, language_country
from wirecopy.transforms.extract.identity import article_id, identity, text_hash
from wirecopy.transforms.extract.language import languages
from wirecopy.transforms.extract.pages.pages import read_page
from wirecopy.transforms.extract.pages.structured import clean
from wirecopy.transforms.extract.plain import read_plain
from wirecopy.transforms.extract.story import Stamp, Story
from wirecopy.transforms.extract.urls import canonical_url, day_in_path, outlet
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.web.html import decoded
from wirecopy.transforms.text.tokens import tokenize

RULES = "extract/4"
"""Name and version of the rules of this package; it changes whenever a row may come out differently."""

NOTHING = Reading(None, "none", (), "")
MAX_TEXT = 10_000_000
"""Code points of the longest text that is taken for an article."""
MAX_LINES = 50_000
"""Lines of the longest text file that is taken for an article; empty ones alone do not count."""
SHARE_OF_SPARE = 0.5
"""Share of the feed's own text that a page has at least; one that has less, such as a request to log in, is not it."""
_MINUTE = 60 * 1_000_000
_QUARTER = 15 * _MINUTE
_DAY = 24 * 60 * _MINUTE
_ZONES = 14 * 60 * _MINUTE
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)$")
_WALL_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)")
_BROKEN = re.compile("[\ud800-\udfff\x00]")


class _Time(NamedTuple):
    reading: Reading
    source: str | None
    errors: Sequence[str]


def extract_batch(
    documents: Sequence[Document], furniture: Furniture = NOTHING_LEARNED
) -> tuple[pa.RecordBatch, list[Reject]]:
    """Return the articles of documents, in their order, and what was rejected.

    A row depends on its document and the furniture alone: not on paths or on the rest of the batch; and not on the time
    of processing, save the inferred year of a weekday where nothing says when the document existed. The text of form
    `record` is kept unchanged, save that NUL and lone surrogates, which no UTF-8 table can hold, become U+FFFD.

    Args:
        documents: what was read.
        furniture: lines of outlets' own that are left out of pages and text files.

    Returns:
        A batch with the schema ARTICLE_BATCH, and one reject for each document that holds no article (`empty`,
        `no text`, `too large`, `binary`, `encoding`) or whose date is given and cannot be read (`bad date`; its article
        is kept).
    """
    kept: list[tuple[Document, Story]] = []
    rejects: list[Reject] = []
    for document, story in map(_told, documents):
        if isinstance(story, Reject):
            rejects.append(story)
        elif document.form == "record":
            kept.append((document, story))
        else:
            kept.append((document, without_furniture(story, _outlet(document, story), furniture)))
    tags = languages(
        [story.text for _, story in kept], [document.language or story.language for document, story in kept]
    )
    rows = []
    for (document, story), tag in zip(kept, tags, strict=True):
        row, errors = _row(document, story, tag)
        rows.append(row)
        rejects.extend(_reject(document, "bad date", error) for error in errors)
    return _batch(rows), rejects


def _told(document: Document) -> tuple[Document, Story | Reject]:
    """Return a document with its story, or the document that stands in its place where that tells more by far."""
    own = document._replace(instead=None)
    story: Story | Reject
    try:
        own = _mended(decoded(own))
        story = _story(own)
    except Fault as fault:
        story = _reject(own, fault.reason, fault.error)
    if document.instead is None:
        return own, story
    spare = _mended(Document(*document.instead))
    told = _story(spare)
    page_chars = 0 if isinstance(story, Reject) else len(story.text)
    if isinstance(told, Reject) or page_chars >= SHARE_OF_SPARE * len(told.text):
        return own, story
    return spare, told


def _story(document: Document) -> Story | Reject:
    assert isinstance(document.content, str)
    if not document.content.strip():
        return _reject(document, "empty", "nothing but white space")
    if len(document.content) > MAX_TEXT:
        return _reject(document, "too large", f"more than {MAX_TEXT:,} characters")
    if document.form == "text" and document.content.count("\n") > MAX_LINES:
        filled = sum(1 for line in document.content.splitlines() if line.strip())
        if filled > MAX_LINES:
            return _reject(document, "too large", f"{filled:,} lines, more than {MAX_LINES:,}")
    if document.form == "record":
        story = Story(document.content, extractor="record")
    elif document.form == "html":
        page = read_page(document.content, url=document.url)
        if isinstance(page, str):
            return _reject(document, "too large", page)
        story = page
    else:
        story = read_plain(document.content, language=document.language)
    if not any(map(str.isalnum, story.text)):
        return _reject(document, "no text", "no line of it is an article's")
    return story


def _row(document: Document, story: Story, language: str | None) -> tuple[dict[str, Any], Sequence[str]]:
    url = _read_at(document) or story.url or document.url
    canonical = _address(_read_at(document), story.url) or canonical_url(document.url)
    domain = _outlet(document, story)
    named = document.outlet if document.outlet and not outlet(document.outlet) else None
    outlet_name = _clean(document.outlet_name or named) or story.outlet_name
    headline = _clean(document.headline) or story.headline
    byline = document.byline or story.byline
    fields = document.authors if names(document.authors) else story.authors
    people = names(fields) or (names([byline]) if byline else [])
    text = story.text
    attribution = attribute(
        text,
        byline=byline or ", ".join(fields[:8]) or None,
        headline=headline,
        credit=document.credit,
        tails=story.credits,
        markup=[*story.sources, *filter(None, [without_state(document.dateline or "")])],
        outlet=domain,
        outlet_name=outlet_name,
        language=language,
    )
    dateline = attribution.dateline or document.dateline
    reference = document.fetched_at if document.fetched_at is not None else document.first_seen_at
    time = _published(document, story, language, domain, dateline, reference)
    modified, _ = _first(_stamps(document.modified, "record") + list(story.modified), language, domain, reference)
    published_at = time.reading.at
    status, embargoed_until = _status(document, language, modified.at if modified else published_at)
    digest = text_hash(text)
    namespace = domain if document.namespace is None else document.namespace
    assert isinstance(document.content, str)
    page = canonical if canonical and "/" in canonical.removeprefix("https://") else None
    who = identity(page, namespace, document.source_id, document.content)
    known = time.source is not None
    return {
        "article_id": article_id(who, digest, status),
        "identity": who,
        "doc_ref": document.doc_ref,
        "unit_id": bytes.fromhex(document.unit_id),
        "record": document.record,
        "source_id": document.source_id,
        "url": without_user(url) if url else None,
        "canonical_url": canonical,
        "outlet": domain,
        "outlet_name": outlet_name,
        "feed_url": document.feed_url,
        "headline": headline,
        "deck": _clean(document.deck) or story.deck,
        "authors": people,
        "byline": byline,
        "dateline": dateline,
        "slugline": _clean(document.slugline),
        "agency": attribution.agency,
        "credits": [credit._asdict() for credit in attribution.credits],
        "cited": [citation._asdict() for citation in attribution.cited],
        "quotes": [quote._asdict() for quote in attribution.quotes],
        "language": language,
        "section": _clean(document.section) or story.section,
        "keywords": list(dict.fromkeys([*document.keywords, *story.keywords])),
        "is_free": story.is_free,
        "status": status,
        "revision": document.revision,
        "embargoed_until": embargoed_until,
        "published_at": published_at,
        "published_precision": time.reading.precision,
        "published_source": time.source,
        "published_raw": time.reading.raw if known else None,
        "published_inferred": list(time.reading.inferred),
        "modified_at": modified.at if modified else None,
        "first_seen_at": document.first_seen_at,
        "fetched_at": document.fetched_at,
        "event_at": published_at if published_at is not None else document.first_seen_at,
        "n_chars": len(text),
        "text_hash": digest,
        "extractor": f"{RULES} {story.extractor}",
        "text": text,
    }, time.errors


def _status(document: Document, language: str | None, sent: int | None) -> tuple[str | None, int | None]:
    """Return an article's status, and when its embargo ends; one sent before that, or without an end, is withheld."""
    until, _ = _first(_stamps(document.embargoed, "record"), language, None, None)
    ends = until.at if until else None
    over = not document.embargoed or (ends is not None and sent is not None and ends <= sent)
    return document.status if over or document.status == "cancelled" else "withheld", ends


def _outlet(document: Document, story: Story) -> str | None:
    return outlet(document.outlet) or outlet(_read_at(document) or story.url or document.url) or story.outlet


def _read_at(document: Document) -> str | None:
    """Return the address a document was read at, None for an archive's that does not say whose page it holds."""
    return None if document.url and is_unresolved(document.url) else document.url


def _clean(text: str | None) -> str | None:
    return clean(text) or None if text else None


def _address(url: str | None, declared: str | None) -> str | None:
    """Return the canonical form of the address a page declares for itself, else of the one it was read at.

    A page that declares another outlet's address is a reprint and no version of the original; one that declares the
    front page is mistaken.
    """
    own, said = canonical_url(url), canonical_url(declared)
    if said is None or (own and (outlet(said) != outlet(own) or "/" not in said.removeprefix("https://"))):
        return own
    return said


def _stamps(raw: str | None, source: str) -> list[Stamp]:
    return [Stamp(raw, source)] if raw else []


def _first(
    stamps: Sequence[Stamp], language: str | None, domain: str | None, reference: int | None
) -> tuple[Reading | None, list[str]]:
    """Return the first stamp that can be read, or a later one that says it better, and why those before it cannot."""
    country = domain_country(domain)
    regional = f"{language}-{country}" if language and country and "-" not in language else language
    zone = country_zone(country or language_country(language))
    best: Reading | None = None
    errors: list[str] = []
    for stamp in stamps:
        reading = read_date(stamp.raw, language=regional, zone=zone, reference=reference)
        if best is None and reading.error is None:
            best = reading
        elif best is None:
            errors.append(f"{reading.error}: {stamp.raw[:80]!r}")
        elif _says_better(reading, best):
            best = reading
    return best, errors


def _says_better(instant: Reading, known: Reading) -> bool:
    """Say whether an instant is the one meant by a mere day or by a time of day without a zone, and says it in full.

    Midnight on the dot is a mere day where another time of that day is given. A zone of zero on a clock that is given
    with another one, too, is what software writes that knows of no zone.
    """
    if instant.at is None or known.at is None or instant.precision not in ("second", "minute"):
        return False
    later = instant.at - known.at
    if known.precision == "day":
        return -_ZONES <= later < _DAY + _ZONES
    if "zone" in instant.inferred or abs(later) > _ZONES:
        return False
    if _MIDNIGHT.search(known.raw) and 0 < later < _DAY:
        return True
    if "zone" in known.inferred:
        return (later + _MINUTE) % _QUARTER <= 2 * _MINUTE
    clocks = [found.groups() for reading in (instant, known) if (found := _WALL_CLOCK.match(reading.raw))]
    return later != 0 and known.raw.endswith(("Z", "+00:00", "+0000")) and len(clocks) == 2 and clocks[0] == clocks[1]


def _published(
    document: Document,
    story: Story,
    language: str | None,
    domain: str | None,
    dateline: str | None,
    reference: int | None,
) -> _Time:
    """Return when an article was published, by its source, its address, its dateline or the day its lead names."""
    given = "feed" if document.feed_url else "record"
    stamps = _stamps(document.published, given) + list(story.published)
    reading, errors = _first(stamps, language, domain, reference)
    source = next((stamp.source for stamp in stamps if reading and stamp.raw == reading.raw), None)
    errors = [] if reading else errors
    if reading is None and (day := day_in_path(document.url or story.url)):
        filed = read_date(day, reference=reference)
        reading, source = (filed._replace(inferred=("day",)), "url") if filed.error is None else (None, None)
    if reading is None and dateline and (found := find_date(dateline, language=language)):
        reading = read_date(dateline[found.begin : found.end], language=language, reference=reference)
        reading, source = (reading, "dateline") if reading.error is None else (None, None)
    if reading and reading.month_day and document.form == "text":
        year = year_from_text(*reading.month_day, story.text, language)
        if year:
            zone = country_zone(domain_country(domain) or language_country(language))
            reading = read_date(reading.raw, language=language, zone=zone, reference=reference, year=year)
    if reading is None and document.form == "text" and (reading := weekday_in_lead(story.text, language, reference)):
        source = "text"
    return _Time(reading, source, errors) if reading else _Time(NOTHING, None, errors)


def _mended(document: Document) -> Document:
    """Replace what UTF-8 tables cannot hold, one code point for one, in every field."""
    if not any(_is_broken(value) for value in document if isinstance(value, str)) and not any(
        _is_broken(item) for value in document if isinstance(value, tuple | list) for item in value
    ):
        return document
    return Document(*(_mend(value) for value in document))


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return "\x00" in text


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return _BROKEN.sub("\ufffd", value)
    if isinstance(value, tuple | list):
        return tuple(_BROKEN.sub("\ufffd", item) for item in value)
    return value


def _reject(document: Document, reason: str, error: str) -> Reject:
    content = document.content
    digest = sha256(content if isinstance(content, bytes) else content.encode(errors="surrogatepass")).digest()
    url = without_user(document.url) if document.url else None
    return Reject("extract", reason, error, document.doc_ref, document.unit_id, url, digest)


def _batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    texts = pa.array([row["text"] for row in rows], pa.string())
    n_words = np.diff(tokenize(texts).bounds).astype(np.int32)
    columns = []
    for field in ARTICLE_BATCH:
        values = n_words if field.name == "n_words" else [row[field.name] for row in rows]
        if isinstance(field.type, pa.ExtensionType) or field.type == pa.uuid():
            columns.append(pa.ExtensionArray.from_storage(field.type, pa.array(values, field.type.storage_type)))
        elif field.name == "text":
            columns.append(texts)
        else:
            columns.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=ARTICLE_BATCH)
