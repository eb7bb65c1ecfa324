"""Whose text an article is, as it says itself: dateline, byline, credit line and closing lines.

A credit says that words of this article are the holder's. A citation says that the article tells what somebody
reported, and a photo credit speaks of a picture: neither is a credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transforms.credit.agencies import Holder, Mention, by_alias, by_domain, mentions
from transforms.credit.contexts import contexts
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


class Reading(NamedTuple):
    """What a line credits: holders in order, whether a label or byline word leads it, whether they only contributed."""

    holders: tuple[Holder, ...]
    led: str
    part: bool = False


LINE = 300
_LABEL_WORDS = 8
_NAME_WORDS = 4
_NAME_SIGNS = 6
_MARK = 4
_WORD = re.compile(r"[\w&'’.-]*\w")
_PARTS = re.compile(r"[/,;|+&·•()\[\]（）【】]|\s[-–—]\s|\s(?:and|und|et|y|e|и|та|i|og|och|ja|en|avec|mit|con|com)\s")
_YEAR = re.compile(r"(?<!\w)(?:©|\(c\))?\s*(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)?\d\d)?(?!\w)\.?")
_ADDRESS = re.compile(r"https?://([\w.-]+)\S*")
_PUBLISHED = re.compile(r"\s(?:was|is)\s(?:first\s|originally\s)?published\b.*$")
_IN_CITY = re.compile(r"\s(?:in|à|en|a|aus|из|em)\s[^\W\d_a-zа-яё][\w’' .-]{2,30}$")
_OF = re.compile(r"\s(?:of|for|at|with|de|der|von|pour|para|per|für|da|do|des)\s(?:the\s|der\s|la\s)?$", re.IGNORECASE)
_SMALL = frozenset(
    "is was the to in on of for and has had not at said new won can will by as it he are his but all".split()
)


def read_line(line: str) -> Reading | None:
    """Return whom a line credits that says nothing else; None where it tells, cites or credits a picture.

    Beside holders it may name people, a desk's or author's mark, a year, and the words that lead to a name.
    """
    words = contexts()
    line = _PUBLISHED.sub("", line)
    tokens = [match[0].lower() for match in _WORD.finditer(line)]
    if not tokens or not words.photos.isdisjoint(tokens) or not words.former.isdisjoint(tokens):
        return None
    if _contributed(tokens):
        found = tuple(dict.fromkeys(name.holder for name in mentions(line) if name.form != "framed"))
        return Reading(found, "part", True) if found else None
    if not words.telling.isdisjoint(tokens) and by_alias(line) is None:
        return None
    if tokens[0] in ("copyright", "c") or "©" in line[:3]:
        line = line.split(". ")[0]
    found: list[Holder] = []  # type: ignore[no-redef]
    led = ""
    part = False
    for piece in _PARTS.split(_ADDRESS.sub(r"\1", line)):
        text, lead = _lead(piece)
        led = led or lead
        part = part or lead == "part"
        if not text:
            continue
        holder = _holder(text, bool(lead))
        if holder is not None:
            if holder not in found:
                found.append(holder)
        elif not (found and led == "label") and not _is_person(text):
            return None
    return Reading(tuple(found), led, part) if found else None


def _contributed(tokens: Sequence[str]) -> bool:
    text = " ".join(tokens)
    return "contribut" in text or any(
        phrase in text for phrase in ("with inputs", "with input", "with files", "additional reporting", "inputs from")
    )


def _lead(piece: str) -> tuple[str, str]:
    """Return a piece without the words that lead to a name, and which kind they are: label, byline, part or none."""
    words = contexts()
    rest = _YEAR.sub(" ", piece).strip(" \t.:：–—-*_\"'“”«»>|")
    led = ""
    if rest[:1] == "©":
        rest, led = rest[1:].strip(), "label"
    for _ in range(2):
        if by_alias(rest) is not None:
            break
        matches = list(_WORD.finditer(rest[:80]))[:_LABEL_WORDS]
        for n in range(len(matches), 0, -1):
            phrase = " ".join(match[0] for match in matches[:n]).lower()
            kind = (
                "label"
                if phrase in words.labels
                else "byline"
                if phrase in words.bylines
                else "part"
                if phrase in words.parts
                else ""
            )
            if kind and by_alias(phrase) is None:
                rest, led = rest[matches[n - 1].end() :].lstrip(" :：|-–—'’"), led or kind
                break
        else:
            break
    return _YEAR.sub(" ", rest).strip(), led


def _holder(text: str, led: bool) -> Holder | None:
    """Return the holder that a piece names, beside staff, a place, a person or a desk's mark."""
    text = text.strip(" .:*_\"'“”«»")
    holder = by_alias(text)
    if holder is None and "." in text and " " not in text:
        holder = by_domain(text.split("?")[0].split(":")[0])
    if holder is not None:
        return holder
    names = mentions(text)
    if not names:
        return None
    first, last = names[0], names[-1]
    before, after = text[: first.begin].strip(), text[first.end :].strip()
    if not before and first.form != "framed" and (_is_staff(after) or _is_mark(after) or (led and len(after) <= 40)):
        return first.holder
    if not before and first.form != "framed" and _IN_CITY.match(text[first.end :]):
        return first.holder
    if last.form != "framed" and last.end == len(text.rstrip()):
        ahead = text[: last.begin]
        joined = _OF.search(ahead)
        whole = " " in text[last.begin : last.end] or text[last.begin : last.end].isupper()
        if (joined and _is_person(ahead[: joined.start()])) or (whole and _is_person(ahead)) or _is_staff(ahead):
            return last.holder
    return None


