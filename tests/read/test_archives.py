from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import Skipped, archives, plan, read
from wirecopy.transforms.read.io.opening import open_stream


def lines_of(n: int, size: int = 10) -> bytes:
    return b"".join(json.dumps({"text": f"Story {i}. " + "word " * size}).encode() + b"\n" for i in range(n))


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


FILES = {
    "a/one.txt": b"Text one.",
    "a/two.jsonl.gz": gzip.compress(lines_of(3)),
    "b/" + "long name " * 20 + "x.html": b"<html><body><p>Page</p></body></html>",
    "README.md": b"not news",
    "a/.hidden": b"not news",
}


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", zipped),
        ("a.tar", tarred),
        ("gnu.tar", lambda files: tarred(files, tarfile.GNU_FORMAT)),
        ("a.tar.gz", lambda files: gzip.compress(tarred(files))),
        ("a.tar.xz", lambda files: lzma.compress(tarred(files))),
        ("a.tar.bz2", lambda files: bz2.compress(tarred(files))),
        ("a.tar.zst", lambda files: zstandard.compress(tarred(files))),
        ("zip in tar", lambda files: tarred({"in.zip": zipped(files)})),
        ("tar.gz in zip", lambda files: zipped({"in.tar.gz": gzip.compress(tarred(files))})),
        ("gz of zip", lambda files: gzip.compress(zipped(files))),
    ],
)
def test_archives_and_nests_of_them_are_read(
    tmp_path: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    path = tmp_path / name
    path.write_bytes(pack(FILES))
    documents, rejects = read_all(path)
    assert not rejects
    assert sorted(document.form for document in documents) == ["html", "record", "record", "record", "text"]
    assert [document.record for document in documents] == list(range(5))
    refs = [document.doc_ref for document in documents]
    assert refs[0].startswith(f"{path}!/") and refs[0].endswith("a/one.txt") and refs[1].endswith("two.jsonl.gz#1")
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_what_is_passed_over_in_an_archive_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tarred(FILES))
    kinds = sorted(found.kind for found in plan([str(path)]) if isinstance(found, Skipped))
    assert kinds == ["dotfile", "readme"]


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: gzip.compress(tarred(files))])
@pytest.mark.parametrize("target", [1, 100, 1000])
def test_any_split_of_an_archive_sums_to_the_same_records(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], target: int
) -> None:
    path = tmp_path / "a"
    path.write_bytes(pack({f"{i:03}.txt": b"Text %d. " % i * (i % 7 + 1) for i in range(60)}))
    cut = [span for span in archives.spans(open_stream(str(path)), target) if not isinstance(span, Skipped)]
    assert len(cut) >= 3
    units = [Unit("u", str(path), "archives", span.begin, span.end, span.size, span.first) for span in cut]
    whole = list(read(Unit("u", str(path), "archives", 0, -1, 0)))
    parts = [each for unit in units for each in read(unit)]
    assert len(whole) == 60
    assert [(each.doc_ref, each.content) for each in parts if isinstance(each, Document)] == [
        (each.doc_ref, each.content) for each in whole if isinstance(each, Document)
    ]


def test_a_large_member_of_a_zip_is_cut_into_units(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"small.txt": b"Text.", "large.jsonl": lines_of(4000, 600)}))
    units = [found for found in plan([str(path)]) if isinstance(found, Unit)]
    assert [unit.reader for unit in units] == ["archives", "jsonl", "jsonl"]
    documents, rejects = read_all(path)
    assert len(documents) == 4001 and not rejects
    assert documents[-1].doc_ref == f"{path}!/large.jsonl#4000"


def test_parquet_and_warc_inside_archives(tmp_path: Path) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["One.", "Two."]}), table)
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Page</html>"
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.com/\r\nWARC-Date: 2022-01-01T00:00:00Z\r\n"
    record = f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"
    for pack in (zipped, tarred):
        path = tmp_path / pack.__name__
        path.write_bytes(pack({"t.parquet": table.getvalue(), "w.warc.gz": gzip.compress(record) * 3}))
        documents, rejects = read_all(path)
        assert [document.form for document in documents] == ["record", "record", "html", "html", "html"]
        assert not rejects


