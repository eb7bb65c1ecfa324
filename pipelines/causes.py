"""What an error comes from: the input, or the machine and its disk."""

from __future__ import annotations

import duckdb

_MACHINE = (OSError, MemoryError, duckdb.Error)


def cause(error: BaseException) -> BaseException:
    """Return what was raised in a step of a pipeline; Beam raises another error in its place."""
    while getattr(error, "_tagged_with_step", False) and error.__context__ is not None:
        error = error.__context__
    return error


def may_pass(error: BaseException) -> bool:
    """Say whether an error is the machine's, so that trying again may help: disk, memory, processes, database."""
    return isinstance(error, _MACHINE) or type(error) is RuntimeError
