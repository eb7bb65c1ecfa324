"""Two texts shown side by side: on a terminal with and without colour, as JSON and as a page."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from html import escape
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from wirecopy.pipelines.terminal.shown import shown
from wirecopy.pipelines.tracing.marked import Mark, Piece, columns, lines
from wirecopy.pipelines.tracing.pages import page
from wirecopy.transforms.tracing.diff import MOVED, ONLY_A, ONLY_B, SHARED, Change, Diff, Stretch, diff

GONE, CAME = Mark("[-", "-]", "red"), Mark("{+", "+}", "green")
SIGNS = {ONLY_A: "<", ONLY_B: ">", MOVED: "M"}
CHANGED = "~"
STYLES = {"<": "red", ">": "green", "M": "yellow", CHANGED: "cyan", " ": ""}
LEGEND = "[-first-] {+second+}   ~ changed   < first only   > second only   M elsewhere"
MOST_TOLD = 8

_SENTENCE = re.compile(r".+?(?:[.!?…。！？][\"”’»)]*\s+|\n+|$)", re.DOTALL)


class Side(NamedTuple):
    """One of two texts, and what is known of it."""

    called: str
    text: str
    headline: str | None = None
    outlet: str | None = None
    url: str | None = None
    language: str | None = None
    article_id: str | None = None
    at: dt.datetime | None = None


class Compared(NamedTuple):
    """Two sides, how their texts differ, and how their headlines do; None where both have the same or none."""

    a: Side
    b: Side
    text: Diff
    headline: Diff | None


class Row(NamedTuple):
    """What stands side by side, and a sign for what it is."""

    a: list[Piece]
    b: list[Piece]
    sign: str
    kind: str


def compared(a: Side, b: Side) -> Compared:
    """Compare two sides."""
    headline = None
    if (a.headline or b.headline) and a.headline != b.headline:
        headline = diff(a.headline or "", b.headline or "", a.language, b.language)
    return Compared(a, b, diff(a.text, b.text, a.language, b.language), headline)


def rows(found: Diff) -> Iterator[Row]:
    """Yield what stands side by side, a sentence or so a row."""
    for stretch in found.stretches:
        if stretch.kind == ONLY_A:
            yield Row([Piece(found.a[stretch.a_begin : stretch.a_end])], [], "<", ONLY_A)
        elif stretch.kind == ONLY_B:
            yield Row([], [Piece(found.b[stretch.b_begin : stretch.b_end])], ">", ONLY_B)
        else:
            yield from _sentences(found, stretch)


def _sentences(found: Diff, stretch: Stretch) -> Iterator[Row]:
    """Yield a stretch that both have, cut where a sentence ends in both alike."""
    a: list[Piece] = []
    b: list[Piece] = []
    a_at, b_at = stretch.a_begin, stretch.b_begin
    end = Change(stretch.a_end, stretch.a_end, stretch.b_end, stretch.b_end, "", False, False)
    for change in (*stretch.changes, end):
        one, other = found.a[a_at : change.a_begin], found.b[b_at : change.b_begin]
        ours, theirs = _SENTENCE.findall(one), _SENTENCE.findall(other)
        if len(ours) != len(theirs):
            ours, theirs = [one], [other]
        for n, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            if n and (a or b):
                yield _row(a, b, stretch.kind)
                a, b = [], []
            a.append(Piece(left))
            b.append(Piece(right))
        a.append(Piece(found.a[change.a_begin : change.a_end], GONE))
        b.append(Piece(found.b[change.b_begin : change.b_end], CAME))
        a_at, b_at = change.a_end, change.b_end
    yield _row(a, b, stretch.kind)


def _row(a: list[Piece], b: list[Piece], kind: str) -> Row:
    changed = any(piece.mark and piece.text for piece in (*a, *b))
    return Row(a, b, SIGNS.get(kind, CHANGED if changed else " "), kind)


def show_diff(found: Compared, console: Console) -> None:
    """Write two texts side by side to a terminal."""
    wide = max(40, console.width)
    left = (wide - 3) // 2
    widths = (left, wide - 3 - left)
    _show(_heads(found.a), _heads(found.b), " ", widths, console)
    console.print("─" * left + "─┼─" + "─" * widths[1])
    if found.headline:
        for row in rows(found.headline):
            _show(lines(row.a, widths[0]), lines(row.b, widths[1]), row.sign, widths, console)
        console.print("─" * left + "─┼─" + "─" * widths[1])
    for row in rows(found.text):
        _show(lines(row.a, widths[0]), lines(row.b, widths[1]), row.sign, widths, console)
    console.print()
    for line in summary(found):
        console.print(Text(shown(line)))
    console.print(Text(LEGEND, "dim"))


def _heads(side: Side) -> list[Text]:
    named = "  ".join(part for part in (side.called, side.outlet or "") if part)
    told = [Text(shown(named), "bold")]
    told += [Text(shown(side.headline), "bold")] if side.headline else []
    told += [Text(f"{side.at:%Y-%m-%d %H:%M} UTC", "dim")] if side.at else []
    told += [Text(shown(part), "dim") for part in (side.url, side.article_id) if part]
    return told


def _show(a: list[Text], b: list[Text], sign: str, widths: tuple[int, int], console: Console) -> None:
    while a and b and not a[-1].plain and not b[-1].plain:
        a, b = a[:-1], b[:-1]
    cells = [[_fit(line, width) for line in cell] for cell, width in zip((a, b), widths, strict=True)]
    for left, right in columns(cells, widths):
        row = left + Text(f" {sign} " if sign != " " else " │ ", STYLES[sign]) + right
        row.rstrip()
        console.print(row, soft_wrap=True)


def _fit(line: Text, width: int) -> Text:
    line.truncate(width, overflow="ellipsis")
    return line


def summary(found: Compared) -> Iterator[str]:
    """Yield in words how much is alike, and which numbers and names were changed."""
    text = found.text
    changes = text.changes
    counts = {kind: sum(1 for one in changes if one.kind == kind) for kind in ("replaced", "deleted", "inserted")}
    told = ", ".join(f"{n:,} {kind}" for kind, n in counts.items() if n)
    same = f"{text.alike:.0%} of the longer text's {max(text.a_words, text.b_words):,} words are alike"
    yield same + (f"; within what both have: {told}" if told else "")
    alone = {kind: sum(1 for one in text.stretches if one.kind == kind) for kind in (ONLY_A, ONLY_B, MOVED)}
    if any(alone.values()):
        names = {ONLY_A: "only in the first", ONLY_B: "only in the second", MOVED: "moved"}
        yield "stretches " + ", ".join(f"{names[kind]}: {n:,}" for kind, n in alone.items() if n)
    if found.headline:
        yield f"headline: {found.a.headline or 'none'} → {found.b.headline or 'none'}"
    for what, which in (("numbers", "number"), ("names", "name")):
        if listed := [_told(text, one) for one in changes if getattr(one, which)]:
            more = f" and {len(listed) - MOST_TOLD:,} more" if len(listed) > MOST_TOLD else ""
            yield f"changed {what}: {'; '.join(listed[:MOST_TOLD])}{more}"


def _told(text: Diff, change: Change) -> str:
    was, now = text.a[change.a_begin : change.a_end], text.b[change.b_begin : change.b_end]
    return f"{' '.join(was.split()) or 'nothing'} → {' '.join(now.split()) or 'nothing'}"


def as_json(found: Sequence[Compared]) -> str:
    """Return comparisons as JSON: sides with their texts, and the stretches of texts and headlines."""
    told = []
    for one in found:
        text, headline = asdict(one.text), asdict(one.headline) if one.headline else None
        told.append(
            {
                "a": one.a._asdict(),
                "b": one.b._asdict(),
                "alike": one.text.alike,
                "a_words": one.text.a_words,
                "b_words": one.text.b_words,
                "common_words": one.text.common_words,
                "stretches": text["stretches"],
                "headline": headline and headline["stretches"],
            }
        )
    return json.dumps(told, ensure_ascii=False, indent=1, default=lambda value: value.isoformat())


def as_page(found: Sequence[Compared]) -> str:
    """Return comparisons as a page of HTML that needs nothing else and runs nothing."""
    return page("Side by side", "".join(map(_table, found)))


def _table(found: Compared) -> str:
    heads = "".join(f"<th>{_head(side)}</th>{gap}" for side, gap in ((found.a, "<th></th>"), (found.b, "")))
    body = "".join(map(_line, rows(found.headline))) if found.headline else ""
    body += "".join(map(_line, rows(found.text)))
    told = "".join(f"<li>{escape(line)}</li>" for line in summary(found))
    return f"<table><colgroup><col><col class=sign><col></colgroup><tr>{heads}</tr>{body}</table><ul>{told}</ul>"


def _head(side: Side) -> str:
    at = f"{side.at:%Y-%m-%d %H:%M} UTC" if side.at else ""
    parts = (side.called, side.outlet, side.headline, at, side.url, side.article_id)
    return "<br>".join(escape(part) for part in parts if part)


def _line(row: Row) -> str:
    kind = {ONLY_A: "a", ONLY_B: "b", MOVED: "moved", SHARED: "shared"}[row.kind]
    sign = escape(row.sign)
    a, b = _cell(row.a, "del"), _cell(row.b, "ins")
    return f"<tr class={kind}><td>{a}</td><td class=sign>{sign}</td><td>{b}</td></tr>"


def _cell(pieces: Sequence[Piece], tag: str) -> str:
    return "".join(
        f"<{tag}>{escape(piece.text)}</{tag}>" if piece.mark and piece.text else escape(piece.text) for piece in pieces
    ).strip()
