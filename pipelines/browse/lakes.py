"""The lake as a server reads it: the newest commit each time, by a few connections that are used again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import duckdb

from wirecopy.pipelines.query import open_lake
from wirecopy.transforms.lake.commits import newest_commit

T = TypeVar("T")

READERS = 4
"""Questions that are answered at one time; others wait."""

MOST_S = 60.0
"""Seconds after which a question is given up."""


class TooLong(Exception):
    """A question took longer than MOST_S."""


class Reader:
    """Answers questions about the newest commit of a lake."""

    def __init__(self, lake: Path, most_s: float = MOST_S):
        self.lake = lake
        self._most_s = most_s
        self._idle: list[tuple[int, duckdb.DuckDBPyConnection]] = []
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._turns = asyncio.Semaphore(READERS)

    def newest(self) -> int:
        """Return the number of the lake's newest commit."""
        return newest_commit(self.lake)

    async def ask(self, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Return what a function of a connection returns, which runs in a thread.

        Raises TooLong where it takes too long, and what the function or `open_lake` raises.
        """
        async with self._connection() as con:
            work = asyncio.get_running_loop().run_in_executor(self._threads, question, con)
            done, _ = await asyncio.wait([work], timeout=self._most_s)
            if not done:
                con.interrupt()
                with contextlib.suppress(duckdb.Error):
                    await work
                raise TooLong
            return work.result()

    async def run(self, work: Callable[[], T]) -> T:
        """Return what a function returns that reads the lake by itself, in a thread."""
        async with self._turns:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[duckdb.DuckDBPyConnection]:
        loop = asyncio.get_running_loop()
        async with self._turns:
            number = await loop.run_in_executor(self._threads, self.newest)
            for old in [one for one in self._idle if one[0] != number]:
                self._idle.remove(old)
                old[1].close()
            if self._idle:
                _, con = self._idle.pop()
            else:
                con = await loop.run_in_executor(self._threads, open_lake, self.lake)
            try:
                yield con
            except BaseException:
                con.close()
                raise
            self._idle.append((number, con))

    def close(self) -> None:
        """Close the connections and end the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for _, con in self._idle:
            con.close()
        self._idle.clear()
