"""A mail's fields and its text, by the standard library's parser, which takes whatever mail programs write."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import NamedTuple

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.mail.forwarded import Forwarded, forwarded, is_printed, standard
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire import markup

PARTS = 10_000
"""Parts of one mail that are looked at."""
_PRINTED = 1 << 12
DEPTH = 40
"""Parts inside each other; the parser takes a mail's time and memory for each."""

_FIELD = re.compile(rb"([!-9;-~]{1,76}):(?:[ \t]?[^\r\n]*)(?:\r?\n|\r|\Z)(?:[ \t][^\r\n]*(?:\r?\n|\r|\Z))*")
_KNOWN = frozenset(
    b"from to cc date subject message-id received return-path delivered-to mime-version content-type reply-to sender"
    b" list-id list-unsubscribe dkim-signature content-transfer-encoding content-language envelope-to x-received"
    b" arc-seal authentication-results received-spf x-mailer snapshot-content-location x-maf content-location".split()
)
_STRONG = frozenset(
    b"message-id received return-path delivered-to mime-version dkim-signature envelope-to x-received arc-seal"
    b" received-spf snapshot-content-location".split()
)
_SIGNATURES = frozenset(
    "application/pgp-signature application/pkcs7-signature application/x-pkcs7-signature application/ms-tnef".split()
)
_HIDDEN = re.compile(
    r"<(div|span|p|td|table)\b[^<>]{0,400}style=[\"'][^\"'<>]{0,400}display:\s*none[^<>]{0,400}>.{0,4000}?</\1>",
    re.IGNORECASE | re.DOTALL,
)
"""Words that mail programs show beside the subject and readers do not see."""
_EMLX = re.compile(rb"\d{1,9}[ \t]*\r?\n(?=[!-9;-~]{1,76}:)")
_ENCLOSED = re.compile(r"<(\S+?)>")
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_SHARE_OF_HTML = 0.5
"""Share of the words of a mail's HTML that its plain text has at least where it stands for the whole mail."""


class Attachment(NamedTuple):
    """A file that a mail holds: its name, its bytes, and microseconds since the epoch when the mail was sent."""

    name: str
    data: bytes
    sent: int | None


def is_mail(head: bytes) -> bool:
    """Say whether a file begins as a mail does: with fields that mail has, three at least, or as Outlook prints one."""
    if is_printed(head):
        return True
    begin = _EMLX.match(head)
    at = begin.end() if begin else 0
    names: list[bytes] = []
    while len(names) < 60 and (found := _FIELD.match(head, at, at + (1 << 15))):
        names.append(found[1].lower())
        at = found.end()
    known = _KNOWN.intersection(names)
    if len(known) < 3 or len(known) * 4 < len(set(names)):
        return False
    return not _STRONG.isdisjoint(known) or known >= {b"from", b"date", b"subject"}


def parse(data: bytes) -> Message:
    """Return a mail; of Apple's emlx the mail that it holds. Raises Fault."""
    if begin := _EMLX.match(data):
        data = data[begin.end() : begin.end() + int(begin[0])]
    if is_printed(data[:_PRINTED]):
        data = standard(data)
    if len(_BOUNDARY.findall(data)) > DEPTH * 10:
        raise Fault("too large", f"more than {DEPTH * 10} parts that are made of parts")
    try:
        return email.message_from_bytes(data, policy=email.policy.compat32)
    except (RecursionError, ValueError, LookupError, AssertionError, TypeError) as error:
        raise Fault("malformed", f"mail: {type(error).__name__}: {error}") from None


def field(message: Message, name: str) -> str | None:
    """Return a field's value, decoded, on one line; None where there is none."""
    value = message.get(name)
    if value is None:
        return None
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError, LookupError):
        parts = [(str(value), None)]
    text = "".join(_decoded(part, label) for part, label in parts)
    return " ".join(text.split()) or None


def _decoded(part: str | bytes, label: str | None) -> str:
    if isinstance(part, str):
        part = part.encode("utf-8", "surrogateescape")
    known = charset.codec(label) if label and not label.startswith("unknown") else None
    if known:
        return part.decode(known, "replace")
    try:
        return charset.decode(part)
    except Fault:
        return part.decode("utf-8", "replace")


