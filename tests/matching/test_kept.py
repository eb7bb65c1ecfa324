from __future__ import annotations

import numpy as np
import pytest

from wirecopy.transforms import kernels
from wirecopy.transforms.disk_cache import kept


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_what_one_process_made_the_next_maps_and_makes_not_again():
    made = []

    def squares(n):
        made.append(n)
        return {"of": n}, np.arange(n, dtype=np.int64) ** 2, np.arange(5, dtype=np.uint8)

    kept()(squares)(1000)
    said, large, small = kept()(squares)(1000)
    assert made == [1000]
    assert said == {"of": 1000}
    assert large.tolist() == [i * i for i in range(1000)] and small.tolist() == [0, 1, 2, 3, 4]
    assert not large.flags.owndata and not large.flags.writeable


def test_other_arguments_get_their_own_and_none_is_a_language_too():
    def named(language):
        return f"of {language}"

    assert [kept()(named)(each) for each in ("en", None, "None", "en")] == ["of en", "of None", "of None", "of en"]


def test_a_damaged_file_is_made_again(folder):
    def table():
        return np.arange(10_000)

    kept()(table)()
    [file] = folder.iterdir()
    whole = file.read_bytes()
    for damaged in (b"", whole[:100], b"x" * len(whole), whole[:-100]):
        file.write_bytes(damaged)
        assert kept()(table)().tolist() == list(range(10_000))
        assert file.read_bytes() == whole


def test_nothing_is_kept_of_what_the_code_before_made(folder):
    def table():
        return np.zeros(10)

    kept()(table)()
    [file] = folder.iterdir()
    old = file.rename(file.with_name(file.name.rpartition("-")[0] + "-" + "0" * 32 + ".kept"))
    kept()(table)()
    assert not old.exists()
    assert [each.name for each in folder.iterdir()] == [file.name]


def test_a_folder_that_cannot_be_written_costs_time_only(folder, monkeypatch):
    monkeypatch.setattr(kernels, "cache_folder", lambda: folder / "missing")
    assert kept()(lambda: [1, 2])() == [1, 2]
    assert not any(folder.iterdir())
