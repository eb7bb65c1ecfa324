"""Words of many texts at once: what they are, where they stand, and their stems, as 32-bit codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i8, kernel, reads, u1, u4, writes
from wirecopy.transforms.text import folding
from wirecopy.transforms.text.folding import (
    ALONE,
    JOINED,
    LOOKS_FROM,
    MARK,
    MOST,
    SERBIAN_FROM,
    SEVERAL,
    UNSPACED,
    UNSPACED_LETTERS,
)

__all__ = ["UNSPACED", "UNSPACED_LETTERS", "Tokens", "tokenize"]

_A, _D, _E, _G, _I, _N, _O, _S, _U, _Y = b"adeginosuy"
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

    Words are what `re.findall(r"\w+", text)` gives, but for this: a character of a script that puts no spaces between
    words (`UNSPACED`) is a word of its own; runs of letters that no spaces part (`UNSPACED_LETTERS`) are cut between
    those pairs of letters, one in three, that a hash says, so that the same letters are cut alike wherever they stand
    (content-defined chunks: Manber, 1994); combining marks go on with the word they stand in, where the expression
    would cut Hindi into consonants, and so do marks that cannot be seen; a hyphen at the end of a line, before a small
    letter, parts no word. Which characters make words is what the running Python's Unicode says.

    Letters are compared as `transforms.text.folding` folds them, so that text that is canonically or visibly the same
    has the same words: whatever its case, accents, normal form, width or ligatures. Letters of another script among
    those of a word are what they look like, where each of them looks like one; a text in Serbian or Macedonian Cyrillic
    has the words of its Latin form. Offsets point into the text as it stands.

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
    letters, several = folding.letters()
    latin, cyrillic, greek = folding.looks()
    alike = np.concatenate([cyrillic, greek])
    _scan(data, offsets, letters, several, latin, alike, folding.serbian(), words, stems, begins, ends, bounds)
    n = int(bounds[-1])
    return Tokens(words[:n].copy(), stems[:n].copy(), begins[:n].copy(), ends[:n].copy(), bounds)


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
def _spell(data: NDArray[np.uint8], at: int, stop: int, letters: NDArray[np.uint32]) -> tuple[np.uint32, np.int64, int]:
    """Return what `folding.letters` says of the code point at `at`, the code point, and its length in bytes."""
    code, width = _decode(data, at, stop)
    return letters[code] if code < len(letters) else np.uint32(0), code, width


@helper
def _rejoined(data: NDArray[np.uint8], at: int, stop: int, letters: NDArray[np.uint32]) -> int:
    """Return where a word goes on that a hyphen at `at` cuts at the end of its line; 0 where it does not."""
    if data[at] == 0x2D:
        at += 1
    elif data[at] == 0xE2 and at + 2 < stop and data[at + 1] == 0x80 and data[at + 2] == 0x90:
        at += 3
    else:
        return 0
    lines = 0
    while at < stop and (data[at] == 0x20 or data[at] == 0x0D or data[at] == 0x0A or data[at] == 0x09):
        lines += data[at] == 0x0A
        at += 1
    if lines != 1 or at >= stop:
        return 0
    if data[at] < 128:
        return at if 0x61 <= data[at] <= 0x7A else 0
    code, _ = _decode(data, at, stop)
    letter = letters[code] if code < len(letters) else np.uint32(0)
    return at if letter == code else 0


@helper
def _voiced(code: np.int64, data: NDArray[np.uint8], at: int, stop: int) -> np.int64:
    """Return a kana with the voicing mark that follows it at `at`, full-width or half-width, where it takes one."""
    if at + 2 >= stop:
        return code
    if data[at] == 0xE3 and data[at + 1] == 0x82 and 0x99 <= data[at + 2] <= 0x9A:
        mark = np.int64(data[at + 2]) - 0x98
    elif data[at] == 0xEF and data[at + 1] == 0xBE and 0x9E <= data[at + 2] <= 0x9F:
        mark = np.int64(data[at + 2]) - 0x9D
    else:
        return code
    plain = code - 0x60 if code >= 0x30A1 else code
    if 0x306F <= plain <= 0x307B and (plain - 0x306F) % 3 == 0:
        return code + mark
    if mark == 1 and (
        (0x304B <= plain <= 0x3061 and plain % 2 == 1) or plain == 0x3064 or plain == 0x3066 or plain == 0x3068
    ):
        return code + 1
    return np.int64(0x3094) + code - plain if mark == 1 and plain == 0x3046 else code


@helper
def _syllable(lead: np.int64, data: NDArray[np.uint8], at: int, stop: int) -> tuple[np.int64, int]:
    """Return the Hangul syllable that a leading consonant makes with the jamo behind it, and their length in bytes."""
    vowel, width = _decode(data, at, stop) if at < stop else (np.int64(0), 0)
    if not 0x1161 <= vowel <= 0x1175:
        return lead, 0
    code = 0xAC00 + ((lead - 0x1100) * 21 + vowel - 0x1161) * 28
    if at + width < stop:
        tail, more = _decode(data, at + width, stop)
        if 0x11A8 <= tail <= 0x11C2:
            return code + tail - 0x11A7, width + more
    return code, width


@helper
def _is_serbian(data: NDArray[np.uint8], at: int, stop: int) -> bool:
    """Say whether one in fifty Cyrillic letters of a text is one that Russian, Bulgarian and Ukrainian have not."""
    cyrillic = own = 0
    while at + 1 < stop:
        first = data[at]
        if first == 0xD0 or first == 0xD1:
            cyrillic += 1
            code = (np.int64(first) & 31) << 6 | np.int64(data[at + 1]) & 63
            own += code in (0x402, 0x408, 0x409, 0x40A, 0x40B, 0x40F, 0x452, 0x458, 0x459, 0x45A, 0x45B, 0x45F)
            at += 2
        else:
            at += 1
    return own > 0 and own * 50 >= cyrillic


@helper
def _parts(last: np.uint32, letter: np.uint32) -> bool:
    """Say whether a word ends between two letters of which one at least is of a script without spaces."""
    pair = (np.uint64(last) << np.uint64(32) | np.uint64(letter)) * np.uint64(0x9E3779B97F4A7C15)
    return bool((last ^ letter) & np.uint32(JOINED) or (pair >> np.uint64(32)) % np.uint64(3) == 0)


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


@kernel(
    i8,
    reads(u1),
    reads(i8),
    reads(u4),
    reads(u4, 2),
    reads(u1),
    reads(u4),
    reads(u4, 2),
    writes(u4),
    writes(u4),
    writes(u4),
    writes(u4),
    writes(i8),
)
def _scan(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    letters: NDArray[np.uint32],
    several: NDArray[np.uint32],
    latin: NDArray[np.uint8],
    alike: NDArray[np.uint32],
    serbian: NDArray[np.uint32],
    words: NDArray[np.uint32],
    stems: NDArray[np.uint32],
    begins: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    bounds: NDArray[np.int64],
) -> int:
    """Fill words, stems, begins, ends and bounds from UTF-8 data; return the number of words.

    Letters are gathered by eights, a byte for each, so that a word of ASCII takes one step a letter and its prefixes
    are its first letters shifted. Other letters are scattered over all eight bytes. A word with letters of two scripts
    is read a second time, with the letters of the one as what they look like in the other.
    """
    alone, mark, joined, several_flag = np.uint32(ALONE), np.uint32(MARK), np.uint32(JOINED), np.uint32(SEVERAL)
    nothing = np.uint64(0)
    ascii_letters = letters[:128].astype(np.uint8)
    prefixes = np.zeros(_PREFIX + 1, np.uint64)
    parts = np.zeros(MOST, np.uint32)
    n = 0
    bounds[0] = 0
    for text in range(len(offsets) - 1):
        at, stop = offsets[text], offsets[text + 1]
        shift = at  # the code point at `at` is the text's number at - shift
        in_serbian = _is_serbian(data, at, stop)
        while at < stop:
            if data[at] < 128:
                if ascii_letters[data[at]] == 0:
                    at += 1
                    continue
            else:
                letter, code, width = _spell(data, at, stop, letters)
                if letter == 0 or letter & (alone | mark):
                    if letter & alone:
                        kana = np.int64(letter & ~alone)
                        whole = _voiced(kana, data, at + width, stop)
                        more = 3 if whole != kana else 0
                        if more:
                            letter = letters[whole]
                        words[n] = stems[n] = _mix(_fold(nothing, np.uint64(letter)))
                        begins[n] = at - shift
                        at += width + more
                        shift += width - 1 + (2 if more else 0)
                        ends[n] = at - shift
                        n += 1
                    else:
                        at += width
                        shift += width - 1
                    continue
            begin, begin_shift = at, shift
            state = eight = head = nothing
            length = 0
            while True:
                while at < stop and data[at] < 128 and ascii_letters[data[at]]:
                    if length & 7 == 0 and length > 0:
                        if length == 8:
                            head = eight
                        state, eight = _fold(state, eight), nothing
                    eight = eight << np.uint64(8) | np.uint64(ascii_letters[data[at]])
                    length += 1
                    at += 1
                if at >= stop or data[at] != 0x2D or at + 1 >= stop or data[at + 1] > 0x20 or length == 0:
                    break
                again = _rejoined(data, at, stop, letters)
                if again == 0:
                    break
                at = again
            is_ascii = True
            if at < stop and data[at] >= 128:
                letter, code, width = _spell(data, at, stop, letters)
                is_ascii = bool(letter == 0 or letter & alone or (length > 0 and letter & joined))
                if is_ascii and code == 0x2010 and _rejoined(data, at, stop, letters):
                    is_ascii = False
            if is_ascii:
                if length > 8:
                    stem = head >> np.uint64(8 * (8 - _PREFIX))
                else:
                    last = eight & np.uint64(255)
                    before = eight >> np.uint64(8) & np.uint64(255)
                    third = eight >> np.uint64(16) & np.uint64(255)
                    stem = eight >> np.uint64(8 * (length - _stem_length(length, last, before, third)))
            else:
                script = 0  # 1 where other letters are read as Latin ones, 2 as Cyrillic, 3 as Greek
                while True:
                    at, shift = begin, begin_shift
                    state = eight = last = before = third = nothing
                    length = n_latin = n_other = latin_alone = other_alone = 0
                    is_greek = False
                    while at < stop:
                        letter, code, width = _spell(data, at, stop, letters)
                        if letter == 0 or letter & alone:
                            again = _rejoined(data, at, stop, letters) if length > 0 else 0
                            if again == 0:
                                break
                            shift += width - 1
                            at = again
                            continue
                        previous = np.uint32(last)
                        if (
                            (letter | previous) & joined
                            and length > 0
                            and letter & mark == 0
                            and _parts(previous, letter)
                        ):
                            break
                        at += width
                        shift += width - 1
                        if letter == mark:
                            continue
                        if 0x1100 <= code <= 0x1112:
                            code, more = _syllable(code, data, at, stop)
                            if more:
                                at += more
                                shift += more - (1 if more == 3 else 2)
                                letter = letters[code]
                        n_parts = 1
                        parts[0] = letter
                        plain = np.int64(letter & ~(joined | mark))
                        if 0x61 <= plain <= 0x24F:
                            n_latin += 1
                            latin_alone += int(plain > 127 or (alike[plain] == 0 and alike[plain + 128] == 0))
                            if script > 1 and plain < 128 and alike[plain + 128 * (script - 2)]:
                                parts[0] = alike[plain + 128 * (script - 2)]
                        elif LOOKS_FROM <= code < 0x530 or 0x1F00 <= code < 0x2000:
                            look = latin[code - LOOKS_FROM]
                            n_other += 1
                            is_greek = is_greek or bool(code < 0x400 or code >= 0x1F00)
                            other_alone += int(look == 0)
                            at_serbian = code - SERBIAN_FROM
                            if script == 1 and look:
                                parts[0] = look
                            elif in_serbian and 0 <= at_serbian < len(serbian) and serbian[at_serbian, 0]:
                                for k in range(2):
                                    parts[k] = serbian[at_serbian, k]
                                n_parts = 2 if parts[1] else 1
                        if n_parts == 1 and parts[0] & several_flag:
                            row = parts[0] & ~several_flag
                            n_parts = 0
                            while n_parts < len(parts) and several[row, n_parts]:
                                parts[n_parts] = several[row, n_parts]
                                n_parts += 1
                        for k in range(n_parts):
                            if length & 7 == 0 and length > 0:
                                state, eight = _fold(state, eight), nothing
                            third, before, last = before, last, np.uint64(parts[k] & ~mark)
                            eight = eight << np.uint64(8) | eight >> np.uint64(56)
                            eight ^= last * np.uint64(0xC4CEB9FE1A85EC53) if last > 127 else last
                            length += 1
                            if length <= _PREFIX:
                                prefixes[length] = eight
                    if script or in_serbian or n_latin == 0 or n_other == 0:
                        break
                    if other_alone == 0 and (latin_alone > 0 or n_latin >= n_other):
                        script = 1
                    elif latin_alone == 0:
                        script = 3 if is_greek else 2
                    else:
                        break
                stem = prefixes[_stem_length(length, last, before, third)]
            words[n] = _mix(_fold(state, eight))
            stems[n] = _mix(_fold(nothing, stem))
            begins[n], ends[n] = begin - begin_shift, at - shift
            n += 1
        bounds[text + 1] = n
    return n
