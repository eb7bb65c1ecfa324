"""The command as a process: started, waited for with a time-out, killed, and judged by how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

COMMAND = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()"]
TIMEOUT_S = 300.0
"""Seconds after which a command hangs. The slowest of them takes four on a quiet machine."""

_SHOWN = 400


class Failure(Exception):
    """A trial failed: of what kind, and what was seen."""

    def __init__(self, kind: str, seen: str):
        super().__init__(f"{kind}: {seen}")
        self.kind, self.seen = kind, seen


@dataclass(frozen=True)
class Done:
    """A command that has ended: its arguments, exit status, what it wrote, and the seconds it took."""

    arguments: tuple[str, ...]
    status: int
    out: str
    err: str
    seconds: float = 0.0

    def __str__(self) -> str:
        said = " | ".join(line.strip() for line in self.err.splitlines())
        if len(said) > 2 * _SHOWN:
            said = f"{said[:_SHOWN]} [...] {said[-_SHOWN:]}"
        return f"{self.arguments[0]} exits {self.status}: {said}"

    def judged(self, *allowed: int) -> Done:
        """Return this unless it ended as no command may, or not with one of these statuses. Raises Failure."""
        if self.status < 0:
            raise Failure("signal", str(self))
        if "Traceback" in self.err or "--debug to see where" in self.err:
            raise Failure("traceback", str(self))
        if self.status not in (allowed or (0, 3)):
            raise Failure("exit", str(self))
        return self


class Running:
    """A command in a session of its own, whose temporary files go to `place`."""

    def __init__(self, place: Path, *arguments: object):
        self.arguments = tuple(map(str, arguments))
        self.out, self.err = (_fresh(place, name) for name in ("out", "err"))
        env = {name: value for name, value in os.environ.items() if name != "WIRECOPY_LAKE"} | {"TMPDIR": str(place)}
        self.began = time.monotonic()
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [*COMMAND, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=env,
                start_new_session=True,
            )

    def lasts(self, seconds: float) -> bool:
        """Wait so long at most, and return whether it still runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.returncode is None

    def kill(self) -> None:
        """Kill it with all its children, and wait until it is gone."""
        if self.process.returncode is None:  # not waited for, so nobody else can have its number
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_below(self, one: int) -> None:
        """Kill a process below it, and none that has got its number since."""
        with contextlib.suppress(ProcessLookupError):
            held = os.pidfd_open(one)
            try:
                if one in self.children():
                    signal.pidfd_send_signal(held, signal.SIGKILL)
            finally:
                os.close(held)

    def children(self) -> list[int]:
        """Return the ids of the processes below it."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        found, level = list[int](), [self.process.pid]
        while level := [child for child, parent in parents.items() if parent in level]:
            found += level
        return found

    def done(self) -> Done:
        """Wait until it ends. Raises Failure where it does not."""
        if self.lasts(TIMEOUT_S):
            self.kill()
            raise Failure("time-out", f"{' '.join(self.arguments)} was not done in {TIMEOUT_S:g} s")
        out, err = (path.read_text(errors="replace") for path in (self.out, self.err))
        return Done(self.arguments, self.process.returncode, out, err, time.monotonic() - self.began)


def run(place: Path, *arguments: object) -> Done:
    """Run a command to its end."""
    return Running(place, *arguments).done()


class Starter:
    """A process that commands are forked from, so that they start in no time. A context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("starter.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Starter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, place: Path, *arguments: object) -> Done:
        """Run a command to its end. Raises Failure where it does not come."""
        assert self._process.stdin and self._process.stdout
        out, err = (_fresh(place, name) for name in ("out", "err"))
        words = tuple(map(str, arguments))
        given = {"arguments": words, "place": str(place), "out": str(out), "err": str(err), "seconds": TIMEOUT_S}
        began = time.monotonic()
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        status, in_time = json.loads(self._process.stdout.readline())
        if not in_time:
            raise Failure("time-out", f"{' '.join(words)} was not done in {TIMEOUT_S:g} s")
        said = (path.read_text(errors="replace") if path.exists() else "" for path in (out, err))
        return Done(words, status, *said, time.monotonic() - began)


def _fresh(place: Path, name: str) -> Path:
    return place / f"{time.monotonic_ns()}.{name}"
