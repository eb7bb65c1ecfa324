from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.schemas.rejects import REASONS
from wirecopy.transforms.read import Unreadable, plan, read

LINES = b"".join(
    json.dumps({"text": f"Story {i}. Слово.", "url": f"https://a.com/{i}"}).encode() + b"\n" for i in range(60)
)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>Page</p></body></html>"
WARC = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(PAGE), PAGE)


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["One.", "Two."] * 30, "id": list(range(60))}), out)
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", LINES)
        archive.writestr("b/c.txt", "Text.")
    return out.getvalue()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in (("a.jsonl", LINES), ("b.zip", _zip())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _epub() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("content.opf", "<package><metadata><date>2026-03-06</date></metadata></package>")
        archive.writestr("feed_0/article_0/index.html", "<html><body><h1>A</h1><p>Text.</p></body></html>")
    return out.getvalue()


def _docx() -> bytes:
    lines = ("Vote", "Paper", "March 1, 2026", "Length: 9 words", "Body", "Text.", "End of Document")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w>" + "".join(f"<p><t>{line}</t></p>" for line in lines) + "</w>")
    return out.getvalue()


SAMPLES = {
    "a.jsonl": LINES,
    "a.json": b"[" + LINES.strip().replace(b"\n", b",") + b"]",
    "a.jsonl.gz": gzip.compress(LINES),
    "a.jsonl.zst": zstandard.compress(LINES),
    "a.jsonl.xz": lzma.compress(LINES),
    "a.jsonl.bz2": bz2.compress(LINES),
    "a.jsonl.lz4": pa.compress(LINES, "lz4", asbytes=True),
    "a.csv": b'title,text\n"One","Two, three"\n' * 30,
    "a.parquet": _parquet(),
    "a.warc": WARC * 9,
    "a.warc.gz": gzip.compress(WARC) * 9,
    "a.warc.zst": zstandard.compress(WARC) * 9,
    "a.warc.lz4": pa.compress(WARC, "lz4", asbytes=True) * 9,
    "a.zip": _zip(),
    "a.tar": _tar(),
    "a.tar.gz": gzip.compress(_tar()),
    "a.rss": b"<rss><channel><title>A</title><item><title>B</title><description>C</description></item></channel></rss>",
    "a.nitf": b"<nitf><body><body.content><p>Text.</p></body.content></body></nitf>",
    "a.xml": b"<newsItem guid='a'><itemMeta/><contentSet><inlineData>Text.</inlineData></contentSet></newsItem>",
    "a.html": b"<html><head><meta charset=utf-8></head><body><p>Text.</p></body></html>",
    "a.mbox": b"From a@b.c Fri Mar  6 07:00:00 2026\nFrom: a@b.c\nDate: x\nSubject: =?utf-8?q?y?=\n\nText.\n\n" * 9,
    "a.eml": b"From: a@b.c\nDate: x\nSubject: y\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText.\n--b--\n",
    "a.mhtml": b"From: <Saved by Blink>\nMIME-Version: 1.0\nSubject: y\nContent-Type: text/html\n\n<p>Text.</p>",
    "a.sgm": b'<REUTERS NEWID="1">\n<DATE>26-FEB-1987</DATE><TEXT><TITLE>A</TITLE><BODY>Text.</BODY></TEXT></REUTERS>\n'
    * 9,
    "a.trec": b"<DOC>\n<DOCNO> AP880212-0001 </DOCNO>\n<TEXT>\n   Text.\n</TEXT>\n</DOC>\n" * 9,
    "a.factiva": b'<html><div class="article enArticle"><span class="enHeadline">A</span><div>9 words</div>'
    b'<p class="articleParagraph enarticleParagraph">Text.</p></div></html>',
    "a.nexis": b"1 of 2 DOCUMENTS\n\n    The Paper\n\n    March 1, 2026\n\nVote\n\nLENGTH: 9 words\n\nText.\n\n" * 2,
    "a.proquest": b"_" * 40 + b"\n\nFull text: Text.\n\nTitle: A\n\nProQuest document ID: 1\n",
    "a.rtf": b"{\\rtf1\\ansi A\\par 9 words\\par 1 March 2026\\par Paper\\par\\par Text.\\par "
    b"Document ELLGAZ0020260301em3600001\\par}",
    "a.telegram": b'{"name": "A", "type": "public_channel", "id": 1, "messages": ['
    b'{"id": 2, "type": "message", "text": ["Te", {"type": "bold", "text": "xt."}]}]}',
    "a.wxr": b'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>A</title>'
    b"<content:encoded><![CDATA[[b a=1]Text.]]></content:encoded></item></channel></rss>",
    "a.newsml": b"<NewsML><NewsItem><NewsComponent><ContentItem><DataContent><p>Text.</p></DataContent></ContentItem>"
    b"</NewsComponent></NewsItem></NewsML>",
    "a.7901": b"\x01eca062 4 i 211 dpa 061\r\n\x02A/\r\nB =\r\n\r\n   Text.\r\n061137 GMT Mar 26\r\n\x03\x04" * 3,
    "a.anpa": b"\x16\x16\x01W2870\x1fa\r\n\x02^A <\r\n   Text.\r\n\x03\r\nAP-WF-03-06-26 1202GMT\r\n\x04" * 3,
    "a.outlook": b"From:\tA <a@b.c>\nSent:\tFriday, 6 March 2026\nSubject:\ty\n\nText.\n",
    "a.stripped": b"W2870\nf l BC-A     03-06 0149\n^BC-A,149<\n^B<\n\tText.\n\nAP-WF-03-06-26 1202GMT\n" * 3,
    "a.md": b"---\ntitle: 'A'\ntags:\n  - b\n---\n# A\n\n[Text](https://a.com/).\n",
    "a.epub": _epub(),
    "a.docx": _docx(),
    "a.lines": b"A\n9 words\n1 March 2026\nPaper\n\nText.\n\nDocument ELLGAZ0020260301em3600001\n" * 3,
}


def check(path: Path) -> int:
    """Read a file, whatever it holds: everything that comes out can be stored, and something does."""
    count = 0
    for found in plan([str(path)]):
        assert not isinstance(found, Unreadable)
        for each in read(found) if isinstance(found, Unit) else (found,):
            count += 1
            if isinstance(each, Document):
                for value in each:
                    assert "\0".join(value if isinstance(value, tuple) else [str(value)]).encode() is not None
            elif isinstance(each, Reject):
                assert each.reason in REASONS and each.reason != "crash", each.error
                assert each.error.encode() and each.doc_ref.encode()
    return count


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_what_they_should_be(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SAMPLES[name])
    assert all(isinstance(found, Unit) for found in plan([str(path)]))
    assert check(path) > 0


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(list(SAMPLES)),
    edits=st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 60), st.one_of(st.binary(max_size=40), st.none())), max_size=4
    ),
)
def test_no_damage_gets_past_a_reject(tmp_path: Path, name: str, edits: list[tuple[int, int, bytes | None]]) -> None:
    data = bytearray(SAMPLES[name])
    for at, length, put in edits:
        begin = at % (len(data) + 1)
        data[begin : len(data) if put is None else begin + length] = put or b""
    path = tmp_path / name
    path.write_bytes(data)
    assert check(path) > 0


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=600), name=st.sampled_from(list(SAMPLES)))
def test_no_bytes_at_all_get_past_a_reject(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert check(path) > 0


def test_a_thousand_units_of_an_archive_are_read_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirecopy.transforms.read.archives.spans.__defaults__", (1,))
    monkeypatch.setattr("wirecopy.transforms.read.records.csv.spans.__defaults__", (1,))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for i in range(1200):
            info = tarfile.TarInfo(f"{i}.txt")
            info.size = 5
            archive.addfile(info, io.BytesIO(b"Text."))
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(out.getvalue()))
    assert check(tmp_path / "a.tar.gz") == 1200
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"title,text\n" + b"a,One.\n" * 1200))
    assert check(tmp_path / "a.csv.gz") == 1200


