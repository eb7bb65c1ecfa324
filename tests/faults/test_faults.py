"""A few faults of each kind: what came out whole, or was told and mended. `make test-faults` provokes hundreds."""

import pytest
from outlets import serving

from faults.__main__ import KINDS
from faults.command import Starter
from faults.disk import Unmountable
from faults.ground import Ground, Trial
from faults.inputs import HOSTS

SEED = 1
SOME = {"kill": (0, 2), "disk": (5,), "parts": (0,), "commits": (0, 1), "index": (0,), "catalog": (0, 1)}
SOME |= {"harm": (0, 1, 2, 3, 4)}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    with serving(HOSTS) as outlets, Starter() as starter:
        yield Ground(tmp_path_factory.mktemp("faults") / "ground", outlets, starter), starter


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind in SOME for number in SOME[kind]])
def test_the_lake_is_whole_or_told_and_mended(ground, kind, number):
    trial = Trial(ground[0], kind, number, SEED, ground[1])
    try:
        KINDS[kind](trial)
    except Unmountable as error:
        pytest.skip(str(error))
    except Exception as error:
        pytest.fail("\n".join([str(error), *trial.told]))
