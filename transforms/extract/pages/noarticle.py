"""Pages that stand where an article should be: front and section pages, pages not found, walls of consent and checks.

Each is told by evidence of several kinds, for a story may be about any of them: its headline says more than such a
page's title does, it has a date or declares that it is an article, and its paragraphs are not those of teasers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.etree import ParserError, XPath, tostring
from lxml.html import HtmlElement, document_fromstring

from wirecopy.transforms.extract.pages.cleaning import clean

MIN_TEASERS = 4
"""Teasers from which on a page without text of its own is a list; one fewer where its address says so, too."""
MIN_OWN = 600
"""Code points of prose outside teasers that an article has at least, where it stands beside as many teasers."""
MAX_WALL = 3_000
"""Code points of prose from which on a page is no wall and no check, whatever stands in it."""
MAX_MISSING = 800
MAX_SHELL = 400
"""Code points that a page shows at most where one sentence tells what it is."""
MIN_LINKED, _LINKED_LINE, _SHARE_LINKED = 8, 25, 0.6
"""Lines that a list of links has at least, the code points of the shortest, and the share of it that is link."""
_NOT_SHOWN = frozenset("head script style noscript title template svg meta link".split())
MIN_SIGNS = 2
MIN_WORDS = 4
"""Different words of consent that a wall has at least."""
PROSE = 40
MAX_SOURCE = 200_000
"""Code points of a page's source that are looked through for marks of checks."""

_SEPARATOR = re.compile(r"\s+[|•·»–—:-]+\s+|\s*[|»｜]\s*")
_CARRIERS = frozenset("article li section div td".split())
_UNSEEN = XPath("ancestor::nav or ancestor::footer or ancestor::header[not(ancestor::article)]")
_INDEX = re.compile(r"/(?:index|default|home|homepage|start|startseite|frontpage)?(?:\.(?:html?|php|aspx?))?/?", re.I)
_LANGUAGE_PATH = re.compile(r"/[a-z]{2}(?:[-_][a-z]{2})?/?", re.I)


class Phrases(NamedTuple):
    """The expressions of `noarticle.toml`."""

    missing: re.Pattern[str]
    challenge: re.Pattern[str]
    checking: tuple[re.Pattern[str], ...]
    checkers: tuple[re.Pattern[str], ...]
    alone: re.Pattern[str]
    login: re.Pattern[str]
    parked: tuple[re.Pattern[str], ...]
    consent: re.Pattern[str]
    consenting: re.Pattern[str]
    buttons: re.Pattern[str]
    lists: frozenset[str]


@cache
def _phrases() -> Phrases:
    data = tomllib.loads(files(__package__).joinpath("noarticle.toml").read_text("utf-8"))

    def any_of(name: str, around: str = "{}") -> re.Pattern[str]:
        return re.compile(around.format("|".join(f"(?:{phrase})" for phrase in data[name])), re.IGNORECASE)

    def each_of(name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(phrase, re.IGNORECASE) for phrase in data[name])

    return Phrases(
        any_of("missing"),
        any_of("challenge"),
        each_of("checking"),
        each_of("checkers"),
        any_of("alone"),
        any_of("login"),
        each_of("parked"),
        any_of("consent"),
        any_of("consenting", r"(?<!\w)(?:{})(?!\w)"),
        any_of("buttons"),
        frozenset(data["paths"]["lists"].split()),
    )


def evidence(page: str | HtmlElement, url: str | None = None, *, is_dated: bool | None = None) -> str | None:
    """Return what shows that a page is no article, in words; None where nothing does.

    Args:
        page: the page's HTML, or its parsed root, which is left unchanged.
        url: the address it was read at, behind all redirects.
        is_dated: whether it declares when it was published, where the caller knows; else the page is asked.
    """
    if isinstance(page, str):
        try:
            tree = document_fromstring(page)
        except (ParserError, ValueError):
            return None
    else:
        tree = page
    if _is_declared(tree):
        return None
    dated = is_dated or any(
        "published" in meta.get("property", "") or "datePublished" in meta.get("itemprop", "")
        for meta in tree.iter("meta")
    )
    heads = _heads(tree)
    own, teasers, listed = _prose(tree)
    if not dated:
        for told in (_missing(heads, own), _checked(tree, heads, own), _consent(tree, heads, own)):
            if told:
                return told
        if found := _shell(tree) or _login(tree, heads, own) or _parked(tree, own):
            return found
    return _list(url, teasers, sum(map(len, own)), listed, tree) or _links(url, tree, own)


def _is_declared(tree: HtmlElement) -> bool:
    """Say whether a page says that it is an article: to networks, to search engines with its headline, or in parts."""
    if "article" in _kinds(tree):
        return True
    for script in tree.iter("script"):
        text = script.text or "" if "ld+json" in (script.get("type") or "") else ""
        if '"articleBody"' in text or (_OWN_ARTICLE.search(text) and "itemListElement" not in text):
            return True
    marked = tree.xpath("//*[contains(@itemtype, 'Article') or contains(@itemtype, 'BlogPosting')]")
    return len(marked) == 1


