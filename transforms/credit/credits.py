"""Whose text an article is, as it says itself: dateline, byline, credit line and closing lines.

A credit says that words of this article are the holder's. A citation says that the article tells what somebody
reported, and a photo credit speaks of a picture: neither is a credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transforms.credit.agencies import Holder, Mention, by_alias, by_domain, mentions
from transforms.credit.datelines import Dateline, frame, holders_in


class Credit(NamedTuple):
    """A credit and its evidence: the fields of schemas.articles.CREDIT."""

    agency: str
    kind: str
    evidence: str
    where: str
    begin: int | None
    end: int | None


class Claim(NamedTuple):
    """A credit beside its holder; `part` where the holder is only said to have contributed."""

    credit: Credit
    holder: Holder
    part: bool = False


TAIL_LINES = 8
HEAD_LINES = 8
LINE = 300

_SPLIT = re.compile(r"\s*(?:[/,;|+&·•()\[\]]|\s[-–—]\s|\b(?:and|und|et|y|e|и|та|with|con|avec|mit)\b)\s*")
_LABEL = re.compile(
    r"^[\s(\[©*_>–—-]*(?:(?:by|by:|from|von|par|por|de|di|da|door|av|af|автор:?|autor:?|author:?|text:?|"
    r"(?:original )?source\s?(?:text)?|sources|via|источники?|джерело|quelle:?n?|fuentes?|fontes?|fonte|bron|källa|kilde|"
    r"lähde|źródło|zdroj|izvor|vir|sursa|forrás|kaynak|nguồn|sumber|المصدر|منبع|来源|來源|稿源|出典|출처|스스로|πηγή|"
    r"מקור|copyright|copr\.?|©|\(c\)|credit|crédito|agency|agentur|agencia|agência|agenzia|agence|agentschap|агентство|"
    r"staff|newsroom|redaktion|redacción|redação|redazione|rédaction)\s*[:：|]?\s*)",
    re.IGNORECASE,
)
_YEARS = re.compile(r"\b(?:19|20)\d\d\b(?:\s*[-–]\s*(?:19|20)\d\d)?")
_RIGHTS = re.compile(
    r"\.?\s*(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti riservati|riproduzione riservata|все права защищены|用户|rights reserved).*$",
    re.IGNORECASE | re.DOTALL,
)
_STAFF = re.compile(
    r"\b(?:staff|newsroom|news|desk|bureau|writers?|reporters?|correspondents?|service|agency|agencies|newswires?|wire)\b\.?$",
    re.IGNORECASE,
)
_PHOTO = re.compile(
    r"photo|foto|фото|image|bild:|imago|picture|video|видео|getty|handout|graphic|illustration|grafik|courtesy|caption|写真|图片|사진|صورة",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:former|formerly|ex-|previously|worked (?:for|at)|writes for|founder|author of)\b", re.IGNORECASE
)
_PARTLY = re.compile(
    r"contribut|with (?:additional )?(?:inputs?|reporting|files|material|information|agenc)|inputs? (?:from|by)|additional reporting|"
    r"avec (?:l[’']|les? )?|mit (?:material|informationen|agenturen)|con (?:información|informaciones|datos|agencias)|com (?:informações|agências|agência)|"
    r"material von|с использованием|reporting from",
    re.IGNORECASE,
)


def _names(words: str) -> tuple[Holder, ...]:
    """Return the holders that the words name and nothing else, beside people, years, labels and desks' marks."""
    found: list[Holder] = []
    for part in _SPLIT.split(words):
        bare = _YEARS.sub(" ", _RIGHTS.sub("", _LABEL.sub("", part, count=1))).strip(" .:–—-*_\"'“”«»©®")
        holder = (
            by_alias(bare)
            or by_alias(_STAFF.sub("", bare).strip())
            or (by_domain(bare) if "." in bare and " " not in bare else None)
        )
        if holder is not None and holder not in found:
            found.append(holder)
    return tuple(found)


def from_byline(byline: str, where: str = "byline") -> Iterator[Claim]:
    """Yield the credits of a byline: `By Jane Doe, Reuters`, `AFP`, `Von Max Meier, dpa`, `Jane Doe of The Associated Press`."""
    line = byline[:LINE]
    if _NEVER.search(line) or _PHOTO.search(line):
        return
    seen = set()
    for holder in (*_names(line), *_of(line)):
        if holder.name not in seen:
            seen.add(holder.name)
            yield Claim(Credit(holder.name, "byline", byline.strip()[:LINE], where, None, None), holder)


