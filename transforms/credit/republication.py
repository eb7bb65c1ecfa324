"""Lines that say where an article was published before: `republished from`, `first appeared on`, `produced by`.

They credit newspapers and sites as well as agencies, by the name that they give, known or not. What WordPress writes at
the end of a feed's entries is among them, in its languages; there it names the site itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wirecopy.transforms.credit.agencies import Holder, by_alias, by_domain

LINES = 6
"""Lines at either end of an article that are looked at."""
LONGEST = 600
WORDS = 7
"""Words of a name, at most."""


class Notice(NamedTuple):
    """A sentence that says so, code points begin to end, and whom it names, in order."""

    begin: int
    end: int
    holders: tuple[Holder, ...]


_WORK = (
    r"(?:article|story|post|piece|column|report|essay|op-?ed|commentary|interview|investigation|content|review|analysis"
    r"|feature|text|version|translation|podcast|project|series|coverage)"
)
_OF_WORK = rf"(?:(?:this|the|a)\s+(?:[\w-]+\s+){{0,3}}?{_WORK}|it)"
_VERBS = (
    r"(?:(?:originally|first|previously|initially|also|is|was|were|has|been|being|are|co-?)\s*){0,4}"
    r"(?:re-?published|published|re-?printed|printed|re-?posted|posted|appeared|produced|written|reported|syndicated"
    r"|distributed|shared|adapted|excerpted|provided)(?:\s+(?:originally|first|here|online|in full))?"
)
_BEFORE = r"(?:originally|first|previously|initially)"
_BY = (
    r"(?:in (?:partnership|collaboration|cooperation) with|by permission of"
    r"|with (?:the )?(?:kind )?permission (?:of|from)|courtesy of|by|on|in|at|from|via|through)"
)
_NAME = r"(?P<name>(?:the\s+)?[\"“'‘«]?[^\s,;:()\"“”][^,;:()\n]{1,80}?)"
_STOP = (
    r"(?=[\"”'’»]?(?:\s*$|\.?\s*[.!]?\s*$|[.,;:()]\s|[,;:()]|\s+(?:under|with(?:out)?\b(?!\s+the\s+new)|on\s+(?:\w+\s+)?\d|on\s+[A-Z][a-z]+\s"
    r"|as\s+part|and\s+(?:is|was|has|co-?published|distributed|republished|made|re)|in\s+(?:\w+\s+)?(?:19|20)\d\d|in\s+[A-Z][a-z]+\s+\d"
    r"|in\s+(?:partnership|collaboration|cooperation)|here\b|erschienen\b|veröffentlicht\b|publiziert\b|through\b|for\b|via\b|where\b|which\b|who\b|a\s+(?:non|news|independent))))"
)
_ENGLISH = (
    r"(?:published|printed|posted|appeared|produced|written|reported|syndicated|distributed|shared|adapted|excerpted"
    rf"|provided)(?:\s+(?:originally|first|here|online|in full))?\s+{_BY}\s"
)
_FORMS = tuple(
    (re.compile(hint), re.compile(form, re.IGNORECASE))
    for hint, form in (
        (_ENGLISH, rf"{_OF_WORK}\s+(?:(?:originally|first|also)\s+)?{_VERBS}\s+{_BY}\s+{_NAME}{_STOP}"),
        (
            _ENGLISH,
            rf"(?:^|(?<=[.!?(]\s)|(?<=[(\[*]))\s*{_BEFORE}\s+(?:published|appeared|posted|printed|reported)\s+{_BY}\s+{_NAME}{_STOP}",
        ),
        (
            _ENGLISH,
            rf"(?:^|(?<=[.!?(]\s)|(?<=[(\[*]))\s*(?:re-?published|reprinted|re-?posted|syndicated|excerpted|cross-?posted)\s+(?:here\s+)?{_BY}\s+{_NAME}{_STOP}",
        ),
        ("appeared", rf"\b(?:appeared\s+first|first\s+appeared)\s+(?:on|in|at)\s+{_NAME}{_STOP}"),
        (
            "zuerst|zunächst|ursprünglich|erstmals",
            rf"(?:^|\s)(?:der\s+beitrag|dieser?\s+(?:artikel|text|beitrag|bericht)).{{0,160}}?(?:erschien|ist|wurde)?\s*(?:zuerst|zunächst|ursprünglich|erstmals)\s+(?:erschienen\s+|veröffentlicht\s+)?(?:auf|bei|in|im|von)\s+{_NAME}{_STOP}",
        ),
        (
            "zuerst|ursprünglich",
            rf"(?:^|\s)(?:zuerst|ursprünglich)\s+(?:erschienen|veröffentlicht)\s+(?:auf|bei|in|im|von)\s+{_NAME}{_STOP}",
        ),
        (
            "apparu|publié",
            rf"(?:^|\s)(?:l['’]article|cet\s+article|ce\s+texte).{{0,160}}?(?:est\s+apparu\s+en\s+premier|(?:a\s+été|est)\s+(?:initialement\s+|d['’]abord\s+)?(?:re)?publié(?:\s+(?:initialement|à\s+l['’]origine|d['’]abord))?)\s+(?:sur|par|dans|à\s+partir\s+de)\s+{_NAME}{_STOP}",
        ),
        (
            "publicó|apareció|publicad",
            rf"(?:^|\s)(?:la\s+entrada|el\s+(?:artículo|cargo)|este\s+(?:artículo|texto|reportaje)).{{0,160}}?(?:se\s+publicó\s+primero|apareció\s+primero|(?:fue|ha\s+sido|se)\s+publicad[oa]\s+originalmente|fue\s+publicado\s+por\s+primera\s+vez)\s+(?:en|por)\s+{_NAME}{_STOP}",
        ),
        (
            "proviene|primo|pubblicato",
            rf"(?:^|\s)(?:l['’]articolo|questo\s+articolo).{{0,160}}?(?:proviene\s+da|sembra\s+essere\s+il\s+primo\s+su|è\s+stato\s+(?:originariamente\s+)?pubblicato(?:\s+originariamente)?\s+(?:su|da))\s+{_NAME}{_STOP}",
        ),
        (
            "apareceu|publicado",
            rf"(?:^|\s)(?:o\s+post|o\s+artigo|este\s+(?:artigo|texto)).{{0,160}}?(?:apareceu\s+primeiro|(?:foi\s+)?publicado\s+originalmente)\s+(?:em|no|na|por|pelo|pela)\s+{_NAME}{_STOP}",
        ),
        (
            "publicado|publié|pubblicato",
            rf"(?:^|(?<=[.!?(]\s))\s*(?:(?:re)?publicado|publié|pubblicato)\s+(?:originalmente|initialement|d['’]abord|originariamente)"
            rf"\s+(?:en|em|no|na|por|sur|par|dans|su|da)\s+{_NAME}{_STOP}",
        ),
        ("verscheen", rf"(?:^|\s)het\s+bericht.{{0,160}}?verscheen\s+eerst\s+op\s+{_NAME}{_STOP}"),
        ("dök", rf"(?:^|\s)inlägget.{{0,160}}?dök\s+först\s+upp\s+på\s+{_NAME}{_STOP}"),
        ("pochodzi", rf"(?:^|\s)artykuł.{{0,160}}?pochodzi\s+z\s+serwisu\s+{_NAME}{_STOP}"),
        (
            "появил",
            rf"(?:^|\s)(?:запись|сообщение).{{0,160}}?(?:впервые\s+появилась|появились\s+сначала)\s+(?:на\s+)?{_NAME}{_STOP}",
        ),
    )
)
"""What a sentence in small letters must hold for a form to be tried, which is cheap to tell, and the form."""

_ANY = re.compile("|".join(dict.fromkeys(f"(?:{hint.pattern})" for hint, _ in _FORMS)))
_HINTS = (
    "publi printed prints appear produced syndicat posted erschien veröffentlicht apparu aparec proviene verscheen dök"
    " pochodzi появил permission courtesy"
).split()
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)\s+(?=[A-Z“\"(«])")
_JOINED = re.compile(
    r"\s*/\s*|\s+(?:and|&|und|et|y|e)\s+(?=[A-Z])|,?\s+in\s+(?:partnership|collaboration|cooperation)\s+with\s+"
)
_SITE = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,24})(?:/\S*)?", re.IGNORECASE)
_EDGES = " \t.,;:\"“”'‘’«»*_()[]"
_NO_NAMES = frozenset(
    "the a an this that it us our ours full part print english spanish french german time times first magazine"
    " newspaper paper site website author authors permission staff reporters january february march april may june july"
    " august september october november december monday tuesday wednesday thursday friday saturday sunday".split()
)


def notices(text: str) -> Iterator[Notice]:
    """Yield the notices at the ends of a text, in order."""
    for begin, end in _ends(text):
        line = text[begin:end]
        small = line.lower()
        if len(line) > LONGEST * 4 or not any(hint in small for hint in _HINTS):
            continue
        at = begin
        for sentence in _SENTENCE.split(line):
            at = text.find(sentence, at, end)
            if len(sentence) <= LONGEST and (holders := holders_in(sentence)):
                yield Notice(at, at + len(sentence.rstrip()), holders)
            at += len(sentence)


def _ends(text: str) -> list[tuple[int, int]]:
    """Return the first and last lines of a text, begin and end; of a long last one its end."""
    lines: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            lines.append((at, at + len(line)))
        at += len(line) + 1
    chosen = lines if len(lines) <= 2 * LINES else [*lines[:LINES], *lines[-LINES:]]
    return [(max(begin, end - 3 * LONGEST), end) for begin, end in chosen]


def holders_in(sentence: str) -> tuple[Holder, ...]:
    """Return whom a sentence says an article was published by before; none where it says no such thing."""
    small = sentence.lower()
    if not _ANY.search(small):
        return ()
    for hint, form in _FORMS:
        if hint.search(small) and (found := form.search(sentence)):
            rest = sentence[found.end("name") :]
            partner = re.match(r",?\s+in\s+(?:partnership|collaboration|cooperation)\s+with\s+([^.,;]{2,60})", rest)
            said = found["name"] + (f" / {partner[1]}" if partner else "")
            if holders := tuple(dict.fromkeys(filter(None, map(_holder, _named(said))))):
                return holders
    return ()


def _named(said: str) -> Sequence[str]:
    if by_alias(said.strip(_EDGES)) is not None:
        return [said]
    site = _SITE.fullmatch(said.strip(_EDGES))
    return [said] if site else [part for part in _JOINED.split(said) if part]


def _holder(said: str) -> Holder | None:
    """Return the holder of a name; one that is not known goes by its name as it stands."""
    name = said.strip(_EDGES)
    if (known := by_alias(name)) is not None:
        return known
    if site := _SITE.fullmatch(name):
        domain = site[1].lower()
        return by_domain(domain) or Holder(domain, "outlet", "", (), (domain,))
    words = name.split()
    bare = re.sub(r"^(?:the|The)\s+", "", name)
    if not 0 < len(words) <= WORDS or not any(map(str.isalpha, name)):
        return None
    titled = [word for word in words if word.lower() not in _SMALL]
    if not titled or not all(word[0].isupper() or not word[0].isalpha() or word[0] >= "\u0590" for word in titled):
        return None
    if all(word.lower() in _NO_NAMES or word.isdigit() for word in bare.split()):
        return None
    return Holder(name, "outlet", "", (), ())


_SMALL = frozenset("the of and for de la le les du des der die das el los del di da do y et und on in".split())


def is_own(holder: Holder, outlet: str | None, outlet_name: str | None) -> bool:
    """Say whether a name is that of the outlet that prints it: by its domain, or as its name is written together."""
    if outlet and outlet in holder.domains:
        return True
    own = {_letters(outlet_name)} if outlet_name else set()
    if outlet:
        labels = outlet.split(".")
        own |= {_letters("".join(labels)), _letters(labels[0]), _letters("".join(labels[:-1]))}
    name = _letters(holder.name)
    return bool(name) and name in {each for each in own if each} | {f"the{each}" for each in own if each}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
