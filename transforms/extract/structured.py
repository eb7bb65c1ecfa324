"""What a page says of its article in structured data: JSON-LD, microdata, Open Graph and other meta elements.

The vocabularies are schema.org's (JSON-LD 1.1, HTML microdata), ogp.me's, Dublin Core's and those that publishing tools
use. Everything is returned as it stands, in the order of how much it can be trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from transforms.extract.story import Stamp
from transforms.extract.urls import canonical_url

MAX_NODES = 5_000
"""Objects of JSON-LD looked at in one page."""
MAX_DEPTH = 12

_ARTICLE_TYPES = frozenset(
    "article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle"
    " reviewnewsarticle askpublicnewsarticle liveblogposting blogposting socialmediaposting report techarticle"
    " scholarlyarticle advertisercontentarticle satiricalarticle discussionforumposting review creativework".split()
)
_PAGE_TYPES = frozenset("webpage itempage videoobject claimreview".split())
_ASIDE = frozenset(
    "itemlistelement haspart mentions citation relatedlink ispartof comment review video image hasoccurrence about"
    " subjectof offers aggregaterating breadcrumb potentialaction isrelatedto liveblogupdate".split()
)
_PUBLISHED_META = (
    "article:published_time og:article:published_time og:published_time datepublished article:published"
    " article.published parsely-pub-date sailthru.date"
    " cxenseparse:recs:publishtime cxenseparse:publishtime cxenseparse:articlepublishdate"
    " dc.date.issued dcterms.issued dcterms.created dc.date.created dcterms.date dc.date publishdate publish-date"
    " publish_date pubdate published published_time published-date published_date publication_date publicationdate"
    " date_published release_date originalpublicationdate article_date_original rnews:datepublished pdate ptime"
    " vr:published_time bt:pubdate shareaholic:article_published_time date"
).split()
_MODIFIED_META = (
    "article:modified_time og:article:modified_time og:updated_time og:modified_time datemodified article:modified"
    " lastmod last-modified lastmodified dc.date.modified dcterms.modified revised modified modified_time date_modified"
).split()
_AUTHOR_META = (
    "author article:author parsely-author sailthru.author cxenseparse:author cxenseparse:recs:articleauthor dc.creator"
    " dcterms.creator byl og:article:author article.author vr:author"
).split()
_SECTION_META = "article:section parsely-section cxenseparse:recs:category dc.subject section article.section".split()
_KEYWORD_META = "news_keywords article:tag parsely-tags keywords sailthru.tags".split()
_SOURCE_META = "original-source syndication-source news_agency agency source dc.source dcterms.source".split()
_SITE_META = "og:site_name application-name al:android:app_name twitter:app:name:iphone cre publisher".split()
_WRAPPERS = ("//<![CDATA[", "// <![CDATA[", "<![CDATA[", "<!--", "//]]>", "// ]]>", "]]>", "-->", ";")
_COMMENT = re.compile(r"^\s*//.*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_BLOCK_END = re.compile(r"<(?:br|/?p|/?div|/?li|/h\d)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


class Structured(NamedTuple):
    """The metadata that a page declares; candidates are ordered, best first.

    Attributes:
        headlines: JSON-LD's headline, then Open Graph's and Twitter's titles.
        authors: for each source that names authors, what it gives, best source first.
        sources: what is marked as the text's source or agency.
        body: the article's text as JSON-LD carries it.
    """

    headlines: Sequence[str] = ()
    deck: str | None = None
    authors: Sequence[Sequence[str]] = ()
    published: Sequence[Stamp] = ()
    modified: Sequence[Stamp] = ()
    section: str | None = None
    keywords: Sequence[str] = ()
    url: str | None = None
    outlet_name: str | None = None
    language: str | None = None
    sources: Sequence[str] = ()
    body: str | None = None


def read_structured(tree: HtmlElement, url: str | None = None) -> Structured:
    """Return what a parsed page declares of its article.

    Args:
        tree: the page's root element.
        url: the address it was read at, to tell its own article from others that it lists.
    """
    metas = _metas(tree)
    nodes = list(_nodes(tree))
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str) and len(node) > 1}
    link = next((href for href in tree.xpath("//link[@rel='canonical']/@href") if href.strip()), None)
    address = link or _first(metas, ["og:url"])
    article = _article(nodes, {canonical_url(url), canonical_url(address)} - {None})
    pages = [node for node in nodes if _types(node) & _PAGE_TYPES]
    graph = [node for node in (article, *pages) if node]
    ld_headlines = _texts(article.get("headline")) or _texts(article.get("name")) if article else []
    published = [Stamp(raw, "json-ld") for node in graph for raw in _texts(node.get("datePublished"))]
    if article and not published:
        published = [Stamp(raw, "json-ld") for raw in _texts(article.get("dateCreated"))]
    published += [Stamp(raw, "meta") for raw in _all(metas, _PUBLISHED_META)]
    if not any(":" in stamp.raw for stamp in published):
        published += [Stamp(raw, "meta") for raw in _times(tree)]
    modified = [Stamp(raw, "json-ld") for node in graph for raw in _texts(node.get("dateModified"))]
    modified += [Stamp(raw, "meta") for raw in _all(metas, _MODIFIED_META)]
    authors = _names(article.get("author") or article.get("creator"), by_id) if article else []
    return Structured(
        headlines=[
            *ld_headlines[:1],
            *_all(metas, ["og:title", "twitter:title", "headline", "dc.title", "parsely-title"]),
        ],
        deck=_first(metas, ["og:description", "description", "twitter:description"])
        or next(iter(_texts(article.get("description")) if article else []), None),
        authors=[names for names in (authors, *_declared_authors(metas)) if names],
        published=list(dict.fromkeys(published)),
        modified=list(dict.fromkeys(modified)),
        section=next(iter(_texts(article.get("articleSection")) if article else []), None)
        or _first(metas, _SECTION_META),
        keywords=_keywords(article, metas),
        url=address,
        outlet_name=_first(metas, ["og:site_name"])
        or next(iter(_publisher(article, by_id)), None)
        or _first(metas, _SITE_META),
        language=next(iter(_texts(article.get("inLanguage")) if article else []), None)
        or tree.get("lang")
        or tree.get("xml:lang"),
        sources=[*_names(article.get("sourceOrganization"), by_id), *_all(metas, _SOURCE_META)],
        body=_paragraphs(article.get("articleBody")),
    )


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of meta elements and of microdata by lower-cased name, in the order of the page."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        if not content or not content.strip():
            continue
        for attribute in ("property", "name", "itemprop"):
            for name in (element.get(attribute) or "").lower().split():
                found.setdefault(name, []).append(clean(content))
    return found


def _first(metas: Mapping[str, Sequence[str]], names: Iterable[str]) -> str | None:
    return next((metas[name][0] for name in names if metas.get(name)), None)


def _all(metas: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    return [value for name in names for value in metas.get(name, ())]


def clean(text: str) -> str:
    """Return a value as people read it: without references that were escaped twice, tags and runs of white space."""
    for _ in range(2):
        if "&" in text:
            text = unescape(text)
    return " ".join(_TAG.sub(" ", text).split() if "<" in text else text.split())


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the objects of all JSON-LD of a page, outer ones first, asides such as lists of other articles left out."""
    waiting: list[tuple[Any, int]] = []
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        waiting += [(value, 0) for value in _values(script.text_content())]
    seen = 0
    while waiting and seen < MAX_NODES:
        value, depth = waiting.pop(0)
        if depth > MAX_DEPTH:
            continue
        seen += 1
        if isinstance(value, list):
            waiting[:0] = [(item, depth + 1) for item in value[:MAX_NODES]]
        elif isinstance(value, dict):
            yield value
            waiting += [
                (inner, depth + 1)
                for name, inner in value.items()
                if isinstance(inner, dict | list) and name.lower() not in _ASIDE
            ]