_OF = re.compile(
    r"\b(?:of|for|at|with|de|der|von|pour|para|per|für|for the|of the)\s+(?:the\s+|l[’']|la\s+|der\s+)?$", re.IGNORECASE
)


def _of(line: str) -> Iterator[Holder]:
    for name in mentions(line):
        if name.form != "framed" and _OF.search(line[: name.begin]):
            yield name.holder


def from_line(words: str, kind: str, where: str) -> Iterator[Claim]:
    """Yield the credits of a line that is known to name a source: a container's credit line, a page's source element."""
    line = " ".join(words[:LINE].split())
    if not line or _PHOTO.search(line):
        return
    found = _names(line)
    if not found:
        found = tuple(dict.fromkeys(name.holder for name in mentions(line) if name.form != "framed"))
    part = _PARTLY.search(line) is not None
    for holder in found:
        yield Claim(Credit(holder.name, kind, words.strip()[:LINE], where, None, None), holder, part)


def from_dateline(text: str, dateline: Dateline | None) -> Iterator[Claim]:
    """Yield a dateline's credits, the first holder first."""
    if dateline is None:
        return
    words = text[dateline.begin : dateline.end]
    for holder in dateline.holders:
        yield Claim(Credit(holder.name, "dateline", words, "text", dateline.begin, dateline.end), holder)


def from_text(text: str, names: Sequence[Mention], dateline: Dateline | None) -> Iterator[Claim]:
    """Yield credits of lines of the text itself: a byline or agency's name near the top, closing lines and sign-offs."""
    if not names:
        return
    tops = _top(text)
    bottom = _bottom(text)
    for name in names:
        if dateline and name.begin < dateline.end:
            continue
        if name.begin >= bottom:
            yield from _closing(text, name)
        elif name.end <= tops:
            yield from _opening(text, name)


def _top(text: str) -> int:
    end = 0
    for _ in range(HEAD_LINES):
        end = text.find("\n", end) + 1
        if end == 0:
            return len(text)
        while text[end : end + 1].isspace():
            end += 1
    return min(end, 2_000)


def _bottom(text: str) -> int:
    begin = len(text)
    for _ in range(TAIL_LINES):
        while begin and text[begin - 1].isspace():
            begin -= 1
        begin = text.rfind("\n", 0, begin) + 1
        if begin == 0:
            return 0
    return max(begin, len(text) - 2_500)


def _line(text: str, name: Mention) -> tuple[int, int]:
    begin = text.rfind("\n", 0, name.begin) + 1
    end = text.find("\n", name.end)
    end = len(text) if end < 0 else end
    begin += len(text[begin:end]) - len(text[begin:end].lstrip())
    return begin, begin + len(text[begin:end].rstrip())


_BY = re.compile(r"^(?:by|von|par|por|di|da|автор)\b:?\s", re.IGNORECASE)


def _opening(text: str, name: Mention) -> Iterator[Claim]:
    begin, end = _line(text, name)
    words = text[begin:end]
    if len(words) > 120 or _PHOTO.search(words) or _NEVER.search(words):
        return
    found = _names(words)
    alone = by_alias(words) is not None or by_alias(_LABEL.sub("", words, count=1).strip()) is not None
    if name.holder not in found:
        return
    if alone or _BY.match(words) or _only_names(words):
        kind = "credit line" if _LABEL.match(words) and not _BY.match(words) else "byline"
        yield Claim(Credit(name.holder.name, kind, words, "text", begin, end), name.holder)


def _only_names(words: str) -> bool:
    """Say whether a line is made of a person and a holder, as in `Jane Doe | Reuters`, and of no sentence."""
    parts = [part for part in _SPLIT.split(words) if part]
    return (
        1 < len(parts) <= 4
        and words[-1] not in ".?!:"
        and all(
            by_alias(part) or (len(part.split()) <= 4 and all(w[0].isupper() for w in part.split())) for part in parts
        )
        and bool(re.search(r"[|/·•,]", words))
    )


