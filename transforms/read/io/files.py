"""Which files a path names: files themselves, folders walked lazily in sorted order, globs, and remote addresses."""

from __future__ import annotations

import errno
import glob
import importlib
import os
import re
import stat
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
        kind: dotfile, code, readme, licence, opml, sidecar (checksums, indexes and markers of other tools), link (out
            of the folder) or special (a pipe, socket or device).
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


_LIKE_ESCAPE = re.compile(r"\\(?=x[0-9a-f]{2})")
_ESCAPED = re.compile(r"((?:\\x[0-9a-f]{2})+)")
_STARS = re.compile(r"((?:[^/]*/)*?)\*\*(?:/(.*))?", re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]")
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
        elif not os.path.lexists(path) and not (glob.has_magic(path) and any(_matches(path))):
            what = "no file matches" if glob.has_magic(path) else "there is no file or folder"
            raise NoInput(f"{what} {path!r} (looked from {Path.cwd()}): check the path, or quote a glob")
        elif os.path.lexists(path) and not Path(path).exists():
            raise NoInput(f"{path!r} is a link to nothing: check where it leads")
        elif Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir()):
            raise NoInput(f"{path!r} is a pipe or device, and input is read more than once: save it to a file first")


def walk(paths: Sequence[str], follow: bool = False) -> Iterator[str | Skipped | Unreadable]:
    """Yield the files that paths name, folders in sorted order; what is named itself is never skipped.

    Links in a folder that lead to what comes by itself are passed in silence, those to what the walk passes over are
    followed once, and those that lead out of the folder are skipped, unless `follow` says otherwise.
    """
    walked = _Walk(follow)
    for path in map(_local, paths):
        if is_remote(path):
            yield from _walk_remote(path)
        elif os.path.lexists(path):
            yield from walked.named(path)
        else:
            for match in _matches(path, follow):
                yield from walked.named(match) if isinstance(match, str) else (match,)


def is_remote(path: str) -> bool:
    """Say whether a path is an address on a file system other than this machine's."""
    return _SCHEME.match(path) is not None


def label(path: str) -> str:
    r"""Return a path as the tables have it: a byte of it that is not UTF-8 as `\xff`; `named` gives the path again.

    So that it does, a backslash that begins what looks like such a byte is written as `\x5c`.
    """
    return _SURROGATES.sub(_bytes_written_out, _LIKE_ESCAPE.sub(r"\\x5c", path))


def named(label: str) -> str:
    """Return the path that a label stands for."""
    return _ESCAPED.sub(lambda found: os.fsdecode(bytes.fromhex(found[0].replace("\\x", ""))), label)


