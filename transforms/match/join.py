"""The join: which new articles hold keys in common with which others, new or known.

A key that more than K articles hold counts towards its first K holders in (event_at, article_id) order: two articles
have it in common only where one of them is among those. All that is read of a frequent key in the index are then its
first K holders there, unless one of the new articles comes before the last of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.kernels import b1, helper, i8, kernel, reads, u4, u8, void, writes
from transforms.match.postings import KEY_SHIFT, Postings

K = 32
"""Holders up to which a key links all of its holders with each other."""

_ALL = np.iinfo(np.int64).max
_NO_RANK = np.iinfo(np.int64).max


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
        n_articles: articles in all sources.
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
    n_articles: int


class Pairs(NamedTuple):
    """Pairs of articles, each once, ordered by `new`.

    Attributes:
        new: i64[pairs], a new article.
        other: i64[pairs], a known one, or a new one of a lower number.
        hits: i64[pairs], places where they hold a key in common.
    """

    new: NDArray[np.int64]
    other: NDArray[np.int64]
    hits: NDArray[np.int64]


def find_holders(sources: Sequence[Source]) -> Holders:
    """Return who holds each key that an article of the first source, the new one, shares with any other article."""
    ranges = _shared_keys([source.postings for source in sources])
    n_keys = len(ranges[0][0])
    n_new, n_articles = len(sources[0].live), sum(len(source.live) for source in sources)
    bounds, holders, at = _read(sources, ranges, np.full(n_keys, K + 1))
    ranks = _ranks(sources, _crowded(bounds, holders))
    first_bounds, last_rank = np.zeros(n_keys + 1, np.int64), np.empty(n_keys, np.int64)
    n = _keep_first(bounds, holders, at, ranks, first_bounds, last_rank)
    first, first_at = holders[:n], at[:n]
    wide = _holds_any_below(first_bounds, first, n_new) & (last_rank < _NO_RANK)
    rest_bounds, rest, rest_at = _read(sources, ranges, np.where(wide, _ALL, 0))
    n = _drop_first(rest_bounds, rest, rest_at, ranks, last_rank)
    rest, rest_at = rest[:n], rest_at[:n]
    own_bounds, own, own_at = _invert(sources[0], ranges[0])
    own_first = ranks[np.repeat(np.arange(n_new), np.diff(own_bounds))] <= last_rank[own]
    return Holders(
        first_bounds, first, first_at, rest_bounds, rest, rest_at, own_bounds, own, own_at, own_first, n_articles
    )


def count_pairs(holders: Holders, begin: int, end: int, near: tuple[int, int, int] | None = None) -> Pairs:
    """Return the pairs of the new articles [begin, end) that have a key in common.

    With `near`, (apart, reach, shift), only pairs that have two in common which follow each other alike in both: from
    `apart` to `reach` words on, and at most `shift` words more in one article than in the other.
    """
    h = holders
    apart, reach, shift = near or (0, -1, 0)
    return Pairs(
        *_count(
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
            h.n_articles,
            begin,
            end,
            apart,
            reach,
            shift,
        )
    )


def find_hits(holders: Holders, pairs: Pairs) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return where the two articles of each pair hold keys in common: in the new one and in the other.

    Both are u32[sum of pairs.hits]; each pair's hits follow those of the pair before. Pairs are ordered by `new`.
    """
    h = holders
    n = int(pairs.hits.sum())
    new_at, other_at = np.empty(n, np.uint32), np.empty(n, np.uint32)
    _fill(
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
        h.n_articles,
        pairs.new,
        pairs.other,
        np.concatenate([[0], np.cumsum(pairs.hits)]).astype(np.int64),
        new_at,
        other_at,
    )
    return new_at, other_at


Range = tuple[NDArray[np.int64], NDArray[np.int64]]


