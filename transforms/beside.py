"""Compiling in a second process beside this one: a command does so, importing a module never does."""

from __future__ import annotations

import functools
import os

_ALLOWED = "WIRECOPY_COMPILES_BESIDE"
_COMPILED = "wirecopy.transforms.similarity.chain"
"""What a second process compiles when a first kernel had to be: this module and those it imports, two fifths of all."""
_START = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])"


def allow() -> None:
    """Let this process and those it starts compile in a second one: for commands, before they import kernels."""
    os.environ[_ALLOWED] = "1"


@functools.cache
def compile_beside() -> None:
    """Start it where that is allowed, as no child of this one: a server of forks takes every child for its own."""
    import subprocess
    import sys

    if _ALLOWED in os.environ:
        subprocess.run(
            [sys.executable, "-S", "-c", _START, f"import {_COMPILED}"],
            env={name: value for name, value in os.environ.items() if name != _ALLOWED},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
