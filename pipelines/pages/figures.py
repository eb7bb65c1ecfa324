"""The figures: flows, periods, lags and timelines, drawn wide for a laptop and narrow for a phone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from wirecopy.pipelines.pages.svg import HUES, clipped, drawing, el
from wirecopy.pipelines.pages.words import count, span

WIDE, NARROW = 960, 400


class Flow(NamedTuple):
    """Text of a source in an outlet: how many articles, and where the page lists them."""

    source: str
    taker: str
    articles: int
    link: str | None = None


class Bar(NamedTuple):
    """A bucket of time: articles of their own text, with other outlets' text, and with an agency's."""

    label: str
    own: int
    other: int
    agency: int
    link: str | None = None


class Lag(NamedTuple):
    """How soon a source is reprinted, in seconds: a tenth, half and nine tenths of its reprints came so soon."""

    source: str
    reprints: int
    p10: float
    median: float
    p90: float
    link: str | None = None


class Dot(NamedTuple):
    """An article on a timeline: seconds after the story's first, its part in the story, and what it is called."""

    after_s: float
    role: str
    label: str
    link: str | None = None


class Figure(NamedTuple):
    """A drawing with its size."""

    svg: Markup
    width: int
    height: float


def flows(edges: Sequence[Flow], width: int) -> Figure:
    """Draw who feeds whom: sources on the left, takers on the right, bands as wide as they share articles."""
    left = _totals([(one.source, one.articles) for one in edges])
    right = _totals([(one.taker, one.articles) for one in edges])
    most = max(len(left), len(right))
    height = max(120.0, 26.0 * most) + 26
    scale = max((height - 26) * 0.62, 40.0) / max(sum(left.values()), 1)
    tops_left, tops_right = _stack(left, scale), _stack(right, scale)
    height = 14 + max(_end(left, tops_left, scale), _end(right, tops_right, scale))
    tops_left, tops_right = (
        _spread(tops, height - 14 - _end(sums, tops, scale)) for tops, sums in ((tops_left, left), (tops_right, right))
    )
    label = 210 if width >= 700 else 132
    x0, x1 = label, width - label
    hue = {name: n % len(HUES) for n, name in enumerate(left)}
    bands, at_left, at_right = [], dict(tops_left), dict(tops_right)
    rank = {name: n for n, name in enumerate(left)}, {name: n for n, name in enumerate(right)}
    for one in sorted(edges, key=lambda edge: (rank[0][edge.source], rank[1][edge.taker])):
        thick = one.articles * scale
        a, b = at_left[one.source], at_right[one.taker]
        at_left[one.source] += thick
        at_right[one.taker] += thick
        middle = (x0 + x1) / 2
        path = (
            f"M{x0 + 10} {a:.1f}C{middle:.0f} {a:.1f} {middle:.0f} {b:.1f} {x1 - 10} {b:.1f}"
            f"V{b + thick:.1f}C{middle:.0f} {b + thick:.1f} {middle:.0f} {a + thick:.1f} {x0 + 10} {a + thick:.1f}Z"
        )
        said = f"{one.source} to {one.taker}: {count(one.articles)} article{'s' * (one.articles != 1)}"
        band = el("path", el("title", said), d=path, class_=f"ribbon h{hue[one.source]}")
        bands.append(_linked(band, one.link, said, data_a=one.source, data_o=one.taker))
    nodes = []
    for name, articles in left.items():
        top, tall = tops_left[name], max(articles * scale, 1.5)
        nodes.append(el("rect", x=x0, y=top, width=10, height=tall, class_=f"h{hue[name]}"))
        nodes.append(_label(name, articles, x0 - 8, top + tall / 2, "end", label - 12))
    for name, articles in right.items():
        top, tall = tops_right[name], max(articles * scale, 1.5)
        nodes.append(el("rect", x=x1 - 10, y=top, width=10, height=tall, class_="own"))
        nodes.append(_label(name, articles, x1 + 8, top + tall / 2, "start", label - 12))
    heads = [
        el("text", "whose text", x=x0 - 8, y=12, text_anchor="end", font_size=12, class_="soft"),
        el("text", "who carries it", x=x1 + 8, y=12, font_size=12, class_="soft"),
    ]
    return Figure(drawing(width, height, "Who feeds whom", *heads, *bands, *nodes, class_="flows"), width, height)


