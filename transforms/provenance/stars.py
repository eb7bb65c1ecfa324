"""Stars in a graph of copies: every article is a head or a copy of one, and no head is a copy of another."""

from __future__ import annotations

import numpy as np

from wirecopy.transforms.columns import Array


def cover(low: Array, high: Array, n: int) -> Array:
    """Return the head of each vertex: its first neighbour that is a head, itself where there is none before it.

    In rounds (Blelloch, Fineman and Shun 2012): a vertex without an open neighbour before it is a head, and its
    neighbours are none.
    """
    is_open, is_head = np.ones(n, bool), np.zeros(n, bool)
    live_low, live_high = low, high
    while is_open.any():
        ready = is_open.copy()
        ready[live_high] = False
        is_head |= ready
        is_open[ready] = False
        is_open[live_high[ready[live_low]]] = False
        live = is_open[live_low] & is_open[live_high]
        live_low, live_high = live_low[live], live_high[live]
    head = np.arange(n)
    heads = is_head[low]
    np.minimum.at(head, high[heads], low[heads])
    return head
