"""Whose text an article is, as it says itself: dateline, byline, credit line and closing lines.

A credit says that words of this article are the holder's. A citation says that the article tells what somebody
reported, and a photo credit speaks of a picture: neither is a credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wirecopy.transforms.credit.agencies import Holder, Mention, by_alias, mentions
from wirecopy.transforms.credit.contexts import contexts
from wirecopy.transforms.credit.datelines import Dateline, frame, holders_in
from wirecopy.transforms.credit.lines import Reading, contributed, read_byline, read_line, words_of


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


CONTRIBUTION, REPUBLICATION, RELEASE = "contribution", "republication", "press release"
LINE = 300
"""Code points of a byline, credit line or closing line that are read."""


def from_byline(byline: str) -> Iterator[Claim]:
    """Yield the credits of a byline: `By Jane Doe, Reuters`, `AFP`, `Von Max Meier, dpa`, `Jane Doe of TASS`."""
    line = byline[:LINE].strip()
    for holder in read_byline(line):
        yield Claim(Credit(holder.name, "byline", line, "byline", None, None), holder)


def from_line(words: str, kind: str, where: str) -> Iterator[Claim]:
    """Yield the credits of a line that is known to name a source: a container's credit line, a source element."""
    line = " ".join(words[:LINE].split())
    reading = read_line(line)
    if reading is None and where != "tail" and contexts().photos.isdisjoint(words_of(line)):
        reading = Reading(tuple(dict.fromkeys(name.holder for name in mentions(line) if name.form == "alias")), "")
    for holder in reading.holders if reading else ():
        part = reading is not None and reading.part
        credit = Credit(holder.name, CONTRIBUTION if part else kind, words[:LINE].strip(), where, None, None)
        yield Claim(credit, holder, part)


def from_dateline(text: str, dateline: Dateline | None) -> Iterator[Claim]:
    """Yield a dateline's credits, the first holder first."""
    if dateline is not None:
        yield from _claims(text, dateline.begin, dateline.end, "dateline", dateline.holders)


def _claims(
    text: str, begin: int, end: int, kind: str, holders: Sequence[Holder], part: bool = False
) -> Iterator[Claim]:
    for holder in holders:
        credit = Credit(holder.name, CONTRIBUTION if part else kind, text[begin:end], "text", begin, end)
        yield Claim(credit, holder, part)


_TOP = 2_000
_TOP_LINES = 8
_TOP_LINE = 100
_TAIL = 2_000
_TAIL_LINES = 6
_TAIL_LINE = 160
_SIGN_OFF = 60
_PARAGRAPH = 60


def from_text(text: str, names: Sequence[Mention], dateline: Dateline | None) -> Iterator[Claim]:
    """Yield credits of lines of the text itself: a byline or agency near the top, closing lines and sign-offs.

    Args:
        text: the article.
        names: `agencies.mentions(text)`.
        dateline: its dateline; names in it are passed over.
    """
    if not names:
        return
    done = dateline.end if dateline else 0
    bottom = _bottom(text) if names[-1].end > len(text) - _TAIL else len(text)
    top = _top(text) if names[0].begin < _TOP else 0
    for name in names:
        if name.begin < done:
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
    """Return where the lines end that may hold a byline."""
    end = 0
    for _ in range(_TOP_LINES):
        end = text.find("\n", end, _TOP) + 1
        if end == 0:
            return min(len(text), _TOP)
        while end < _TOP and text[end : end + 1].isspace():
            end += 1
    return end


def _bottom(text: str) -> int:
    """Return where the lines begin that may close the article."""
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
    end = _line_end(text, name, reach)
    words = text[begin:end]
    begin += len(words) - len(words.lstrip())
    return (begin, end) if end - begin <= reach else None


def _line_end(text: str, name: Mention, reach: int) -> int:
    """Return where the line of a name ends, without white space; beyond reach, some point beyond reach."""
    end = text.find("\n", name.end, name.end + reach + 1)
    words = text[name.end : end if end >= 0 else name.end + reach + 1]
    return name.end + len(words.rstrip())


_SEPARATED = re.compile(r"[|/·•,]|\s[-–—]\s")


def _opening(text: str, name: Mention) -> Iterator[Claim]:
    """Yield what a byline or label near the top credits."""
    line = _line(text, name, _TOP_LINE)
    if line is None:
        return
    words = text[slice(*line)]
    reading = read_line(words)
    if reading is None or reading.part:
        return
    several = len(reading.holders) > 1 or by_alias(words) is not None
    separate = words[-1] not in ".?!" and (several or _SEPARATED.search(words) is not None)
    if reading.led or separate:
        kind = "credit line" if reading.led == "label" else "byline"
        yield from _claims(text, *line, kind, _creditable(reading))


