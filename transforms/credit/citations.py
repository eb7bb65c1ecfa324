"""Whom an article cites: agencies, papers and broadcasters that it says reported, wrote, or were told something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import ahocorasick_rs

from wirecopy.transforms.credit.agencies import Mention, find, mentions
from wirecopy.transforms.credit.contexts import contexts


class Citation(NamedTuple):
    """A cited source and the words that cite it: the fields of schemas.articles.CITATION."""

    name: str
    evidence: str
    where: str
    begin: int | None
    end: int | None


_BEFORE = 80
_AFTER = 60
_PHRASE = 4
_FILLERS = 6
_HEARING = 6
_CHAINED = 12
_WORD = re.compile(r"[\w\u0900-\u0dff]+")
_BREAK = re.compile(r"[.!?:;](?:\s|$)|[,)\]\n…]|\s[-–—]\s")


def citations(text: str, names: Sequence[Mention], begin: int = 0, own: frozenset[str] = frozenset()) -> list[Citation]:
    """Return one citation a source, the first words that cite it, in order.

    Args:
        text: the article.
        names: `agencies.mentions(text)`.
        begin: names before this code point are of the headline or dateline and cite nobody.
        own: normalised names of the article's agency and publisher, which it does not cite.
    """
    found: dict[str, Citation] = {}
    for label, first, last in sorted((*_known(text, names, begin), *_unknown(text, begin)), key=lambda cited: cited[1]):
        if label not in found and label not in own:
            found[label] = Citation(label, text[first:last], "text", first, last)
    return list(found.values())


_CHAIN = re.compile(r"[\"“”«»’']{0,2}(?:,|\s(?:and|или|и|und|et|y|e|та|och|og|en|i))\s(?:the\s)?[\"“«„]?$")


def _known(text: str, names: Sequence[Mention], begin: int) -> Iterator[tuple[str, int, int]]:
    cited = -1
    for name in names:
        if name.begin < begin or name.form == "framed":
            continue
        span = _cue(text, name.begin, name.end, name.form == "code")
        if span is None and cited >= 0 and name.begin - cited < _CHAINED and _CHAIN.fullmatch(text, cited, name.begin):
            span = name.begin, name.end
        if span:
            cited = name.end
            yield name.holder.name, *span


def _cue(text: str, begin: int, end: int, strict: bool) -> tuple[int, int] | None:
    """Return the code points from the words that cite the name at begin to end, or from the name to such words.

    A `strict` name is a short form of many meanings: words before it have to leave no doubt.
    """
    if text[end - 1] >= "⺀" or text[end : end + 1] >= "⺀":
        return _east_asian(text, begin, end)
    behind, last = _behind(text, end)
    if behind == "subject":
        return None
    quoted = begin > 0 and text[begin - 1] in '"“«„' and text[end : end + 1] in ('"', "”", "»", "“")
    first = _cue_before(text, begin, strict)
    if first is not None:
        return first, end + quoted
    if behind == "cue" and (not strict or quoted or text[begin:end].isupper()):
        return begin - quoted, last
    return None


def _cue_before(text: str, begin: int, strict: bool) -> int | None:
    """Return where words begin that cite the name behind them, fillers such as `the newspaper` between."""
    words = contexts()
    window = text[max(0, begin - _BEFORE) : begin]
    at = begin - len(window)
    if window[-1:].isalpha():  # an Arabic particle written to the name
        attached = re.search(r"\w+$", window)
        if attached and "ل" in attached[0]:
            return at + attached.start()
        window = window[: attached.start()] if attached else window
    matches = list(_WORD.finditer(window))
    stop = len(matches)
    for fillers in range(_FILLERS + 1):
        if not stop:
            return None
        for n in range(min(_PHRASE, stop), 0, -1):
            phrase = " ".join(match[0] for match in matches[stop - n : stop]).lower()
            if phrase in words.citing_before and not (strict and phrase in words.citing_loosely):
                gap = window[matches[stop - 1].end() :]
                return None if _BREAK.search(gap) else at + matches[stop - n].start()
        if fillers == _FILLERS or matches[stop - 1][0].lower() not in words.fillers_before:
            break
        stop -= 1
    return _told(window, at, matches, stop)


def _told(window: str, at: int, matches: Sequence[re.Match[str]], stop: int) -> int | None:
    """Return where a verb stands that tells the name something, its subject between: `a dit le ministre à l'AFP`."""
    words = contexts()
    if words.to.isdisjoint(match[0].lower() for match in matches[stop:]):
        return None
    for index in range(stop - 1, max(-1, stop - 1 - _HEARING), -1):
        word = matches[index][0].lower()
        if word in words.citing_before or word in words.telling_to:
            return None if _BREAK.search(window[matches[index].end() :]) else at + matches[index].start()
    return None


_ITSELF = re.compile(
    r"\W*(?:said|says|announced|confirmed|reported)\s(?:that\s)?(?:on \w+ )?(?:that )?"
    r"(?:its?|in a statement|he|she|they)\b"
    r"|\W*reported\s(?:an? )?(?:\S+ ){0,3}"
    r"(?:profit|loss|revenue|earnings|net income|sales|results|(?:fall|drop|rise) in)\b"
)


def _behind(text: str, end: int) -> tuple[str, int]:
    """Say what the words behind a name make of it: `cue`, `subject` or nothing; and where a cue ends."""
    words = contexts()
    window = text[end : end + _AFTER]
    if _ITSELF.match(window):
        return "subject", end
    matches = list(_WORD.finditer(window))[:8]
    for start, match in enumerate(matches[:5]):
        if start and _BREAK.search(window[matches[start - 1].end() : match.start()].replace(",", "")):
            return "", end
        if not start and re.search(r"[.!?:;()\n]", window[: match.start()].rstrip("(")):
            return "", end
        for n in (3, 2, 1):
            phrase = " ".join(m[0] for m in matches[start : start + n]).lower()
            if phrase in words.citing_after:
                return "cue", end + matches[min(start + n, len(matches)) - 1].end()
        word = match[0].lower()
        if word in words.subjects and start <= 1:
            return "subject", end
        if word not in words.fillers_after and not word.endswith(("ly", "kreisen")):
            return "", end
    return "", end


_EAST_BEFORE = re.compile(r"(?:据|據|援引|引述|引用|告诉|告訴|接受|综合|转引|向|对|對)[一-鿿]{0,6}[“「《『]?$")
_EAST_AFTER = re.compile(
    r"[”」》』）)]*(?:[（(][^）)\n]{1,20}[）)])?(?:社|通信|電子版|电子版|紙|网|網|新闻|通讯社|新聞|신문|통신|뉴스)?"
    r"(?:\d{1,2}月)?(?:\d{1,2}日)?(?:の(?:取材|報道|インタビュー|調査)|など|에서|과의|와의)?"
    r"(?:报道|報道|报导|報導|消息|称|稱|援引|指出|记者|記者|引述|によると|によれば|は(?=[^。\n]{0,60}(?:報じ|伝え))|が(?:\d{1,2}日)?(?:報|伝)|"
    r"に対し|に語|에 따르면|에따르면|[은는이가](?=\s[^.\n]{0,60}(?:보도|전했|밝혔))|에 밝|에 말|의 보도|인터뷰)"
)


def _east_asian(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Find what cites a name in scripts that write no spaces, or write particles to the name."""
    before = _EAST_BEFORE.search(text[max(0, begin - 12) : begin])
    if before:
        return max(0, begin - 12) + before.start(), end
    after = _EAST_AFTER.match(text, end, end + _AFTER)
    return (begin, after.end()) if after else None