def _is_staff(text: str) -> bool:
    staff = contexts().staff
    plain = text.lower().strip(" .,:’'")
    return plain in staff or (bool(plain) and all(word in staff for word in plain.split()))


def _is_mark(text: str) -> bool:
    """Say whether words are marks of a desk and authors, as behind `PTI KJ HB` and `dpa abc yyzz n1 def`."""
    marks = text.split()
    return (
        0 < len(marks) <= 5
        and all(len(mark) <= _MARK and mark.isalnum() for mark in marks)
        and (text.isupper() or (text.islower() and _SMALL.isdisjoint(marks)))
    )


def _is_person(text: str) -> bool:
    """Say whether words can be a person, a desk's mark, staff or a place: capitalised words, or one short mark."""
    parts = _IN_CITY.sub("", f" {text}").split()
    if not parts:
        return True
    if _is_staff(text) or (len(parts) == 1 and len(text) <= _MARK):
        return True
    return len(parts) <= _NAME_WORDS and all(
        part[0].isupper()
        or (part[0] >= "⺀" and len(part) <= _NAME_SIGNS)
        or part in ("de", "van", "von", "der", "al", "bin", "la")
        for part in parts
    )


def from_byline(byline: str) -> Iterator[Claim]:
    """Yield the credits of a byline: `By Jane Doe, Reuters`, `AFP`, `Von Max Meier, dpa`, `Jane Doe of The Associated Press`."""
    line = byline[:LINE].strip()
    words = contexts()
    tokens = [match[0].lower() for match in _WORD.finditer(line)]
    if not words.former.isdisjoint(tokens) or not words.photos.isdisjoint(tokens):
        return
    seen: set[str] = set()
    for piece in _PARTS.split(line):
        text, lead = _lead(piece)
        holder = _holder(text, bool(lead)) if text else None
        if holder is not None and holder.name not in seen:
            seen.add(holder.name)
            yield Claim(Credit(holder.name, "byline", line, "byline", None, None), holder)


def from_line(words: str, kind: str, where: str) -> Iterator[Claim]:
    """Yield the credits of a line that is known to name a source: a container's credit line, a page's source element."""
    line = " ".join(words[:LINE].split())
    reading = read_line(line)
    if reading is None and where != "tail" and contexts().photos.isdisjoint(map(str.lower, _WORD.findall(line))):
        found = tuple(dict.fromkeys(name.holder for name in mentions(line) if name.form == "alias"))
        reading = Reading(found, "")
    for holder in reading.holders if reading else ():
        yield Claim(
            Credit(holder.name, kind, words.strip()[:LINE], where, None, None),
            holder,
            reading is not None and reading.part,
        )


