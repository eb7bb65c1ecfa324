"""Web pages: metadata from what the page declares, text by trafilatura, gaps by its heuristics; all within bounds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice

import trafilatura
from htmldate import find_date
from lxml.html import HtmlElement
from trafilatura.metadata import examine_meta, extract_author, extract_meta_json, extract_title, extract_url
from trafilatura.settings import Document
from trafilatura.utils import load_html

from wirecopy.transforms.extract.authors import names
from wirecopy.transforms.extract.language import standard_tag
from wirecopy.transforms.extract.namelines import name_line
from wirecopy.transforms.extract.pages.body import fragment_text, read_body
from wirecopy.transforms.extract.pages.headings import shown_headings
from wirecopy.transforms.extract.pages.noarticle import evidence
from wirecopy.transforms.extract.pages.pagetimes import days_elsewhere
from wirecopy.transforms.extract.pages.structured import Structured, clean, read_structured
from wirecopy.transforms.extract.pages.visible import shown_bylines, shown_dates
from wirecopy.transforms.extract.pages.wholeness import drop_comments, join_inline
from wirecopy.transforms.extract.story import Stamp, Story
from wirecopy.transforms.extract.urls import outlet
from wirecopy.transforms.read.faults import Fault

MAX_CHARS = 5_000_000
"""Code points of the largest page that is read, pictures written into it aside."""
MAX_TAGS = 50_000
"""Elements of the largest page that is read, as many as in a live blog of 3,500 posts; extractors take their square."""
CUT_OFF = 105
"""Code points of headlines from which on publishing tools cut them off: search engines asked for 110 at most."""
MAX_LABEL = 2
"""Words of a label before a headline, such as `Opinion`."""
MAX_ATTRIBUTES = 1_000
"""Attributes of one element; parsers take time by their square."""
LONG_TAG = 4_000
"""Code points of a tag from which on its attributes are counted."""

_EMBEDDED = re.compile(r"data:[\w/+.;=-]{0,100},[\w+/=%-]{1000,}")
_DOCUMENT = re.compile(r"<(?:!doctype|\?xml|html|head|body|title|meta)\b", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z]")
_TAG_NAME = re.compile(r"[a-zA-Z]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SEPARATOR = re.compile(r"\s+[|•·»*–—:-]+(?=\s)|\s*[|»｜：]\s*")
_DASH = re.compile("[–—-]")
_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|les|el|il)\s+", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_CURLED = re.compile("[‘’“”]")
_FULL_TIME = re.compile(r"(?!0)(?:.*(?:\d:\d\d|T\d\d).*(?:[+-]\d\d:?\d\d|Z|\b[A-Z]{2,4})|\d{10,})$")


def read_page(content: str, *, url: str | None = None) -> Story | str:
    """Return the story that a page holds, or why the page is beyond the bounds.

    Args:
        content: the page's HTML, decoded; a fragment, as feeds and exports of weblogs carry, is taken whole.
        url: the address it was read at.

    Raises:
        Fault: `not an article` where it is a front page, a list, a wall or a check, with the evidence.
    """
    if len(content) > MAX_CHARS:
        content = _EMBEDDED.sub("data:,", content)
    if reason := _beyond_bounds(content):
        return reason
    if not _DOCUMENT.search(content):
        return Story(fragment_text(content), extractor="fragment")
    tree = load_html(content)
    if tree is None:
        return Story("", extractor="trafilatura")
    join_inline(tree)
    held = list(tree.iter())  # lxml makes an element's object anew at each visit unless somebody holds it
    drop_comments(tree)
    declared = read_structured(tree, url)
    if why := evidence(tree, url or declared.url, is_dated=bool(declared.published)):
        raise Fault("not an article", why)
    shown = shown_headings(tree)
    title = next((clean(element.text_content()) for element in tree.iter("title")), "")
    site = site_names(declared.outlet_name, url or declared.url)
    headline = choose_headline(declared.headline, declared.titles, shown, title, site)
    rest = _metadata(tree, url, declared, headline, site)
    headlines = [text for text in (headline, declared.headline, *declared.titles[:3], *shown[:3], title) if text]
    body = read_body(tree, url, headlines, declared.deck, standard_tag(declared.language), declared.body)
    del held
    lines = body.text.split("\n")
    authors = choose_authors([rest.authors, body.lifted.authors], site)
    byline = body.lifted.byline
    if all(is_own(name, site) for name in authors):
        byline = name_line(headline, lines, declared.language) or byline
        authors = [byline] if byline in lines else authors
    return rest._replace(
        text="\n".join(line for line in lines if line != byline),
        authors=authors,
        byline=byline,
        published=[*rest.published, *body.lifted.published],
        credits=body.lifted.credits,
        section=rest.section or body.lifted.section,
        extractor=f"{body.method}/{trafilatura.__version__}",
    )


def choose_headline(
    declared: str | None, shared: Sequence[str], shown: Sequence[str], title: str, site: Collection[str] = ()
) -> str | None:
    """Return the headline that a page's own statements agree on, without the site's name behind it.

    What a declaration and a heading both say wins. Where heading and shared title agree and JSON-LD does not, the
    title element decides: where it goes with JSON-LD, these two have the words for search engines; where it goes with
    the heading, all three are filled from one field and JSON-LD from one of its own. Without agreement the first
    declaration counts, then the heading most like the title, then the title. Of forms that differ in typography alone
    the most frequent is taken, then that with straight quotation marks, which is how it was typed.

    Args:
        declared: the headline of JSON-LD.
        shared: titles for shared links, best first.
        shown: texts of the page's h1 elements.
        title: the text of its title element.
        site: names of the site.
    """
    own = {_letters(name) for name in site} | {_letters(_ARTICLE.sub("", name)) for name in site}
    own |= {f"the{name}" for name in own}
    headings = {_letters(text): text for text in reversed(shown) if text and _letters(text) not in own}
    stated = ([declared] if declared else []) + [*shared]
    said = [_without_site(text, headings, own, len(set(stated)) == 1) for text in stated]
    bare = _without_site(title, headings, own)
    said = [_whole(text, [*said, *headings.values(), bare]) for text in said]
    agreed = next((text for text in said if _letters(text) in headings), None)
    if not agreed and len(_words(title)) > 2 and not any(_words(text) & _words(title) for text in said):
        said = []
    chosen = agreed or next(iter(said), None)
    if declared and agreed and agreed != said[0] and _letters(bare) == _letters(agreed):
        chosen = said[0]
    if chosen is None:
        likely = [text for text in headings.values() if not title or _words(text) & _words(title)]
        chosen = max(likely, key=lambda text: len(_words(text) & _words(title)), default=bare)
    forms = [text for text in (*said, *headings.values(), bare) if _letters(text) == _letters(chosen)]

    def frequency(text: str) -> tuple[int, bool]:
        return forms.count(text) + title.startswith(text), not _CURLED.search(text)

    return max(forms, key=frequency, default=chosen) or None


def _without_site(text: str, headings: Collection[str], own: Collection[str], sure: bool = False) -> str:
    """Return a headline without what a site puts around it: its name, a section behind it, a label before it.

    What stands behind a dash may belong to a headline of which all are `sure`, what stands behind a bar does not.
    """
    for cut in reversed([*_SEPARATOR.finditer(text)]):
        before, behind = text[: cut.start()], text[cut.end() :].lstrip()
        if "»" in cut[0] and before.count("«") > before.count("»"):
            continue
        if _letters(behind) in own or (_letters(before) in headings and not (sure and _DASH.search(cut[0]))):
            return _without_site(before, headings, own, sure)
        if _letters(behind) in headings and len(before.split()) <= MAX_LABEL and not _DASH.search(cut[0]):
            return behind
    return text


def _whole(text: str, others: Iterable[str]) -> str:
    """Return a headline that was cut off, as JSON-LD often has them, as another statement has it whole."""
    begin = text.rstrip(" .…")
    if len(text) < CUT_OFF and not text.endswith(("...", "…")):
        return text
    return next((other for other in others if other.startswith(begin) and len(other) > len(text)), text)


def _words(text: str) -> set[str]:
    return set(_WORDS.findall(text.casefold()))


def _beyond_bounds(content: str) -> str | None:
    """Return why a page would take its parser or its extractor too long, None where it would not."""
    if len(content) > MAX_CHARS:
        return f"{len(content):,} characters, more than {MAX_CHARS:,}"
    tags = content.count("<")
    if tags > MAX_TAGS and (tags := len(_TAG.findall(content))) > MAX_TAGS:
        return f"{tags:,} elements, more than {MAX_TAGS:,}"
    for tag in islice(content.split("<"), 1, None):
        if len(tag) > LONG_TAG and _TAG_NAME.match(tag) and ">" not in tag[: LONG_TAG + 1]:
            attributes = len(_QUOTED.sub("", tag.partition(">")[0]).split())
            if attributes > MAX_ATTRIBUTES:
                return f"{attributes:,} attributes in one element, more than {MAX_ATTRIBUTES:,}"
    return None


def _metadata(
    tree: HtmlElement, url: str | None, declared: Structured, headline: str | None, site: Collection[str]
) -> Story:
    """Return the declared metadata; what is missing is read off the page as shown, then found by trafilatura."""
    authors = choose_authors(chain(declared.authors, _shown_authors(tree, headline, site)), site)
    section = _letters(declared.section or "")
    authors = [name for name in authors if not section or _letters(name) != section]
    published = list(declared.published)
    if not any(_FULL_TIME.match(stamp.raw) for stamp in published):
        published += [Stamp(raw, "text") for raw in shown_dates(tree, declared.language, headline)]
    if not (headline and published):
        found = _guessed(tree, url, not headline, not authors, not published)
        headline = headline or found.title
        authors = authors or ([found.author] if found.author else [])
        if found.date and found.date not in days_elsewhere(tree):
            published = [Stamp(found.date, "text")]
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
        is_free=declared.is_free,
    )


def _guessed(tree: HtmlElement, url: str | None, title: bool, author: bool, date: bool) -> Document:
    """Return what trafilatura's `extract_metadata` finds; title, author and date are only looked for where wanted."""
    found = examine_meta(tree)
    if found.author and " " not in found.author:
        found.author = None
    with suppress(Exception):  # which `extract_metadata` logs and goes on
        found = extract_meta_json(tree, found)
    if title:
        found.title = found.title or extract_title(tree)
    if author:
        found.author = found.author or extract_author(tree)
    if date:
        address = found.url or extract_url(tree, url)
        found.date = find_date(tree, extensive_search=False, original_date=True, outputformat="%Y-%m-%d", url=address)
    found.clean_and_trim()
    return found


