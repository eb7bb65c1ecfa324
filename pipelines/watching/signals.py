"""Signals to the monitor: SIGTERM and an interrupt end it within seconds whatever goes on, SIGHUP rereads its lists."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

LAST_S = 7.5
"""Seconds after a signal to end when the process is ended even where a thread, a parser or a name server hangs."""

EXIT_INTERRUPTED = 130

THREADS = "watch"
"""How the names of the threads begin that the process would wait for at its end."""

_ENDING = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Heeds signals for the length of a block, in the main thread; anywhere else none are.

    Args:
        last: once a signal to end came, end the process after LAST_S at the latest. The lake allows that at any moment;
            the status is 0 where the block was left before and only a thread that hangs kept the process from ending.
    """

    def __init__(self, last: bool) -> None:
        self._last = last
        self._former: dict[signal.Signals, Any] = {}
        self._timer: threading.Timer | None = None
        self._status = EXIT_INTERRUPTED

    def __enter__(self) -> Signals:
        return self

    def heed(self, stop: Callable[[], None], reread: Callable[[], None]) -> None:
        """Call `stop` and `reread` in the running loop when they are asked for."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()

        def end(number: int, frame: FrameType | None) -> None:
            if self._last and self._timer is None:
                self._timer = threading.Timer(LAST_S, self._end)
                self._timer.daemon = True
                self._timer.start()
            _call(loop, stop)

        for one in _ENDING:
            self._former[one] = signal.signal(one, end)
        self._former[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda number, frame: _call(loop, reread))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for one, handler in self._former.items():
            signal.signal(one, handler)
        self._status = 0 if error is None else 1
        if self._timer is not None and not _busy_threads():
            self._timer.cancel()

    def _end(self) -> None:
        with contextlib.suppress(Exception):
            for child in multiprocessing.active_children():
                child.kill()
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(self._status)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(function)


def _busy_threads() -> bool:
    """Say whether a thread that the process would wait for is still there after a moment."""
    others = [one for one in threading.enumerate() if one.name.startswith(THREADS)]
    until = time.monotonic() + 0.5
    for one in others:
        one.join(max(0.0, until - time.monotonic()))
    return any(one.is_alive() for one in others)