def _creditable(reading: Reading) -> list[Holder]:
    """Return the holders that a line credits: outlets only behind a label, for their bare names are furniture."""
    return [holder for holder in reading.holders if holder.kind == "agency" or reading.led]


def _closing(text: str, name: Mention) -> Iterator[Claim]:
    """Yield what a closing line credits, or else what is set behind the line's last sentence."""
    line = _line(text, name, LINE)
    if line is not None:
        words = text[slice(*line)]
        short = len(words) <= _TAIL_LINE or words.startswith(("©", "Copyright")) or contributed(words_of(words))
        reading = read_line(words.strip("()[]（）")) if short else None
        if reading is not None and (reading.led or len(words) <= _SIGN_OFF):
            yield from _claims(text, *line, "tail", _creditable(reading), reading.part)
            return
    end = _line_end(text, name, _TAIL_LINE)
    if end - name.end <= _TAIL_LINE:
        floor = max(text.rfind("\n", 0, name.begin) + 1, name.begin - _TAIL_LINE)
        yield from _bracketed(text, name, floor, end) or _signed(text, name, floor, end)


_SENTENCE_END = re.compile(r"[.!?…。\"”»’'][\"”»’')\]]*\s*$")
_DASH = re.compile(r"[.!?…。\"”»’')\]](?P<sign>\s+[-–—―/]{0,2}\s*|[-–—―/]{1,2}\s*)$")


def _bracketed(text: str, name: Mention, floor: int, end: int) -> list[Claim]:
    """Return what brackets or slashes that end a line credit: `… . (PTI)`, `(With inputs from ANI)`, `/ritzau/`."""
    opening = max(text.rfind(mark, floor, name.begin) for mark in "([（")
    if opening >= 0 and text[end - 1] in ".)]）":
        before = text[floor:opening].rstrip()
        inside = text[opening + 1 : end].rstrip(" .)]）")
        last = not text[end : end + _TAIL].strip()
        reading = read_line(inside) if not _BRACKET.search(inside) else None
        if reading and (last or _SENTENCE_END.search(before[-4:])) and not _ends_with_name(before[-_SIGN_OFF:]):
            return list(_claims(text, opening, end, "tail", reading.holders, reading.part))
        return []
    around = frame(text, name, floor)
    if around and text[around.begin] == "/" and not text[around.end : end].strip(" ."):
        return list(_claims(text, around.begin, end, "tail", holders_in(around.inside)))
    return []


_BRACKET = re.compile(r"[)\]）]")


def _ends_with_name(before: str) -> bool:
    """Say whether words end with a holder's name, so that brackets behind them hold its short form."""
    return any(name.end == len(before) for name in mentions(before))


_STOP = re.compile(r"[.!?…][\"”»’')\]]?\s+")


def _signed(text: str, name: Mention, floor: int, end: int) -> list[Claim]:
    """Return what stands behind a line's last sentence: `… . — AFP`, `… . Reuters`, `… . PTI KJ HB`."""
    if end - name.begin > _SIGN_OFF:
        return []
    dash = _DASH.search(text[max(floor, name.begin - 8) : name.begin])
    if dash is None:
        stops = [stop.end() for stop in _STOP.finditer(text, max(floor, name.begin - _SIGN_OFF), name.begin)]
        reading = read_line(text[stops[-1] : end]) if stops else None
        if reading is None or not reading.led:
            return []
        return list(_claims(text, stops[-1], end, "tail", reading.holders, reading.part))
    sign = dash["sign"].lstrip()
    if text[end - 1] in ")]）" and not any(mark in text[name.begin : end] for mark in "([（"):
        end -= 1
    reading = read_line(text[name.begin : end])
    if reading is None or reading.holders[0] != name.holder or (name.form == "framed" and not sign):
        return []
    return list(_claims(text, name.begin - len(sign), end, "tail", _creditable(reading), reading.part))


_STRENGTH = {"dateline": 0, "byline": 1, "credit line": 2, "tail": 3, REPUBLICATION: 4, RELEASE: 5}


def origin(claims: Sequence[Claim]) -> str | None:
    """Return the agency that the article originates from: the holder of its strongest credit, if that is an agency.

    Datelines are stronger than bylines, credit lines and closing lines. A holder that is only said to have contributed
    is not the origin: what it gave is a part of somebody else's report. Nor is a service that passes on press releases:
    these are the words of who sent them.
    """
    whole = [claim for claim in claims if claim.holder.kind == "agency" and not (claim.part or claim.holder.releases)]
    return min(whole, key=lambda claim: _STRENGTH[claim.credit.kind]).holder.name if whole else None
