"""How tests kill a process at a step of their choice."""

import itertools
import os
import signal
import traceback
from collections.abc import Callable


def die_at(step, *calls):
    """Make the process kill itself before the step-th call of these functions of `os`, which make things last."""
    left = [step]

    def dying(call):
        def wrapped(*args, **kwargs):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return call(*args, **kwargs)

        return wrapped

    for name in calls:
        setattr(os, name, dying(getattr(os, name)))


def killed_at_each_step(trial: Callable[[int], bool]) -> int:
    """Have trials of step 0, 1, ... until one says that its process was left to end, and return the steps before it.

    Each trial has a process of its own, and there are two at a time; one that raises fails the test.
    """
    for first in itertools.count(0, 2):
        processes = {step: _in_a_process(trial, step) for step in (first, first + 1)}
        ends = {step: os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for step, one in processes.items()}
        for step, end in ends.items():
            assert end in (_KILLED, _ENDED), f"the trial of step {step} failed: see what it wrote"
            if end == _ENDED:
                return step
    raise AssertionError


_KILLED, _ENDED, _FAILED = 0, 10, 1


def _in_a_process(trial: Callable[[int], bool], step: int) -> int:
    process = os.fork()
    if process == 0:
        status = _FAILED
        try:
            status = _KILLED if trial(step) else _ENDED
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        os._exit(status)
    return process
