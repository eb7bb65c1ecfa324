"""Units as they come: a stream that commits as it goes gives the lake that one bounded run gives."""

import itertools
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.testing.test_stream import TestStream
from apache_beam.testing.util import assert_that
from apache_beam.transforms.window import TimestampedValue
from lakes import SEEDS, contents, query

from wirecopy.pipelines import monitor
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.schemas.elements import Unit
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.read import plan


def units():
    return [unit for unit in plan([str(seed) for seed in SEEDS]) if isinstance(unit, Unit)]


def stream(steps, every_s=10):
    """A stream of lists of units, with the commit interval passing after each."""
    events = TestStream().advance_watermark_to(0)
    for i, step in enumerate(steps):
        events = events.add_elements([TimestampedValue(unit, i) for unit in step]).advance_processing_time(every_s + 1)
    return events.advance_watermark_to_infinity()


def run(lake: Path, steps, check=None):
    options = PipelineOptions([])
    options.view_as(StandardOptions).streaming = True
    wave = WaveOptions(lake, new_run("monitor"), every_s=10)
    with join(wave.staging), beam.Pipeline("BundleBasedDirectRunner", options=options) as pipeline:
        committed = monitor.build(pipeline | stream(steps).with_output_types(Unit), wave)
        if check:
            assert_that(committed, check)


@pytest.mark.parametrize("cut", [(0, 5), (0, 1, 5), (0, 2, 4, 5)])
def test_a_stream_gives_the_lake_of_a_bounded_run(tmp_path, seed_lake, cut):
    found = units()
    run(tmp_path / "lake", [found[begin:end] for begin, end in itertools.pairwise(cut)])
    assert contents(tmp_path / "lake") == contents(seed_lake)


def test_each_interval_is_a_commit_that_readers_see_before_the_stream_ends(tmp_path):
    def counts(committed):
        assert [(one.number, one.articles) for one in sorted(committed)] == [(1, 2), (2, 3)]

    found = units()
    run(tmp_path / "lake", [found[:2], found[2:]], counts)
    assert query(tmp_path / "lake", "SELECT commit, articles FROM runs ORDER BY commit") == [(1, 2), (2, 3)]


def test_a_unit_that_is_delivered_again_is_committed_once(tmp_path, seed_lake):
    found = units()
    run(tmp_path / "lake", [found, found[:3], found[2:], found[1:2] * 2])
    assert open_snapshot(tmp_path / "lake").number == 1
    assert contents(tmp_path / "lake") == contents(seed_lake)


def test_a_restarted_stream_goes_on_where_the_lake_is(tmp_path, seed_lake):
    found = units()
    run(tmp_path / "lake", [found[:3]])
    run(tmp_path / "lake", [found])
    assert query(tmp_path / "lake", "SELECT commit, articles FROM runs ORDER BY commit") == [(1, 3), (2, 2)]
    assert contents(tmp_path / "lake") == contents(seed_lake)
