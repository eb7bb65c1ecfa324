"""A trace shown: whose words are whose, on a terminal with and without colour, as JSON and as a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from typing import Any

from rich.console import Console
from rich.text import Text

from wirecopy.pipelines.terminal.shown import shown
from wirecopy.pipelines.tracing.marked import Mark, Piece, lines
from wirecopy.pipelines.tracing.pages import page
from wirecopy.transforms.tracing.results import Source, Trace, TracedPassage

OWN = "·"
"""Stands for words of no source."""

COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "red")
_CHANGED = ("{", "}")


def label(number: int) -> str:
    """Return the letters that stand for a source: A to Z, AA and so on."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def name(source: Source) -> str:
    """Return who a source is for people: the outlet and, where it is another's text, the agency."""
    if source.outlet and source.agency and source.agency.lower() not in source.outlet.lower():
        return f"{source.outlet}, {source.agency} text"
    return source.outlet or source.agency or "an unknown outlet"


def credit(trace: Trace, source: Source) -> str:
    """Return in words whether the text credits a source."""
    whom = source.agency or source.outlet
    if whom is None:
        return "there is nobody to credit by name"
    return {
        "credited": f"credits {whom}",
        "cited": f"cites {whom}, which is no credit",
        "none": f"does not credit {whom}" if not source.same_outlet else "the same outlet",
    }[source.credit]


def segments(trace: Trace) -> Iterator[tuple[TracedPassage | None, int, int]]:
    """Yield the text in stretches, with the passage that each is; None for words that are nobody's."""
    at = 0
    for passage in trace.passages:
        if trace.text[at : passage.begin].strip():
            yield None, at, passage.begin
        yield passage, passage.begin, passage.end
        at = passage.end
    if any(map(str.isalnum, trace.text[at:])):
        yield None, at, len(trace.text)


def pieces(trace: Trace, passage: TracedPassage | None, begin: int, end: int, mark: Mark) -> Iterator[Piece]:
    """Yield a stretch of the text, the words marked that its source does not have."""
    at = begin
    for first, last in passage.changed if passage else ():
        yield Piece(trace.text[at:first])
        yield Piece(trace.text[first:last], mark)
        at = last
    yield Piece(trace.text[at:end])


def show_trace(trace: Trace, console: Console) -> None:
    """Write a trace to a terminal."""
    wide = max(40, console.width)
    about = "  ".join(part for part in (trace.outlet or "", trace.headline or "") if part)
    _print(console, Text(shown(about) or "a text", "bold"))
    where = "in the lake, left out of its own sources; " if trace.article_id else ""
    console.print(f"{trace.n_words:,} words; {where}compared with {trace.n_articles:,} articles")
    console.print()
    for number, source in enumerate(trace.sources):
        _show_source(trace, label(number), source, COLOURS[number % len(COLOURS)], console)
    if trace.own_words:
        row = Text.assemble(f"{OWN:>3} {trace.own_share:>5.0%}  ", "words of no article that came before")
        console.print(row)
    console.print()
    if trace.later:
        noun = "article" if len(trace.later) == 1 else "articles"
        console.print(f"{len(trace.later):,} {noun} came later and hold words of it:")
        for source in trace.later[:10]:
            _print(console, _line(f"    {source.share:>5.0%}  ", source))
        if len(trace.later) > 10:
            console.print(f"    and {len(trace.later) - 10:,} more")
        console.print()
    if not trace.sources:
        return
    if any(passage.changed for passage in trace.passages):
        console.print(f"{_CHANGED[0]}words in braces{_CHANGED[1]} are not in the source's passage", style="dim")
    gutter = max(3, *(len(label(n)) + 2 for n in range(len(trace.sources))))
    for passage, begin, end in segments(trace):
        letters = OWN if passage is None else label(passage.source)
        style = "dim" if passage is None else COLOURS[passage.source % len(COLOURS)]
        bar = " " if passage is None else "┃"
        mark = Mark(*_CHANGED, "underline")
        for line in lines(pieces(trace, passage, begin, end, mark), wide - gutter - 3):
            row = Text(f"{letters:>{gutter - 1}} {bar} ", style if passage is None else f"bold {style}") + line
            row.rstrip()
            console.print(row, soft_wrap=True)


