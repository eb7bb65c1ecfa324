from __future__ import annotations

from pathlib import Path

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.web import html

RUSSIAN = "МОСКВА, 14 февраля. /ТАСС/. Президент России Владимир Путин поручил главе МИД подготовить ответ. " * 4


def read_all(path: Path) -> list[Document | Reject]:
    return [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1251", "koi8-r"],
)
def test_a_text_file_is_decoded_whatever_it_is_written_in(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(RUSSIAN.encode(encoding))
    (document,) = read_all(path)
    assert isinstance(document, Document)
    assert (document.form, document.content, document.doc_ref) == ("text", RUSSIAN, str(path))


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b" \n\t\n", "empty"), (b"\xef\xbb\xbf \n", "empty"), (b"\x00\x01" * 99, "binary")],
)
def test_a_file_without_text_is_one_reject(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    (reject,) = read_all(path)
    assert isinstance(reject, Reject) and reject.reason == reason


def test_a_text_beyond_the_bound_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"word " * 4_000_000)
    (reject,) = read_all(path)
    assert isinstance(reject, Reject) and reject.reason == "too large"


def test_what_is_declared_counts_unless_the_bytes_say_otherwise() -> None:
    assert charset.decode("Straße".encode("cp1252"), "ISO-8859-1") == "Straße"
    assert charset.decode("Straße – “so”".encode(), "iso-8859-1") == "Straße – “so”"
    with pytest.raises(Fault, match="encoding"):
        charset.decode("Straße".encode("cp1252"), "utf-8")


def test_utf8_with_a_bad_byte_is_not_taken_for_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(RUSSIAN.encode() + b"\xff" + RUSSIAN.encode())
    (reject,) = read_all(path)
    assert isinstance(reject, Reject) and reject.reason == "encoding"
    path = tmp_path / "a.html"
    path.write_bytes(f"<html><body><p>{RUSSIAN}</p></body></html>".encode() + b"\xff")
    (document,) = read_all(path)
    assert isinstance(document, Document) and document.content.endswith("</html>\ufffd")


ACCENTS = "Le président a été reçu à l'Élysée, où il a déclaré: «Ça suffit.» " * 9
JAPANESE = "首相は十四日の記者会見で、ウクライナ情勢について述べた。" * 9
PAGE = "<html><head>{}</head><body><p>{}</p></body></html>"


@pytest.mark.parametrize(
    ("told", "text", "encoding"),
    [
        ("<meta charset=iso-8859-1>", ACCENTS, "utf-8"),
        ("<meta charset=windows-1251>", RUSSIAN, "utf-8"),
        ("<meta charset=utf-8>", RUSSIAN, "cp1251"),
        ("<meta charset=utf-8>", RUSSIAN, "koi8-r"),
        ("<meta charset=utf-8>", ACCENTS, "cp1252"),
        ("<meta charset=utf-8>", JAPANESE, "cp932"),
        ("<meta charset=utf-16>", ACCENTS, "utf-8"),
        ("<meta charset=utf-16>", ACCENTS, "cp1252"),
        ("<meta charset=punycode>", ACCENTS, "utf-8"),
        ("<meta charset=no-such>", RUSSIAN, "cp1251"),
        ("<meta charset=us-ascii>", ACCENTS, "cp1252"),
        ("<meta charset=utf-8>", RUSSIAN, "utf-16"),
        ("<meta charset=utf-8>", RUSSIAN, "utf-16-le"),
        ("", RUSSIAN, "utf-16-be"),
        ("", JAPANESE, "utf-32"),
        ("", JAPANESE, "utf-32-le"),
        ("<meta charset=utf-32>", ACCENTS, "utf-32-be"),
        ("", "It’s £5, he said – “cheap”.", "cp1252"),
        ("", "ТАСС сообщает", "cp1251"),
        ("", JAPANESE, "iso2022_jp"),
        ("<meta charset=utf-8>", JAPANESE, "iso2022_jp"),
        ("<meta charset=cp1251>", RUSSIAN, "utf-8-sig"),
        ("<script>" + "var ascii;" * 9_000 + "</script>", RUSSIAN, "cp1251"),
    ],
)
def test_a_page_is_decoded_whatever_it_declares(tmp_path: Path, told: str, text: str, encoding: str) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(PAGE.format(told, text).encode(encoding))
    (document,) = read_all(path)
    assert isinstance(document, Document) and document.form == "html"
    assert document.content == PAGE.format(told, text)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset={told[14:-1][:20]}\r\n\r\n".encode()
    block = head + path.read_bytes()
    fields = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {len(block)}\r\n\r\n".encode()
    path = tmp_path / "a.warc"
    path.write_bytes(fields + block + b"\r\n\r\n")
    (document,) = read_all(path)
    assert isinstance(document, Document) and html.decoded(document).content == PAGE.format(told, text)


def test_a_mark_that_lies_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + RUSSIAN.encode("cp1251"))
    (document,) = read_all(path)
    assert isinstance(document, Document) and document.content == RUSSIAN


def test_lines_and_tables_in_utf16_without_a_mark(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes("".join(f'{{"text": "{RUSSIAN} {i}"}}\n' for i in range(9)).encode("utf-16-le"))
    (tmp_path / "b.csv").write_bytes(f'title,text\nOne,"{RUSSIAN}"\n'.encode("utf-16-be"))
    found = [each for name in ("a.jsonl", "b.csv") for each in read_all(tmp_path / name)]
    assert [each.content for each in found if isinstance(each, Document)] == [f"{RUSSIAN} {i}" for i in range(9)] + [
        RUSSIAN
    ]
