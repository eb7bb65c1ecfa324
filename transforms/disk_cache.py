"""What takes long to make and is always the same: made once a machine, then mapped from a file.

The files lie where compiled kernels do (`transforms.kernels`). Arrays in them are not copied: processes that map a file
share its pages, which count for the memory of none.
"""

from __future__ import annotations

import contextlib
import functools
import mmap
import pickle
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

from wirecopy.transforms import kernels, machine
from wirecopy.transforms.hashing import blake2b_128

F = TypeVar("F", bound=Callable[..., Any])

_ALIGNED = 64


def kept(*libraries: str) -> Callable[[F], F]:
    """Return a decorator that keeps what a pure function returns: in this process, and in a file for each call.

    The file is made anew where a module of ours or one of the libraries changed. Where it cannot be written or read,
    what it would hold is made by every process.

    Args:
        libraries: distributions, besides numpy, that what is returned depends on.
    """

    def keeping(function: F) -> F:
        @functools.cache
        @functools.wraps(function)
        def taken(*given: Any) -> Any:
            path = _path(function, given, libraries)
            with contextlib.suppress(Exception):  # whatever is wrong with it
                return _read(path)
            made = function(*given)
            with contextlib.suppress(OSError):
                _write(path, made)
            return made

        return cast(F, taken)

    return keeping


def _path(function: Callable[..., Any], given: tuple[Any, ...], libraries: tuple[str, ...]) -> Path:
    """Return where what a function returns is kept: its name, and a hash of all that it depends on."""
    versions = [version(library) for library in ("numpy", *libraries)]
    digest = blake2b_128(_sources(), repr((given, versions, sys.version)).encode()).hex()
    called = ".".join((function.__module__, function.__qualname__, *map(str, given)))
    return kernels.cache_folder() / f"{called}.{sys.implementation.cache_tag}-{digest}.kept"


@functools.cache
def _sources() -> bytes:
    """Return a hash of all modules of this package."""
    return blake2b_128(*(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py"))))


def _write(path: Path, value: Any) -> None:
    """Write a pickle and its buffers, and delete what was kept for the same call before."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(value, 5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".kept-") as building:
        whole = Path(building, path.name)
        with whole.open("wb") as file:
            pickle.dump((body, [each.nbytes for each in raw]), file)
            for each in raw:
                file.write(bytes(-file.tell() % _ALIGNED))
                file.write(each)
            file.flush()
            machine.sync(file.fileno())
        for old in path.parent.glob(f"{path.name.rpartition('-')[0]}-*.kept"):
            old.unlink(missing_ok=True)
        whole.replace(path)


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        body, sizes = pickle.load(file)
        at = file.tell()
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    buffers = []
    for size in sizes:
        at += -at % _ALIGNED
        buffers.append(mapped[at : at + size])
        at += size
    return pickle.loads(body, buffers=buffers)
