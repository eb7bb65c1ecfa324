"""The times that a page's elements show or carry, and which are the article's: no comment's and no teaser's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from wirecopy.transforms.extract.pages.cleaning import clean
from wirecopy.transforms.extract.plain import before_update, is_updated

MAX_LABEL = 40
"""Code points before a time among which a label is looked for."""
MAX_MARKED = 50
"""Elements marked as a date by RDFa that are looked at in one page."""

_SCRIPTED_DATE = re.compile(
    r"\b(?:date_?published|(?:first_?)?published_?(?:at|date|time|on)?|publish_?(?:date|time)|publication_?(?:date|time)"
    r"|pub_?date|article_?(?:published|publish|publication)_?(?:date|time))\\?[\"']?\s*[:=]\s*"
    r"\\?[\"'](\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\"'\\<>]{0,20})",
    re.IGNORECASE,
)
_ELSEWHERE = "@href[. != '' and not(starts-with(., '#'))]"
_LINKED_HEADING = XPath(f"(.//h2 | .//h3 | .//h4 | .//h5)[1][.//a/{_ELSEWHERE} or ancestor::a/{_ELSEWHERE}]")
_COMMENT_MARK = re.compile(
    r"(?:^|[\s_-])(?:user-?|reader-?)?(?:comments?|comentarios?|commentaires?|kommentare?|commenti|repl(?:y|ies)|disqus"
    r"|respond|discussion)(?:$|[\s_-]*(?:list|body|item|thread|area|section|box|meta|date|time|\d|$))",
    re.IGNORECASE,
)
_ASIDE_MARK = re.compile(
    _COMMENT_MARK.pattern
    + r"|related|recommend|teaser|most-?(?:read|popular|viewed)|trending|read-?(?:more|next)|popular"
    r"|latest|newsletter|promo|carousel|more-?(?:news|stories|from)",
    re.IGNORECASE,
)
_RDFA_DATES = ("date", "created", "issued", "datepublished", "published", "datecreated")
_CHANGE_MARK = re.compile(r"modif|updat")


class Teasers(dict[HtmlElement, bool]):
    """Says of elements that hold an article, an item or an entry of a list whether their heading leads elsewhere."""

    def __missing__(self, holder: HtmlElement) -> bool:
        self[holder] = holder.find(".//h1") is None and bool(_LINKED_HEADING(holder))
        return self[holder]

    def hold(self, element: HtmlElement) -> bool:
        """Say whether an element stands in a teaser."""
        for each in element.iterancestors():
            if each.tag in ("article", "li") or "itemscope" in each.attrib:
                return self[each]
        return False


def shown_times(tree: HtmlElement, teasers: Teasers) -> list[str]:
    """Return the dates of elements that are marked as the publication's, then of the first time element.

    Those of teasers and of changes are passed over.
    """
    marked = tree.xpath(
        "//time[@pubdate or contains(@itemprop, 'datePublished') or contains(@class, 'publish')]"
        "|//*[contains(@itemprop, 'datePublished')][not(self::meta)]"
        "|//abbr[contains(@class, 'published')]"
    )

    def own(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
        return (element for element in elements if not teasers.hold(element) and not _is_change(element))

    shown = (element for element in own(tree.iter("time")) if not is_aside(element))
    found = [*islice((element for element in own(marked) if not _is_comment(element)), 3), *islice(shown, 1)]
    dates = (element.get("datetime") or element.get("content") or element.get("title") or "" for element in found)
    return [raw.strip() for raw in dates if raw.strip()]


def days_elsewhere(tree: HtmlElement) -> set[str]:
    """Return the days (ISO 8601) of times that stand among comments, in teasers or in boxes beside the article."""
    teasers = Teasers()
    times = (element for element in tree.iter("time") if is_aside(element) or teasers.hold(element))
    return {(element.get("datetime") or "")[:10] for element in times}


def is_aside(element: HtmlElement) -> bool:
    """Say whether an element stands among comments, in a teaser or in a box beside the article that the page is of."""
    for each in element.iterancestors():
        if each.tag in ("main", "body"):
            return False
        marked = each.tag in ("aside", "nav") or _is_marked(_ASIDE_MARK, each.get("class") or "", each.get("id") or "")
        if marked and each.find(".//h1") is None:
            return True
    return False


def rdfa_dates(marked: Iterable[HtmlElement], teasers: Teasers) -> list[str]:
    """Return the dates that RDFa marks among elements of the page, as Drupal does: `property="dc:date dc:created"`."""
    found = []
    dated = (
        each
        for each in marked
        if each.tag != "meta" and "property" in each.attrib and ("content" in each.attrib or "datetime" in each.attrib)
    )
    for element in islice(dated, MAX_MARKED):
        names = {re.split(r"[/:#]", name)[-1].lower() for name in element.get("property").split()}
        if not names.isdisjoint(_RDFA_DATES) and not teasers.hold(element) and not is_aside(element):
            found.append((element.get("content") or element.get("datetime") or "").strip())
    return [raw for raw in found if raw][:1]


def _is_comment(element: HtmlElement) -> bool:
    return any(
        _is_marked(_COMMENT_MARK, each.get("class") or "", each.get("id") or "") for each in element.iterancestors()
    )


@lru_cache(4_096)
def _is_marked(mark: re.Pattern[str], classes: str, name: str) -> bool:
    return mark.search(f"{classes} {name}") is not None


def _is_change(element: HtmlElement) -> bool:
    """Say whether a time is marked as that of a change, or labelled as one: in front of it, or at its beginning."""
    marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
    if "publish" in marks:
        return False
    before, own = element.xpath("string(preceding-sibling::node()[1])"), clean(element.text_content())
    labelled = is_updated(before[-MAX_LABEL:]) or (own and not before_update(own))
    return bool(labelled) or _CHANGE_MARK.search(marks) is not None


def scripted(tree: HtmlElement, days: Collection[str]) -> list[str]:
    """Return the one time of publication on a declared day that a page's scripts carry, such as a reader's state."""
    found = {
        raw.strip()
        for script in tree.iter("script")
        if script.text and "ld+json" not in (script.get("type") or "")
        for raw in _SCRIPTED_DATE.findall(script.text)
        if raw[:10] in days
    }
    return list(found) if len(found) == 1 else []
