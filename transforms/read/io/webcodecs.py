"""Encodings as the web means them: labels, and codecs of Python's with what they lack beside the WHATWG's tables.

Python's Big5 has no letters of Hong Kong, its Big5-HKSCS none of Microsoft's; its GB18030 no euro sign at 0x80; its
EUC-JP and ISO-2022-JP none of the letters that NEC and IBM added. What one codec cannot read another can.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from functools import cache
from importlib.resources import files

_FAMILIES = ("utf-8", "big5", "cp", "euc", "gb", "hz", "iso2022", "iso8859", "johab", "koi8", "mac", "shift_jis", "tis")
_AS_IN_WINDOWS = str.maketrans("〜‖−¢£¬", "～∥－￠￡￢")
"""Signs of JIS X 0208 that the web, as Windows, takes for the wide ones."""
_AS_IN_BIG5 = str.maketrans("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡")
"""Signs that Big5-HKSCS has otherwise than the Big5 of the web."""
_TRANSLATED = {"euc_jp": _AS_IN_WINDOWS, "big5hkscs": _AS_IN_BIG5}
_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI])")


@cache
def labels() -> dict[str, str]:
    """Return the codec that each label of the WHATWG's means."""
    data = tomllib.loads(files(__package__).joinpath("charsets.toml").read_text("utf-8"))
    return {label: codec for codec, names in data["labels"].items() for label in names.split()}


@cache
def codec(label: str) -> str | None:
    """Return the name of the codec an encoding's label means on the web, or None where it is none of text.

    What claims to be UTF-16 in ASCII is not, and codecs such as punycode are none that documents are written in.
    """
    label = label.strip("\"' \t\r\n").lower()
    known = labels().get(label)
    if known is None:
        try:
            name = codecs.lookup(label).name
        except (LookupError, ValueError):
            return None
        known = labels().get(name, name)
    return known if known.startswith(_FAMILIES) else None


def decode(data: bytes, codec: str) -> str:
    """Return what bytes say in one of Python's codecs, completed. Raises UnicodeDecodeError and LookupError."""
    if codec == "iso2022_jp":
        return _from_iso2022_jp(data)
    text = data.decode(codec, _COMPLETED.get(codec, "strict"))
    return text.translate(_TRANSLATED[codec]) if codec in _TRANSLATED else text


def _completed(error: UnicodeError) -> tuple[str, int]:
    """Look up in another codec what one cannot decode; raises the error where none can."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    family = error.encoding.replace("-", "_").lower()
    try:
        if family.startswith("gb") and pair[:1] == b"\x80":
            return "€", error.start + 1
        if len(pair) == 2 and family.startswith("big5"):
            return pair.decode("cp950"), error.start + 2
        if len(pair) == 2 and family.startswith("euc") and min(pair) > 0xA0:
            return _shifted(pair[0] - 0x80, pair[1] - 0x80).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        pass
    raise error


codecs.register_error("wirecopy.completed", _completed)
_COMPLETED = dict.fromkeys(("gb18030", "big5hkscs", "euc_jp"), "wirecopy.completed")


def _shifted(row: int, cell: int) -> bytes:
    """Return the two bytes of Shift_JIS for a row and cell of JIS X 0208, both 0x21 to 0x7e."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + ((0x1F if cell < 0x60 else 0x20) if row % 2 else 0x7E)
    return bytes((lead, trail))


def _from_iso2022_jp(data: bytes) -> str:
    """Return what ISO-2022-JP says: ASCII, JIS X 0208 with what NEC and IBM added, and kana of half width."""
    begin, mode, parts = 0, b"(B", []
    for escape in [*_ESCAPE.finditer(data), None]:
        piece = data[begin : escape.start() if escape else len(data)]
        if mode[:1] == b"$":
            piece = piece.translate(None, b"\r\n")
            pairs = zip(piece[::2], piece[1::2], strict=False)
            parts.append(b"".join(_shifted(row, cell) for row, cell in pairs if row > 0x20 < cell).decode("cp932"))
        elif mode == b"(I":
            parts.append(bytes(byte | 0x80 if byte > 0x20 else byte for byte in piece).decode("cp932"))
        else:
            parts.append(piece.decode("ascii"))
        if escape:
            begin, mode = escape.end(), escape[1]
    return "".join(parts)