def open_file(path: str) -> BinaryIO:
    """Open a file for reading its stored bytes; raise OSError where it cannot be, or is none but a pipe or device."""
    if is_remote(path):
        return _remote().open_file(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no file but a folder, pipe or device", path)
        return cast(BinaryIO, open(descriptor, "rb", buffering=0))  # noqa: PTH123
    except BaseException:
        os.close(descriptor)
        raise


def stamp(path: str) -> tuple[object, ...]:
    """Return what differs where a file was replaced or has changed; raise OSError where it is gone."""
    if is_remote(path):
        return _remote().stamp(path)
    state = Path(path).stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


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


def _bytes_written_out(surrogate: re.Match[str]) -> str:
    try:
        data = os.fsencode(surrogate[0])
    except UnicodeEncodeError:
        data = surrogate[0].encode(errors="surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in data)


def _local(path: str) -> str:
    """Return the path that a file:// address stands for; any other as it is."""
    return url2pathname(path[7:].removeprefix("localhost")) if path[:7].lower() == "file://" else path


def _remote() -> ModuleType:
    """Return the module that needs other libraries, which take their time to import."""
    return importlib.import_module("wirecopy.transforms.read.io.remote")


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


def _matches(pattern: str, follow: bool = False) -> Iterator[str | Skipped]:
    """Yield what a pattern matches, in order.

    What `**` stands for goes through no link, and nothing behind it is one that leads out of the folder before it,
    unless `follow` says so; then it goes through no folder twice.
    """
    stars = _STARS.fullmatch(pattern)
    if not stars:
        yield from sorted(glob.glob(pattern))  # noqa: PTH207
        return
    found: dict[str, str | Skipped] = {}
    for base in glob.glob(stars[1]) if stars[1] else ["."]:  # noqa: PTH207
        root = os.path.realpath(base)
        for folder in _below(base, root, follow):
            if isinstance(folder, Skipped):
                found[folder.path] = folder
                continue
            for match in _matches(str(Path(glob.escape(folder), stars[2] or "*")), follow):
                if isinstance(match, str) and _leads_out(match, root) and not follow:
                    found[match] = Skipped(match, "link")
                else:
                    found[match if isinstance(match, str) else match.path] = match
    yield from (match for _, match in sorted(found.items()))


def _below(base: str, root: str, follow: bool) -> Iterator[str | Skipped]:
    """Yield a folder and those below it, as `**` has them: without those whose names begin with a dot."""
    waiting, seen = [base], {root}
    while waiting:
        folder = waiting.pop()
        yield folder
        try:
            with os.scandir(folder) as found:
                folders = [entry for entry in found if entry.is_dir() and not entry.name.startswith(".")]
        except OSError:
            continue
        for entry in folders:
            if not entry.is_symlink():
                waiting.append(entry.path)
                continue
            real = os.path.realpath(entry.path)
            if follow and real not in seen:
                seen.add(real)
                waiting.append(entry.path)
            elif not follow and not _is_within(real, root):
                yield Skipped(entry.path, "link")


def _leads_out(path: str, root: str) -> bool:
    return Path(path).is_symlink() and not _is_within(os.path.realpath(path), root)


def _is_within(real: str, root: str) -> bool:
    return Path(real).is_relative_to(root)


class _Below(NamedTuple):
    """A folder to be walked: its path, its real path, and that of the folder that links may not lead out of."""

    path: str
    real: str
    root: str


class _Walk:
    """Walks files and folders, and remembers what it came to by name or by a link."""

    def __init__(self, follow: bool):
        self._follow = follow
        self._come_to: set[str] = set()
        self._roots: list[str] = []

    def named(self, path: str) -> Iterator[str | Skipped | Unreadable]:
        """Yield the file of a path, or the files of the folder, unless it was come to already."""
        real = os.path.realpath(path)
        if real in self._come_to:
            return
        self._come_to.add(real)
        if Path(path).is_dir():
            self._roots.append(real)
            yield from self._folder(_Below(path, real, real))
        elif Path(path).is_file() or not Path(path).exists():
            yield path
        else:
            yield Skipped(path, "special")

    def _folder(self, folder: _Below) -> Iterator[str | Skipped | Unreadable]:
        under_way = [self._entries(folder)]
        while under_way:
            found = next(under_way[-1], None)
            if found is None:
                under_way.pop()
            elif isinstance(found, _Below):
                under_way.append(self._entries(found))
            else:
                yield found

    def _entries(self, folder: _Below) -> Iterator[str | Skipped | Unreadable | _Below]:
        try:
            with os.scandir(folder.path) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield Unreadable(folder.path, str(error))
            return
        for entry in entries:
            kind = _kind(entry)
            real = f"{folder.real.rstrip('/')}/{entry.name}"
            if passed := passed_over(entry.name, kind == "folder"):
                yield Skipped(entry.path, passed)
            elif entry.is_symlink():
                yield from self._link(entry, kind, folder.root)
            elif kind == "special":
                yield Skipped(entry.path, kind)
            elif real not in self._come_to:
                yield _Below(entry.path, real, folder.root) if kind == "folder" else entry.path

    def _link(self, entry: os.DirEntry[str], kind: str, root: str) -> Iterator[str | Skipped | _Below]:
        real = os.path.realpath(entry.path)
        if not (self._follow or _is_within(real, root)):
            yield Skipped(entry.path, "link")
        elif kind == "special":
            yield Skipped(entry.path, kind)
        elif not Path(entry.path).exists():
            yield entry.path
        elif real not in self._come_to and not any(_comes_by_itself(real, kind, top) for top in self._roots):
            self._come_to.add(real)
            if kind == "folder":
                self._roots.append(real)
                yield _Below(entry.path, real, root if _is_within(real, root) else real)
            else:
                yield entry.path


def _comes_by_itself(real: str, kind: str, root: str) -> bool:
    """Say whether the walk of a folder comes to what stands at a real path without any link."""
    if real == root or not _is_within(real, root):
        return real == root
    *folders, name = Path(real).relative_to(root).parts
    return not (any(passed_over(folder, True) for folder in folders) or passed_over(name, kind == "folder"))


def _kind(entry: os.DirEntry[str]) -> str:
    """Return what an entry of a folder is: folder, special or file; what a link that leads nowhere names is a file."""
    try:
        if entry.is_dir():
            return "folder"
        return "special" if not entry.is_file() and Path(entry.path).exists() else "file"
    except OSError:
        return "file"
