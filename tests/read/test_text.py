from __future__ import annotations

from pathlib import Path

import pytest

from schemas.elements import Document, Reject, Unit
from transforms.read import charset, plan, read
from transforms.read.faults import Fault

RUSSIAN = "МОСКВА, 14 февраля. /ТАСС/. Президент России Владимир Путин поручил главе МИД подготовить ответ. " * 4


def read_all(path: Path) -> list[Document | Reject]:
    return [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "koi8-r"]
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
