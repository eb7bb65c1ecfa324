"""How tests run the command as a user types it."""

import atexit
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from faults.command import Starter

COMMAND = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()"]


def wirecopy(*arguments, cwd=None, stdin=None, **environment):
    env = {name: value for name, value in os.environ.items() if name != "WIRECOPY_LAKE"} | environment
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env=env, input=stdin, capture_output=True, text=True, check=False
    )


def forked(*arguments):
    """Run the command in a process forked from one that has imported it: in a fraction of the time of a start."""
    with tempfile.TemporaryDirectory() as place:
        done = _starter().run(Path(place), *arguments)
    return subprocess.CompletedProcess(list(done.arguments), done.status, done.out, done.err)


@functools.cache
def _starter():
    starter = Starter()
    atexit.register(starter.__exit__, None, None, None)
    return starter
