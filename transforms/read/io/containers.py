"""What a zip file is the container of, by its members' names: documents of office programs, books, web archives."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from wirecopy.transforms.read.faults import Fault

_OPEN_DOCUMENT = {
    "text": "an OpenDocument text (ODT)",
    "spreadsheet": "an OpenDocument spreadsheet (ODS)",
    "presentation": "an OpenDocument presentation (ODP)",
}
_HOLDING = {
    "xl/": "an Excel workbook (XLSX)",
    "ppt/": "a PowerPoint presentation (PPTX)",
    "visio/": "a Visio drawing (VSDX)",
}
_OF_OFFICE = ("[Content_Types].xml", "_rels/.rels", "docProps/")
_NAMED = {
    "META-INF/MANIFEST.MF": "a Java archive (JAR)",
    "AndroidManifest.xml": "an Android package (APK)",
    "Index/Document.iwa": "a document of Apple's iWork",
    "Index.zip": "a document of Apple's iWork",
    "Payload/": "an iOS package (IPA)",
    "doc.kml": "a map (KMZ)",
    "FixedDocumentSequence.fdseq": "an XPS document",
}
_MEMBERS = 2_000


def reader_of(head: bytes) -> str:
    """Return the reader of a zip file: `epub` for a book, `docx` for a Word document, `archives` for
    files put together.

    Args:
        head: its first bytes.

    Raises:
        Fault: `unsupported` where all of it is one document of a format that is not read; the error names it.
    """
    names = list(islice(_names(head), _MEMBERS))
    media = _media(head) if names and names[0] == "mimetype" else ""
    if media.startswith("application/epub+zip") or "META-INF/container.xml" in names:
        return "epub"
    if "vnd.oasis.opendocument." in media:
        kind = media.partition("vnd.oasis.opendocument.")[2].partition("-")[0]
        raise Fault("unsupported", _OPEN_DOCUMENT.get(kind, f"an OpenDocument {kind}"))
    if any(name.startswith(_OF_OFFICE) for name in names):
        if any(name.startswith("word/") for name in names):
            return "docx"
        found = (what for folder, what in _HOLDING.items() if any(name.startswith(folder) for name in names))
        raise Fault("unsupported", next(found, "a document of Microsoft Office"))
    for name in names:
        for begin, what in _NAMED.items():
            if name == begin or (begin.endswith("/") and name.startswith(begin)):
                raise Fault("unsupported", what)
    if names and all(name.endswith(".npy") for name in names):
        raise Fault("unsupported", "arrays of NumPy (NPZ)")
    return "archives"


def _names(head: bytes) -> Iterator[str]:
    """Yield the names in the headers of members that stand in the first bytes of a zip file."""
    at = 0
    while head.startswith(b"PK\x03\x04", at) and at + 30 <= len(head):
        size, extra = (int.from_bytes(head[at + place : at + place + 2], "little") for place in (26, 28))
        yield head[at + 30 : at + 30 + size].decode("utf-8", "replace")
        behind = at + 30 + size + extra
        if not head[at + 6] & 8:
            at = behind + int.from_bytes(head[at + 18 : at + 22], "little")
        elif head[at + 8 : at + 10] != b"\0\0":
            at = head.find(b"PK\x03\x04", behind)
        else:
            return
        if at < 0:
            return


def _media(head: bytes) -> str:
    """Return what the first member, which names the container's media type, holds, where it is not compressed."""
    begin = 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    size = min(int.from_bytes(head[18:22], "little"), 100)
    return head[begin : begin + size].decode("ascii", "replace").strip() if head[8:10] == b"\0\0" else ""


def is_wacz(names: Collection[str]) -> bool:
    """Say whether the members of a zip file are those of a web archive collection (WACZ 1.x)."""
    return any(name.startswith("archive/") for name in names) and any(
        name == "datapackage.json" or (name.startswith("pages/") and name.endswith(".jsonl")) for name in names
    )


def passed_over(name: str, wacz: bool) -> str | None:
    """Return why a member is passed over for what it is in its container: lists and logs of a web archive; or None."""
    return "sidecar" if wacz and not name.startswith("archive/") and not name.endswith(".wacz") else None
