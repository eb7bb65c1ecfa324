"""RTF (Rich Text Format 1.9): the articles that Factiva and Nexis write into it; other documents are told of."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io.spans import whole as spans
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.office import written

READER_VERSION = 1

__all__ = ["READER_VERSION", "read", "spans", "text_of"]

_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict header headerl headerr headerf footer footerl footerr footerf object"
    b" listtable listoverridetable rsidtbl generator themedata datastore latentstyles fldinst bkmkstart bkmkend".split()
)
_CHARS = {
    b"par": "\n", b"sect": "\n", b"page": "\n", b"line": "\n", b"row": "\n", b"cell": "\n", b"tab": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n", b"{": "{", b"}": "}", b"\\": "\\"}
_DEPTH = 1_000


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article, of form `record`, or a reject. `doc_ref` is path#number.

    Raises:
        Fault: `unsupported` where it is no export of Factiva or Nexis, `too large` where its groups are too deep.
        OSError: the file cannot be read.
    """
    found = written.articles(unit, text_of(stream.whole()))
    if found is None:
        raise Fault("unsupported", "an RTF document that is no export of Factiva or Nexis")
    yield from found


def text_of(data: bytes) -> str:
    """Return the text of an RTF document, a line a paragraph. Raises Fault where its groups are too deep."""
    codec = "cp1252"
    if (page := re.search(rb"\\ansicpg(\d{2,5})", data[:4096])) and page[1] != b"0":
        codec = f"cp{page[1].decode()}"
    try:
        codecs.lookup(codec)
    except LookupError:
        codec = "cp1252"
    pieces: list[str] = []
    foreign = bytearray()
    stack: list[tuple[bool, int]] = []
    skipped, fallback, pending = False, 1, 0

    def end_foreign() -> None:
        if foreign:
            pieces.append(foreign.decode(codec, "replace"))
            foreign.clear()

    for token in _TOKEN.finditer(data):
        hexadecimal, word, number, symbol, brace, plain = token.groups()
        if hexadecimal is not None:
            if pending:
                pending -= 1
            elif not skipped:
                foreign.append(int(hexadecimal, 16))
            continue
        end_foreign()
        if brace == b"{":
            if len(stack) > _DEPTH:
                raise Fault("too large", f"groups of RTF deeper than {_DEPTH:,}")
            stack.append((skipped, fallback))
        elif brace == b"}":
            skipped, fallback = stack.pop() if stack else (False, 1)
            pending = 0
        elif symbol == b"*" or word in _SKIPPED:
            skipped = True
        elif skipped:
            continue
        elif word == b"uc":
            fallback = int(number or 1)
        elif word == b"u" and number is not None:
            pieces.append(_character(int(number)))
            pending = max(0, min(fallback, 8))
        elif word is not None:
            pieces.append(_CHARS.get(word, ""))
        elif symbol is not None:
            pieces.append(_SYMBOLS.get(symbol, ""))
        elif plain is not None:
            kept = plain[pending:] if pending else plain
            pending = max(0, pending - len(plain))
            pieces.append(kept.decode(codec, "replace"))
    end_foreign()
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(number: int) -> str:
    code = number + 0x10000 if number < 0 else number
    return chr(code) if 0 <= code < 0x110000 else "\ufffd"
