"""Text from outside made fit for a terminal: shown, never run."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
_MARKS = ("Mn", "Me")


def shown(text: str) -> str:
    """Return text on one line, with what a terminal would take for a command, or cannot show, written out.

    Written out as Python does are control and format characters (ESC, BEL, line ends, those that turn the direction of
    writing), what Unicode does not assign, and what would change the character before the text: marks that combine, and
    joiners, where they join nothing. Spaces of any width stay, and joiners between letters.
    """
    if text.isascii() and text.isprintable():
        return text
    out = []
    before = " "
    for char in text:
        kind = unicodedata.category(char)
        stays = before != " " if char in _JOINERS or kind in _MARKS else char.isprintable() or kind == "Zs"
        out.append(char if stays else char.encode("unicode_escape").decode())
        before = " " if kind == "Zs" or not stays else char
    return "".join(out)


def shown_lines(text: str) -> str:
    """Return text as `shown` does, but with its line ends, and tabs as spaces: for what is told in several lines."""
    return "\n".join(shown(line) for line in text.expandtabs().split("\n"))
