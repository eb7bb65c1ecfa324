"""The folder of runs: only what runs of ours left is swept, and nothing outside the lake is ever touched."""

import os
import shutil
import time
from pathlib import Path

import pytest
from lakes import SEEDS, commit
from typer.testing import CliRunner

from wirecopy.pipelines.cli import app
from wirecopy.transforms.lake import staging
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.staging import DEAD_S, join, sweep

DEAD = "d" * 32


def wirecopy(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def outside(tmp_path):
    """A folder of somebody else's, which has what a dead run would have."""
    folder = tmp_path / "outside" / DEAD
    (folder / "parts" / "texts").mkdir(parents=True)
    (folder / "alive").touch()
    (folder / "parts" / "texts" / "part-1.parquet").write_text("mine")
    return folder.parent


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))


@pytest.mark.parametrize("name", ["_staging", "_commits", "index", "texts", "runs"])
def test_a_folder_of_the_lake_that_is_a_link_is_refused_and_what_it_leads_to_stays(lake_copy, outside, tmp_path, name):
    before = files(outside)
    shutil.rmtree(lake_copy / name, ignore_errors=True)
    (lake_copy / name).symlink_to(outside)
    for arguments in (["ingest", SEEDS[0]], ["compact"], ["doctor"], ["reindex"], ["doctor", "--mend"]):
        shown = wirecopy(*arguments, "--lake", lake_copy)
        assert shown.exit_code == 1 and f"{lake_copy / name} is a symbolic link" in shown.stderr, arguments
    assert files(outside) == before


def test_links_in_the_folder_of_runs_are_never_followed(lake_copy, outside):
    before = files(outside)
    runs = lake_copy / "_staging"
    runs.mkdir(exist_ok=True)
    (runs / ("a" * 32)).symlink_to(outside / DEAD)
    (runs / ("b" * 32)).mkdir()
    (runs / ("b" * 32) / "alive").symlink_to(outside / DEAD / "alive")
    (runs / ("c" * 32)).mkdir()
    (runs / ("c" * 32) / "alive").touch()
    (runs / ("c" * 32) / "parts").symlink_to(outside / DEAD / "parts")
    sweep(lake_copy)
    assert files(outside) == before
    assert not (runs / ("c" * 32)).exists()


def test_only_folders_of_runs_are_swept(lake_copy):
    staging = lake_copy / "_staging"
    for name in ("notes", "e" * 32, DEAD):
        (staging / name / "parts").mkdir(parents=True)
        (staging / name / "kept.txt").write_text("mine")
    (staging / DEAD / "alive").touch()
    sweep(lake_copy)
    assert sorted(path.name for path in staging.iterdir()) == ["e" * 32, "notes"]


def test_a_dead_runs_uncommitted_parts_go_and_live_ones_stay(lake_copy):
    live = open_snapshot(lake_copy).parts["texts"][0].path
    stray = "texts/part-of-a-dead-run.parquet"
    shutil.copy(lake_copy / live, lake_copy / stray)
    parts = lake_copy / "_staging" / DEAD / "parts"
    for path in (live, stray):
        (parts / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(lake_copy / path, parts / path)
    (parts.parent / "alive").touch()
    sweep(lake_copy)
    assert (lake_copy / live).exists() and not (lake_copy / stray).exists() and not parts.parent.exists()


@pytest.mark.parametrize("what", ["part", "month"])
def test_a_part_or_month_that_is_a_link_is_refused(tmp_path, what):
    lake = tmp_path / "lake"
    commit(lake, SEEDS[1])
    path = lake / open_snapshot(lake).parts["texts"][0].path
    place = path if what == "part" else path.parent
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    before = files(tmp_path / "elsewhere")
    with pytest.raises(LakeError, match="symbolic link"):
        commit(lake, SEEDS[0], SEEDS[2], SEEDS[3], SEEDS[4])
    for arguments in (["doctor"], ["reindex"], ["doctor", "--mend"]):
        shown = wirecopy(*arguments, "--lake", lake)
        assert shown.exit_code == 1 and f"{place} is a symbolic link" in shown.stderr, arguments
    assert files(tmp_path / "elsewhere") == before


def test_a_run_that_another_machine_works_on_is_left_alone_until_it_is_silent_for_long(lake_copy):
    """No lock of a file tells of a worker elsewhere, where the file system has none that hold across machines."""
    run = lake_copy / "_staging" / DEAD
    run.mkdir(parents=True)
    (run / "alive").touch()
    sign = run / f"alive-{'0' * 16}"
    sign.touch()
    sweep(lake_copy)
    assert run.exists()
    long_ago = sign.stat().st_mtime - DEAD_S - 1
    os.utime(sign, (long_ago, long_ago))
    sweep(lake_copy)
    assert not run.exists()


def test_a_run_that_ended_on_this_machine_is_swept_at_once(lake_copy):
    run = lake_copy / "_staging" / DEAD
    with join(run):
        sweep(lake_copy)
        assert run.exists()
    sweep(lake_copy)
    assert not run.exists()


def test_a_run_that_is_held_goes_on_giving_signs_of_life(lake_copy, monkeypatch):
    monkeypatch.setattr(staging, "BEAT_S", 0.01)
    run = lake_copy / "_staging" / DEAD
    with join(run):
        [sign] = run.glob("alive-*")
        os.utime(sign, (0, 0))
        while sign.stat().st_mtime == 0:
            time.sleep(0.01)


def test_parts_that_a_dead_commit_published_are_swept_with_it(lake_copy):
    """What a commit stages lies in a folder of its own in its run's."""
    part = Path("texts") / f"part-{'0' * 12}-{'1' * 32}.parquet"
    staged = lake_copy / "_staging" / DEAD / ("a" * 32) / "parts" / part
    staged.parent.mkdir(parents=True)
    (lake_copy / "_staging" / DEAD / "alive").touch()
    staged.write_text("never committed")
    os.link(staged, lake_copy / part)
    sweep(lake_copy)
    assert not (lake_copy / part).exists() and not (lake_copy / "_staging" / DEAD).exists()
