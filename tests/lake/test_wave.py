from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lakes import SEEDS, contents, query

from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.schemas.elements import Unit
from wirecopy.transforms.commit.wave import commit_wave
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.read import plan
from wirecopy.transforms.sealing.seal import seal


@pytest.fixture
def wave(tmp_path):
    """A run that has sealed the seeds into two folders, and a function that commits some of them."""
    options = WaveOptions(tmp_path / "lake", new_run("ingest"))
    units = [one for one in plan([str(path) for path in SEEDS]) if isinstance(one, Unit)]
    with join(options.staging):
        sealed = [seal(units[:2], options.staging), seal(units[2:], options.staging)]
        yield sealed, lambda some: commit_wave(options.lake, options.staging, options.run, some)


def test_what_is_committed_takes_no_more_room_and_may_come_again(wave, tmp_path):
    sealed, commit = wave
    assert commit(sealed[:1]).articles == 2
    assert [Path(one.folder).exists() for one in sealed] == [False, True]
    assert commit(sealed).articles == 3
    assert commit(sealed).number == 0
    assert query(tmp_path / "lake", "SELECT count(*) FROM articles") == [(5,)]


def test_what_is_gone_before_it_is_committed_is_sealed_again(wave, tmp_path, seed_lake):
    """As where a job of an engine is restored after another run swept its folder."""
    sealed, commit = wave
    shutil.rmtree(sealed[0].folder)
    assert commit(sealed).articles == 5
    assert contents(tmp_path / "lake") == contents(seed_lake)


def test_what_is_gone_with_its_input_stays_open(wave, tmp_path):
    sealed, commit = wave
    moved = [one._replace(path=str(tmp_path / "gone.txt")) for one in sealed[0].units]
    shutil.rmtree(sealed[0].folder)
    committed = commit([sealed[0]._replace(units=tuple(moved)), sealed[1]])
    assert (committed.articles, committed.units, committed.failed) == (3, 3, 2)
    assert not {one.unit_id for one in moved} & open_snapshot(tmp_path / "lake").units.all()
