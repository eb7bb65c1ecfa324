"""What a page shows its readers beside the article's text: bylines, and the date near the headline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice, zip_longest

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from wirecopy.transforms.extract.dates.dates import find_date, read_date
from wirecopy.transforms.extract.language import standard_tag
from wirecopy.transforms.extract.plain import (
    BEFORE_DATE,
    INVISIBLE,
    Lifted,
    before_update,
    is_date_label,
    is_furniture,
    is_updated,
)

MAX_BYLINE = 160
BELOW_BYLINE = 40
"""Elements behind the headline among which a byline is looked for that nothing marks."""
MAX_NAMES = 8
"""Names of a byline; more are a list of columnists."""
MAX_CHILDREN = 8
MAX_BESIDE = 5
"""Words before and behind a date and its time of day on a line of metadata."""
WHOLE_BYLINE = 2
MAX_DATE_LINE = 160
ABOVE, BELOW = 40, 150
"""Elements before and behind the headline's among which a date is looked for."""

_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|authors?(?:[_-]?names?)?|autor(?:es|en|in)?|writers?|reporters?)(?:$|[\s_-])", re.I
)
_AUTHOR_NAME = re.compile(
    r"(?:author|byline|writer|person|journalist)s?[_-]*(?:full[_-]*)?(?:name|link|text)|name[_-]?author", re.I
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:es|en|in|[ei])?|auteurs?|journalists?|reporters?|staff|columnists?|contributors?|writers?"
    r"|redakteur\w*|redactie|yazar(?:lar)?|avtor|signature|firmas?)/[^/]+",
    re.I,
)
_ASIDE_CLASS = re.compile(
    r"footer|comment|related|sidebar|recommend|copyright|quote|zitat|claim|statement|teaser|most-?(?:read|popular)",
    re.I,
)
_LABEL = re.compile(r"(?:^|\s)(?:by|von|par|por|di|door|av|af|autor|автор|текст)\b[:\s]+", re.I)
_BY_LINE = re.compile(r"(?i:by|von|par|por|di|door|av|af|text|autor|auteur|автор|текст)\b[:\s]+[^\W\d_a-zа-я]")
_SENTENCE_END = re.compile(r"[^.][a-z][.!?]$")
_CLOCK = re.compile(r"\d\s?[:.h时時点點시]\s?\d|\d\s?[ap]\.?m", re.I)
_ELSEWHERE = frozenset("aside nav footer form script style noscript template svg blockquote".split())
_PARTICLES = frozenset("de la del van von der den bin ibn al el da di du le dos das and und et with mit für".split())
_BYLINE_TAGS = frozenset("a span p div address li strong b em h3 h4 h5 h6".split())
_BREAKS = frozenset("br p div li ul ol section h1 h2 h3 h4 h5 h6 time dd dt address".split())


def shown_bylines(tree: HtmlElement, headline: str | None) -> list[str]:
    """Return the names in the byline near a page's headline, below it if there is one.

    Elements that a class, a relation or a link to an author's page marks come first, the most exact marks before
    others, then a line that begins as a byline does.
    """
    body = tree.find("body")
    if body is None:
        return []
    above, below = _near(body, headline)
    return _marked_bylines(below) or _marked_bylines(above) or _plain_byline([*above, *below[:BELOW_BYLINE]])


def _marked_bylines(elements: Iterable[HtmlElement]) -> list[str]:
    marked: list[tuple[int, HtmlElement, list[str]]] = []
    for element in elements:
        rank = _byline_rank(element) if element.tag in _BYLINE_TAGS else None
        if rank is None:
            continue
        parts = text_lines(element)
        if 3 <= sum(map(len, parts)) <= MAX_BYLINE and not _is_elsewhere(element):
            marked.append((rank, element, parts))
    best = min((rank for rank, *_ in marked), default=0)
    chosen = [(element, parts) for rank, element, parts in marked if rank == best]
    if not chosen:
        return []
    if best == WHOLE_BYLINE:
        chosen = chosen[:1]
    first = chosen[0][0].getparent()
    near_first = {first, first.getparent() if first is not None else None}
    beside = [parts for element, parts in chosen if not near_first.isdisjoint(islice(element.iterancestors(), 2))]
    found = list(dict.fromkeys(name for parts in beside for name in _named(parts)))
    return found if len(found) <= MAX_NAMES else []


def _plain_byline(elements: Iterable[HtmlElement]) -> list[str]:
    for element in elements:
        if element.tag in _BREAKS and len(element) <= MAX_CHILDREN:
            text = _text(element)
            is_byline = len(text) <= MAX_BYLINE and _BY_LINE.match(text) and not _SENTENCE_END.search(text)
            if is_byline and not _is_elsewhere(element, "a"):
                return _named(text_lines(element))
    return []


