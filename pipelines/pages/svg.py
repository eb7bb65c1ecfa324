"""SVG, element by element: every text and attribute is escaped, and none of them is a style or a script."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from wirecopy.pipelines.pages.words import plain

INK = {
    "ink": "#1f1c18",
    "soft": "#6a6258",
    "rule": "#d8d0c2",
    "paper": "#fbf9f4",
    "own": "#cfc6b6",
    "other": "#3f6f93",
    "agency": "#b4541a",
    "warn": "#9c2a23",
}
"""The colours of figures that stand alone; in a page the style sheet has them, for light and for dark."""

HUES = ("#3f6f93", "#b4541a", "#4d7c4a", "#7c5a99", "#a8862a", "#2f7f7f", "#a34b6e", "#5d6470")
"""Colours of sources, in order; the labels at both ends say the same."""

_ALONE = (
    "text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;fill:#1f1c18}"
    ".soft{fill:#6a6258}.rule{stroke:#d8d0c2;stroke-width:1}.axis{stroke:#6a6258;stroke-width:1}"
    ".own{fill:#cfc6b6}.other{fill:#3f6f93}.agency{fill:#b4541a}.line{stroke:#6a6258;stroke-width:2}"
    ".whisker{stroke:#3f6f93;stroke-width:4;stroke-linecap:round}.dot{fill:#1f1c18}.hollow{fill:#fbf9f4;stroke:#1f1c18;stroke-width:1.6}"
    ".half{fill:#9a948a;stroke:#1f1c18;stroke-width:1.6}.ribbon{fill-opacity:.42}.hatch{stroke:#fbf9f4;stroke-width:1.4}"
    + "".join(f".h{n}{{fill:{hue}}}" for n, hue in enumerate(HUES))
)


def el(tag: str, *inside: object, **attributes: object) -> Markup:
    """Return an element: `class_` gives the attribute class, other underscores become hyphens, None is left out."""
    given = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items() if value is not None)
    head = Markup("").join(Markup(' {}="{}"').format(name, _told(value)) for name, value in given)
    body = Markup("").join(escape(_told(one)) for one in inside)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), head, body)


def drawing(width: int, height: float, title: str, *inside: object, class_: str | None = None) -> Markup:
    """Return an SVG document with a title that a screen reader says."""
    return el(
        "svg", el("title", title), *inside, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {_told(height)}",
        role="group", aria_label=title, class_=class_,
    )  # fmt: skip


_LINK = re.compile(r'<a href="[^"]*"')


def alone(figure: Markup, width: int, height: float) -> str:
    """Return a page's SVG as a file of its own: with its colours, its size, and no links into the page."""
    head, rest = _LINK.sub("<g", str(figure)).replace("</a>", "</g>").split(">", 1)
    ground = f'<style>{_ALONE}</style><rect width="100%" height="100%" fill="{INK["paper"]}"/>'
    return f'{head} width="{width}" height="{_told(height)}">{ground}{rest}'


def _told(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return plain(value)
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def clipped(text: str, wide: float, size: float = 13.0) -> str:
    """Return a label that fits into so many units at a size of letters, as a guess of their widths."""
    most = max(3, int(wide / (0.56 * size)))
    return text if len(text) <= most else text[: most - 1] + "…"
