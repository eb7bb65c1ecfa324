"""The join: which new articles hold keys in common with which others, new or known.

Candidates are found by posting lists. What a key counts for that many articles hold is told in `crowding`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.kernels import both, helper, i8, kernel, record, u4, writes
from wirecopy.transforms.matching.crowding import HOLDERS, Holders


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


class Near(NamedTuple):
    """Which two keys in common follow each other alike in two articles.

    Attributes:
        apart, reach: they are from `apart` to `reach` words apart; where `reach` is negative, every pair is taken.
        shift: by how many more words at most they are apart in one article than in the other.
    """

    apart: int
    reach: int
    shift: int


_NEAR = record(Near, i8, i8, i8)
ANY = Near(0, -1, 0)
"""Takes every pair."""


def find_pairs(holders: Holders, begin: int, end: int, near: Near = ANY) -> Pairs:
    """Return the pairs of the new articles [begin, end) that have a key in common, or two that are `near`."""
    pairs, hits = _find_pairs(holders, begin, end, near)
    return Pairs(*pairs, *hits)


@helper
def _resized(table: NDArray[Any], kept: np.int64, columns: np.int64) -> NDArray[Any]:
    """Return a table of so many columns that begins with the first ones of another."""
    resized = np.empty((len(table), columns), table.dtype)
    for row in range(len(table)):
        for k in range(kept):
            resized[row, k] = table[row, k]
    return resized


@helper
def _are_near(x: NDArray[np.uint32], y: NDArray[np.uint32], near: Near) -> bool:
    """Say whether two of the hits at (x, y) follow each other; of more than 64 it is taken for granted."""
    if len(x) > 64:
        return True
    for i in range(1, len(x)):
        for j in range(i):
            dx, dy = np.int64(x[i]) - np.int64(x[j]), np.int64(y[i]) - np.int64(y[j])
            if dx < 0:
                dx, dy = -dx, -dy
            if near.apart <= dx <= near.reach and dy >= near.apart and abs(dx - dy) <= near.shift:
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


@kernel(both(writes(i8, 2), writes(u4, 2)), HOLDERS, i8, i8, _NEAR)
def _find_pairs(holders: Holders, begin: int, end: int, near: Near) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return the columns of `Pairs`."""
    first, rest = holders.first, holders.rest
    own_bounds, own, own_at = holders.own
    own_first, widespread, frequent, leads = holders.own_first, holders.widespread, holders.frequent, holders.leads
    n_new = len(own_bounds) - 1
    placed = len(own_at) > 0
    pairs, at = np.empty((3, 1024), np.int64), np.empty((2, 1024), np.uint32)
    n = n_at = 0
    for new in range(begin, end):
        most = np.int64(0)
        for k in range(own_bounds[new], own_bounds[new + 1]):
            most += first.bounds[own[k] + 1] - first.bounds[own[k]]
            if own_first[k]:
                most += rest.bounds[own[k] + 1] - rest.bounds[own[k]]
        seen, x, y = np.empty(most + 1, np.uint32), np.empty(most + 1, np.uint32), np.empty(most + 1, np.uint32)
        n_seen = n_first = 0
        for part in range(2):
            bounds, others, others_at = rest if part else first
            for k in range(own_bounds[new], own_bounds[new + 1]):
                if part and not own_first[k]:
                    continue
                meets_all = own_first[k] or leads[new] < 0
                for place in range(bounds[own[k]], bounds[own[k] + 1]):
                    other = others[place]
                    seen[n_seen] = other
                    if placed:
                        x[n_seen], y[n_seen] = own_at[k], others_at[place]
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
            if placed and hits[m] > (near.reach >= 0):
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
            if near.reach >= 0:
                keeps = until >= 0 and _are_near(new_at[since:until], other_at[since:until], near)
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
