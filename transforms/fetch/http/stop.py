"""How a run is told to stop: first nothing new is begun, then what is still under way is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The run is stopping, and what was under way was cut off."""


class Stop:
    """Tells those who fetch that the run is stopping.

    Attributes:
        asked: nothing new is to be begun.
    """

    def __init__(self) -> None:
        self.asked = False
        self._cut = asyncio.Event()

    def cut(self) -> None:
        """Cut off what is under way."""
        self.asked = True
        self._cut.set()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work unless it is cut off before it is done. Raises Stopped then, and whatever the work raises."""
        task = asyncio.ensure_future(work)
        cut = asyncio.ensure_future(self._cut.wait())
        try:
            await asyncio.wait({task, cut}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Stopped
        finally:
            cut.cancel()
            task.cancel()

    async def wait(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for some work or for the cut, whichever comes first."""
        try:
            await self.unless(work)
        except Stopped:
            return
