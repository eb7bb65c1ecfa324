"""Takes away what only Linux has from every process that starts with this folder on PYTHONPATH.

LESS=1 in the environment does so. HANGS=1 has extraction hang at a page that says so, in code of a library, which takes
no step of the interpreter and holds its lock.
"""

import itertools
import os
import resource
from pathlib import Path

if "LESS" in os.environ:
    for module, names in (
        (os, ("sched_getaffinity", "sched_setaffinity", "posix_fallocate", "posix_fadvise", "memfd_create")),
        (resource, ("RLIMIT_AS", "RLIMIT_DATA", "prlimit")),
    ):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    os.process_cpu_count = os.cpu_count

    from wirecopy.transforms import machine

    machine.PROC = Path("/nowhere")

if "HANGS" in os.environ:
    from wirecopy.transforms import extract
    from wirecopy.transforms.extract.workers import Pool

    whole = extract.extract_batch

    def hanging(documents, *given):
        if any("hangs in a library" in str(document.content) for document in documents):
            max(itertools.repeat(0))
        return whole(documents, *given)

    extract.extract_batch = hanging
    Pool.__init__.__defaults__ = (3.0, 3.0, *Pool.__init__.__defaults__[2:])
