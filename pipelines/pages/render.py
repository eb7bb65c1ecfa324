"""Templates made into pages: everything that is put in is escaped, and what is missing is an error."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from wirecopy.pipelines.pages import words

_TEMPLATES = files(__package__).joinpath("templates")


@functools.cache
def environment() -> jinja2.Environment:
    """Return the templates of all pages, with what they show values by."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        finalize=_fit,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "count": words.count,
        "percent": words.percent,
        "span": words.span,
        "moment": words.moment,
        "iso": words.iso,
        "plain": words.plain,
        "one_line": words.one_line,
        "web": words.web_address,
        "sized": _sized,
    }
    return made


def asset(name: str) -> str:
    """Return a template, style sheet or script of the package. Raises FileNotFoundError for another name."""
    return _TEMPLATES.joinpath(name).read_text("utf-8")


def page(template: str, **values: Any) -> str:
    """Return a template filled in."""
    return environment().get_template(template).render(values)


def source_hash(text: str) -> str:
    """Return how a content security policy names an inline style or script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def embedded(values: Any) -> Markup:
    """Return plain values as JSON that may stand in a script element: nothing in it ends the element."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _fit(value: Any) -> Any:
    """Return what a template puts into a page: text without what a page must not hold, all else as it is."""
    return words.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _sized(figure: Markup, class_: str) -> Markup:
    """Return a figure with a class that says for which screens it is drawn."""
    text = str(figure)
    head = text[: text.index(">")]
    if ' class="' in head:
        return Markup(text.replace(' class="', f' class="{class_} ', 1))
    return Markup(text.replace("<svg", f'<svg class="{class_}"', 1))