def _shared_keys(sources: Sequence[Postings]) -> list[Range]:
    """Return where each source's entries of each key begin and end, for the keys of the first that have two entries."""
    new = sources[0].entries
    keys = (new >> KEY_SHIFT).astype(np.uint32)
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(keys))[: len(begins)]
    keys = keys[begins]
    ranges: list[Range] = [(begins, ends)]
    for source in sources[1:]:
        begins, ends = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        _find(source.entries, keys, begins, ends)
        ranges.append((begins, ends))
    shared = sum(end - begin for begin, end in ranges) > 1
    return [(begin[shared], end[shared]) for begin, end in ranges]


def _read(
    sources: Sequence[Source], ranges: Sequence[Range], limits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the first living holders of each key in each source, up to its limit, and where they hold it."""
    sizes = np.zeros(len(limits), np.int64)
    for source, (begins, ends) in zip(sources, ranges, strict=True):
        _measure(source.postings.entries, begins, ends, source.live, limits, sizes)
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    holders = np.empty(bounds[-1], np.uint32)
    at = np.empty(bounds[-1] if len(sources[0].postings.positions) else 0, np.uint32)
    cursors = bounds[:-1].copy()
    offset = 0
    for source, (begins, ends) in zip(sources, ranges, strict=True):
        entries, positions = source.postings
        _copy(entries, positions, begins, ends, source.live, limits, offset, cursors, holders, at)
        offset += len(source.live)
    return bounds, holders, at


def _ranks(sources: Sequence[Source], articles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each of these articles among them, by (event_at, article_id); `_NO_RANK` for all others.

    The articles are given in ascending order.
    """
    ends = np.cumsum([len(source.live) for source in sources])
    rows = np.split(articles, np.searchsorted(articles, ends[:-1]))
    rows = [part - end + len(source.live) for part, end, source in zip(rows, ends, sources, strict=True)]
    events = np.concatenate([source.events[part] for source, part in zip(sources, rows, strict=True)])
    ids = np.concatenate([source.ids[part] for source, part in zip(sources, rows, strict=True)])
    ranks = np.full(ends[-1], _NO_RANK)
    ranks[articles[np.lexsort((ids, events))]] = np.arange(len(articles))
    return ranks


def _crowded(bounds: NDArray[np.int64], holders: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the articles that hold a key of more than K entries."""
    crowded = np.repeat(np.diff(bounds) > K, np.diff(bounds))
    return np.unique(holders[crowded]).astype(np.int64)


def _holds_any_below(bounds: NDArray[np.int64], holders: NDArray[np.uint32], n: int) -> NDArray[np.bool_]:
    """Return which keys have a holder numbered below n."""
    seen = np.concatenate([[0], np.cumsum(holders < n)])
    found: NDArray[np.bool_] = seen[bounds[1:]] > seen[bounds[:-1]]
    return found


def _invert(source: Source, range_: Range) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the keys that each article of a source holds, and where."""
    begins, ends = range_
    entries, positions = source.postings
    counts = np.zeros(len(source.live) + 1, np.int64)
    n = int((ends - begins).sum())
    keys, at = np.empty(n, np.uint32), np.empty(n if len(positions) else 0, np.uint32)
    n = _scatter(entries, positions, begins, ends, source.live, counts, keys, at)
    return counts, keys[:n], at[:n]


@kernel(void, reads(u8), reads(u4), writes(i8), writes(i8))
def _find(
    entries: NDArray[np.uint64], keys: NDArray[np.uint32], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> None:
    """Find each of the ascending keys by galloping (Bentley and Yao, 1976): on from the last, few from where they
    would stand if keys were spread evenly, as hashes are.
    """
    few = 16 * len(keys) < len(entries)
    at = 0
    for k in range(len(keys)):
        wanted = np.uint64(keys[k]) << np.uint64(32)
        low = at
        if few:
            low = max(at, int(np.int64(np.uint64(keys[k]) * np.uint64(len(entries)) >> np.uint64(32))))
        step = 1
        if low < len(entries) and entries[low] < wanted:
            while low + step < len(entries) and entries[low + step] < wanted:
                step *= 2
            high = min(low + step, len(entries))
        else:
            high = low
            while low > at and entries[low - 1] >= wanted:
                high = low
                low = max(at, low - step)
                step *= 2
        while low < high:
            middle = (low + high) // 2
            if entries[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        at = low
        begins[k] = at
        while at < len(entries) and np.uint32(entries[at] >> np.uint64(32)) == keys[k]:
            at += 1
        ends[k] = at


@kernel(void, reads(u8), reads(i8), reads(i8), reads(b1), reads(i8), writes(i8))
def _measure(
    entries: NDArray[np.uint64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    live: NDArray[np.bool_],
    limits: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    """Add to sizes the entries of each key's first living holders."""
    for key in range(len(begins)):
        holders, last = 0, np.int64(-1)
        for k in range(begins[key], ends[key]):
            article = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if live[article]:
                if article != last:
                    holders += 1
                    last = article
                if holders > limits[key]:
                    break
                sizes[key] += 1


@kernel(void, reads(u8), reads(u4), reads(i8), reads(i8), reads(b1), reads(i8), i8, writes(i8), writes(u4), writes(u4))
def _copy(
    entries: NDArray[np.uint64],
    positions: NDArray[np.uint32],
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
    for key in range(len(begins)):
        count, last = 0, np.int64(-1)
        for k in range(begins[key], ends[key]):
            article = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if live[article]:
                if article != last:
                    count += 1
                    last = article
                if count > limits[key]:
                    break
                to = cursors[key]
                holders[to] = offset + article
                if len(at):
                    at[to] = positions[k]
                cursors[key] = to + 1


@kernel(i8, reads(i8), writes(u4), writes(u4), reads(i8), writes(i8), writes(i8))
def _keep_first(
    bounds: NDArray[np.int64],
    holders: NDArray[np.uint32],
    at: NDArray[np.uint32],
    ranks: NDArray[np.int64],
    kept_bounds: NDArray[np.int64],
    last_rank: NDArray[np.int64],
) -> int:
    """Keep in place the first K holders of each key; set the last one's rank, `_NO_RANK` where all are kept."""
    n = 0
    best = np.empty(K + 1, np.int64)
    for key in range(len(bounds) - 1):
        filled, distinct, last = 0, 0, np.int64(-1)
        for k in range(bounds[key], bounds[key + 1]):
            if holders[k] == last:
                continue
            last = np.int64(holders[k])
            distinct += 1
            if bounds[key + 1] - bounds[key] > K:
                place = filled
                while place > 0 and best[place - 1] > ranks[last]:
                    best[place] = best[place - 1]
                    place -= 1
                best[place] = ranks[last]
                filled = min(filled + 1, K)
        last_rank[key] = best[K - 1] if distinct > K else _NO_RANK
        for k in range(bounds[key], bounds[key + 1]):
            if distinct <= K or ranks[holders[k]] <= last_rank[key]:
                holders[n] = holders[k]
                if len(at):
                    at[n] = at[k]
                n += 1
        kept_bounds[key + 1] = n
    return n


@kernel(i8, writes(i8), writes(u4), writes(u4), reads(i8), reads(i8))
def _drop_first(
    bounds: NDArray[np.int64],
    holders: NDArray[np.uint32],
    at: NDArray[np.uint32],
    ranks: NDArray[np.int64],
    last_rank: NDArray[np.int64],
) -> int:
    """Keep in place the holders of each key that come after its first K."""
    n, begin = 0, np.int64(0)
    for key in range(len(bounds) - 1):
        end = bounds[key + 1]
        for k in range(begin, end):
            if ranks[holders[k]] > last_rank[key]:
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
def _resized(table: NDArray[np.int64], kept: np.int64, columns: np.int64) -> NDArray[np.int64]:
    """Return a table of so many columns that begins with the first ones of another."""
    resized = np.empty((len(table), columns), np.int64)
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


@kernel(
    writes(i8, 2),
    reads(i8), reads(u4), reads(u4),
    reads(i8), reads(u4), reads(u4),
    reads(i8), reads(u4), reads(u4), reads(b1),
    i8, i8, i8, i8, i8, i8,
)  # fmt: skip
def _count(
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
    n_articles: int,
    begin: int,
    end: int,
    apart: int,
    reach: int,
    shift: int,
) -> NDArray[np.int64]:
    """Return the columns of `Pairs`; a negative reach takes every pair."""
    n_new = len(own_bounds) - 1
    hits = np.zeros(n_articles, np.int32)
    places = np.zeros(n_articles, np.int64)
    met = np.empty(n_articles, np.int64)
    x, y = np.empty(1024, np.uint32), np.empty(1024, np.uint32)
    pairs = np.empty((3, 1024), np.int64)
    n = 0
    for new in range(begin, end):
        n_met = 0
        for k in range(own_bounds[new], own_bounds[new + 1]):
            key = own[k]
            for part in range(2 if own_first[k] else 1):
                holders, bounds = (first, first_bounds) if part == 0 else (rest, rest_bounds)
                for place in range(bounds[key], bounds[key + 1]):
                    other = holders[place]
                    if other < new or other >= n_new:
                        if hits[other] == 0:
                            met[n_met] = other
                            n_met += 1
                        hits[other] += 1
        kept = n_hits = 0
        for m in range(n_met):
            other = met[m]
            if reach < 0 or hits[other] > 1:
                met[kept] = other
                kept += 1
                places[other] = n_hits
                n_hits += hits[other]
            else:
                hits[other] = 0
        if reach >= 0:
            if n_hits > len(x):
                x, y = np.empty(2 * n_hits, np.uint32), np.empty(2 * n_hits, np.uint32)
            for k in range(own_bounds[new], own_bounds[new + 1]):
                key = own[k]
                for part in range(2 if own_first[k] else 1):
                    holders, at, bounds = (first, first_at, first_bounds) if part == 0 else (rest, rest_at, rest_bounds)
                    for place in range(bounds[key], bounds[key + 1]):
                        other = holders[place]
                        if hits[other] > 0:
                            x[places[other]], y[places[other]] = own_at[k], at[place]
                            places[other] += 1
        for m in range(kept):
            other = met[m]
            until = places[other]
            since = until - hits[other]
            if reach < 0 or _are_near(x[since:until], y[since:until], apart, reach, shift):
                if n == pairs.shape[1]:
                    pairs = _resized(pairs, np.int64(n), np.int64(2 * n))
                pairs[0, n], pairs[1, n], pairs[2, n] = new, other, hits[other]
                n += 1
            hits[other] = 0
    return _resized(pairs, np.int64(n), np.int64(n))


@kernel(
    void,
    reads(i8),
    reads(u4),
    reads(u4),
    reads(i8),
    reads(u4),
    reads(u4),
    reads(i8),
    reads(u4),
    reads(u4),
    reads(b1),
    i8,
    reads(i8),
    reads(i8),
    reads(i8),
    writes(u4),
    writes(u4),
)
def _fill(
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
    n_articles: int,
    news: NDArray[np.int64],
    others: NDArray[np.int64],
    hit_bounds: NDArray[np.int64],
    new_at: NDArray[np.uint32],
    other_at: NDArray[np.uint32],
) -> None:
    pair_of = np.full(n_articles, -1, np.int32)
    cursors = hit_bounds[:-1].copy()
    begin = 0
    while begin < len(news):
        new = news[begin]
        end = begin
        while end < len(news) and news[end] == new:
            pair_of[others[end]] = end
            end += 1
        for k in range(own_bounds[new], own_bounds[new + 1]):
            key = own[k]
            for part in range(2 if own_first[k] else 1):
                holders, at, bounds = (first, first_at, first_bounds) if part == 0 else (rest, rest_at, rest_bounds)
                for place in range(bounds[key], bounds[key + 1]):
                    pair = pair_of[holders[place]]
                    if pair >= 0 and cursors[pair] < hit_bounds[pair + 1]:
                        new_at[cursors[pair]] = own_at[k]
                        other_at[cursors[pair]] = at[place]
                        cursors[pair] += 1
        for pair in range(begin, end):
            pair_of[others[pair]] = -1
        begin = end
