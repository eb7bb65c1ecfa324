"""Reading in a process of its own: a record that hangs it, or eats memory, is cut off and rejected.

The process sends batches of documents as bytes, which the caller can pass on without taking them apart. It reads ahead
by a batch; while nobody takes what it has, no deadline runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

import pyarrow as pa

from wirecopy.schemas.elements import Unit
from wirecopy.transforms.processes import LOOK_S, Packed, Process, Watch, limit, out_of_memory, preload
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.portions import MAX_ELEMENTS, Portion, portions

DEADLINE_S = 15.0
"""CPU seconds that reading may go on without a byte read or a portion sent: FILE_BYTES of XML take three."""

STALLED_S = 300.0
"""Seconds that reading may wait for a byte, and not for a core. File systems behind a network have given up by then."""

MEMORY_BYTES = 1 << 30
"""Bytes that reading may allocate beyond what the process held before: FILE_BYTES of XML take fifteen times as many."""

_SUSPECTS = MAX_ELEMENTS + 1
"""Units that may be to blame for a loss: the one that gave the last portion, and those read for the next one."""


class Reader:
    """A process that reads units, replaced where it hangs or dies.

    A context manager: leaving it ends the process.

    Args:
        deadline_s, stalled_s, memory_bytes: see the constants of this module.
        read: what reads; a function of a module, as `portions.portions` is.
    """

    def __init__(
        self,
        deadline_s: float = DEADLINE_S,
        stalled_s: float = STALLED_S,
        memory_bytes: int = MEMORY_BYTES,
        read: Callable[..., Iterator[Portion]] = portions,
    ):
        preload([__name__, read.__module__])
        self._deadline_s, self._stalled_s = deadline_s, stalled_s
        self._work = read, memory_bytes
        self._process = Process(_serve, *self._work)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()

    def portions(self, units: Sequence[Unit]) -> Iterator[Portion]:
        """Yield what units give, in order, as `portions.portions` would; documents are `Packed`.

        Where the process is cut off or dies, what it was at is begun anew element by element: all that comes before the
        one to blame is kept; that one, with the rest of its unit, is a reject `timeout` or `crash`.
        """
        at = taken = careful = 0
        while at < len(units):
            begin = at
            self._process.pipe.send((units[at : at + 1], taken, 1) if careful else (units[at:], taken, MAX_ELEMENTS))
            while isinstance(answer := self._answer(), Portion):
                unit = begin + answer.unit
                taken = (taken if unit == at else 0) + len(answer.documents) + len(answer.others)
                at = unit
                if answer.units > 1:
                    at, taken = unit + answer.units, 0
                yield answer._replace(unit=unit)
            if answer is None:
                at, taken, careful = at + 1 if careful else len(units), 0, max(0, careful - 1)
                continue
            lost, self._process = self._process, Process(_serve, *self._work)
            if careful:
                told = f"{answer.error} at element {taken + 1:,} of the unit; what stands behind it there is not read"
                reject = rejected(units[at], Fault(answer.reason, told))
                yield Portion(at, (), [reject._replace(retryable=answer.reason == "timeout" or lost.was_killed())])
                at, taken, careful = at + 1, 0, 0
            else:
                careful = _SUSPECTS

    def _answer(self) -> Portion | Fault | None:
        """Return the next portion, None behind the last one, or why the process was given up."""
        process, read = self._process, -1
        look_s = min(LOOK_S, self._deadline_s / 4)
        watch = Watch(process, look_s)
        while not process.pipe.poll(look_s):
            if read != (read := process.bytes_read()):
                watch = Watch(process, look_s)
                continue
            watch.look()
            if watch.worked > self._deadline_s:
                return self._cut_off(f"reading took more than {self._deadline_s:g} s")
            if watch.still > self._stalled_s:
                return self._cut_off(f"reading stood still for {self._stalled_s:g} s")
        try:
            answer = process.pipe.recv()
            if answer is None:
                return None
            size, portion = answer
            return portion._replace(documents=Packed(process.pipe.recv_bytes(), size)) if size else portion
        except (EOFError, OSError):
            process.kill(dying=True)
            return Fault("crash", f"reading failed: {process.last_words()}")

    def _cut_off(self, error: str) -> Fault:
        self._process.kill()
        return Fault("timeout", error)


def _serve(pipe: Connection[Any, Any], read: Callable[..., Iterator[Portion]], memory_bytes: int) -> None:
    """Read what is asked for until the pipe closes."""
    pa.allocate_buffer(1)  # has Arrow reserve its first gigabyte of addresses, which counts, before it is limited
    while True:
        try:
            units, skipped, most = pipe.recv()
            limit(memory_bytes)
            for portion in read(units, skipped, most):
                pipe.send((len(portion.documents), portion._replace(documents=())))
                if portion.documents:
                    pipe.send_bytes(Packed.of(portion.documents).data)
            pipe.send(None)
        except MemoryError:
            out_of_memory()
        except (EOFError, OSError):
            return
