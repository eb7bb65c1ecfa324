"""Archives taken in by a job on a Flink cluster, whose processes are killed."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time

from commands import COMMAND, wirecopy
from lakes import contents, query, write_jsonl
from made_texts import sample
from outlets import page, rss, serving, story

from wirecopy.pipelines.engines.arguments import name_of
from wirecopy.pipelines.engines.flink import cancel, running
from wirecopy.transforms.lake.commits import open_snapshot


def flink(cluster, *arguments):
    """The words of a command that runs on the cluster."""
    return [*map(str, arguments), "--runner", "flink", "--engine", cluster.address, "--", *cluster.options]


@contextlib.contextmanager
def started(*words):
    """Start a command, and kill it and what it started when the block has ended."""
    pipe = subprocess.PIPE
    job = subprocess.Popen([*COMMAND, *words], stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    try:
        yield job
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()


def archive(folder, files, of):
    """Files of made articles, some of which copy others."""
    folder.mkdir()
    rng = random.Random(7)
    texts = []
    for n in range(files):
        for i in range(of):
            own = sample("en", 120, rng)
            texts.append(texts[rng.randrange(len(texts))] + own[:9] if texts and i % 3 == 0 else own)
        write_jsonl(folder / f"{n:02}.jsonl", [record(at, texts[at]) for at in range(n * of, (n + 1) * of)])
    return folder


def record(n, words):
    return {
        "id": f"a{n}",
        "url": f"https://outlet{n % 7}.example/{n}",
        "outlet": f"outlet{n % 7}.example",
        "headline": f"Headline of number {n}",
        "published_at": f"2024-03-{1 + n % 28:02}T12:{n % 60:02}:00Z",
        "text": " ".join(words),
    }


def killed_while(work, cluster):
    """Kill a TaskManager once a job has sealed something, and start another."""
    while not list(work.glob("_staging/*/sealed-*")) and not list(work.glob("_commits/*.json")):
        time.sleep(0.2)
    cluster.kill("taskmanager-1")
    cluster.task_manager("taskmanager-1")


def test_a_job_gives_the_lake_of_a_local_run_though_a_worker_is_killed(cluster, tmp_path):
    files = archive(tmp_path / "archive", 8, 60)
    (files / "broken.jsonl").write_text("[\n")
    here = wirecopy("ingest", files, "--lake", tmp_path / "here", "--json")
    assert here.returncode == 3, here.stderr
    with started(*flink(cluster, "ingest", files, "--lake", tmp_path / "there", "--json")) as job:
        killed_while(tmp_path / "there", cluster)
        out, err = job.communicate()
    assert job.returncode == 3, err
    counted = ("done", "known", "open", "articles", "copies", "reuse", "rejects")
    assert [json.loads(out)[name] for name in counted] == [json.loads(here.stdout)[name] for name in counted]
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert list((tmp_path / "there" / "_staging").iterdir()) == []


def test_the_same_command_goes_on_where_one_was_killed(cluster, tmp_path):
    files = archive(tmp_path / "archive", 4, 30)
    lake = tmp_path / "lake"
    with started(*flink(cluster, "ingest", files, "--lake", lake)):
        while not list(lake.glob("_staging/*/sealed-*")) and not list(lake.glob("_commits/*.json")):
            time.sleep(0.2)
    again = wirecopy(*flink(cluster, "ingest", files, "--lake", lake))
    assert again.returncode == 0, again.stderr
    here = wirecopy("ingest", files, "--lake", tmp_path / "here")
    assert here.returncode == 0, here.stderr
    assert contents(lake) == contents(tmp_path / "here")
    units = [unit for row in range(1, open_snapshot(lake).number + 1) for unit in units_of(lake, row)]
    assert len(units) == len(set(units)) == 4


def test_feeds_are_watched_through_the_death_of_a_worker_and_each_page_is_asked_for_once(cluster, tmp_path):
    lake = tmp_path / "lake"
    network = ["--allow-network", "127.0.0.0/8"]
    with serving() as outlets:
        for feed in (1, 2):
            pages = [10 * feed + n for n in range(3)]
            for n in pages:
                outlets.put(f"/{n}", page(f"Story number {n}", story(n)))
            items = [{"title": f"Story number {n}", "link": outlets.url(f"/{n}")} for n in pages]
            outlets.put(f"/feed{feed}", rss(items))
        watch = ["monitor", outlets.url("/feed1"), "--lake", lake, *network, "--pause", "0s"]
        began = wirecopy(*flink(cluster, *watch))
        assert began.returncode == 0 and "it goes on when this command has ended" in began.stderr, began.stderr
        name = name_of("monitor", str(lake))
        assert f"as {running(cluster.address, name)[0]};" in began.stderr
        try:
            await_articles(lake, 3)
            again = wirecopy(*flink(cluster, *watch))
            assert again.returncode == 1 and "watches the feeds of" in again.stderr
            cluster.kill("taskmanager-1")
            cluster.task_manager("taskmanager-1")
            added = wirecopy("feeds", "add", outlets.url("/feed2"), "--lake", lake, *network)
            assert added.returncode == 0, added.stderr
            await_articles(lake, 6)
        finally:
            cancel(cluster.address, name)
            while running(cluster.address, name):
                time.sleep(0.2)
        asked = [path for path in outlets.paths() if path[1:].isdigit()]
        assert len(asked) == len(set(asked)) == 6
    assert query(lake, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(6, 6)]


def await_articles(lake, count):
    while open_snapshot(lake).rows("articles") < count:
        time.sleep(0.5)


def units_of(lake, number):
    return json.loads((lake / "_commits" / f"{number:08}.json").read_text())["units"]
