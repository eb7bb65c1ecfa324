"""Words of many texts at once: what they are, where they stand, and their stems, as 32-bit codes."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.transforms.disk_cache import kept
from wirecopy.transforms.kernels import helper, i8, kernel, reads, u1, u4, writes

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

_A, _D, _E, _G, _I, _N, _O, _S, _U, _Y = b"adeginosuy"
_ALONE = 1 << 31
_MARK = 1 << 30
_JOINED = 1 << 29
_PREFIX = 6  # longest stem, in letters
_PREFIX_ELSEWHERE = 5  # longest stem outside the Latin script, whose endings are not known


class Tokens(NamedTuple):
    """The words of n texts; those of text i are [bounds[i], bounds[i + 1]).

    Attributes:
        words: hash of each word, lower-cased.
        stems: hash of each word's stem; that of a word which is its own stem equals its word hash.
        begins: code point of its text at which each word begins.
        ends: code point of its text after each word.
        bounds: n + 1 positions in the four arrays.
    """

    words: NDArray[np.uint32]
    stems: NDArray[np.uint32]
    begins: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    bounds: NDArray[np.int64]


def tokenize(texts: pa.Array) -> Tokens:
    r"""Return the words of texts, an array of string; null is a text without words.

    Words are what `re.findall(r"\w+", text.lower())` gives, but for this: a character of a script that puts no spaces
    between words (`UNSPACED`) is a word of its own; runs of letters that no spaces part (`UNSPACED_LETTERS`) are cut
    between those pairs of letters, one in three, that a hash says, so that the same letters are cut alike wherever they
    stand (content-defined chunks: Manber, 1994); combining marks go on with the word they stand in, where the
    expression would cut Hindi into consonants, and are letters of it unless they are accents, points or vowels that
    are left out at will (`SILENT_MARKS`); capital I with a dot above stays one letter, i; the two small sigmas are the
    same letter. Which characters make words is what the running Python's Unicode says.

    A stem is a prefix of its word. In the Latin script the English endings -s, -es, -ies, -ed, -ing and a last e, i, or
    y behind a consonant go, then what is beyond six letters; in others what is beyond five letters goes (prefixes of 4
    to 5 letters retrieve as well as stemmers do: McNamee and Mayfield, 2004).
    """
    texts = texts.cast(pa.large_string()).fill_null("")
    _, offsets_buffer, data_buffer = texts.buffers()
    if len(texts) == 0 or data_buffer is None or data_buffer.size == 0:
        empty = np.zeros(0, np.uint32)
        return Tokens(empty, empty, empty, empty, np.zeros(len(texts) + 1, np.int64))
    offsets = np.frombuffer(offsets_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer, np.uint8)
    most = int(offsets[-1] - offsets[0] + 1) // 2 + len(texts)
    words, stems, begins, ends = (np.empty(most, np.uint32) for _ in range(4))
    bounds = np.zeros(len(texts) + 1, np.int64)
    _scan(data, offsets, _letters(), words, stems, begins, ends, bounds)
    n = int(bounds[-1])
    return Tokens(words[:n].copy(), stems[:n].copy(), begins[:n].copy(), ends[:n].copy(), bounds)


@kept()
def _letters() -> NDArray[np.uint32]:
    """Return for every code point 0 where it is in no word, else its small letter.

    `_ALONE` is set in those that are words of their own, `_JOINED` in letters that no spaces part, and `_MARK` in those
    that only go on with a word; of a silent mark nothing else is left.
    """
    n = sys.maxunicode + 1
    every = np.arange(n, dtype=np.uint32)
    string = every.tobytes().decode("utf-32-le", "surrogatepass").replace("İ", "i")
    small = np.frombuffer(string.lower().replace("ς", "σ").encode("utf-32-le", "surrogatepass"), np.uint32).copy()
    in_word = np.zeros(n, bool)
    for run in re.finditer(r"\w+", string):
        in_word[run.start() : run.end()] = True
    small[~in_word[small]] = 0
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            small[code] = _MARK | code
    for first, last in SILENT_MARKS:
        block = small[first : last + 1]
        block[block & _MARK > 0] = _MARK
    for first, last in UNSPACED:
        block = small[first : last + 1]
        block[block & _MARK > 0] = 0
        block[block > 0] |= _ALONE
    for first, last in UNSPACED_LETTERS:
        block = small[first : last + 1]
        block[block > 0] |= _JOINED
    return small


@helper
def _mix(state: np.uint64) -> np.uint32:
    """Return the upper half of a 64-bit state whose every bit has had its part in it (MurmurHash3's finaliser)."""
    state ^= state >> np.uint64(33)
    state *= np.uint64(0xFF51AFD7ED558CCD)
    state ^= state >> np.uint64(33)
    state *= np.uint64(0xC4CEB9FE1A85EC53)
    return np.uint32(state >> np.uint64(32))


@helper
def _fold(state: np.uint64, eight: np.uint64) -> np.uint64:
    """Return the state of a word to which up to eight more letters have been added."""
    state = (state ^ eight) * np.uint64(0x9E3779B97F4A7C15)
    return state ^ state >> np.uint64(29)


@helper
def _decode(data: NDArray[np.uint8], at: int, stop: int) -> tuple[np.int64, int]:
    """Return the code point whose UTF-8 begins at `at`, and its length in bytes."""
    first = np.int64(data[at])
    if first >= 0xF0 and at + 3 < stop:
        code = (first & 7) << 18 | (np.int64(data[at + 1]) & 63) << 12
        return code | (np.int64(data[at + 2]) & 63) << 6 | np.int64(data[at + 3]) & 63, 4
    if first >= 0xE0 and at + 2 < stop:
        return (first & 15) << 12 | (np.int64(data[at + 1]) & 63) << 6 | np.int64(data[at + 2]) & 63, 3
    if first >= 0xC0 and at + 1 < stop:
        return (first & 31) << 6 | np.int64(data[at + 1]) & 63, 2
    return first, 1


@helper
def _spell(data: NDArray[np.uint8], at: int, stop: int, letters: NDArray[np.uint32]) -> tuple[np.uint32, int]:
    """Return what `_letters` says of the code point at `at`, and its length in bytes."""
    code, width = _decode(data, at, stop)
    return letters[code] if code < len(letters) else np.uint32(0), width


@helper
def _parts(last: np.uint32, letter: np.uint32) -> bool:
    """Say whether a word ends between two letters of which one at least is of a script without spaces."""
    pair = (np.uint64(last) << np.uint64(32) | np.uint64(letter)) * np.uint64(0x9E3779B97F4A7C15)
    return bool((last ^ letter) & np.uint32(_JOINED) or (pair >> np.uint64(32)) % np.uint64(3) == 0)


@helper
def _is_consonant_y(last: np.uint64, before: np.uint64) -> bool:
    return bool(last == _Y and before != _A and before != _E and before != _O and before != _U)


@helper
def _stem_length(length: int, last: np.uint64, before: np.uint64, third: np.uint64) -> int:
    """Return the letters that a word's stem keeps, from the word's length and its three last letters."""
    if last > 0x24F:
        return min(length, _PREFIX_ELSEWHERE)
    kept = length
    if length > 3 and last == _S and before != _S and before != _U:
        kept -= 1
        if length > 4 and before == _E:
            kept -= 2 if third == _I else 1
    elif length > 5 and last == _G and before == _N and third == _I:
        kept -= 3
    elif length > 4 and last == _D and before == _E:
        kept -= 3 if third == _I and length > 5 else 2
    elif length > 4 and (last == _E or last == _I or _is_consonant_y(last, before)):  # noqa: SIM109
        kept -= 1
    return min(kept, _PREFIX)


@kernel(i8, reads(u1), reads(i8), reads(u4), writes(u4), writes(u4), writes(u4), writes(u4), writes(i8))
def _scan(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    letters: NDArray[np.uint32],
    words: NDArray[np.uint32],
    stems: NDArray[np.uint32],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
) -> int:
    """Fill words, stems, begins, ends and bounds from UTF-8 data; return the number of words.

    Letters are gathered by eights, a byte for each, so that a word of ASCII takes one step a letter and its prefixes
    are its first letters shifted. Other letters are scattered over all eight bytes.
    """
    alone, mark, joined = np.uint32(_ALONE), np.uint32(_MARK), np.uint32(_JOINED)
    nothing = np.uint64(0)
    ascii_letters = letters[:128].astype(np.uint8)
    prefixes = np.zeros(_PREFIX + 1, np.uint64)
    n = 0
    bounds[0] = 0
    for text in range(len(offsets) - 1):
        at, stop = offsets[text], offsets[text + 1]
        shift = at  # the code point at `at` is the text's number at - shift
        while at < stop:
            if data[at] < 128:
                if ascii_letters[data[at]] == 0:
                    at += 1
                    continue
            else:
                letter, width = _spell(data, at, stop, letters)
                if letter == 0 or letter >= mark:
                    if letter & alone:
                        words[n] = stems[n] = _mix(_fold(nothing, np.uint64(letter)))
                        begins[n], ends[n] = at - shift, at - shift + 1
                        n += 1
                    at += width
                    shift += width - 1
                    continue
            begin, begin_shift = at, shift
            state = eight = head = nothing
            length = 0
            while at < stop and data[at] < 128 and ascii_letters[data[at]]:
                if length & 7 == 0 and length > 0:
                    if length == 8:
                        head = eight
                    state, eight = _fold(state, eight), nothing
                eight = eight << np.uint64(8) | np.uint64(ascii_letters[data[at]])
                length += 1
                at += 1
            is_ascii = True
            if at < stop and data[at] >= 128:
                letter, width = _spell(data, at, stop, letters)
                is_ascii = bool(letter == 0 or letter & alone or (length > 0 and letter & joined))
            if is_ascii:
                if length > 8:
                    stem = head >> np.uint64(8 * (8 - _PREFIX))
                else:
                    last = eight & np.uint64(255)
                    before = eight >> np.uint64(8) & np.uint64(255)
                    third = eight >> np.uint64(16) & np.uint64(255)
                    stem = eight >> np.uint64(8 * (length - _stem_length(length, last, before, third)))
            else:
                at, shift = begin, begin_shift
                state = eight = last = before = third = nothing
                length = 0
                while at < stop:
                    letter, width = _spell(data, at, stop, letters)
                    if letter == 0 or letter & alone:
                        break
                    previous = np.uint32(last)
                    if (letter | previous) & joined and length > 0 and letter < mark and _parts(previous, letter):
                        break
                    at += width
                    shift += width - 1
                    if letter == mark:
                        continue
                    if length & 7 == 0 and length > 0:
                        state, eight = _fold(state, eight), nothing
                    third, before, last = before, last, np.uint64(letter & ~mark)
                    eight = eight << np.uint64(8) | eight >> np.uint64(56)
                    eight ^= last * np.uint64(0xC4CEB9FE1A85EC53) if last > 127 else last
                    length += 1
                    if length <= _PREFIX:
                        prefixes[length] = eight
                stem = prefixes[_stem_length(length, last, before, third)]
            words[n] = _mix(_fold(state, eight))
            stems[n] = _mix(_fold(nothing, stem))
            begins[n], ends[n] = begin - begin_shift, at - shift
            n += 1
        bounds[text + 1] = n
    return n
