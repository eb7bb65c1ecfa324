"""Direct speech and who says it: quotation marks, the words that tell who speaks, and quotes that go on."""

from __future__ import annotations

import re
from typing import NamedTuple

from wirecopy.transforms.credit.agencies import by_alias
from wirecopy.transforms.credit.quotes.speakers import Article, Spoken


class Quote(NamedTuple):
    """Quoted words without their marks and who says them: the fields of schemas.articles.QUOTE."""

    speaker: str | None
    text: str
    begin: int
    end: int


class Span(NamedTuple):
    """Quoted words, code points begin to end, and the marks around them, at opening and at closing."""

    begin: int
    end: int
    opening: int
    closing: int


_MARK = re.compile('["“”„«»＂「」‘’]')
_MATCH = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«", "＂": "＂", "「": "」", "‘": "’"}
_NEST = 4


def spans(text: str) -> list[Span]:
    """Return the outermost quoted spans in order.

    Marks of different styles may close each other (`“ … »`). A quote that its paragraph does not close goes on where
    the next paragraph opens with a mark again, and ends at the last mark that could close it otherwise.
    """
    found: list[Span] = []
    stack: list[str] = []
    opening = closing = line_end = -1
    for match in _MARK.finditer(text):
        at, mark = match.start(), match[0]
        if mark == "’" and (not stack or text[at + 1 : at + 2].isalnum()):
            continue
        if stack and at > line_end:
            if closing < 0 and mark in (stack[0], _MATCH[stack[0]]) and mark != "’" and text[line_end:at].isspace():
                line_end = _line_end(text, at)
                del stack[1:]
                continue
            if closing >= 0:
                _keep(found, text, opening, closing)
            stack.clear()
        if not stack:
            if _opens(text, at, mark):
                stack.append(mark)
                opening, closing = at, -1
                if at > line_end:
                    line_end = _line_end(text, at)
        elif mark in "‘’":
            if stack[0] == "‘" and mark == "’":
                closing = at
                if text[at - 1] in ",.?!…":
                    _keep(found, text, opening, closing)
                    stack.clear()
        elif _closes(text, at, mark, stack):
            while len(stack) > 1 and _MATCH[stack[-1]] != mark and any(_MATCH[opener] == mark for opener in stack):
                stack.pop()
            stack.pop()
            closing = at
            if not stack:
                _keep(found, text, opening, closing)
        elif len(stack) < _NEST:
            stack.append(mark)
    if stack and closing >= 0:
        _keep(found, text, opening, closing)
    return found


def _keep(found: list[Span], text: str, opening: int, closing: int) -> None:
    words = text[opening + 1 : closing]
    begin = opening + 1 + len(words) - len(words.lstrip())
    end = begin + len(words.strip())
    if end > begin:
        found.append(Span(begin, end, opening, closing))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


_BEFORE_OPEN = frozenset("([{—–-:/«“„¡¿>‘'=")


def _opens(text: str, at: int, mark: str) -> bool:
    """Say whether a mark can open a quote where none is open."""
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if mark == "«":
        return not before.isalnum()
    if after.isspace() or mark == "」":
        return False
    if mark in "„“「":
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


_SENTENCE_SPACES = 4
_LONGEST_NAME = 50
_ENDED = (".", "!", "?", "…")
_SENTENCE = re.compile(r"[^\W\d_]{3}[.!?…]\s+[^\W_]")
_PAUSE = 400
MOST_QUOTES = 20_000
"""Quoted spans of an article that are read; no article has as many."""


def quotes(text: str, headline: str | None = None, language: str | None = None) -> list[Quote]:
    """Return direct speech in order, with its speaker by the fullest name that headline and text give.

    Words between marks are direct speech where a verb of speech or a source ("according to") belongs to them, where
    whole sentences go on with such words, or where they are a paragraph or a sentence of their own; other words between
    marks are titles, names and irony. Of a sentence on its own the speaker is who spoke before.
    """
    quoted = spans(text)[:MOST_QUOTES]
    if not quoted:
        return []
    article = Article(text, headline, [(span.opening, span.closing) for span in quoted], language)
    found: list[Quote] = []
    previous = Spoken(None, -1)
    for span in quoted:
        if span.end - span.begin < _LONGEST_NAME and by_alias(text[span.begin : span.end]):
            continue
        said, speaker = article.speaker(span.opening, span.closing, previous)
        if not said:
            whole = text.count(" ", span.begin, span.end) >= _SENTENCE_SPACES
            alone = whole and (article.fills_paragraph(span.opening, span.closing) or _is_sentence(text, span))
            if not alone and not _goes_on(text, span, previous.closing):
                continue
            speaker = previous.speaker
        found.append(Quote(speaker, text[span.begin : span.end], span.begin, span.end))
        previous = Spoken(speaker or previous.speaker, span.closing)
    return found


def _is_sentence(text: str, span: Span) -> bool:
    """Say whether a quote is a sentence among sentences."""
    before = text[max(0, span.opening - 3) : span.opening].rstrip()
    begins = text[span.begin].isupper() and before[-1:] in (".", "!", "?", "…", ":", "")
    return begins and text[span.end - 1] in ".!?…"


def _goes_on(text: str, span: Span, last_closing: int) -> bool:
    """Say whether whole sentences go on with the quote before: in its paragraph, with no sentence between the two."""
    if last_closing < 0 or span.opening - last_closing > _PAUSE or text[span.end - 1] not in ".!?…,":
        return False
    between = text[last_closing + 1 : span.opening]
    if "\n" in between:
        return False
    ended = between.rstrip().endswith((*_ENDED, ":")) and not _SENTENCE.search(between)
    return ended or not between.strip(" \t-–—•*.,")
