"""Who holds the keys that new articles hold: posting lists read from several segments at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import b1, helper, i8, kernel, reads, record, u4, u8, void, writes
from wirecopy.transforms.matching.segments.postings import KEY_SHIFT, Postings


class Source(NamedTuple):
    """Postings of one segment, with what tells which of its articles come first.

    Attributes:
        postings: the segment's postings.
        live: bool[n], false for articles that hold nothing any more.
        events: i64[n], event_at in microseconds; rows are ordered by (event_at, article_id).
        ids: S16[n].
    """

    postings: Postings
    live: NDArray[np.bool_]
    events: NDArray[np.int64]
    ids: NDArray[np.bytes_]


class Lists(NamedTuple):
    """Lists of numbers, one after another: the holders of each key, or the keys of each article.

    Attributes:
        bounds: i64[n + 1]; list i is values[bounds[i]:bounds[i + 1]].
        values: u32, articles or keys.
        at: u32, where the article holds the key; empty where the postings do not say.
    """

    bounds: NDArray[np.int64]
    values: NDArray[np.uint32]
    at: NDArray[np.uint32]

    def first(self, n: int) -> Lists:
        """Return the lists in the first n values alone."""
        return Lists(self.bounds, self.values[:n], self.at[:n])


LISTS = record(Lists, reads(i8), reads(u4), reads(u4))
FILLED = record(Lists, writes(i8), writes(u4), writes(u4))


class Range(NamedTuple):
    """Where one source's entries stand of those of n keys that it holds.

    Attributes:
        keys: u32[m], ascending numbers of keys.
        begins, ends: i64[m], the first entry of each key and the one after its last.
    """

    keys: NDArray[np.uint32]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


class Held(NamedTuple):
    """The entries of one source that are of shared keys.

    Attributes:
        postings: the source's postings.
        live: bool, which of its articles live.
        range: where the entries of each key stand.
        offset: the number of its first article.
    """

    postings: Postings
    live: NDArray[np.bool_]
    range: Range
    offset: int


_HELD = record(
    Held, record(Postings, reads(u8), reads(u4)), reads(b1), record(Range, reads(u4), reads(i8), reads(i8)), i8
)


def shared_entries(sources: Sequence[Source]) -> tuple[int, list[Held]]:
    """Return the number of keys of which the first source has one and all have two, and each source's entries."""
    n_keys, ranges = _shared_keys([source.postings for source in sources])
    offsets = np.cumsum([0, *(len(source.live) for source in sources[:-1])]).tolist()
    columns = zip(sources, ranges, offsets, strict=True)
    return n_keys, [Held(source.postings, source.live, range_, offset) for source, range_, offset in columns]


def _shared_keys(sources: Sequence[Postings]) -> tuple[int, list[Range]]:
    """Return the number of keys of which the first source has one and all have two, and each source's entries."""
    new = sources[0].entries
    keys = (new >> KEY_SHIFT).astype(np.uint32)
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(keys))[: len(begins)]
    keys = keys[begins]
    found, first, last = np.empty(len(keys), np.uint32), np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    shared = ends - begins > 1
    ranges = []
    for source in sources[1:]:
        n = _find(source.entries, keys, found, first, last)
        ranges.append(Range(found[:n].copy(), first[:n].copy(), last[:n].copy()))
        shared[ranges[-1].keys] = True
    number = np.cumsum(shared, dtype=np.uint32) - np.uint32(1)
    own = Range(number[shared], begins[shared], ends[shared])
    return len(own.keys), [own, *(one._replace(keys=number[one.keys]) for one in ranges)]


def read_holders(held: Sequence[Held], limits: NDArray[np.int64]) -> Lists:
    """Return the first living holders of each key in each source, up to its limit."""
    sizes = np.zeros(len(limits), np.int64)
    read = [each for each in held if limits[each.range.keys].any()]
    for each in read:
        _measure(each, limits, sizes)
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    holders = _empty(bounds, int(bounds[-1]), held[0])
    cursors = bounds[:-1].copy()
    for each in read:
        _copy(each, limits, cursors, holders)
    return holders


def invert(held: Held) -> Lists:
    """Return the keys that each article of a source holds."""
    most = int((held.range.ends - held.range.begins).sum())
    keys = _empty(np.zeros(len(held.live) + 1, np.int64), most, held)
    return keys.first(_scatter(held, keys))


