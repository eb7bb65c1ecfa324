"""What a line of its own credits: `Source: Reuters`, `© 2022 AFP`, `Jane Doe | Reuters`, `With inputs from PTI`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from wirecopy.transforms.credit.agencies import Holder, by_alias, by_domain, mentions
from wirecopy.transforms.credit.contexts import contexts, is_staff

Lead = Literal["", "label", "byline", "part"]


class Reading(NamedTuple):
    """What a line credits.

    Attributes:
        holders: who is credited, in order.
        led: what kind of words lead to the first name: a label ("Source:"), a byline's ("By"), those of a part.
        part: the holders are only said to have contributed.
    """

    holders: tuple[Holder, ...]
    led: Lead
    part: bool = False


_WORD = re.compile(r"[\w&'’.-]*\w")
_PIECE = re.compile(
    r"[/,;|+&=＝·•()\[\]（）【】]|\s[-–—]\s|\s(?:and|und|et|y|e|и|та|i|og|och|ja|en|avec|mit|con|com)\s"
)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b(?:Jr|Sr|Dr|Mr|Ms|St)\.)(?<!\bMrs\.)\s+")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\w)(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)?\d\d)?(?!\w)\.?")
_ADDRESS = re.compile(r"https?://([\w.-]+)\S*")
_PUBLISHED = re.compile(r"\s(?:was|is)\s(?:first\s|originally\s)?published\b.*$")
_IN_CITY = re.compile(r"\s(?:in|à|en|a|aus|из|em)\s[^\W\d_a-zа-яё][\w’' .-]{2,30}$")
_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_OF = re.compile(r"\s(?:of|for|at|with|de|der|von|pour|para|per|für|da|do|des)\s(?:the\s|der\s|la\s)?$", re.IGNORECASE)
_EDGES = " \t.:：–—-*_\"'“”«»>|"
_LABEL_WORDS = 8
_LABELLED = 3
_PERSON_WORDS = 4
_PERSON_SIGNS = 6
_MARK = 4
_MARKS = 5
_ASIDE = 4


def read_line(line: str) -> Reading | None:
    """Return whom a line credits that says nothing else; None where it tells, cites or credits a picture.

    Beside holders it may name people, a desk's or author's mark, a year, and the words that lead to a name.
    """
    words = contexts()
    line = _PUBLISHED.sub("", line)
    tokens = words_of(line)
    if not tokens or not words.former.isdisjoint(tokens):
        return None
    if contributed(tokens):
        sentences = [sentence for sentence in _SENTENCE.split(line) if contributed(words_of(sentence))]
        names = [name for sentence in sentences for name in mentions(sentence) if name.form != "framed"]
        holders = tuple(dict.fromkeys(name.holder for name in names))
        return Reading(holders, "part", True) if holders else None
    if not words.photos.isdisjoint(tokens):
        return None
    if not words.telling.isdisjoint(tokens) and by_alias(line) is None:
        return None
    if tokens[0] in ("copyright", "c") or "©" in line[:3]:
        line = line.split(". ")[0]
    return _read_pieces(line)


def _read_pieces(line: str) -> Reading | None:
    found: list[Holder] = []
    led: Lead = ""
    part = False
    for piece in _PIECE.split(_ADDRESS.sub(r"\1", line)):
        text, lead = _lead(piece)
        led = led or lead
        part = part or lead == "part"
        holder = _holder(text, bool(lead))
        if holder is not None:
            found.append(holder)
        elif not _is_person(text) and not (found and _is_aside(text, led)) and not (lead and _SITE.fullmatch(text)):
            return None
    return Reading(tuple(dict.fromkeys(found)), led, part) if found else None


def read_byline(line: str) -> tuple[Holder, ...]:
    """Return whom a byline credits, in order, among people and other words; none where it credits a picture."""
    words = contexts()
    tokens = words_of(line)
    if not words.former.isdisjoint(tokens) or not words.photos.isdisjoint(tokens):
        return ()
    pieces = (_lead(piece) for piece in _PIECE.split(line))
    holders = (_holder(text, bool(lead)) for text, lead in pieces)
    return tuple(dict.fromkeys(holder for holder in holders if holder is not None))


def words_of(line: str) -> list[str]:
    """Return a line's words in lower case."""
    return [match[0].lower() for match in _WORD.finditer(line)]


