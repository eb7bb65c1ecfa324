"""Processes that can be killed: forked from a server that started no thread, watched at work, bounded in memory.

The server process imported their modules, so a replacement is there in milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, overload

from wirecopy.transforms import machine

PATIENCE = 4
"""Deadlines count CPU seconds; a process that stands still, and does not wait for a core, has so many times more."""

LOOK_S = 1.0
"""Seconds between two looks at a process."""

T = TypeVar("T")

_OUT_OF_MEMORY = 77
_LAST_WORDS_S = 1.0
_CONTEXT = multiprocessing.get_context("forkserver")


def preload(modules: Sequence[str]) -> None:
    """Have the server import modules, unless it runs already."""
    _CONTEXT.set_forkserver_preload(list(modules))


def start_server(modules: Sequence[str]) -> None:
    """Have the server start and import modules while this process does something else."""
    preload(modules)
    forkserver.ensure_running()


def is_server() -> bool:
    """Say whether this process is the server, or was forked from it."""
    return any(forkserver.__name__ in argument for argument in sys.orig_argv)


class Packed(Sequence[T]):
    """A list as the bytes it travels as; taken apart only where something in it is asked for."""

    def __init__(self, data: bytes, size: int):
        self.data = data
        self._size = size

    @classmethod
    def of(cls, items: Sequence[T]) -> Packed[T]:
        """Pack a list."""
        return cls(pickle.dumps(list(items), pickle.HIGHEST_PROTOCOL), len(items))

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        items: list[T] = pickle.loads(self.data)
        return items[place]

    def __iter__(self) -> Iterator[T]:
        return iter(self[:])


class Process:
    """A process that answers over a pipe.

    Args:
        function: of a module, not a closure; called in the process with its end of the pipe and what is given.
        given: what can be pickled.
    """

    def __init__(self, function: Callable[..., None], *given: Any):
        self.pipe, theirs = _CONTEXT.Pipe()
        self._heard: Connection[Any, Any] | None = None
        telling: Connection[Any, Any] | None = None
        if not machine.tells_of_processes():
            self._heard, telling = _CONTEXT.Pipe(duplex=False)
        self._told = machine.Told(self._heard.fileno()) if self._heard else None
        self.process: BaseProcess = _CONTEXT.Process(target=_run, args=(function, telling, theirs, *given), daemon=True)
        self.process.start()
        theirs.close()
        if telling:
            telling.close()

    def seconds(self) -> float:
        """Return the CPU seconds the process has had; where it is dead and gone these may be endless."""
        return self._told.seconds() if self._told else machine.cpu_seconds(self.process.pid)

    def sleeps(self) -> float:
        """Return 1 where no thread of the process runs, waits for a core, or was stopped from outside, and else 0.

        Where the system does not tell, that is the share of time that a process would have had if it had wanted to run.
        """
        return float(machine.sleeps(self.process.pid)) if self._told is None else 1 / machine.crowding()

    def bytes_read(self) -> int:
        """Return a number that grows with what the process reads from files."""
        if self._told is None:
            return machine.bytes_read(self.process.pid)
        self._told.seconds()
        return self._told.reads

    def was_killed(self) -> bool:
        """Say whether somebody else killed the process, as a machine does that runs out of memory."""
        return self.process.exitcode == -signal.SIGKILL

    def last_words(self) -> str:
        """Say what became of a process that was killed or died."""
        code = self.process.exitcode or 0
        if code == _OUT_OF_MEMORY:
            return "took more memory than it may"
        return f"the worker was killed by signal {-code}" if code < 0 else f"the worker ended with status {code}"

    def kill(self, dying: bool = False) -> None:
        """End the process; give one that is dying by itself the time to say of what."""
        self.process.join(_LAST_WORDS_S if dying else 0)
        self.process.kill()
        self.process.join()
        self.pipe.close()
        if self._heard:
            self._heard.close()


class Watch:
    """Tells how long a process has worked since the watch was made, and how long it stood still.

    One that wants to run and gets no core does neither, and so is no worse off on a busy machine; nor does one that was
    stopped, or one of which nobody looked what it did, as while the machine was asleep.

    Attributes:
        worked: CPU seconds.
        still: seconds.
    """

    def __init__(self, process: Process, look_s: float = LOOK_S):
        self._process = process
        self._look_s = look_s
        self._had = process.seconds()
        self._looked = time.monotonic()
        self.worked = self.still = 0.0

    def look(self) -> None:
        """Bring `worked` and `still` up to date; to be called every `look_s` seconds."""
        now, worked = time.monotonic(), self._process.seconds() - self._had
        passed = self._process.sleeps() * min(now - self._looked, 2 * self._look_s)
        self.still += max(0.0, passed - (worked - self.worked))
        self._looked, self.worked = now, worked


def _run(function: Callable[..., None], telling: Connection[Any, Any] | None, pipe: Any, *given: Any) -> None:
    """Interrupts are the parent's business: it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if telling:
        machine.tell(telling.fileno())
    function(pipe, *given)


def limit(memory_bytes: int) -> None:
    """Let this process allocate so much beyond what it holds now; see `machine.limit` for systems that bound none."""
    machine.limit(memory_bytes, out_of_memory)


def out_of_memory() -> None:
    """End this process, whose `last_words` then say why."""
    os._exit(_OUT_OF_MEMORY)
