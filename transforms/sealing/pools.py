"""Processes that read and extract and outlive a pipeline: starting them takes longer than a small wave does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from wirecopy.schemas.elements import Document, Sealed, Unit
from wirecopy.transforms.extract.boilerplate import Furniture
from wirecopy.transforms.extract.workers import Pool
from wirecopy.transforms.read.isolated import Reader
from wirecopy.transforms.sealing.seal import Extracted, extract, extract_here, seal

LOANS = 500
"""Processes that were lent so often are ended, so that what libraries leak in them is given back."""

_LEAD = "MOSCOW, February 14. /TASS/. The ministry answered on Monday, its spokesman Ivan Petrov said in a statement."
WARM = (
    Document("0" * 32, 0, "warm", "html", f"<html><title>An answer</title><article><p>{_LEAD}</p></article></html>"),
    Document("0" * 32, 1, "warm", "text", f"An answer\n\nThe world of 2024\n\n{_LEAD}"),
)
"""Documents of which extraction loads what it loads once."""


class Workers(NamedTuple):
    """A process that reads, and a pool that extracts."""

    reader: Reader
    pool: Pool[Extracted]


class _Idle(NamedTuple):
    size: int
    furniture: str
    workers: Workers
    loans: int


_idle: list[_Idle] = []
_lock = threading.Lock()
_turn = threading.Lock()


@contextmanager
def lent(size: int, furniture: Furniture) -> Iterator[Workers]:
    """Lend a pool of so many workers that leave out such furniture, and a reader: idle ones, or else new ones.

    One is lent at a time, since it has a worker for each core; others wait. Those whose block raises are ended. All
    end with this process.
    """
    with _turn:
        workers, loans = _take(size, furniture)
        try:
            yield workers
        except BaseException:
            _end(workers)
            raise
        if loans < LOANS:
            with _lock:
                _idle.append(_Idle(size, furniture.version, workers, loans))
        else:
            _end(workers)


def seal_within_limits(units: Sequence[Unit], staging: Path, furniture: Furniture, workers: int) -> Sealed:
    """Seal units in so many processes that are ended where a record takes too long or too much; here where in none.

    Raises OSError where the folder cannot be written.
    """
    if not workers:
        return seal(units, staging, partial(extract_here, furniture=furniture))
    with lent(workers, furniture) as taken:
        return seal(units, staging, taken.pool.map, taken.reader.portions)


def _take(size: int, furniture: Furniture) -> tuple[Workers, int]:
    with _lock:
        stale = [one for one in _idle if one.furniture != furniture.version]
        _idle[:] = [one for one in _idle if one not in stale]
        for one in stale:
            _end(one.workers)
        for place, one in enumerate(_idle):
            if one.size == size:
                del _idle[place]
                return one.workers, one.loans + 1
    pool = Pool(
        extract, size, modules=(Reader.__module__, "wirecopy.transforms.sealing.preload"), given=(furniture,), warm=WARM
    )
    return Workers(Reader(), pool), 1


def _end(workers: Workers) -> None:
    for each in workers:
        each.__exit__(None, None, None)
