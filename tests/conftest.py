"""Lakes to look at."""

import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from lakes import SEEDS, ingest

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell has it for what it runs beside; children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
