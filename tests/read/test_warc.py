from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.extract.article import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.web import warc
from wirecopy.transforms.read.web.html import decoded

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".lz4": lambda data: pa.compress(data, "lz4", asbytes=True),
}


def page(i: int, size: int = 400) -> bytes:
    noise = hashlib.sha256(str(i).encode()).hexdigest()
    return f"<html><head><title>Page {i}</title></head><body><p>{noise * (size // 64 + 1)}</p></body></html>".encode()


def record(kind: str, block: bytes, **header: str) -> bytes:
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": "https://example.com/a",
        "WARC-Date": "2022-02-03T09:33:00Z",
        "Content-Type": "application/http; msgtype=response",
    } | {name.replace("_", "-"): value for name, value in header.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.0\r\n{lines}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def http(body: bytes, media: str = "text/html; charset=utf-8", status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{more}\r\n".encode() + body


def response(i: int, size: int = 400) -> bytes:
    return record("response", http(page(i, size)), WARC_Target_URI=f"https://example.com/{i}")


def plain(element: Document | Reject | Row) -> Document | Reject | Row:
    return element._replace(record=0) if isinstance(element, Document) else element


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [decoded(x) for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


@pytest.mark.parametrize("suffix", PACKED)
def test_pages_come_with_address_and_time(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.warc{suffix}"
    path.write_bytes(b"".join(PACKED[suffix](response(i)) for i in range(40)))
    documents, rejects = read_all(path)
    assert not rejects
    assert [document.content for document in documents] == [page(i).decode() for i in range(40)]
    assert documents[7].url == "https://example.com/7"
    assert documents[7].first_seen_at == documents[7].fetched_at == 1643880780000000
    assert documents[0].doc_ref == f"{path}#0" and documents[0].form == "html"


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".lz4"])
def test_only_the_damaged_record_is_lost(tmp_path: Path, suffix: str) -> None:
    members = [PACKED[suffix](response(i, 4000)) for i in range(300)]
    at = sum(map(len, members[:84]))
    data = bytearray(b"".join(members))
    data[at + 100 : at + 150] = bytes(50)
    path = tmp_path / f"a.warc{suffix}"
    path.write_bytes(data)
    documents, rejects = read_all(path)
    wrong = {document.content for document in documents} - {page(i, 4000).decode() for i in range(300)}
    if suffix == ".gz":
        assert not wrong and len(documents) == 299
        assert [(reject.reason, reject.doc_ref) for reject in rejects] == [("damaged", f"{path}#{at}")]
    assert len({document.url for document in documents} | {f"https://example.com/{84}"}) == 300


@pytest.mark.parametrize("cut", [1, 5, 200])
def test_a_plain_file_is_read_on_behind_a_broken_header(tmp_path: Path, cut: int) -> None:
    members = [response(i) for i in range(20)]
    members[7] = b"\0" * cut + members[7][cut:]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(members))
    documents, rejects = read_all(path)
    assert len(documents) == 19 and [reject.reason for reject in rejects] == ["damaged"]


@pytest.mark.parametrize("wrong", [b"Content-Length: 1\r\n", b"Content-Length: 99999999\r\n", b"Content-Length: x\r\n"])
def test_a_wrong_length_loses_one_record(tmp_path: Path, wrong: bytes) -> None:
    members = [response(i) for i in range(20)]
    head, _, rest = members[7].partition(b"Content-Length: ")
    members[7] = head + wrong + rest.partition(b"\r\n")[2]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(members))
    documents, rejects = read_all(path)
    assert len(documents) == 19 and [reject.reason for reject in rejects] == ["damaged"]


