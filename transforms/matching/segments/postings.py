"""Postings: which articles hold which key, sorted, in 8 to 12 bytes each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import i8, kernel, reads, u4, u8, void, writes

ARTICLE = np.uint64(0xFFFFFFFF)
"""The bits of an entry that are the article."""
KEY_SHIFT = np.uint64(32)

_STEP = 1 << 18


class Postings(NamedTuple):
    """Keys and the articles that hold them, by (key, article).

    Attributes:
        entries: u64[n], the key in the upper, the article's row in the lower 32 bits.
        positions: u32[n], where the article holds the key; empty where that does not matter.
    """

    entries: NDArray[np.uint64]
    positions: NDArray[np.uint32]


def post(keys: NDArray[np.uint32], bounds: NDArray[np.int64], positions: NDArray[np.uint32]) -> Postings:
    """Return the postings of n articles; article i holds keys[bounds[i]:bounds[i + 1]] at these positions."""
    postings = Postings(np.empty(len(keys), np.uint64), np.empty(len(positions), np.uint32))
    _sort(keys, bounds, positions, *postings, np.empty(len(keys), np.uint64), np.empty(len(positions), np.uint32))
    return postings


def rename(postings: Postings, rows: NDArray[np.int64]) -> Postings:
    """Return the postings with article i called rows[i], which grows with i; those of articles at -1 are left out."""
    nothing = Postings(postings.entries[:0], postings.positions[:0])
    columns = zip(nothing, *merge_postings([(postings, rows)]), strict=True)
    return Postings(*map(np.concatenate, columns))


def merge_postings(parts: Sequence[tuple[Postings, NDArray[np.int64]]]) -> Iterator[Postings]:
    """Yield the postings of all parts, some keys at a time, in order; each part's articles as `rename` calls them.

    The parts name different articles. What is yielded fits a cache, since keys are hashes.
    """
    n = -(-sum(len(postings.entries) for postings, _ in parts) // _STEP)
    keys = np.linspace(0, 1 << 32, n + 1)[:-1].astype(np.uint64)
    cuts = [[*np.searchsorted(part.entries, keys << KEY_SHIFT).tolist(), len(part.entries)] for part, _ in parts]
    for step in range(n):
        taken = []
        for (part, rows), cut in zip(parts, cuts, strict=True):
            between = slice(cut[step], cut[step + 1])
            taken.append(_renamed(Postings(part.entries[between], part.positions[between]), rows))
        yield _merged(taken)


def _renamed(postings: Postings, rows: NDArray[np.int64]) -> Postings:
    entries, positions = postings
    new = rows[(entries & ARTICLE).astype(np.int64)]
    kept = new >= 0
    renamed = entries & ~ARTICLE | new.astype(np.uint64)
    return Postings(renamed[kept], positions[kept] if len(positions) else positions)


def _merged(parts: Sequence[Postings]) -> Postings:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, right = _merged(parts[:middle]), _merged(parts[middle:])
    entries = np.empty(len(left.entries) + len(right.entries), np.uint64)
    positions = np.empty(len(left.positions) + len(right.positions), np.uint32)
    _merge(left.entries, left.positions, right.entries, right.positions, entries, positions)
    return Postings(entries, positions)


@kernel(void, reads(u4), reads(i8), reads(u4), writes(u8), writes(u4), writes(u8), writes(u4))
def _sort(
    keys: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    keys_at: NDArray[np.uint32],
    entries: NDArray[np.uint64],
    positions: NDArray[np.uint32],
    spare_entries: NDArray[np.uint64],
    spare_positions: NDArray[np.uint32],
) -> None:
    """Fill entries and positions by key: by its first byte, then each part, which fits a cache, by the other three."""
    placed = len(positions) > 0
    parts = np.zeros(257, np.int64)
    for k in range(len(keys)):
        parts[np.int64(keys[k] >> np.uint32(24)) + 1] += 1
    for part in range(256):
        parts[part + 1] += parts[part]
    cursors = parts[:256].copy()
    for article in range(len(bounds) - 1):
        for k in range(bounds[article], bounds[article + 1]):
            to = cursors[keys[k] >> np.uint32(24)]
            cursors[keys[k] >> np.uint32(24)] += 1
            spare_entries[to] = np.uint64(keys[k]) << np.uint64(32) | np.uint64(article)
            if placed:
                spare_positions[to] = keys_at[k]
    for part in range(256):
        begin, end = parts[part], parts[part + 1]
        for digit in range(3):
            shift = np.uint64(32 + 8 * digit)
            a, b = (spare_entries, entries) if digit % 2 == 0 else (entries, spare_entries)
            c, d = (spare_positions, positions) if digit % 2 == 0 else (positions, spare_positions)
            starts = np.zeros(257, np.int64)
            for k in range(begin, end):
                starts[np.int64(a[k] >> shift & np.uint64(255)) + 1] += 1
            starts[0] = begin
            for byte in range(256):
                starts[byte + 1] += starts[byte]
            for k in range(begin, end):
                bucket = np.int64(a[k] >> shift & np.uint64(255))
                b[starts[bucket]] = a[k]
                if placed:
                    d[starts[bucket]] = c[k]
                starts[bucket] += 1


@kernel(void, reads(u8), reads(u4), reads(u8), reads(u4), writes(u8), writes(u4))
def _merge(
    left: NDArray[np.uint64],
    left_positions: NDArray[np.uint32],
    right: NDArray[np.uint64],
    right_positions: NDArray[np.uint32],
    entries: NDArray[np.uint64],
    positions: NDArray[np.uint32],
) -> None:
    placed = len(positions) > 0
    i = j = 0
    for k in range(len(entries)):
        if j == len(right) or (i < len(left) and left[i] <= right[j]):
            entries[k] = left[i]
            if placed:
                positions[k] = left_positions[i]
            i += 1
        else:
            entries[k] = right[j]
            if placed:
                positions[k] = right_positions[j]
            j += 1
