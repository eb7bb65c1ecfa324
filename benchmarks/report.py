"""Measure what `wirecopy report` takes of a large lake.

usage: python benchmarks/report.py LAKE [--articles 1000000] [--keep FOLDER]

The lake is repeated under new ids until it has so many articles: each time six hours later, and a part of its outlets
under other names. The report is made by the command, in a process of its own; wall seconds, CPU seconds, the greatest
resident memory and the size of the page are told.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from wirecopy.pipelines.query import open_lake
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import Commit, Part, write_commit

IDS = "article_id identity cluster_id origin_article_id src_article_id dst_article_id passage_id text_hash".split()
TIMES = "event_at published_at first_seen_at fetched_at modified_at first_at last_at".split()
REPEATED = "articles texts plain_pairs passages clusters members".split()


def repeated(view: str, columns: list[str]) -> str:
    ids = [name for name in IDS if name in columns and (name != "identity" or view == "articles")]
    new = [f"md5({name}::VARCHAR || again)::UUID AS {name}" for name in ids]
    new += [f"{name} + to_hours(6 * again) AS {name}" for name in TIMES if name in columns]
    if "outlet" in columns:
        new.append("CASE WHEN again % 4 = 0 THEN outlet ELSE (again % 4) || outlet END AS outlet")
    return f"SELECT {', '.join(columns)} FROM (SELECT * REPLACE ({', '.join(new)}) FROM {view}, range(?) AS n (again))"


def make(lake: Path, articles: int, out: Path) -> None:
    parts: dict[str, tuple[Part, ...]] = {}
    with contextlib.closing(open_lake(lake, unsafe=True)) as con:
        have = con.execute("SELECT count(*) FROM articles").fetchall()[0][0]
        for table in TABLES.values():
            view = table.plain_view or table.name
            if view not in REPEATED:
                continue
            columns = [name for name in table.schema.names if name != "deleted"]
            query = repeated(view, columns).replace("range(?)", f"range({-(-articles // have)})")
            if "deleted" in table.schema.names:
                query = f"SELECT *, false AS deleted FROM ({query})"
            path = f"{table.name}/month=2022-01/part-made-{'0' * 32}.parquet"
            if table.keep == "latest":
                path = path.replace("month=2022-01/", "")
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            con.execute(
                f"COPY ({query}) TO '{out / path}' "
                "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 20000)"
            )
            rows = duckdb.execute(f"SELECT count(*) FROM '{out / path}'").fetchall()[0][0]
            parts[table.name] = (Part(path, rows, (out / path).stat().st_size),)
    (out / "_commits").mkdir(exist_ok=True)
    (out / "_staging" / "made").mkdir(parents=True, exist_ok=True)
    write_commit(out, out / "_staging" / "made", Commit(1, 0, "0" * 32, dt.datetime.now(dt.UTC).isoformat(), (), parts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="make the large lake here, or use the one that is here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        large = options.keep or Path(folder) / "large"
        if not large.exists():
            began = time.perf_counter()
            make(options.lake, options.articles, large)
            print(f"made in {time.perf_counter() - began:.0f} s")
        page = Path(folder) / "report.html"
        began = time.perf_counter()
        command = [sys.executable, "-c", "from wirecopy.pipelines.cli import main; main()", "report"]
        subprocess.run([*command, "--lake", str(large), "-o", str(page)], check=True, env=os.environ)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"{time.perf_counter() - began:.1f} s, {used.ru_utime + used.ru_stime:.1f} CPU s, "
            f"{used.ru_maxrss / 1024:,.0f} MB at most, a page of {page.stat().st_size / 1e6:.2f} MB"
        )


if __name__ == "__main__":
    main()