def test_rows_of_one_long_value_are_cut_off(tmp_path: Path) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), pa.array(["word " * 2_000]))
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    *documents, last = [each for unit in plan([str(tmp_path)]) if isinstance(unit, Unit) for each in read(unit)]
    assert len(documents) < 20_000 and isinstance(last, Reject) and last.reason == "too large"


def test_rows_of_nothing_are_cut_off(tmp_path: Path) -> None:
    """A thousand million rows of nulls take some kilobytes, and hours."""
    pq.write_table(pa.table({"text": pa.nulls(1_100_000, pa.string())}), tmp_path / "a.parquet")
    (reject,) = plan([str(tmp_path)])
    assert isinstance(reject, Reject) and reject.reason == "too large" and "1,100,000 rows" in reject.error


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.xml", b"<?xml version='1.0'?>" + b" " * 60_000 + b"x", "unsupported"),
        ("a.xml", b"<!---->" * 9_000 + b"x", "unsupported"),
        ("a.xml", b"<!doctype a[]>" * 4_000, "unsupported"),
        ("a.xml", b'<!DOCTYPE nitf [<!ENTITY a "' + b"a" * 90_000 + b'">]><nitf><p>&a;</p></nitf>', "malformed"),
        ("a.csv", b"title,text\n" + b"," * 1_000_000, "malformed"),
        ("a.json", b"[" * 100_000 + b"]" * 100_000, "too large"),
        ("a.jsonl", b'{"text": ' + b"1" * 100_000 + b"}\n", "malformed"),
        ("a.warc", b"WARC/1.0\r\n" * 50_000, "damaged"),
        ("a.warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nabc", "truncated"),
    ],
)
def test_what_is_made_to_hang_a_reader_is_rejected_at_once(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    found = [x for unit in plan([str(tmp_path)]) for x in (read(unit) if isinstance(unit, Unit) else [unit])]
    assert [each.reason for each in found if isinstance(each, Reject)] == [reason]
    assert not any(isinstance(each, Document) for each in found)
