"""Which reader a file is for, by what its first bytes hold; its name only settles what they leave open."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from lxml.html.defs import tags

from wirecopy.transforms.read import foreign
from wirecopy.transforms.read.bounds import HEAD_BYTES
from wirecopy.transforms.read.exports import blogs
from wirecopy.transforms.read.exports.kinds import exported_page, exported_text
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.feeds.feeds import starts_after_warnings
from wirecopy.transforms.read.fields import mapping
from wirecopy.transforms.read.io import charset, containers
from wirecopy.transforms.read.io.members import is_tar, is_zip
from wirecopy.transforms.read.mail import mbox, message, mhtml
from wirecopy.transforms.read.office import written
from wirecopy.transforms.read.records import csv, telegram_export
from wirecopy.transforms.read.web.records import START
from wirecopy.transforms.read.wire import anpa, iptc7901, sgml

_JSON = re.compile(rb'\[\s*[\[{"\]]|\{\s*["}]')
_ROOT = re.compile(
    rb"(?>\s+|<\?[^>]*>|<!--.*?-->|<!doctype\b[^>\[]*(?:\[.*?\]\s*)?>)*+<([\w:.-]+)", re.IGNORECASE | re.DOTALL
)
_DOCTYPE = re.compile(rb"<!doctype\s+([\w:.-]+)", re.IGNORECASE)
_BY_ROOT = {
    root: reader
    for reader, roots in {
        "feeds": "rss feed rdf channel urlset sitemapindex",
        "html": "html head body article div p h1 main section meta title",
        "newsml": "newsitem newsmessage packageitem conceptitem knowledgeitem planningitem catalogitem"
        " contentset contentmeta",
        "newsml1": "newsml",
        "nitf": "nitf",
    }.items()
    for root in roots.split()
}
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
    if not head:
        return "text"
    if is_zip(head):
        return containers.reader_of(head)
    if is_tar(head):
        return "archives"
    if head.startswith(b"PAR1"):
        return "parquet"
    foreign.check_bytes(head, name)
    if START.match(head):
        return "warc"
    if iptc7901.is_message(head):
        return "iptc7901"
    if anpa.is_message(head):
        return "anpa"
    if not charset.is_text(head):
        raise Fault("binary", "control bytes that no text has")
    foreign.check_text(head)
    if head[:1] in (b"{", b"[") and not head.startswith(b"{\\rtf"):
        if telegram_export.is_export(head):
            return "telegram"
        if _is_json_lines(head):
            return "jsonl"
        if suffix(name) == ".json" or (_JSON.match(head) and suffix(name) != ".txt"):
            return "jsonvalues"
    if suffix(name) in (".jsonl", ".ndjson", ".jl") and b"{" in head:
        return "jsonl"
    if head.startswith(b"<") and sgml.is_collection(head):
        return "sgml"
    if begin := starts_after_warnings(head):
        return sniff(head[begin:], name)
    if root := _ROOT.match(head) or _DOCTYPE.match(head):
        tag = root[1].rpartition(b":")[2].decode("ascii").lower()
        if reader := _BY_ROOT.get(tag):
            if reader == "feeds" and blogs.is_export(head):
                return "blogs"
            if tag == "rdf":
                foreign.check_rdf(head)
            return (exported_page(head) if reader == "html" else None) or reader
    if head.startswith(b"<?xml") or (head.startswith(b"<") and suffix(name) == ".xml"):
        raise Fault("unsupported", f"XML with the root {tag}" if root else f"XML without a root in {len(head):,} bytes")
    if head.startswith(b"<") and (bare := foreign.xml_root(head, HEAD_BYTES)) and bare.lower() not in tags:
        raise Fault("unsupported", f"XML with the root {bare}")
    if suffix(name) in (".html", ".htm", ".xhtml") and b"<" in head:
        return exported_page(head) or "html"
    if reader := exported_text(head) or ("written" if written.is_text(head) else None):
        return reader
    if mbox.is_mailbox(head):
        return "mbox"
    if message.is_mail(head):
        return "mhtml" if mhtml.is_page(head, name) else "eml"
    if suffix(name) in (".csv", ".tsv", ".tab") or _is_table(head):
        return "csv"
    return "text"


def suffix(name: str) -> str:
    """Return the lower-case extension of a file name, extensions of compressions left out."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in _COMPRESSED else path.suffix


def _is_json_lines(head: bytes) -> bool:
    """Say whether lines of the head are objects by themselves; the last one may be cut off."""
    lines = [line for line in head.splitlines()[:20] if line and not line.isspace()]
    if len(lines) == 1:
        return lines[0].startswith(b"{")
    return any(line.startswith(b"{") and _parses(line) for line in lines)


def _is_table(head: bytes) -> bool:
    """Say whether the first row names a text and another field, and the second row has as many cells."""
    names, cells = csv.first_rows(head)
    if not 2 <= len(names) == len(cells):
        return False
    known = {field for field, _ in mapping.resolve(tuple(dict.fromkeys(names)))}
    return len(known) >= 2 and bool(known & {"text", "html"})


def _parses(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
