"""What stands in a text as somebody else's words, however that is shown: more than direct speech whose speaker is told.

Besides quotation marks these are quotes that run over paragraphs and are closed once, dialogue that dashes open,
transcripts whose speakers stand in front, blocks that are set off, posts with their handle behind them, and what a line
such as "The full statement:" announces.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from wirecopy.transforms.credit.quotes.phrases import speech
from wirecopy.transforms.credit.quotes.quotes import MOST_QUOTES, spans


class Line(NamedTuple):
    """A line of a text that is not blank: its code points begin to end, white space aside."""

    begin: int
    end: int
    indent: int


_CLOSED_BY = {"“": "”“", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "‹": "›", "〝": "〟", '"': '"'}
_OTHER_MARKS = re.compile(
    r"『[^『』]{2,2000}』|‹[^‹›\n]{8,2000}›|〝[^〝〟]{2,2000}〟|``[^`]{8,2000}?''|(?<![^\s(—–])'(?=\w)[^\n]{20,2000}?[.,?!…]'(?!\w)"
)
_OTHERS = ("『", "‹", "〝", "``", " '", "\n'", "('")
"""What one of the other marks begins with."""
_LONGEST_RUN = 6_000
"""Code points of a quote that is opened once and closed paragraphs later, at most."""

_DASH = "—–―"
_TRANSCRIPT = re.compile(r"(?:[A-ZÀ-ÞА-ЯЁ][A-ZÀ-ÞА-ЯЁ.'’-]+ ?){1,4}(?:\([^)\n]{1,40}\) ?)?: |[QAВОPRF]\s?[.:–—] ")
_POSTED = re.compile(r"[—–-]\s?.{0,80}\(@\w{2,30}\)|@\w{2,30}$")
_LINKED = re.compile(r"(?:pic\.twitter\.com|\bt\.co)/\w+$")
_SIGNED = re.compile(r"[—–―]\s?[A-ZÀ-ÞА-ЯЁ][\w.'’-]* [A-ZÀ-ÞА-ЯЁ][^.!?\n]{2,80}$")
_FULL = re.compile(
    r"(?i)\b(?:full|complete|entire) (?:text|statement|transcript|speech|remarks|letter|message)\b"
    r"|\b(?:statement|text|transcript|speech|remarks|letter|message)\b[^.\n]{0,60} in full\b"
    r"|\bread the (?:full )?(?:statement|letter|speech)\b|\bim wortlaut\b|\bwortlaut\b"
    r"|\b(?:texte|déclaration|communiqué|discours|lettre)\b[^.\n]{0,40}\b(?:intégral|intégrale|complet|complète)"
    r"|\bin extenso\b|\b(?:texto|comunicado|discurso|carta|declaración|mensaje)\b[^.\n]{0,30}\b(?:íntegr|complet)"
    r"|\bíntegra d[aeo]\b|\btesto integrale\b|\bполный текст\b|\bтекст (?:заявления|обращения|письма)\b"
    r"|\bvolledige (?:verklaring|tekst)\b|\bpełn[ay] (?:treść|oświadczenie)\b|全文"
)
_SAYS = re.compile(r"[^\W\d_]+")
_SHORT = 100
"""Code points of a line that announces somebody's words with no colon, and of those before a colon that are read."""
_INDENT = 2
"""Spaces by which a block stands in from the other lines, at least; two lines of some length do not."""
_BLOCK = 40
"""Code points of a line of such a block, at least."""
_ANNOUNCED = 8_000
"""Code points that a line announces as somebody's words, at most."""


def quoted(text: str) -> list[tuple[int, int]]:
    """Return the spans of a text, code points begin to end, that are shown as somebody's words; in order, apart."""
    found = [(span.begin, span.end) for span in spans(text)[:MOST_QUOTES]]
    if any(mark in text for mark in _OTHERS):
        found += [(match.start() + 1, match.end() - 1) for match in _OTHER_MARKS.finditer(text)]
    lines = _lines(text)
    if len(lines) > 1:
        found += _opened_once(text, lines, sorted(found))
        found += _dialogue(text, lines)
        found += _set_off(text, lines)
        found += _announced(text, lines)
    return _joined(found)


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        elif end > begin:
            joined.append((begin, end))
    return joined


def _lines(text: str) -> list[Line]:
    lines = []
    at = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            begin = at + len(line) - len(line.lstrip())
            lines.append(Line(begin, begin + len(stripped), begin - at))
        at += len(line) + 1
    return lines