_TITLE = (
    r"(?:[«“\"„](?P<quoted>[^«»“”\"„\n]{2,40})[»”\"“]"
    r"|(?P<plain>(?:(?:The|Le|La|El|Il|Der|Die)\s)?[^\W\d_a-zа-яё][\w'’-]{1,20}"
    r"(?:\s(?:(?:of|de|and|ve|i|der|di)\s)?[^\W\d_a-zа-яё][\w'’-]{1,20}){0,3}))"
)
_TITLE_BEHIND = re.compile(rf"\w{{0,3}}\s{_TITLE}")
_TITLE_BEFORE = re.compile(r"\b[Tt]he\s(?P<plain>[A-Z][\w'’-]{1,20}(?:\s[A-Z][\w'’-]{1,20}){0,3})\s$")
_WORD_ENDS = re.compile(r"\w{0,3}")


@cache
def _media() -> ahocorasick_rs.BytesAhoCorasick:
    words = [word.encode() for word in sorted(contexts().media)]
    return ahocorasick_rs.BytesAhoCorasick(words, implementation=ahocorasick_rs.Implementation.DFA)


def _unknown(text: str, begin: int) -> Iterator[tuple[str, int, int]]:
    """Yield media that the data file does not know, where the text calls them a paper, a channel or an agency."""
    for _, first, last in find(_media(), text):
        if first < begin or (first and text[first - 1].isalnum()):
            continue
        behind = _TITLE_BEHIND.match(text, last)
        if behind:
            yield from _titled(text, behind, first, behind.end())
        window = max(0, first - 90)
        before = _TITLE_BEFORE.search(text[window:first])
        if before:
            ending = _WORD_ENDS.match(text, last)
            yield from _titled(text, before, window + before.start(), ending.end() if ending else last)


def _titled(text: str, match: re.Match[str], first: int, last: int) -> Iterator[tuple[str, int, int]]:
    title = (match.groupdict().get("quoted") or match["plain"]).strip()
    title = title.removesuffix("'s").removesuffix("’s").rstrip("'’-")
    if len(title) < 3 or mentions(title):
        return
    span = _cue(text, first, last, strict=False)
    if span:
        yield title, *span
