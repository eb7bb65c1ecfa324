"""Web pages: metadata from what the page declares, text by trafilatura, gaps by its heuristics; all within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import trafilatura
from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata
from trafilatura.utils import load_html

from transforms.extract.body import fragment_text, read_body
from transforms.extract.language import standard_tag
from transforms.extract.shown import shown_bylines, shown_dates
from transforms.extract.story import Stamp, Story
from transforms.extract.structured import Structured, read_structured
from transforms.extract.urls import outlet

MAX_CHARS = 5_000_000
"""Code points of the largest page that is read."""
MAX_TAGS = 25_000
"""Elements of the largest page that is read: ten times what news pages have; extractors take time by their square."""
MAX_ATTRIBUTES = 1_000
"""Attributes of one element; parsers take time by their square."""

_DOCUMENT = re.compile(r"<(?:!doctype|\?xml|html|head|body|title|meta)\b", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z]")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{4000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SUFFIX = re.compile(r"\s+[|•·»–—-]\s+|\s*[|»]\s*")
_CLOCK = re.compile(r"\d:\d\d|T\d\d|^\d{10,}$")
_DATES = {"original_date": True, "extensive_search": False, "outputformat": "%Y-%m-%d"}


def read_page(content: str, *, url: str | None = None) -> Story | str:
    """Return the story that a page holds, or why the page is beyond the bounds.

    Args:
        content: the page's HTML, decoded; a fragment, as feeds and exports of weblogs carry, is taken whole.
        url: the address it was read at.
    """
    if reason := _beyond_bounds(content):
        return reason
    if not _DOCUMENT.search(content):
        return Story(fragment_text(content), extractor="fragment")
    tree = load_html(content)
    if tree is None:
        return Story("", extractor="trafilatura")
    declared = read_structured(tree, url)
    shown = [" ".join(heading.text_content().split()) for heading in tree.iter("h1")]
    title = next((" ".join(element.text_content().split()) for element in tree.iter("title")), "")
    headline = choose_headline(declared.headlines, shown, title)
    rest = _metadata(tree, url, declared, headline)
    headlines = [text for text in (headline, *declared.headlines[:3], *shown[:3], title) if text]
    body = read_body(tree, url, headlines, declared.deck, standard_tag(declared.language), declared.body)
    return rest._replace(
        text=body.text,
        authors=rest.authors or body.lifted.authors,
        byline=body.lifted.byline,
        published=[*rest.published, *body.lifted.published],
        credits=body.lifted.credits,
        section=rest.section or body.lifted.section,
        extractor=f"{body.method}/{trafilatura.__version__}",
    )


def choose_headline(declared: Sequence[str], shown: Sequence[str], title: str) -> str | None:
    """Return the headline that a page's own statements agree on.

    What both a declaration and a heading say wins, what all readers of shared links see first; then a heading that a
    declaration only lengthens by the site's name; then the first declaration; then a heading; then the page's title.

    Args:
        declared: headlines of structured data, best first.
        shown: texts of the page's h1 elements.
        title: the text of its title element.
    """
    headings = {_key(text): text for text in reversed(shown) if text}
    for text in [*declared[1:2], *declared[:1], *declared[2:]]:
        if _key(text) in headings:
            return text
    for text in declared:
        for key, heading in headings.items():
            if _key(text).startswith(key) and _SUFFIX.match(text[len(heading) :]):
                return heading
    if declared:
        return declared[0]
    if len(headings) == 1:
        return shown[0] or None
    bare = _SUFFIX.split(title)
    return max(bare, key=len).strip() or None


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def _beyond_bounds(content: str) -> str | None:
    """Return why a page would take its parser or its extractor too long, None where it would not."""
    if len(content) > MAX_CHARS:
        return f"{len(content):,} characters, more than {MAX_CHARS:,}"
    tags = content.count("<")
    if tags > MAX_TAGS and (tags := len(_TAG.findall(content))) > MAX_TAGS:
        return f"{tags:,} elements, more than {MAX_TAGS:,}"
    for tag in _LONG_TAG.finditer(content):
        attributes = len(_QUOTED.sub("", tag[0]).split())
        if attributes > MAX_ATTRIBUTES:
            return f"{attributes:,} attributes in one element, more than {MAX_ATTRIBUTES:,}"
    return None


def _metadata(tree: HtmlElement, url: str | None, declared: Structured, headline: str | None) -> Story:
    """Return the declared metadata; what is missing is read off the page as shown, then found by trafilatura."""
    sources = chain(declared.authors, map(shown_bylines, [tree]))
    authors = choose_authors(sources, declared.outlet_name, url or declared.url)
    published = list(declared.published)
    if not any(_CLOCK.search(stamp.raw) for stamp in published):
        published += [Stamp(raw, "text") for raw in shown_dates(tree, declared.language, headline)]
    if not (headline and published):
        found = extract_metadata(tree, url, _DATES, False)
        headline = headline or found.title
        authors = authors or ([found.author] if found.author else [])
        published = published or ([Stamp(found.date, "text")] if found.date else [])
    return Story(
        text="",
        headline=headline,
        deck=declared.deck,
        authors=authors,
        published=published,
        modified=declared.modified,
        section=declared.section,
        keywords=declared.keywords,
        sources=declared.sources,
        url=declared.url,
        outlet_name=declared.outlet_name,
        language=declared.language,
    )


def choose_authors(sources: Iterable[Sequence[str]], outlet_name: str | None, url: str | None) -> Sequence[str]:
    """Return the authors of the first source that names anybody but the outlet itself, else of the first one.

    Args:
        sources: names by source, best first.
        outlet_name: the outlet's name for people.
        url: the page's address.
    """
    domain = outlet(url) or ""
    own = {_letters(name) for name in (outlet_name, domain, domain.split(".")[0]) if name} - {""}
    first: Sequence[str] = []
    for names in sources:
        if any(_letters(name) not in own and outlet(name.lower()) != (domain or None) for name in names):
            return names
        first = first or names
    return first


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
