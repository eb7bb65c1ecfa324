"""The command on a terminal, typed to and read as a user does."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios

from commands import COMMAND

WAIT_S = 60
"""Seconds to wait for what a busy machine takes long to say."""


class Terminal:
    """A command on a terminal of 80 columns."""

    def __init__(self, *arguments, **environment):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = os.environ | {"TERM": "dumb", "COLUMNS": "80"} | environment
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}
        self.process = subprocess.Popen([*COMMAND, *map(str, arguments)], env=env, start_new_session=True, **streams)
        os.close(slave)
        self.said = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def until(self, pattern):
        """Read on until what was said since the last call matches, and return it."""
        while not (found := re.search(pattern, self.said)):
            if not self._read():
                raise AssertionError(f"{pattern!r} was not said: {self.said!r}")
        said, self.said = self.said[: found.end()], self.said[found.end() :]
        return said

    def interrupt_until(self, pattern):
        """Send SIGINT until it is answered: one between a prompt and the wait for a key waits for the next key."""
        while not re.search(pattern, self.said):
            os.kill(self.process.pid, signal.SIGINT)
            while not re.search(pattern, self.said) and select.select([self.master], [], [], 5)[0]:
                assert self._read(), f"{pattern!r} was not said: {self.said!r}"
        return self.until(pattern)

    def rest(self):
        while self._read():
            pass
        assert self.process.wait(WAIT_S) == 0
        os.close(self.master)
        return self.said

    def type(self, text):
        os.write(self.master, text.encode())

    def _read(self):
        ready, _, _ = select.select([self.master], [], [], WAIT_S)
        try:
            data = os.read(self.master, 65536) if ready else b""
        except OSError:  # the other end is closed
            data = b""
        self.said += data.decode(errors="replace")
        return bool(data)
