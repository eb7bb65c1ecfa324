"""What the system offers, and what stands in where it offers less: nothing of Wirecopy needs Linux.

Linux tells of every process in /proc, and bounds the memory of one. Elsewhere a process tells of itself, by a pipe:
each tick of its own CPU time is a byte there, written by a signal handler that needs no turn of the interpreter, so a
process that hangs in a library tells as well. What only Linux has is named in this module and in no other.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import math
import os
import platform
import resource
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

PROC = Path("/proc")
"""Where Linux tells of its processes."""

TICK_S = 0.1
"""CPU seconds between two bytes of a process that tells of itself."""

_STEP = 1 << 20
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes of the unit in which `getrusage` tells how much memory was held at most."""


def cores() -> int:
    """Return how many cores this process may use; all of the machine where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def crowding() -> float:
    """Return how many want to run for each core, on an average of the last minute; at least 1."""
    return max(1.0, os.getloadavg()[0] / cores())


def sync(descriptor: int) -> None:
    """Make the bytes of a file durable; macOS has its disk write them only where it is told so in its own way."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        with contextlib.suppress(OSError):  # a network's file system knows of no disk
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def reserve(descriptor: int, size: int) -> None:
    """Have an empty file hold `size` bytes on the disk. Raises OSError where the disk has no room."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    zeros = bytes(min(size, _STEP))
    while size > 0:
        size -= os.write(descriptor, zeros[:size])


def lives(pid: int) -> bool:
    """Say whether there is a process of this number, whoever's it is."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


@functools.cache
def host() -> str:
    """Return 16 hexadecimal digits that are the same for all that runs under one kernel since it started.

    Locks of files hold between two processes for which they are equal; containers of one machine share them.
    """
    try:
        told = (PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
    except OSError:
        told = f"{platform.node()} {uuid.getnode():x}"
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def tells_of_processes() -> bool:
    """Say whether the system tells what other processes do, as Linux does."""
    return (PROC / "self" / "stat").exists()


def cpu_seconds(pid: int | None) -> float:
    """Return the CPU seconds that a process has had; endless where it is dead. For Linux alone."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return math.inf
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sleeps(pid: int | None) -> bool:
    """Say whether no thread of a process runs, waits for a core, or was stopped from outside. For Linux alone."""
    try:
        threads = list((PROC / str(pid) / "task").iterdir())
        states = [(thread / "stat").read_text().rpartition(")")[2].split()[0] for thread in threads]
    except OSError:
        return False
    return all(state in "SDI" for state in states)


def bytes_read(pid: int | None) -> int:
    """Return the bytes that a process has read from files so far, 0 where it is dead. For Linux alone."""
    try:
        return int((PROC / str(pid) / "io").read_text().split()[1])
    except OSError:
        return 0


def limit(memory_bytes: int, exceeded: Callable[[], None]) -> None:
    """Let this process allocate so much beyond what it holds now; more raises MemoryError.

    Where the system bounds no memory, `exceeded` is called within a tick of CPU time, in the main thread between two
    steps of the interpreter, once the process has held so much beyond what it held when this was first called.
    """
    if tells_of_processes():
        held = int((PROC / "self" / "statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (held + memory_bytes, resource.RLIM_INFINITY))
    elif _pulse is not None:
        _pulse.bound(memory_bytes, exceeded)


def tell(descriptor: int) -> None:
    """Have this process, in its main thread, tell of itself from now on: a byte a tick, and one for each `read`."""
    global _pulse
    _pulse = _Pulse(descriptor)


def read() -> None:
    """Tell, where this process tells of itself, that it has read something from a file."""
    if _pulse is not None:
        _pulse.read()


class Told:
    """What a process that tells of itself has told.

    Attributes:
        reads: how often it has read something from a file.
    """

    def __init__(self, descriptor: int):
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._ticks = self.reads = 0

    def seconds(self) -> float:
        """Return the CPU seconds that the process has had, to a tick."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._descriptor, 1 << 16):
                reads = data.count(_READ)
                self.reads += reads
                self._ticks += len(data) - reads
        return self._ticks * TICK_S


_READ = b"\0"
"""No signal has this number."""


class _Pulse:
    def __init__(self, descriptor: int):
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._most = math.inf
        self._exceeded: Callable[[], None] = lambda: None
        self._first: int | None = None
        signal.signal(signal.SIGPROF, self._look)
        signal.set_wakeup_fd(descriptor, warn_on_full_buffer=False)
        signal.setitimer(signal.ITIMER_PROF, TICK_S, TICK_S)

    def bound(self, memory_bytes: int, exceeded: Callable[[], None]) -> None:
        if self._first is None:
            self._first = _held_at_most()
        self._most, self._exceeded = self._first + memory_bytes, exceeded

    def read(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._descriptor, _READ)

    def _look(self, number: int, frame: object) -> None:
        if _held_at_most() > self._most:
            self._exceeded()


_pulse: _Pulse | None = None


def _held_at_most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
