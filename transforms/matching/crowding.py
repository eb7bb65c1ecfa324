"""The crowding rule: what a key counts for that more than K articles hold.

It counts towards its first K holders in (event_at, article_id) order: two articles have it in common only where one of
them is among those. All that is read of a frequent key in the index are then its first K holders there, unless one of
the new articles comes before the last of them.

A story that is printed everywhere costs one comparison a print. An article is widespread where more than K articles
hold more than half of its keys. It is a reprint where some article is among the first K holders of more than half of
those frequent keys and it is not: the earliest such article is its lead, with which alone it has them in common. And a
widespread article that joins the first K holders of keys does not meet the later ones that hold more than half of its
frequent keys: they have a lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import b1, i8, kernel, reads, record, u4, void, writes
from wirecopy.transforms.matching.holders import FILLED, LISTS, Lists, Source, invert, read_holders, shared_entries
from wirecopy.transforms.matching.segments.postings import ARTICLE, Postings

K = 32
"""Holders up to which a key links all of its holders with each other."""

_ALL = np.iinfo(np.int64).max


class Holders(NamedTuple):
    """Who holds the keys that new articles hold; articles are numbered through all sources, the new ones first.

    Attributes:
        first: all holders of each key, or the first K of them.
        rest: the holders behind the first K, where a new article is among those.
        own: the keys that each new article holds.
        own_first: bool, for each of these: the article is among the first K holders of the key.
        widespread: bool[new articles], more than K articles hold more than half of its keys.
        frequent: i64[new articles], how many of its keys more than K articles hold.
        leads: i64[new articles], the lead of each new article that is a reprint, -1 for all others.
    """

    first: Lists
    rest: Lists
    own: Lists
    own_first: NDArray[np.bool_]
    widespread: NDArray[np.bool_]
    frequent: NDArray[np.int64]
    leads: NDArray[np.int64]


HOLDERS = record(Holders, LISTS, LISTS, LISTS, reads(b1), reads(b1), reads(i8), writes(i8))


def find_holders(sources: Sequence[Source]) -> Holders:
    """Return who holds each key that an article of the first source, the new one, shares with any other article."""
    n_keys, held = shared_entries(sources)
    n_new, n = len(sources[0].live), sum(len(source.live) for source in sources)
    first = read_holders(held, np.full(n_keys, K + 1))
    earliness = _earliness(sources, _crowded(first, n))
    least = np.empty(n_keys, np.uint32)
    kept = first.first(_keep_first(first, earliness, least, K))
    first = Lists(kept.bounds, kept.values.copy(), kept.at.copy())
    del kept
    wide = _holds_any_below(first.bounds, first.values, n_new) & (least > 0)
    rest = read_holders(held, np.where(wide, _ALL, 0))
    rest = rest.first(_drop_first(rest, earliness, least))
    own = invert(held[0])
    own_first = earliness[np.repeat(np.arange(n_new), np.diff(own.bounds))] >= least[own.values]
    frequent = np.concatenate([[0], np.cumsum(least[own.values] > 0)])
    frequent = np.diff(frequent[own.bounds])
    widespread = 2 * frequent > _count_keys(sources[0].postings, n_new)
    holders = Holders(first, rest, own, own_first, widespread, frequent, np.full(n_new, -1))
    if widespread.any():
        _find_leads(holders, earliness, np.zeros(n, np.uint32))
    return holders


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


def _crowded(lists: Lists, n: int) -> NDArray[np.int64]:
    """Return which of n articles hold a key of more than K entries."""
    crowded = np.zeros(n, bool)
    _mark(lists, K, crowded)
    return np.flatnonzero(crowded)


def _holds_any_below(bounds: NDArray[np.int64], holders: NDArray[np.uint32], n: int) -> NDArray[np.bool_]:
    """Return which keys have a holder numbered below n."""
    seen = np.concatenate([[0], np.cumsum(holders < n)])
    found: NDArray[np.bool_] = seen[bounds[1:]] > seen[bounds[:-1]]
    return found


def _count_keys(postings: Postings, n: int) -> NDArray[np.int64]:
    """Return how many keys each of n articles holds."""
    return np.bincount((postings.entries & ARTICLE).astype(np.int64), minlength=n)


@kernel(void, LISTS, i8, writes(b1))
def _mark(lists: Lists, most: int, marked: NDArray[np.bool_]) -> None:
    """Mark the holders of keys that have more than `most` entries."""
    bounds, holders = lists.bounds, lists.values
    for key in range(len(bounds) - 1):
        if bounds[key + 1] - bounds[key] > most:
            for k in range(bounds[key], bounds[key + 1]):
                marked[holders[k]] = True


@kernel(i8, FILLED, reads(u4), writes(u4), i8)
def _keep_first(lists: Lists, earliness: NDArray[np.uint32], least: NDArray[np.uint32], most: int) -> int:
    """Keep in place the first `most` holders of each key; set the last one's earliness, 0 where all are kept."""
    bounds, holders, at = lists
    n, begin = 0, np.int64(0)
    best = np.empty(most + 1, np.uint32)
    for key in range(len(bounds) - 1):
        end = bounds[key + 1]
        filled, distinct, last = 0, 0, np.int64(-1)
        for k in range(begin, end):
            if holders[k] == last:
                continue
            last = np.int64(holders[k])
            distinct += 1
            if end - begin > most:
                place = filled
                while place > 0 and best[place - 1] < earliness[last]:
                    best[place] = best[place - 1]
                    place -= 1
                best[place] = earliness[last]
                filled = min(filled + 1, most)
        least[key] = best[most - 1] if distinct > most else np.uint32(0)
        for k in range(begin, end):
            if earliness[holders[k]] >= least[key]:
                holders[n] = holders[k]
                if len(at):
                    at[n] = at[k]
                n += 1
        begin = end
        bounds[key + 1] = n
    return n


@kernel(i8, FILLED, reads(u4), reads(u4))
def _drop_first(lists: Lists, earliness: NDArray[np.uint32], least: NDArray[np.uint32]) -> int:
    """Keep in place the holders of each key that come after its first K."""
    bounds, holders, at = lists
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


@kernel(void, HOLDERS, reads(u4), writes(u4))
def _find_leads(holders: Holders, earliness: NDArray[np.uint32], counts: NDArray[np.uint32]) -> None:
    """Set the leads, with one count for each article, which is 0 before and after."""
    bounds, firsts = holders.first.bounds, holders.first.values
    own_bounds, own = holders.own.bounds, holders.own.values
    own_first, frequent, leads = holders.own_first, holders.frequent, holders.leads
    for new in range(len(leads)):
        if not holders.widespread[new]:
            continue
        for k in range(own_bounds[new], own_bounds[new + 1]):
            if not own_first[k]:
                for place in range(bounds[own[k]], bounds[own[k] + 1]):
                    counts[firsts[place]] += np.uint32(1)
        for k in range(own_bounds[new], own_bounds[new + 1]):
            if not own_first[k]:
                for place in range(bounds[own[k]], bounds[own[k] + 1]):
                    other = firsts[place]
                    is_lead = 2 * np.int64(counts[other]) > frequent[new]
                    if is_lead and (leads[new] < 0 or earliness[other] > earliness[leads[new]]):
                        leads[new] = other
                    counts[other] = 0
