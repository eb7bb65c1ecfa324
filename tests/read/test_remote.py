from __future__ import annotations

import gzip
import io
import random
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem

from wirecopy.schemas.elements import Document, Unit
from wirecopy.transforms.read import NoInput, Skipped, Unreadable, plan, read

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


@pytest.mark.parametrize(("scheme", "package", "extra"), [("s3", "s3fs", "aws"), ("gs", "gcsfs", "gcp")])
def test_what_is_missing_for_an_address_is_said(
    monkeypatch: pytest.MonkeyPatch, scheme: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(NoInput, match=rf"wirecopy\[{extra}\]"):
        plan([f"{scheme}://bucket/a"])


def test_a_file_that_went_away_is_an_io_error() -> None:
    unit = next(found for found in plan(["mem://bucket/news/b/c.txt"]) if isinstance(found, Unit))
    FILES.clear()
    with pytest.raises(OSError):
        list(read(unit))


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    for name in ("a.jsonl.gz", "b/c.txt", "b/.hidden", "README.md"):
        system.pipe(f"/news/{name}", FILES.get(f"mem://bucket/news/{name}", b"not news"))
    yield system
    system.rm("/news", recursive=True)


@pytest.mark.parametrize("address", ["memory://news", "memory:///news/"])
def test_any_file_system_of_fsspec(memory: fsspec.AbstractFileSystem, address: str) -> None:
    found = list(plan([address]))
    assert sorted(each.kind for each in found if isinstance(each, Skipped)) == ["dotfile", "readme"]
    units = [each for each in found if isinstance(each, Unit)]
    assert [unit.path for unit in units] == ["memory:///news/a.jsonl.gz", "memory:///news/b/c.txt"]
    assert texts(units) == ["One.", "Two.", "Three."]
    assert [unit.path for unit in plan(["memory://news/**/*.txt"]) if isinstance(unit, Unit)] == [units[1].path]
    with pytest.raises(NoInput, match="no file matches"):
        plan(["memory://news/nothing"])


def test_members_of_a_remote_archive(memory: fsspec.AbstractFileSystem) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/one.txt", "One is enough.")
    memory.pipe("/news/b/c.zip", buffer.getvalue())
    (unit,) = plan(["memory://news/b/c.zip"])
    assert isinstance(unit, Unit)
    assert [x.doc_ref for x in read(unit) if isinstance(x, Document)] == ["memory:///news/b/c.zip!/x/one.txt"]


def test_an_address_of_a_local_file_is_its_path(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("One.")
    for address in ((tmp_path / "a b.txt").as_uri(), tmp_path.as_uri(), f"{tmp_path.as_uri()}/*.txt"):
        assert [unit.path for unit in plan([address]) if isinstance(unit, Unit)] == [str(tmp_path / "a b.txt")]


LINES = [f"A line of {random.Random(i).random()} that is as good as another." for i in range(30_000)]
HELD = {
    "/news.jsonl.gz": gzip.compress("".join(f'{{"text": "{line}"}}\n' for line in LINES).encode()),
    "/long.txt": b"word " * 1_500_000,
}


class Server(BaseHTTPRequestHandler):
    """Serves HELD: with ranges below /ranges, without below /whole, cut off below /cut, and not at all below /busy."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kind, _, name = self.path[1:].partition("/")
        data = HELD.get(f"/{name}")
        wanted = self.headers.get("Range", "")
        if kind == "busy" or data is None:
            self.send_response(503 if data else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        whole, begin, end = len(data), 0, len(data)
        if wanted and kind == "ranges":
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            begin, end = int(first), min(int(last or whole - 1) + 1, whole)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{whole}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        self.wfile.write(data[begin : end // 2 if kind == "cut" else end])
        if kind == "cut":
            self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


@pytest.mark.parametrize("kind", ["ranges", "whole"])
def test_files_are_read_over_http(server: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    units = [unit for unit in plan([f"{server}/{kind}/news.jsonl.gz"]) if isinstance(unit, Unit)]
    assert texts(units) == LINES
    (long,) = plan([f"{server}/{kind}/long.txt"])
    assert isinstance(long, Unit) and texts([long]) == [HELD["/long.txt"].decode()]
    assert not caplog.records


def test_what_a_server_does_not_have_stops_before_anything_starts(server: str) -> None:
    with pytest.raises(NoInput, match="404"):
        plan([f"{server}/ranges/nothing.txt"])
    with pytest.raises(NoInput, match="no address"):
        plan(["http://"])


@pytest.mark.parametrize("kind", ["busy", "cut"])
def test_what_a_server_cannot_give_now_stays_open(server: str, kind: str) -> None:
    (found,) = plan([f"{server}/{kind}/long.txt"])
    assert isinstance(found, Unreadable) and found.path == f"{server}/{kind}/long.txt"


def test_a_server_that_is_gone_is_an_io_error() -> None:
    (found,) = plan(["http://127.0.0.1:9/a.txt"])
    assert isinstance(found, Unreadable)


def texts(units: list[Unit]) -> list[str]:
    return [each.content for unit in units for each in read(unit) if isinstance(each, Document)]
