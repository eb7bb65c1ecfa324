from __future__ import annotations

import csv
import io
import itertools
import random
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.fields.mapping import document, documents, told
from wirecopy.transforms.read.fields.missing import is_missing, listed
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.records import csv as csv_reader


def read_all(path: Path, mapping: str = "") -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)], mapping) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def table(n: int) -> pa.Table:
    return pa.table(
        {
            "id": list(range(n)),
            "text": [f"Story {i}. " + "word " * (i % 50) for i in range(n)],
            "published_at": [datetime(2022, 2, 3, 9, 33, tzinfo=UTC)] * n,
            "source": [{"name": "Aravot", "url": "https://aravot.am/"}] * n,
            "tags": [["a", "b"]] * n,
            "embedding": [[0.5] * 8] * n,
        }
    )


def test_parquet_rows_are_articles(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(1000), path, row_group_size=70)
    documents, rejects = read_all(path)
    assert not rejects and len(documents) == 1000
    found = documents[123]
    assert (found.doc_ref, found.record, found.form, found.source_id) == (f"{path}#124", 123, "record", "123")
    assert found.content == table(124)["text"][123].as_py()
    assert (found.published, found.outlet_name, found.keywords) == ("2022-02-03T09:33:00+00:00", "Aravot", ("a", "b"))


@pytest.mark.parametrize("row_group", [1, 7, 1000])
def test_any_split_of_parquet_sums_to_the_same_records(tmp_path: Path, row_group: int) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(300), path, row_group_size=row_group)
    whole = list(read(Unit("u", str(path), "parquet", 0, 300, 0)))
    cuts = [0, *sorted(random.Random(row_group).sample(range(1, 300), 9)), 300]
    units = [Unit("u", str(path), "parquet", a, b, 0) for a, b in itertools.pairwise(cuts)]
    for order in (units, list(reversed(units))):
        parts = {unit.begin: list(read(unit)) for unit in order}
        merged = [each for begin in sorted(parts) for each in parts[begin]]
        assert [(x.doc_ref, x.content) for x in merged] == [(x.doc_ref, x.content) for x in whole]


def test_a_large_parquet_file_is_several_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(5000), path)
    monkeypatch.setattr("wirecopy.transforms.read.records.parquet.spans.__defaults__", (50_000,))
    units = [found for found in plan([str(path)]) if isinstance(found, Unit)]
    assert len(units) > 5 and units[0].begin == 0 and units[-1].end == 5000
    assert len(read_all(path)[0]) == 5000


def test_broken_parquet_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(100), path)
    data = path.read_bytes()
    path.write_bytes(data[:-50])
    assert [reject.reason for reject in read_all(path)[1]] == ["damaged"]
    path.write_bytes(data[:100] + bytes(600) + data[700:])
    assert {reject.reason for reject in read_all(path)[1]} == {"damaged"}
    pq.write_table(table(0), path)
    assert [reject.reason for reject in read_all(path)[1]] == ["empty"]


def test_a_table_says_the_same_as_its_rows() -> None:
    rows = [
        {"text": "One.", "title": "A", "url": None, "link": "https://a.com/1", "author": "X"},
        {"text": None, "title": "B", "url": "https://a.com/2", "link": None, "author": None},
        {"text": "<p>Three</p><p>x</p>", "title": "", "url": "not one", "link": "https://a.com/3", "author": "Y"},
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    found = list(documents(columns, tuple(columns), "u", 0, ["f#1", "f#2", "f#3"]))
    assert found[0] == document(rows[0], "u", 0, "f#1")
    assert found[2] == document(rows[2], "u", 2, "f#3")
    assert not isinstance(found[1], Document) and found[1].reason == "no text"


def test_the_users_own_mapping_outranks_guesses(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "The caption.", "story": {"plain": "The story."}, "title": "T", "kicker": "K"}\n')
    mapping = told({"text": "story.plain", "headline": "kicker"})
    (found,), _ = read_all(path, mapping)
    assert (found.content, found.headline) == ("The story.", "K")
    (guessed,), _ = read_all(path)
    assert (guessed.content, guessed.headline) == ("The caption.", "T")
    assert guessed.unit_id != found.unit_id, "read by other rules, it is another unit"
    with pytest.raises(ValueError, match="txt"):
        told({"txt": "story"})


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=20),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    target=st.integers(1, 200),
    packed=st.booleans(),
)
def test_csv_is_read_as_it_was_written_however_it_is_split(
    tmp_path: Path, rows: list[tuple[str, str]], delimiter: str, end: str, target: int, packed: bool
) -> None:
    rows = [(a.replace("\r", " "), b.replace("\r", " ")) for a, b in rows]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("title", "text", "date"), *((a, b, "2022-01-01") for a, b in rows)])
    path = tmp_path / "a.csv"
    path.write_bytes(zstandard.compress(out.getvalue().encode()) if packed else out.getvalue().encode())
    cut = list(csv_reader.spans(open_stream(str(path)), target))
    units = [Unit("u", str(path), "csv", span.begin, span.end, span.size, span.first) for span in cut]
    parts = [each for unit in units for each in read(unit)]
    assert [each.content for each in parts if isinstance(each, Document)] == [
        b for _, b in rows if not is_missing(b, "text") and listed(b, "text") is None
    ]
    whole = list(read(Unit("u", str(path), "csv", 0, -1, 0)))
    assert [each.doc_ref for each in parts] == [each.doc_ref for each in whole]


def test_csv_in_other_encodings_and_with_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = (
        "заголовок,text,url\n" + "Слово,Президент России подготовил ответ на вопрос журналистов,https://a.com/1\n" * 9
    )
    path.write_bytes(text.encode("cp1251"))
    documents, _ = read_all(path)
    assert documents[0].content.startswith("Президент России")
    rows = [b"url,text", b"https://a.com/1,One.", b"https://a.com/2,Two,three", b"", b"https://a.com/4,"]
    rows += [b"https://a.com/5,Caf\xe9 au lait", "https://a.com/6,Шесть.".encode()]
    path.write_bytes(b"\n".join(rows + [b"x,y"] * 20_000))
    documents, rejects = read_all(path)
    assert [document.doc_ref for document in documents[:2]] == [f"{path}#2", f"{path}#7"]
    assert [(reject.doc_ref.rpartition("#")[2], reject.reason) for reject in rejects] == [
        ("3", "malformed"),
        ("5", "no text"),
        ("6", "encoding"),
    ]


def test_a_quote_that_never_closes_costs_no_more_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirecopy.transforms.read.records.csv.LINE_BYTES", 10_000)
    path = tmp_path / "a.csv"
    path.write_bytes(b'url,text\nhttps://a.com/1,One.\nhttps://a.com/2,"Two\n' + b"https://a.com/3,Three.\n" * 2000)
    documents, rejects = read_all(path)
    assert [reject.reason for reject in rejects][:1] == ["too large"]
    assert len(documents) > 1000
