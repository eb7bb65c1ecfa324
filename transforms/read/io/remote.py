"""Files on the file systems that fsspec knows, such as https://, s3://, gs:// and sftp://, or else Beam."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, cast

import fsspec
from fsspec.asyn import sync

EXTRAS = {"gcs": "gcp", "gs": "gcp", "s3": "aws", "s3a": "aws"}
"""Schemes that extras of ours are for."""

_IDENTITY = {"Accept-Encoding": "identity"}
_CONNECT_S, _READ_S = 30, 120


class _Head(NamedTuple):
    """What an HTTP server says of a file: its size where it gives ranges of it, else None, and its version."""

    size: int | None
    version: str


def find(url: str) -> Iterator[tuple[str, str]]:
    """Yield the files that an address or a pattern matches, or that stand below it as a folder, in order.

    Each comes with its path relative to that folder; an empty one where it was named itself.

    Raises:
        ValueError: neither fsspec nor Beam knows the scheme, or a package it needs is missing; the message says so.
        FileNotFoundError: an HTTP server says that it is not there.
        OSError: it cannot be listed.
    """
    with _failing(url):
        system = _system(url)
        if system is None:
            yield from _find_with_beam(url)
            return
        path = system._strip_protocol(url)
        if any(sign in path for sign in ("*[" if _is_http(url) else "*?[")):
            matches = system.glob(path, detail=True).items()
            names = sorted(name for name, info in matches if info["type"] == "file")
            yield from ((system.unstrip_protocol(name), "") for name in names)
        elif _is_http(url):
            _head(system, url)
            yield url, ""
        elif system.isfile(path):
            yield system.unstrip_protocol(path), ""
        else:
            for name in sorted(system.find(path)):
                yield system.unstrip_protocol(name), name.removeprefix(path)


def open_file(url: str) -> BinaryIO:
    """Open a file for reading its stored bytes; one from an HTTP server without ranges is read forwards only.

    Raises OSError.
    """
    with _failing(url):
        system = _system(url)
        if system is None:
            return cast(BinaryIO, _File(url, _open_with_beam(url), True))
        if not _is_http(url):
            return cast(BinaryIO, _File(url, system.open(url, "rb"), True))
        size = _head(system, url).size
        file = system.open(url, "rb", size=size) if size else system.open(url, "rb", size=1, block_size=0)
        return cast(BinaryIO, _File(url, file, bool(size)))


def stamp(url: str) -> tuple[object, ...]:
    """Return what differs where a file was replaced. Raises OSError where it is gone."""
    with _failing(url):
        system = _system(url)
        if system is None:
            return _stamp_with_beam(url)
        if _is_http(url):
            return _head(system, url)
        return system.size(url), str(system.ukey(url))


class _File(io.RawIOBase):
    """A remote file, every error of which is an OSError."""

    def __init__(self, url: str, file: Any, seekable: bool):
        self._url = url
        self._file = file
        self._seekable = seekable
        self._ended = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._seekable

    def readinto(self, buffer: Any) -> int:
        if self._ended:
            return 0
        with _failing(self._url):
            data = self._file.read(len(buffer))
        self._ended = not data and not self._seekable
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        with _failing(self._url):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


@contextmanager
def _failing(url: str) -> Iterator[None]:
    """Raise as an OSError whatever error the library of a file system has."""
    try:
        yield
    except (OSError, _UnknownError):
        raise
    except Exception as error:
        raise OSError(f"{url}: {type(error).__name__}: {error}") from error


class _UnknownError(ValueError):
    """Nothing that is installed knows a scheme."""


def _is_http(url: str) -> bool:
    return url[:7].lower() == "http://" or url[:8].lower() == "https://"


def _system(url: str) -> fsspec.AbstractFileSystem | None:
    """Return fsspec's file system for an address, None where it is Beam's. Raises ValueError where it is neither's."""
    scheme = url.partition("://")[0].lower()
    try:
        kind = fsspec.get_filesystem_class(scheme)
    except (ImportError, ValueError) as error:
        if scheme in EXTRAS:
            raise _UnknownError(f"{scheme}:// needs pip install 'wirecopy[{EXTRAS[scheme]}]'") from None
        from apache_beam.io.filesystems import FileSystems

        try:
            FileSystems.get_filesystem(url)
        except ValueError:
            raise _UnknownError(str(error)) from None
        return None
    if not _is_http(url):
        return fsspec.filesystem(scheme, **kind._get_kwargs_from_urls(url))
    from aiohttp import ClientTimeout

    timeout = ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_READ_S)
    return fsspec.filesystem(
        scheme, headers=_IDENTITY, client_kwargs={"auto_decompress": False, "timeout": timeout, "trust_env": True}
    )


def _head(system: Any, url: str) -> _Head:
    """Ask an HTTP server for one byte of a file: who answers with it can be asked for any others."""
    from aiohttp import InvalidURL

    async def ask() -> _Head:
        session = await system.set_session()
        async with session.get(system.encode_url(url), headers={**_IDENTITY, "Range": "bytes=0-0"}) as reply:
            if reply.status in (404, 410):
                raise FileNotFoundError(f"{url}: the server says {reply.status} {reply.reason}")
            if reply.status != 416:
                reply.raise_for_status()
            total = reply.headers.get("Content-Range", "").rpartition("/")[2]
            size = int(total) if reply.status == 206 and total.isdigit() else None
            return _Head(size, str([reply.headers.get(name) for name in ("ETag", "Last-Modified", "Content-Length")]))

    try:
        head: _Head = sync(system.loop, ask)
    except InvalidURL:
        raise _UnknownError("this is no address") from None
    return head


def _find_with_beam(url: str) -> Iterator[tuple[str, str]]:
    from apache_beam.io.filesystems import FileSystems

    matches = FileSystems.match([url])[0].metadata_list
    if not matches:
        matches = FileSystems.match([url.rstrip("/") + "/**"])[0].metadata_list
    for path in sorted(match.path for match in matches):
        yield path, path.removeprefix(url) if path.startswith(url) else ""


def _open_with_beam(url: str) -> BinaryIO:
    from apache_beam.io.filesystem import CompressionTypes
    from apache_beam.io.filesystems import FileSystems

    return FileSystems.open(url, compression_type=CompressionTypes.UNCOMPRESSED)


def _stamp_with_beam(url: str) -> tuple[object, ...]:
    from apache_beam.io.filesystems import FileSystems

    found = FileSystems.match([url])[0].metadata_list
    if not found:
        raise FileNotFoundError(f"there is no {url} any more")
    return found[0].size_in_bytes, found[0].last_updated_in_seconds