def _values(script: str) -> Iterator[Any]:
    """Yield the JSON values of one script, which may be wrapped in a comment, escaped, chained or slightly broken."""
    text = script.strip()
    for wrapper in _WRAPPERS:
        text = text.removeprefix(wrapper).removesuffix(wrapper).strip()
    for attempt in (text, _TRAILING_COMMA.sub("", _COMMENT.sub("", text)), unescape(text)):
        decoder = json.JSONDecoder(strict=False)
        values, position = [], 0
        try:
            while position < len(attempt):
                value, position = decoder.raw_decode(attempt, position)
                values.append(value)
                while position < len(attempt) and attempt[position] in " \t\r\n,;":
                    position += 1
        except (json.JSONDecodeError, RecursionError):
            if not values:
                continue
        yield from values
        return


def _types(node: Mapping[str, Any]) -> set[str]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {re.split(r"[/:#]", name)[-1].lower() for name in names if isinstance(name, str)}


def _article(nodes: Sequence[dict[str, Any]], addresses: set[str | None]) -> dict[str, Any]:
    """Return the object that is the page's article: one with the page's address, else the most telling; {} for none."""
    articles = [node for node in nodes if _types(node) & _ARTICLE_TYPES]
    if not articles:
        return {}

    def worth(node: dict[str, Any]) -> tuple[bool, bool, int]:
        own = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
        links = [link.get("@id") or link.get("url") if isinstance(link, dict) else link for link in own]
        ours = any(isinstance(link, str) and canonical_url(link.split("#")[0]) in addresses for link in links)
        specific = bool(_types(node) - {"creativework", "review"})
        return (
            ours,
            specific,
            sum(bool(node.get(name)) for name in ("headline", "datePublished", "author", "articleBody")),
        )

    return max(articles, key=worth)


