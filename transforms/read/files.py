"""Which files a path names: files themselves, folders walked lazily in sorted order, globs, and remote addresses."""

from __future__ import annotations

import glob
import importlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from types import ModuleType
from typing import BinaryIO, NamedTuple, cast
from urllib.request import url2pathname


class NoInput(ValueError):
    """A path on the command line names nothing that can be read; the message says which, and what to do."""


class Skipped(NamedTuple):
    """A file or folder that a walk passed over because it is no archive of news.

    Attributes:
        path: the file or folder.
        kind: dotfile, code, readme, licence, opml, sidecar (checksums, indexes and markers of other tools) or special
            (a pipe, socket or device).
    """

    path: str
    kind: str


class Unreadable(NamedTuple):
    """A file or folder that an I/O error kept from being planned: it stays open and is tried again by the next run.

    Attributes:
        path: the file or folder.
        error: what the operating system said.
    """

    path: str
    error: str


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_CODE = frozenset(
    ".bash .bat .c .cc .cfg .cpp .cs .css .cxx .dtd .go .h .hpp .hs .ini .ipynb .java .js .jsx .kt .lock .lua .mjs"
    " .pl .ps1 .py .pyi .r .rb .rs .scala .scss .sh .sql .swift .toml .ts .tsx .xsd .xsl .xslt .yaml .yml .zsh".split()
)
_CODE_NAMES = frozenset("cmakelists.txt dockerfile gemfile makefile procfile requirements.txt".split())
_SIDECARS = frozenset(".asc .cdx .cdxj .crc .idx .md5 .sha1 .sha256 .sha512 .sig".split())
_SIDECAR_NAMES = frozenset("_success _metadata _common_metadata md5sums sha1sums sha256sums thumbs.db".split())


def check(paths: Sequence[str]) -> None:
    """Raise NoInput unless every path is a file, a folder, or a glob that matches something."""
    if not paths:
        raise NoInput("no input: name at least one file, folder or glob to read")
    for path in map(_local, paths):
        if is_remote(path):
            _check_remote(path)
        elif not os.path.lexists(path) and not (glob.has_magic(path) and _matches(path)):
            what = "no file matches" if glob.has_magic(path) else "there is no file or folder"
            raise NoInput(f"{what} {path!r} (looked from {Path.cwd()}): check the path, or quote a glob")
        elif os.path.lexists(path) and not Path(path).exists():
            raise NoInput(f"{path!r} is a link to nothing: check where it leads")
        elif Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir()):
            raise NoInput(f"{path!r} is a pipe or device, and input is read more than once: save it to a file first")


def walk(paths: Sequence[str]) -> Iterator[str | Skipped | Unreadable]:
    """Yield the files that paths name, each once, folders in sorted order; what is named itself is never skipped."""
    seen: set[str] = set()
    for path in map(_local, paths):
        if is_remote(path):
            yield from _walk_remote(path)
            continue
        named = [path] if os.path.lexists(path) else _matches(path)
        for name in named:
            real = os.path.realpath(name)
            if real not in seen:
                seen.add(real)
                yield from _folder(name, (real,)) if Path(name).is_dir() else (name,)


def is_remote(path: str) -> bool:
    """Say whether a path is an address on a file system other than this machine's."""
    return _SCHEME.match(path) is not None


def open_file(path: str) -> BinaryIO:
    """Open a file for reading its stored bytes; raise OSError where it cannot be."""
    if is_remote(path):
        return _remote().open_file(path)
    return cast(BinaryIO, Path(path).open("rb", buffering=0))


def stamp(path: str) -> tuple[object, ...]:
    """Return what differs where a file was replaced or has changed; raise OSError where it is gone."""
    if is_remote(path):
        return _remote().stamp(path)
    stat = Path(path).stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def passed_over(name: str, folder: bool = False) -> str | None:
    """Return why a folder walk passes over a file, or a folder, of this name, or None where it is read."""
    lower = name.lower()
    if lower.startswith("."):
        return "dotfile"
    if folder:
        return "code" if lower in ("__pycache__", "node_modules") else None
    stem, suffix = PurePath(lower).stem, PurePath(lower).suffix
    if suffix in _CODE or lower in _CODE_NAMES:
        return "code"
    if suffix == ".opml":
        return "opml"
    if suffix in _SIDECARS or lower in _SIDECAR_NAMES:
        return "sidecar"
    if suffix in ("", ".md", ".txt", ".rst", ".html"):
        if stem == "readme":
            return "readme"
        if stem in ("license", "licence", "copying", "notice"):
            return "licence"
    return None


def hidden(path: str) -> str | None:
    """Return why what stands at a relative path is passed over, for its own name or a folder's, or None."""
    *folders, name = [part for part in path.split("/") if part not in ("", ".", "..")] or [""]
    return next((kind for folder in folders if (kind := passed_over(folder, True))), None) or passed_over(name)


def _local(path: str) -> str:
    """Return the path that a file:// address stands for; any other as it is."""
    return url2pathname(path[7:].removeprefix("localhost")) if path[:7].lower() == "file://" else path


def _remote() -> ModuleType:
    """Return the module that needs other libraries, which take their time to import."""
    return importlib.import_module("transforms.read.remote")


def _check_remote(path: str) -> None:
    try:
        found = next(_remote().find(path), None)
    except ValueError as error:
        raise NoInput(f"{path!r} cannot be read: {error}") from None
    except FileNotFoundError as error:
        raise NoInput(f"there is no file {path!r}: {error}") from None
    except OSError:
        return
    if found is None:
        raise NoInput(f"no file matches {path!r}: check the address and who may read it")


def _walk_remote(path: str) -> Iterator[str | Skipped | Unreadable]:
    try:
        for found, inner in _remote().find(path):
            kind = hidden(inner)
            yield Skipped(found, kind) if kind else found
    except OSError as error:
        yield Unreadable(path, str(error))


def _matches(pattern: str) -> list[str]:
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207


def _folder(folder: str, above: tuple[str, ...]) -> Iterator[str | Skipped | Unreadable]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(folder, str(error))
        return
    for entry in entries:
        kind = _kind(entry)
        if passed := passed_over(entry.name, kind == "folder"):
            yield Skipped(entry.path, passed)
        elif kind == "file":
            yield entry.path
        elif kind != "folder":
            yield Skipped(entry.path, kind)
        elif (real := os.path.realpath(entry.path)) not in above:
            yield from _folder(entry.path, (*above, real))


def _kind(entry: os.DirEntry[str]) -> str:
    """Return what an entry of a folder is: folder, special or file; what a link that leads nowhere names is a file."""
    try:
        if entry.is_dir():
            return "folder"
        return "special" if not entry.is_file() and Path(entry.path).exists() else "file"
    except OSError:
        return "file"
