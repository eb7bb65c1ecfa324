"""What records say where they say nothing, and lists written as text."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.fields.mapping import document
from wirecopy.transforms.read.fields.missing import listed

SAID = [
    "k.A.",
    "keine Angabe",
    "sans date",
    "sin autor",
    "Unknown",
    "Not available",
    "неизвестно",
    "不明",
    ".",
    "?",
    "—",
]
NOTHING = ["nan", "NaN", "None", "NULL", "null", "NaT", "N/A", "n/a", "<NA>", "-", ""]
FIELDS = ["headline", "author", "tags", "source", "outlet", "section", "url", "published", "updated", "id", "byline"]
STORY = "The council of Port Ellery voted on Tuesday to rebuild the northern breakwater."


def of(record: dict[str, Any]) -> Document:
    return document(record, "unit", 0, "ref")


def said(found: Document) -> dict[str, Any]:
    own = found._asdict()
    return {name: own[name] for name in own if own[name] not in (None, ()) and name not in _ALWAYS}


_ALWAYS = {"unit_id", "record", "doc_ref", "form", "content"}


def every_reader(tmp_path: Path, rows: list[dict[str, Any]]) -> dict[str, tuple[list[Document], list[Reject]]]:
    """The rows as JSON lines, CSV, TSV and Parquet, read."""
    names = list(rows[0])
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for name, delimiter in (("a.csv", ","), ("a.tsv", "\t")):
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(names)
            writer.writerows([[row[column] for column in names] for row in rows])
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in names}), tmp_path / "a.parquet")
    found = {}
    for name in ("a.jsonl", "a.csv", "a.tsv", "a.parquet"):
        elements = [each for unit in plan([str(tmp_path / name)]) if isinstance(unit, Unit) for each in read(unit)]
        documents = [each for each in elements if isinstance(each, Document)]
        found[name] = documents, [each for each in elements if isinstance(each, Reject)]
    return found


@pytest.mark.parametrize("nothing", [word for word in NOTHING if word])
def test_a_word_for_nothing_is_nothing_in_every_field_and_format(tmp_path: Path, nothing: str) -> None:
    rows = [{"text": STORY} | dict.fromkeys(FIELDS, nothing), {"text": nothing} | dict.fromkeys(FIELDS, "x")]
    for name, (documents, rejects) in every_reader(tmp_path, rows).items():
        assert [said(each) for each in documents] == [{}], name
        assert [each.reason for each in rejects] == ["no text"], name


@pytest.mark.parametrize("nothing", SAID)
def test_a_phrase_for_nothing_is_nothing_but_as_a_headline(nothing: str) -> None:
    found = of({"text": STORY} | dict.fromkeys(FIELDS, nothing))
    assert said(found) == ({} if found.headline is None else {"headline": nothing})


@pytest.mark.parametrize("date", ["0", "0001-01-01T00:00:00", "0000-00-00", "00.00.0000"])
def test_what_programs_write_for_no_date(date: str) -> None:
    found = of({"text": STORY, "date": date, "id": "0"})
    assert (found.published, found.source_id) == (None, "0")


def test_names_that_are_words_for_nothing_elsewhere_stay() -> None:
    found = of({"text": STORY, "author": "Null", "headline": "None", "source": "NAN", "tags": "NA"})
    assert (found.authors, found.headline, found.outlet_name, found.keywords) == (("Null",), "None", "NAN", ("NA",))


def test_a_headline_none_beside_other_fields_of_none_is_missing() -> None:
    assert of({"text": STORY, "headline": "None", "author": "None"}).headline is None


def test_a_date_of_zeros_is_missing() -> None:
    assert of({"text": STORY, "date": "0000-00-00 00:00:00"}).published is None


def test_numbers_that_are_none() -> None:
    found = of({"text": STORY, "author": float("nan"), "id": float("nan"), "date": float("inf"), "tags": [None, "nan"]})
    assert said(found) == {}


LISTS = {
    "['Mara Rook', 'Bo Hart']": ["Mara Rook", "Bo Hart"],
    '["Mara Rook", "Bo Hart"]': ["Mara Rook", "Bo Hart"],
    "['Mara Rook' 'Bo Hart']": ["Mara Rook", "Bo Hart"],
    "array(['Mara Rook', 'Bo Hart'], dtype=object)": ["Mara Rook", "Bo Hart"],
    "('Mara Rook', 'Bo Hart')": ["Mara Rook", "Bo Hart"],
    "{'Mara Rook', 'Bo Hart'}": ["Mara Rook", "Bo Hart"],
    '{"Mara Rook","Bo Hart"}': ["Mara Rook", "Bo Hart"],
    "{Rook,Hart}": ["Rook", "Hart"],
    '["Mara O\'Rook", \'Bo "B" Hart\']': ["Mara O'Rook", 'Bo "B" Hart'],
    "['Mara Rook', None, nan]": ["Mara Rook"],
    "[{'name': 'Mara Rook'}, {'name': 'Bo Hart'}]": ["Mara Rook", "Bo Hart"],
    "[]": [],
    "set()": [],
    "[Mara Rook, Bo Hart]": ["Mara Rook", "Bo Hart"],
    "Index(['Mara Rook', 'Bo Hart'], dtype='object')": ["Mara Rook", "Bo Hart"],
    "Mara Rook; Bo Hart": ["Mara Rook; Bo Hart"],
}


@pytest.mark.parametrize("written", LISTS)
def test_lists_that_programs_write_as_text(written: str) -> None:
    assert list(of({"text": STORY, "authors": written}).authors) == LISTS[written]


def test_lists_of_structures_and_lists_that_php_numbers() -> None:
    assert of({"text": STORY, "tags": [{"term": "port"}, {"label": "vote"}]}).keywords == ("port", "vote")
    assert of({"text": STORY, "authors": {"0": "Mara Rook", "2": "Bo Hart"}}).authors == ("Mara Rook", "Bo Hart")


def test_an_address_without_a_host_is_none() -> None:
    assert of({"text": STORY, "url": "http://"}).url is None


def test_keywords_are_parted_by_the_strongest_sign() -> None:
    assert of({"text": STORY, "tags": "Paris, Texas; oil"}).keywords == ("Paris, Texas", "oil")
    assert of({"text": STORY, "tags": "port|council"}).keywords == ("port", "council")
    assert of({"text": STORY, "tags": "['port', 'council']"}).keywords == ("port", "council")


def test_a_source_written_as_a_structure_has_its_name() -> None:
    assert (
        of({"text": STORY, "source": "{'id': None, 'name': 'The Ellery Gazette'}"}).outlet_name == "The Ellery Gazette"
    )


def test_a_text_written_as_a_list_is_its_paragraphs() -> None:
    assert of({"text": "['One paragraph.', 'And another.']"}).content == "One paragraph.\n\nAnd another."
    assert of({"text": "[AP] Talks end."}).content == "[AP] Talks end."


@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20), min_size=1, max_size=5)
)
def test_what_python_writes_is_read_back(items: list[str]) -> None:
    assert listed(repr(items), "authors") == items
    assert listed(json.dumps(items), "authors") == items
