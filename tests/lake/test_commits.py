"""Commits: numbered without gaps, created exclusively, and adding up to what was published."""

import json
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tables import TABLES
from transforms.lake import commits
from transforms.lake.commits import Commit, Part, open_snapshot, read_commit, write_commit
from transforms.lake.files import LakeError
from transforms.lake.parts import publish_parts, read_parts, stage_parts

REJECTS = TABLES["rejects"]
RUN = bytes(16)


def rejects(n, doc_ref="a.txt"):
    rows = [
        {
            "stage": "read",
            "reason": "empty",
            "error": "nothing in it",
            "doc_ref": f"{doc_ref}#{i}",
            "unit_id": RUN,
            "url": None,
            "payload_sha256": None,
            "retryable": False,
            "first_at": 0,
            "run_id": RUN,
        }
        for i in range(n)
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS.schema)


def commit(root: Path, number: int, units=(), added=None, removed=None) -> bool:
    staging = root / "_staging" / "run"
    staging.mkdir(parents=True, exist_ok=True)
    (root / "_commits").mkdir(exist_ok=True)
    return write_commit(
        root,
        staging,
        Commit(number, number - 1, "0" * 32, "2022-02-14T00:00:00Z", tuple(units), added or {}, removed=removed or {}),
    )


def add(root: Path, number: int, rows: pa.Table) -> tuple[Part, ...]:
    staging = root / "_staging" / "run"
    parts = stage_parts(REJECTS, rows, staging, f"wave{number}")
    publish_parts(root, staging, parts)
    assert commit(root, number, [f"unit{number}"], {"rejects": tuple(parts)})
    return tuple(parts)


def test_an_empty_or_missing_folder_is_a_lake_with_no_commit(tmp_path):
    assert open_snapshot(tmp_path).number == 0
    assert open_snapshot(tmp_path / "not yet").number == 0


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(LakeError, match="not a lake"):
        open_snapshot(tmp_path)


def test_a_snapshot_holds_the_rows_of_all_commits_and_any_earlier_one_can_be_opened(tmp_path):
    for number in (1, 2, 3):
        add(tmp_path, number, rejects(number, f"{number}.txt"))
    now = open_snapshot(tmp_path)
    assert (now.number, now.rows("rejects"), now.units) == (3, 6, {"unit1", "unit2", "unit3"})
    assert read_parts(tmp_path, now.parts["rejects"], REJECTS.schema).num_rows == 6
    assert open_snapshot(tmp_path, 1).rows("rejects") == 1
    with pytest.raises(LakeError, match="no commit 4"):
        open_snapshot(tmp_path, 4)


def test_removed_parts_are_gone_from_later_snapshots_only(tmp_path):
    first = add(tmp_path, 1, rejects(1))
    commit(tmp_path, 2, removed={"rejects": (first[0].path,)})
    assert open_snapshot(tmp_path).rows("rejects") == 0
    assert open_snapshot(tmp_path, 1).rows("rejects") == 1


def test_a_number_is_taken_once_however_many_writers_want_it(tmp_path):
    won = []
    writers = [threading.Thread(target=lambda i=i: won.append((commit_from(tmp_path, i), i))) for i in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sum(took for took, _ in won) == 1
    winner = next(i for took, i in won if took)
    assert read_commit(tmp_path, 1).units == (f"writer{winner}",)


def commit_from(root, i):
    staging = root / "_staging" / f"run{i}"
    staging.mkdir(parents=True)
    (root / "_commits").mkdir(exist_ok=True)
    return write_commit(root, staging, Commit(1, 0, f"{i:032x}", "2022-02-14T00:00:00Z", (f"writer{i}",), {}))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=20), st.integers(1, 5))
def test_checkpoints_change_nothing(tmp_path_factory, steps, every):
    """With a checkpoint after each few commits a lake opens to the same snapshot as with none."""
    root = tmp_path_factory.mktemp("lake")
    previous = commits.CHECKPOINT_EVERY
    live = {}
    try:
        commits.CHECKPOINT_EVERY = every
        for number, (remove, pick) in enumerate(steps, 1):
            if remove and live:
                path = sorted(live)[pick % len(live)]
                del live[path]
                commit(root, number, removed={"rejects": (path,)})
            else:
                part = Part(f"rejects/part-{number}.parquet", number, 1)
                live[part.path] = part
                commit(root, number, [f"u{number}"], {"rejects": (part,)})
        opened = open_snapshot(root)
    finally:
        commits.CHECKPOINT_EVERY = previous
    assert set(opened.parts["rejects"]) == set(live.values())
    (root / "_commits" / "LATEST").unlink(missing_ok=True)
    for checkpoint in (root / "_commits").glob("*.checkpoint.json"):
        checkpoint.unlink()
    if steps:
        again = open_snapshot(root)
        assert (set(again.parts["rejects"]), again.units) == (set(opened.parts["rejects"]), opened.units)


@pytest.mark.parametrize("broken", [b"", b"{", b'{"format": 99}'])
def test_a_broken_commit_is_named_not_skipped(tmp_path, broken):
    add(tmp_path, 1, rejects(1))
    path = tmp_path / "_commits" / "00000001.json"
    path.write_bytes(broken)
    with pytest.raises(LakeError, match=r"00000001\.json"):
        open_snapshot(tmp_path)


def test_a_missing_commit_is_named(tmp_path):
    for number in (1, 2, 3):
        add(tmp_path, number, rejects(1, f"{number}"))
    (tmp_path / "_commits" / "00000002.json").unlink()
    with pytest.raises(LakeError, match=r"00000002\.json"):
        open_snapshot(tmp_path)


def test_a_lost_or_stale_hint_costs_nothing(tmp_path):
    for number in (1, 2, 3):
        add(tmp_path, number, rejects(1, f"{number}"))
    hint = tmp_path / "_commits" / "LATEST"
    hint.write_text("1")
    assert open_snapshot(tmp_path).number == 3
    hint.unlink()
    assert open_snapshot(tmp_path).number == 3


def test_the_record_is_plain_json_with_row_counts(tmp_path):
    add(tmp_path, 1, rejects(7))
    record = json.loads((tmp_path / "_commits" / "00000001.json").read_text())
    assert record["commit"] == 1
    assert record["added"]["rejects"][0]["rows"] == 7
    assert record["added"]["rejects"][0]["path"].startswith("rejects/part-wave1-")
