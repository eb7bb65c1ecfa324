"""The events of a watch as an Atom feed (RFC 4287) beside the lake's tables."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wirecopy.pipelines.watches.sinks import as_text
from wirecopy.pipelines.watches.store import FOLDER, Noted, Watch
from wirecopy.transforms.lake.files import replace

ENTRIES = 100
"""Events that a feed holds, the newest."""

_ATOM = "http://www.w3.org/2005/Atom"


def write_feed(lake: Path, watch: Watch, events: Sequence[Noted]) -> None:
    """Write the feed of a watch, whole and at once, unless it says the same already. Raises OSError."""
    path = lake / FOLDER / f"{watch.name}.atom"
    data = feed(watch, events)
    if path.is_symlink() or not path.is_file() or path.read_bytes() != data:
        replace(path, data)


def feed(watch: Watch, events: Sequence[Noted]) -> bytes:
    """Return the Atom feed of the last events of a watch, the newest first."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _put(root, "id", f"urn:uuid:{_uuid(watch.key)}")
    _put(root, "title", f"Wirecopy: {watch.name}")
    _put(root, "updated", _when(events[-1].body["at"]) if events else "1970-01-01T00:00:00Z")
    _put(_put(root, "author"), "name", "Wirecopy")
    for event in reversed(events[-ENTRIES:]):
        body = event.body
        entry = _put(root, "entry")
        _put(entry, "id", f"urn:uuid:{_uuid(event.id)}")
        _put(entry, "title", " ".join(body["told"].split())[:300])
        _put(entry, "updated", _when(body["at"]))
        address = (body.get("article") or {}).get("url") or body.get("feed_url")
        if address and address.startswith(("http://", "https://")):
            _put(entry, "link").set("href", _legal(address))
        _put(entry, "content", as_text(body)).set("type", "text")
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _put(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    made.text = _legal(text) if text is not None else None
    return made


def _legal(text: str) -> str:
    """Return text with what XML cannot hold replaced."""
    return "".join(
        char
        if char in "\t\n" or 0x20 <= ord(char) < 0xD800 or 0xE000 <= ord(char) < 0xFFFE or ord(char) > 0xFFFF
        else "\ufffd"
        for char in text
    )


def _uuid(name: str) -> str:
    return "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:32]))


def _when(at: Any) -> str:
    return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
