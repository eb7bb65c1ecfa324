"""Lakes to look at."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from lakes import SEEDS, ingest

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell has it for what it runs beside; children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


HEAVY = {"subprocess", "forked", "Starter", "commit", "ingest", "die_at", "killed_at_each_step", "TestPipeline"}
"""What a test file has where its tests start commands and pipelines or make lakes."""
LAKES = {"seed_lake", "lake_copy"}


def pytest_collection_modifyitems(items):
    """Mark as slow the tests of files that start commands and pipelines or make lakes.

    What takes longest comes first, so that nobody waits for it at the end.
    """
    for item in items:
        if HEAVY & vars(item.module).keys() or LAKES & set(item.fixturenames):
            item.add_marker("slow")
    items.sort(key=lambda item: item.path.name != "test_dockerfile.py")


def pytest_sessionfinish(session):
    """Save what was measured: a worker of xdist may be ended before it does so by itself."""
    coverage = sys.modules.get("coverage")
    if coverage and hasattr(session.config, "workerinput") and (measured := coverage.Coverage.current()):
        measured.stop()
        measured.save()


GIVEN = {name: os.environ.get(name) for name in ("TMPDIR", "WIRECOPY_SYSTEM_TMPDIR")}
CHOSEN = tempfile.tempdir


@pytest.fixture(autouse=True)
def temporary_folder():
    """Commands that run in this process choose a temporary folder of their own, which ends with the test."""
    yield
    tempfile.tempdir = CHOSEN
    for name, value in GIVEN.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def seed_lake(tmp_path_factory):
    """A lake of the five seed documents. Not to be written to."""
    lake = tmp_path_factory.mktemp("seeds") / "lake"
    ingest(lake, *SEEDS)
    return lake


@pytest.fixture
def lake_copy(seed_lake, tmp_path):
    """A lake of the five seed documents to write to."""
    return Path(shutil.copytree(seed_lake, tmp_path / "lake"))