def _show_source(trace: Trace, letters: str, source: Source, style: str, console: Console) -> None:
    head = f"{letters:>3} {source.share:>5.0%}  "
    row = _line(head, source)
    row.stylize(f"bold {style}", 0, len(head))
    _print(console, row)
    day = f"{source.published_at:%Y-%m-%d}" if source.published_at else "no date"
    sure = f"first with {source.confidence:.0%} confidence" if source.confidence is not None else ""
    facts = "; ".join(part for part in (day, credit(trace, source), sure) if part)
    for text in (facts, source.url or "", source.article_id):
        if text:
            _print(console, Text(" " * len(head) + shown(text), "dim"))


def _line(head: str, source: Source) -> Text:
    return Text.assemble(head, (shown(name(source)), "bold"), f"  {shown(source.headline or '')}")


def _print(console: Console, line: Text) -> None:
    """Write one line, cut where the terminal ends."""
    line.rstrip()
    console.print(line, no_wrap=True, overflow="ellipsis")


def as_json(trace: Trace) -> str:
    """Return a trace as JSON: its fields, with own_share and agencies beside them."""
    told: dict[str, Any] = asdict(trace) | {"own_share": trace.own_share, "agencies": trace.agencies}
    return json.dumps(told, ensure_ascii=False, indent=1, default=lambda value: value.isoformat())


def as_page(trace: Trace) -> str:
    """Return a trace as a page of HTML that needs nothing else and runs nothing."""
    title = " · ".join(part for part in (trace.headline, trace.outlet) if part) or "A text"
    rows = []
    for number, source in enumerate(trace.sources):
        day = f"{source.published_at:%Y-%m-%d %H:%M}" if source.published_at else "no date"
        about = "; ".join(part for part in (day, credit(trace, source)) if part)
        rows.append(
            f'<li class="s{number % 6}"><b>{label(number)}</b> {source.share:.0%} '
            f"<b>{escape(name(source))}</b> {escape(source.headline or '')}"
            f"<small>{escape(about)}<br>{escape(source.url or '')}<br>{source.article_id}</small></li>"
        )
    if trace.own_words:
        rows.append(f"<li><b>{OWN}</b> {trace.own_share:.0%} words of no article that came before</li>")
    body = []
    for passage, begin, end in segments(trace):
        parts = pieces(trace, passage, begin, end, Mark("", "", ""))
        inner = "".join(f"<u>{escape(text)}</u>" if mark else escape(text) for text, mark in parts)
        if passage is None:
            body.append(f"<p>{inner.strip()}</p>")
        else:
            its = f"<details><summary>the source's words</summary>{escape(passage.source_words or '')}</details>"
            letters = label(passage.source)
            body.append(
                f'<blockquote class="s{passage.source % 6}"><b>{letters}</b> {inner}'
                f"{its if passage.source_words else ''}</blockquote>"
            )
    later = "".join(
        f"<li>{source.share:.0%} <b>{escape(name(source))}</b> {escape(source.headline or '')}</li>"
        for source in trace.later
    )
    return page(
        title,
        f"<h1>{escape(title)}</h1><p>{trace.n_words:,} words, compared with {trace.n_articles:,} articles"
        f"{'; in the lake, left out of its own sources' if trace.article_id else ''}</p>"
        f"<ul class=sources>{''.join(rows)}</ul>"
        + (f"<h2>Came later and hold words of it</h2><ul>{later}</ul>" if later else "")
        + f"<h2>Passage by passage</h2><p><small>Underlined words are not in the source's passage.</small></p>"
        f"{''.join(body)}",
    )