@pytest.mark.parametrize("suffix", PACKED)
def test_a_truncated_tail_is_reported(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.warc{suffix}"
    data = b"".join(PACKED[suffix](response(i)) for i in range(10))
    path.write_bytes(data[:-100])
    documents, rejects = read_all(path)
    assert len(documents) == 9 and [reject.reason for reject in rejects] == ["truncated"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=25),
    target=st.integers(1, 20_000),
    suffix=st.sampled_from(list(PACKED)),
    hurt=st.none() | st.integers(0, 24),
)
def test_any_split_sums_to_the_same_records(
    tmp_path: Path, sizes: list[int], target: int, suffix: str, hurt: int | None
) -> None:
    members = [PACKED[suffix](response(i, size)) for i, size in enumerate(sizes)]
    if hurt is not None and 0 < hurt < len(members):
        members[hurt] = members[hurt][:20] + bytes(60) + members[hurt][80:]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(members))
    cut = list(warc.spans(open_stream(str(path), (), True), target))
    assert all(before.end == after.begin for before, after in itertools.pairwise(cut))
    units = [Unit("u", str(path), "warc", span.begin, span.end, span.size) for span in cut]
    whole = list(read(Unit("u", str(path), "warc", 0, -1, 0)))
    parts = [each for unit in units for each in read(unit)]
    assert list(map(plain, parts)) == list(map(plain, whole))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    shape=st.lists(st.sampled_from(["page", "nest", "several", "hurt", "plain", "header"]), min_size=1, max_size=12),
    target=st.integers(1, 30_000),
    order=st.randoms(use_true_random=False),
)
def test_members_inside_of_members_are_never_taken_for_records(
    tmp_path: Path, shape: list[str], target: int, order: random.Random
) -> None:
    nested = b"".join(gzip.compress(response(1000 + i, 900)) for i in range(5))
    outer = response(500, 10)
    length = (len(outer) - 4).to_bytes(4, "little")
    nest = record("response", http(b"x" * 70_000 + length + nested + length, "application/gzip"))
    members = {
        "page": lambda i: gzip.compress(response(i, 2000)),
        "nest": lambda i: gzip.compress(nest, 0),
        "several": lambda i: gzip.compress(response(i) + nest + response(i + 100), 0),
        "hurt": lambda i: gzip.compress(nest, 0)[:300] + bytes(40) + gzip.compress(nest, 0)[340:],
        "plain": lambda i: response(i),
        "header": lambda i: b"\x1f\x8b\x08\0\0\0\0\0\0\xff" * 3,
    }
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join([gzip.compress(response(99)), *(members[kind](i) for i, kind in enumerate(shape))]))
    units = [
        Unit("u", str(path), "warc", *span[:2], 0) for span in warc.spans(open_stream(str(path), (), True), target)
    ]
    whole = [plain(each) for each in read(Unit("u", str(path), "warc", 0, -1, 0))]
    order.shuffle(units)
    parts = [plain(each) for unit in sorted(units) for each in read(unit)]
    shuffled = [plain(each) for unit in units for each in read(unit)]
    assert parts == whole
    assert sorted(map(repr, shuffled)) == sorted(map(repr, whole))
    if "hurt" not in shape:
        assert not {f"https://example.com/{1000 + i}" for i in range(5)} & {
            getattr(each, "url", None) for each in whole
        }


def zstd(data: bytes, **how: bool) -> bytes:
    return zstandard.ZstdCompressor(**how).compress(data)


NOISE = random.Random(3).randbytes(600_000).hex().encode()
FRAMES: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "page": (1, lambda i: zstd(response(i, 2000))),
    "checked": (1, lambda i: zstd(response(i, 2000), write_checksum=True)),
    "unsaid": (1, lambda i: zstd(response(i, 2000), write_content_size=False)),
    "several": (2, lambda i: zstd(response(i) + response(i + 100))),
    "long": (1, lambda i: zstd(record("response", http(b"<html>" + NOISE)))),
    "other": (0, lambda i: b"\x50\x2a\x4d\x18" + len(NOISE).to_bytes(4, "little") + NOISE),
    "hurt": (0, lambda i: zstd(response(i, 4000))[:30] + b"\xff" * 30 + zstd(response(i, 4000))[60:]),
}
"""Kinds of zstd frames: how many records each has that can be read, and what makes it."""


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(shape=st.lists(st.sampled_from(list(FRAMES)), min_size=1, max_size=12), target=st.integers(1, 30_000))
def test_zstd_frames_of_any_kind_are_read_and_cut(tmp_path: Path, shape: list[str], target: int) -> None:
    path = tmp_path / "a.warc.zst"
    path.write_bytes(zstd(response(99)) + b"".join(FRAMES[kind][1](i) for i, kind in enumerate(shape)))
    whole = [plain(each) for each in read(Unit("u", str(path), "warc", 0, -1, 0))]
    assert sum(isinstance(each, Document) for each in whole) == 1 + sum(FRAMES[kind][0] for kind in shape)
    cut = warc.spans(open_stream(str(path), (), True), target)
    assert [plain(each) for span in cut for each in read(Unit("u", str(path), "warc", *span[:2], 0))] == whole


def test_several_records_in_one_member_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(response(i) for i in range(9))))
    documents, rejects = read_all(path)
    assert [document.doc_ref for document in documents] == [f"{path}#0", *(f"{path}#0.{i}" for i in range(1, 9))]
    assert not rejects


def test_what_is_no_page_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(
        record("warcinfo", b"software: x\r\n", Content_Type="application/warc-fields")
        + record("request", b"GET / HTTP/1.1\r\n\r\n")
        + record("metadata", b"x: y\r\n")
        + record("request", b"GET / HTTP/1.1\r\n\r\n")
        + record("revisit", http(b""))
        + record("response", http(b"\x89PNG", "image/png"))
        + record("response", http(page(1), status="404 Not Found"))
        + record("response", http(b"User-agent: *", "text/plain"), WARC_Target_URI="https://example.com/robots.txt")
        + record("response", http(b""))
        + response(1)
    )
    documents, rejects = read_all(path)
    assert len(documents) == 1
    assert [reject.reason for reject in rejects] == ["not text"] * 4 + ["empty", "not text"]
    assert "1 metadata, 2 request" in rejects[-1].error