def _shown_authors(tree: HtmlElement, headline: str | None, site: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield the names of the byline that readers see, less the outlet's where there are others."""
    shown = names(shown_bylines(tree, headline))
    yield [name for name in shown if not is_own(name, site)] or shown


def choose_authors(sources: Iterable[Sequence[str]], site: Collection[str]) -> Sequence[str]:
    """Return the authors of the first source that names anybody but the outlet itself, else of the first one.

    Where one field names people and the outlet's desk behind them, the desk is where they work.

    Args:
        sources: names by source, best first.
        site: names of the outlet.
    """
    first: Sequence[str] = []
    for given in sources:
        people = names(given)
        others = [name for name in people if not is_own(name, site)]
        if others:
            return others if len(given) == 1 else people
        first = first or people
    return first


def is_own(name: str, site: Collection[str]) -> bool:
    """Say whether a name is an outlet's, or that of one of its desks, such as `CNN Business`."""
    own = {_letters(_ARTICLE.sub("", each)) for each in site}
    words = _ARTICLE.sub("", name).split()
    return outlet(name.lower()) in site or any(
        _letters("".join(words[:end])) in own for end in range(1, len(words) + 1)
    )


def site_names(outlet_name: str | None, url: str | None) -> set[str]:
    """Return the names that a site may go by: its name for people, its domain, and that without its suffix."""
    domain = outlet(url) or ""
    return {name for name in (outlet_name, domain, domain.split(".")[0]) if name}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
