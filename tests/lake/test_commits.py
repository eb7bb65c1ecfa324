"""Commits: numbered without gaps, created exclusively, and adding up to what was published."""

import json
import shutil
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake import commits
from wirecopy.transforms.lake.commits import (
    Commit,
    Part,
    broken_checkpoints,
    broken_commits,
    commit_identity,
    open_snapshot,
    read_commit,
    write_commit,
)
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.parts import publish_parts, read_parts, stage_parts

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


def unit(number):
    return f"{number:032x}"


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
    assert commit(root, number, [unit(number)], {"rejects": tuple(parts)})
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
    assert (now.number, now.rows("rejects"), now.units.all()) == (3, 6, {unit(1), unit(2), unit(3)})
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
    assert read_commit(tmp_path, 1).units == (unit(winner),)


def commit_from(root, i):
    staging = root / "_staging" / f"run{i}"
    staging.mkdir(parents=True)
    (root / "_commits").mkdir(exist_ok=True)
    return write_commit(root, staging, Commit(1, 0, f"{i:032x}", "2022-02-14T00:00:00Z", (unit(i),), {}))


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
                commit(root, number, [unit(number)], {"rejects": (part,)})
        opened = open_snapshot(root)
    finally:
        commits.CHECKPOINT_EVERY = previous
    assert set(opened.parts["rejects"]) == set(live.values())
    (root / "_commits" / "LATEST").unlink(missing_ok=True)
    for checkpoint in (root / "_commits").glob("*.checkpoint.json"):
        checkpoint.unlink()
    if steps:
        again = open_snapshot(root)
        assert (set(again.parts["rejects"]), again.units.all()) == (set(opened.parts["rejects"]), opened.units.all())


@pytest.mark.parametrize(
    "broken",
    [
        *(b"", b"{", b"{}", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000),
        *(b'{"format": 1}', b'{"format": 2}', b'{"format": 99}', b'{"format": "2"}', b'{"format": true}'),
    ],
)
def test_a_broken_commit_is_named_not_skipped(tmp_path, broken):
    add(tmp_path, 1, rejects(1))
    path = tmp_path / "_commits" / "00000001.json"
    path.write_bytes(broken)
    with pytest.raises(LakeError, match=r"00000001\.json"):
        open_snapshot(tmp_path)


STRANGE = [None, True, 1, -1, 1.5, "x", [], {}, [None], {"x": 1}, {"rejects": 1}, {"rejects": [1]}, {"stories": ["x"]}]


def test_whatever_stands_in_a_commit_is_an_error_that_names_it_or_a_commit(tmp_path):
    add(tmp_path, 1, rejects(1))
    path = tmp_path / "_commits" / "00000001.json"
    whole = json.loads(path.read_bytes())
    refused = 0
    for name in set(whole) - {"checksum", "parent", "format"}:
        for value in STRANGE:
            path.write_text(json.dumps(_with(whole, name, value)))
            try:
                read_commit(tmp_path, 1)
            except LakeError as error:
                refused += 1
                assert "00000001.json" in str(error)
    assert refused > 100


def _with(whole, name, value):
    record = {key: one for key, one in whole.items() if key not in ("checksum", "parent")}
    return record | {"format": 1, name: value}


