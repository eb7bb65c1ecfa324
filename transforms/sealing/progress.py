"""How far sealing has come: a small file beside what is sealed, for whoever watches the run's folder."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import NamedTuple

NAME = "progress.json"
EVERY_S = 0.5


class Extracted(NamedTuple):
    """What a run has extracted that is not committed yet.

    Attributes:
        articles: how many.
        bytes: bytes of the units that are extracted whole.
    """

    articles: int = 0
    bytes: int = 0


class ProgressFile:
    """Says in a file of its own how far one folder has come, written twice a second at most."""

    def __init__(self, folder: Path):
        self._path = folder / NAME
        self._articles = self._bytes = 0
        self._next = 0.0

    def add(self, articles: int = 0, size: int = 0) -> None:
        """Say that so many articles more are extracted, and so many bytes of units are done with."""
        self._articles += articles
        self._bytes += size
        if (now := time.monotonic()) < self._next:
            return
        self._next = now + EVERY_S
        self.write()

    def write(self) -> None:
        """Write the file now."""
        with contextlib.suppress(OSError):  # where the disk is full, writing the rows says so
            self._path.write_text(json.dumps((self._articles, self._bytes)), encoding="utf-8")


def extracted(staging: Path) -> Extracted:
    """Return what the folders of a run under its staging folder hold, as far as their files of progress say."""
    articles = size = 0
    for path in [*staging.glob(f"sealed-*/{NAME}"), *staging.glob(f".sealed-*/{NAME}")]:
        with contextlib.suppress(OSError, ValueError):  # it was renamed, or is being written
            more, further = json.loads(path.read_text(encoding="utf-8"))
            articles, size = articles + more, size + further
    return Extracted(articles, size)
