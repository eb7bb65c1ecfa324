"""Reading in a process of its own: the same as ever, and only what hangs or dies is lost."""

import json
import os
import signal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from worktasks import trapped

from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.read import plan
from wirecopy.transforms.read.isolated import Reader
from wirecopy.transforms.read.portions import portions


def units_of(folder: Path, **files: list[str]) -> list[Unit]:
    for name, texts in files.items():
        lines = [json.dumps({"text": text}) if text else "[]" for text in texts]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return [unit for unit in plan([str(folder)]) if isinstance(unit, Unit)]


def read_by(reader: Reader, units: list[Unit]) -> list[list[object]]:
    """What came of each unit: texts, reasons of rejects with their place, and I/O errors."""
    found: dict[str, list[object]] = {unit.unit_id: [] for unit in units}
    for portion in reader.portions(units):
        for document in portion.documents:
            found[document.unit_id].append(document.content)
        for each in portion.others:
            if isinstance(each, Reject):
                found[each.unit_id].append((each.reason, each.doc_ref.rpartition("/")[2]))
        if portion.error:
            found[units[portion.unit].unit_id].append(portion.error)
    return list(found.values())


def test_it_gives_what_reading_here_gives(tmp_path: Path) -> None:
    units = units_of(tmp_path, a=[f"text {i}" for i in range(1_700)], b=["", "one"], c=["two", ""])
    with Reader() as reader:
        for _ in range(2):
            away = [portion._replace(documents=list(portion.documents)) for portion in reader.portions(units)]
            assert away == list(portions(units))


@pytest.mark.parametrize(
    ("bad", "reason"), [("hang", "timeout"), ("spin", "timeout"), ("die", "crash"), ("grow", "crash")]
)
def test_what_comes_before_is_kept_and_other_units_go_on(tmp_path: Path, bad: str, reason: str) -> None:
    units = units_of(tmp_path, a=["one", ""], b=["two", "", "three", bad, "four"], c=["five"], d=[bad], e=["six"])
    with Reader(deadline_s=0.5, stalled_s=6, read=trapped) as reader:
        found = read_by(reader, units)
    assert found == [
        ["one", ("malformed", "a.jsonl#2")],
        ["two", ("malformed", "b.jsonl#2"), "three", (reason, "b.jsonl")],
        ["five"],
        [(reason, "d.jsonl")],
        ["six"],
    ]


def test_addresses_that_libraries_reserve_are_not_taken_for_memory(tmp_path: Path) -> None:
    """Arrow reserves a gigabyte with its first buffer."""
    texts = [f"{i} " + "word " * 50_000 for i in range(200)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    units = [unit for unit in plan([str(tmp_path)]) if isinstance(unit, Unit)]
    with Reader() as reader:
        assert [text for found in read_by(reader, units) for text in found] == texts


def test_it_says_what_was_cut_off_and_where(tmp_path: Path) -> None:
    (unit,) = units_of(tmp_path, a=["one", "spin", "two"])
    with Reader(deadline_s=0.4, read=trapped) as reader:
        *_, last = reader.portions([unit])
    (reject,) = last.others
    assert isinstance(reject, Reject) and reject.unit_id == unit.unit_id
    assert reject.error == (
        "reading took more than 0.4 s at element 2 of the unit; what stands behind it there is not read"
    )


def test_a_reader_killed_from_outside_loses_nothing(tmp_path: Path) -> None:
    units = units_of(tmp_path, a=["one", ""], b=["slow", "two"], c=["three"])
    with Reader(read=trapped) as reader:
        found = reader.portions(units)
        first = next(found)
        os.kill(reader._process.process.pid or 0, signal.SIGKILL)
        rest = [document.content for portion in found for document in portion.documents]
        assert [document.content for document in first.documents] == ["one"] and rest == ["slow", "two", "three"]
        assert read_by(reader, units) == [["one", ("malformed", "a.jsonl#2")], ["slow", "two"], ["three"]]


def test_small_units_share_a_portion_unless_more_is_to_be_said_of_one(tmp_path: Path) -> None:
    units = units_of(tmp_path, a=["one"], b=["two", "three"], c=["four", ""], d=["five"], e=["six"], f=["seven"])
    (tmp_path / "e.jsonl").unlink()
    found = list(portions(units))
    assert [(each.unit, each.units, len(each.documents)) for each in found] == [
        (0, 2, 3),
        (2, 1, 1),
        (3, 1, 1),
        (4, 1, 0),
        (5, 1, 1),
    ]
    assert [len(each.documents) for each in portions(units, most=2)] == [1, 2, 1, 1, 0, 1]


def test_an_io_error_is_no_reject(tmp_path: Path) -> None:
    units = units_of(tmp_path, a=["one"], b=["two"])
    (tmp_path / "a.jsonl").unlink()
    with Reader() as reader:
        (error,), texts = read_by(reader, units)
    assert "a.jsonl" in str(error) and texts == ["two"]


def test_a_file_that_became_a_pipe_stays_open(tmp_path: Path) -> None:
    (unit,) = units_of(tmp_path, a=["one"])
    (tmp_path / "a.jsonl").unlink()
    os.mkfifo(tmp_path / "a.jsonl")
    with Reader() as reader:
        [[error]] = read_by(reader, [unit])
    assert "no file but a folder, pipe or device" in str(error)
