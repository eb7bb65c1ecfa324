"""What letters are compared as: text that is canonically or visibly the same has the same words.

Case, accents and vowel points, compatibility forms (full-width and mathematical letters, ligatures, presentation
forms), hamza seats and the Persian forms of ye and kaf make no other word; marks that cannot be seen make none either.
Offsets are not touched by this: they point into the text as it stands.
"""

from __future__ import annotations

import re
import sys
import unicodedata

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.disk_cache import kept

ALONE = 1 << 31
"""Marks a letter that is a word of its own."""
MARK = 1 << 30
"""Marks what only goes on with a word; of a silent mark nothing else is left."""
JOINED = 1 << 29
"""Marks a letter that no spaces part from the next."""
SEVERAL = 1 << 28
"""Marks a character that stands for several letters; the rest is its row in the table of these."""
MOST = 4
"""Letters that one character stands for, at most; what stands for more is compared as it is."""

UNSPACED = (
    (0x2E80, 0x2FDF),  # CJK and Kangxi radicals
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark and zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3031, 0x30FF),  # Kana
    (0x31F0, 0x31FF),  # Kana extensions
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),  # Han
    (0xFF66, 0xFF9F),  # half-width Kana
    (0x1AFF0, 0x1B16F),  # Kana
    (0x20000, 0x3FFFF),  # Han
)
"""First and last code points of blocks whose characters are about half a word each: each character is a token."""

UNSPACED_LETTERS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19FF),  # Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0xA980, 0xA9DF),  # Javanese
    (0xA9E0, 0xA9FF),  # Myanmar
    (0xAA60, 0xAA7F),
    (0xAA80, 0xAADF),  # Tai Viet
)
"""First and last code points of blocks of letters that no spaces part into words: tokens are cut between letters."""

SILENT_MARKS = (
    (0x0300, 0x0483),  # combining accents and Cyrillic titlo
    (0x0484, 0x077F),  # Hebrew points, Arabic and Syriac vowels
    (0x07C0, 0x08FF),  # N'Ko tones, Samaritan, Mandaic and Arabic vowels
    (0x1AB0, 0x1AFF),  # accents
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE2F),  # variation selectors, half accents
    (0xE0100, 0xE01EF),
)
"""First and last code points of blocks whose combining marks make no other word of what they stand on."""

INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u0640\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
) | frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2061, 0x2065), *range(0x2066, 0x2070))))
"""What is not seen, or only stretches a word: soft hyphen, tatweel, zero-width characters, marks of direction."""

_VARIANTS = str.maketrans("ىیېکڪةۀەہۂٱ", "يييككههههها")
"""Letters of the Arabic script that are typed for each other."""

_HANGUL = range(0xAC00, 0xD7A4)

LOOKS_FROM = 0x370
"""First code point of the table of letters that look like Latin ones."""
_LOOKS = {
    "АВЕЅІЈКМНОРСТУХҺԌԚԜ": "abesijkmhopctyxhgqw",
    "аеѕіјоорсухһԛԝк": "aesijoopcyxhqwk",
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ": "abezhikmnoptyxcm",
    "αικνορτυϲγ": "aikvoptucy",
}
_CYRILLIC = ("abcehijkmopstxy", "авсеніјкморѕтху")
_GREEK = ("abehikmnoptuvxyz", "αβεηικμνορτυνχυζ")
_SERBIAN = {
    **dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True)),
    "љ": "lj",
    "њ": "nj",
    "џ": "dž",
    "ѕ": "dz",
}
SERBIAN_FROM = 0x400
SERBIAN_ONLY = "ђјљњћџ"
"""Letters of the Serbian and Macedonian alphabets that Russian, Bulgarian and Ukrainian have not."""


def folded(char: str) -> str:
    """Return the letters that a character is compared as; none for a mark that makes no other word."""
    if char in INVISIBLE or _is_silent(char):
        return ""
    if ord(char) in _HANGUL or _is_in(ord(char), UNSPACED_LETTERS):
        return char
    if _is_in(ord(char), UNSPACED):
        whole = unicodedata.normalize("NFKC", char)
        return whole if len(whole) == 1 else char
    letters = _bare(_bare(char).casefold()).translate(_VARIANTS)
    if not letters or len(letters) > MOST or not all(_goes_on(one) for one in letters):
        return char.lower() if len(char.lower()) == 1 else char
    return letters


