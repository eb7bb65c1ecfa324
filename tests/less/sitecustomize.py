"""Takes away what only Linux has, from every process that starts with this folder on PYTHONPATH."""

import contextlib
import itertools
import os
import resource
from pathlib import Path

for module, names in (
    (os, ("sched_getaffinity", "sched_setaffinity", "posix_fallocate", "posix_fadvise", "memfd_create", "pidfd_open")),
    (resource, ("RLIMIT_AS", "RLIMIT_DATA", "prlimit")),
):
    for name in names:
        with contextlib.suppress(AttributeError):
            delattr(module, name)
os.process_cpu_count = os.cpu_count

from wirecopy.transforms import machine  # noqa: E402

machine.PROC = Path("/nowhere")

if "HANGS" in os.environ:
    from wirecopy.transforms import extract
    from wirecopy.transforms.extract.workers import Pool

    whole = extract.extract_batch

    def hanging(documents, *given):
        if any("hangs in a library" in str(document.content) for document in documents):
            max(itertools.repeat(0))  # no step of the interpreter, and its lock is held
        return whole(documents, *given)

    extract.extract_batch = hanging
    Pool.__init__.__defaults__ = (3.0, 3.0, *Pool.__init__.__defaults__[2:])
