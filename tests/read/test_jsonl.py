from __future__ import annotations

import bz2
import gzip
import itertools
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import bounds, plan, read
from wirecopy.transforms.read.io.lines import lines
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.io.spans import lines as spans

COMPRESSIONS = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".lz4": lambda data: pa.compress(data, "lz4", asbytes=True),
}


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def story(i: int) -> bytes:
    return json.dumps({"text": f"Story {i}.", "url": f"https://example.com/{i}"}).encode()


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_every_compression_gives_the_same_documents(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(COMPRESSIONS[suffix](b"\n".join(story(i) for i in range(5000))))
    documents, rejects = read_all(path)
    assert [document.content for document in documents] == [f"Story {i}." for i in range(5000)]
    assert not rejects


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.one_of(st.just(b""), st.just(b"{broken"), st.integers(0, 9).map(story), st.binary(max_size=9))),
    target=st.integers(1, 300),
    end=st.sampled_from([b"", b"\n", b"\r\n"]),
    packed=st.booleans(),
)
def test_any_split_gives_the_same_records_and_line_numbers(
    tmp_path: Path, rows: list[bytes], target: int, end: bytes, packed: bool
) -> None:
    data = b"[]\n" + b"\n".join(rows) + end
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(data) if packed else data)
    cut = list(spans(open_stream(str(path)), target))
    units = [Unit("u", str(path), "jsonl", span.begin, span.end, span.size, span.first) for span in cut]
    whole = Unit("u", str(path), "jsonl", 0, -1, 0)
    assert cut[0].begin == 0 and cut[-1].end == len(data)
    assert all(before.end == after.begin for before, after in itertools.pairwise(cut))
    strip = [each._replace(record=0) if isinstance(each, Document) else each for each in read(whole)]
    parts = [each for unit in units for each in read(unit)]
    assert [each._replace(record=0) if isinstance(each, Document) else each for each in parts] == strip


def test_units_of_a_compressed_file_can_be_read_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(b"\n".join(story(i) for i in range(4000))))
    units = [
        Unit("u", str(path), "jsonl", span.begin, span.end, span.size, span.first)
        for span in spans(open_stream(str(path)), 20_000)
    ]
    assert len(units) > 5
    backwards = [[x.content for x in read(unit) if isinstance(x, Document)] for unit in reversed(units)]
    assert [content for part in reversed(backwards) for content in part] == [f"Story {i}." for i in range(4000)]


def test_a_compressed_file_is_decoded_once_when_its_units_are_read_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(story(i) for i in range(20_000))))
    units = [
        Unit("u", str(path), "jsonl", span.begin, span.end, span.size, span.first)
        for span in spans(open_stream(str(path)), 100_000)
    ]
    opened: list[str] = []
    monkeypatch.setattr(
        "wirecopy.transforms.read.io.opening.open_stream",
        lambda path, *rest: opened.append(path) or open_stream(path, *rest),
    )
    assert sum(1 for unit in units for _ in read(unit)) == 20_000
    assert len(units) > 5 and len(opened) == 1


def test_what_is_wrong_with_a_line_is_said_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b"\n".join(
            [
                b"\xef\xbb\xbf" + story(1),
                b"",
                b'{"text": "cut off',
                b'["a list"]',
                b'{"text": "caf\xe9"}',
                b'{"title": "no text here"}',
                b'{"text": "   "}',
                b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}",
                b'{"text": ' + b"9" * 6000 + b"}",
                b"null",
                b"  \t ",
                story(2) + b"\r",
            ]
        )
    )
    documents, rejects = read_all(path)
    assert [(document.doc_ref, document.content) for document in documents] == [
        (f"{path}#1", "Story 1."),
        (f"{path}#12", "Story 2."),
    ]
    assert [(reject.doc_ref.rpartition("#")[2], reject.reason) for reject in rejects] == [
        ("3", "malformed"),
        ("4", "malformed"),
        ("5", "encoding"),
        ("6", "no text"),
        ("7", "no text"),
        ("8", "too large"),
        ("9", "malformed"),
        ("10", "malformed"),
    ]
    assert all(reject.payload_sha256 and reject.error for reject in rejects)


def test_a_line_of_a_hundred_megabytes_is_cut_off_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(story(1) + b'\n{"text": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + story(2))
    documents, rejects = read_all(path)
    assert [document.doc_ref for document in documents] == [f"{path}#1", f"{path}#3"]
    assert [(reject.reason, reject.doc_ref) for reject in rejects] == [("too large", f"{path}#2")]


def test_a_million_empty_lines_are_nothing_and_what_stands_among_them_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" * 1_000_000)
    assert [reject.reason for reject in read_all(path)[1]] == ["empty"]
    path.write_bytes(b"\n" * 500_000 + story(1) + b"\n" * 500_000)
    documents, rejects = read_all(path)
    assert [document.doc_ref for document in documents] == [f"{path}#500001"] and not rejects


@pytest.mark.parametrize(("suffix", "reason"), [(".gz", "truncated"), (".zst", "truncated"), (".xz", "truncated")])
def test_a_cut_off_archive_gives_what_it_holds_and_says_so(tmp_path: Path, suffix: str, reason: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    noise = b"\n".join(
        json.dumps({"text": zstandard.__doc__, "n": str(i * 7919 % 99991) * 20}).encode() for i in range(9000)
    )
    packed = COMPRESSIONS[suffix](noise)
    path.write_bytes(packed[: len(packed) * 3 // 4])
    documents, rejects = read_all(path)
    assert 1000 < len(documents) < 9000
    assert [reject.reason for reject in rejects] == [reason]


def test_a_checksum_that_fails_at_the_end_puts_what_it_covers_in_doubt(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"\n".join(story(i) for i in range(100))))
    packed[-8] ^= 1
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed)
    _, rejects = read_all(path)
    assert [reject.reason for reject in rejects] == ["damaged"] and "may be altered" in rejects[0].error


def test_a_bomb_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirecopy.transforms.read.io.streams.RATIO_FLOOR", 1 << 20)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(story(1) + b"\n" + b"\n" * 3_000_000))
    documents, rejects = read_all(path)
    assert (len(documents), [reject.reason for reject in rejects]) == (1, ["too large"])


def test_half_a_surrogate_pair_does_not_break_what_comes_after(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "a \\ud83d b", "title": "\\udc00", "authors": ["\\ud800"]}\n')
    (document,), _ = read_all(path)
    assert document.content == "a \ufffd b"
    assert "".join([document.headline or "", *document.authors]).encode()


def test_utf16_json_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "Привет"}\n{"text": "Мир"}\n'.encode("utf-16"))
    assert [document.content for document in read_all(path)[0]] == ["Привет", "Мир"]


def test_a_line_is_whole_across_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a"
    long = b"x" * (bounds.PIECE * 3)
    path.write_bytes(long + b"\n" + b"y\n" + long)
    stream = open_stream(str(path))
    assert [line.size for line in lines(stream, 0, -1, 1)] == [len(long), 1, len(long)]
