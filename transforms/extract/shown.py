"""What a page shows its readers beside the article's text: bylines, and the date near the headline."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from transforms.extract.dates import find_date, read_date
from transforms.extract.language import standard_tag
from transforms.extract.plain import Lifted

MAX_BYLINE = 120
MAX_DATE_LINE = 160
ABOVE, BELOW = 40, 150
"""Elements before and behind the headline's among which a date is looked for."""

_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|authors?(?:[_-]?names?)?|autor(?:es|en|in)?|writers?|reporters?)(?:$|[\s_-])", re.I
)
_AUTHOR_NAME = re.compile(r"author[_-]?name|byline[_-]*(?:author|name)|name[_-]?author", re.I)
_ASIDE_CLASS = re.compile(r"footer|comment|related|sidebar|recommend|copyright", re.I)
_LABEL = re.compile(r"(?:^|\s)(?:by|von|par|por|di|door|av|af|autor|автор)\b[:\s]+", re.I)
_CLOCK = re.compile(r"\d\s?[:.h時时点點시]\s?\d|\d\s?[ap]\.?m", re.I)
_ELSEWHERE = frozenset("aside nav footer form script style noscript template svg".split())


def shown_bylines(tree: HtmlElement) -> list[str]:
    """Return the texts of the first elements that are marked as the byline, innermost marks first."""
    body = tree.find("body")
    if body is None:
        return []
    marked = []
    for element in body.iter("a", "span", "p", "div", "address", "li", "strong", "b", "em", "h4", "h5", "h6"):
        kind = f"{element.get('class') or ''} {element.get('data-testid') or ''} {element.get('data-test') or ''}"
        if kind == "  " and not element.get("rel") and not element.get("itemprop"):
            continue
        by_relation = (
            "author" in (element.get("rel") or "").split() or "author" in (element.get("itemprop") or "").split()
        )
        if not (by_relation or _AUTHOR_NAME.search(kind) or _BYLINE_CLASS.search(kind)):
            continue
        text = _text(element)
        if 3 <= len(text) <= MAX_BYLINE and not _is_elsewhere(element):
            marked.append((element, bool(_AUTHOR_NAME.search(kind)) or by_relation, text))
        if len(marked) >= 12:
            break
    names = [(element, text) for element, exact, text in marked if exact]
    chosen = names or [(element, text) for element, _, text in marked[:1]]
    if not chosen:
        return []
    first = chosen[0][0].getparent()
    near = {first, first.getparent() if first is not None else None}
    texts = [text for element, text in chosen if not near.isdisjoint(islice(element.iterancestors(), 2))]
    return list(dict.fromkeys(name for text in texts if (name := _named(text))))


def _named(text: str) -> str:
    """Return what a byline names, without the date that stands with it and what stands before its `by`."""
    if found := find_date(text):
        text = text[: found.begin] if found.begin else text[found.end :]
    label = _LABEL.search(text)
    return (text[label.end() :] if label else text).strip(" |•·,;:–—-")


def shown_dates(tree: HtmlElement, language: str | None, headline: str | None) -> list[str]:
    """Return the dates with a year, timed ones first, of the short lines around the page's headline."""
    body = tree.find("body")
    if body is None:
        return []
    tag = standard_tag(language)
    elements = [element for element in body.iter() if isinstance(element.tag, str) and element.tag not in _ELSEWHERE]
    headings = [position for position, element in enumerate(elements) if element.tag in ("h1", "h2", "h3")]
    title = next((position for position in headings if headline and headline in _text(elements[position])), None)
    if title is None:
        title = next((position for position in headings if elements[position].tag == "h1"), 0)
    timed: list[str] = []
    days: list[str] = []
    for element in elements[max(0, title - ABOVE) : title + BELOW]:
        if len(element) > 8:
            continue
        text = _text(element)
        if not 6 <= len(text) <= MAX_DATE_LINE or not any(map(str.isdigit, text)) or _is_elsewhere(element):
            continue
        lifted = Lifted()
        if not lifted.take_date(text, tag):
            continue
        for raw, _ in lifted.published:
            if read_date(raw, language=tag).at is not None:
                (timed if _CLOCK.search(raw) else days).append(raw)
    return list(dict.fromkeys([*timed[:2], *days[:1]]))


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _is_elsewhere(element: HtmlElement) -> bool:
    """Say whether an element stands in a part of the page that is about something else."""
    for each in (element, *element.iterancestors()):
        if each.tag in ("article", "main", "body"):
            return False
        if each.tag in _ELSEWHERE or _ASIDE_CLASS.search(f"{each.get('class') or ''} {each.get('id') or ''}"):
            return True
    return False