_SENTENCE_END = re.compile(r"(?:[.!?…。][\"”»’')\]]*|[\"”»])\s*$")
_DASH_BEFORE = re.compile(r"(?:[.!?…。][\"”»’')\]]*|[\"”»])\s*[-–—―/]{1,2}\s*$")
_SOURCE_WORDS = re.compile(
    r"(?:source|источник|джерело|quelle|fuente|fonte|bron|källa|kilde|lähde|źródło|zdroj|izvor|sursa|forrás|kaynak|nguồn|sumber|"
    r"المصدر|منبع|来源|來源|稿源|出典|출처|πηγή|copyright|©|\(c\)|published by|originally (?:published|appeared)|distributed by|provided by|"
    r"all rights reserved|with (?:additional )?(?:inputs?|reporting|files|material|information)|inputs? from|contribut\w+ to this|"
    r"(?:reporting|writing|editing) by|mit material|con información|con informaciones|com informações|с использованием|material von|via)\b",
    re.IGNORECASE,
)


def _closing(text: str, name: Mention) -> Iterator[Claim]:
    begin, end = _line(text, name)
    words = text[begin:end]
    part = _PARTLY.search(words) is not None and len(words) <= LINE
    if len(words) <= LINE and not _PHOTO.search(words) and not _NEVER.search(words):
        if (
            name.holder in _names(words)
            and (len(words) <= 60 or _SOURCE_WORDS.search(words))
            and not _SENTENCE.search(words)
        ):
            yield Claim(Credit(name.holder.name, "tail", words, "text", begin, end), name.holder, part)
            return
        if (
            name.form != "framed" and _SOURCE_WORDS.search(words) and _SOURCE_BEFORE.search(words[: name.begin - begin])
        ) or (part and name.form != "framed"):
            yield Claim(Credit(name.holder.name, "tail", words, "text", begin, end), name.holder, part)
            return
    if text[name.end : end].strip(" .)]/–—-") == "" or len(text[name.end : end]) <= 24:
        yield from _sign_off(text, name, begin, end)


_SENTENCE = re.compile(
    r"\b(?:said|told|says|reported|reports|quoted|сообщил|передал|сообщает|передает)\b", re.IGNORECASE
)
_SOURCE_BEFORE = re.compile(
    r"(?:source\s?:?|copyright|©|\(c\)|published (?:by|in|on)|appeared (?:in|on)|distributed by|provided by|from|by|via)[^.]{0,30}$",
    re.IGNORECASE,
)
_MARKS_BEHIND = re.compile(r"[\s.)\]/]*(?:[/ ]?[A-Za-z]{2,4}(?:[ /][A-Za-z]{2,4}){0,3})?[\s.)\]/]*$")


def _sign_off(text: str, name: Mention, begin: int, end: int) -> Iterator[Claim]:
    """Yield the agency's name set behind the last sentence: `… . (PTI)`, `… . — AFP`, `… . Reuters`, `… /dpa`."""
    if text[end:].strip() and text.count("\n", end) > 3:
        return
    around = frame(text, name, begin)
    if around and not text[around.end : end].strip(" ./"):
        before = text[begin : around.begin]
        if name.holder in holders_in(around.inside) and (_SENTENCE_END.search(before[-8:]) or not text[end:].strip()):
            evidence = (around.begin, around.end)
            yield Claim(Credit(name.holder.name, "tail", text[slice(*evidence)], "text", *evidence), name.holder)
        return
    if name.form == "framed" or not _MARKS_BEHIND.match(text[name.end : end]):
        return
    before = text[begin : name.begin]
    dash = _DASH_BEFORE.search(before[-10:])
    if dash or (_SENTENCE_END.search(before[-6:]) and before[-1:].isspace()):
        first = name.begin - (len(dash[0].lstrip(" .!?…。\"”»’')]")) if dash else 0)
        yield Claim(Credit(name.holder.name, "tail", text[first : name.end], "text", first, name.end), name.holder)


def origin(claims: Sequence[Claim], byline: str | None) -> str | None:
    """Return the agency that the article originates from: the holder of its strongest credit, if that is an agency.

    Datelines are stronger than bylines, credit lines and closing lines. A holder that is only said to have contributed
    is the origin where nobody else claims the article.
    """
    rank = {"dateline": 0, "byline": 1, "credit line": 2, "tail": 3}
    whole = [claim for claim in claims if not claim.part and claim.holder.kind == "agency"]
    if whole:
        return min(whole, key=lambda claim: rank[claim.credit.kind]).holder.name
    if claims and not byline and all(claim.part for claim in claims):
        return next((claim.holder.name for claim in claims if claim.holder.kind == "agency"), None)
    return None