def _kinds(tree: HtmlElement) -> set[str]:
    """Return what a page declares itself to be by Open Graph."""
    declared = (meta.get("content", "") for meta in tree.iter("meta") if meta.get("property") == "og:type")
    return {kind.strip().lower() for kind in declared}


_OWN_ARTICLE = re.compile(r'"@type"\s*:\s*(?:\[[^\]]*)?"(?:\w*NewsArticle|Article|BlogPosting|LiveBlogPosting|Report)"')


def _heads(tree: HtmlElement) -> list[str]:
    """Return what title and headings of the first rank say, with and without what stands around a separator."""
    texts = [clean(element.text_content()) for element in tree.iter("title", "h1")][:4]
    return list(dict.fromkeys(part for text in texts for part in (text, *_SEPARATOR.split(text)[:1]) if part))


def _prose(tree: HtmlElement) -> tuple[list[str], int, int]:
    """Return the paragraphs outside teasers, how many teasers there are, and the code points of their prose."""
    holders = set()
    for heading in tree.xpath("//h2[.//a or ancestor::a]|//h3[.//a or ancestor::a]|//h4[.//a or ancestor::a]"):
        links = heading.xpath("descendant::a/@href|ancestor::a/@href")
        if not any(link and not link.startswith(("#", "javascript:")) for link in links):
            continue
        if _UNSEEN(heading) or len(clean(heading.text_content())) < 12:
            continue
        holders.add(next((each for each in heading.iterancestors() if each.tag in _CARRIERS), heading))
    own: list[str] = []
    listed = 0
    for paragraph in tree.iter("p", "li", "blockquote"):
        text = clean(paragraph.text_content())
        if len(text) < PROSE or (paragraph.tag == "li" and paragraph.find(".//p") is not None):
            continue
        above = paragraph.iterancestors()
        held = next((each for each in above if each in holders), None)
        alone = held is not None and not _holds_many(held, holders)
        if alone or _follows_linked_heading(paragraph):
            listed += len(text)
        elif not _UNSEEN(paragraph):
            own.append(text)
    return own, len(holders) if len(holders) > 1 else _flat_teasers(tree), listed


def _holds_many(held: HtmlElement, holders: set[HtmlElement]) -> bool:
    """Say whether a holder holds an article's own heading, so that what it links to stands within the article."""
    return held.find(".//h1") is not None


def _follows_linked_heading(paragraph: HtmlElement) -> bool:
    before = paragraph.getprevious()
    while before is not None and not isinstance(before.tag, str):
        before = before.getprevious()
    return before is not None and before.tag in ("h2", "h3", "h4") and before.find(".//a") is not None


def _flat_teasers(tree: HtmlElement) -> int:
    """Return how many linked headings a page has that stand beside each other in one element."""
    return len([each for each in tree.iter("h2", "h3", "h4") if each.find(".//a") is not None])


def _missing(heads: Sequence[str], own: Sequence[str]) -> str | None:
    said = next((text for text in heads if _phrases().missing.fullmatch(text.strip(" .!"))), None)
    if said is None or sum(map(len, own)) > MAX_MISSING:
        return None
    return f"a page that is not to be had: its title or heading is {said[:80]!r}"


def _checked(tree: HtmlElement, heads: Sequence[str], own: Sequence[str]) -> str | None:
    """Return evidence of a check whether the reader is a program: two signs among title, sentences and source."""
    if sum(map(len, own)) > MAX_WALL:
        return None
    phrases = _phrases()
    signs = [f"the title {text!r}" for text in heads if phrases.challenge.fullmatch(text.strip())][:1]
    shown = " ".join(tree.text_content().split())[: 3 * MAX_WALL]
    signs += [f"the words {found[0]!r}" for each in phrases.checking if (found := each.search(shown))]
    if not signs:
        return None
    source = tostring(tree, encoding="unicode")[:MAX_SOURCE]
    signs += [f"the mark {found[0]!r}" for each in phrases.checkers if (found := each.search(source))]
    is_titled = signs[0].startswith("the title")
    if len(signs) < MIN_SIGNS + (not is_titled):
        return None
    return f"a check of the browser: {', '.join(signs[:4])}"


