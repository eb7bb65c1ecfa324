"""Formats that are known and not read: what they are called, and how they begin."""

from __future__ import annotations

import re
from pathlib import PurePath

from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset

_MAGIC = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"RIFF": "a RIFF file (WebP, WAV or AVI)",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\xca\xfe\xba\xbe": "a program",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "a Microsoft Office document",
    b"!BDN": "an Outlook mail folder (PST)",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"MSCF": "a cabinet archive (CAB)",
    b"ID3": "an MP3 file",
    b"OggS": "an Ogg file",
    b"fLaC": "a FLAC file",
    b"\x1aE\xdf\xa3": "a Matroska or WebM video",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow or Feather file",
    b"FEA1": "a Feather file",
    b"\xff\xff\xff\xff": "an Arrow stream",
    b"ORC": "an ORC file",
    b"\x89HDF\r\n": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"RDX2\n": "an R data file (RData)",
    b"RDX3\n": "an R data file (RData)",
    b"RDA2\n": "an R data file (RData)",
    b"RDA3\n": "an R data file (RData)",
    b"X\n\x00\x00\x00": "an R data file (RDS)",
    b"A\n2\n1": "an R data file (RDS)",
    b"A\n3\n2": "an R data file (RDS)",
    b"<stata_dta>": "a Stata data set",
    b"$FL2": "an SPSS data set",
    b"$FL3": "an SPSS data set",
    b"\x00" * 12 + b"\xc2\xea\x81\x60": "a SAS data set",
    b"HEADER RECORD*******LIB": "a SAS transport file",
    b"ZIM\x04": "a ZIM file",
    b"ITSF": "a compiled HTML help file (CHM)",
    b"AT&TFORM": "a DjVu document",
    b"%!PS": "a PostScript document",
    b"\x1f\x9d": "a file compressed by compress (.Z)",
    b"LZIP": "a file compressed by lzip",
    b"\xff\x06\x00\x00sNaPpY": "a file compressed by Snappy",
}
_TELLING = 5
"""Letters of a beginning that are told from those of a text by themselves."""
_PLACED = {
    (4, b"ftyp"): "an MP4 or QuickTime file",
    (4, b"Standard Jet DB"): "an Access database",
    (4, b"Standard ACE DB"): "an Access database",
    (8, b"DUCK"): "a DuckDB database",
    (60, b"BOOKMOBI"): "a Kindle or Mobipocket book",
}
_OFFICE = {
    ".doc": "a Word document (DOC)",
    ".dot": "a Word document (DOC)",
    ".xls": "an Excel workbook (XLS)",
    ".ppt": "a PowerPoint presentation (PPT)",
    ".msg": "an Outlook message (MSG)",
    ".msi": "a Windows installer (MSI)",
    ".pub": "a Publisher document",
}
_STREAMS = {
    "WordDocument": _OFFICE[".doc"],
    "Workbook": _OFFICE[".xls"],
    "PowerPoint Document": _OFFICE[".ppt"],
    "__substg1.0_": _OFFICE[".msg"],
}
_PATTERNS = {
    re.compile(rb"BM.{4}\x00{4}", re.DOTALL): "a BMP image",
    re.compile(rb"\x80[\x02-\x05](?:\x95|[cX}\](\x8c])", re.DOTALL): "a Python pickle",
    re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00", re.DOTALL): "a Stata data set",
    re.compile(rb"\xff[\xfb\xf3\xf2]", re.DOTALL): "an MP3 file",
}
_TEXTS = {
    re.compile(rb"TY {1,2}- ?[A-Z]{3,6}[ \t]*\r?\n(?:[A-Z][A-Z0-9] {1,2}-)"): "references (RIS), without their texts",
    re.compile(rb"%0 [A-Z][\w ]{2,40}\r?\n%[A-Z0-9@] "): "references (EndNote), without their texts",
    re.compile(rb"PMID- ?\d+[ \t]*\r?\n"): "references (PubMed), without their texts",
    re.compile(rb"FN [^\r\n]{1,80}\r?\nVR \d"): "references (Web of Science), without their texts",
    re.compile(
        rb"(?:\s+|%[^\n]{0,2000}\n)*+@(?:article|book|booklet|collection|comment|dataset|inbook|incollection|inproceedings"
        rb"|manual|mastersthesis|misc|newspaper|online|periodical|phdthesis|preamble|proceedings|report|string|techreport"
        rb"|thesis|unpublished|webpage|www)\s*[{(]",
        re.IGNORECASE,
    ): "references (BibTeX), without their texts",
    re.compile(rb"BEGIN:VCALENDAR\r?\n"): "a calendar (iCalendar)",
    re.compile(rb"BEGIN:VCARD\r?\n"): "addresses (vCard)",
    re.compile(rb"WEBVTT(?:[ \t][^\n]*)?\r?\n"): "subtitles (WebVTT)",
    re.compile(rb"\d{1,6}\r?\n\d\d:\d\d:\d\d[,.]\d{3} --> "): "subtitles (SubRip)",
    re.compile(rb"(?:%[^\n]{0,2000}\n|\s+)*+\\document(?:class|style)\b"): "a LaTeX document",
    re.compile(
        rb"-- (?:MySQL dump|MariaDB dump|PostgreSQL database|phpMyAdmin SQL)|--\s*\n-- PostgreSQL database"
    ): "an SQL dump",
    re.compile(rb"-----BEGIN [A-Z ]{3,40}-----"): "keys or an enciphered message (PEM)",
    re.compile(rb"begin(?:-base64)? [0-7]{3,4} \S"): "a uuencoded file",
    re.compile(rb"\$FL[23]|HEADER RECORD\*{7}"): "a data set of SPSS or SAS",
}
_IN_RDF = {
    b"http://www.zotero.org/namespaces/": "references (Zotero RDF), without their texts",
    b"http://purl.org/net/biblio#": "references (RDF), without their texts",
    b"http://www.w3.org/2004/02/skos/": "a vocabulary (SKOS)",
}
_TOOLS = {
    re.compile(rb"CDX [A-Za-z](?: [A-Za-z])+\s"): "an index of a web archive (CDX)",
    re.compile(rb"[a-z0-9-]+(?:,[a-z0-9-]+)*(?::\d+)?\)/\S* \d{14} [\[{]"): "an index of a web archive (CDXJ)",
    re.compile(rb"!meta \d \{"): "an index of a web archive (CDXJ)",
    re.compile(rb"\{\s*\"format\"\s*:\s*\"json-pages-1"): "a web archive's list of pages",
    re.compile(rb"--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  "): "a log of wget",
    re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - wpull\."): "a log of wpull",
    re.compile(rb"application/(?:epub\+zip|vnd\.[\w.+-]+)\s*\Z"): "a container's media type",
    re.compile(rb"Signature: 8a477f597d28d172789f06886806bc55"): "a marker of a cache",
}


