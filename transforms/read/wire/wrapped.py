"""Text whose lines end where a screen or a printer did: its paragraphs, without the line ends inside them."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"\n(?:[ \t]*\n)+|\n(?=(?:[ ]{2,}|\t)\S)")
_FULL = 42
"""Characters that a line has at least where it ends because it is full."""


def paragraphs(text: str) -> str:
    """Return a text with a blank line between its paragraphs, which are indented or have one between them already.

    Lines inside a paragraph are joined where each but the last is full; those of tables, lists and verse stay.
    """
    found = []
    for part in _BETWEEN.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        if lines:
            full = all(len(line) >= _FULL for line in lines[:-1])
            found.append((" " if full else "\n").join(lines))
    return "\n\n".join(found)
