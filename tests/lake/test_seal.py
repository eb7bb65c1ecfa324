"""Sealing: what a unit gives stands in one folder, and no unit can fill the lake with rejects."""

import json
from pathlib import Path

from worktasks import trapped

from wirecopy.schemas.elements import Unit
from wirecopy.transforms.read import plan
from wirecopy.transforms.read.isolated import Reader
from wirecopy.transforms.sealing.seal import MAX_REJECTS, open_sealed, seal


def test_rejects_beyond_a_bound_are_counted_by_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One is kept."}\n' + "{}\n" * (MAX_REJECTS + 5) + "[\n" * 3)
    units = [unit for unit in plan([str(path)]) if isinstance(unit, Unit)]
    content = open_sealed([seal(units, tmp_path / "staging")])
    rejects = content.rejects.to_pylist()
    assert content.articles.num_rows == 1 and len(rejects) == MAX_REJECTS + 2
    assert [(each["reason"], each["error"].partition(",")[0]) for each in rejects[-2:]] == [
        ("no text", "and 5 more of the unit"),
        ("malformed", "and 3 more of the unit"),
    ]


def test_a_unit_that_hangs_its_reader_is_a_reject_and_the_others_are_whole(tmp_path: Path) -> None:
    for name, text in (("a", "One is kept."), ("b", "spin"), ("c", "Three is kept.")):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"text": text}) + "\n")
    units = [unit for unit in plan([str(tmp_path)]) if isinstance(unit, Unit)]
    with Reader(deadline_s=0.5, read=trapped) as reader:
        sealed = seal(units, tmp_path / "staging", read=reader.portions)
    content = open_sealed([sealed])
    assert content.articles["text"].to_pylist() == ["One is kept.", "Three is kept."]
    assert [(each["stage"], each["reason"]) for each in content.rejects.to_pylist()] == [("read", "timeout")]
    assert len(content.units) == 3 and not sealed.failed


def test_what_is_sealed_twice_is_one_folder_and_what_failed_tells_folders_apart(tmp_path: Path) -> None:
    """Else a folder that lacks a unit might stand for one that has it, and the unit be committed without its rows."""
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"text": f"This is {name}."}) + "\n")
    units = [unit for unit in plan([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]) if isinstance(unit, Unit)]
    whole = seal(units, tmp_path / "staging")
    assert seal(units, tmp_path / "staging") == whole
    (tmp_path / "b.jsonl").unlink()
    less = seal(units, tmp_path / "staging")
    assert less.folder != whole.folder and [unit_id for unit_id, _ in less.failed] == [units[1].unit_id]
    assert len(open_sealed([whole]).articles) == 2 and len(open_sealed([less]).articles) == 1
    assert len(open_sealed([less, whole]).articles) == 2
    assert sorted(path.name for path in (tmp_path / "staging").iterdir()) == sorted(
        Path(one.folder).name for one in (whole, less)
    )
