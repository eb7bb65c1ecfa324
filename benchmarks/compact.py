"""Measure what many small parts cost and what compacting them costs, beside DuckDB's own COPY of the same files.

usage: python benchmarks/compact.py FOLDER [--commits 1700] [--rows 20]

Writes a lake of so many commits of so many articles each into the folder, six parts a commit, and asks before and
after: articles by outlet and day, one day, one text by its id, and what a commit pays for the catalog. Figures are CPU
seconds, the best of three; those of the compaction are of one run, in a process of its own, with its peak memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa

from wirecopy.pipelines.query import open_lake
from wirecopy.schemas.articles import ARTICLES, TEXTS
from wirecopy.transforms.columns import uuids
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.catalog import publish_catalog
from wirecopy.transforms.lake.commits import Commit, open_snapshot, write_commit
from wirecopy.transforms.lake.parts import publish_parts, stage_parts

WORDS = 400
VOCABULARY = 30_000
DAYS = 90

QUERIES = {
    "outlet x day": "SELECT outlet, date_trunc('day', event_at), count(*) FROM articles GROUP BY ALL",
    "one day": "SELECT count(*) FROM articles WHERE event_at >= '2022-02-01' AND event_at < '2022-02-02'",
    "text by id": "SELECT text FROM texts WHERE article_id = (SELECT max(article_id) FROM articles)",
}
COPY = "COPY (SELECT * FROM read_parquet({files}) ORDER BY event_at, article_id) TO '{out}' (COMPRESSION zstd)"


def rows(n: int, first: int, rng: random.Random) -> tuple[pa.Table, pa.Table]:
    """Return articles and texts; consecutive commits are close in time."""
    made = []
    for i in range(first, first + n):
        text = " ".join(f"w{int(rng.paretovariate(0.9)) % VOCABULARY}" for _ in range(WORDS))
        at = dt.datetime(2022, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=DAYS * rng.triangular(0, 1, i % 5000 / 5000))
        made.append({"at": at, "id": blake2b_128(str(i).encode()), "text": text, "outlet": f"outlet{i % 600}.example"})
    columns = {}
    for field in ARTICLES.schema:
        if pa.types.is_list(field.type):
            columns[field.name] = pa.array([[]] * n, field.type)
        elif isinstance(field.type, pa.BaseExtensionType):
            columns[field.name] = uuids(pa.array([one["id"] for one in made], pa.binary(16)))
        elif field.nullable:
            columns[field.name] = pa.nulls(n, field.type)
        else:
            columns[field.name] = pa.array([0] * n).cast(field.type)
    at = pa.array([one["at"] for one in made], ARTICLES.schema.field("event_at").type)
    columns |= {"event_at": at, "outlet": pa.array([one["outlet"] for one in made])}
    texts = {"article_id": columns["article_id"], "event_at": at, "text": pa.array([one["text"] for one in made])}
    return pa.table(columns, schema=ARTICLES.schema), pa.table(texts, schema=TEXTS.schema)


def write_lake(lake: Path, commits: int, n: int) -> None:
    """Write a lake of many small parts; a hundred commits' parts are named by one, which makes no difference here."""
    rng = random.Random(1)
    staging = lake / "_staging" / "made"
    (lake / "_commits").mkdir(parents=True)
    for number in range(1, -(-commits // 100) + 1):
        added: dict[str, list] = {"articles": [], "texts": []}
        for i in range(100 * (number - 1), min(commits, 100 * number)):
            for table, found in zip((ARTICLES, TEXTS), rows(n, i * n, rng), strict=True):
                added[table.name] += stage_parts(table, found, staging, f"{i:012d}")
        for parts in added.values():
            publish_parts(lake, staging, parts)
        parts = {table: tuple(parts) for table, parts in added.items()}
        write_commit(lake, staging, Commit(number, number - 1, "0" * 32, "2022-04-01T00:00:00+00:00", (), parts))
        shutil.rmtree(staging / "parts")
    (lake / "index").mkdir()


def cpu(work) -> float:
    times = []
    for _ in range(3):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def ask(lake: Path) -> dict[str, float]:
    snapshot = open_snapshot(lake)
    staging = lake / "_staging"
    staging.mkdir(exist_ok=True)
    figures = {"catalog": cpu(lambda: publish_catalog(snapshot, staging))}
    for name, query in QUERIES.items():

        def once(query: str = query) -> None:
            with open_lake(lake) as con:
                con.execute(query).fetchall()

        figures[name] = cpu(once)
    return figures


def apart(what: str, code: str) -> None:
    """Run code in a process of its own, and print its CPU seconds, wall seconds and peak memory."""
    tail = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", code + tail], check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {used:.1f} CPU s, {time.perf_counter() - begun:.1f} s, {int(shown.stdout.split()[-1])} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commits", type=int, default=1700)
    parser.add_argument("--rows", type=int, default=20)
    args = parser.parse_args()
    lake = args.folder / "lake"
    write_lake(lake, args.commits, args.rows)
    before, parts = ask(lake), open_snapshot(lake).parts
    print(f"{sum(map(len, parts.values())):,} parts, {sum(p.bytes for t in parts.values() for p in t) / 1e6:.0f} MB")
    for name in ("articles", "texts"):
        files = json.dumps([str(lake / part.path) for part in parts[name]]).replace('"', "'")
        copy = COPY.format(files=files, out=args.folder / f"{name}.parquet")
        script = args.folder / "copy.sql"
        script.write_text(copy)
        apart(f"DuckDB's COPY of {name}", f"import duckdb; duckdb.execute(open({str(script)!r}).read())")
    compact = f"""
from pathlib import Path
from wirecopy.pipelines.options import new_run
from wirecopy.transforms.maintenance.compact import compact
compact(Path({str(lake)!r}), Path({str(lake)!r}) / '_staging' / 'bench', new_run('compact'))
""".strip()
    apart("compact", compact)
    after, parts = ask(lake), open_snapshot(lake).parts
    print(f"{sum(map(len, parts.values())):,} parts, {sum(p.bytes for t in parts.values() for p in t) / 1e6:.0f} MB")
    print(f"{'CPU ms':14}{'before':>10}{'after':>10}")
    for name, value in before.items():
        print(f"{name:14}{1000 * value:10.0f}{1000 * after[name]:10.0f}")


if __name__ == "__main__":
    main()
