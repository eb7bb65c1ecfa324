"""Which characters bytes stand for: what they declare, what they are, and only then what they look like."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

import charset_normalizer

from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import webcodecs
from wirecopy.transforms.read.io.webcodecs import codec

__all__ = ["MARKS", "codec", "decode", "detect", "is_mostly_utf8", "is_text", "wide"]

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks, those that begin like another first, and the codec that takes each off."""

_SAMPLE = 1 << 15
_ENOUGH = 16
"""Invalid bytes of what is declared UTF-8 that say it is something else."""
_JIS = re.compile(rb"\x1b\$[@B]")
_FOREIGN = re.compile(rb"[\x80-\xff]+")
_TELLING, _WORD = 8, 3
"""Foreign bytes in all, or in a row, from which on they tell an encoding."""
_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_LEGACY = (
    "big5 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 cp874 cp932 cp949 euc_jp gb18030"
    " iso2022_jp iso8859_15 iso8859_2 iso8859_5 iso8859_7 iso8859_8 koi8_r koi8_u"
).split()

_ALPHABETS = {
    codec: [frozenset(letters + letters.upper()) for letters in alphabets.split()]
    for codec, alphabets in {
        "cp1252": "àâæçéèêëîïôœùûüÿ äöüßé áéíñóúüªº ãáàâçéêíóõôúüªº àèéìíîòóù ëéèïöüáóíêç åäöéü æøåéòôóâ"
        " áðéíóúýþæö àçéèíïóòúü",
        "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéĺíľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž",
        "cp1254": "çğıİöşüâîû",
        "cp1257": "āčēģīķļņšūž ąčęėįšųūž äöõüšž",
        "iso8859_2": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéĺíľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž",
        "iso8859_15": "àâæçéèêëîïôœùûüÿ äöõüšž åäöéšž",
        "cp850": "àâæçéèêëîïôùûüÿ äöüßé áéíñóúü ãáàâçéêíóõôú àèéìíîòóù åäöé æøåé",
        "mac_roman": "àâæçéèêëîïôœùûüÿ äöüßé áéíñóúü ãáàâçéêíóõôú àèéìíîòóù åäöé æøåé",
    }.items()
}
"""Letters beside ASCII of the languages that each encoding of Latin script is used for; the likelier encoding first."""
_MARKS = frozenset("“”‘’‚„«»‹›–—…•·†‡§©®™°€£±×½¼¾²³¿¡´\xa0\xad")
_NO_MARKS = re.compile(r"(?<=[^\W\d_])[“”‘‚„«»‹›…•†‡§©®™°€£±×½¼¾²³¿¡´¶](?=[^\W\d_])")
_LATIN_SHARE, _FITTING = 0.3, 0.9
"""Most of the letters that may be foreign in Latin script, and the share of them that one language has."""


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the text that bytes stand for.

    A byte order mark decides where the bytes bear it out, then the zero bytes of UTF-16 and UTF-32, the escapes of
    ISO-2022-JP, UTF-8 where the bytes are valid UTF-8, what is declared, and then detection by charset-normalizer;
    UTF-8 with a few invalid bytes is no other encoding. Valid UTF-8 outranks a declaration because multi-byte text of
    another encoding is next to never valid UTF-8, while wrong declarations are common.

    Args:
        data: all of the document's bytes.
        declared: an encoding's label, as a header or the document gives it; labels mean what the WHATWG Encoding
            Standard says they mean, so iso-8859-1 is windows-1252.

    Raises:
        Fault: `binary` where the bytes are no text; `encoding` where they do not decode.
    """
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                data = data.removeprefix(codecs.BOM_UTF8)
                break
    if not is_text(data):
        raise Fault("binary", "control bytes that no text has")
    if unmarked := wide(data):
        return _strict(data, unmarked)
    known = codec(declared) if declared else None
    if 0x1B in data and _JIS.search(data):
        return _strict(data, known if known and known.startswith("iso2022") else "iso2022_jp")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        invalid = error
    if known and known != "utf-8":
        return _strict(data, known)
    if is_mostly_utf8(data) or (known and not _is_foreign(data)):
        raise Fault("encoding", f"UTF-8, but {invalid}")
    try:
        return _strict(data, detect(data))
    except Fault as fault:
        raise Fault(fault.reason, f"{fault.error}; and it is not UTF-8: {invalid}") from None


def _is_foreign(data: bytes) -> bool:
    """Say whether what is declared UTF-8 is something else: many of its bytes are invalid, or all but ASCII.

    One invalid byte alone is damage and tells of no other encoding.
    """
    text = data.decode(errors="replace")
    invalid = text.count("\ufffd")
    return invalid >= _ENOUGH or (invalid > 1 and all(char < "\x80" or char == "\ufffd" for char in text))


def is_mostly_utf8(data: bytes) -> bool:
    """Say whether bytes are UTF-8 but for few: then another encoding would only turn all of it into nonsense."""
    text = data[:_SAMPLE].decode("utf-8", "replace")
    invalid = text.count("\ufffd")
    return sum(char > "\x7f" for char in text) > 3 * invalid


def detect(data: bytes) -> str:
    """Return the codec that bytes, which are not UTF-8, look written in, one of those the web still uses.

    Some quotes, accents or currency signs tell nothing: they are windows-1252, what browsers take when nothing is
    declared (HTML Standard, 13.2.3.2). Raises Fault `encoding` where none fits.
    """
    first = _FOREIGN.search(data)
    begin = first.start() if first else 0
    sample = data[begin : begin + _SAMPLE]
    if latin := _latin(data, sample):
        return latin
    runs = [len(run) for run in _FOREIGN.findall(sample)]
    if sum(runs) < _TELLING and max(runs, default=0) < _WORD:
        with suppress(UnicodeDecodeError):
            data.decode("cp1252")
            return "cp1252"
    best = charset_normalizer.from_bytes(sample, cp_isolation=_LEGACY).best()
    if best is None:
        raise Fault("encoding", "no encoding fits")
    return codec(best.encoding) or best.encoding


def _latin(data: bytes, sample: bytes) -> str | None:
    """Return the encoding of Latin script in which nearly all foreign letters are those of one language, or None."""
    letters = sum(map(len, re.findall(rb"[A-Za-z]+", sample)))
    foreign = sum(map(len, _FOREIGN.findall(sample)))
    if foreign > _LATIN_SHARE * (letters + foreign):
        return None
    best, found = _FITTING, None
    for encoding, alphabets in _ALPHABETS.items():
        try:
            text = data.decode(encoding)[-len(sample) :] if len(data) <= _SAMPLE else sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        told = [char for char in text if char > "\x7f" and char not in _MARKS] + _NO_MARKS.findall(text)
        fitting = max(sum(map(alphabet.__contains__, told)) for alphabet in alphabets) / len(told) if told else 1.0
        if fitting > best or (fitting == best and not found):
            best, found = fitting, encoding
    return found


def is_text(data: bytes) -> bool:
    """Say whether bytes can be text at all: next to no control characters, or UTF-16 or UTF-32."""
    sample = data[:_SAMPLE]
    return len(sample) - len(sample.translate(None, _CONTROL)) <= len(sample) // 1000 or wide(data) is not None


def wide(data: bytes) -> str | None:
    """Return the codec of UTF-16 or UTF-32 without a mark: it has zero bytes, and read so the bytes are printable.

    In UTF-16 there must be a space.
    """
    sample = data[: min(_SAMPLE, len(data)) // 4 * 4]
    if 0 not in sample:
        return None
    zeros = [sample[place::4].count(0) for place in range(4)]
    high, low = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if min(zeros[2:]) > len(sample) // 8:
        encoding = "utf-32-le"
    elif min(zeros[:2]) > len(sample) // 8:
        encoding = "utf-32-be"
    elif 4 * min(high, low) < max(high, low):
        encoding = "utf-16-le" if low > high else "utf-16-be"
    else:
        return None
    text = sample.decode(encoding, errors="replace")
    odd = sum(not (char.isprintable() or char.isspace()) or char == "\ufffd" for char in text)
    return encoding if (" " in text or encoding.startswith("utf-32")) and odd <= len(text) // 100 else None


def _strict(data: bytes, encoding: str) -> str:
    try:
        return webcodecs.decode(data, encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Fault("encoding", str(error)) from None
