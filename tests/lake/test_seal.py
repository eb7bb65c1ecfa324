"""Sealing: what a unit gives stands in one folder, and no unit can fill the lake with rejects."""

from pathlib import Path

from schemas.elements import Unit
from transforms.lake.seal import MAX_REJECTS, open_sealed, seal
from transforms.read import plan


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