def _totals(pairs: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, articles in pairs:
        sums[name] = sums.get(name, 0) + articles
    return dict(sorted(sums.items(), key=lambda item: (item[0].startswith("other "), -item[1], item[0])))


_SLOT = 19.0
"""Units of height that a label needs."""


def _stack(sums: dict[str, int], scale: float) -> dict[str, float]:
    """Return where each node begins, so far apart that their labels do not touch."""
    tops, at = {}, 26.0
    for name, articles in sums.items():
        tall = articles * scale
        slot = max(tall + 6, _SLOT)
        tops[name] = at + (slot - tall) / 2
        at += slot
    return tops


def _end(sums: dict[str, int], tops: dict[str, float], scale: float) -> float:
    return max(
        (top + max(sums[name] * scale / 2 + _SLOT / 2, sums[name] * scale) for name, top in tops.items()), default=0
    )


def _spread(tops: dict[str, float], spare: float) -> dict[str, float]:
    """Share spare height among the spaces between nodes, at most 30 units each."""
    step = min(spare / max(len(tops) - 1, 1), 30.0)
    rest = (spare - step * (len(tops) - 1)) / 2
    return {name: top + rest + n * step for n, (name, top) in enumerate(tops.items())}


def _label(name: str, articles: int, x: float, y: float, anchor: str, wide: float) -> Markup:
    number = count(articles)
    text = clipped(name, wide - 8 * len(number))
    words = [el("tspan", text), " ", el("tspan", number, class_="soft", font_size=11.5)]
    return el("text", *words, x=x, y=y + 4.5, text_anchor=anchor, font_size=13)


def _linked(shape: Markup, link: str | None, said: str, **data: object) -> Markup:
    if link is None:
        return el("g", shape, **data)
    return el("a", shape, href=link, aria_label=said, **data)


def bars(buckets: Sequence[Bar], width: int) -> Figure:
    """Draw how much was published, bucket by bucket: own text, other outlets' text and agency text on each other."""
    height, left, foot, top = (230.0, 46, 26, 10)
    most = _round_up(max((one.own + one.other + one.agency for one in buckets), default=1))
    tall = height - foot - top
    step = (width - left - 6) / max(len(buckets), 1)
    wide = max(1.5, min(step - 2, 56) if step > 6 else step * 0.82)
    shapes: list[Markup] = [_hatching(width)]
    for part in (0, 0.5, 1):
        y = top + tall * (1 - part)
        shapes.append(el("line", x1=left, x2=width, y1=y, y2=y, class_="rule"))
        number = count(round(most * part))
        shapes.append(el("text", number, x=left - 6, y=y + 4, text_anchor="end", font_size=11.5, class_="soft"))
    for n, one in enumerate(buckets):
        x, base = left + n * step + (step - wide) / 2, top + tall
        pile = []
        for kind, articles in (("own", one.own), ("other", one.other), ("agency", one.agency)):
            high = articles / most * tall
            base -= high
            if articles:
                pile.append(el("rect", x=x, y=base, width=wide, height=max(high, 0.8), class_=kind))
                if kind == "agency" and wide > 4:
                    pile.append(
                        el("rect", x=x, y=base, width=wide, height=max(high, 0.8), fill=f"url(#hatching-{width})")
                    )
        said = (
            f"{one.label}: {count(one.own)} of their own text, {count(one.other)} with other outlets' text, "
            f"{count(one.agency)} with agency text"
        )
        cover = el("rect", el("title", said), x=x, y=top, width=wide, height=tall, fill="transparent")
        shapes.append(_linked(Markup("").join([*pile, cover]), one.link, said, data_b=n))
    for n in _ticks(len(buckets), max(2, int((width - left) / 110))):
        x = left + (n + 0.5) * step
        anchor = "end" if x > width - 40 else "start" if x < left + 30 else "middle"
        at = left + (n + 1) * step if anchor == "end" else left + n * step if anchor == "start" else x
        shapes.append(
            el("text", buckets[n].label, x=at, y=height - 8, text_anchor=anchor, font_size=11.5, class_="soft")
        )
    return Figure(drawing(width, height, "Articles over time", *shapes, class_="bars"), width, height)


def _hatching(width: int) -> Markup:
    stroke = el("path", d="M0 6L6 0", class_="hatch")
    return el("defs", el("pattern", stroke, id=f"hatching-{width}", width=6, height=6, patternUnits="userSpaceOnUse"))


def _ticks(n: int, most: int) -> list[int]:
    return list(range(0, n, math.ceil(n / most)))


def _round_up(number: int) -> int:
    if number <= 4:
        return max(number + number % 2, 2)
    size = 10 ** max(int(math.log10(number)) - 1, 0)
    nice = math.ceil(number / size) * size
    return nice + nice % 2


MARKS = (
    (60, "1 min"), (600, "10 min"), (3600, "1 h"), (21_600, "6 h"), (86_400, "1 d"), (604_800, "7 d"),
    (2_592_000, "30 d"),
)  # fmt: skip
"""Places that the axis of lags names."""


def lags(sources: Sequence[Lag], width: int) -> Figure:
    """Draw how soon each source is reprinted, on a logarithmic axis: a line from p10 to p90, the median a dot."""
    row, top, left = 30, 14, (150 if width >= 700 else 92)
    height = float(top + row * len(sources) + 28)
    low, high = 30.0, max([one.p90 for one in sources] + [172_800.0]) * 1.3

    def x(seconds: float) -> float:
        part = math.log(max(seconds, low) / low) / math.log(high / low)
        return left + part * (width - left - 60)

    shapes: list[Markup] = []
    for seconds, name in MARKS:
        if seconds < high and (width >= 700 or name in ("1 min", "1 h", "1 d", "30 d")):
            shapes.append(el("line", x1=x(seconds), x2=x(seconds), y1=top - 6, y2=height - 24, class_="rule"))
            shapes.append(
                el("text", name, x=x(seconds), y=height - 8, text_anchor="middle", font_size=11.5, class_="soft")
            )
    for n, one in enumerate(sources):
        y = top + row * (n + 0.5)
        said = (
            f"{one.source}: half of {count(one.reprints)} reprints within {span(one.median)}, a tenth within "
            f"{span(one.p10)}, nine tenths within {span(one.p90)}"
        )
        shapes.append(
            el("text", clipped(one.source, left - 12), x=left - 10, y=y + 4.5, text_anchor="end", font_size=13)
        )
        parts = [
            el("line", x1=x(one.p10), x2=x(one.p90), y1=y, y2=y, class_="whisker"),
            el("circle", el("title", said), cx=x(one.median), cy=y, r=6, class_="dot"),
        ]
        shapes.append(el("text", span(one.median), x=x(one.p90) + 10, y=y + 4.5, font_size=11.5, class_="soft"))
        shapes.append(_linked(Markup("").join(parts), one.link, said, data_a=one.source))
    return Figure(drawing(width, height, "How soon each source is reprinted", *shapes, class_="lags"), width, height)


def timeline(dots: Sequence[Dot], width: int) -> Figure:
    """Draw a story's articles along the time they came after its first, those that would cover each other upwards."""
    most = max([one.after_s for one in dots] + [1.0])
    left, right, size = 14, width - 14, 6.2
    placed: list[tuple[float, int]] = []
    marks: list[tuple[Dot, float, int]] = []
    for one in dots:
        x = left + one.after_s / most * (right - left)
        level = 0
        while any(abs(x - other) < 2 * size + 1 and level == high for other, high in placed):
            level += 1
        placed.append((x, min(level, 9)))
        marks.append((one, x, min(level, 9)))
    top = 12 + 14 * max((level for _, _, level in marks), default=0)
    height = float(top + 30)
    shapes: list[Markup] = [el("line", x1=left, x2=right, y1=top, y2=top, class_="axis")]
    for one, x, level in marks:
        shapes.append(_linked(_mark(one.role, x, top - 14 * level, size, one.label), one.link, one.label))
    ends = [("0", left, "start"), (f"+{span(most)}", right, "end")] if most > 1 else [("at one time", left, "start")]
    shapes += [el("text", t, x=x, y=height - 6, text_anchor=a, font_size=11.5, class_="soft") for t, x, a in ends]
    return Figure(drawing(width, height, "Timeline of the story", *shapes, class_="timeline"), width, height)


def _mark(role: str, x: float, y: float, r: float, said: str) -> Markup:
    """Draw an article by its part: the origin a diamond, a copy a disc, an edited one grey, a part hollow."""
    title = el("title", said)
    if role == "origin":
        return el(
            "path",
            title,
            d=f"M{x:.1f} {y - r - 2:.1f}l{r + 2} {r + 2}l{-r - 2} {r + 2}l{-r - 2} {-r - 2}Z",
            class_="agency",
        )
    kind = {"verbatim": "dot", "edited": "half"}.get(role, "hollow")
    return el("circle", title, cx=x, cy=y, r=r - (0 if kind == "dot" else 0.8), class_=kind)
