from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from wirecopy.transforms import kernels
from wirecopy.transforms.text import shingles
from wirecopy.transforms.text.shingles import shingle


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_private_folder_is_one_and_closed_to_others(temporary):
    folder = Path(kernels._private_temporary_folder())
    assert folder.parent == temporary
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert kernels._private_temporary_folder() == str(folder)


@pytest.mark.parametrize("trap", ["symlink", "open to all", "file"])
def test_a_folder_that_others_may_have_planted_is_not_used(temporary, trap):
    planted = Path(kernels._private_temporary_folder())
    planted.rmdir()
    if trap == "symlink":
        (temporary / "elsewhere").mkdir()
        planted.symlink_to(temporary / "elsewhere")
    elif trap == "file":
        planted.touch()
    else:
        planted.mkdir()
        planted.chmod(0o777)
    assert kernels._private_temporary_folder() != str(planted)


def test_kernels_compile_where_no_usual_folder_may_be_written(tmp_path):
    code = "import numba; from numba.core import caching\n"
    code += "for name in ('InTreeCacheLocator', 'UserWideCacheLocator'):\n"
    code += "    getattr(caching, name).ensure_cache_path = lambda self: open('/nowhere/at/all')\n"
    code += "from wirecopy.transforms.text import offsets\n"
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    environment |= {"TMPDIR": str(tmp_path)}
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=root)
    (folder,) = tmp_path.glob("wirecopy-kernels-*")
    assert list(folder.rglob("offsets*.nbi"))


def test_read_only_arrays_are_taken_without_compiling_again():
    words, bounds = np.arange(20, dtype=np.uint32), np.array([0, 20])
    expected = shingle(words, bounds)
    words.setflags(write=False)
    bounds.setflags(write=False)
    assert np.array_equal(shingle(words, bounds).hashes, expected.hashes)
    assert len(shingles._hash.signatures) == 1


def test_processes_that_compile_at_once_keep_one_cache_that_the_next_can_use(tmp_path):
    code = "import numpy as np\nfrom wirecopy.transforms.text.offsets import pack, unpack\n"
    code += "at = np.array([[0, 4, 300], [3, 9, 305]], np.uint32)\nbounds = np.array([0, 2, 3])\n"
    code += "again = np.zeros_like(at)\nunpack(*pack(*at, bounds), np.arange(2), *again)\n"
    code += "assert np.array_equal(again, at)\n"
    code += "from wirecopy.transforms.text import offsets\nprint(sum(offsets._pack.stats.cache_hits.values()))"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    root = Path(__file__).parents[2]
    together = [subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.wait() for process in together] == [0, 0, 0]
    for process in together:
        process.stdout.close()
    assert subprocess.check_output(command, env=environment, cwd=root).strip() == b"1"
    assert not list(tmp_path.rglob("*.tmp*"))


def test_a_second_process_compiles_beside_the_first_one(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    code = "from wirecopy.transforms import beside; beside.allow(); from wirecopy.transforms.text import offsets"
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parents[2])
    while not list(tmp_path.rglob("chain*.nbc")):
        time.sleep(0.1)


def test_modules_can_be_imported_where_nothing_is_compiled():
    """As a debugger wants it."""
    script = (
        "import wirecopy.transforms.index.runs; from wirecopy.transforms import kernels; print(kernels.cache_folder())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "kernels" in shown.stdout
