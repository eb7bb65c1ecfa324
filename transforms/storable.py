"""Text from outside made text that can be stored: whatever bytes or halves of characters it came with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_BROKEN = re.compile("[\ud800-\udfff\x00]")
_NO_URI = re.compile(r"[^!-~]")


def storable(value: T) -> T:
    """Return a value of plain kinds with each lone surrogate and NUL in its strings replaced by U+FFFD.

    Args:
        value: strings, mappings, lists, tuples and named tuples, nested in any way; anything else is left as it is.
    """
    found: Any = value
    if isinstance(value, str):
        found = _BROKEN.sub("\ufffd", value)
    elif isinstance(value, Mapping):
        found = {storable(name): storable(one) for name, one in value.items()}
    elif isinstance(value, tuple):
        each = map(storable, value)
        found = type(value)(*each) if hasattr(value, "_fields") else tuple(each)
    elif isinstance(value, list):
        found = list(map(storable, value))
    return found


def field_text(value: str) -> str:
    """Return a header field's value as text; bytes that are not UTF-8 are read as Latin-1, as HTTP once had it.

    Args:
        value: decoded as UTF-8, other bytes as lone surrogates (PEP 383).
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        return storable(value.encode("utf-8", "surrogateescape").decode("latin-1"))
    return storable(value)


def field_address(value: str) -> str:
    """Return a header field's value that is an address; bytes that are not UTF-8 are percent-encoded."""
    return re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", value)


def uri(url: str) -> str:
    """Return an address in ASCII without white space and control characters, all else percent-encoded."""
    return _NO_URI.sub(lambda char: "".join(f"%{byte:02X}" for byte in char[0].encode(errors="replace")), url)