def _empty(bounds: NDArray[np.int64], n: int, held: Held) -> Lists:
    """Return lists of n values to be filled, with room for places where the postings say them."""
    return Lists(bounds, np.empty(n, np.uint32), np.empty(n if len(held.postings.positions) else 0, np.uint32))


@helper
def _first_from(entries: NDArray[np.uint64], key: np.uint64, since: np.int64, near: np.int64) -> np.int64:
    """Return the first place from `since` on whose key is `key` or more, looking ever further away from `near`."""
    low = high = near
    step = np.int64(1)
    if low < len(entries) and entries[low] >> np.uint64(32) < key:
        while high < len(entries) and entries[high] >> np.uint64(32) < key:
            low = high + 1
            high = low + step
            step *= 2
        high = min(high, np.int64(len(entries)))
    else:
        while low > since and entries[low - 1] >> np.uint64(32) >= key:
            high = low - 1
            low = max(since, high - step)
            step *= 2
    while low < high:
        middle = (low + high) // 2
        if entries[middle] >> np.uint64(32) < key:
            low = middle + 1
        else:
            high = middle
    return low


@kernel(i8, reads(u8), reads(u4), writes(u4), writes(i8), writes(i8))
def _find(
    entries: NDArray[np.uint64],
    keys: NDArray[np.uint32],
    found: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> int:
    """Find those of the ascending keys that have entries: on from the last by galloping (Bentley and Yao, 1976); few
    keys from where they would stand if keys were spread evenly, as hashes are, all looked at once before any is sought.
    """
    few = 128 * len(keys) < len(entries)
    n, at, last = 0, np.int64(0), np.int64(len(entries) - 1)
    if few:
        for k in range(len(keys)):
            begins[k] = np.uint64(keys[k]) * np.uint64(len(entries)) >> np.uint64(32)
        for _ in range(3):
            for k in range(len(keys)):
                off = np.int64(keys[k]) - np.int64(entries[begins[k]] >> np.uint64(32))
                begins[k] = min(max(begins[k] + (off * np.int64(len(entries)) >> np.int64(32)), np.int64(0)), last)
    for k in range(len(keys)):
        key = np.uint64(keys[k])
        at = _first_from(entries, key, at, max(begins[k], at) if few else at)
        if at <= last and entries[at] >> np.uint64(32) == key:
            found[n], begins[n] = k, at
            at = _first_from(entries, key + np.uint64(1), at, at)
            ends[n] = at
            n += 1
    return n


@kernel(void, _HELD, reads(i8), writes(i8))
def _measure(held: Held, limits: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
    """Add to sizes the entries of each key's first living holders."""
    entries, live = held.postings.entries, held.live
    keys, begins, ends = held.range
    for r in range(len(keys)):
        holders, last = 0, np.int64(-1)
        for k in range(begins[r], ends[r]):
            article = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if live[article]:
                if article != last:
                    holders += 1
                    last = article
                if holders > limits[keys[r]]:
                    break
                sizes[keys[r]] += 1


@kernel(void, _HELD, reads(i8), writes(i8), FILLED)
def _copy(held: Held, limits: NDArray[np.int64], cursors: NDArray[np.int64], lists: Lists) -> None:
    """Copy what `_measure` counts to where the cursors stand, and move them."""
    (entries, positions), live, offset = held.postings, held.live, held.offset
    keys, begins, ends = held.range
    holders, at = lists.values, lists.at
    for r in range(len(keys)):
        count, last, to = 0, np.int64(-1), cursors[keys[r]]
        for k in range(begins[r], ends[r]):
            article = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if live[article]:
                if article != last:
                    count += 1
                    last = article
                if count > limits[keys[r]]:
                    break
                holders[to] = offset + article
                if len(at):
                    at[to] = positions[k]
                to += 1
        cursors[keys[r]] = to


@kernel(i8, _HELD, FILLED)
def _scatter(held: Held, lists: Lists) -> int:
    """Sort keys by article, counting first; return how many there are."""
    (entries, positions), live = held.postings, held.live
    begins, ends = held.range.begins, held.range.ends
    bounds, keys, at = lists
    for key in range(len(begins)):
        for k in range(begins[key], ends[key]):
            article = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if live[article]:
                bounds[article + 1] += 1
    for row in range(len(live)):
        bounds[row + 1] += bounds[row]
    cursors = bounds[:-1].copy()
    for key in range(len(begins)):
        for k in range(begins[key], ends[key]):
            article = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if live[article]:
                keys[cursors[article]] = key
                if len(at):
                    at[cursors[article]] = positions[k]
                cursors[article] += 1
    return int(bounds[-1])
