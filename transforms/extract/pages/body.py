"""The text of a page's article, by trafilatura, without lists of links, repeated headlines and a site's furniture."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from string import digits
from typing import NamedTuple

import trafilatura
from lxml.etree import iterwalk
from lxml.html import HtmlElement, document_fromstring
from trafilatura.settings import Document

from wirecopy.transforms.extract.pages.embedded import embedded_text
from wirecopy.transforms.extract.pages.pagetimes import Teasers
from wirecopy.transforms.extract.pages.wholeness import drop_asides, shield_joiners, unshielded
from wirecopy.transforms.extract.plain import Lifted, Line, drop_tail, is_furniture

SHORT = 500
"""Code points below which the fast extraction is not trusted."""
LONG = 3_000
"""Code points from which on it is trusted whatever else the page holds."""
MIN_OF_PAGE = 0.6
"""Share of the prose beside its paragraphs that a shorter one must hold to be trusted."""
MANY_TIMES = 3.0
"""By how much a page's prose may exceed a shorter text before that is thought to be a part."""
MIN_PROSE = 0.5
"""Share of the text that must stand in lines of prose for the fast extraction to be trusted."""
MIN_TOPIC = 0.5
"""Share of the headline's and summary's words that must stand in the text for the fast extraction to be trusted."""
MARGIN = 0.2
"""By how much the default extraction must be better than the fast one, which finds less that is not the article's."""
MAX_WORTH = 1.0
LINKED_LIST = 0.8
LINKED_LINE = 0.9
HEAD_LINES = 6
STRETCH = 60
"""Letters at an end of a line by which it is known in another text."""
MIN_SHARED = 0.9
"""Share of a declared text that must have been found for it to decide what is not of the article."""
MIN_DECLARED = 0.6
"""Share of what was found that must be declared."""
MAX_SUBHEADING = 100
MIN_PARTS = 3
MIN_PART = 100
"""Code points of paragraphs that a part of an article holds at least."""

_WORD = re.compile(r"\w{4,}")
_PROSE_CHARS = 60
_BLOCKS = frozenset(
    "p div br li ul ol dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre table tr section article header footer"
    " figure hr".split()
)
_NO_DIGITS = str.maketrans("", "", digits)
_ARTICLE_MARK = re.compile(r"article|body|content|entry|post|story|text", re.IGNORECASE)
_BODY_MARK = re.compile(r"(?:article|story|entry|post|content)[_-]*(?:body|text|content)", re.IGNORECASE)
_ASIDE_MARK = re.compile(r"comment|promo|recommend|related|reply|teaser", re.IGNORECASE)
_BESIDE = frozenset("aside nav footer header form".split())
_UNSEEN = frozenset("script style noscript template svg iframe form button rt rp rtc".split())


class Body(NamedTuple):
    """The article's text, how it was found, and the lines of metadata that stood in it."""

    text: str
    method: str
    lifted: Lifted


def read_body(
    tree: HtmlElement,
    url: str | None,
    headlines: Sequence[str],
    summary: str | None,
    language: str | None,
    declared: str | None,
) -> Body:
    """Return the text of a parsed page; the tree loses its lists of links, and marks of what is only a part.

    trafilatura's fast mode comes first. Its default, which compares with other extractors, is asked where the text
    comes back short, in fragments, or does not speak of what headline and summary speak of; the better one is taken.

    Args:
        tree: the page's root element.
        url: its address, where known.
        headlines: headlines of the page; lines at the top that repeat one are dropped.
        summary: what the page declares as its summary.
        language: BCP-47 tag that the page declares, for reading dates.
        declared: the article's text as the page declares it, a paragraph a line.
    """
    unmark_parts(tree)
    drop_linked(tree)
    drop_asides(tree)
    is_shielded = shield_joiners(tree)
    topic = _words(" ".join([*headlines, summary or ""]))
    fast = _extract(tree, url, fast=True)
    best, method = fast, "trafilatura-fast"
    enough = max(SHORT, MIN_OF_PAGE * _prose_beside(tree, fast)) if len(fast) < LONG else SHORT
    if enough <= len(fast) < LONG and (prose := _prose_of_page(tree)) > MANY_TIMES * len(fast):
        enough = MIN_OF_PAGE * prose
    can_win = _worth(fast, topic, enough) + MARGIN < MAX_WORTH
    if can_win and not _is_trusted(fast, topic, enough):
        full = _extract(tree, url, fast=False)
        if _worth(full, topic, enough) > _worth(fast, topic, enough) + MARGIN:
            best, method = full, "trafilatura"
    if is_shielded:
        best = unshielded(best)
    if len(best) < SHORT and not declared and (carried := embedded_text(tree)):
        carried = fragment_text(carried)
        if len(carried) > 2 * len(best) and _topic_share(carried, topic) >= MIN_TOPIC:
            best, method = carried, "script"
    if declared and (len(declared) > max(SHORT, 2 * len(best)) or declared.split() == best.split()):
        best, method = declared, "json-ld"
    keys = {key for headline in headlines if (key := _key(headline))}
    lines = [Line(line, False) for raw in best.split("\n") if (line := raw.strip())]
    lifted = Lifted()
    lines = lifted.lift([line for line in drop_tail(lines) if not is_furniture(line.text)], language)
    lines = [line for number, line in enumerate(lines) if not (number < HEAD_LINES and _key(line.text) in keys)]
    lines = without_strangers(lines, declared) if declared and method != "json-ld" else lines
    return Body("\n".join(line.text for line in lines), method, lifted)


