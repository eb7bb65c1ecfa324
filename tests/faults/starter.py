"""Starts commands as processes of their own that need not import anything: forked from one that has.

Reads a line of JSON a command: its arguments, the files its output goes to, and the seconds it may take. Answers with a
line of JSON once it has ended: its exit status, where a signal ended it that is the signal's number, negative; and
whether it ended in time. What is left of its process group is killed before.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import multiprocessing.util
import os
import signal
import sys
import threading
import time
import traceback
from typing import Any

MODULES = [
    f"wirecopy.{name}"
    for name in (
        "pipelines.cli pipelines.ingest pipelines.compact pipelines.run pipelines.terminal.report pipelines.query "
        "pipelines.feeds transforms.maintenance.doctor transforms.commit.wave transforms.maintenance.settle "
        "transforms.read"
    ).split()
]


def main() -> None:
    for module in MODULES:
        importlib.import_module(module)
    gc.freeze()
    for line in sys.stdin:
        given = json.loads(line)
        child = os.fork()
        if child == 0:
            _command(given)
        in_time = _ends(child, given["seconds"])
        for kill in (os.killpg, os.kill):  # its children too; until it is waited for, nobody else can have its number
            with contextlib.suppress(ProcessLookupError):
                kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), in_time]), flush=True)


def _ends(child: int, seconds: float) -> bool:
    """Wait so long at most, and say whether a child ended, which stays to be waited for."""
    until = time.monotonic() + seconds
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def _command(given: dict[str, Any]) -> None:
    """Be the command, and end as it does, but for taking all that was imported apart, which takes half a second."""
    os.setsid()
    os.environ["TMPDIR"] = given["place"]
    for path, number in (("/dev/null", 0), (given["out"], 1), (given["err"], 2)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    sys.argv = ["wirecopy", *given["arguments"]]
    from wirecopy.pipelines import cli

    status: object = 0
    try:
        cli.main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    multiprocessing.util._exit_function()  # before what the command registered, as where nothing was imported before it
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    main()
    os._exit(0)
