"""Measure a whole ingest: articles a second, CPU seconds by stage, peak memory, the index's size, and how time grows.

usage: python benchmarks/ingest.py FILE... [--lake FOLDER]
       python benchmarks/ingest.py --made N [--lake FOLDER]

FILE is whatever `wirecopy ingest` reads. --made makes N stories of English words at their own frequencies, a third of
them copies of earlier ones and a quarter with a passage of one. Memory and the workers' CPU time are read from /proc:
Linux only. Stages count the CPU time of the thread they run in; what kernels and Arrow spend in threads of their own
stands in its own line.
"""

from __future__ import annotations

import argparse
import collections
import functools
import importlib
import json
import os
import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import wordfreq

STAGES = {
    "read, send, seal": ("wirecopy.transforms.sealing.transform", "seal"),
    "sort into a segment": ("wirecopy.transforms.commit.resolve", "build"),
    "match": ("wirecopy.transforms.commit.resolve", "match"),
    "cluster": ("wirecopy.transforms.commit.resolve", "changed_clusters"),
    "write Parquet": ("wirecopy.transforms.commit.wave", "stage_rows"),
    "write the index": ("wirecopy.transforms.commit.wave", "add_commit"),
    "merge the index": ("wirecopy.transforms.index.runs", "_merge_alike"),
    "write the catalog": ("wirecopy.transforms.commit.wave", "publish_catalog"),
}
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def make(n: int, path: Path) -> None:
    rng = random.Random(0)
    buckets = wordfreq.get_frequency_list("en", "small")
    words = [word for bucket in buckets for word in bucket]
    shares = [10 ** (-centibels / 100) for centibels, bucket in enumerate(buckets) for _ in bucket]
    recent: collections.deque[list[str]] = collections.deque(maxlen=4000)
    with path.open("w", encoding="utf-8") as file:
        for i in range(n):
            story = rng.choices(words, shares, k=rng.randrange(150, 800))
            kind = rng.random()
            if recent and kind < 0.33:
                other = rng.choice(recent)
                story = [word if rng.random() < 0.97 else rng.choice(story) for word in other[rng.randrange(60) :]]
            elif recent and kind < 0.58:
                other = rng.choice(recent)
                at = rng.randrange(len(other) // 2)
                story[60:60] = [word if rng.random() < 0.8 else rng.choice(story) for word in other[at : at + 80]]
            recent.append(story)
            sentences = ". ".join(" ".join(story[k : k + 20]).capitalize() for k in range(0, len(story), 20))
            row = {
                "url": f"https://outlet{rng.randrange(300)}.example/{i}",
                "published_at": f"2022-{1 + i * 12 // n:02d}-{1 + i % 28:02d}T{i % 24:02d}:{i % 60:02d}:00Z",
                "text": sentences + ".",
            }
            file.write(json.dumps(row) + "\n")


def processes(root: int) -> list[int]:
    """Return a process and its descendants."""
    found = [root]
    for task in Path(f"/proc/{root}/task").glob("*"):
        for child in (task / "children").read_text().split():
            found += processes(int(child))
    return found


class Meter(threading.Thread):
    """Samples the memory of this process and its descendants, and the CPU time of the latter."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self._of_children: dict[int, float] = {}

    @property
    def children_s(self) -> float:
        return sum(self._of_children.values())

    def run(self) -> None:
        while True:
            total = 0.0
            for pid in processes(os.getpid()):
                try:
                    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) / 1024
                if pid != os.getpid():
                    self._of_children[pid] = (int(fields[11]) + int(fields[12])) * TICK_S
            self.peak_mb = max(self.peak_mb, total)
            time.sleep(0.5)


def measure(stages: dict[str, float]) -> None:
    """Have the functions of STAGES add up the CPU time of the threads that call them."""
    lock = threading.Lock()

    def timed(name, function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            began = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                with lock:
                    stages[name] = stages.get(name, 0.0) + time.thread_time() - began

        return call

    for name, (module, function) in STAGES.items():
        room = importlib.import_module(module)
        setattr(room, function, timed(name, getattr(room, function)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--made", type=int)
    parser.add_argument("--lake", type=Path)
    options = parser.parse_args()
    if bool(options.files) == bool(options.made):
        parser.error("give files or --made N")
    place = Path(tempfile.mkdtemp(prefix="wirecopy-benchmark-"))
    try:
        if options.made:
            make(options.made, place / "made.jsonl")
        run(options.files or [str(place / "made.jsonl")], options.lake or place / "lake")
    finally:
        shutil.rmtree(place)


def run(files: list[str], lake: Path) -> None:
    meter, stages, began, spent = Meter(), {}, time.monotonic(), time.process_time()
    meter.start()
    from wirecopy.pipelines.run import run_ingest
    from wirecopy.transforms.index.runs import open_index, sizes
    from wirecopy.transforms.lake.commits import open_snapshot
    from wirecopy.transforms.read import plan

    measure(stages)

    class Waves:
        """Says after each commit what it cost; remembers articles, seconds and CPU seconds as of each."""

        told = [(0, 0.0, 0.0)]

        def begin(self, command, into):
            print(f"{'articles':>10} {'a second':>9} {'CPU s per 1,000':>16} {'in this wave':>13} {'peak MB':>8}")

        def wave(self, summary, progress):
            wall, cpu = time.monotonic() - began, time.process_time() - spent + meter.children_s
            articles, _, before = self.told[-1]
            n, new = max(1, summary.articles), max(1, summary.articles - articles)
            print(
                f"{summary.articles:10,} {summary.articles / wall:9,.0f} "
                f"{1000 * cpu / n:16.2f} {1000 * (cpu - before) / new:13.2f} {meter.peak_mb:8,.0f}",
                flush=True,
            )
            self.told.append((summary.articles, wall, cpu))

        def end(self, summary):
            pass

    waves = Waves()
    summary = run_ingest("benchmark", plan(files), lake, waves)
    wall, own = time.monotonic() - began, time.process_time() - spent
    n = max(1, summary.articles)
    print(f"\n{n:,} articles, {summary.copies:,} copies, {summary.reuse:,} reuse")
    print(f"{wall:.1f} s: {n / wall:,.0f} articles a second")
    rows = {"extract and fingerprint": meter.children_s, **{name: stages.get(name, 0.0) for name in STAGES}}
    rows["kernels' and Arrow's threads, Beam, imports"] = own - sum(stages.values())
    for name, seconds in rows.items():
        print(f"{seconds:8.1f} CPU s {1e6 * seconds / n:8,.0f} µs an article  {name}")
    print(f"{own + meter.children_s:8.1f} CPU s {1e6 * (own + meter.children_s) / n:8,.0f} µs an article  all")
    print(f"{meter.peak_mb:8,.0f} MB of anonymous memory at most")
    tenth = next(one for one in waves.told if 10 * one[0] >= n)
    times, seconds, cpu = (one / max(1, part) for one, part in zip(waves.told[-1], tenth, strict=True))
    print(f"{times:.1f} times the first {tenth[0]:,} articles took {seconds:.1f} times the time, {cpu:.1f} the CPU\n")
    began = time.perf_counter()
    index = open_index(open_snapshot(lake))
    print(f"index of {len(index.runs)} runs opened in {1000 * (time.perf_counter() - began):.0f} ms; bytes an article:")
    parts, articles = sizes(index), max(1, sum(map(len, index.segments)))
    for name, size in [*parts.items(), ("in all", sum(parts.values()))]:
        print(f"{size / articles:10,.0f}  {name}")


if __name__ == "__main__":
    main()
