"""What others may use: it imports quickly, composes as documented, and lives beside packages of any name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to
from lakes import SEEDS, write_jsonl

import wirecopy
from wirecopy.beam import ClusterPairs, CreditArticles, ExtractArticles, MatchArticles, PlanUnits, ReadDocuments
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import facts
from wirecopy.transforms.read import plan, read

ROOT = Path(__file__).parent.parent


def test_importing_the_package_loads_nothing_else() -> None:
    code = (
        "import sys, time; t = time.process_time(); import wirecopy; spent = time.process_time() - t\n"
        "print([m for m in ('apache_beam', 'pyarrow', 'duckdb', 'numba', 'numpy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_everything_exported_is_there_and_documented() -> None:
    for module in (wirecopy, wirecopy.beam):
        for name in module.__all__:
            assert getattr(module, name) is not None
            if isinstance(getattr(module, name), type):
                assert getattr(module, name).__doc__, name
    with pytest.raises(AttributeError):
        _ = wirecopy.nothing


def test_the_steps_compose_as_documented_and_give_what_the_pure_functions_give(tmp_path: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in SEEDS]
    records = [{"id": str(n), "text": text, "source": "a"} for n, text in enumerate([*texts, texts[0] + " Added."])]
    source = str(write_jsonl(tmp_path / "articles.jsonl", records))
    documents = [document for unit in plan([source]) for document in read(unit)]
    articles, _ = extract_batch(documents)
    matches = match(build([fingerprint(articles)]), [])
    want_clusters, want_members = clusters(facts(pa.Table.from_batches([articles])), matches.pairs)
    assert want_clusters.num_rows
    pipeline = beam.Pipeline(FnApiRunner())
    planned = pipeline | beam.Create([source]) | PlanUnits()
    found = (planned.units | ReadDocuments()).documents | ExtractArticles()
    credited = found.articles | CreditArticles()
    pairs = (credited | MatchArticles()).pairs
    made = {"articles": credited, "pairs": pairs} | ClusterPairs()
    rejected = (planned.rejects, found.rejects) | beam.Flatten()
    assert_that(rejected, equal_to([]), label="rejects")
    for name, want in (("clusters", want_clusters), ("members", want_members)):
        rows = made[name] | f"Rows of {name}" >> beam.FlatMap(lambda batch: map(repr, batch.to_pylist()))
        assert_that(rows, equal_to([repr(row) for row in want.to_pylist()]), label=name)
    counted = pipeline.run().metrics().query()["counters"]
    counts = {(one.key.metric.namespace, one.key.metric.name): one.committed for one in counted}
    for step, taken, given in (
        ("plan", 1, 1),
        ("read", 1, len(records)),
        ("extract", len(records), len(records)),
        ("credit", len(records), len(records)),
        ("match", len(records), matches.pairs.num_rows + matches.passages.num_rows),
        ("cluster", len(records) + matches.pairs.num_rows, want_clusters.num_rows + want_members.num_rows),
    ):
        assert (counts[step, "in"], counts[step, "out"]) == (taken, given), step
        assert {(step, "bytes"), (step, "msec")} <= counts.keys()


@pytest.mark.timeout(900)
def test_the_wheel_has_one_name_and_lives_beside_packages_of_the_names_of_its_folders(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("schemas", "transforms", "pipelines", "seeds", "wirecopy"):
        shutil.copytree(ROOT / name, source / name, symlinks=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", tmp_path, source], check=True)
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"wirecopy", next(top for top in tops if top.endswith(".dist-info"))}
    assert {"wirecopy/transforms/credit/agencies.toml", "wirecopy/schemas/sql/about.sql"} <= set(names)
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    work = tmp_path / "work"
    for place in (site, work):
        for name in ("schemas", "transforms", "pipelines", "seeds"):
            (place / name).mkdir(parents=True)
            (place / name / "__init__.py").write_text("raise ImportError('somebody else')")
    command = f"import sys; sys.path[:0] = ['', {str(site)!r}]; from wirecopy.pipelines.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "demo", "--json", "--lake", str(tmp_path / "lake")],
        cwd=work,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["articles"] == 5
