"""Archives taken in on another runner of Beam's: the lake, the summary and the exit code are those of a local run."""

import json
import shutil
from pathlib import Path

import pytest
from commands import wirecopy
from lakes import SEEDS, contents
from outlets import page, story

from wirecopy.pipelines.engines.arguments import FLINK, beam_options, engine, name_of, parted
from wirecopy.pipelines.engines.spread import SHEET, read_rejects, read_units, write_plan
from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.lake.commits import open_snapshot

PORTABLE = ("--runner", "PortableRunner")
EMBEDDED = ("--", "--job_endpoint=embed", "--environment_type=LOOPBACK")
"""The runner that sends a job to a job server, and one that needs no other process."""


def test_a_job_gives_the_lake_of_a_local_run_and_knows_it_the_next_time(tmp_path, seed_lake):
    archive = tmp_path / "archive"
    archive.mkdir()
    for seed in SEEDS:
        (archive / seed.name).write_bytes(seed.read_bytes())
    (archive / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    for name, arguments in (("here", ()), ("there", (*PORTABLE, *EMBEDDED))):
        done = wirecopy("ingest", "archive", "--lake", name, "--json", *arguments, cwd=tmp_path)
        summary = json.loads(done.stdout)
        told = {key: summary[key] for key in ("done", "known", "open", "articles", "copies", "reuse", "rejects")}
        if name == "here":
            expected = done.returncode, told
        assert (done.returncode, told) == expected, done.stderr
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert list((tmp_path / "there" / "_staging").iterdir()) == []
    again = wirecopy("ingest", "archive", "--lake", "there", *PORTABLE, *EMBEDDED, cwd=tmp_path)
    assert again.returncode == 0 and "Nothing new" in again.stderr, again.stderr
    assert open_snapshot(tmp_path / "there").number == 1


@pytest.mark.skipif(shutil.which("prism") is None, reason="Prism, Beam's runner in Go, is not on PATH")
@pytest.mark.parametrize("how", [[], ["--streaming"]])
def test_prism_gives_the_lake_of_a_local_run(tmp_path, seed_lake, how):
    prism = ["--", f"--prism_location={shutil.which('prism')}", "--environment_type=LOOPBACK", *how]
    done = wirecopy("ingest", *SEEDS, "--lake", tmp_path / "lake", "--runner", "PrismRunner", *prism)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "lake") == contents(seed_lake)


def test_a_unit_that_cannot_be_read_now_stays_open_and_the_same_command_takes_it(tmp_path):
    """The job is sent, and what it was to read is gone when it comes to it."""
    from wirecopy.pipelines.engines import submit
    from wirecopy.pipelines.options import WaveOptions, new_run
    from wirecopy.pipelines.terminal.summary import Progress
    from wirecopy.transforms.lake.staging import join
    from wirecopy.transforms.read import plan

    for n in (1, 2):
        (tmp_path / f"{n}.html").write_text(page(f"Headline {n}", story(n)))
    units = [unit for unit in plan([str(tmp_path / "1.html"), str(tmp_path / "2.html")]) if isinstance(unit, Unit)]
    (tmp_path / "2.html").rename(tmp_path / "away")
    sent_to = engine("FnApiRunner", None, [])
    found = []
    for _ in range(2):
        options, progress = WaveOptions(tmp_path / "lake", new_run("ingest")), Progress()
        with join(options.staging):
            submit.ingest_on(sent_to, units, options, progress, lambda: None)
        found.append((progress.sent, progress.known, progress.open, len(open_snapshot(options.lake).units.all())))
        (tmp_path / "away").rename(tmp_path / "2.html") if (tmp_path / "away").exists() else None
    assert found == [(2, 0, 1, 1), (1, 1, 0, 2)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--runner", "flink"], "say where Flink is: --engine host:8081"),
        (["--engine", "host:8081"], "it goes with --runner flink"),
        (["--runner", "PrismRunner", "--engine", "host:8081"], "--engine goes with --runner flink"),
        (["--runner", "flink", "--engine", "host"], "'host' is no address"),
        (["--runner", "flink", "--engine", "host:8081", "--", "--Odd"], "'--Odd' is no option of Beam's"),
    ],
)
def test_options_that_do_not_go_together_are_told(tmp_path, arguments, told):
    done = wirecopy("ingest", SEEDS[0], "--lake", tmp_path / "lake", *arguments, COLUMNS="200")
    assert done.returncode == 2 and told in done.stderr
    assert not (tmp_path / "lake").exists()


def test_an_engine_that_does_not_answer_is_an_error_that_says_where(tmp_path):
    done = wirecopy("ingest", SEEDS[0], "--lake", tmp_path / "lake", "--runner", "flink", "--engine", "127.0.0.1:9")
    assert done.returncode == 1
    assert "Flink cannot be asked at http://127.0.0.1:9/config" in done.stderr and "Traceback" not in done.stderr


def test_a_plan_is_read_as_it_was_written_and_its_files_are_bounded(tmp_path):
    units = [Unit(f"{n:032x}", f"/a/\udcff {n}\n", "jsonl", 0, n, n, inside=("x", "y")) for n in range(SHEET + 1)]
    reject = Reject("read", "not text", "a picture", "/a/b", "f" * 32, payload_sha256=b"\xff\n")
    plan = write_plan([*units, reject], tmp_path)
    assert [unit for path in plan.units for unit in read_units(path)] == units
    assert [one for path in plan.rejects for one in read_rejects(path)] == [reject]
    assert (len(plan.units), len(plan.rejects), len(plan.sizes)) == (2, 1, SHEET + 2)
    Path(plan.units[0]).unlink()
    assert list(read_units(plan.units[0])) == []  # swept away: what it named stays open, and the job ends


def test_what_the_user_says_of_beam_comes_last_and_a_job_has_one_name():
    words, options = parted(["a.jsonl", "--parallelism=3", "./--odd"])
    assert (words, options) == (["a.jsonl", "./--odd"], ["--parallelism=3"])
    given = beam_options(engine(FLINK, "host:8081", options), name_of("ingest", "/lake"), "1.19", 8)
    assert given.index("--parallelism=8") < given.index("--parallelism=3") == len(given) - 1
    assert name_of("ingest", "/lake") == name_of("ingest", str(Path("/lake"))) != name_of("ingest", "/other")
