"""What the files of a run hold, by checksum: nothing of a run is parsed before its bytes are known to be its own."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from blake3 import blake3

from wirecopy.transforms.lake.files import write_synced

MANIFEST = "MANIFEST.json"

Manifest = Mapping[str, tuple[int, str]]
"""The bytes of each file, by name, and their BLAKE3 digest as 64 hexadecimal digits."""


class DamagedError(Exception):
    """Files of the index cannot be used; the message says which and why."""


def checksum(data: bytes) -> str:
    """Return the BLAKE3 digest of some bytes as 64 hexadecimal digits."""
    return blake3(data).hexdigest()


def measured(folder: Path, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return what some files of a folder hold. Raises OSError where one cannot be read."""
    return {name: ((folder / name).stat().st_size, _digest(folder / name)) for name in names}


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Write a manifest into its folder and return its checksum."""
    data = json.dumps(manifest, indent=1).encode()
    write_synced(folder / MANIFEST, data)
    return checksum(data)


def read_manifest(folder: Path, digest: str, names: Iterable[str]) -> Manifest:
    """Return a folder's manifest, which has this checksum and says of just these names what they hold.

    Raises DamagedError where it does not, or the folder is a link.
    """
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise DamagedError(f"{folder} is no folder")
        data = read_file(folder / MANIFEST)
    except OSError as error:
        raise DamagedError(f"{folder / MANIFEST}: {error.strerror}") from None
    if checksum(data) != digest:
        raise DamagedError(f"{folder / MANIFEST} is not what was written")
    try:
        record: dict[str, Any] = json.loads(data)
        manifest = {name: (int(size), str(whole)) for name, (size, whole) in record.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise DamagedError(f"{folder / MANIFEST} is no manifest") from None
    if manifest.keys() != set(names):
        raise DamagedError(f"{folder / MANIFEST} names other files than a run has")
    return manifest


def damages(folder: Path, manifest: Manifest) -> list[str]:
    """Return what is wrong with the files of a folder, read in full: nothing where they are what was written."""
    found = []
    for name, (size, whole) in manifest.items():
        path = folder / name
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                found.append(f"{path} is no file")
            elif status.st_size != size:
                found.append(f"{path} has {status.st_size:,} bytes, not {size:,}")
            elif _digest(path) != whole:
                found.append(f"{path} is not what was written")
        except OSError as error:
            found.append(f"{path}: {error.strerror}")
    return found


def read_file(path: Path) -> bytes:
    """Return the bytes of a plain file. Raises OSError where it is a link or no file, or cannot be read."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "is no file", str(path))
        return file.read()


def _digest(path: Path) -> str:
    return blake3(max_threads=blake3.AUTO).update_mmap(path).hexdigest()
