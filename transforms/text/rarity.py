"""How rare each word is in its language: integer weights from a frozen model that knows nothing of the lake.

A word's weight is -ln of the chance that an article of typical length holds it, 1 - exp(-length x frequency), in
deci-nats: the inverse document frequency (Spärck Jones, 1972) that a lake of unrelated articles would have. Frequencies
are those of wordfreq (Speer, 2022); where it has no list for a language, they are what Zipf's law makes of how often
the article itself holds the word.

A Han character or a kana, which `tokenize` makes a word of its own, is about half a word, and its weight half of what
its rarity would give a word: -ln of the chance that a short text holds it, halved. Its frequency is that in the words
of wordfreq's lists.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wirecopy.transforms.disk_cache import kept
from wirecopy.transforms.kernels import b1, i8, kernel, reads, u1, u4, void, writes
from wirecopy.transforms.text import folding
from wirecopy.transforms.text.tokens import tokenize

NUMBER = 0x80
"""The bit of a weight that marks a number; the other seven are the weight."""

ARTICLE_WORDS = 400
"""Words of the article of typical length that the model speaks of."""

UNLISTED = 90
"""Weight of a word that its language's list does not hold, and the largest weight: frequency 3e-7 and less."""

TEXT_CHARACTERS = 60
"""Characters of the short text, a long sentence, by which the rarity of Han characters and kana is told."""

CONTENT = 10
"""Smallest weight of a content word; what weighs less (the, of, said) neither seeds nor scores."""

FLOOR = CONTENT
"""Weight of a word that keeps coming back in an article whose language has no list."""

MODEL_ID = f"rarity-2/wordfreq-{version('wordfreq')}-small/idf-{ARTICLE_WORDS}-{TEXT_CHARACTERS}/reuse-2/fold-1"
"""Names all that weights and scores depend on: word list, scaling, and the calibration of alignments."""

