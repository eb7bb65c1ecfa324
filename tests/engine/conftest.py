"""A cluster for the tests of this folder, which run where WIRECOPY_ENGINE names what `make engine` filled."""

import os
from pathlib import Path

import pytest

ENGINE = os.environ.get("WIRECOPY_ENGINE")

if ENGINE is None:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("engine")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A cluster of a JobManager and two TaskManagers. Where it does not come up the tests are skipped, and say so."""
    from cluster import SlowStartError, running

    try:
        with running(Path(ENGINE), tmp_path_factory.mktemp("flink"), 2) as started:
            yield started
    except SlowStartError as error:
        pytest.skip(f"no Flink cluster: {error}")
