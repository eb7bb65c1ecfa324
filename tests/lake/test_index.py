"""The index is a cache: whatever its files hold, the lake is right, and what is wrong with them is told in a line."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lakes import SEEDS, commit, contents, query, write_jsonl

from wirecopy.transforms.index import runs as module
from wirecopy.transforms.index.head import FORMAT, read_head, write_head
from wirecopy.transforms.index.manifest import checksum, measured, write_manifest
from wirecopy.transforms.index.runs import ALIKE, FILES, Ahead, indexed_commit, open_index, reindex, tidy, verify_index
from wirecopy.transforms.lake.commits import commit_identity, open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.matching.segments.segment import build

COMMAND = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()"]


def wirecopy(*arguments):
    shown = subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert "Traceback" not in shown.stderr
    return shown


def in_another_process(call, *arguments):
    """Call a function of this module, of two paths or less, in a process of its own."""
    script = f"import sys, test_index; test_index.{call}(*map(test_index.Path, sys.argv[1:]))"
    subprocess.run([sys.executable, "-c", script, *map(str, arguments)], env=with_tests(), check=True)


def with_tests():
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}


def build_anew(lake):
    reindex(open_snapshot(lake))


def records(*numbers):
    """Texts of which those with numbers that are alike by tens are copies."""
    for i in numbers:
        words = random.Random(i // 10).sample([f"w{k}" for k in range(2000)], 150)
        yield {"id": f"n{i}", "outlet": f"o{i}.example", "text": " ".join([f"Story{i}", *words]) + "."}


def some(tmp_path, *numbers):
    return write_jsonl(tmp_path / f"{'-'.join(map(str, numbers))}.jsonl", records(*numbers))


def opened_anew(lake):
    """The index as another process would open it."""
    module._mapped.clear()
    return open_index(open_snapshot(lake))


def rows_of(index):
    ids = [segment.ids[segment.live].tolist() for segment in index.segments]
    pairs = [pair for run in index.runs for pair in run.relations["pairs"].rows.to_pylist()]
    return sorted(one for some in ids for one in some), sorted(pairs, key=str)


def a_run(lake):
    return lake / "index" / read_head(lake).runs[0].name


def reseal(lake):
    """Give the files of a lake's index checksums that fit what they hold now."""
    head, folder = read_head(lake), lake / "index"
    runs = [
        replace(run, manifest=write_manifest(folder / run.name, measured(folder / run.name, FILES)))
        for run in head.runs
    ]
    write_head(lake, replace(head, runs=tuple(runs)))


def flip(path):
    data = bytearray(path.read_bytes())
    at = random.Random(path.name).randrange(len(data))
    data[at] ^= 1 << at % 8
    path.unlink()
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def grow(path):
    path.write_bytes(path.read_bytes() + b"\0")


def swap(path):
    run = path.parent if path.name != "HEAD.json" else path.parent.parent
    shutil.copy(run / "clusters.arrow", path)


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def link(path):
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


DAMAGES = [(flip, name) for name in (*FILES, "MANIFEST.json", "../HEAD.json")]
DAMAGES += [
    (damage, name)
    for damage in (cut, grow, Path.unlink, swap, pipe, link)
    for name in ("anchors.npy", "pairs.arrow", "MANIFEST.json", "../HEAD.json")
]


@pytest.mark.parametrize(("damage", "name"), DAMAGES)
def test_a_damaged_file_is_found_and_the_index_is_built_anew(lake_copy, caplog, damage, name):
    kept = rows_of(opened_anew(lake_copy))
    assert verify_index(open_snapshot(lake_copy)) == []
    damage(a_run(lake_copy) / name)
    found = verify_index(open_snapshot(lake_copy))
    assert (damage, name) == (Path.unlink, "../HEAD.json") or any(Path(name).name in one for one in found)
    assert rows_of(opened_anew(lake_copy)) == kept
    assert len(caplog.messages) == 1
    assert "built anew" in caplog.messages[0]
    assert verify_index(open_snapshot(lake_copy)) == []


def test_a_command_builds_a_damaged_index_anew_and_says_so_in_a_line(lake_copy, tmp_path):
    flip(a_run(lake_copy) / "vocabulary.npy")
    shown = wirecopy("ingest", some(tmp_path, 1), "--lake", lake_copy)
    assert shown.returncode == 0
    assert shown.stderr.count("built anew") == 1
    assert "vocabulary.npy is not what was written" in shown.stderr
    whole = tmp_path / "whole"
    commit(whole, *SEEDS, some(tmp_path, 1))
    assert contents(lake_copy) == contents(whole)