_ALIASES = {"no": "nb", "nn": "nb", "hr": "sh", "bs": "sh", "sr": "sh", "tl": "fil", "in": "id", "iw": "he"}
_DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯")
_LONGEST_NUMBER = 4
_CHARACTERS = ((0x3005, 0x3007), (0x3041, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_CHARACTER_LANGUAGES = ("zh", "ja")
_IN_LATIN = ("mk", "sh")
"""Languages whose Cyrillic texts have the words of their Latin form."""
_SLOT_BITS = 18


def weigh(
    words: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int64], languages: Sequence[str | None]
) -> npt.NDArray[np.uint8]:
    """Return the weight of each word, in deci-nats from 0 to `UNLISTED`, with `NUMBER` set for numbers.

    Args:
        words: u32[n], hashes of the words of many articles, as `transforms.text.tokens` makes them.
        bounds: i64[articles + 1], article i holds words bounds[i] to bounds[i + 1].
        languages: BCP-47 tag of each article; None where it is not known.

    The weights of an article depend on its words and its language alone; a list that holds less than half of its
    words is not the list of its language. Of two weights of one word, as articles of different languages give it,
    alignment takes the smaller.
    """
    weights = np.empty(len(words), np.uint8)
    listed = [_listed_language(tag) for tag in languages]
    by_count = np.array([language is None for language in listed], bool)
    for language in dict.fromkeys(listed):
        rows = np.array([row for row, other in enumerate(listed) if other == language], np.int64)
        _look_up(words, bounds, rows, *_table(language), weights, by_count)
    _weigh_by_count(words, bounds, np.flatnonzero(by_count), _weights_by_count(), weights)
    return weights


def _listed_language(tag: str | None) -> str | None:
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    primary = _ALIASES.get(primary, primary)
    return primary if primary in _listed_languages() else None


@kept("wordfreq")
def _listed_languages() -> frozenset[str]:
    import wordfreq

    return frozenset(wordfreq.available_languages("small"))


@functools.cache  # a list has some hundred frequencies only
def _weight(frequency: float) -> int:
    return min(UNLISTED, round(-10 * math.log(-math.expm1(-ARTICLE_WORDS * frequency))))


def _character_weight(frequency: float) -> int:
    return min(UNLISTED, round(-10 * math.log(max(1e-9, -math.expm1(-TEXT_CHARACTERS * frequency))))) // 2


@functools.cache
def _numbers() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return the hashes and weights of all numbers of up to four digits, which are written alike in most languages."""
    import wordfreq

    latin = [f"{n:0{width}}" for width in range(1, _LONGEST_NUMBER + 1) for n in range(10**width)]
    weights = np.array([NUMBER | _weight(wordfreq.word_frequency(n, "en", "small")) for n in latin], np.uint8)
    written = [n.translate(str.maketrans(_DIGITS[0], digits)) for digits in _DIGITS for n in latin]
    return tokenize(pa.array(written)).words, np.tile(weights, len(_DIGITS))


@kept("wordfreq")
def _table(language: str | None) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return the open-addressed hash table of a language: word hashes (0 where a slot is free) and weights."""
    words, weights = _numbers()
    if language in _CHARACTER_LANGUAGES:
        characters, of_characters = _characters(language)
        words, weights = np.concatenate([words, characters]), np.concatenate([weights, of_characters])
    if language is not None:
        listed, frequencies = _frequencies(language)
        words = np.concatenate([words, listed])
        weights = np.concatenate([weights, np.array([_weight(f) for f in frequencies], np.uint8)])
    keys, values = np.zeros(1 << _SLOT_BITS, np.uint32), np.zeros(1 << _SLOT_BITS, np.uint8)
    _fill(words, weights, keys, values)
    return keys, values


def _characters(language: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return the hashes of all Han characters and kana, each once, and their weights in a language."""
    written = [chr(code) for first, last in _CHARACTERS for code in range(first, last + 1)]
    characters = np.unique(tokenize(pa.array(written)).words)
    words, shares = _frequencies(language)
    _, place, at = np.intersect1d(characters, words, assume_unique=True, return_indices=True)
    frequencies = np.zeros(len(characters))
    frequencies[place] = shares[at] / shares[at].sum()
    return characters, np.array([_character_weight(f) for f in frequencies], np.uint8)


def _frequencies(language: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    """Return the hashes of a language's words, each once, and the share of a text's words that each of them is.

    wordfreq's words are cut as `tokenize` cuts texts ("it's" is two words), so a word's share is the sum over the
    entries that hold it.
    """
    import wordfreq

    buckets = wordfreq.get_frequency_list(language, "small")
    words = [word for bucket in buckets for word in bucket]
    entries = pa.array(list(map(folding.in_latin, words)) if language in _IN_LATIN else words)
    shares = np.repeat([10 ** (-centibels / 100) for centibels in range(len(buckets))], [len(b) for b in buckets])
    tokens = tokenize(entries)
    hashes, inverse = np.unique(tokens.words, return_inverse=True)
    return hashes, np.bincount(inverse, np.repeat(shares, np.diff(tokens.bounds))).astype(np.float64)


@functools.cache
def _weights_by_count() -> npt.NDArray[np.uint8]:
    """Return the weight of a word that an article of an unlisted language holds 0, 1, 2, ... times.

    Zipf's law is a prior density of frequencies f of 1 / f^2. Seen once, a word's posterior is 1 / f up to about
    1 / length, down to the rarest words: the mean of the weights between. Seen c > 1 times, it is a Gamma distribution
    of shape c - 1, whose mean logarithm is the digamma function of c - 1.
    """
    rarest = math.exp(-UNLISTED / 10) / ARTICLE_WORDS
    steps = [rarest * (1 / ARTICLE_WORDS / rarest) ** (k / 100) for k in range(101)]
    once = round(sum(_weight(f) for f in steps) / len(steps))
    digamma = [-0.5772156649015329]
    weights = [0, once]
    while (weight := _weight(math.exp(digamma[-1]) / ARTICLE_WORDS)) > FLOOR:
        weights.append(weight)
        digamma.append(digamma[-1] + 1 / len(digamma))
    return np.array([*weights, FLOOR], np.uint8)


@kernel(void, reads(u4), reads(u1), writes(u4), writes(u1))
def _fill(
    words: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.uint8],
    keys: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint8],
) -> None:
    """Put words into the table; the first of equal words stays."""
    for i in range(len(words)):
        slot = np.int64(words[i] >> np.uint32(32 - _SLOT_BITS))
        while keys[slot] != 0 and keys[slot] != words[i]:
            slot = (slot + 1) & (len(keys) - 1)
        if keys[slot] == 0:
            keys[slot], values[slot] = words[i], weights[i]


@kernel(void, reads(u4), reads(i8), reads(i8), reads(u4), reads(u1), writes(u1), writes(b1))
def _look_up(
    words: npt.NDArray[np.uint32],
    bounds: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.uint8],
    by_count: npt.NDArray[np.bool_],
) -> None:
    """Set the weights of the words of some articles from a table; mark articles of which it holds too few words."""
    for row in rows:
        missing = 0
        for i in range(bounds[row], bounds[row + 1]):
            slot = np.int64(words[i] >> np.uint32(32 - _SLOT_BITS))
            while keys[slot] != 0 and keys[slot] != words[i]:
                slot = (slot + 1) & (len(keys) - 1)
            weights[i] = values[slot] if keys[slot] != 0 else np.uint8(UNLISTED)
            missing += keys[slot] == 0
        by_count[row] |= 2 * missing > bounds[row + 1] - bounds[row]


@kernel(void, reads(u4), reads(i8), reads(i8), reads(u1), writes(u1))
def _weigh_by_count(
    words: npt.NDArray[np.uint32],
    bounds: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    by_count: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.uint8],
) -> None:
    """Set the weights of the words of some articles, numbers aside, from how often the article holds them."""
    longest = 1
    for row in rows:
        longest = max(longest, bounds[row + 1] - bounds[row])
    slots = 1
    while slots < 2 * longest:
        slots *= 2
    first_at, counts = np.empty(slots, np.int64), np.empty(slots, np.int64)
    stamps, slot_of = np.zeros(slots, np.int64), np.empty(longest, np.int64)
    for stamp in range(1, len(rows) + 1):
        first, end = bounds[rows[stamp - 1]], bounds[rows[stamp - 1] + 1]
        for i in range(first, end):
            slot = np.int64(words[i]) & (slots - 1)
            while stamps[slot] == stamp and words[first_at[slot]] != words[i]:
                slot = (slot + 1) & (slots - 1)
            if stamps[slot] != stamp:
                stamps[slot], first_at[slot], counts[slot] = stamp, i, 0
            counts[slot] += 1
            slot_of[i - first] = slot
        for i in range(first, end):
            if not weights[i] & np.uint8(NUMBER):
                weights[i] = by_count[min(counts[slot_of[i - first]], len(by_count) - 1)]
