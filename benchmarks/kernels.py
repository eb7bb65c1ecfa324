"""What compiled kernels cost: cold, with nothing kept, kernel by kernel; and warm, in each process after that.

    python benchmarks/kernels.py

Prints the CPU seconds of the process that waits for them, and what the clock on the wall says. The libraries that
kernels stand on (numba, pyarrow, wordfreq) are imported before either starts and shown by themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

CODE = """
import time
begun = time.process_time()
import numba, numpy, pyarrow.compute, wordfreq
libraries = time.process_time() - begun
from wirecopy.transforms import kernels

compile_all = kernels.kernel
spent = [0.0]


def timed(*types):
    decorate = compile_all(*types)

    def decorated(function):
        begun = time.process_time()
        compiled = decorate(function)
        spent[0] += time.process_time() - begun
        print(f"{time.process_time() - begun:8.3f}  {function.__module__}.{function.__name__}")
        return compiled

    return decorated


kernels.kernel = timed
begun, began = time.process_time(), time.perf_counter()
import wirecopy.transforms.extract.language, wirecopy.transforms.matching.copies
import wirecopy.transforms.matching.fingerprint, wirecopy.transforms.matching.match
print(f"{spent[0]:8.3f}  all")
print(f"{time.process_time() - begun:8.3f}  all, with the modules they are in and what these import")
print(f"{time.perf_counter() - began:8.3f}  the same, on the wall")
print(f"{libraries:8.3f}  libraries")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cold", "warm"):
            print(name, flush=True)
            subprocess.run([sys.executable, "-c", CODE], check=True, env=os.environ | {"NUMBA_CACHE_DIR": folder})


if __name__ == "__main__":
    main()