def sealed(body):
    body = body.removesuffix(b"\n}")
    return body + b',\n "checksum": "' + checksum(body).encode() + b'"\n}'


WRONG = [
    {"commit": "1"},
    {"commit": True},
    {"commit": -1},
    {"commit": 10**30},
    {"commit": None},
    {"identity": 5},
    {"runs": 5},
    {"runs": None},
    {"runs": {"name": "a"}},
    {"runs": ["a"]},
    {"runs": [{"name": "00000001-00000000"}]},
    {"runs": [{"name": "../..", "manifest": "0" * 64, "dead": []}]},
    {"runs": [{"name": "/", "manifest": "0" * 64, "dead": []}]},
    {"runs": [{"name": "00000001-00000000\n", "manifest": "0" * 64, "dead": []}]},
    {"runs": [{"name": "00000001-00000000", "manifest": "../x", "dead": []}]},
    {"runs": [{"name": "00000001-00000000", "manifest": "0" * 64, "dead": ["0"]}]},
    {"runs": [{"name": "00000001-00000000", "manifest": "0" * 64, "dead": "0" * 32}]},
    {"runs": [{"name": "00000001-00000000", "manifest": "0" * 64, "dead": []}]},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_head_of_the_wrong_shape_is_none(lake_copy, caplog, wrong):
    outside = lake_copy.parent / "outside"
    outside.mkdir()
    path = lake_copy / "index" / "HEAD.json"
    record = json.loads(path.read_bytes()) | wrong
    del record["checksum"]
    path.write_bytes(sealed(json.dumps(record, indent=1).encode()))
    opened_anew(lake_copy)
    assert [message for message in caplog.messages if "built anew" in message]
    assert outside.is_dir()
    assert lake_copy.is_dir() and query(lake_copy, "SELECT count(*) FROM articles") == [(5,)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        f'{{"format": {FORMAT}}}'.encode(),
        b'{"format": []}',
    ],
)
@pytest.mark.parametrize("seal", [bytes, sealed])
def test_a_head_of_garbage_is_none(lake_copy, caplog, data, seal):
    (lake_copy / "index" / "HEAD.json").write_bytes(seal(data))
    assert verify_index(open_snapshot(lake_copy))
    assert indexed_commit(open_snapshot(lake_copy)) is None
    assert opened_anew(lake_copy).commit == 1
    assert len(caplog.messages) == 1


def test_an_index_that_an_earlier_version_made_is_built_anew(lake_copy, caplog):
    old = {"format": 2, "model_id": "wordfreq", "commit": 1, "runs": [{"name": "00000001-00000000", "dead": []}]}
    (lake_copy / "index" / "HEAD.json").write_text(json.dumps(old))
    assert verify_index(open_snapshot(lake_copy)) == []
    assert opened_anew(lake_copy).commit == 1
    assert "this version" in caplog.text


def test_what_is_not_the_indexs_own_is_left_alone(lake_copy):
    folder, outside = lake_copy / "index", lake_copy.parent / "outside"
    outside.mkdir()
    for place in (outside, folder / "mine", folder / ".mine"):
        place.mkdir(exist_ok=True)
        (place / "file").touch()
    (folder / "00000009-00000000").symlink_to(outside)
    (folder / f".{'0' * 32}").symlink_to(outside)
    (folder / "00000001-00000001").mkdir()
    (folder / "spill-dead").mkdir()
    reindex(open_snapshot(lake_copy))
    tidy(lake_copy, wait=True)
    assert all((place / "file").exists() for place in (outside, folder / "mine", folder / ".mine"))
    assert not (folder / "00000001-00000001").exists()
    assert not (folder / "spill-dead").exists()


def test_an_index_that_is_a_link_is_refused(lake_copy, tmp_path):
    (lake_copy / "index").rename(tmp_path / "other")
    (lake_copy / "index").symlink_to(tmp_path / "other")
    before = sorted((tmp_path / "other").rglob("*"))
    shown = wirecopy("ingest", some(tmp_path, 1), "--lake", lake_copy)
    assert shown.returncode == 1
    assert "index is a symbolic link" in shown.stderr
    assert sorted((tmp_path / "other").rglob("*")) == before


