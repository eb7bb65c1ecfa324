"""The parser that feedparser is given: the standard library's, but text comes in one piece and not in thousands.

By default expat reports each line and each entity of a text by itself, and feedparser spends most of its time on that.
`xml.sax.make_parser` finds this module by name.
"""

from __future__ import annotations

from xml.parsers.expat import XMLParserType
from xml.sax.expatreader import ExpatParser

TEXT_BYTES = 1 << 20


class _Buffered(ExpatParser):
    def reset(self) -> None:
        super().reset()
        parser: XMLParserType = vars(self)["_parser"]
        parser.buffer_size = TEXT_BYTES
        parser.buffer_text = True


def create_parser() -> ExpatParser:
    """Return a parser, as `xml.sax.make_parser` wants it."""
    return _Buffered()
