"""The files of commits: one by one, and 64 old ones together in a pack that takes a tenth of their room.

A pack holds the bytes of each commit as they were written. Commits leave their own files in ascending order, and the
newest keep theirs: a writer that has slept, and takes a number that was packed or has expired meanwhile, finds the file
of the commit before it gone, and gives the number back.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import zstandard

from wirecopy.transforms.lake.files import LakeError, replace
from wirecopy.transforms.lake.records import FORMAT, Commit, Wrong, as_commit, check, dict_of, digest, opened, sealed

PACKED = 64
"""Commits of one pack."""

LOOSE = 128
"""So many of the newest commits have files of their own."""

MOST_PACK_BYTES = 1 << 30

_NAME = re.compile(r"([0-9]{8})\.json")
_PACK = re.compile(r"([0-9]{8})\.commits\.zst")
_SIGNPOST = {"format": FORMAT, "commit": 1, "packed": True}
"""What stands in the place of commit 1 once that is packed: by it programs that know no packs tell that they are too
old, instead of that a commit is missing."""

_SETTLED_S = 2.0
_KEPT_BYTES = 32 << 20

Signature = tuple[int, int, int]
T = TypeVar("T")


class _Kept:
    """What files said, as long as they are the same files: by inode, time and size.

    A file that was changed a moment ago may be changed again without its time telling, so it is not kept.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[Path, int], tuple[Signature, int, Any]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[Path, int], signature: Signature) -> Any:
        found = self._found.get(key)
        return found[2] if found and found[0] == signature else None

    def put(self, key: tuple[Path, int], signature: Signature, size: int, value: Any) -> None:
        if time.time() - signature[1] / 1e9 < _SETTLED_S:
            return
        with self._lock:
            self._bytes += size - self._found.pop(key, (signature, 0, None))[1]
            self._found[key] = signature, size, value
            while self._bytes > _KEPT_BYTES and len(self._found) > 1:
                self._bytes -= self._found.popitem(last=False)[1][1]


_kept = _Kept()
"""Checked records of commits, and what packs hold, of the files that this process has read."""


def kept(path: Path, parse: Callable[[], T]) -> T:
    """Return what a file says, parsed anew only where it has changed. It is not to be changed."""
    try:
        seen = signature(path)
    except OSError:
        return parse()
    found: T | None = _kept.get((path, -1), seen)
    if found is None:
        found = parse()
        _kept.put((path, -1), seen, 4 * seen[2], found)
    return found


def name(number: int) -> str:
    """Return what the file of a commit is called."""
    return f"{number:08d}.json"


def commit_numbers(root: Path) -> list[int]:
    """Return the numbers for which there are files of commits, packs among them, in order."""
    blocks = (range(last - PACKED + 1, last + 1) for last, _ in packs(root))
    return sorted(set(loose_numbers(root)).union(*blocks))


def loose_numbers(root: Path) -> list[int]:
    """Return the numbers of the commits that have files of their own, in order."""
    folder = root / "_commits"
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    numbers = {int(match[1]) for match in map(_NAME.fullmatch, names) if match}
    if 1 in numbers and _is_signpost(folder / name(1)):
        numbers.discard(1)
    return sorted(numbers)


def signature(path: Path) -> Signature:
    """Return what tells a file from the one that was there before. Raises OSError."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def commit_bytes(root: Path, number: int) -> tuple[Path, bytes]:
    """Return the bytes of a commit's file, and where they stand. Raises LakeError where they are missing or damaged."""
    pack = _pack_path(root, number)
    if pack.exists():
        return pack, _unpacked(pack)[number]
    path = root / "_commits" / name(number)
    data = read(path)
    if number == 1 and _says_packed(data):
        raise LakeError(f"{pack} is missing: restore it from a backup")
    return path, data


def read_record(root: Path, number: int) -> tuple[dict[str, Any], str]:
    """Return a commit's checked record, parts and all, and its identity. Raises LakeError. It is not to be changed."""
    pack, path = _pack_path(root, number), root / "_commits" / name(number)
    try:
        place, seen = pack, signature(pack)
    except OSError:
        try:
            place, seen = path, signature(path)
        except OSError:
            place, seen = path, (0, 0, 0)
    if found := _kept.get((place, number), seen):
        return found
    place, data = commit_bytes(root, number)
    record = opened(place, data)
    try:
        check(record, number)
    except Wrong as wrong:
        raise LakeError(f"{place} is damaged ({wrong}): restore it from a backup") from None
    found = record, digest(data)
    _kept.put((place, number), seen, len(data), found)
    return found


