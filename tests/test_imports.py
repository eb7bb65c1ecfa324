"""Importing any module changes nothing about the process: a foreign Beam worker imports them too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from test_rooms import MODULES

SCRIPT = """
import gc, importlib, json, locale, multiprocessing, os, signal, sys, tempfile, threading
import numpy as np

started = []
def heard(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec", "os.system", "_thread.start_new_thread"):
        started.append((event, str(arguments)))

def state():
    return {
        "threads": [one.name for one in threading.enumerate()],
        "children": [str(one) for one in multiprocessing.active_children()],
        "garbage": [gc.isenabled(), gc.get_threshold()],
        "signals": [str(signal.getsignal(one)) for one in sorted(signal.valid_signals())],
        "timer": signal.getitimer(signal.ITIMER_PROF),
        "environment": sorted(os.environ.items()),
        "temporary": str(tempfile.tempdir),
        "locale": locale.setlocale(locale.LC_ALL),
        "numbers": np.geterr(),
        "hooks": [str(sys.excepthook), str(threading.excepthook), str(sys.unraisablehook)],
        "depth": sys.getrecursionlimit(),
        "folder": os.getcwd(),
    }

for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
frozen = []
gc.freeze = lambda: frozen.append("frozen")
sys.addaudithook(heard)
was, changed = state(), {}
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
    now = state()
    found = {key: (was[key], now[key]) for key in was if was[key] != now[key]}
    if started or frozen or found:
        changed[name] = [list(started), list(frozen), str(found)]
        started.clear(), frozen.clear()
        was = now
print(json.dumps(changed))
"""

LIBRARIES = ["apache_beam", "duckdb", "numba", "pyarrow.parquet", "trafilatura", "aiohttp", "py3langid", "wordfreq"]
"""What these change when they are imported is their own affair."""


def changes(names: list[str], **environment: str) -> dict[str, object]:
    command = [sys.executable, "-c", SCRIPT, json.dumps(LIBRARIES), json.dumps(names)]
    shown = subprocess.run(
        command, env=os.environ | environment, cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    found: dict[str, object] = json.loads(shown.stdout.splitlines()[-1])
    return found


def test_importing_a_module_changes_nothing() -> None:
    names = sorted(f"wirecopy.{name}" for name in MODULES)
    assert len(names) > 200
    assert changes([*names, "wirecopy", "wirecopy.beam"]) == {}


def test_nor_does_importing_one_that_compiles(tmp_path: Path) -> None:
    assert changes(["wirecopy.transforms.text.offsets"], NUMBA_CACHE_DIR=str(tmp_path)) == {}
    assert list(tmp_path.rglob("offsets*.nbc"))
