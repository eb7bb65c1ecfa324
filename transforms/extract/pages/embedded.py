"""The text of an article that a page carries only in the data of its scripts, for a program to show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

MIN_CHARS = 400
"""Code points of prose from which on a string is a text."""
MAX_SCRIPT = 2_000_000
MAX_NODES = 50_000
_NAMES = re.compile(
    r"(?:article_?)?(?:body|content|text|html|paragraphs?|story)(?:_?(?:html|text|content|body))?", re.I
)
_STATE = re.compile(r"^\s*(?:window\.|var\s+|self\.)?[\w.$\[\]\"']+\s*=\s*(?=[{\[])")
_TAG = re.compile(r"<[^<>]+>")


def embedded_text(tree: HtmlElement) -> str | None:
    """Return the longest text among the data of a page's scripts, HTML or plain; None where there is none."""
    found: list[str] = []
    for script in tree.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        if "ld+json" in kind or not MIN_CHARS < len(text) <= MAX_SCRIPT:
            continue
        start = 0 if "json" in kind else (state.end() if (state := _STATE.match(text)) else -1)
        if start < 0:
            continue
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(text[start:].lstrip())
        except (ValueError, RecursionError):
            continue
        found += _texts(value)
    return max(found, key=len, default=None)


def _texts(value: Any) -> Iterator[str]:
    waiting: list[tuple[str, Any]] = [("", value)]
    seen = 0
    while waiting and seen < MAX_NODES:
        name, each = waiting.pop()
        seen += 1
        if isinstance(each, dict):
            waiting += each.items()
        elif isinstance(each, list):
            if _NAMES.fullmatch(name) and each and all(isinstance(item, str) for item in each):
                waiting.append((name, "\n".join(each)))
            else:
                waiting += [(name, item) for item in each]
        elif isinstance(each, str) and _NAMES.fullmatch(name) and _is_prose(each):
            yield each


def _is_prose(text: str) -> bool:
    bare = _TAG.sub("", text)
    return len(bare) >= MIN_CHARS and bare.count(" ") * 20 > len(bare) and bare.count("{") < 5
