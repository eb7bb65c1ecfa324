"""A disk that is full to some level: the command says so, nothing is half done, and with room made it goes on."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from faults.command import Failure
from faults.ground import Trial

LEVELS = 14
ROOM = 64 << 20
_PAGE = 4096


class Unmountable(Exception):
    """No file system of its own can be mounted here."""


@contextlib.contextmanager
def mounted(place: Path) -> Iterator[Path]:
    """Mount a file system of ROOM bytes. Raises Unmountable."""
    place.mkdir(parents=True)
    if _mount("-t", "tmpfs", "-o", f"size={ROOM}", "none", str(place)):
        raise Unmountable(f"no tmpfs can be mounted at {place}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def disk(trial: Trial) -> str:
    """Ingest where there is room for a share of what that takes. Raises Unmountable."""
    plain = trial.ground.base("plain")
    level = trial.number % LEVELS
    with mounted(trial.place / "disk") as place:
        trial.lake = place / "lake"
        arguments: tuple[object, ...] = ("ingest", *trial.ground.inputs.all)
        if level % 2:
            trial.copy(plain.older)
        needed = _needed(trial, bool(level % 2))
        free = round(needed * level / LEVELS)
        taken = _taken(place)
        _resize(place, taken + free)
        trial.note(f"{free} of {needed} bytes are free")
        done = trial.run(*arguments).judged(0, 1, 3)
        trial.note(str(done))
        if done.status == 1 and not re.search(r"No space left|disk", done.err):
            raise Failure("unnamed", f"neither file nor disk is named: {done}")
        told = "equal" if done.status != 1 else "mended"
        _resize(place, ROOM)
        trial.run(*arguments).judged()
        trial.holds(plain.says, False)
        trial.works(plain, ["ingest"])
    return told


def _needed(trial: Trial, older: bool) -> int:
    """Return the bytes beyond those there already that the untouched run has on the disk at most; measured once."""
    ground = trial.ground
    with ground.making:
        if older not in ground.needed:
            with mounted(trial.place / "measured") as place:
                lake = place / "lake"
                if older:
                    shutil.copytree(ground.base("plain").older, lake)
                before, most, over = _taken(place), [0], threading.Event()

                def look() -> None:
                    while not over.wait(0.002):
                        most[0] = max(most[0], _taken(place))

                looking = threading.Thread(target=look)
                looking.start()
                ground.do(trial.place, "ingest", *ground.inputs.all, "--lake", lake).judged()
                over.set()
                looking.join()
            ground.needed[older] = most[0] - before
        return ground.needed[older]


def _taken(place: Path) -> int:
    found = os.statvfs(place)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _resize(place: Path, size: int) -> None:
    if _mount("-o", f"remount,size={max(_PAGE, size // _PAGE * _PAGE)}", str(place)):
        raise Unmountable(f"{place} cannot be made smaller or larger")


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode
