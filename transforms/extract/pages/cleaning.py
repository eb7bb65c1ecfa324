"""Values of a page as people read them."""

from __future__ import annotations

import re
from html import unescape

from wirecopy.transforms.extract.plain import INVISIBLE

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def clean(text: str) -> str:
    """Return a value as people read it: without references, even escaped twice, tags and what no reader sees."""
    for _ in range(2):
        if "&" in text:
            text = unescape(text)
    if not text.isascii():
        text = text.translate(INVISIBLE)
    return " ".join(_TAG.sub(" ", text).split() if "<" in text else text.split())