def without_strangers(lines: Sequence[Line], declared: str) -> list[Line]:
    """Drop what stands among and behind the lines of the declared text and is not of it: boxes, calls to subscribe.

    A declared text that is another or only a part, as of an article that is paid for, decides nothing; subheadings and
    what stands before its first line, such as the deck, are kept.
    """
    said = _letters(declared)
    texts = [_letters(line.text) for line in lines]
    shared = [bool(text) and (text[:STRETCH] in said or text[-STRETCH:] in said) for text in texts]
    found = sum(len(text) for text, is_shared in zip(texts, shared, strict=True) if is_shared)
    if not (MIN_SHARED * len(said) < found < len(said) / MIN_SHARED and found > MIN_DECLARED * sum(map(len, texts))):
        return list(lines)
    first = shared.index(True)
    return [
        line
        for number, (line, is_shared) in enumerate(zip(lines, shared, strict=True))
        if is_shared
        or number < first
        or (shared[number - 1] and any(shared[number + 1 : number + 2]) and _is_subheading(line))
    ]


def _is_subheading(line: Line) -> bool:
    return len(line.text) <= MAX_SUBHEADING and not line.text.startswith("- ")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def fragment_text(content: str) -> str:
    """Return the text of a piece of HTML that is an article's body and nothing else, a block a line."""
    parts: list[str] = []
    unseen = 0
    tree = document_fromstring(f"<html><body>{content}</body></html>")
    for event, element in iterwalk(tree, ("start", "end", "comment")):
        if event == "comment":
            parts.append(element.tail or "")
            continue
        hides, breaks = element.tag in _UNSEEN, element.tag in _BLOCKS
        if event == "start":
            unseen += hides
            parts += ["\n" if breaks else "", "" if unseen else element.text or ""]
        else:
            unseen -= hides
            parts += ["\n" if breaks else "", "" if unseen else element.tail or ""]
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def unmark_parts(tree: HtmlElement) -> None:
    """Take the marks of an article off siblings that are its parts, such as the posts of a live blog.

    An extractor would take the first of them for the article. Parts are three or more siblings that are marked alike,
    most of them with prose, none with a headline: an h1, or a heading that leads to a page of its own. So are two or
    more pieces, each in a box of its own, that advertisements cut an article's body into.
    """
    marked: dict[tuple[HtmlElement | None, str, str], list[HtmlElement]] = {}
    for element in tree.iter("article", "div", "section"):
        kind = element.get("class") or ""
        if kind or element.tag == "article":
            marked.setdefault((element.getparent(), element.tag, kind.translate(_NO_DIGITS)), []).append(element)
    siblings = [alike for key, alike in marked.items() if len(alike) >= MIN_PARTS and _may_be_parts(*key[1:])]
    cousins: dict[tuple[HtmlElement | None, str, str, str], list[HtmlElement]] = {}
    for (holder, tag, kind), alike in marked.items():
        if holder is not None and len(alike) == 1 and _BODY_MARK.search(kind):
            cousins.setdefault((holder.getparent(), holder.get("class") or "", tag, kind), []).append(alike[0])
    chunks = [alike for alike in cousins.values() if len(alike) > 1]
    headlines = tree.xpath("//h1 | //h2[.//a] | //h3[.//a]") if siblings or chunks else []
    with_headline = {holder for headline in headlines for holder in headline.iterancestors()}
    for alike in [*siblings, *chunks]:
        full = sum(_paragraph_chars(element) >= MIN_PART for element in alike)
        if full >= min(MIN_PARTS, len(alike)) and 2 * full > len(alike) and with_headline.isdisjoint(alike):
            for element in alike:
                element.tag = "div"
                for name in ("class", "id", "itemprop", "role"):
                    element.attrib.pop(name, None)


