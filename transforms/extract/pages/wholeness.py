"""Words and sentences kept whole on their way through an extractor, and what stands in an article and is none of it.

Extractors drop the joiners that part Persian and Indian words, and take each reading of a Japanese word for a line of
its own; readers' comments, captions and boxes to subscribe by they know by English names alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from lxml.html import HtmlElement

_JOINERS = "\u200c\u200d"
_SHIELDS = "\U0001d2e0\U0001d2e1"
"""Signs that stand in for the joiners meanwhile: Mayan numerals, which are printable and in no news."""
_TO_SHIELDS, _TO_JOINERS = str.maketrans(_JOINERS, _SHIELDS), str.maketrans(_SHIELDS, _JOINERS)
_HOLDS_JOINERS = f"//text()[contains(., '{_JOINERS[0]}') or contains(., '{_JOINERS[1]}')]"
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:(?:user|reader|lista|leser|article|post|all|box|seccion|bloque|zona|news)[\s_-]?)?"
    r"(?:comments?|comment-?list|comment-?section|commentlist|comentarios?|comentários?|commentaires?|kommentare?"
    r"|leserkommentare?|commenti|reacties|kommentarer|kommentarfeld|komentarze|komentáře|komentari|yorumlar|comentarii"
    r"|hozzaszolasok|disqus_thread|disqus-thread|fb-comments|replies|komentar|binhluan|binh-luan|bình-luận)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTIONS = re.compile(
    r"(?:^|[\s_-])(?:wp-caption-text|(?:image|img|photo|picture|media|figure|foto|bild|video|gallery|pie)[_-]?"
    r"(?:caption|credit|description|legend|de-foto|info|text|unterschrift)s?|bildunterschrift|caption-text|pie-foto"
    r"|legende-photo|fotobyline)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BOXES = re.compile(
    r"(?:^|[\s_-])(?:newsletter|subscribe|subscription|sign-?up|abo-?box|abonnement|suscripcion|suscribete|inscription"
    r"|iscriviti|nyhetsbrev|nieuwsbrief|paywall-cta|donate|donation|membership)(?:$|[\s_-])",
    re.IGNORECASE,
)
_COMMENTS_HEADING = re.compile(
    r"(?:\d+ )?(?:(?:all |reader |readers[’'] |user |leser|лучшие )?(?:comments?|kommentare?|commentaires?|comentarios?"
    r"|comentários?|commenti|reacties|kommentarer|komentarze|komentáře|komentari|yorumlar|comentarii|hozzászólások"
    r"|комментари[ийев]+|коментар[іи]|σχόλια|bình luận|komentar|コメント|评论|評論|留言|댓글|التعليقات|تعليقات|نظرات"
    r"|תגובות)|(?:leave|post|write|add) a (?:reply|comment)|(?:join|start) the (?:conversation|discussion)"
    r"|what do you think\??"
    r"|\d+ (?:thoughts?|responses?|replies) (?:on|to) .{1,80}|discussion|responses?|réactions|reactions|reaktionen"
    r"|diskussion|dyskusja|обсуждение|ihre meinung|diskutieren sie mit)(?: ?[:(\[]? ?\d+ ?[)\]]?)?",
    re.IGNORECASE,
)
_COMMENT_PARTS = "omment omentar reacties yorumlar hozzaszolasok disqus replies inhluan inh-luan".split()
_CAPTION_PARTS = "caption credit descri legend foto info text unterschrift".split()
_BOX_PARTS = (
    "newsletter subscri sign abo suscri inscri iscriviti nyhetsbrev nieuwsbrief paywall donat membership".split()
)
"""Beginnings and middles of which every match of the expressions above has one, for a look before the search."""
MAX_BOX = 600
MAX_HEADING = 100
"""Code points of a box at most."""
MIN_LEFT = 200
"""Code points of paragraphs that must be left for comments to be dropped."""


def join_inline(tree: HtmlElement) -> None:
    """Take readings of ruby and places to break a word out of a page, so that its sentences are in one piece."""
    for element in list(tree.iter("rt", "rp", "rtc")):
        _drop(element)
    for element in list(tree.iter("ruby", "rb", "wbr")):  # libxml2 takes what follows a wbr for its inside
        element.drop_tag()


def shield_joiners(tree: HtmlElement) -> bool:
    """Put signs that extractors keep in place of a page's joiners; say whether there were any."""
    whole = tree.text_content()
    found = tree.xpath(_HOLDS_JOINERS) if any(joiner in whole for joiner in _JOINERS) else []
    for text in found:
        holder = text.getparent()
        if holder is None:
            continue
        if text.is_tail:
            holder.tail = holder.tail.translate(_TO_SHIELDS)
        else:
            holder.text = holder.text.translate(_TO_SHIELDS)
    return bool(found)


