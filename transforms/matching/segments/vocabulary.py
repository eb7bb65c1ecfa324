"""Words as numbers of a vocabulary, frequent ones low: a byte and a half for a word's hash, its stem's and its weight.

A vocabulary is a u32[n, 4]: hash of the word, hash of its stem, weight, and how often it was met. Its rows are in the
order of falling frequency. Words are kept as LEB128 numbers of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import helper, i4, i8, kernel, reads, u1, u4, void, writes
from wirecopy.transforms.matching.segments.lists import Room

Vocabulary = NDArray[np.uint32]


def encode(
    words: NDArray[np.uint32], stems: NDArray[np.uint32], weights: NDArray[np.uint8], bounds: NDArray[np.int64]
) -> tuple[Vocabulary, NDArray[np.uint8], NDArray[np.int64]]:
    """Return a vocabulary of the words of n articles, and the packed words with the n + 1 bounds of each article's."""
    met, packed = np.empty((len(words), 4), np.uint32), np.empty(5 * len(words), np.uint8)
    packed_bounds = np.zeros(len(bounds), np.int64)
    n, size = -1, 1 << 10
    while n < 0:
        size *= 16
        n = _encode(words, stems, weights, bounds, np.full(size, -1, np.int32), met, packed, packed_bounds)
    vocabulary, [numbers] = join([met[:n]])
    return vocabulary, *renumber(packed[: packed_bounds[-1]], packed_bounds, numbers)


def join(vocabularies: Sequence[Vocabulary]) -> tuple[Vocabulary, list[NDArray[np.uint32]]]:
    """Return one vocabulary of several, and the number there of each word of each."""
    rows = np.concatenate([np.empty((0, 4), np.uint32), *vocabularies])
    by_word = np.lexsort(rows.T[2::-1])
    changes = (rows[by_word][1:, :3] != rows[by_word][:-1, :3]).any(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], changes])[: len(rows)])
    joined = rows[by_word[starts]]
    joined[:, 3] = np.add.reduceat(rows[by_word, 3], starts) if len(rows) else 0
    by_use = np.argsort(-joined[:, 3].astype(np.int64), kind="stable")
    places = np.empty(len(joined), np.uint32)
    places[by_use] = np.arange(len(joined))
    numbers = np.empty(len(rows), np.uint32)
    numbers[by_word] = np.repeat(places, np.diff(np.append(starts, len(rows))))
    return joined[by_use], np.split(numbers, np.cumsum([len(one) for one in vocabularies])[:-1])


def renumber(
    packed: NDArray[np.uint8], bounds: NDArray[np.int64], numbers: NDArray[np.uint32], room: Room = np.empty
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return packed words, and their bounds, with word i called numbers[i]."""
    most = -(-int(numbers.max(initial=1)).bit_length() // 7)
    out, out_bounds = room(most * len(packed), np.uint8), np.zeros(len(bounds), np.int64)
    _renumber(packed, bounds, numbers, out, out_bounds)
    return out[: out_bounds[-1]], out_bounds


def look_up(
    packed: NDArray[np.uint8],
    packed_bounds: NDArray[np.int64],
    rows: NDArray[np.int64],
    vocabulary: Vocabulary,
    words: NDArray[np.uint32],
    stems: NDArray[np.uint32],
    weights: NDArray[np.uint8],
) -> None:
    """Write the hashes, stems and weights of the words of some articles, one after another."""
    _look_up(packed, packed_bounds, rows, vocabulary, words, stems, weights)


@helper
def _put(number: np.uint32, out: NDArray[np.uint8], at: np.int64) -> np.int64:
    while number >= 128:
        out[at] = number & 127 | 128
        number >>= np.uint32(7)
        at += 1
    out[at] = number
    return at + 1


@kernel(i8, reads(u4), reads(u4), reads(u1), reads(i8), writes(i4), writes(u4, 2), writes(u1), writes(i8))
def _encode(
    words: NDArray[np.uint32],
    stems: NDArray[np.uint32],
    weights: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    table: NDArray[np.int32],
    met: NDArray[np.uint32],
    out: NDArray[np.uint8],
    out_bounds: NDArray[np.int64],
) -> int:
    """Number words as they are first met; return how many were, or -1 where the hash table is too small."""
    mask = np.uint32(len(table) - 1)
    n, at = 0, np.int64(0)
    for article in range(len(bounds) - 1):
        for k in range(bounds[article], bounds[article + 1]):
            word, stem, weight = words[k], stems[k], np.uint32(weights[k])
            slot = word & mask
            while True:
                number = table[slot]
                if number < 0:
                    if 2 * n == len(table):
                        return -1
                    number = n
                    met[n, 0], met[n, 1], met[n, 2], met[n, 3] = word, stem, weight, 0
                    table[slot] = n
                    n += 1
                    break
                if met[number, 0] == word and met[number, 1] == stem and met[number, 2] == weight:
                    break
                slot = (slot + np.uint32(1)) & mask
            met[number, 3] += np.uint32(1)
            at = _put(np.uint32(number), out, at)
        out_bounds[article + 1] = at
    return n


@kernel(void, reads(u1), reads(i8), reads(u4), writes(u1), writes(i8))
def _renumber(
    packed: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    out: NDArray[np.uint8],
    out_bounds: NDArray[np.int64],
) -> None:
    to = np.int64(0)
    for article in range(len(bounds) - 1):
        number, shift = np.uint32(0), np.uint32(0)
        for at in range(bounds[article], bounds[article + 1]):
            number |= np.uint32(packed[at] & 127) << shift
            shift += np.uint32(7)
            if packed[at] < 128:
                to = _put(numbers[number], out, to)
                number, shift = np.uint32(0), np.uint32(0)
        out_bounds[article + 1] = to


@kernel(void, reads(u1), reads(i8), reads(i8), reads(u4, 2), writes(u4), writes(u4), writes(u1))
def _look_up(
    packed: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    rows: NDArray[np.int64],
    vocabulary: NDArray[np.uint32],
    words: NDArray[np.uint32],
    stems: NDArray[np.uint32],
    weights: NDArray[np.uint8],
) -> None:
    k = 0
    for row in rows:
        number, shift = np.uint32(0), np.uint32(0)
        for at in range(bounds[row], bounds[row + 1]):
            number |= np.uint32(packed[at] & 127) << shift
            shift += np.uint32(7)
            if packed[at] < 128:
                words[k], stems[k], weights[k] = vocabulary[number, 0], vocabulary[number, 1], vocabulary[number, 2]
                number, shift = np.uint32(0), np.uint32(0)
                k += 1