@pytest.mark.parametrize(
    "path",
    [
        *("../../x.parquet", "/etc/x.parquet", "rejects/../../x.parquet", "rejects\\..\\x.parquet", "rejects/x.txt"),
        *(
            "articles/x.parquet",
            "rejects/x.parquet\n",
            "rejects/./x.parquet",
            "rejects/.x.parquet",
            "rejects//x.parquet",
        ),
        *("rejects/month=../x.parquet", "_commits/x.parquet", "", "rejects", "rejects/x.parquet\nrejects/y.parquet"),
    ],
)
def test_a_commit_names_parts_in_the_folders_of_its_tables_only(tmp_path, path):
    add(tmp_path, 1, rejects(1))
    file = tmp_path / "_commits" / "00000001.json"
    whole = json.loads(file.read_bytes())
    for name, value in (("added", [{"path": path, "rows": 1, "bytes": 1}]), ("removed", [path])):
        file.write_text(json.dumps(_with(whole, name, {"rejects": value})))
        with pytest.raises(LakeError, match=r"00000001\.json is damaged"):
            open_snapshot(tmp_path)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_flipped_bit_of_any_commit_is_told(tmp_path_factory, data):
    root = _three_commits(tmp_path_factory)
    number = data.draw(st.integers(1, 3))
    path = root / "_commits" / f"{number:08d}.json"
    whole = path.read_bytes()
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        path.write_bytes(flipped)
        with pytest.raises(LakeError, match=path.name):
            open_snapshot(root)
        assert list(broken_commits(root)) == [number]
    finally:
        path.write_bytes(whole)
    assert open_snapshot(root).number == 3 and not broken_commits(root)


_made = []


def _three_commits(tmp_path_factory):
    if not _made:
        root = tmp_path_factory.mktemp("three")
        for number in (1, 2, 3):
            add(root, number, rejects(1, f"{number}"))
        _made.append(root)
    return _made[0]


def test_each_commit_names_the_one_before_by_the_digest_of_its_bytes(tmp_path):
    for number in (1, 2):
        add(tmp_path, number, rejects(1, f"{number}"))
    first = (tmp_path / "_commits" / "00000001.json").read_bytes()
    assert commit_identity(tmp_path, 1) == blake3(first).hexdigest(16)
    assert json.loads((tmp_path / "_commits" / "00000002.json").read_bytes())["parent"] == commit_identity(tmp_path, 1)
    assert open_snapshot(tmp_path).identity == commit_identity(tmp_path, 2)
    assert open_snapshot(tmp_path, 0).identity == ""


def test_a_commit_of_another_history_is_told(tmp_path):
    for root in (tmp_path / "one", tmp_path / "other"):
        for number in (1, 2, 3):
            add(root, number, rejects(1, f"{root.name} {number}"))
    shutil.copy(tmp_path / "other" / "_commits" / "00000002.json", tmp_path / "one" / "_commits" / "00000002.json")
    with pytest.raises(LakeError, match=r"00000002\.json follows another commit 1"):
        open_snapshot(tmp_path / "one")


def test_a_damaged_checkpoint_is_passed_over_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(commits, "CHECKPOINT_EVERY", 2)
    for number in range(1, 6):
        add(tmp_path, number, rejects(1, f"{number}"))
    whole = open_snapshot(tmp_path)
    assert not broken_checkpoints(tmp_path)
    path = tmp_path / "_commits" / "00000004.checkpoint.json"
    for data in (b"", b"{}", path.read_bytes()[:-9], path.read_bytes().replace(b"part-wave1", b"part-wave9")):
        path.write_bytes(data)
        opened = open_snapshot(tmp_path)
        assert (opened.parts, opened.units.all(), opened.identity) == (whole.parts, whole.units.all(), whole.identity)
        assert broken_checkpoints(tmp_path) == ["_commits/00000004.checkpoint.json"]


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
    for garbage in (b"", b"x", b"-1", b"99", b"9" * 5000, b"\xff", b"3\n\n"):
        hint.write_bytes(garbage)
        assert open_snapshot(tmp_path).number == 3
    hint.unlink()
    assert open_snapshot(tmp_path).number == 3


def test_the_record_is_plain_json_with_row_counts(tmp_path):
    add(tmp_path, 1, rejects(7))
    record = json.loads((tmp_path / "_commits" / "00000001.json").read_text())
    assert record["commit"] == 1
    assert record["added"]["rejects"][0]["rows"] == 7
    assert record["added"]["rejects"][0]["path"].startswith("rejects/part-wave1-")
