"""Europresse (CEDROM-SNi, Eureka): a page of many articles, an `article` element each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import BRACKETS
from wirecopy.transforms.read.exports import words
from wirecopy.transforms.read.exports.factiva import page
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields.mapping import web_address
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire.markup import line, local, paragraphs

READER_VERSION = 1

__all__ = ["READER_VERSION", "is_export", "read", "spans"]

_SIGNS = (b"DocPublicationName", b"titreArticleVisu", b"rdp__articletitle", b"publiC-lblNodoc", b"docOcurrContainer")
_HEADLINES = ("titreArticleVisu", "rdp__articletitle", "titreArticle", "TitreArticle")
_TEXTS = ("docOcurrContainer", "DocText", "docText")
_NUMBER = re.compile(r"[·.](\d{8})[·.]")
_ISSUE = re.compile(r",?\s+(?:no|n°|nº|num|vol|issue|nr)\.?\s*[\w-]*\d.*$", re.IGNORECASE | re.DOTALL)
_SITE = re.compile(r"\s*\((?:site web|web site|website|réf\. site web|tweets?|blog)[^)]*\)\s*$", re.IGNORECASE)
_WEEKDAY = (
    r"(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend)"
)
_DATED = re.compile(rf"(?:{_WEEKDAY},?\s+)?({words.DATE.pattern})(?:[,\s-]+(\d{{1,2}}[:h]\d\d))?", re.IGNORECASE)


def is_export(head: bytes) -> bool:
    """Say whether a page begins as one that Europresse saves."""
    return sum(sign in head for sign in _SIGNS) >= 2


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article, of form `record`, or a reject. `doc_ref` is path#number.

    Raises Fault where there is none, and OSError.
    """
    data = stream.whole()
    if data.count(b"<") > BRACKETS:
        raise Fault("too large", f"more than {BRACKETS:,} tags")
    articles = _articles(page(html.decode(data)))
    if not articles:
        raise Fault("malformed", "a page of Europresse without an article")
    for ordinal, article in enumerate(articles):
        doc_ref = f"{unit.path}#{ordinal + 1}"
        try:
            yield _document(article, unit.unit_id, ordinal, doc_ref)
        except Fault as fault:
            yield rejected(unit, fault, doc_ref)


def _articles(root: etree._Element) -> list[etree._Element]:
    """Return the elements that are an article each: by their name, or else those that hold one name of a paper."""
    signs = ("DocPublicationName", *_HEADLINES)
    named = [each for each in root.iterdescendants("article") if _of_class(each, *signs) is not None]
    if named:
        return named
    found = []
    for name in (each for each in root.iterdescendants() if "DocPublicationName" in (each.get("class") or "").split()):
        around = name
        while (parent := around.getparent()) is not None and _count(parent) < 2:
            around = parent
        found.append(around)
    return found


def _count(element: etree._Element) -> int:
    return sum("DocPublicationName" in (each.get("class") or "").split() for each in element.iterdescendants())


def _of_class(element: etree._Element, *names: str) -> etree._Element | None:
    """Return the first descendant of a class, the classes in the order of their names."""
    for name in names:
        for each in element.iterdescendants():
            if name in (each.get("class") or "").split() and line(each):
                return each
    return None


def _document(article: etree._Element, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    headline = line(_of_class(article, *_HEADLINES))
    text = paragraphs(_of_class(article, *_TEXTS)) or paragraphs(next(article.iterdescendants("section"), None))
    if not text:
        raise Fault("no text", f"an article of Europresse without a text: {(headline or 'no headline')[:200]}")
    number = line(_of_class(article, "publiC-lblNodoc"))
    header = " ".join(
        told
        for each in article.iterdescendants()
        if "DocHeader" in (each.get("class") or "").split() and (told := line(each))
    )
    dated = _DATED.search(header)
    filed = _NUMBER.search(number) if number else None
    day = dated[1] if dated else filed[1] if filed else None
    clock = dated[2].replace("h", ":") if dated and dated[2] else None
    section = header[: dated.start()].strip(" ,;") if dated else None
    author = line(_of_class(article, "docAuthors", "sm-margin-bottomNews"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=number,
        namespace="europresse" if number else None,
        url=next((web_address(link.get("href")) for link in article.iterdescendants("a") if _is_source(link)), None),
        outlet_name=_outlet(article),
        headline=headline,
        deck=line(_of_class(article, "rdp__subtitle", "rdp__articlesubtitle", "sousTitreArticle")),
        authors=(author,) if author and author != headline else (),
        byline=author if author != headline else None,
        section=section or None,
        published=f"{day} {clock or ''}".strip() if day else None,
    )


def _outlet(article: etree._Element) -> str | None:
    """Return the paper's name: the first line of what stands there, without issue and kind."""
    element = _of_class(article, "DocPublicationName")
    told = (paragraphs(element) or "").partition("\n")[0] if element is not None else ""
    if element is not None and any(local(each) == "br" for each in element):
        told = " ".join((element.text or "").split()) or told
    return _SITE.sub("", _ISSUE.sub("", told)).strip(" ,") or None


def _is_source(link: etree._Element) -> bool:
    """Say whether a link leads to where the article appeared first."""
    around = link.getparent()
    before = ((around.text or "") if around is not None else "").lower()
    href = link.get("href") or ""
    return href.startswith("http") and ("DocLink" in (link.get("class") or "") or "paru dans" in before)
