"""DOCX (ECMA-376, WordprocessingML): the articles that Nexis and Factiva write into it; other documents are told of."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.bounds import FILE_BYTES, MEMORY_BYTES
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io.members import Member, members, piece
from wirecopy.transforms.read.io.spans import Span, whole
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.office import written
from wirecopy.transforms.read.wire.markup import local, parse

READER_VERSION = 1

_BODY = "word/document.xml"
_CHARS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LEFT_OUT = frozenset(("del", "moveFrom", "Fallback", "instrText", "drawing", "pict"))


def spans(stream: Stream) -> Iterator[Span]:
    """Yield the one span of a document."""
    return whole(stream, MEMORY_BYTES)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article, of form `record`, or a reject. `doc_ref` is path#number.

    Raises:
        Fault: `unsupported` where it is no export of Nexis or Factiva, `damaged`, `malformed` or `too large` where it
            cannot be read.
        OSError: the file cannot be read.
    """
    file = stream.random(MEMORY_BYTES)
    file.seek(0)
    body = next((member for member in members(Stream(file), 0) if member.name == _BODY), None)
    if body is None:
        raise Fault("damaged", f"a Word document (DOCX) without {_BODY}")
    found = written.articles(unit, text_of(parse(_held(body))))
    if found is None:
        raise Fault("unsupported", "a Word document (DOCX) that is no export of Nexis or Factiva")
    yield from found


def text_of(root: etree._Element) -> str:
    """Return the text of a document's main part, a line a paragraph: what is deleted, drawn or computed left out."""
    lines: list[str] = []
    pending: list[str] = []
    skipped: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if skipped is not None:
            skipped = None if event == "end" and element is skipped else skipped
            continue
        name = local(element)
        if event == "start" and name in _LEFT_OUT:
            skipped = element
        elif event == "start" and name == "t":
            pending.append(element.text or "")
        elif event == "start" and name in _CHARS:
            pending.append(_CHARS[name])
        elif name == "p":
            lines.append("".join(pending))
            pending = []
    return "\n".join([*lines, "".join(pending)])


def _held(member: Member) -> bytes:
    """Return the bytes of a member. Raises Fault where it is damaged or longer than FILE_BYTES."""
    if isinstance(member.file, Fault):
        raise member.file
    data = bytearray()
    while more := piece(member.file):
        data += more
        if len(data) > FILE_BYTES:
            raise Fault("too large", f"a Word document (DOCX) of more than {FILE_BYTES:,} bytes of XML")
    return bytes(data)