def _bare(text: str) -> str:
    """Return the compatibility decomposition of a text without marks that make no other word."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not _is_silent(one) and one not in INVISIBLE)


def _is_in(code: int, blocks: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in blocks)


def _is_silent(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc") and _is_in(ord(char), SILENT_MARKS)


def _goes_on(char: str) -> bool:
    """Say whether a character makes or goes on with a word."""
    return re.fullmatch(r"\w", char) is not None or unicodedata.category(char) in ("Mn", "Mc")


@kept()
def letters() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return what each code point is compared as, and the rows of those that stand for several letters.

    Of the first array, u32[0x110000], an entry is 0 where the code point is in no word, else its letter with the flags
    ALONE, JOINED, MARK, or SEVERAL and the number of its row in the second, u32[n, MOST], of letters and then zeros.
    """
    n = sys.maxunicode + 1
    every = np.arange(n, dtype=np.uint32)
    string = every.tobytes().decode("utf-32-le", "surrogatepass")
    in_word = np.zeros(n, bool)
    for run in re.finditer(r"\w+", string):
        in_word[run.start() : run.end()] = True
    single = string.replace("İ", "i").lower().replace("ς", "σ")
    table = np.frombuffer(single.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
    table[~in_word] = 0
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            table[code] = MARK | code
    for first, last in SILENT_MARKS:
        block = table[first : last + 1]
        block[block & MARK > 0] = MARK
    rows: dict[tuple[int, ...], int] = {}
    for code in np.flatnonzero(table & ~np.uint32(MARK)).tolist():
        char = string[code]
        if char.isascii() or not _may_fold(char):
            continue
        plain = tuple(int(table[ord(one)]) or ord(one) for one in folded(char))
        if len(plain) == 1:
            table[code] = plain[0]
        elif plain:
            table[code] = SEVERAL | rows.setdefault(plain, len(rows))
        else:
            table[code] = MARK
    for char in INVISIBLE:
        table[ord(char)] = MARK
    for first, last in UNSPACED:
        block = table[first : last + 1]
        block[block & MARK > 0] = 0
        block[block > 0] |= ALONE
    for first, last in UNSPACED_LETTERS:
        block = table[first : last + 1]
        block[(block > 0) & (block & SEVERAL == 0)] |= JOINED
    several = np.zeros((max(1, len(rows)), MOST), np.uint32)
    for row, at in rows.items():
        several[at, : len(row)] = row
    return table, several


def _may_fold(char: str) -> bool:
    return bool(unicodedata.decomposition(char)) or char.casefold() != char or char != char.translate(_VARIANTS)


@kept()
def looks() -> tuple[NDArray[np.uint8], NDArray[np.uint32], NDArray[np.uint32]]:
    """Return which letters look like which.

    Returns:
        u8[0x1C90], the small Latin letter that each Greek or Cyrillic code point from LOOKS_FROM on looks like, 0 for
        none; and twice u32[128], the small Cyrillic and the small Greek letter that each small ASCII letter, or its
        capital, looks like.
    """
    look = {other: one for others, plain in _LOOKS.items() for other, one in zip(others, plain, strict=True)}
    latin = np.zeros(0x2000 - LOOKS_FROM, np.uint8)
    for code in (*range(LOOKS_FROM, 0x530), *range(0x1F00, 0x2000)):
        latin[code - LOOKS_FROM] = ord(look.get(unicodedata.normalize("NFD", chr(code))[0], "\0"))
    reverse = []
    for ours, others in (_CYRILLIC, _GREEK):
        table = np.zeros(128, np.uint32)
        for one, other in zip(ours, others, strict=True):
            table[ord(one)] = ord(other)
        reverse.append(table)
    return latin, reverse[0], reverse[1]


@kept()
def serbian() -> NDArray[np.uint32]:
    """Return, u32[0x60, 2], the Latin letters of each Cyrillic code point from SERBIAN_FROM on, without accents."""
    table = np.zeros((0x60, 2), np.uint32)
    for at in range(len(table)):
        plain = "".join(map(folded, in_latin(chr(SERBIAN_FROM + at).lower())))
        if plain.isascii() or plain == "đ":
            table[at, : len(plain)] = list(map(ord, plain))
    return table


def in_latin(text: str) -> str:
    """Return a small-lettered text in Serbian or Macedonian Cyrillic in Latin letters."""
    return "".join(_SERBIAN.get(one, one) for char in text for one in (char if char in _SERBIAN else folded(char)))