def from_dateline(text: str, dateline: Dateline | None) -> Iterator[Claim]:
    """Yield a dateline's credits, the first holder first."""
    if dateline is None:
        return
    words = text[dateline.begin : dateline.end]
    for holder in dateline.holders:
        yield Claim(Credit(holder.name, "dateline", words, "text", dateline.begin, dateline.end), holder)


_TOP_LINES = 8
_TOP = 2_000
_TAIL_LINES = 6
_TAIL = 2_000
_TOP_LINE = 100
_TAIL_LINE = 160
_SIGN_OFF = 60
_PARAGRAPH = 60


def from_text(text: str, names: Sequence[Mention], dateline: Dateline | None) -> Iterator[Claim]:
    """Yield credits of lines of the text itself: a byline or agency near the top, closing lines and sign-offs."""
    if not names:
        return
    behind = dateline.end if dateline else 0
    bottom = _bottom(text) if names[-1].end > len(text) - _TAIL else len(text)
    top = _top(text) if names[0].begin < _TOP else 0
    done = -1
    for name in names:
        if name.begin < max(behind, done):
            continue
        if name.begin >= bottom and not (name.end <= top and _body_follows(text, name.end)):
            claims = list(_closing(text, name))
        elif name.end <= top:
            claims = list(_opening(text, name))
        else:
            continue
        yield from claims
        if claims:
            done = claims[-1].credit.end or done


def _top(text: str) -> int:
    end = 0
    for _ in range(_TOP_LINES):
        end = text.find("\n", end, _TOP) + 1
        if end == 0:
            return min(len(text), _TOP)
        while end < _TOP and text[end : end + 1].isspace():
            end += 1
    return end


def _bottom(text: str) -> int:
    begin = len(text)
    floor = max(0, begin - _TAIL)
    for _ in range(_TAIL_LINES):
        while begin > floor and text[begin - 1].isspace():
            begin -= 1
        begin = text.rfind("\n", floor, begin) + 1
        if begin == 0:
            return floor
    return begin


def _body_follows(text: str, end: int) -> bool:
    """Say whether behind a line there is one long enough to be a paragraph."""
    lines = text[end : end + _TAIL].split("\n")[1:]
    return any(len(line) >= _PARAGRAPH for line in lines)


def _line(text: str, name: Mention, reach: int) -> tuple[int, int] | None:
    """Return the line a name stands in, without white space around it; None where it is longer than reach."""
    begin = text.rfind("\n", max(0, name.begin - reach), name.begin) + 1
    if begin == 0 and name.begin > reach:
        return None
    end = text.find("\n", name.end, name.end + reach)
    if end < 0:
        if len(text) > name.end + reach:
            return None
        end = len(text)
    words = text[begin:end]
    begin += len(words) - len(words.lstrip())
    end = begin + len(words.strip())
    return (begin, end) if end - begin <= reach else None


def _opening(text: str, name: Mention) -> Iterator[Claim]:
    line = _line(text, name, _TOP_LINE)
    if line is None:
        return
    begin, end = line
    words = text[begin:end]
    reading = read_line(words)
    if reading is None or reading.part:
        return
    alone = by_alias(words) is not None
    if not reading.led and words[-1] in ".?!":
        return
    if not (reading.led or alone or any(mark in words for mark in "|/·•,(")):
        return
    for holder in reading.holders:
        if holder.kind == "agency" or reading.led:
            kind = "credit line" if reading.led == "label" else "byline"
            yield Claim(Credit(holder.name, kind, words, "text", begin, end), holder)


