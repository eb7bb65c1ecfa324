"""What Telegram's desktop program exports of a chat as a page (messages.html): a message an article."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import BRACKETS
from wirecopy.transforms.read.exports.factiva import page
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire.markup import line

READER_VERSION = 1

__all__ = ["READER_VERSION", "is_export", "read", "spans"]

_SIGN = re.compile(rb"<title>Exported Data</title>", re.IGNORECASE)
_MESSAGE = "//div[contains(concat(' ', @class, ' '), ' message ')][contains(concat(' ', @class, ' '), ' default ')]"
_ZONED = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-]\d\d:\d\d))?")


def is_export(head: bytes) -> bool:
    """Say whether a page begins as such an export."""
    return _SIGN.search(head, 0, 1 << 12) is not None and b"page_wrap" in head


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield a document, of form `record`, for each message with a text, a reject for each without.

    `doc_ref` is path#number of the message. Raises Fault where there is none, and OSError.
    """
    data = stream.whole()
    if data.count(b"<") > BRACKETS:
        raise Fault("too large", f"more than {BRACKETS:,} tags")
    root = page(html.decode(data))
    chat = next(iter(_texts(root, "page_header")), None)
    sender: str | None = None
    ordinal = 0
    for message in root.xpath(_MESSAGE):
        doc_ref = f"{unit.path}#{ordinal + 1}"
        sender = next(iter(_texts(message, "from_name")), sender)
        text = "\n\n".join(_of_lines(each) for each in _marked(message, "text"))
        if text.strip():
            yield _document(message, text, chat, sender, unit.unit_id, ordinal, doc_ref)
        else:
            yield rejected(unit, Fault("not text", "a message of Telegram without a text"), doc_ref)
        ordinal += 1
    if not ordinal:
        raise Fault("empty", "a chat of Telegram without messages")


def _document(
    message: HtmlElement, text: str, chat: str | None, sender: str | None, unit_id: str, ordinal: int, doc_ref: str
) -> Document:
    dated = next((each.get("title") for each in message.xpath(".//*[@title]") if _ZONED.match(each.get("title"))), "")
    found = _ZONED.match(dated)
    day = f"{found[3]}-{found[2]}-{found[1]}T{found[4]}{found[5] or ''}" if found else None
    signed = sender if sender and sender != chat else None
    number = (message.get("id") or "").removeprefix("message") or None
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=number,
        namespace=f"telegram {chat}" if chat and number else None,
        outlet_name=chat,
        authors=(signed,) if signed else (),
        byline=signed,
        published=day,
    )


def _of_lines(element: HtmlElement) -> str:
    """Return an element's text, a line where a `br` breaks it."""
    for each in element.iter("br"):
        each.tail = "\n" + (each.tail or "")
    lines = (" ".join(part.split()) for part in element.text_content().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _marked(element: HtmlElement, kind: str) -> list[HtmlElement]:
    found: list[HtmlElement] = element.xpath(f".//div[@class='{kind}']")
    return found


def _texts(element: HtmlElement, kind: str) -> list[str]:
    found = element.xpath(f".//div[contains(concat(' ', @class, ' '), ' {kind} ')]")
    return [told for each in found if (told := line(each))]
