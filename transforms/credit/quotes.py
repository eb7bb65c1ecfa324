"""Direct speech and who says it: quotation marks, the words that tell who speaks, and quotes that go on."""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.credit.agencies import by_alias
from transforms.credit.speakers import Article


class Quote(NamedTuple):
    """Quoted words without their marks and who says them: the fields of schemas.articles.QUOTE."""

    speaker: str | None
    text: str
    begin: int
    end: int


class Span(NamedTuple):
    """Quoted words without their marks, code points begin to end."""

    begin: int
    end: int


_MARK = re.compile('["“”„«»＂「」]')
_MATCH = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«", "＂": "＂", "「": "」"}
_NEST = 4


def spans(text: str) -> list[Span]:
    """Return the outermost quoted spans in order.

    Marks of different styles may close each other (`“ … »`). A quote that its paragraph does not close goes on where
    the next paragraph opens with a mark again, and is none otherwise.
    """
    found: list[Span] = []
    stack: list[str] = []
    begin = closed = line_end = -1
    for match in _MARK.finditer(text):
        at, mark = match.start(), match[0]
        if stack and at > line_end:
            goes_on = text[line_end:at].isspace() and mark in (stack[0], _MATCH[stack[0]]) and closed < 0
            if goes_on:
                line_end = _line_end(text, at)
                del stack[1:]
                continue
            if closed >= 0:
                found.append(Span(begin, closed))
            stack.clear()
        if not stack:
            if _opens(text, at, mark):
                stack.append(mark)
                begin, closed, line_end = at + 1, -1, _line_end(text, at)
            continue
        if _closes(text, at, mark, stack):
            while len(stack) > 1 and _MATCH[stack[-1]] != mark and any(_MATCH[opener] == mark for opener in stack[:-1]):
                stack.pop()
            stack.pop()
            closed = at
            if not stack:
                if at > begin:
                    found.append(Span(begin, at))
                closed = -1
        elif len(stack) < _NEST:
            stack.append(mark)
    if stack and closed >= 0:
        found.append(Span(begin, closed))
    return found


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


_BEFORE_OPEN = frozenset("([{—–-:/«“„¡¿>‘'=")


def _opens(text: str, at: int, mark: str) -> bool:
    """Say whether a mark can open a quote where none is open."""
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if after.isspace() or mark in "」":
        return False
    if mark in "«„“「":
        return not before.isalnum() or before >= "⺀"
    return before.isspace() or before in _BEFORE_OPEN or before >= "⺀"


def _closes(text: str, at: int, mark: str, stack: list[str]) -> bool:
    """Say whether a mark closes something of what is open, rather than opening a quote within."""
    before = text[at - 1]
    after = text[at + 1] if at + 1 < len(text) else " "
    if mark in "„「" or (mark == "«" and stack[-1] != "»"):
        return False
    if mark == "“":
        return stack[-1] == "„" or (after.isspace() and not before.isspace())
    if mark == '"':
        return stack[-1] == '"' or not (before.isspace() or before in "([") or after.isspace()
    return True


_LONG = 5
_ALONE = re.compile(r"[\s\-–—•*.,]*")
_ENDS = re.compile(r"[.!?…][\s\"”»’)\]]*$")


def quotes(text: str, headline: str | None = None) -> list[Quote]:
    """Return direct speech in order, with its speaker by the fullest name that headline and text give.

    Words between marks are direct speech where a verb of speech or a source ("according to") belongs to them, or where
    they go on with such words or fill their paragraph; other words between marks are titles, names and irony.
    """
    quoted = spans(text)
    if not quoted:
        return []
    article = Article(text, headline, quoted)
    found: list[Quote] = []
    last: str | None = None
    last_end = -1
    for begin, end in quoted:
        if end - begin < 50 and by_alias(text[begin:end]):
            continue
        said, speaker = article.speaker(begin, end, last, last_end)
        if not said:
            between = text[last_end + 1 : begin - 1] if 0 <= last_end < begin - 1 else None
            words = text.count(" ", begin, end) + 1
            if words < _LONG:
                continue
            alone = article.fills_paragraph(begin, end)
            follows = between is not None and "\n" not in between and last_end >= 0 and _ALONE.fullmatch(between)
            if not alone and not (follows and found):
                continue
            speaker = last
        found.append(Quote(speaker, text[begin:end], begin, end))
        last, last_end = speaker or last, end
    return found
