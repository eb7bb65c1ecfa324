"""The report as one page of HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from wirecopy.pipelines.pages import figures as draw
from wirecopy.pipelines.pages.render import asset, embedded, page, source_hash
from wirecopy.pipelines.report.facts import OTHER
from wirecopy.pipelines.report.selection import Selection

MOST_BYTES = 1_480_000
"""Bytes that a page has at most: texts that do not fit are left out, those of the last pairs first."""


class Drawn(NamedTuple):
    """A figure for wide and for narrow screens."""

    wide: draw.Figure
    narrow: draw.Figure


def _both(
    make: Callable[[Any, int], draw.Figure], values: Any, widths: tuple[int, int] = (draw.WIDE, draw.NARROW)
) -> Drawn:
    return Drawn(make(values, widths[0]), make(values, widths[1]))


def drawings(facts: dict[str, Any]) -> dict[str, Drawn]:
    """Return the figures of a report by name; those for which there is nothing to draw are left out."""
    made = {}
    if facts["glance"]["articles"]:
        made["period"] = _both(draw.bars, facts["bars"])
    if facts["flows"]["edges"]:
        made["flows"] = _both(draw.flows, facts["flows"]["edges"])
    if facts["speed"]["drawn"]:
        made["speed"] = _both(draw.lags, facts["speed"]["drawn"])
    return made


def html(facts: dict[str, Any], selection: Selection, lake: Path, made: dt.datetime) -> str:
    """Return the page.

    Args:
        facts: what `gather` found.
        selection: what was chosen.
        lake: the lake's folder, of which the page tells the name.
        made: when it is made.
    """
    style, script = asset("page.css"), asset("sides.js") + asset("report.js").replace('"use strict";\n', "", 1)
    for story in facts["stories"].rows:
        story["figure"] = _both(draw.timeline, story["dots"], (600, 360))
    first, last = facts["glance"]["first_at"], facts["glance"]["last_at"]
    values = facts | {
        "title": "Whose text is it?",
        "period": "at times that are not known" if first is None else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
        "chosen": selection.told(),
        "lake": lake.resolve().name,
        "made": made,
        "command": selection.command(),
        "version": version("wirecopy"),
        "figures": drawings(facts),
        "place": {label: n for n, label in enumerate(facts["cube"]["buckets"])},
        "style": Markup(style),
        "script": Markup(script),
        "style_hash": source_hash(style),
        "script_hash": source_hash(script),
    }
    shelf = facts["shelf"] | {"cube": facts["cube"], "others": OTHER}
    whole = page("report.html", **values, data=embedded(shelf))
    excess, texts = len(whole.encode()) - MOST_BYTES, dict(shelf["texts"])
    if excess <= 0:
        return whole
    while texts and excess > 0:
        excess -= len(embedded(dict([texts.popitem()])).encode()) - 2
    return page("report.html", **values, data=embedded(shelf | {"texts": texts}))
