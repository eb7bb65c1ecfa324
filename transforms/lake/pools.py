"""Pools of extracting workers that outlive a pipeline: starting one takes longer than a small wave does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from transforms.extract.workers import Pool
from transforms.lake.seal import Extracted, extract

LOANS = 500
"""A pool that was lent so often is ended, so that what libraries leak in its workers is given back."""

_idle: list[tuple[int, Pool[Extracted], int]] = []
_lock = threading.Lock()
_turn = threading.Lock()


@contextmanager
def lent(workers: int) -> Iterator[Pool[Extracted]]:
    """Lend a pool of so many workers for a block: one that is idle in this process, else a new one.

    One is lent at a time, since it has a worker for each core; others wait. A pool whose block raises is ended.
    Workers end with this process.
    """
    with _turn:
        pool, loans = _take(workers)
        try:
            yield pool
        except BaseException:
            _end(pool)
            raise
        if loans < LOANS:
            with _lock:
                _idle.append((workers, pool, loans))
        else:
            _end(pool)


def _take(workers: int) -> tuple[Pool[Extracted], int]:
    with _lock:
        for place, (size, pool, loans) in enumerate(_idle):
            if size == workers:
                del _idle[place]
                return pool, loans + 1
    return Pool(extract, workers), 1


def _end(pool: Pool[Extracted]) -> None:
    pool.__exit__(None, None, None)