def unshielded(text: str) -> str:
    """Return a text with the joiners in place of the signs that stood in for them."""
    return text.translate(_TO_JOINERS)


def drop_comments(tree: HtmlElement) -> None:
    """Take what readers wrote below an article out of a page: elements marked so, and what stands below such a heading.

    A page that has next to nothing else is left as it is.
    """
    found = [each for each in tree.iter("div", "section", "ul", "ol", "aside", "form") if _is_marked_so(each)]
    headings = (each for each in tree.iter("h2", "h3", "h4", "h5", "h6") if _is_comments_heading(each))
    found += [each for heading in headings for each in (heading, *_below(heading))]
    left = _prose(tree) if found else 0
    gone: set[HtmlElement] = set()
    for element in found:
        if element in gone or element.find(".//h1") is not None:
            continue
        inside = _prose(element)
        if left - inside < MIN_LEFT:
            continue
        left -= inside
        gone.update(element.iter())
        _drop(element)


def _is_marked_so(element: HtmlElement) -> bool:
    marks, name = element.get("class"), element.get("id")
    if not marks and not name:
        return False
    return _kind(f"{marks or ''} {name or ''}", element.tag) == "comments" and element.find(".//article") is None


def _is_comments_heading(heading: HtmlElement) -> bool:
    text = " ".join(heading.text_content().split())
    return len(text) <= MAX_HEADING and _COMMENTS_HEADING.fullmatch(text) is not None


def _below(heading: HtmlElement) -> list[HtmlElement]:
    """Return the elements below a heading of comments, as far as they are none of an article: lists and boxes."""
    found = []
    for element in heading.itersiblings():
        if element.tag in ("p", "h1", "h2", "h3", "table", "figure", "blockquote"):
            break
        found.append(element)
    return found


def drop_asides(tree: HtmlElement) -> None:
    """Take captions of pictures and boxes to subscribe by out of a page."""
    gone: set[HtmlElement] = set()
    for element in list(tree.iter("figcaption", "div", "section", "ul", "ol", "aside", "form", "p", "span")):
        marks, name = element.get("class"), element.get("id")
        if not marks and not name and element.tag != "figcaption":
            continue
        kind = _kind(f"{marks or ''} {name or ''}", element.tag)
        if kind not in ("caption", "box") or element in gone or element.find(".//h1") is not None:
            continue
        if len(element.text_content().strip()) > MAX_BOX:
            continue
        gone.update(element.iter())
        _drop(element)


@lru_cache(8_192)
def _kind(marks: str, tag: str) -> str:
    """Return what an element is by its class and id: comments, a caption, a box to subscribe by, or none of these."""
    if tag == "figcaption" or _found(_CAPTIONS, _CAPTION_PARTS, marks):
        return "caption"
    if tag in ("p", "span"):
        return ""
    if _found(_COMMENTS, _COMMENT_PARTS, marks):
        return "comments"
    return "box" if _found(_BOXES, _BOX_PARTS, marks) else ""


def _found(expression: re.Pattern[str], parts: Sequence[str], marks: str) -> bool:
    """Say whether an expression is found, which is looked for only where one of its parts stands."""
    lower = marks.lower()
    return (not marks.isascii() or any(part in lower for part in parts)) and expression.search(marks) is not None


def _prose(element: HtmlElement) -> int:
    """Return the code points of the paragraphs in an element."""
    return sum(len(paragraph.text_content()) for paragraph in element.iter("p"))


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
