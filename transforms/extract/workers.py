"""Worker processes for extraction: every core is used, and a document that takes too long or too much is cut off.

A worker gets one batch of documents at a time over its own pipe. One that overruns the deadline, or dies, is replaced,
and the documents of its batch are tried again one by one, so that only the one to blame is lost. Results come in the
order of the batches, whatever happens to them.

Workers are forked from a server process that imported the code but never started a thread.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, TypeVar

from schemas.elements import Document, Reject

BATCH_DEADLINE_S = 60.0
"""Seconds that a batch may take before its documents are tried one by one."""

DOCUMENT_DEADLINE_S = 10.0
"""Seconds that one document may take by itself."""

MEMORY_BYTES = 256 << 20
"""Bytes that a worker may allocate beyond what it held before its batch."""

R = TypeVar("R")

_CONTEXT = multiprocessing.get_context("forkserver")


def prepare(modules: Sequence[str]) -> None:
    """Start the server that workers are forked from, with some modules imported, while this process does other things.

    To be called before the first pool, where that is wanted; without it each worker imports what it needs.
    """
    from multiprocessing import forkserver

    _CONTEXT.set_forkserver_preload(list(modules))
    forkserver.ensure_running()


class Pool(Generic[R]):
    """Some worker processes that apply one function to batches of documents.

    A context manager: leaving it ends the workers.

    Args:
        function: called in a worker with a batch; a function of a module, not a closure.
        workers: how many processes.
        batch_deadline_s, document_deadline_s: see the constants of this module.
        memory_bytes: what a batch may allocate.
    """

    def __init__(
        self,
        function: Callable[[Sequence[Document]], R],
        workers: int,
        batch_deadline_s: float = BATCH_DEADLINE_S,
        document_deadline_s: float = DOCUMENT_DEADLINE_S,
        memory_bytes: int = MEMORY_BYTES,
    ):
        self._function = function
        self._deadlines = batch_deadline_s, document_deadline_s
        self._memory = memory_bytes
        self._workers = [_Worker(function, memory_bytes) for _ in range(workers)]

    def __enter__(self) -> Pool[R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.kill()

    def map(self, batches: Iterable[Sequence[Document]]) -> Iterator[list[R | Reject]]:
        """Yield for each batch its results in order: one, or one a document and a `Reject` for each that was lost.

        Batches are taken as workers come free, a few ahead of the results.
        """
        source = iter(batches)
        order: deque[_Batch[R]] = deque()
        tasks: deque[_Task[R]] = deque()
        more = True
        while more or order:
            while more and len(order) < 3 * len(self._workers):
                documents = next(source, None)
                more = documents is not None
                if documents is not None:
                    order.append(_Batch(documents))
                    tasks.append(_Task(order[-1], documents, 0, self._deadlines[0]))
            for worker in self._workers:
                if worker.task is None and tasks:
                    worker.give(tasks.popleft())
            while order and order[0].waiting == 0:
                yield order.popleft().results()
            busy = [worker for worker in self._workers if worker.task is not None]
            if busy:
                self._collect(busy, tasks)

    def _collect(self, busy: Sequence[_Worker[R]], tasks: deque[_Task[R]]) -> None:
        """Wait until a worker has something, is dead or is due, and see to all that are."""
        left = min(worker.due for worker in busy) - time.monotonic()
        wait([worker.pipe for worker in busy], max(0.0, left))
        for worker in busy:
            task = worker.task
            assert task is not None
            if worker.pipe.poll():
                try:
                    task.batch.finish(task.place, worker.pipe.recv())
                    worker.task = None
                except (EOFError, OSError):
                    self._replace(worker, tasks, "crash", f"the worker died ({worker.exit_code()})")
            elif time.monotonic() >= worker.due:
                self._replace(worker, tasks, "timeout", f"took longer than {task.deadline_s:g} s")

    def _replace(self, worker: _Worker[R], tasks: deque[_Task[R]], reason: str, error: str) -> None:
        task = worker.task
        assert task is not None
        worker.kill()
        self._workers[self._workers.index(worker)] = _Worker(self._function, self._memory)
        if len(task.documents) > 1:
            task.batch.split()
            for place, document in reversed(list(enumerate(task.documents))):
                tasks.appendleft(_Task(task.batch, [document], place, self._deadlines[1]))
        else:
            [lost] = task.documents
            task.batch.finish(
                task.place, Reject("extract", reason, error, lost.doc_ref, lost.unit_id, lost.url, retryable=False)
            )


@dataclass
class _Batch(Generic[R]):
    documents: Sequence[Document]
    waiting: int = 1
    found: dict[int, R | Reject] = field(default_factory=dict)

    def split(self) -> None:
        self.waiting = len(self.documents)

    def finish(self, place: int, result: R | Reject) -> None:
        self.found[place] = result
        self.waiting -= 1

    def results(self) -> list[R | Reject]:
        return [self.found[place] for place in sorted(self.found)]


@dataclass
class _Task(Generic[R]):
    batch: _Batch[R]
    documents: Sequence[Document]
    place: int
    deadline_s: float


class _Worker(Generic[R]):
    def __init__(self, function: Callable[[Sequence[Document]], R], memory_bytes: int):
        self.pipe, theirs = _CONTEXT.Pipe()
        self.process: BaseProcess = _CONTEXT.Process(target=_work, args=(theirs, function, memory_bytes), daemon=True)
        self.process.start()
        theirs.close()
        self.task: _Task[R] | None = None
        self.due = 0.0

    def give(self, task: _Task[R]) -> None:
        self.task = task
        self.due = time.monotonic() + task.deadline_s
        self.pipe.send(list(task.documents))

    def exit_code(self) -> str:
        self.process.join(1)
        code = self.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection[Any, Any], function: Callable[[Sequence[Document]], Any], memory_bytes: int) -> None:
    """Answer batches until the pipe closes. Interrupts are the parent's business: it closes the pipe."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            documents = pipe.recv()
        except EOFError:
            return
        _limit(memory_bytes)
        try:
            result = function(documents)
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)
        pipe.send(result)


_OUT_OF_MEMORY = 77


def _limit(memory_bytes: int) -> None:
    """Let this process allocate so much beyond what it holds now."""
    with open("/proc/self/statm") as statm:
        held = int(statm.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (held + memory_bytes, resource.RLIM_INFINITY))
