"""XML as agencies send it, parsed without trust, and the text inside its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from lxml import etree
from lxml import html as lxml_html

from wirecopy.transforms.read.bounds import BRACKETS
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.web import html
from wirecopy.transforms.read.wire import wrapped

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_PAGE_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_INDENT = re.compile(r"[ \t]*")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")
_BLOCKS = frozenset(
    "abstract address article aside block blockquote body body.content body.end byttl caption dd div dl dt fig figure"
    " fn footer h1 h2 h3 h4 h5 h6 header hl1 hl2 hr html li location main nav ol p pre q-block section table"
    " tagline td th tr ul".split()
)
_LEFT_OUT = frozenset(
    "audio figcaption figure iframe media media-caption media-metadata media-producer media-reference nitf-table"
    " noscript note object rp rt rtc script style svg video".split()
)


def parse(data: bytes) -> etree._Element:
    """Return the root of an XML document.

    No DTD is read, no address opened and no entity expanded but those that HTML names, declared or not.

    Raises:
        Fault: `malformed` where it is not well-formed, undeclared prefixes set aside, or declares entities, `too
            large` beyond BRACKETS elements or libxml2's own limits of depth and size, `encoding` or `binary` where it
            is no text.
    """
    if data.count(b"<") > BRACKETS:
        raise Fault("too large", f"more than {BRACKETS:,} tags")
    text = _DECLARATION.sub("", html.decode(data).lstrip("\ufeff"))
    text = _ENTITY.sub(lambda entity: escape(unescape(entity[0]), quote=False), text)
    try:
        root = _root(text.encode(errors="replace"))
    except etree.XMLSyntaxError as error:
        reason = "too large" if "xcessive depth" in str(error) or "huge" in str(error).lower() else "malformed"
        raise Fault(reason, f"XML: {error}") from None
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise Fault("malformed", "the document declares entities, which are not expanded")
    return root


def _root(data: bytes, recover: bool = False) -> etree._Element:
    """Return the root of a document, which may use a namespace prefix that it does not declare: fragments do."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        if all(entry.domain_name == "NAMESPACE" for entry in parser.error_log):
            return _root(data, recover=True)
        raise


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace; none for an entity reference."""
    return element.tag[element.tag.rfind("}") + 1 :] if isinstance(element.tag, str) else ""


def find(element: etree._Element, *names: str) -> etree._Element | None:
    """Return the first descendant that a path of local names leads to, each step to any depth."""
    for name in names:
        found = next((inner for inner in element.iterdescendants() if local(inner) == name), None)
        if found is None:
            return None
        element = found
    return element


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child of a local name, or None where there is none."""
    return next(children(element, name), None)


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the children of a local name, in order."""
    return (inner for inner in (() if element is None else element) if local(inner) == name)


def find_all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield all descendants of a local name, in order."""
    return (inner for inner in element.iterdescendants() if local(inner) == name)


def line(element: etree._Element | None) -> str | None:
    """Return an element's text on one line, or None where there is none."""
    if element is None:
        return None
    return _SPACE.sub(" ", " ".join(_paragraphs(element))).strip() or None


def paragraphs(element: etree._Element | None, keep_lines: bool = False) -> str | None:
    """Return an element's text, a blank line between its blocks, or None where there is none. Media are left out.

    Args:
        element: the element.
        keep_lines: keep the lines of lists and tables that are set with spaces inside a block.
    """
    return "\n\n".join(_paragraphs(element, keep_lines)) or None if element is not None else None


def fragment(markup: str) -> str | None:
    """Return the text of a piece of HTML or XHTML, a blank line between its blocks, or None where there is none."""
    if not markup.strip():
        return None
    try:
        return paragraphs(lxml_html.fragment_fromstring(_PAGE_END.sub("", markup), create_parent="div"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _as_set(text: str) -> str:
    """Return the text of a block, on one line unless lines of it are set apart: indented, listed or in columns."""
    lines = text.replace("\t", "    ").split("\n")
    behind = [line for line in lines[1:] if line.strip()]
    indents = [_INDENT.match(line)[0].__len__() for line in behind]  # type: ignore[index]
    least = min(indents, default=0)
    apart = [indent >= least + 2 for indent in indents]
    listed = sum(line.lstrip().startswith(("* ", "- ", "• ", "-- ")) for line in behind)
    columns = sum("   " in line.strip() for line in behind)
    if not (any(apart) and not all(apart)) and listed < 2 and columns < 2:
        return _SPACE.sub(" ", text).strip()
    least = 0 if any(apart) and not all(apart) else max(0, least - 2)
    return wrapped.paragraphs("\n".join([lines[0].strip(), *(line[least:] for line in lines[1:])]))


def _paragraphs(element: etree._Element, keep_lines: bool = False) -> list[str]:
    found: list[str] = []
    pieces: list[str] = [element.text or ""]

    def end() -> None:
        joined = "".join(pieces)
        text = _as_set(joined) if keep_lines and "\n" in joined else _SPACE.sub(" ", joined).strip()
        if text:
            found.append(text)
        pieces.clear()

    stack = [iter(element)]
    path = [element]
    while stack:
        inner = next(stack[-1], None)
        if inner is None:
            stack.pop()
            done = path.pop()
            if local(done) in _BLOCKS:
                end()
            if stack:
                pieces.append(done.tail or "")
        elif local(inner) in _LEFT_OUT or not local(inner):
            pieces.append(inner.tail or "")
        else:
            if local(inner) in _BLOCKS:
                end()
            elif local(inner) == "br":
                pieces.append(" ")
            pieces.append(inner.text or "")
            stack.append(iter(inner))
            path.append(inner)
    end()
    return found
