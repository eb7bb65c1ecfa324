"""Which reader a file is for, by what its first bytes hold; its name only settles what they leave open."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from transforms.read import charset
from transforms.read.faults import Fault
from transforms.read.records import START

_BINARY = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "a RIFF file (WebP, WAV or AVI)",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "a Microsoft Office document",
    b"{\\rtf": "an RTF document",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"ID3": "an MP3 file",
    b"OggS": "an Ogg file",
}
_HTML = re.compile(
    rb"(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|div|p|h1)\b", re.I | re.S
)
_COMPRESSED = (".gz", ".zst", ".zstd", ".xz", ".bz2", ".lz4")


def sniff(head: bytes, name: str) -> str:
    """Return the name of the reader of a file: a module of this package.

    Args:
        head: its first decoded bytes, white space and a byte order mark at its start left out; all of them where it
            is short.
        name: its file name.

    Raises:
        Fault: `binary` or `unsupported` where no reader takes it; the error names what it is.
    """
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise Fault("binary", what)
    if START.match(head):
        return "warc"
    if not charset.is_text(head):
        raise Fault("binary", "control bytes that no text has")
    if head[:1] == b"{" and _is_json_lines(head, name):
        return "jsonl"
    if suffix(name) in (".jsonl", ".ndjson", ".jl") and b"{" in head:
        return "jsonl"
    if _HTML.match(head):
        return "html"
    return "text"


def suffix(name: str) -> str:
    """Return the lower-case extension of a file name, extensions of compressions left out."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in _COMPRESSED else path.suffix


def _is_json_lines(head: bytes, name: str) -> bool:
    """Say whether a line of the head is an object by itself; the last line may be cut off."""
    lines = [line for line in head.splitlines() if not line.isspace()]
    return any(line.startswith(b"{") and _parses(line) for line in lines[:20]) or (
        len(lines) == 1 and suffix(name) not in (".json", ".txt")
    )


def _parses(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