def instant(message: Message) -> int | None:
    """Return microseconds since the epoch of a mail's date, or None where it says none with a zone."""
    try:
        moment = parsedate_to_datetime(message.get("date", ""))
        since = (moment.replace(tzinfo=moment.tzinfo or UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000


def documents(message: Message, unit_id: str, ordinal: int, doc_ref: str) -> Iterator[Document | Fault | Attachment]:
    """Yield the document of a mail, and of each mail that it holds, or what is wrong with it, and files attached.

    A mail is an article of form `record` with its subject as headline, its sender as outlet and its Message-ID, which
    is unique everywhere, as id.
    """
    plain: list[str] = []
    marked: list[str] = []
    inner: list[Message] = []
    media: list[str] = []
    attached: list[Attachment] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            held = part.get_payload()
            inner += [each for each in held if isinstance(each, Message)] if isinstance(held, list) else []
        elif part.is_multipart() or kind in _SIGNATURES:
            media.append(kind)
        elif _is_attached(part, kind):
            attached.append(Attachment(_name(part, kind, len(attached) + 1), _bytes(part, kind), instant(message)))
        elif kind in ("text/plain", "text/enriched") or (kind == "text/html"):
            text = _text(part)
            if text.strip():
                (marked if kind == "text/html" else plain).append(text)
        else:
            media.append(kind)
    chosen = _chosen(plain, marked)
    if chosen:
        yield _document(message, chosen, unit_id, ordinal, doc_ref)
    elif not inner and not attached:
        held_media = ", ".join(sorted({kind for kind in media if not kind.startswith("multipart/")}))
        yield Fault("no text", "a mail without a text" + (f", only {held_media}" if held_media else ""))
    yield from attached
    for number, each in enumerate(inner, 1):
        yield from documents(each, unit_id, ordinal, f"{doc_ref}/{number}")


def _is_attached(part: Message, kind: str) -> bool:
    """Say whether a part is a file of its own: it says so, or has a name and is no picture that the text shows."""
    if part.get_content_disposition() == "attachment":
        return True
    return part.get_filename() is not None and not kind.startswith("image/") and part.get("content-id") is None


def _name(part: Message, kind: str, number: int) -> str:
    """Return the name of an attached file, without folders; one that is made up where it has none."""
    try:
        said = part.get_filename()
        parts = decode_header(said) if said else []
    except (HeaderParseError, ValueError, LookupError, TypeError):
        parts = []
    text = "".join(_decoded(each, label) for each, label in parts)
    name = "".join(char for char in re.split(r"[/\\]", text)[-1] if char.isprintable()).strip(" .")
    return name[:200] or f"attachment {number} ({kind})"


def _bytes(part: Message, kind: str) -> bytes:
    """Return the bytes of an attached file; of a text that names its encoding those of UTF-8."""
    data, declared = payload(part), _parameter(part, "charset")
    if kind == "text/plain" and declared:
        try:
            return charset.decode(data, declared).encode("utf-8", "replace")
        except Fault:
            return data
    return data


def _parts(message: Message) -> Iterator[Message]:
    """Yield a mail's parts, in order, those of mails inside it left out. Raises Fault beyond DEPTH and PARTS."""
    stack: list[tuple[Message, int]] = [(message, 0)]
    count = 0
    while stack:
        part, depth = stack.pop()
        count += 1
        if depth > DEPTH or count > PARTS:
            raise Fault("too large", f"a mail of more than {PARTS:,} parts, or of {DEPTH} inside each other")
        yield part
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            held = part.get_payload()
            inner = held if isinstance(held, list) else []
            stack += [(each, depth + 1) for each in reversed(inner) if isinstance(each, Message)]


def payload(part: Message) -> bytes:
    """Return a part's bytes, decoded. Raises Fault."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError) as error:
        raise Fault("malformed", f"mail: {error}") from None
    return data if isinstance(data, bytes) else b""


def _text(part: Message) -> str:
    data = payload(part)
    declared = _parameter(part, "charset")
    try:
        is_page = part.get_content_type() == "text/html"
        text = html.decode(data, declared) if is_page else charset.decode(data, declared)
    except Fault:
        text = data.decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if (_parameter(part, "format") or "").lower() == "flowed":
        text = _unflowed(text, (_parameter(part, "delsp") or "").lower() == "yes")
    return text


def _parameter(part: Message, name: str) -> str | None:
    try:
        found = part.get_param(name)
    except (ValueError, LookupError):
        return None
    return found[2] if isinstance(found, tuple) else str(found) if found else None


def _unflowed(text: str, joined: bool) -> str:
    """Return a text whose soft line ends, marked by a space before them, are taken back (RFC 3676)."""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line
        if soft and not line.startswith(">"):
            lines[-1] = (lines[-1][:-1] if joined else lines[-1]) + line
        else:
            lines.append(line)
        soft = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def _chosen(plain: list[str], marked: list[str]) -> str | None:
    """Return a mail's plain text, unless it only points to the HTML; of mails without one the text of their HTML."""
    text = "\n\n".join(plain).strip("\n")
    of_html = "\n\n".join(found for page in marked if (found := markup.fragment(_HIDDEN.sub("", page))))
    if text and len(text.split()) >= _SHARE_OF_HTML * len(of_html.split()):
        return text
    return of_html or text or None


def _document(message: Message, text: str, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    subject = field(message, "subject")
    own = forwarded(text, subject) or Forwarded(field(message, "from"), subject, field(message, "date"), text)
    name, address = parseaddr(own.sender or "")
    archived = _ENCLOSED.search(message.get("archived-at") or "")
    number = _ENCLOSED.search(str(message.get("message-id") or ""))
    is_list = any(message.get(each) is not None for each in ("list-id", "list-unsubscribe", "list-post"))
    domain = address.rpartition("@")[2]
    listed = _ENCLOSED.search(message.get("list-id") or "")
    if domain and listed and listed[1].lower().endswith(f".{domain.lower()}"):
        domain = listed[1]
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        own.text,
        source_id=number[1] if number else None,
        namespace="" if number else None,
        url=archived[1] if archived and archived[1].startswith(("http://", "https://")) else None,
        outlet=domain if is_list and "." in domain else None,
        outlet_name=name or None,
        headline=own.subject,
        language=(field(message, "content-language") or "").partition(",")[0] or None,
        keywords=tuple(word for each in (field(message, "keywords") or "").split(",") if (word := each.strip())),
        published=own.date,
    )