def _consent(tree: HtmlElement, heads: Sequence[str], own: Sequence[str]) -> str | None:
    """Return evidence of a wall of consent: its title or its buttons, and words of consent in most paragraphs."""
    if not own or sum(map(len, own)) > MAX_WALL:
        return None
    phrases = _phrases()
    titled = next((text for text in heads if phrases.consent.fullmatch(text.strip(" .!?"))), None)
    said = [{word.lower() for word in phrases.consenting.findall(text)} for text in own]
    words = set().union(*said)
    most = 2 * sum(len(each) > 1 for each in said) + (titled is not None) > len(said)
    buttons = sum(phrases.buttons.fullmatch(text.strip(" .!»>")) is not None for text in _buttons(tree))
    if len(words) < MIN_WORDS or not most or not (titled or buttons > 1):
        return None
    if not titled and not all(len(each) > 1 for each in said):
        return None
    why = f"the title {titled!r}" if titled else f"{buttons} buttons that accept or reject"
    return f"a wall of consent: {why} and the words {', '.join(sorted(words)[:5])}"


def _shell(tree: HtmlElement) -> str | None:
    """Return evidence of a page that a program makes, or a server sends in its place: a sentence and little else."""
    shown = " ".join(" ".join(_shown(tree)).split())
    if len(shown) > MAX_SHELL:
        return None
    hidden = " ".join(each.text_content() for each in tree.iter("noscript")) if len(shown) < PROSE else ""
    said = _phrases().alone.search(f"{shown} {hidden}")
    return f"a page that shows nothing but the words {said[0]!r}" if said else None


def _shown(tree: HtmlElement) -> Iterator[str]:
    """Yield the texts of a page that a browser shows, its title left out."""
    for element in tree.iter():
        if element.tag not in _NOT_SHOWN and isinstance(element.tag, str) and element.text:
            yield element.text
        if element.tail and (above := element.getparent()) is not None and above.tag not in _NOT_SHOWN:
            yield element.tail


def _login(tree: HtmlElement, heads: Sequence[str], own: Sequence[str]) -> str | None:
    said = next((text for text in heads if _phrases().login.fullmatch(text.strip(" .!:»>"))), None)
    if said is None or sum(map(len, own)) > MAX_MISSING or not tree.xpath("//input[@type='password' or @type='email']"):
        return None
    return f"a request to log in: its title or heading is {said[:80]!r}, and it asks for a password or an address"


def _parked(tree: HtmlElement, own: Sequence[str]) -> str | None:
    if sum(map(len, own)) > MAX_MISSING:
        return None
    shown = " ".join(tree.text_content().split())[: 3 * MAX_WALL]
    signs = [found[0] for each in _phrases().parked if (found := each.search(shown))]
    if len(signs) < MIN_SIGNS + 1:
        return None
    return f"a domain that nobody uses: the words {', '.join(map(repr, signs[:3]))}"


def _links(url: str | None, tree: HtmlElement, own: Sequence[str]) -> str | None:
    """Return evidence of an archive: lines that are links, next to no prose, and an address that says so."""
    place = _place(url)
    if place is None or tree.find(".//article//h1") is not None:
        return None
    linked = set()
    for line in tree.iter("li", "dd", "td", "p"):
        text = clean(line.text_content())
        links = sum(len(clean(each.text_content())) for each in line.iter("a"))
        if len(text) >= _LINKED_LINE and links >= _SHARE_LINKED * len(text) and not _UNSEEN(line):
            linked.add(text)
    prose = sum(len(text) for text in own if text not in linked)
    if len(linked) < MIN_LINKED or prose > MIN_OWN / 2:
        return None
    return f"a list of articles: {len(linked)} lines that are links, {prose:,} characters of prose beside them, {place}"


def _buttons(tree: HtmlElement) -> Iterator[str]:
    for element in tree.xpath("//button|//input[@type='submit' or @type='button']|//a[@role='button' or @class]")[:200]:
        yield clean(element.get("value") or element.text_content())


def _list(url: str | None, teasers: int, own: int, listed: int, tree: HtmlElement) -> str | None:
    """Return evidence of a front page or a page of a section: teasers, and no prose but theirs."""
    place = _place(url)
    said = _kinds(tree) & {"website", "profile"}
    least = MIN_TEASERS - (place is not None)
    if teasers < least or own >= MIN_OWN or own > max(listed, MIN_OWN / 2):
        return None
    if place is None and not said and (tree.find(".//article//h1") is not None or listed < own):
        return None
    why = [f"{teasers} teasers", f"{own:,} characters of prose beside theirs"]
    why += [place] if place else []
    why += [f"og:type {kind}" for kind in sorted(said)]
    return f"a list of articles: {', '.join(why)}"


def _place(url: str | None) -> str | None:
    """Return what an address says of a page that lists others, None where it says nothing."""
    path = urlsplit(url).path if url and "//" in url else None
    if path is None:
        return None
    if _INDEX.fullmatch(path) or _LANGUAGE_PATH.fullmatch(path) or not path:
        return "the address of a front page"
    segments = [segment.lower() for segment in path.split("/") if segment]
    if len(segments) <= 4 and any(segment in _phrases().lists for segment in segments[:-1] or segments):
        return "the address of a section"
    return None
