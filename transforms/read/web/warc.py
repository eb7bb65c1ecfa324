"""Web archives: the pages in WARC and ARC files, and the texts in WET files."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import RECORD_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web.cuts import spans
from wirecopy.transforms.read.web.records import Damage, Record, records
from wirecopy.transforms.read.web.responses import Response, payload, response

READER_VERSION = 3

__all__ = ["READER_VERSION", "content_of", "instant", "read", "spans"]

_HTML = ("text/html", "application/xhtml+xml")
_DIGESTS = ("md5", "sha1", "sha256", "sha512")
_OF_TOOLS = re.compile(r"(?:urn|metadata|screenshot|thumbnail|youtube-dl|pageinfo|x-wpull|warcinfo|dns|whois):", re.I)
"""Addresses of what crawlers keep for themselves: texts and pictures of pages, logs, look-ups."""
_BOOKKEEPING = ("warcinfo", "request", "metadata")


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document for each page or text in a unit's records, and a reject for what holds none.

    HTML responses and resources are of form `html`, their pages not decoded yet, plain text ones of form `text`,
    conversions (WET) of form `record`. Requests and metadata, which describe other records, and what
    crawlers keep for themselves are counted in one reject.
    `doc_ref` is path#offset, the stored offset that an index (CDX) gives, with the record's number behind a dot where
    several share a member. Raises Fault where a compression around the whole file is damaged, and OSError.
    """
    ordinal = 0
    passed: Counter[str] = Counter()
    for record in records(stream, unit.begin, unit.end):
        doc_ref = f"{unit.path}#{record.offset}"
        if isinstance(record, Damage):
            yield rejected(unit, record.fault, doc_ref)
            ordinal += 1
            continue
        kind = record.header.get("warc-type", "").lower()
        if kind in _BOOKKEEPING:
            passed[kind] += 1
            continue
        if record.number:
            doc_ref += f".{record.number}"
        url = record.header.get("warc-target-uri", "").strip("<> ") or None
        if _OF_TOOLS.match(url or ""):
            passed["of the crawler's own"] += 1
            continue
        try:
            element: Document | Reject = _document(unit, record, kind, url, ordinal, doc_ref)
        except Fault as fault:
            element = rejected(unit, fault, doc_ref, record.block, url)
        del record  # so that the next one takes its memory
        yield element
        ordinal += 1
    counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(passed.items()) if kind != "warcinfo")
    if counts:
        yield rejected(unit, Fault("not text", f"records that describe others: {counts}"))


def _document(unit: Unit, record: Record, kind: str, url: str | None, ordinal: int, doc_ref: str) -> Document:
    form, content, declared = content_of(kind, record)
    seen = instant(record.header.get("warc-date", ""))
    language = record.header.get("warc-identified-content-language", "").partition(",")[0] or None
    return Document(
        unit.unit_id,
        ordinal,
        doc_ref,
        form,
        content,
        url=url,
        language=language,
        first_seen_at=seen,
        fetched_at=seen,
        charset=declared,
    )


def content_of(kind: str, record: Record) -> tuple[str, str | bytes, str | None]:
    """Return a record's form and content, and the charset that its header declares of bytes. Raises Fault."""
    header, block = record.header, record.block
    if block is None:
        raise Fault("too large", f"a record of {header['content-length']} bytes; at most {RECORD_BYTES:,} are read")
    if kind == "revisit":
        raise Fault("not text", "a revisit: the page was the same as at " + header.get("warc-refers-to-date", "before"))
    if kind == "response":
        reply = response(block)
        if reply.status == 0 and "arc" not in header:
            raise Fault("not text", f"a response, but none of HTTP: {header.get('content-type', 'of no type')}")
        if not 200 <= (reply.status or 200) < 300:
            raise Fault("not text", f"a response of status {reply.status}")
        _check(header, block, reply)
        media, _, parameters = reply.header.get("content-type", header.get("content-type", "")).partition(";")
        data = payload(reply)
    elif kind in ("resource", "conversion"):
        media, _, parameters = header.get("content-type", "").partition(";")
        data = bytes(block)
        _check(header, data, Response(0, {}, data))
    else:
        raise Fault("not text", f"a record of type {kind or 'none'}")
    media = media.strip().lower()
    if not data or data.isspace():
        raise Fault("empty", "a payload of no bytes")
    if media in _HTML or (media in ("", "unknown", "no-type") and _looks_like_html(data)):
        return "html", data, _charset(parameters)
    if media == "text/plain":
        if (url := header.get("warc-target-uri", "").lower()).endswith("/robots.txt") or url.startswith("metadata:"):
            raise Fault("not text", "a file for crawlers")
        return "record" if kind == "conversion" else "text", charset.decode(data, _charset(parameters)), None
    raise Fault("not text", f"a payload of type {media or 'unknown'}")


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \"'") or None
    return None


def _looks_like_html(data: bytes) -> bool:
    head = data[:1024].lower()
    return b"<html" in head or b"<!doctype html" in head


def _check(header: Mapping[str, str], block: bytes | memoryview, reply: Response) -> None:
    """Raise Fault unless the payload, or else the block, has the digest that the record declares."""
    name = "warc-payload-digest" if "warc-payload-digest" in header else "warc-block-digest"
    algorithm, _, declared = header.get(name, "").partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in _DIGESTS or not declared:
        return
    candidates = _payloads(reply, block) if name == "warc-payload-digest" else iter([block])
    if not any(_has_digest(data, algorithm, declared) for data in candidates):
        raise Fault("digest", f"the {name[5:-7]} does not have the digest {header[name]}")


def _payloads(reply: Response, block: bytes | memoryview) -> Iterator[bytes | memoryview]:
    """Yield what writers have taken for the payload: with or without its encodings, and the whole block."""
    yield reply.stored
    yield block
    if {"transfer-encoding", "content-encoding"} & reply.header.keys():
        try:
            yield payload(reply._replace(header={**reply.header, "content-encoding": ""}))
            yield payload(reply)
        except Fault:
            return


def _has_digest(data: bytes | memoryview, algorithm: str, declared: str) -> bool:
    """Say whether data has a digest, written in base 32 as most crawlers do, or in base 16."""
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return (
        declared.rstrip("=").upper() == base64.b32encode(digest).decode().rstrip("=")
        or declared.lower() == digest.hex()
    )


def instant(date: str) -> int | None:
    """Return microseconds since the epoch of a WARC-Date, which is UTC by the standard."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    since = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