def test_wet_texts_arrive_extracted(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.wet.gz"
    header = {"Content_Type": "text/plain", "WARC_Identified_Content_Language": "rus,eng"}
    path.write_bytes(gzip.compress(record("conversion", "Заголовок\nТекст.".encode(), **header)))
    (document,), _ = read_all(path)
    assert (document.form, document.content, document.language) == ("record", "Заголовок\nТекст.", "rus")


def test_arc_files_are_read(tmp_path: Path) -> None:
    def arc(url: str, media: str, block: bytes) -> bytes:
        return f"{url} 192.0.2.1 20080430204825 {media} {len(block)}\n".encode() + block + b"\n"

    info = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    members = [
        arc("filedesc://a.arc", "text/plain", info),
        arc("http://example.com/with a space", "text/html", http(page(1))),
        arc("dns:example.com", "text/dns", b"x"),
        arc("http://example.com/2", "text/html", http(page(2))),
    ]
    for name, data in (("a.arc", b"".join(members)), ("b.arc.gz", b"".join(map(gzip.compress, members)))):
        path = tmp_path / name
        path.write_bytes(data)
        documents, rejects = read_all(path)
        assert [document.url for document in documents] == ["http://example.com/with a space", "http://example.com/2"]
        assert documents[0].fetched_at == 1209588505000000
        assert [reject.reason for reject in rejects] == ["not text"]


def test_a_digest_that_does_not_fit_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    digest = "sha1:" + base64.b32encode(hashlib.sha1(page(1)).digest()).decode()
    path.write_bytes(
        record("response", http(page(1)), WARC_Payload_Digest=digest)
        + record("response", http(page(2)), WARC_Payload_Digest=digest)
    )
    documents, rejects = read_all(path)
    assert [document.content for document in documents] == [page(1).decode()]
    assert [reject.reason for reject in rejects] == ["digest"]


def chunked(data: bytes) -> bytes:
    return b"5\r\n" + data[:5] + b"\r\n%x;x=y\r\n" % len(data[5:]) + data[5:] + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("header", "encode"),
    [
        ("Transfer-Encoding: chunked", chunked),
        ("Content-Encoding: gzip", gzip.compress),
        ("Content-Encoding: br", lambda data: pa.compress(data, "brotli", asbytes=True)),
        ("Content-Encoding: gzip", lambda data: data),
        ("Content-Encoding: br", lambda data: data),
        ("Transfer-Encoding: chunked", lambda data: data),
    ],
)
def test_encodings_of_responses_are_taken_off(tmp_path: Path, header: str, encode: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record("response", http(encode(page(1)), more=header + "\r\n")))
    (document,), _ = read_all(path)
    assert document.content == page(1).decode()


def test_a_brotli_bomb_is_too_large(tmp_path: Path) -> None:
    bomb = pa.compress(bytes(64 << 20), "brotli", asbytes=True)
    path = tmp_path / "a.warc"
    path.write_bytes(record("response", http(bomb, more="Content-Encoding: br\r\n")) + response(2))
    documents, rejects = read_all(path)
    assert (len(documents), [reject.reason for reject in rejects]) == (1, ["too large"])


def test_a_page_is_decoded_as_it_declares(tmp_path: Path) -> None:
    text = "<html><meta charset='windows-1251'><p>Президент России</p></html>"
    path = tmp_path / "a.warc"
    path.write_bytes(
        record("response", http(text.encode("cp1251"), "text/html"))
        + record("response", http(text.encode("koi8-r"), "text/html; charset=KOI8-R"))
        + record("response", http(("<p>" + "good text " * 99).encode() + b"\xff", "text/html; charset=utf-8"))
    )
    documents, _ = read_all(path)
    assert [document.content for document in documents[:2]] == [text, text]
    assert documents[2].content.endswith("good text \ufffd")


def test_a_page_is_decoded_once_and_by_extraction(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    picture = b"<html><p>" + bytes(range(1, 32)) * 99
    path.write_bytes(response(1) + record("response", http(picture, "text/html; charset=x-none")))
    documents = [x for unit in plan([str(path)]) if isinstance(unit, Unit) for x in read(unit)]
    assert [(x.content, x.charset) for x in documents if isinstance(x, Document)] == [
        (page(1), "utf-8"),
        (picture, "x-none"),
    ]
    batch, rejects = extract_batch([x for x in documents if isinstance(x, Document)])
    assert batch["url"].to_pylist() == ["https://example.com/1"]
    assert [(x.reason, x.payload_sha256) for x in rejects] == [("binary", hashlib.sha256(picture).digest())]
