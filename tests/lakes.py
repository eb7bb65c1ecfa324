"""How tests make lakes and look at them."""

import contextlib
import io
import json
import shutil
from pathlib import Path

from wirecopy.pipelines.demo import seed_folder
from wirecopy.pipelines.options import WaveOptions, new_run
from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.run import run_ingest
from wirecopy.pipelines.terminal.report import reporting
from wirecopy.schemas.elements import Unit
from wirecopy.transforms.commit.wave import commit_wave
from wirecopy.transforms.lake.staging import join
from wirecopy.transforms.read import plan
from wirecopy.transforms.sealing.seal import seal

SEEDS = sorted(seed_folder().glob("*.txt"))

MATCHES = """
SELECT s.doc_ref, d.doc_ref, relation, round(jaccard, 5), round(src_coverage, 5), round(dst_coverage, 5), n_passages,
       score, same_outlet, round(direction_confidence, 5)
FROM pairs JOIN articles s ON s.article_id = src_article_id JOIN articles d ON d.article_id = dst_article_id
ORDER BY ALL
"""
PASSAGES = "SELECT * EXCLUDE (model_id) FROM passages ORDER BY ALL"
CLUSTERS = "SELECT * EXCLUDE (commit) FROM clusters ORDER BY ALL"
MEMBERS = "SELECT * EXCLUDE (commit) FROM members ORDER BY ALL"
ARTICLES = "SELECT * EXCLUDE (run_id, doc_ref) FROM articles JOIN texts USING (article_id) ORDER BY article_id"
REJECTS = "SELECT stage, reason, error, payload_sha256 FROM rejects ORDER BY ALL"


def query(lake, sql):
    with contextlib.closing(open_lake(Path(lake))) as con:
        return con.execute(sql).fetchall()


def ingest(lake, *paths):
    """Ingest in this process, as the command does, and return the summary."""
    with reporting(io.StringIO()) as report:
        return run_ingest("ingest", plan([str(path) for path in paths]), Path(lake), report)


def commit(lake, *paths):
    """Take in some small files as one commit, in this process and without Beam."""
    options = WaveOptions(Path(lake), new_run("ingest"))
    units = [one for one in plan([str(path) for path in paths]) if isinstance(one, Unit)]
    with join(options.staging):
        commit_wave(options.lake, options.staging, options.run, [seal(units, options.staging)])
    shutil.rmtree(options.staging)


def pairs_of(lake):
    """Pairs with the file names of their articles, less the folders they were read from."""
    return [tuple(Path(cell).name if i < 2 else cell for i, cell in enumerate(row)) for row in query(lake, MATCHES)]


def contents(lake):
    """All that a lake says, less which run and which commit said it."""
    with contextlib.closing(open_lake(Path(lake))) as con:
        return {name: con.execute(sql).fetchall() for name, sql in CONTENTS.items()}


CONTENTS = {
    "articles": ARTICLES,
    "passages": PASSAGES,
    "clusters": CLUSTERS,
    "members": MEMBERS,
    "rejects": REJECTS,
    "pairs": "SELECT * EXCLUDE (model_id) FROM pairs ORDER BY ALL",
}


def write_jsonl(path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path