def _byline_rank(element: HtmlElement) -> int | None:
    """Return how exactly an element is marked as an author's name: 0 as such, 1 by a link, 2 as a byline."""
    kind = " ".join(filter(None, map(element.get, ("class", "data-testid", "data-test"))))
    relations = f"{element.get('rel') or ''} {element.get('itemprop') or ''}"
    if "author" in relations.split() or (kind and _AUTHOR_NAME.search(kind)):
        return 0
    if element.tag == "a" and _AUTHOR_PAGE.search(element.get("href") or ""):
        return 1
    return WHOLE_BYLINE if kind and _BYLINE_CLASS.search(kind) else None


def text_lines(element: HtmlElement) -> list[str]:
    """Return the text of an element, cut where it breaks on the page."""
    parts = [element.text or ""]
    for event, inner in iterwalk(element, ("start", "end")):
        if inner is element:
            continue
        if inner.tag in _BREAKS:
            parts.append("\n")
        parts.append((inner.text if event == "start" else inner.tail) or "")
    lines = (" ".join(line.split()) for line in "".join(parts).translate(INVISIBLE).split("\n"))
    return [line for line in lines if line]


def _named(parts: Sequence[str]) -> list[str]:
    """Return what the parts of a byline name, without the date that stands with it and what stands before its `by`."""
    found: list[str] = []
    for part in parts:
        if date := find_date(part):
            part = BEFORE_DATE.sub("", part[: date.begin].rstrip(" ,|–-")) or part[date.end :]
        label = _LABEL.search(f"{part} ")
        if label:
            found = [] if label.start() == 0 else found
            part = part[label.end() :]
        name = part.strip(" |•·,;:–—-")
        lower = [word for word in name.split() if word.islower() and len(word) > 1 and word not in _PARTICLES]
        is_name = name and len(lower) < 2 and not any(map(str.isdigit, name))
        if is_name and not is_date_label(name) and not is_furniture(name):
            found.append(name)
    return found


def _near(body: HtmlElement, headline: str | None) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """Return the elements above a page's headline and those from it on, in the order of the page."""
    elements = [element for element in body.iter("*") if element.tag not in _ELSEWHERE]
    headings = [position for position, element in enumerate(elements) if element.tag in ("h1", "h2", "h3")]
    title = next((position for position in headings if headline and headline in _text(elements[position])), None)
    if title is None:
        title = next((position for position in headings if elements[position].tag == "h1"), 0)
    return elements[max(0, title - ABOVE) : title], elements[title : title + BELOW]


def shown_dates(tree: HtmlElement, language: str | None, headline: str | None) -> list[str]:
    """Return the dates with a year of the short lines around a page's headline: timed ones, then the nearest first.

    Farther off stands the day of the visit, as in a newspaper's masthead.
    """
    body = tree.find("body")
    if body is None:
        return []
    tag = standard_tag(language)
    timed: list[str] = []
    days: list[str] = []
    above, below = _near(body, headline)
    read: dict[str, list[str]] = {}
    for element in chain.from_iterable(zip_longest(below, reversed(above))):
        if element is None or len(element) > MAX_CHILDREN:
            continue
        text = _short_text(element, MAX_DATE_LINE)
        if len(text) < 6 or not any(map(str.isdigit, text)) or _is_elsewhere(element):
            continue
        if text not in read:
            read[text] = _dates(text, tag)
        for raw in read[text]:
            (timed if _CLOCK.search(raw) else days).append(raw)
    return list(dict.fromkeys([*timed[:2], *days[:1]]))


def _dates(text: str, language: str | None) -> list[str]:
    """Return the dates of a line of metadata that can be read."""
    lifted = Lifted()
    is_line = lifted.take_date(text, language)
    found = [stamp.raw for stamp in lifted.published] if is_line else _beside_a_name(text, language)
    return [raw for raw in found if read_date(raw, language=language).at is not None]


def _beside_a_name(text: str, language: str | None) -> list[str]:
    """Return a date with its time of day in a line that says little else, such as the author's name."""
    found = find_date(text, language=language)
    if not found or not found.timed or is_updated(text[: found.begin]):
        return []
    longest = max(len(text[: found.begin].split()), len(text[found.end :].split()))
    return [before_update(text[found.begin : found.end])] if longest <= MAX_BESIDE else []


def _short_text(element: HtmlElement, longest: int) -> str:
    """Return an element's text with a space between its pieces; nothing where it is longer than so many code points."""
    words: list[str] = []
    size = -1
    for piece in element.itertext():
        found = piece.split()
        words += found
        size += sum(map(len, found)) + len(found)
        if size > longest:
            return ""
    return " ".join(words)


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _is_elsewhere(element: HtmlElement, *tags: str) -> bool:
    """Say whether an element stands in a part of the page that is about something else, or in an element of a tag."""
    for each in (element, *element.iterancestors()):
        if each.tag in ("main", "body"):
            return False
        if each.tag in _ELSEWHERE or each.tag in tags:
            return True
        if _is_aside(each.get("class") or "", each.get("id") or "") and each.find(".//h1") is None:
            return True
        if each.tag == "article":
            return any(above.tag in ("aside", "nav") for above in each.iterancestors()) and each.find(".//h1") is None
    return False


@lru_cache(4_096)
def _is_aside(classes: str, name: str) -> bool:
    return _ASIDE_CLASS.search(f"{classes} {name}") is not None
