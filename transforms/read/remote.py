"""Files on the file systems that Beam knows: gs://, s3://, abfs://, hdfs:// and whatever else is registered with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems


def find(url: str) -> Iterator[str]:
    """Yield, in order, the files that an address or a pattern matches, or that stand below it as a folder.

    Raises:
        ValueError: no file system is registered for the scheme; the message names what to install.
        OSError: it cannot be listed.
    """
    matches = FileSystems.match([url])[0].metadata_list
    if not matches:
        matches = FileSystems.match([url.rstrip("/") + "/**"])[0].metadata_list
    yield from sorted(match.path for match in matches)


def open_file(url: str) -> BinaryIO:
    """Open a file for reading its stored bytes. Raises OSError."""
    return FileSystems.open(url, compression_type=CompressionTypes.UNCOMPRESSED)


def stamp(url: str) -> tuple[int, ...]:
    """Return numbers that differ where a file was replaced. Raises OSError where it is gone."""
    try:
        found = FileSystems.match([url])[0].metadata_list
    except BeamIOError as error:
        raise FileNotFoundError(f"{url}: {error}") from error
    if not found:
        raise FileNotFoundError(f"there is no {url} any more")
    return int(found[0].size_in_bytes), int(found[0].last_updated_in_seconds * 1000)
