"""EPUB made of news, as calibre makes it: the articles with the addresses that they were downloaded from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import FILE_BYTES, MEMORY_BYTES
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields.mapping import instant
from wirecopy.transforms.read.io.members import Member, members, piece
from wirecopy.transforms.read.io.spans import Span, whole
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire import markup

READER_VERSION = 1

_ARTICLE = re.compile(r"((?:.*/)?feed_\d+/article_\d+)/[^/]*\.x?html?", re.IGNORECASE)
_PAGE = re.compile(r".*\.x?html?", re.IGNORECASE)
_FROM = re.compile(
    r">\s*calibre\s*</(?:strong|b|span|em|i)>[^<]{0,400}<a\b[^<>]{0,400}?href=[\"'](https?://[^\"'<>]+)[\"'][^<>]{0,400}>"
    r"(?:(?!</a>).){0,2000}</a>",
    re.DOTALL | re.IGNORECASE,
)
_NEAR = 2_000
_NAVIGATION = re.compile(
    r"<div\b[^<>]{0,400}class=[\"'][^\"'<>]{0,200}calibre_?navbar[^\"'<>]{0,200}[\"'][^<>]{0,400}>.{0,4000}?</div>",
    re.DOTALL | re.IGNORECASE,
)
_ISSUE = re.compile(r"\s*[\[(][^\])]*\d[^\])]*[\])]\s*$")
_NEWS = re.compile(r"\b(?:news|newspaper|periodical|magazine)\b", re.IGNORECASE)


def spans(stream: Stream) -> Iterator[Span]:
    """Yield the one span of a book."""
    return whole(stream, MEMORY_BYTES)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article, of form `html`, or a reject. `doc_ref` is path!/member.

    Raises:
        Fault: `unsupported` where the book is not made of news, `damaged` or `too large` where it cannot be read.
        OSError: the file cannot be read.
    """
    file = stream.random(MEMORY_BYTES)
    file.seek(0)
    book = Stream(file)
    names: list[str] = []
    title = language = None
    is_news, at = False, None
    for member in members(book, 0):
        names.append(member.name)
        if member.name.lower().endswith(".opf"):
            title, language, at, is_news = _about(_held(member))
    folders = {found[1] for name in names if (found := _ARTICLE.fullmatch(name))}
    if not folders and not is_news:
        raise Fault("unsupported", "an EPUB book that is not made of news")
    held: dict[str, str] = {}
    ordinal = 0
    for member in members(book, 0):
        found = _ARTICLE.fullmatch(member.name)
        if not (found if folders else _PAGE.fullmatch(member.name)):
            continue
        doc_ref = f"{unit.path}!/{member.name}"
        try:
            page = html.decode(_held(member))
            if found and found[1] in held:
                held[found[1]] += page
                continue
            if found and sum(name.startswith(found[1] + "/") for name in names) > 1:
                held[found[1]] = page
                continue
            if not found and not _FROM.search(page):
                continue
            yield _document(page, unit.unit_id, ordinal, doc_ref, title, language, at)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref)
        ordinal += 1
    for folder, pages in held.items():
        yield _document(pages, unit.unit_id, ordinal, f"{unit.path}!/{folder}", title, language, at)
        ordinal += 1
    if not ordinal:
        raise Fault("unsupported", "an EPUB book without articles that calibre downloaded")


def _held(member: Member) -> bytes:
    """Return the bytes of a member. Raises Fault where it is damaged or longer than FILE_BYTES."""
    if isinstance(member.file, Fault):
        raise member.file
    data = b""
    while more := piece(member.file):
        data += more
        if len(data) > FILE_BYTES:
            raise Fault("too large", f"a page of more than {FILE_BYTES:,} bytes")
    return data


def _about(package: bytes) -> tuple[str | None, str | None, int | None, bool]:
    """Return title, language and time of a book, and whether it says that it is made of news."""
    try:
        root = markup.parse(package)
    except Fault:
        return None, None, None, False
    told: dict[str, list[str]] = {}
    for element in root.iterdescendants():
        if isinstance(element, etree._Element) and element.text:
            told.setdefault(markup.local(element), []).append(element.text.strip())
    kinds = [*told.get("subject", ()), *told.get("type", ()), *told.get("meta", ())]
    kinds += [each.get("content") or "" for each in markup.find_all(root, "meta") if "type" in (each.get("name") or "")]
    title = _ISSUE.sub("", told["title"][0]) if "title" in told else None
    seen = next((found for each in told.get("date", ()) if (found := instant(each)) is not None), None)
    return title, next(iter(told.get("language", ())), None), seen, any(_NEWS.search(kind) for kind in kinds)


def _document(
    page: str, unit_id: str, ordinal: int, doc_ref: str, title: str | None, language: str | None, at: int | None
) -> Document:
    found = _FROM.search(page)
    if found:
        begin = max(page.rfind("<div", 0, found.start()), page.rfind("<p", 0, found.start()))
        begin = begin if found.start() - begin < _NEAR else found.start() + 1
        page = page[:begin] + page[found.end() :]
    text = _NAVIGATION.sub("", page)
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "html",
        text,
        url=found[1].replace("&amp;", "&") if found else None,
        outlet_name=title,
        language=language if language not in ("und", "") else None,
        first_seen_at=at,
        fetched_at=at,
    )