def _opened_once(text: str, lines: list[Line], known: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return quotes that a mark opens at the head of a line, or behind a colon, and one of a later line closes."""
    found: list[tuple[int, int]] = []
    reached = 0
    for line in lines[:-1]:
        colon = text.rfind(": ", line.begin, line.end)
        for opening in (line.begin, colon + 2):
            mark = text[opening]
            if mark not in _CLOSED_BY or opening < max(reached, line.begin):
                continue
            within = bisect_right(known, (opening + 1, len(text))) - 1
            closes = _CLOSED_BY[mark]
            if any(one in text[opening + 1 : line.end] for one in closes) or (
                within >= 0 and opening < known[within][1]
            ):
                continue
            until = min(len(text), opening + _LONGEST_RUN)
            closing = min((at for one in closes if (at := text.find(one, line.end, until)) >= 0), default=-1)
            again = text.find(mark, line.end, until) if mark not in closes else -1
            if closing < 0 or 0 <= again < closing:
                continue
            if not text[closing - 1].isspace() and not text[closing + 1 : closing + 2].isalnum():
                found.append((opening + 1, closing))
                reached = closing
    return found


def _says(line: str) -> bool:
    verbs = speech().verbs
    return any(word in verbs for word in _SAYS.findall(line))


def _dialogue(text: str, lines: list[Line]) -> list[tuple[int, int]]:
    """Return lines that a dash opens as speech, and those of a transcript, behind their speakers."""
    dashed = [n for n, line in enumerate(lines) if text[line.begin] in _DASH and line.end - line.begin > 3]
    found = []
    beside = set(dashed)
    for n in dashed:
        line = lines[n]
        words = text[line.begin + 1 : line.end]
        if not words.lstrip()[:1].isupper() and words.lstrip()[:1] not in '¿¡«“"…':
            continue
        told = any(dash in words for dash in _DASH) and _says(words)
        talk = (n - 1 in beside or n + 1 in beside) and words.rstrip()[-1:] in ".?!…"
        asked = talk and any(text[lines[k].end - 1] in "?!" for k in (n - 1, n, n + 1) if k in beside)
        if told or asked:
            found.append((line.begin + 1, line.end))
    spoken = [(line, match) for line in lines if (match := _TRANSCRIPT.match(text, line.begin, line.end))]
    if len(spoken) > 1:
        found += [(match.end(), line.end) for line, match in spoken]
    return found


def _set_off(text: str, lines: list[Line]) -> list[tuple[int, int]]:
    """Return blocks that are indented or marked as quoted, posts, and what is signed by a line of its own."""
    found = []
    usual = min(line.indent for line in lines)

    def stands_in(line: Line) -> bool:
        return line.indent >= usual + _INDENT

    flush = [n for n, line in enumerate(lines) if not stands_in(line) and line.end - line.begin > _SHORT]
    for n, line in enumerate(lines):
        if text[line.begin] == ">" and text[line.begin + 1 : line.begin + 2] in " >":
            found.append((line.begin + 1, line.end))
        elif _LINKED.search(text, max(line.begin, line.end - _BLOCK), line.end) or (
            stands_in(line) and len(flush) > 1 and flush[0] < n and line.end - line.begin > _BLOCK
        ):
            found.append((line.begin, line.end))
        elif n and (_POSTED.match(text, line.begin, line.end) or _signs(text, lines, n)):
            before = lines[n - 1]
            found.append((before.begin, before.end))
    return found


def _signs(text: str, lines: list[Line], n: int) -> bool:
    line = lines[n]
    signed = _SIGNED.match(text, line.begin, line.end)
    return bool(signed) and line.end - line.begin < 60 and text[lines[n - 1].end - 1] in '.!?…”"»'


def _announced(text: str, lines: list[Line]) -> list[tuple[int, int]]:
    """Return what follows a line that announces it: all that is left for a full text, else one paragraph."""
    found = []
    for n, line in enumerate(lines[:-1]):
        leads = text[line.end - 1] in ":："
        if not leads and line.end - line.begin > _SHORT:
            continue
        sentence = re.split(r"(?<=[.!?])\s", text[max(line.begin, line.end - _SHORT) : line.end])[-1]
        if _FULL.search(sentence):
            found.append((lines[n + 1].begin, min(lines[-1].end, line.end + _ANNOUNCED)))
            break
        if leads and _says(sentence):
            found.append((lines[n + 1].begin, lines[n + 1].end))
    return found
