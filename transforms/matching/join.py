"""The join: which new articles hold keys in common with which others, new or known.

A key that more than K articles hold counts towards its first K holders in (event_at, article_id) order: two articles
have it in common only where one of them is among those. All that is read of a frequent key in the index are then its
first K holders there, unless one of the new articles comes before the last of them.

A story that is printed everywhere costs one comparison a print. An article is widespread where more than K articles
hold more than half of its keys. It is a reprint where some article is among the first K holders of more than half of
those frequent keys and it is not: the earliest such article is its lead, with which alone it has them in common. And a
widespread article that joins the first K holders of keys does not meet the later ones that hold more than half of its
frequent keys: they have a lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import b1, both, helper, i8, kernel, reads, u4, u8, void, writes
from wirecopy.transforms.matching.segments.postings import ARTICLE, KEY_SHIFT, Postings

K = 32
"""Holders up to which a key links all of its holders with each other."""

_ALL = np.iinfo(np.int64).max


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


class Holders(NamedTuple):
    """Who holds the keys that new articles hold; articles are numbered through all sources, the new ones first.

    Attributes:
        first_bounds: i64[keys + 1] into `first`: all holders of a key, or the first K of them.
        first: u32, holders.
        first_at: u32, where each holds the key; empty where the postings do not say.
        rest_bounds: i64[keys + 1] into `rest`: holders behind the first K, where a new article is among those.
        rest, rest_at: u32, holders and where they hold the key.
        own_bounds: i64[new articles + 1] into `own`: what each new article holds.
        own, own_at: u32, keys and where it holds them.
        own_first: bool, for each of `own`: the article is among the first K holders of the key.
        widespread: bool[new articles], more than K articles hold more than half of its keys.
        frequent: i64[new articles], how many of its keys more than K articles hold.
        leads: i64[new articles], the lead of each new article that is a reprint, -1 for all others.
    """

    first_bounds: NDArray[np.int64]
    first: NDArray[np.uint32]
    first_at: NDArray[np.uint32]
    rest_bounds: NDArray[np.int64]
    rest: NDArray[np.uint32]
    rest_at: NDArray[np.uint32]
    own_bounds: NDArray[np.int64]
    own: NDArray[np.uint32]
    own_at: NDArray[np.uint32]
    own_first: NDArray[np.bool_]
    widespread: NDArray[np.bool_]
    frequent: NDArray[np.int64]
    leads: NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs of articles, each once, ordered by `new`.

    Attributes:
        new: i64[pairs], a new article.
        other: i64[pairs], a known one, or a new one of a lower number.
        hits: i64[pairs], places where they hold a key in common.
        new_at, other_at: u32[sum of hits], these places in the new article and in the other, each pair's after those
            of the pair before; empty where the postings do not say.
    """

    new: NDArray[np.int64]
    other: NDArray[np.int64]
    hits: NDArray[np.int64]
    new_at: NDArray[np.uint32]
    other_at: NDArray[np.uint32]


def find_holders(sources: Sequence[Source]) -> Holders:
    """Return who holds each key that an article of the first source, the new one, shares with any other article."""
    n_keys, ranges = _shared_keys([source.postings for source in sources])
    n_new = len(sources[0].live)
    bounds, holders, at = _read(sources, ranges, np.full(n_keys, K + 1))
    earliness = _earliness(sources, _crowded(bounds, holders, sum(len(source.live) for source in sources)))
    first_bounds, least = np.zeros(n_keys + 1, np.int64), np.empty(n_keys, np.uint32)
    n = _keep_first(bounds, holders, at, earliness, first_bounds, least, K)
    first, first_at = holders[:n].copy(), at[:n].copy()
    del holders, at
    wide = _holds_any_below(first_bounds, first, n_new) & (least > 0)
    rest_bounds, rest, rest_at = _read(sources, ranges, np.where(wide, _ALL, 0))
    n = _drop_first(rest_bounds, rest, rest_at, earliness, least)
    rest, rest_at = rest[:n], rest_at[:n]
    own_bounds, own, own_at = _invert(sources[0], ranges[0])
    own_first = earliness[np.repeat(np.arange(n_new), np.diff(own_bounds))] >= least[own]
    frequent = np.concatenate([[0], np.cumsum(least[own] > 0)])
    frequent = np.diff(frequent[own_bounds])
    widespread = 2 * frequent > _count_keys(sources[0].postings, n_new)
    leads = np.full(n_new, -1)
    _find_leads(first_bounds, first, own_bounds, own, own_first, widespread, frequent, earliness, leads)
    return Holders(
        first_bounds,
        first,
        first_at,
        rest_bounds,
        rest,
        rest_at,
        own_bounds,
        own,
        own_at,
        own_first,
        widespread,
        frequent,
        leads,
    )