def read_commit(root: Path, number: int) -> Commit:
    """Return commit `number`. Raises LakeError where it is missing, damaged or of a newer format."""
    return as_commit(read_record(root, number)[0])


def commit_identity(root: Path, number: int) -> str:
    """Return the BLAKE3 digest (128 bits, hexadecimal) of the bytes of a commit's file; empty for number 0.

    Raises LakeError where it is missing.
    """
    return digest(commit_bytes(root, number)[1]) if number else ""


def is_loose(root: Path, number: int) -> bool:
    """Return whether a commit has a file of its own, as the newest have."""
    path = root / "_commits" / name(number)
    return path.exists() and not (number == 1 and _is_signpost(path))


def pack(root: Path, newest: int) -> None:
    """Pack the commits that are no longer among the newest, and delete their own files.

    Commits one of which is missing or damaged stay as they are. Killed at any moment it leaves each commit in one place
    or in both. Raises OSError where it cannot be written.
    """
    last = (newest - LOOSE) // PACKED * PACKED
    loose = [number for number in loose_numbers(root) if number <= last]
    for end in sorted({_last(number) for number in loose}):
        block = range(end - PACKED + 1, end + 1)
        path = _pack_path(root, end)
        if not path.exists():
            try:
                packed = {str(number): _sound(root, number).decode("ascii") for number in block}
            except (LakeError, ValueError):
                continue
            replace(path, zstandard.compress(sealed({"format": FORMAT, "commits": packed}), 9))
        else:
            try:
                _unpacked(path)
            except LakeError:
                continue
        drop(root, [number for number in loose if number in block])


def drop(root: Path, numbers: Iterable[int]) -> None:
    """Delete the own files of commits, given in ascending order; a signpost takes the place of the first."""
    for number in numbers:
        path = root / "_commits" / name(number)
        if number > 1:
            path.unlink(missing_ok=True)
        else:
            replace(path, sealed(_SIGNPOST))


def unpack(root: Path, up_to: int) -> None:
    """Give commits up to one their own files again where it stands in a pack in the middle. Raises LakeError."""
    path = _pack_path(root, up_to)
    if up_to % PACKED and path.exists():
        for number in range(_last(up_to) - PACKED + 1, up_to + 1):
            replace(root / "_commits" / name(number), _unpacked(path)[number])


def packs(root: Path) -> list[tuple[int, Path]]:
    """Return the number of the last commit of each pack, with its path, in order."""
    found = ((_PACK.fullmatch(path.name), path) for path in (root / "_commits").glob("*.commits.zst"))
    return sorted((int(match[1]), path) for match, path in found if match)


def read(path: Path) -> bytes:
    """Return the bytes of a file of the history. Raises LakeError where they cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise LakeError(f"{path} is missing: restore it from a backup") from None
    except OSError as error:
        raise LakeError(f"{path} cannot be read ({error.strerror}): restore it from a backup") from None


def _sound(root: Path, number: int) -> bytes:
    read_record(root, number)
    return commit_bytes(root, number)[1]


def _last(number: int) -> int:
    return -(-number // PACKED) * PACKED


def _pack_path(root: Path, number: int) -> Path:
    return root / "_commits" / f"{_last(number):08d}.commits.zst"


def _unpacked(path: Path) -> dict[int, bytes]:
    """Return the bytes of the commits of a pack. Raises LakeError."""
    try:
        seen = signature(path)
    except OSError:
        seen = (0, 0, 0)
    if found := _kept.get((path, 0), seen):
        return found
    try:
        data = zstandard.ZstdDecompressor().decompress(read(path), max_output_size=MOST_PACK_BYTES)
        packed = dict_of(opened(path, data)["commits"])
        found = {int(number): text.encode("ascii") for number, text in packed.items()}
        last = int(path.name.partition(".")[0])
        if found.keys() != set(range(last - PACKED + 1, last + 1)):
            raise Wrong("it holds other commits than its name says")
    except (zstandard.ZstdError, MemoryError, Wrong, KeyError, ValueError, AttributeError) as error:
        raise LakeError(f"{path} is damaged ({error}): restore it from a backup") from None
    _kept.put((path, 0), seen, len(data), found)
    return found


def _is_signpost(path: Path) -> bool:
    try:
        return path.stat().st_size < 200 and _says_packed(path.read_bytes())
    except OSError:
        return False


def _says_packed(data: bytes) -> bool:
    return data == sealed(_SIGNPOST)
