"""What a page says of its article in structured data: JSON-LD, microdata, RDFa, Open Graph and other meta elements.

The vocabularies are schema.org's (JSON-LD 1.1, HTML microdata, RDFa Lite), ogp.me's, Dublin Core's and those that
publishing tools use. Everything is returned as it stands, in the order of how much it can be trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from html import unescape
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml.etree import Comment
from lxml.html import HtmlElement

from wirecopy.transforms.addresses import is_unresolved
from wirecopy.transforms.extract.pages.cleaning import clean
from wirecopy.transforms.extract.pages.pagetimes import Teasers, rdfa_dates, scripted, shown_times
from wirecopy.transforms.extract.story import Stamp
from wirecopy.transforms.extract.urls import canonical_url, is_public

MAX_NODES = 5_000
"""Objects of JSON-LD looked at in one page."""
MAX_DEPTH = 12
MAX_ITEMS = 50
"""Items of microdata looked at in one page."""
MAX_BROKEN = 200_000
"""Code points of broken JSON that are looked through."""
_SOURCE = "@source"

_ARTICLE_TYPES = frozenset(
    "article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle"
    " reviewnewsarticle askpublicnewsarticle liveblogposting blogposting socialmediaposting report techarticle"
    " scholarlyarticle advertisercontentarticle satiricalarticle discussionforumposting review creativework".split()
)
_PAGE_TYPES = frozenset("webpage itempage medicalwebpage claimreview".split())
_MEDIA_TYPES = frozenset("videoobject audioobject podcastepisode imagegallery mediagallery".split())
_ASIDE = frozenset(
    "itemlistelement haspart mentions citation relatedlink ispartof comment review video image hasoccurrence about"
    " subjectof offers aggregaterating breadcrumb potentialaction isrelatedto liveblogupdate itemreviewed".split()
)
_PUBLISHED_META = "article:published_time datepublished article:published article.published published".split()
_PUBLISHED_NAME = re.compile(
    r"(?!.*last)(?:.*(?<!un)(?<!re)pub(?:li(?:sh(?:ed)?|cation))?[\W_]*(?:date|time|at|on)\b"
    r"|.*date[\W_]*(?:published|available|issued)|.*first[\W_]*published)",
    re.IGNORECASE,
)
"""Names that publishing tools give to the time of publication: `parsely-pub-date`, `vr:published_time`, `pubDate`."""
_DATE_META = (
    "sailthru.date dcterms.issued dcterms.created dc.date.created dcterms.date dc.date release_date"
    " article_date_original dcterms:created dcterms:issued dcterms:date dc:created dc:date dc.created pdate ptime date"
).split()
_MODIFIED_META = (
    "article:modified_time og:article:modified_time og:updated_time og:modified_time datemodified article:modified"
    " lastmod last-modified lastmodified dc.date.modified dcterms.modified revised modified modified_time date_modified"
).split()
_AUTHOR_META = (
    "author article:author parsely-author sailthru.author cxenseparse:author cxenseparse:recs:articleauthor dc.creator"
    " dcterms.creator byl og:article:author article.author vr:author authors article_author article-author"
    " bt:author mediator_author creator written-by"
).split()
_SECTION_META = "article:section parsely-section cxenseparse:recs:category dc.subject section article.section".split()
_KEYWORD_META = "news_keywords article:tag parsely-tags keywords sailthru.tags".split()
_SOURCE_META = (
    "articleauthor original-source syndication-source news_agency agency source dc.source dcterms.source".split()
)
_SITE_META = "og:site_name application-name al:android:app_name twitter:app:name:iphone cre publisher".split()
_WRITTEN_BY = re.compile(
    r"written by|by|author|(?:verfasst|geschrieben) von|escrito por|[eé]crit par|scritto da|geschreven door|автор"
    r"|написано автором|napisane przez|skriv(?:et|en) av|skrevet (?:av|af)|kirjoittanut|yaza[nr]"
    r"|投稿者|執筆者|作者|글쓴이|ditulis oleh|scris de|napsal\(a\)|napísal",
    re.IGNORECASE,
)
"""What weblog software puts in front of the author on cards for shared links."""
_PARSELY = {"title": "parsely-title", "pub_date": "parsely-pub-date", "section": "parsely-section"} | dict.fromkeys(
    ("author", "authors"), "parsely-author"
)
_ITEM_PROPERTIES = frozenset(
    "headline name author creator datePublished dateCreated dateModified articleSection keywords url mainEntityOfPage"
    " publisher description inLanguage isAccessibleForFree".split()
)
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_ADDRESS = re.compile(r"https?://|www\.|@")
_WRAPPERS = ("//<![CDATA[", "// <![CDATA[", "<![CDATA[", "<!--", "//]]>", "// ]]>", "]]>", "-->", ";")
_COMMENT = re.compile(r"^\s*//.*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*(?:,|[}\]]))")
_BAD_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])")
_FIELD = re.compile(
    r"\"(headline|author|datePublished|dateModified|articleSection|description|url)\"\s*:\s*"
    r"(\"(?:[^\"\\\n]|\\.){1,500}\"|\[[^\[\]]{1,4000}\]|\{[^{}]{1,500}\})"
)
_BLOCK_END = re.compile(r"<(?:br|/?p|/?div|/?li|/h\d)\b[^<>]*>", re.IGNORECASE)


__all__ = ["Structured", "clean", "read_structured"]


class Structured(NamedTuple):
    """The metadata that a page declares; candidates are ordered, best first.

    Attributes:
        headline: JSON-LD's headline.
        titles: Open Graph's and Twitter's titles; where there are none, those of other vocabularies.
        authors: for each source that names authors, what it gives, best source first.
        sources: what is marked as the text's source or agency.
        body: the article's text as JSON-LD carries it.
        is_free: whether it can be read without paying.
    """

    headline: str | None = None
    titles: Sequence[str] = ()
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
    is_free: bool | None = None


def read_structured(tree: HtmlElement, url: str | None = None) -> Structured:
    """Return what a parsed page declares of its article.

    Args:
        tree: the page's root element.
        url: the address it was read at, to tell its own article from others that it lists.
    """
    teasers = Teasers()
    metas = _metas(tree, teasers)
    marked = tree.xpath("//*[@itemtype or @itemprop or @typeof or @property]")
    nodes = [*_nodes(tree), *_items(marked)]
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str) and len(node) > 1}
    address = _address(tree, metas, url, nodes)
    article = _article(nodes, {canonical_url(url), canonical_url(address)} - {None})
    pages = [node for node in nodes if _types(node) & _PAGE_TYPES]
    graph = [node for node in (article, *pages) if node]
    headline = next(iter(_texts(article.get("headline")) or _texts(article.get("name"))), None)
    published = [Stamp(raw, _source(node)) for node in graph for raw in _texts(node.get("datePublished"))]
    if not published:
        made = [article.get("dateCreated"), article.get("uploadDate")]
        published = [Stamp(raw, _source(article)) for raw in _texts(made)]
    named = [*_PUBLISHED_META, *filter(_PUBLISHED_NAME.match, metas), *_DATE_META]
    published += [Stamp(raw, "meta") for raw in _all(metas, dict.fromkeys(named))]
    published += [Stamp(raw, "meta") for raw in rdfa_dates(marked, teasers)]
    if not any(":" in stamp.raw for stamp in published):
        published += [Stamp(raw, "meta") for raw in shown_times(tree, teasers)]
    if not any(":" in stamp.raw for stamp in published):
        published += [Stamp(raw, "script") for raw in scripted(tree, {stamp.raw[:10] for stamp in published})]
    modified = [Stamp(raw, _source(node)) for node in graph for raw in _texts(node.get("dateModified"))]
    modified += [Stamp(raw, "meta") for raw in _all(metas, _MODIFIED_META)]
    authors = _names(article.get("author") or article.get("creator"), by_id)
    site = [*_all(metas, ["og:site_name"]), *_publisher(article, by_id), *_all(metas, _SITE_META)]
    return Structured(
        headline=headline if _source(article) == "json-ld" else None,
        titles=_all(metas, ["og:title", "twitter:title"])
        or [*filter(None, [headline]), *_all(metas, ["headline", "dc.title", "parsely-title"])],
        deck=_first(metas, ["og:description", "description", "twitter:description"])
        or next(iter(_texts(article.get("description"))), None),
        authors=[names for names in (authors, *_declared_authors(metas)) if names],
        published=list(dict.fromkeys(published)),
        modified=list(dict.fromkeys(modified)),
        section=next(iter(_texts(article.get("articleSection"))), None) or _first(metas, _SECTION_META),
        keywords=_keywords(article, metas),
        url=address,
        outlet_name=next((name for name in site if not _ADDRESS.match(name)), None),
        language=next(iter(_texts(article.get("inLanguage"))), None) or tree.get("lang") or tree.get("xml:lang"),
        sources=[*_names(article.get("sourceOrganization"), by_id), *_all(metas, _SOURCE_META)],
        body=_paragraphs(article.get("articleBody")),
        is_free=_is_free(article, pages, metas),
    )


def _address(
    tree: HtmlElement, metas: Mapping[str, Sequence[str]], url: str | None, nodes: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return the address that a page declares for itself: the first declaration that may be an article's.

    One of a public host that leads to more than a front page counts before others, and so does the original's before
    that of an archive's copy. Where nothing else says it, what JSON-LD calls the article's address counts, and then the
    address of a page that its own links are relative to. A path from the site's root is relative to where the page was
    read; all else that is no address says nothing.
    """
    links = (link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical")
    declared = [*filter(None, links), *metas.get("og:url", ()), *metas.get("twitter:url", ())]
    if not any(map(_is_deep, declared)):
        articles = [node for node in nodes if _types(node) & _ARTICLE_TYPES]
        for each in articles if len(articles) == 1 else ():
            own = (each.get(name) for name in ("url", "mainEntityOfPage", "@id"))
            told = (link.get("@id") or link.get("url") if isinstance(link, dict) else link for link in own)
            declared += [link.partition("#")[0] for link in told if isinstance(link, str)]
        bases = (each.get("href") or "" for each in tree.iter("base"))
        declared += [address for address in bases if _is_deep(address) and not address.endswith("/")]
    base = url or next((said for said in declared if canonical_url(said)), None)
    found: list[str] = []
    for said in (text.strip() for text in declared):
        if said.startswith("//"):
            said = f"https:{said}"
        elif said.startswith("/") and base and len(said) > 1:
            with suppress(ValueError):
                said = urljoin(base, said)
        if canonical_url(said):
            found.append(said)
    return max(found, key=lambda said: (is_public(said), _is_deep(said), not is_unresolved(said)), default=None)


def _is_deep(address: str) -> bool:
    """Say whether an address leads to more than the front page of a host."""
    return "/" in (canonical_url(address) or "").removeprefix("https://")


def _metas(tree: HtmlElement, teasers: Teasers) -> dict[str, list[str]]:
    """Return the contents of meta elements and of microdata by lower-cased name, in the order of the page."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        if not content or not content.strip():
            continue
        is_own = not (element.get("itemprop") and teasers.hold(element))
        for attribute in ("property", "name", "itemprop") if is_own else ():
            for name in (element.get(attribute) or "").lower().split():
                found.setdefault(name, []).append(clean(content))
    for number in ("1", "2"):
        if _WRITTEN_BY.fullmatch(_first(found, [f"twitter:label{number}"]) or ""):
            found.setdefault("written-by", found.get(f"twitter:data{number}", []))
    for page in _values(next(iter(found.get("parsely-page", ())), "")):
        for key, name in _PARSELY.items() if isinstance(page, dict) else ():
            found.setdefault(name, _texts(page.get(key)))
    return found


def _first(metas: Mapping[str, Sequence[str]], names: Iterable[str]) -> str | None:
    return next((metas[name][0] for name in names if metas.get(name)), None)


def _all(metas: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    return [value for name in names for value in metas.get(name, ())]


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the objects of all JSON-LD of a page, outer ones first, asides such as lists of other articles left out."""
    scripts = [
        script.text_content() for script in tree.iter("script") if "ld+json" in (script.get("type") or "").lower()
    ]
    if not scripts:
        commented = (part for comment in tree.iter(Comment) for part in (comment.text or "").split("</script")[:-1])
        scripts = [part.rpartition("ld+json")[2].partition(">")[2] for part in commented if "ld+json" in part]
    waiting: list[tuple[Any, int]] = [(value, 0) for script in scripts for value in _values(script)]
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
    """Yield the JSON values of one script, which may be wrapped in a comment, escaped, chained or broken.

    Of one that is beyond repair, such as one with bare quotation marks in a text, the fields are taken that stand in it
    as they should.
    """
    text = script.strip()
    for wrapper in _WRAPPERS:
        text = text.removeprefix(wrapper).removesuffix(wrapper).strip()
    if not text:
        return
    decoder = json.JSONDecoder(strict=False)
    for mend in (str, _mended, unescape, lambda text: _mended(unescape(text))):
        attempt = mend(text)
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
    yield from _salvaged(text)


def _mended(text: str) -> str:
    return _TRAILING_COMMA.sub("", _BAD_ESCAPE.sub(r"\\\\", _COMMENT.sub("", text)))


def _salvaged(text: str) -> Iterator[dict[str, Any]]:
    """Yield an object of the fields that can be read in broken JSON, where it is an article's."""
    fields: dict[str, Any] = {}
    for name, value in _FIELD.findall(text[:MAX_BROKEN]):
        try:
            fields.setdefault(name, json.loads(value, strict=False))
        except (json.JSONDecodeError, RecursionError):
            continue
    if "headline" in fields and re.search(r"\"@type\"\s*:\s*\[?\s*\"\w*(?:Article|BlogPosting)\"", text):
        yield {"@type": "NewsArticle"} | fields


def _items(elements: Sequence[HtmlElement]) -> Iterator[dict[str, Any]]:
    """Yield the articles that microdata and RDFa mark, in the form of JSON-LD; of several those that hold an h1."""
    for type_of, property_of in (("itemtype", "itemprop"), ("typeof", "property")):
        marked = [
            element
            for element in islice((each for each in elements if type_of in each.attrib), MAX_ITEMS)
            if _types({"@type": element.get(type_of).split()}) & _ARTICLE_TYPES
        ]
        for element in marked:
            if len(marked) == 1 or element.find(".//h1") is not None:
                yield _item(element, type_of, property_of, 0)


def _item(element: HtmlElement, type_of: str, property_of: str, depth: int) -> dict[str, Any]:
    """Return an item of microdata with its properties. A headline that only marks the h1 is left out: it is shown."""
    item: dict[str, Any] = {"@type": (element.get(type_of) or "").split(), _SOURCE: "microdata"}
    waiting = list(reversed(element))
    seen = 0
    while waiting and seen < MAX_NODES:
        child = waiting.pop()
        seen += 1
        if not isinstance(child.tag, str):
            continue
        nested = child.get(type_of) is not None
        for name in (child.get(property_of) or "").split():
            key = re.split(r"[/:#]", name)[-1]
            if key in _ITEM_PROPERTIES and (key, child.tag) != ("headline", "h1"):
                value = _item(child, type_of, property_of, depth + 1) if nested and depth < 3 else _value(child)
                item.setdefault(key, []).append(value)
        if not nested:
            waiting += reversed(child)
    return item


def _value(element: HtmlElement) -> str:
    if element.tag == "link":
        return element.get("href") or ""
    return element.get("content") or element.get("datetime") or " ".join(element.text_content().split())


def _source(node: Mapping[str, Any]) -> str:
    return str(node.get(_SOURCE, "json-ld"))


def _types(node: Mapping[str, Any]) -> set[str]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {re.split(r"[/:#]", name)[-1].lower() for name in names if isinstance(name, str)}


def _article(nodes: Sequence[dict[str, Any]], addresses: set[str | None]) -> dict[str, Any]:
    """Return the object that is the page's article: one with the page's address, else the most telling; {} for none.

    What it does not say is taken from other objects about the same article. A page without one may describe itself, or
    the film it is about, as an article would be.
    """
    articles = [node for node in nodes if _types(node) & _ARTICLE_TYPES]
    if not articles:
        telling = (node for node in nodes if _types(node) & (_PAGE_TYPES | _MEDIA_TYPES))
        return next((node for node in telling if node.get("author") and _texts(node.get("headline"))), None) or next(
            (node for node in nodes if _types(node) & _MEDIA_TYPES and node.get("uploadDate")), {}
        )

    def is_ours(node: dict[str, Any]) -> bool:
        own = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
        links = [link.get("@id") or link.get("url") if isinstance(link, dict) else link for link in own]
        return any(isinstance(link, str) and canonical_url(link.split("#")[0]) in addresses for link in links)

    def worth(node: dict[str, Any]) -> tuple[bool, bool, int]:
        specific = bool(_types(node) - {"creativework", "review"})
        return (
            is_ours(node),
            specific,
            sum(bool(node.get(name)) for name in ("headline", "datePublished", "author", "articleBody")),
        )

    best = max(articles, key=worth)
    same = [
        node
        for node in articles
        if node is not best and (_texts(node.get("headline")) == _texts(best.get("headline")) != [] or is_ours(node))
    ]
    filled = {name: value for node in (*reversed(same), best) for name, value in node.items() if value}
    return filled | {"@type": best.get("@type")}


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
        named = value.get("name") or value.get("@list") or value.get("@value")
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
    return _names(article.get("publisher") or article.get("sourceOrganization"), by_id)


def _is_free(
    article: Mapping[str, Any], pages: Sequence[Mapping[str, Any]], metas: Mapping[str, Sequence[str]]
) -> bool | None:
    """Return what a page declares of its access: `isAccessibleForFree`, of its parts too, or `article:content_tier`."""
    parts = article.get("hasPart")
    for node in (article, *pages, *(parts if isinstance(parts, list) else [parts])):
        value = node.get("isAccessibleForFree") if isinstance(node, dict) else None
        for said in value if isinstance(value, list) else [value]:
            if (word := str(said).strip().rpartition("/")[2].lower()) in _TRUTH:
                return _TRUTH[word]
    return {"free": True, "locked": False}.get((_first(metas, ["article:content_tier"]) or "").lower())


def _declared_authors(metas: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    for name in _AUTHOR_META:
        yield [value for value in metas.get(name, ()) if "://" not in value and not value.startswith(("www.", "@"))]


def _keywords(article: Mapping[str, Any], metas: Mapping[str, Sequence[str]]) -> list[str]:
    given = _texts(article.get("keywords"))
    if not given:
        name = next((name for name in _KEYWORD_META if metas.get(name)), None)
        given = list(metas[name]) if name else []
    words = [word.strip() for each in given for word in (re.split(r"[,;|]", each) if len(given) == 1 else [each])]
    return [word for word in dict.fromkeys(words) if word and len(word) <= 100][:50]
