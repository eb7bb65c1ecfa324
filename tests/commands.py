"""How tests run the command as a user types it."""

import os
import subprocess
import sys

COMMAND = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()"]


def wirecopy(*arguments, cwd=None, stdin=None, **environment):
    env = {name: value for name, value in os.environ.items() if name != "WIRECOPY_LAKE"} | environment
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env=env, input=stdin, capture_output=True, text=True, check=False
    )