def test_a_damaged_member_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = bytearray(zipped({f"{i}.txt": os.urandom(100).hex().encode() for i in range(5)}))
    at = data.index(b"2.txt") + 30
    data[at : at + 20] = bytes(20)
    path.write_bytes(data)
    documents, rejects = read_all(path)
    assert len(documents) == 4
    assert [(reject.reason, reject.doc_ref) for reject in rejects] == [("damaged", f"{path}!/2.txt")]


def test_a_tar_is_read_on_behind_a_broken_header_and_its_lost_tail_reported(tmp_path: Path) -> None:
    files = {f"{i}.txt": b"Text %d." % i for i in range(9)}
    path = tmp_path / "a.tar"
    data = bytearray(tarred(files, tarfile.USTAR_FORMAT))
    data[4 * 1024 : 4 * 1024 + 100] = os.urandom(100)
    path.write_bytes(data)
    documents, rejects = read_all(path)
    assert len(documents) == 8 and [reject.reason for reject in rejects] == ["damaged"]
    path.write_bytes(tarred(files, tarfile.USTAR_FORMAT)[: 6 * 1024 + 515])
    documents, rejects = read_all(path)
    assert len(documents) == 6 and {reject.reason for reject in rejects} <= {"truncated", "damaged"} and rejects


def test_bombs_and_endless_nests_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({f"{i}.txt": bytes(30 << 20) for i in range(4)}))
    assert {reject.reason for reject in read_all(path)[1]} == {"too large"}
    data = b"Text."
    for depth in range(20):
        data = zipped({f"{depth}.zip" if depth else "a.txt": data})
    path.write_bytes(data)
    documents, rejects = read_all(path)
    assert not documents and [reject.reason for reject in rejects] == ["too large"]


def test_a_sparse_member_of_a_tar_is_no_endless_file(tmp_path: Path) -> None:
    """Reading the terabyte of zeros that half a kilobyte stands for takes hours."""
    stored = b"1\n1099511627772\n4\n".ljust(512, b"\0") + b"abcd"
    info = tarfile.TarInfo("a.txt")
    info.size = len(stored)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 40)}
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(stored))
        archive.addfile(tarfile.TarInfo("b.txt"))
    documents, rejects = read_all(path)
    assert not documents and [(reject.reason, reject.doc_ref) for reject in rejects] == [
        ("too large", f"{path}!/a.txt"),
        ("empty", f"{path}!/b.txt"),
    ]


def test_each_of_several_broken_archives_is_reported(tmp_path: Path) -> None:
    """Units with one id are read once."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.zip").write_bytes(zipped({"a.txt": name.encode() * 99})[:-30])
    units = list(plan([str(tmp_path)]))
    assert len({unit.unit_id for unit in units if isinstance(unit, Unit)}) == 3


def test_an_encrypted_member_is_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = bytearray(zipped({"a.txt": b"Text."}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert [reject.reason for reject in read_all(path)[1]] == ["unsupported"]


def test_a_broken_zip_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": b"Text."})[:-10])
    assert [reject.reason for reject in read_all(path)[1]] == ["damaged"]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_name_that_is_not_the_utf8_it_is_said_to_be_is_read_as_its_bytes(tmp_path, compressed):
    """One such name is no reason to reject the others; what is no UTF-8 and not said to be is read as ever."""
    files = {"a.txt": b"Text one.", "b\xe4.txt": b"Text two.", "c\xe4.txt": b"Text three.", "d\xe4.jsonl": lines_of(2)}
    data = zipped(files)
    for name in ("b\xe4", "d\xe4"):
        data = data.replace(name.encode(), name[:1].encode() + b"\xff\xfe")
    path = tmp_path / ("files.zip.gz" if compressed else "files.zip")
    path.write_bytes(gzip.compress(data) if compressed else data)
    documents, rejects = read_all(path)
    inside = [(one.doc_ref.split("!/")[-1], one.content) for one in documents]
    assert inside[:3] == [("a.txt", "Text one."), (r"b\xff\xfe.txt", "Text two."), ("cä.txt", "Text three.")]
    assert len(inside) == 5 and all(name.startswith(r"d\xff\xfe.jsonl") for name, _ in inside[3:])
    assert not rejects
