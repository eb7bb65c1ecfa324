from __future__ import annotations

from pathlib import Path

from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms import Create, Map

from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.transform import ReadDocuments


def test_documents_and_rejects_come_out_apart_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "One."}\n{"text": "Two."}\nbroken\n')
    units = list(plan([str(path)]))
    with TestPipeline(runner="FnApiRunner") as pipeline:
        found = pipeline | Create(units) | ReadDocuments()
        assert_that(found.documents | Map(lambda document: document.content), equal_to(["One.", "Two."]))
        assert_that(found.rejects | "Rejects" >> Map(lambda reject: reject), equal_to(list(read(units[0]))[2:]), "Same")
        result = pipeline.run()
        result.wait_until_finish()
        counters = {metric.key.metric.name: metric.committed for metric in result.metrics().query()["counters"]}
    assert {name: counters[name] for name in ("in", "out", "rejects", "bytes")} == {
        "in": 1,
        "out": 3,
        "rejects": 1,
        "bytes": 41,
    }