def contributed(tokens: Sequence[str]) -> bool:
    """Say whether words in lower case tell of a contribution: another is the author."""
    text = " ".join(tokens)
    if tokens and tokens[0] == "contributing":
        return True
    return any(phrase in text for phrase in contexts().contributions)


def _lead(piece: str) -> tuple[str, Lead]:
    """Return a piece without a year and the words that lead to a name, and which kind these are."""
    rest = _YEAR.sub(" ", piece).strip(_EDGES)
    led: Lead = ""
    if rest[:1] == "©":
        rest, led = rest[1:].strip(), "label"
    for _ in range(2):
        if by_alias(rest) is not None:
            break
        matches = list(_WORD.finditer(rest[:80]))[:_LABEL_WORDS]
        for n in range(len(matches), 0, -1):
            kind = _kind(" ".join(match[0] for match in matches[:n]).lower())
            if kind:
                rest, led = rest[matches[n - 1].end() :].lstrip(_EDGES + "’"), led or kind
                break
        else:
            break
    return rest.strip(), led


def _kind(phrase: str) -> Lead:
    words = contexts()
    if phrase in words.labels:
        return "label"
    if phrase in words.bylines:
        return "byline"
    return "part" if phrase in words.parts else ""


def _holder(text: str, led: bool) -> Holder | None:
    """Return the holder that a piece names, beside staff, a place, a person or a desk's mark."""
    text = text.strip(_EDGES)
    holder = by_alias(text)
    if holder is None and "." in text and " " not in text:
        holder = by_domain(text.split("?")[0].split(":")[0])
    if holder is not None:
        return holder
    names = [name for name in mentions(text) if name.form != "framed"]
    if not names:
        return None
    first, last = names[0], names[-1]
    if not first.begin:
        after = text[first.end :]
        if is_staff(after) or _is_mark(after) or _IN_CITY.match(after) or (led and len(after.split()) <= _LABELLED):
            return first.holder
    ahead = text[: last.begin]
    if last.end == len(text) and ":" not in ahead:
        joined = _OF.search(ahead)
        name = text[last.begin : last.end]
        own = " " in name or name.isupper()
        if (joined and _is_person(ahead[: joined.start()])) or (own and _is_person(ahead)) or is_staff(ahead):
            return last.holder
    return None


def _is_aside(text: str, led: Lead) -> bool:
    """Say whether words may follow a name behind a label or in a byline: a number, a date, a few words."""
    return (led == "label" and len(text.split()) <= _ASIDE) or (led == "byline" and _DIGIT.search(text) is not None)


def _is_mark(text: str) -> bool:
    """Say whether words are marks of a desk and authors, as behind `PTI KJ HB` and `dpa abc yyzz n1 def`."""
    marks = text.split()
    return (
        0 < len(marks) <= _MARKS
        and all(len(mark) <= _MARK and mark.isalnum() for mark in marks)
        and (text.isupper() or (text.islower() and contexts().small.isdisjoint(marks)))
    )


def _is_person(text: str) -> bool:
    """Say whether words can be a person, a desk's mark, staff or a place: capitalised words, or one short mark."""
    parts = _IN_CITY.sub("", f" {text}").split()
    if not parts or is_staff(text) or (len(parts) == 1 and len(text) <= _MARK):
        return True
    return len(parts) <= _PERSON_WORDS and all(
        part in contexts().particles or (not part[0].islower() and (part[0] < "⺀" or len(part) <= _PERSON_SIGNS))
        for part in parts
    )
