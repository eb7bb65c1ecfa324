"""Pools of extracting workers that outlive a pipeline: starting one takes longer than a small wave does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from transforms.extract.furniture import Furniture
from transforms.extract.workers import Pool
from transforms.lake.seal import Extracted, extract

LOANS = 500
"""A pool that was lent so often is ended, so that what libraries leak in its workers is given back."""

_idle: list[tuple[tuple[int, str], Pool[Extracted], int]] = []
_lock = threading.Lock()
_turn = threading.Lock()


@contextmanager
def lent(workers: int, furniture: Furniture) -> Iterator[Pool[Extracted]]:
    """Lend a pool of so many workers that leave out such furniture: one that is idle in this process, else a new one.

    One is lent at a time, since it has a worker for each core; others wait. A pool whose block raises is ended.
    Workers end with this process.
    """
    with _turn:
        pool, loans = _take(workers, furniture)
        try:
            yield pool
        except BaseException:
            _end(pool)
            raise
        if loans < LOANS:
            with _lock:
                _idle.append(((workers, furniture.version), pool, loans))
        else:
            _end(pool)


def _take(workers: int, furniture: Furniture) -> tuple[Pool[Extracted], int]:
    with _lock:
        stale = [pool for (_, version), pool, _ in _idle if version != furniture.version]
        _idle[:] = [one for one in _idle if one[1] not in stale]
        for pool in stale:
            _end(pool)
        for place, (kind, pool, loans) in enumerate(_idle):
            if kind == (workers, furniture.version):
                del _idle[place]
                return pool, loans + 1
    return Pool(extract, workers, given=(furniture,)), 1


def _end(pool: Pool[Extracted]) -> None:
    pool.__exit__(None, None, None)