def check_bytes(head: bytes, name: str) -> None:
    """Raise Fault `unsupported`, which names the format, where a file begins as one that is no text and is not read."""
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            if len(magic) < _TELLING and magic.isalnum() and charset.is_text(head):
                continue
            raise Fault("unsupported", _of_office(head, name) if magic == b"\xd0\xcf\x11\xe0" else what)
    found = next((what for (place, magic), what in _PLACED.items() if head.startswith(magic, place)), None)
    found = found or next((what for pattern, what in _PATTERNS.items() if pattern.match(head)), None)
    if found and not charset.is_text(head):
        raise Fault("unsupported", found)


def _of_office(head: bytes, name: str) -> str:
    """Return what a compound file of Microsoft's is, by the names of its streams, or by its own."""
    for stream, what in _STREAMS.items():
        if stream.encode("utf-16-le") in head:
            return what
    return _OFFICE.get(PurePath(name.lower()).suffix, "a Microsoft Office document")


def check_rdf(head: bytes) -> None:
    """Raise Fault where RDF is no feed but lists references or describes words, by the namespaces that it declares."""
    if b"http://purl.org/rss/1.0/" not in head:
        for name, what in _IN_RDF.items():
            if name in head:
                raise Fault("unsupported", what)


def check_text(head: bytes) -> None:
    """Raise Fault where a text begins as one that holds no article: `unsupported`, or `not text` for a tool's own."""
    for patterns, reason in ((_TEXTS, "unsupported"), (_TOOLS, "not text")):
        for pattern, what in patterns.items():
            if pattern.match(head):
                raise Fault(reason, what)


_ROOT_TAG = re.compile(
    rb"(?>\s+|<!--.*?-->)*+<([A-Za-z_][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(/?)>", re.DOTALL
)


def xml_root(head: bytes, whole: int) -> str | None:
    """Return the name of the root of XML that is not declared, or None where a text only begins with a sign `<`.

    Args:
        head: the first bytes.
        whole: bytes that a head has where more may follow.
    """
    found = _ROOT_TAG.match(head)
    if not found:
        return None
    name = found[1].decode("ascii")
    inside = head[found.end() :].lstrip()
    ends = found[3] or b"</" + found[1] in head
    return name if ends or found[2] or (inside.startswith(b"<") and len(head) >= whole) else None