def too_large(array):
    array[len(array) // 2] = -1 if array.dtype.kind == "i" else np.iinfo(array.dtype).max


def no_rows(array):
    return array[:0]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *(
            (name, too_large)
            for name in ("anchors.npy", "positions.npy", "bands.npy", "by_id.npy", "members.cluster_id.npy")
        ),
        *((name, no_rows) for name in ("vocabulary.npy", "positions.npy", "by_id.npy", "pairs.src_article_id.npy")),
        ("vocabulary.npy", lambda array: np.asfortranarray(array)),
        ("vocabulary.npy", lambda array: array[:, :3]),
        ("anchors.npy", lambda array: array.view(np.int64)),
        ("anchors.npy", lambda array: array[::-1]),
        ("anchors.npy", lambda array: array.byteswap().view(">u8")),
        ("anchors.npy", lambda array: np.array([None])),
    ],
)
def test_what_points_out_of_an_index_is_found_though_its_checksum_fits(lake_copy, caplog, name, change):
    kept = rows_of(opened_anew(lake_copy))
    path = a_run(lake_copy) / name
    array = np.load(path)
    changed = change(array)
    path.unlink()
    np.save(path, array if changed is None else changed)
    reseal(lake_copy)
    assert len(verify_index(open_snapshot(lake_copy))) == 1
    assert rows_of(opened_anew(lake_copy)) == kept
    assert len(caplog.messages) == 1