def _texts(value: Any) -> list[str]:
    """Return the strings of a JSON-LD value: a string, a number, a language map, a list of these."""
    if isinstance(value, str):
        text = clean(value)
        return [text] if text else []
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, dict):
        return _texts(value.get("@value") or value.get("name") or value.get("text"))
    return [text for item in value[:200] for text in _texts(item)] if isinstance(value, list) else []


def _paragraphs(value: Any) -> str | None:
    """Return a declared text, one paragraph a line, its markup taken off."""
    if not isinstance(value, str):
        return None
    text = _BLOCK_END.sub("\n", unescape(value) if "&" in value else value)
    return "\n".join(line for raw in text.splitlines() if (line := clean(raw))) or None


def _names(value: Any, by_id: Mapping[str, Any], depth: int = 0) -> list[str]:
    """Return the names of an author value: strings, objects, references to objects, lists, objects of lists."""
    if depth > 4:
        return []
    if isinstance(value, list):
        return [name for item in value[:100] for name in _names(item, by_id, depth + 1)]
    if isinstance(value, dict):
        named = value.get("name")
        if (
            not named
            and isinstance(value.get("@id"), str)
            and value["@id"] in by_id
            and by_id[value["@id"]] is not value
        ):
            return _names(by_id[value["@id"]], by_id, depth + 1)
        if not named and value.get("givenName"):
            named = " ".join(_texts([value.get("givenName"), value.get("familyName")]))
        return _names(named, by_id, depth + 1)
    return _texts(value)


def _publisher(article: Mapping[str, Any], by_id: Mapping[str, Any]) -> list[str]:
    return _names(article.get("publisher") or article.get("sourceOrganization"), by_id) if article else []


def _declared_authors(metas: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    for name in _AUTHOR_META:
        yield [value for value in metas.get(name, ()) if "://" not in value and not value.startswith(("www.", "@"))]


def _times(tree: HtmlElement) -> list[str]:
    """Return the dates of time elements that are marked as the publication's, then of the first one in an article."""
    marked = tree.xpath(
        "//time[@pubdate or contains(@itemprop, 'datePublished') or contains(@class, 'publish')]/@datetime"
        "|//*[contains(@itemprop, 'datePublished')][not(self::meta)]/@content"
    )
    first = tree.xpath("(//article//time|//main//time|//header//time|//time)[1]/@datetime")
    return [raw.strip() for raw in [*marked[:3], *first] if raw.strip()]


def _keywords(article: Mapping[str, Any], metas: Mapping[str, Sequence[str]]) -> list[str]:
    given = _texts(article.get("keywords")) if article else []
    if not given:
        name = next((name for name in _KEYWORD_META if metas.get(name)), None)
        given = list(metas[name]) if name else []
    words = [word.strip() for each in given for word in (re.split(r"[,;|]", each) if len(given) == 1 else [each])]
    return [word for word in dict.fromkeys(words) if word and len(word) <= 100][:50]
