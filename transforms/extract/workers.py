"""Worker processes for extraction: every core is used, and a document that takes too long or too much is cut off.

A worker gets one batch of documents at a time over its own pipe. One that overruns the deadline, or dies, is replaced,
and the documents of its batch are tried again one by one, so that only the one to blame is lost; and that only where it
is lost again in a new worker, while the others have nothing to do. Results come in the order of the batches, whatever
happens to them.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Generic, TypeVar

from wirecopy.schemas.elements import Document, Reject
from wirecopy.transforms.processes import LOOK_S, PATIENCE, Packed, Process, Watch, limit, out_of_memory, preload

BATCH_DEADLINE_S = 20.0
"""CPU seconds that a batch may take before its documents are tried one by one; one of ordinary pages takes two."""

DOCUMENT_DEADLINE_S = 10.0
"""CPU seconds that one document may take by itself."""

LAST_PARTS = 4
"""Parts that batches are given in once no more come, so that all workers end at about the same time."""

MEMORY_BYTES = 256 << 20
"""Bytes that a worker may allocate beyond what it held before its batch."""

MOST_STILLBORN = 8
"""Workers in a row that may die before they are ready."""

R = TypeVar("R")


class Pool(Generic[R]):
    """Some worker processes that apply one function to batches of documents.

    A context manager: leaving it ends the workers.

    Args:
        function: called in a worker with a batch and what is given; a function of a module, not a closure.
        workers: how many processes.
        batch_deadline_s, document_deadline_s: see the constants of this module.
        memory_bytes: what a batch may allocate.
        modules: what the server process imports beside the function's module, for pools that are made later.
        given: what the function gets beside each batch.
        warm: documents that a new worker is tried on, so that what is loaded once does not count as a batch's.
    """

    def __init__(
        self,
        function: Callable[..., R],
        workers: int,
        batch_deadline_s: float = BATCH_DEADLINE_S,
        document_deadline_s: float = DOCUMENT_DEADLINE_S,
        memory_bytes: int = MEMORY_BYTES,
        modules: Sequence[str] = (),
        given: Sequence[Any] = (),
        warm: Sequence[Document] = (),
    ):
        preload([__name__, function.__module__, *modules])
        self._work = function, tuple(given), memory_bytes, tuple(warm)
        self._deadlines = batch_deadline_s, document_deadline_s
        self._stillborn = 0
        self._suspects: deque[_Task[R]] = deque()
        self._workers: list[_Worker[R]] = [_Worker(*self._work) for _ in range(workers)]

    def __enter__(self) -> Pool[R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.kill()

    def map(self, batches: Iterable[Sequence[Document]]) -> Iterator[list[R | Reject]]:
        """Yield for each batch its results in order: one, or one for each part of it that was tried by itself.

        A document that is lost by itself gives a `Reject`, retryable unless it was the document's own doing for
        certain. Batches are taken as workers come free, a few ahead of the results.
        """
        source = iter(batches)
        order: deque[_Batch[R]] = deque()
        tasks: deque[_Task[R]] = deque()
        self._suspects.clear()
        more = True
        while more or order:
            self._hand_out(tasks)
            while order and order[0].waiting == 0:
                yield order.popleft().results()
            room = more and len(order) < 3 * len(self._workers)
            if room:
                documents = next(source, None)
                more = documents is not None
                if documents is not None:
                    order.append(_Batch())
                    tasks.append(_Task(order[-1], documents, 0))
                else:
                    tasks = deque(part for task in tasks for part in task.parts(len(task.documents) // LAST_PARTS or 1))
            if order:
                self._collect(tasks, not room)

    def _hand_out(self, tasks: deque[_Task[R]]) -> None:
        """Give tasks to the workers that have none; where there are no more, the suspects, one at a time."""
        if self._suspects and any(worker.task and worker.task.alone for worker in self._workers):
            return
        if self._suspects and not tasks:
            self._hand_out_alone()
            return
        for worker in list(self._workers):
            if worker.ready and worker.task is None and tasks:
                if worker.give(tasks[0], self._deadlines[len(tasks[0].documents) == 1]):
                    tasks.popleft()
                else:
                    self._replace(worker)

    def _hand_out_alone(self) -> None:
        """Give a suspect to a worker that did nothing before, once no other has anything to do."""
        if any(worker.task for worker in self._workers):
            return
        new = next((worker for worker in self._workers if worker.is_new), None)
        if new is None:
            self._replace(self._workers[0])
        elif new.ready:
            if new.give(self._suspects[0], self._deadlines[1]):
                self._suspects.popleft()
            else:
                self._replace(new)

    def _collect(self, tasks: deque[_Task[R]], waits: bool) -> None:
        """See to all workers that have something, are dead or are due; wait, if so told, until one is."""
        left = min((worker.due for worker in self._workers if worker.task is not None), default=math.inf)
        wait([worker.pipe for worker in self._workers], _until(left) if waits else 0)
        for worker in list(self._workers):
            task = worker.task
            if task is None:
                if worker.pipe.poll() and not worker.hear():
                    self._replace(worker)
            elif worker.pipe.poll():
                try:
                    result, error = worker.pipe.recv()
                except (EOFError, OSError):
                    self._replace(worker, dying=True)
                    self._lose(task, tasks, "crash", worker.last_words(), worker.was_killed())
                    continue
                worker.task = None
                if error is None:
                    task.batch.finish(task.place, result)
                else:
                    self._lose(task, tasks, "crash", error, None)
            elif time.monotonic() >= worker.due and worker.is_late():
                self._replace(worker)
                self._lose(task, tasks, "timeout", f"took more than {worker.deadline_s:g} s", True)

    def _replace(self, worker: _Worker[R], dying: bool = False) -> None:
        worker.kill(dying)
        self._stillborn = 0 if worker.ready else self._stillborn + 1
        if self._stillborn > MOST_STILLBORN:
            raise RuntimeError(f"no worker process can be started: {worker.last_words()}")
        self._workers[self._workers.index(worker)] = _Worker(*self._work)

    def _lose(self, task: _Task[R], tasks: deque[_Task[R]], reason: str, error: str, retryable: bool | None) -> None:
        """Have the documents of a lost task tried one by one, one lost by itself once more, and give that up then.

        What the function itself raised, where `retryable` is None, it would raise again.
        """
        if len(task.documents) > 1:
            tasks.extendleft(reversed(task.parts(1)))
        elif retryable is not None and not task.alone:
            self._suspects.append(replace(task, alone=True))
        else:
            [lost] = task.documents
            reject = Reject("extract", reason, error, lost.doc_ref, lost.unit_id, lost.url, retryable=bool(retryable))
            task.batch.finish(task.place, reject)


def _until(instant: float) -> float | None:
    return None if math.isinf(instant) else max(0.0, instant - time.monotonic())


@dataclass
class _Batch(Generic[R]):
    """What was found of a batch, by the place of its first document, and how many tasks are still to be done."""

    waiting: int = 1
    found: dict[int, R | Reject] = field(default_factory=dict)

    def finish(self, place: int, result: R | Reject) -> None:
        self.found[place] = result
        self.waiting -= 1

    def results(self) -> list[R | Reject]:
        return [self.found[place] for place in sorted(self.found)]


@dataclass
class _Task(Generic[R]):
    """A batch, or the part of it that begins at a place; alone where nothing else is done beside it."""

    batch: _Batch[R]
    documents: Sequence[Document]
    place: int
    alone: bool = False

    def parts(self, size: int) -> list[_Task[R]]:
        """Return tasks of so many documents each that stand for this one."""
        documents = self.documents[:]
        parts = [_Task(self.batch, documents[at : at + size], self.place + at) for at in range(0, len(documents), size)]
        self.batch.waiting += len(parts) - 1
        return parts


class _Worker(Process, Generic[R]):
    def __init__(self, *work: Any):
        super().__init__(_work, *work)
        self.ready = False
        self.is_new = True
        self.task: _Task[R] | None = None
        self.deadline_s = self.due = math.inf

    def hear(self) -> bool:
        """Take the word of a new worker that it is ready; return False where it is dead instead."""
        try:
            self.ready = self.pipe.recv()
        except (EOFError, OSError):
            return False
        return True

    def give(self, task: _Task[R], deadline_s: float) -> bool:
        """Send a task; return False where the worker is dead and did not get it."""
        documents = task.documents
        try:
            self.pipe.send_bytes((documents if isinstance(documents, Packed) else Packed.of(documents)).data)
        except OSError:
            return False
        self.task, self.deadline_s, self.is_new = task, deadline_s, False
        self._watch = Watch(self)
        self.due = time.monotonic() + min(deadline_s, LOOK_S)
        return True

    def is_late(self) -> bool:
        """Say whether the task is past its deadline, and else when to look again."""
        self._watch.look()
        left = min(self.deadline_s - self._watch.worked, PATIENCE * self.deadline_s - self._watch.still)
        self.due = time.monotonic() + min(left, LOOK_S)
        return left <= 0


def _work(
    pipe: Connection[Any, Any],
    function: Callable[..., Any],
    given: tuple[Any, ...],
    memory_bytes: int,
    warm: Sequence[Document],
) -> None:
    """Answer batches until the pipe closes."""
    function(warm, *given)
    try:
        pipe.send(True)
    except OSError:
        return
    while True:
        try:
            documents = pipe.recv()
        except (EOFError, OSError):
            return
        limit(memory_bytes)
        answer: tuple[Any, str | None]
        try:
            answer = function(documents, *given), None
        except MemoryError:
            out_of_memory()
        except Exception as error:
            answer = None, f"{type(error).__name__}: {error}"
        try:
            pipe.send(answer)
        except OSError:
            return