FUZZ = """
import faulthandler, random, sys
from pathlib import Path

faulthandler.enable()
import numpy as np
import pyarrow as pa
from test_index import a_run, module, opened_anew, read_head, reseal
from wirecopy.transforms.index import relations
from wirecopy.transforms.index.manifest import DamagedError
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import merge

lake, rng = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
new = opened_anew(lake).segments[0]
ids = pa.array(new.ids.tolist(), pa.binary(16))
found = passed = 0
for turn in range(int(sys.argv[3])):
    path = a_run(lake) / rng.choice(module.FILES)
    whole = path.read_bytes()
    data = bytearray(whole)
    kind = rng.randrange(4)
    at = rng.randrange(len(data))
    if kind == 0:
        for _ in range(rng.choice([1, 1, 8, 40])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        data[at : at + 8] = rng.randbytes(8)
    elif kind == 2:
        del data[at:]
    else:
        at -= at % 8
        data[at : at + 8] = rng.choice([b"\\xff" * 8, bytes(8), (1 << 31).to_bytes(8, "little")])
    path.unlink()
    path.write_bytes(data)
    reseal(lake)
    module._mapped.clear()
    try:
        index = module._opened(lake, read_head(lake))
        passed += 1
        match(new, index.segments)
        index.facts(ids)
        for name in relations.RELATIONS:
            index.find(name, ids)
        merge([new.without(ids.to_pylist()), *index.segments], lake / "index" / f"merged{turn}")
    except DamagedError:
        found += 1
    except Exception as error:
        print(turn, path.name, type(error).__name__, error)
    path.unlink()
    path.write_bytes(whole)
print(found, "found and", passed, "passed")
"""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.timeout(600)
def test_no_byte_of_an_index_ends_a_process_though_its_checksum_fits(tmp_path, seed):
    """Whatever stands in the files: it is told apart, or it does no harm to the process that reads it."""
    lake = tmp_path / "lake"
    commit(lake, *SEEDS, some(tmp_path, 1, 2, 3, 11, 12))
    shown = subprocess.run(
        [sys.executable, "-c", FUZZ, str(lake), str(seed), "300"],
        env=with_tests(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr[-2000:]
    found, passed = (int(word) for word in shown.stdout.split() if word.isdigit())
    assert found > 20 and passed > 20


@pytest.mark.parametrize("mended", [False, True])
def test_a_commit_that_took_the_number_of_a_lost_one_is_not_taken_for_it(tmp_path, mended):
    """A backup that lacks the newest commit: its number is given again, to another."""
    lake = tmp_path / "lake"
    for numbers in ((1, 11), (2, 12), (3, 13, 31)):
        commit(lake, some(tmp_path, *numbers))
    for name in ("00000003.json", "LATEST"):
        (lake / "_commits" / name).unlink()
    assert any("commit 3" in one for one in verify_index(open_snapshot(lake)))
    if mended:
        shown = wirecopy("doctor", "--mend", "--back-to", "2", "--lake", lake)
        assert shown.returncode == 0, shown.stderr
    shown = wirecopy("ingest", some(tmp_path, 4, 14, 32), "--lake", lake)
    assert shown.returncode == 0
    assert ("stands for a commit 3 that is not in the lake" in shown.stderr) == (not mended)
    for table in ("pairs", "passages"):
        for side in ("src_article_id", "dst_article_id"):
            lost = f"SELECT * FROM {table} p ANTI JOIN articles a ON a.article_id = p.{side}"
            assert query(lake, lost) == []
    whole = tmp_path / "whole"
    commit(whole, *(some(tmp_path, *numbers) for numbers in ((1, 11), (2, 12), (4, 14, 32))))
    assert contents(lake) == contents(whole)


def test_the_index_of_a_lost_commit_is_not_trusted_once_its_number_is_taken_again(tmp_path):
    lake, kept = tmp_path / "lake", tmp_path / "kept"
    commit(lake, some(tmp_path, 1))
    shutil.copytree(lake, kept)
    commit(lake, some(tmp_path, 2))
    commit(kept, some(tmp_path, 3))
    assert commit_identity(lake, 1) == commit_identity(kept, 1)
    assert commit_identity(lake, 2) != commit_identity(kept, 2)
    shutil.rmtree(kept / "index")
    shutil.copytree(lake / "index", kept / "index")
    assert verify_index(open_snapshot(kept))
    index = opened_anew(kept)
    assert {bytes(one) for segment in index.segments for one in segment.ids} == {
        row[0].bytes for row in query(kept, "SELECT article_id FROM articles")
    }


def test_an_index_that_is_ahead_says_so(tmp_path):
    lake = tmp_path / "lake"
    for i in (1, 2):
        commit(lake, some(tmp_path, i))
    with pytest.raises(Ahead):
        open_index(open_snapshot(lake, 1))


def test_an_index_of_a_commit_behind_a_gap_is_built_anew(tmp_path, caplog):
    """A stale hint and a missing commit: the lake ends before the gap, and nobody waits for what is behind it."""
    lake = tmp_path / "lake"
    for i in (1, 2, 3):
        commit(lake, some(tmp_path, i))
    (lake / "_commits" / "00000002.json").unlink()
    (lake / "_commits" / "LATEST").write_text("1")
    assert opened_anew(lake).commit == 1
    assert "does not reach" in caplog.text


def untidied(tmp_path, monkeypatch):
    """A lake with as many runs as are merged."""
    monkeypatch.setattr("wirecopy.transforms.commit.wave.tidy_beside", lambda root: None)
    for i in range(ALIKE):
        commit(tmp_path / "lake", some(tmp_path, i))
    return tmp_path / "lake"


def test_a_merge_outlives_another_writer_that_commits_while_it_ends(tmp_path, monkeypatch):
    """The other writer sweeps what no head names, just before the merged run is put in its place."""
    lake = untidied(tmp_path, monkeypatch)
    locked, times = module._locked, []

    @contextmanager
    def after_another(root):
        times.append(root)
        if len(times) == 2:
            in_another_process("commit", lake, some(tmp_path, 9))
        with locked(root):
            yield

    monkeypatch.setattr(module, "_locked", after_another)
    tidy(lake, wait=True)
    monkeypatch.setattr(module, "_locked", locked)
    assert [int(run.name[:8]) for run in read_head(lake).runs] == [ALIKE + 1, ALIKE]
    assert verify_index(open_snapshot(lake)) == []
    assert sum(map(len, opened_anew(lake).segments)) == ALIKE + 1


def test_a_merge_of_runs_that_are_gone_when_it_ends_leaves_nothing(tmp_path, monkeypatch):
    lake = untidied(tmp_path, monkeypatch)
    locked, times = module._locked, []

    @contextmanager
    def after_another(root):
        times.append(root)
        if len(times) == 2:
            in_another_process("build_anew", lake)
        with locked(root):
            yield

    monkeypatch.setattr(module, "_locked", after_another)
    tidy(lake, wait=True)
    monkeypatch.setattr(module, "_locked", locked)
    named = {run.name for run in read_head(lake).runs}
    assert {path.name for path in (lake / "index").iterdir() if path.is_dir()} == named


def test_a_run_that_was_damaged_since_it_was_mapped_is_not_merged(tmp_path, monkeypatch, caplog):
    lake = untidied(tmp_path, monkeypatch)
    kept = rows_of(open_index(open_snapshot(lake)))
    path = a_run(lake) / "positions.npy"
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    tidy(lake, wait=True)
    assert len(read_head(lake).runs) == ALIKE
    assert rows_of(open_index(open_snapshot(lake))) == kept
    assert "positions.npy is not what was written" in caplog.text


def state(lake):
    return {path: path.read_bytes() for path in (lake / "index").rglob("*") if path.is_file()}


@pytest.mark.parametrize("table", ["articles", "texts", "pairs"])
def test_a_reindex_that_lacks_a_part_says_which_and_leaves_the_old_index(lake_copy, table):
    part = lake_copy / open_snapshot(lake_copy).parts[table][0].path
    before = state(lake_copy)
    data = part.read_bytes()
    for damaged in (None, data[:100]):
        part.unlink()
        if damaged:
            part.write_bytes(damaged)
        shown = wirecopy("reindex", "--lake", lake_copy)
        assert shown.returncode == 1
        assert str(part) in shown.stderr and "wirecopy doctor" in shown.stderr
        assert state(lake_copy) == before
        part.write_bytes(data)
    assert indexed_commit(open_snapshot(lake_copy)) == 1


def test_a_damaged_index_that_cannot_be_built_anew_is_an_error(lake_copy, tmp_path):
    flip(a_run(lake_copy) / "anchors.npy")
    part = open_snapshot(lake_copy).parts["texts"][0].path
    (lake_copy / part).unlink()
    shown = wirecopy("ingest", some(tmp_path, 1), "--lake", lake_copy)
    assert shown.returncode == 1
    assert part in shown.stderr and "wirecopy doctor" in shown.stderr
    with pytest.raises(LakeError, match="missing"):
        opened_anew(lake_copy)
    assert open_snapshot(lake_copy).number == 1


@pytest.fixture
def small_disk(tmp_path):
    """A lake whose index stands on a disk of its own."""
    lake = tmp_path / "lake"
    commit(lake, *SEEDS)
    (lake / "index").rename(tmp_path / "index")
    (lake / "index").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(lake / "index")]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copytree(tmp_path / "index", lake / "index", dirs_exist_ok=True)
        yield lake
    finally:
        subprocess.run(["umount", "-l", str(lake / "index")], check=True)


def test_a_full_disk_of_the_index_alone_costs_no_commit_and_is_caught_up_with(small_disk, tmp_path):
    lake = small_disk
    filler = lake / "index" / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(4096))
    shown = wirecopy("ingest", some(tmp_path, 1, 2), "--lake", lake)
    assert shown.returncode == 0
    assert "commit 2 is in the lake, but not in its index" in shown.stderr
    assert "No space left on device" in shown.stderr and str(lake / "index") in shown.stderr
    assert open_snapshot(lake).number == 2
    shown = wirecopy("ingest", some(tmp_path, 3), "--lake", lake)
    assert shown.returncode == 1
    assert "No space left on device" in shown.stderr and str(lake / "index") in shown.stderr
    assert open_snapshot(lake).number == 2
    filler.unlink()
    assert wirecopy("ingest", some(tmp_path, 3), "--lake", lake).returncode == 0
    whole = tmp_path / "whole"
    commit(whole, *SEEDS, some(tmp_path, 1, 2), some(tmp_path, 3))
    assert contents(lake) == contents(whole)


def test_a_merge_on_a_full_disk_is_an_error_and_no_signal(small_disk, tmp_path):
    """What is merged goes through mapped files, of which a full disk would make a SIGBUS."""
    lake = small_disk
    script = f"""
import sys, numpy as np
from pathlib import Path
from wirecopy.transforms.matching.segments.lists import room_in
try:
    room_in(Path({str(lake / "index")!r}))(8 << 20, np.uint8)[:] = 1
except OSError as error:
    sys.exit(error.strerror)
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert shown.returncode != -signal.SIGBUS
    assert "No space left on device" in shown.stderr


def test_an_empty_lake_has_an_index_of_nothing(tmp_path, caplog):
    (tmp_path / "lake").mkdir()
    assert opened_anew(tmp_path / "lake").runs == ()
    assert caplog.messages == []
    assert len(build([])) == 0