def find_pairs(holders: Holders, begin: int, end: int, near: tuple[int, int, int] | None = None) -> Pairs:
    """Return the pairs of the new articles [begin, end) that have a key in common.

    With `near`, (apart, reach, shift), only pairs that have two in common which follow each other alike in both: from
    `apart` to `reach` words on, and at most `shift` words more in one article than in the other.
    """
    h = holders
    apart, reach, shift = near or (0, -1, 0)
    pairs, hits = _find_pairs(
        h.first_bounds,
        h.first,
        h.first_at,
        h.rest_bounds,
        h.rest,
        h.rest_at,
        h.own_bounds,
        h.own,
        h.own_at,
        h.own_first,
        h.widespread,
        h.frequent,
        h.leads,
        begin,
        end,
        apart,
        reach,
        shift,
    )
    return Pairs(*pairs, *hits)


class Range(NamedTuple):
    """Where one source's entries stand of those of n keys that it holds.

    Attributes:
        keys: u32[m], ascending numbers of keys.
        begins, ends: i64[m], the first entry of each key and the one after its last.
    """

    keys: NDArray[np.uint32]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


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


def _read(
    sources: Sequence[Source], ranges: Sequence[Range], limits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the first living holders of each key in each source, up to its limit, and where they hold it."""
    sizes = np.zeros(len(limits), np.int64)
    offsets = np.cumsum([0, *(len(source.live) for source in sources)]).tolist()
    held = [each for each in zip(sources, ranges, offsets[:-1], strict=True) if limits[each[1].keys].any()]
    for source, (keys, begins, ends), _ in held:
        _measure(source.postings.entries, keys, begins, ends, source.live, limits, sizes)
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    holders = np.empty(bounds[-1], np.uint32)
    at = np.empty(bounds[-1] if len(sources[0].postings.positions) else 0, np.uint32)
    cursors = bounds[:-1].copy()
    for source, (keys, begins, ends), offset in held:
        entries, positions = source.postings
        _copy(entries, positions, keys, begins, ends, source.live, limits, offset, cursors, holders, at)
    return bounds, holders, at


def _earliness(sources: Sequence[Source], articles: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return how early these articles are by (event_at, article_id): 1 for the last of them; 0 for all others.

    The articles are given in ascending order.
    """
    ends = np.cumsum([len(source.live) for source in sources])
    earliness = np.zeros(ends[-1], np.uint32)
    if not len(articles):
        return earliness
    rows = np.split(articles, np.searchsorted(articles, ends[:-1]))
    rows = [part - end + len(source.live) for part, end, source in zip(rows, ends, sources, strict=True)]
    events = np.concatenate([source.events[part] for source, part in zip(sources, rows, strict=True)])
    order = np.argsort(events, kind="stable")
    same = events[order][1:] == events[order][:-1]
    tied = np.concatenate([same, [False]]) | np.concatenate([[False], same])
    if tied.any():
        ids = np.concatenate([source.ids[part] for source, part in zip(sources, rows, strict=True)])
        order[tied] = order[tied][np.lexsort((ids[order[tied]], events[order[tied]]))]
    earliness[articles[order]] = np.arange(len(articles), 0, -1)
    return earliness


def _crowded(bounds: NDArray[np.int64], holders: NDArray[np.uint32], n: int) -> NDArray[np.int64]:
    """Return which of n articles hold a key of more than K entries."""
    crowded = np.zeros(n, bool)
    _mark(bounds, holders, K, crowded)
    return np.flatnonzero(crowded)


def _holds_any_below(bounds: NDArray[np.int64], holders: NDArray[np.uint32], n: int) -> NDArray[np.bool_]:
    """Return which keys have a holder numbered below n."""
    seen = np.concatenate([[0], np.cumsum(holders < n)])
    found: NDArray[np.bool_] = seen[bounds[1:]] > seen[bounds[:-1]]
    return found


def _invert(source: Source, range_: Range) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the keys that each article of a source holds, and where."""
    counts = np.zeros(len(source.live) + 1, np.int64)
    n = int((range_.ends - range_.begins).sum())
    keys, at = np.empty(n, np.uint32), np.empty(n if len(source.postings.positions) else 0, np.uint32)
    n = _scatter(*source.postings, range_.begins, range_.ends, source.live, counts, keys, at)
    return counts, keys[:n], at[:n]


def _count_keys(postings: Postings, n: int) -> NDArray[np.int64]:
    """Return how many keys each of n articles holds."""
    return np.bincount((postings.entries & ARTICLE).astype(np.int64), minlength=n)


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


@kernel(void, reads(u8), reads(u4), reads(i8), reads(i8), reads(b1), reads(i8), writes(i8))
def _measure(
    entries: NDArray[np.uint64],
    keys: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    live: NDArray[np.bool_],
    limits: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    """Add to sizes the entries of each key's first living holders."""
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


@kernel(
    void,
    reads(u8), reads(u4),
    reads(u4), reads(i8), reads(i8),
    reads(b1), reads(i8), i8, writes(i8), writes(u4), writes(u4),
)  # fmt: skip
def _copy(
    entries: NDArray[np.uint64],
    positions: NDArray[np.uint32],
    keys: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    live: NDArray[np.bool_],
    limits: NDArray[np.int64],
    offset: int,
    cursors: NDArray[np.int64],
    holders: NDArray[np.uint32],
    at: NDArray[np.uint32],
) -> None:
    """Copy what `_measure` counts to where the cursors stand, and move them."""
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


@kernel(void, reads(i8), reads(u4), i8, writes(b1))
def _mark(bounds: NDArray[np.int64], holders: NDArray[np.uint32], most: int, marked: NDArray[np.bool_]) -> None:
    """Mark the holders of keys that have more than `most` entries."""
    for key in range(len(bounds) - 1):
        if bounds[key + 1] - bounds[key] > most:
            for k in range(bounds[key], bounds[key + 1]):
                marked[holders[k]] = True


@kernel(i8, reads(i8), writes(u4), writes(u4), reads(u4), writes(i8), writes(u4), i8)
def _keep_first(
    bounds: NDArray[np.int64],
    holders: NDArray[np.uint32],
    at: NDArray[np.uint32],
    earliness: NDArray[np.uint32],
    kept_bounds: NDArray[np.int64],
    least: NDArray[np.uint32],
    most: int,
) -> int:
    """Keep in place the first `most` holders of each key; set the last one's earliness, 0 where all are kept."""
    n = 0
    best = np.empty(most + 1, np.uint32)
    for key in range(len(bounds) - 1):
        filled, distinct, last = 0, 0, np.int64(-1)
        for k in range(bounds[key], bounds[key + 1]):
            if holders[k] == last:
                continue
            last = np.int64(holders[k])
            distinct += 1
            if bounds[key + 1] - bounds[key] > most:
                place = filled
                while place > 0 and best[place - 1] < earliness[last]:
                    best[place] = best[place - 1]
                    place -= 1
                best[place] = earliness[last]
                filled = min(filled + 1, most)
        least[key] = best[most - 1] if distinct > most else np.uint32(0)
        for k in range(bounds[key], bounds[key + 1]):
            if earliness[holders[k]] >= least[key]:
                holders[n] = holders[k]
                if len(at):
                    at[n] = at[k]
                n += 1
        kept_bounds[key + 1] = n
    return n


@kernel(i8, writes(i8), writes(u4), writes(u4), reads(u4), reads(u4))
def _drop_first(
    bounds: NDArray[np.int64],
    holders: NDArray[np.uint32],
    at: NDArray[np.uint32],
    earliness: NDArray[np.uint32],
    least: NDArray[np.uint32],
) -> int:
    """Keep in place the holders of each key that come after its first K."""
    n, begin = 0, np.int64(0)
    for key in range(len(bounds) - 1):
        end = bounds[key + 1]
        for k in range(begin, end):
            if earliness[holders[k]] < least[key]:
                holders[n] = holders[k]
                if len(at):
                    at[n] = at[k]
                n += 1
        begin = end
        bounds[key + 1] = n
    return n


@kernel(i8, reads(u8), reads(u4), reads(i8), reads(i8), reads(b1), writes(i8), writes(u4), writes(u4))
def _scatter(
    entries: NDArray[np.uint64],
    positions: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    live: NDArray[np.bool_],
    bounds: NDArray[np.int64],
    keys: NDArray[np.uint32],
    at: NDArray[np.uint32],
) -> int:
    """Sort keys by article, counting first."""
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


@helper
def _resized(table: NDArray[Any], kept: np.int64, columns: np.int64) -> NDArray[Any]:
    """Return a table of so many columns that begins with the first ones of another."""
    resized = np.empty((len(table), columns), table.dtype)
    for row in range(len(table)):
        for k in range(kept):
            resized[row, k] = table[row, k]
    return resized


@helper
def _are_near(x: NDArray[np.uint32], y: NDArray[np.uint32], apart: int, reach: int, shift: int) -> bool:
    """Say whether two of the hits at (x, y) follow each other; of more than 64 it is taken for granted."""
    if len(x) > 64:
        return True
    for i in range(1, len(x)):
        for j in range(i):
            dx, dy = np.int64(x[i]) - np.int64(x[j]), np.int64(y[i]) - np.int64(y[j])
            if dx < 0:
                dx, dy = -dx, -dy
            if apart <= dx <= reach and dy >= apart and abs(dx - dy) <= shift:
                return True
    return False


@helper
def _slot_of(article: np.uint32, table: NDArray[np.int32], articles: NDArray[np.uint32]) -> np.int64:
    """Return the slot of a hash table, -1 where it is free, whose number is that of the article among some."""
    mask = np.int64(len(table) - 1)
    slot = np.int64(article * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
    while table[slot] >= 0 and articles[table[slot]] != article:
        slot = (slot + 1) & mask
    return slot


@helper
def _free_table(n: np.int64) -> NDArray[np.int32]:
    """Return a hash table for up to n articles, less than half of it to be taken."""
    size = 4
    while size <= 2 * n:
        size *= 2
    return np.full(size, -1, np.int32)


@kernel(void, reads(i8), reads(u4), reads(i8), reads(u4), reads(b1), reads(b1), reads(i8), reads(u4), writes(i8))
def _find_leads(
    bounds: NDArray[np.int64],
    holders: NDArray[np.uint32],
    own_bounds: NDArray[np.int64],
    own: NDArray[np.uint32],
    own_first: NDArray[np.bool_],
    widespread: NDArray[np.bool_],
    frequent: NDArray[np.int64],
    earliness: NDArray[np.uint32],
    leads: NDArray[np.int64],
) -> None:
    for new in range(len(leads)):
        if not widespread[new]:
            continue
        most = np.int64(0)
        for k in range(own_bounds[new], own_bounds[new + 1]):
            if not own_first[k]:
                most += bounds[own[k] + 1] - bounds[own[k]]
        table = _free_table(most)
        met, hits = np.empty(most, np.uint32), np.zeros(most, np.int64)
        n_met = 0
        for k in range(own_bounds[new], own_bounds[new + 1]):
            if own_first[k]:
                continue
            for place in range(bounds[own[k]], bounds[own[k] + 1]):
                slot = _slot_of(holders[place], table, met)
                if table[slot] < 0:
                    table[slot] = n_met
                    met[n_met] = holders[place]
                    n_met += 1
                hits[table[slot]] += 1
        for m in range(n_met):
            is_lead = 2 * hits[m] > frequent[new]
            if is_lead and (leads[new] < 0 or earliness[met[m]] > earliness[leads[new]]):
                leads[new] = met[m]


@kernel(
    both(writes(i8, 2), writes(u4, 2)),
    reads(i8), reads(u4), reads(u4),
    reads(i8), reads(u4), reads(u4),
    reads(i8), reads(u4), reads(u4), reads(b1),
    reads(b1), reads(i8), reads(i8), i8, i8, i8, i8, i8,
)  # fmt: skip
def _find_pairs(
    first_bounds: NDArray[np.int64],
    first: NDArray[np.uint32],
    first_at: NDArray[np.uint32],
    rest_bounds: NDArray[np.int64],
    rest: NDArray[np.uint32],
    rest_at: NDArray[np.uint32],
    own_bounds: NDArray[np.int64],
    own: NDArray[np.uint32],
    own_at: NDArray[np.uint32],
    own_first: NDArray[np.bool_],
    widespread: NDArray[np.bool_],
    frequent: NDArray[np.int64],
    leads: NDArray[np.int64],
    begin: int,
    end: int,
    apart: int,
    reach: int,
    shift: int,
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return the columns of `Pairs`; a negative reach takes every pair."""
    n_new = len(own_bounds) - 1
    placed = len(own_at) > 0
    pairs, at = np.empty((3, 1024), np.int64), np.empty((2, 1024), np.uint32)
    n = n_at = 0
    for new in range(begin, end):
        most = np.int64(0)
        for k in range(own_bounds[new], own_bounds[new + 1]):
            most += first_bounds[own[k] + 1] - first_bounds[own[k]]
            if own_first[k]:
                most += rest_bounds[own[k] + 1] - rest_bounds[own[k]]
        seen, x, y = np.empty(most + 1, np.uint32), np.empty(most + 1, np.uint32), np.empty(most + 1, np.uint32)
        n_seen = n_first = 0
        for part in range(2):
            holders, holders_at, bounds = (rest, rest_at, rest_bounds) if part else (first, first_at, first_bounds)
            for k in range(own_bounds[new], own_bounds[new + 1]):
                if part and not own_first[k]:
                    continue
                meets_all = own_first[k] or leads[new] < 0
                for place in range(bounds[own[k]], bounds[own[k] + 1]):
                    other = holders[place]
                    seen[n_seen] = other
                    if placed:
                        x[n_seen], y[n_seen] = own_at[k], holders_at[place]
                    n_seen += (meets_all | (leads[new] == other)) & ((other < new) | (other >= n_new))
            if not part:
                n_first = n_seen
        table = _free_table(np.int64(n_seen))
        met, hits, after = np.empty(n_seen, np.uint32), np.zeros(n_seen, np.int32), np.zeros(n_seen, np.int32)
        n_met = 0
        for i in range(n_seen):
            slot = _slot_of(seen[i], table, met)
            if table[slot] < 0:
                table[slot] = n_met
                met[n_met] = seen[i]
                n_met += 1
            seen[i] = table[slot]
            hits[table[slot]] += 1
            after[table[slot]] += i >= n_first
        for m in range(n_met):
            if widespread[new] and 2 * np.int64(after[m]) > frequent[new]:
                hits[m] = 0
        places = np.full(n_met, -1, np.int64)
        n_hits = np.int64(0)
        for m in range(n_met):
            if placed and hits[m] > (reach >= 0):
                places[m] = n_hits
                n_hits += hits[m]
        new_at, other_at = np.empty(n_hits, np.uint32), np.empty(n_hits, np.uint32)
        for i in range(n_seen):
            m = seen[i]
            if places[m] >= 0:
                new_at[places[m]], other_at[places[m]] = x[i], y[i]
                places[m] += 1
        for m in range(n_met):
            until = places[m]
            since = until - hits[m]
            keeps = hits[m] > 0
            if reach >= 0:
                keeps = until >= 0 and _are_near(new_at[since:until], other_at[since:until], apart, reach, shift)
            if not keeps:
                continue
            if n == pairs.shape[1]:
                pairs = _resized(pairs, np.int64(n), np.int64(2 * n))
            pairs[0, n], pairs[1, n], pairs[2, n] = new, met[m], hits[m]
            n += 1
            if until >= 0:
                while n_at + hits[m] > at.shape[1]:
                    at = _resized(at, np.int64(n_at), np.int64(2 * at.shape[1]))
                for i in range(hits[m]):
                    at[0, n_at + i], at[1, n_at + i] = new_at[since + i], other_at[since + i]
                n_at += hits[m]
    return _resized(pairs, np.int64(n), np.int64(n)), _resized(at, np.int64(n_at), np.int64(n_at))
