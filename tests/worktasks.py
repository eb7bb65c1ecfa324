"""What workers are given to do in tests: a module of its own, as other processes import it."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.processes import limit
from wirecopy.transforms.read import portions, read


def trapped(units: Sequence[Unit], skipped: int, most: int) -> Iterator[portions.Portion]:
    """Read units as ever, and do what some of the texts in them say while they are read."""

    def sprung(unit: Unit) -> Iterator[object]:
        for element in read(unit):
            if isinstance(element, Document):
                echo([element])
            yield element

    with patch.object(portions, "read", sprung):
        yield from portions.portions(units, skipped, most)


def echo(documents):
    """Return the documents' contents, and do what some of them say."""
    for document in documents:
        word, _, place = document.content.partition(" ")
        match word:
            case "hang":
                time.sleep(3600)
            case "spin":
                while True:
                    pass
            case "slow":
                time.sleep(0.5)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "raise":
                raise ValueError("raised")
            case "grow":
                bytes(4 << 30)
            case "mark":
                Path(place).touch()
            case "await":
                while not Path(place).exists():
                    time.sleep(0.01)
            case "starve":
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
                Path(place).touch()
                begun = time.process_time()
                while time.process_time() - begun < 0.2:
                    pass
            case "dieonce":
                Path(tempfile.mkstemp(dir=place)[1])
                if len(list(Path(place).iterdir())) == 1:
                    os.kill(os.getpid(), signal.SIGKILL)
    return [document.content for document in documents]


def fill(pipe, pieces):
    """Hold so many pieces of 8 MB where 64 MB are allowed, working beside, and answer how many it holds."""
    limit(64 << 20)
    held = []
    for _ in range(pieces):
        held.append(b"x" * (8 << 20))
        begun = time.process_time()
        while time.process_time() - begun < 0.02:
            pass
    pipe.send(len(held))
