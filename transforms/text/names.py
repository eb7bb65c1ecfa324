"""Which words of a text are names, as its capitals tell."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.transforms.disk_cache import kept
from wirecopy.transforms.kernels import b1, i8, kernel, reads, u1, u4, void, writes
from wirecopy.transforms.text.tokens import Tokens

_UPPER, _LOWER, _OPENS = 1, 2, 3
"""What a character is: a capital, a small letter, or a mark behind which a sentence may open with a capital."""
NAME_RARITY = 20
"""Least rarity of a name, in deci-nats: `I` is none."""
NOUN_RARITY = 60
"""Least rarity of a name in a language all of whose nouns have a capital."""
_CAPITAL_NOUNS = ("de", "lb", "nds", "gsw")


def find_names(
    texts: pa.Array, tokens: Tokens, weights: NDArray[np.uint8], languages: Sequence[str | None]
) -> NDArray[np.bool_]:
    """Return which words are names: those with a capital within a sentence, and the same words where they open one.

    In a text most of whose words begin with a capital, as headlines are written, and in scripts without capitals no
    word is told to be a name.

    Args:
        texts: array of string, n texts.
        tokens: their words.
        weights: u8, their rarity, as `transforms.text.rarity.weigh` makes it.
        languages: BCP-47 tag of each text; None where it is not known.
    """
    texts = texts.cast(pa.large_string()).fill_null("")
    names = np.zeros(len(tokens.words), bool)
    _, offsets_buffer, data_buffer = texts.buffers()
    if not len(names) or data_buffer is None:
        return names
    offsets = np.frombuffer(offsets_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer, np.uint8)
    nouns = [(tag or "").replace("_", "-").split("-")[0].lower() in _CAPITAL_NOUNS for tag in languages]
    least = np.where(nouns, NOUN_RARITY, NAME_RARITY).astype(np.uint8)
    _find(data, offsets, _cases(), tokens.words, weights, least, tokens.begins, tokens.bounds, names)
    return names


@kept()
def _cases() -> NDArray[np.uint8]:
    """Return for each code point what it is: see above; 0 is a space, 4 anything else."""
    kinds = np.full(sys.maxunicode + 1, 4, np.uint8)
    for code in range(0x20000):
        letter = chr(code)
        category = unicodedata.category(letter)
        if category in ("Lu", "Lt"):
            kinds[code] = _UPPER
        elif category == "Ll":
            kinds[code] = _LOWER
        elif letter in " \t\xa0":
            kinds[code] = 0
        elif letter in '\n\r.!?…:;"“”„«»‘‚‹›–—―•*|' or category in ("Zl", "Zp"):
            kinds[code] = _OPENS
    return kinds


@kernel(void, reads(u1), reads(i8), reads(u1), reads(u4), reads(u1), reads(u1), reads(u4), reads(i8), writes(b1))
def _find(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    cases: NDArray[np.uint8],
    words: NDArray[np.uint32],
    weights: NDArray[np.uint8],
    least: NDArray[np.uint8],
    begins: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    names: NDArray[np.bool_],
) -> None:
    longest = 1
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    slots = 1
    while slots < 2 * longest:
        slots *= 2
    stamps, codes = np.zeros(slots, np.int64), np.empty(slots, np.uint32)
    opening = np.zeros(longest, np.bool_)
    for text in range(len(bounds) - 1):
        word, end = bounds[text], bounds[text + 1]
        first, point, before = word, np.uint32(0), np.uint8(3)
        capitals = cased = 0
        at, stop = offsets[text], offsets[text + 1]
        while at < stop and word < end:
            lead = data[at]
            code, width = np.int64(lead), 1
            if lead >= 0xF0 and at + 3 < stop:
                code = (code & 7) << 18 | (np.int64(data[at + 1]) & 63) << 12
                code, width = code | (np.int64(data[at + 2]) & 63) << 6 | np.int64(data[at + 3]) & 63, 4
            elif lead >= 0xE0 and at + 2 < stop:
                code = (code & 15) << 12 | (np.int64(data[at + 1]) & 63) << 6 | np.int64(data[at + 2]) & 63
                width = 3
            elif lead >= 0xC0 and at + 1 < stop:
                code, width = (code & 31) << 6 | np.int64(data[at + 1]) & 63, 2
            case = cases[code] if code < len(cases) else np.uint8(4)
            if point == begins[word]:
                capital = case == 1
                capitals += capital
                cased += capital or case == 2
                opening[word - first] = capital and before == 3
                names[word] = capital and before != 3
                word += 1
            if case != 0:
                before = case
            at += width
            point += np.uint32(1)
        for k in range(first, end):
            names[k] &= 2 * capitals <= cased and weights[k] & np.uint8(0x7F) >= least[text]
            if names[k]:
                slot = np.int64(words[k]) & (slots - 1)
                while stamps[slot] == text + 1 and codes[slot] != words[k]:
                    slot = (slot + 1) & (slots - 1)
                stamps[slot], codes[slot] = text + 1, words[k]
        for k in range(first, end):
            if opening[k - first]:
                slot = np.int64(words[k]) & (slots - 1)
                while stamps[slot] == text + 1 and codes[slot] != words[k]:
                    slot = (slot + 1) & (slots - 1)
                names[k] = stamps[slot] == text + 1
