from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

import pytest
from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem

from schemas.elements import Document, Unit
from transforms.read import NoInput, Skipped, Unreadable, plan, read

FILES: dict[str, bytes] = {}


class MemoryFileSystem(FileSystem):
    """A file system of Beam's with files in memory, under mem://."""

    @classmethod
    def scheme(cls) -> str:
        return "mem"

    def join(self, basepath: str, *paths: str) -> str:
        return "/".join((basepath, *paths))

    def split(self, path: str) -> tuple[str, str]:
        head, _, tail = path.rpartition("/")
        return head, tail

    def has_dirs(self) -> bool:
        return False

    def _list(self, dir_or_prefix: str) -> Iterator[FileMetadata]:
        for path, data in FILES.items():
            if path.startswith(dir_or_prefix):
                yield FileMetadata(path, len(data), 0.0)

    def open(self, path, mime_type=None, compression_type=None):  # type: ignore[no-untyped-def]
        if path.endswith("denied.txt"):
            raise BeamIOError("permission denied")
        return io.BytesIO(FILES[path])

    def mkdirs(self, path): ...  # type: ignore[no-untyped-def]
    def create(self, path, mime_type=None, compression_type=None): ...  # type: ignore[no-untyped-def]
    def copy(self, source, destination): ...  # type: ignore[no-untyped-def]
    def rename(self, source, destination): ...  # type: ignore[no-untyped-def]
    def exists(self, path: str) -> bool:
        return path in FILES

    def metadata(self, path: str) -> FileMetadata:
        return FileMetadata(path, len(FILES[path]), 0.0)

    def size(self, path): ...  # type: ignore[no-untyped-def]
    def last_updated(self, path): ...  # type: ignore[no-untyped-def]
    def checksum(self, path): ...  # type: ignore[no-untyped-def]
    def delete(self, paths): ...  # type: ignore[no-untyped-def]


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    FILES.update(
        {
            "mem://bucket/news/a.jsonl.gz": gzip.compress(b'{"text": "One."}\n{"text": "Two."}\n'),
            "mem://bucket/news/b/c.txt": b"Three.",
            "mem://bucket/news/denied.txt": b"",
            "mem://bucket/news/README.md": b"not news",
        }
    )
    yield
    FILES.clear()


def test_addresses_are_read_like_folders() -> None:
    found = list(plan(["mem://bucket/news"]))
    assert [type(each) for each in found] == [Skipped, Unit, Unit, Unreadable]
    contents = [x.content for unit in found if isinstance(unit, Unit) for x in read(unit) if isinstance(x, Document)]
    assert contents == ["One.", "Two.", "Three."]


def test_patterns_and_single_files() -> None:
    assert [unit.path for unit in plan(["mem://bucket/news/*.gz"]) if isinstance(unit, Unit)] == [
        "mem://bucket/news/a.jsonl.gz"
    ]
    assert [unit.path for unit in plan(["mem://bucket/news/b/c.txt"]) if isinstance(unit, Unit)] == [
        "mem://bucket/news/b/c.txt"
    ]


def test_nothing_there_and_unknown_schemes_stop_before_anything_starts() -> None:
    with pytest.raises(NoInput, match="no file matches"):
        plan(["mem://bucket/nothing"])
    with pytest.raises(NoInput, match="nosuch"):
        plan(["nosuch://bucket/a"])


def test_what_is_missing_for_an_address_is_said() -> None:
    with pytest.raises(NoInput, match="download it first"):
        plan(["https://example.com/a.warc.gz"])
    for scheme, extra in (("s3", "aws"), ("gs", "gcp")):
        if scheme not in {system.scheme() for system in FileSystem.get_all_subclasses()}:
            with pytest.raises(NoInput, match=rf"wirecopy\[{extra}\]"):
                plan([f"{scheme}://bucket/a"])


def test_a_file_that_went_away_is_an_io_error() -> None:
    unit = next(found for found in plan(["mem://bucket/news/b/c.txt"]) if isinstance(found, Unit))
    FILES.clear()
    with pytest.raises(OSError):
        list(read(unit))