def _may_be_parts(tag: str, kind: str) -> bool:
    is_article = tag == "article" or _ARTICLE_MARK.search(kind) is not None
    return is_article and not _ASIDE_MARK.search(kind)


def _paragraph_chars(element: HtmlElement) -> int:
    return sum(len(paragraph.text_content()) for paragraph in element.xpath("p | */p"))


def drop_linked(tree: HtmlElement) -> None:
    """Take out of a page the lists and lines that are links to elsewhere: related articles, tags, share bars."""
    for element in list(tree.iter("ul", "ol")):
        _drop_if_linked(element, LINKED_LIST)
    for element in list(tree.iter("p", "h2", "h3", "h4", "h5")):
        _drop_if_linked(element, LINKED_LINE)


def _drop_if_linked(element: HtmlElement, share: float) -> None:
    linked = sum(len(link.text_content().strip()) for link in element.iter("a"))
    if linked and linked > share * len(element.text_content().strip()) and element.getparent() is not None:
        element.drop_tree()


def _extract(tree: HtmlElement, url: str | None, *, fast: bool) -> str:
    found = trafilatura.bare_extraction(tree, url=url, fast=fast, include_comments=False)
    return found.text or "" if isinstance(found, Document) else ""


def _prose_beside(tree: HtmlElement, text: str) -> int:
    """Return the code points of the prose among which a text's paragraphs stand: in the elements that hold them.

    Elements of one class beside each other, such as an article's sections, count as one.
    """
    prose: dict[HtmlElement, int] = {}
    held = set()
    for paragraph in tree.iter("p"):
        words = " ".join(paragraph.text_content().split())
        holder = paragraph.getparent()
        if len(words) >= _PROSE_CHARS and holder is not None:
            prose[holder] = prose.get(holder, 0) + len(words)
            if words[:_PROSE_CHARS] in text:
                held.add(holder)
    alike = {(holder.getparent(), holder.tag, holder.get("class")) for holder in held if holder.get("class")}
    return sum(
        size
        for holder, size in prose.items()
        if holder in held or (holder.getparent(), holder.tag, holder.get("class")) in alike
    )


def _prose_of_page(tree: HtmlElement) -> int:
    """Return the code points of a page's prose, wherever it stands but beside the article or among links."""
    size, teasers = 0, Teasers()
    for paragraph in tree.iter("p"):
        words = " ".join(paragraph.text_content().split())
        if len(words) < _PROSE_CHARS or sum(len(link.text_content()) for link in paragraph.iter("a")) > len(words) / 3:
            continue
        above = list(paragraph.iterancestors())
        is_beside = any(each.tag in _BESIDE or _ASIDE_MARK.search(each.get("class") or "") for each in above)
        if not is_beside and not teasers.hold(paragraph) and sum(each.tag == "article" for each in above) < 2:
            size += len(words)
    return size


def _is_trusted(text: str, topic: Collection[str], enough: float) -> bool:
    return len(text) >= enough and _prose_share(text) >= MIN_PROSE and _topic_share(text, topic) >= MIN_TOPIC


def _worth(text: str, topic: Collection[str], enough: float) -> float:
    return _topic_share(text, topic) * _prose_share(text) * min(1.0, len(text) / enough)


def _prose_share(text: str) -> float:
    return sum(len(line) for line in text.split("\n") if len(line) >= _PROSE_CHARS) / max(1, len(text))


def _topic_share(text: str, topic: Collection[str]) -> float:
    words = _words(text)
    return sum(word in words for word in topic) / len(topic) if topic else 1.0


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