def _closing(text: str, name: Mention) -> Iterator[Claim]:
    line = _line(text, name, LINE)
    if line is not None:
        begin, end = line
        words = text[begin:end]
        reading = (
            read_line(words.strip("()[]（）"))
            if end - begin <= _TAIL_LINE or words.startswith(("©", "Copyright")) or _contributed(words.lower().split())
            else None
        )
        if reading is not None and (reading.led or len(words) <= _SIGN_OFF):
            for holder in reading.holders:
                if holder.kind == "agency" or reading.led:
                    yield Claim(Credit(holder.name, "tail", words, "text", begin, end), holder, reading.part)
            return
    yield from _sign_off(text, name)


_SENTENCE_END = re.compile(r"[.!?…。\"”»’'][\"”»’')\]]*\s*[-–—―/]{0,2}\s*$")


def _sign_off(text: str, name: Mention) -> Iterator[Claim]:
    """Yield what credits behind the last sentence of a line: `… . (PTI)`, `… . — AFP`, `… . Reuters`, `(With inputs from ANI)`."""
    end = text.find("\n", name.end, name.end + _TAIL_LINE)
    if end < 0:
        end = len(text)
    if end - name.end > _TAIL_LINE:
        return
    end = len(text[:end].rstrip()) if text[end - 1].isspace() else end
    floor = max(text.rfind("\n", 0, name.begin) + 1, name.begin - _TAIL_LINE)
    opening = max(text.rfind(mark, floor, name.begin) for mark in "([（")
    if (
        opening >= 0
        and text[end - 1] in ".)]）"
        and not text[max(name.end, text.find(")", name.end, end)) : end].strip(" .)]）")
    ):
        before = text[floor:opening].rstrip()
        reading = read_line(text[opening + 1 : end].rstrip(" .)]）"))
        own_name = (
            any(m.end == len(before) for m in mentions(before[-60:])) if len(before) <= 60 else _ends_with_name(before)
        )
        if reading and not own_name and (_SENTENCE_END.search(before[-4:]) or not text[end:].strip()):
            for holder in reading.holders:
                yield Claim(Credit(holder.name, "tail", text[opening:end], "text", opening, end), holder, reading.part)
        return
    around = frame(text, name, floor)
    if around and text[around.begin] == "/" and not text[around.end : end].strip(" .") and holders_in(around.inside):
        for holder in holders_in(around.inside):
            yield Claim(Credit(holder.name, "tail", text[around.begin : end], "text", around.begin, end), holder)
        return
    lead = _SENTENCE_END.search(text[max(floor, name.begin - 8) : name.begin])
    if not lead or end - name.begin > _SIGN_OFF or name.begin == floor:
        return
    gap = len(lead[0]) - len(lead[0].lstrip(".!?…。\"”»’')]"))
    marks = lead[0][gap:]
    if not marks or not (marks[0].isspace() or marks[0] in "-–—―/"):
        return
    begin = name.begin - len(marks.lstrip())
    reading = read_line(text[name.begin : end])
    if reading and reading.holders[0] == name.holder and (name.form != "framed" or marks.strip()):
        for holder in reading.holders:
            yield Claim(Credit(holder.name, "tail", text[begin:end], "text", begin, end), holder, reading.part)


def _ends_with_name(before: str) -> bool:
    tail = before[-60:]
    return any(name.end == len(tail) for name in mentions(tail))


_STRENGTH = {"dateline": 0, "byline": 1, "credit line": 2, "tail": 3}


def origin(claims: Sequence[Claim], byline: str | None) -> str | None:
    """Return the agency that the article originates from: the holder of its strongest credit, if that is an agency.

    Datelines are stronger than bylines, credit lines and closing lines. A holder that is only said to have contributed
    is the origin where no byline claims the article for another.
    """
    agencies = [claim for claim in claims if claim.holder.kind == "agency"]
    whole = [claim for claim in agencies if not claim.part]
    if whole:
        return min(whole, key=lambda claim: _STRENGTH[claim.credit.kind]).holder.name
    if agencies and not byline:
        return agencies[0].holder.name
    return None
