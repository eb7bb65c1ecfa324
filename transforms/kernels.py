"""How the compiled kernels are compiled: once a machine, for given types, without the interpreter's lock.

A kernel takes C-contiguous arrays whose types are written out, so that it is compiled when its module is imported and
never again: `reads(u4)` takes writable and read-only arrays alike (memory maps, Arrow buffers), and `record` makes one
argument of a named tuple of arrays. Kernels compute with integers alone, so that every machine gives the same numbers.

Compiled code is kept beside the module where that folder may be written, else in the user's cache folder (both are
numba's own choice), else in a private folder under the system's temporary one. Set `NUMBA_CACHE_DIR` to choose
another. numba renews a kernel when its own file changes, but not when a helper from another file does: keep a kernel's
helpers in its file.
"""

from __future__ import annotations

import gc
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core import config
from numba.core.typeconv.castgraph import Conversion
from numba.extending import models, register_model

from wirecopy.transforms.beside import compile_beside
from wirecopy.transforms.temporary import system

F = TypeVar("F", bound=Callable[..., Any])

i1, i2, i4, i8 = types.int8, types.int16, types.int32, types.int64
u1, u2, u4, u8 = types.uint8, types.uint16, types.uint32, types.uint64
b1, void = types.boolean, types.void

_KERNEL: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}
_HELPER: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True, "no_cpython_wrapper": True}


def reads(scalar: types.Type, ndim: int = 1) -> types.Array:
    """Return the type of an array of `scalar` that the kernel does not change; read-only arrays are taken too."""
    return types.Array(scalar, ndim, "C", readonly=True)


def writes(scalar: types.Type, ndim: int = 1) -> types.Array:
    """Return the type of an array of `scalar` that the kernel fills."""
    return types.Array(scalar, ndim, "C")


def both(one: types.Type, other: types.Type) -> types.Type:
    """Return the type of a tuple of two."""
    return types.Tuple((one, other))  # type: ignore[no-untyped-call]


class _Record(types.NamedTuple):
    """A named tuple, made of what `reads` and `writes` give, that takes what its members take."""

    def can_convert_from(self, context: Any, other: Any) -> Conversion | None:
        """Return that a named tuple of the same class fits where all of its members do."""
        if getattr(other, "instance_class", None) is not self.instance_class:
            return None
        fits = [context.can_convert(given, taken) for given, taken in zip(other, self.types, strict=True)]
        return None if None in fits or Conversion.unsafe in fits else Conversion.safe


register_model(_Record)(models.TupleModel)


def record(named: type[NamedTuple], *members: types.Type) -> types.Type:
    """Return the type of a named tuple whose members have these types; kernels take few arguments by it."""
    return _Record(members, named)  # type: ignore[no-untyped-call]


def kernel(returns: types.Type, *takes: types.Type) -> Callable[[F], F]:
    """Return a decorator that compiles a function for exactly these types, cached, releasing the lock.

    Compiling makes millions of objects that stay: looking for garbage among them would take a tenth of the time.
    """

    def compiled(function: F) -> F:
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            return np.errstate(over="ignore")(function)  # hashes overflow, of which compiled code says nothing
        collecting = gc.isenabled()
        gc.disable()
        try:
            made = numba.njit(returns(*takes), cache=True, **_KERNEL)(function)
        finally:
            if collecting:
                gc.enable()
        if made.stats.cache_misses:
            compile_beside()
        return cast(F, made)

    return compiled


def helper(function: F) -> F:
    """Compile a function that only kernels of the same file call; it becomes part of each of them.

    It is compiled anew for every combination of types it is called with, and a constant is a type: write `np.int64(0)`.
    """
    return cast(F, numba.njit(function, **_HELPER))


def _private_temporary_folder() -> str:
    """Return a folder under the system's temporary one that only this user can write, the same in every process."""
    user = str(os.getuid()) if hasattr(os, "getuid") else "cache"
    folder = system() / f"wirecopy-kernels-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return tempfile.mkdtemp(prefix="wirecopy-kernels-", dir=system())
    ours = stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
    if ours and not status.st_mode & 0o022:
        return str(folder)
    return tempfile.mkdtemp(prefix="wirecopy-kernels-", dir=system())


def _nothing() -> None: ...


def cache_folder() -> Path:
    """Return the folder that compiled code of this package's own modules is kept in."""
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return Path(_private_temporary_folder())
    compiled: Any = numba.njit(_nothing, cache=True)
    return Path(compiled.stats.cache_path)


def _choose_cache() -> None:
    try:
        numba.njit(_nothing, cache=True)
    except RuntimeError:  # no folder that numba looks for may be written
        config.CACHE_DIR = _private_temporary_folder()  # type: ignore[attr-defined]


_choose_cache()
