"""What a query answers, written to files that other tools open."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from commands import forked, wirecopy
from lakes import ingest, query, write_jsonl
from lxml import etree
from made_texts import sample

HOSTILE = "Evil <b>&amp; \x1b[2J \x07 Daily"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake in which two outlets print what an agency wrote, one of them with a name that is no name."""
    folder = tmp_path_factory.mktemp("export")
    text = "LISBON (Reuters) - " + " ".join(sample("en", 200, random.Random(7)))
    rows = [
        {"url": "https://reuters.com/1", "text": text, "published": "2024-03-01T08:00:00Z"},
        {"url": "https://betatimes.org/1", "text": text, "published": "2024-03-01T09:00:00Z"},
        {"outlet": HOSTILE, "id": "3", "text": text, "published": "2024-03-01T10:00:00Z"},
    ]
    ingest(folder / "lake", write_jsonl(folder / "rows.jsonl", rows))
    return folder / "lake"


def written(lake: Path, out: Path, *what: str) -> Path:
    done = forked("export", out, *what, "--lake", lake)
    assert done.returncode == 0, done.stderr
    return out


def test_a_view_is_the_same_in_every_format(lake: Path, tmp_path: Path) -> None:
    names = sorted(row[0] for row in query(lake, "SELECT article_id::VARCHAR FROM articles"))
    rows = pq.read_table(written(lake, tmp_path / "a.parquet", "articles")).to_pylist()
    assert sorted(str(row["article_id"]) for row in rows) == names
    with written(lake, tmp_path / "a.csv", "articles").open(encoding="utf-8", newline="") as file:
        assert sorted(row["article_id"] for row in csv.DictReader(file)) == names
    lines = written(lake, tmp_path / "a.jsonl", "SELECT article_id FROM articles").read_text("utf-8").splitlines()
    assert sorted(json.loads(line)["article_id"] for line in lines) == names
    whole = json.loads(written(lake, tmp_path / "a.json", "articles").read_text("utf-8"))
    assert sorted(row["article_id"] for row in whole) == names


def test_the_network_of_outlets_is_a_graph_with_its_weights(lake: Path, tmp_path: Path) -> None:
    wanted = query(lake, "SELECT source_outlet, outlet, articles FROM outlet_network ORDER BY ALL")
    assert wanted
    clean = {name: name.replace("\x1b", "\ufffd").replace("\x07", "\ufffd") for row in wanted for name in row[:2]}
    expected = sorted((clean[source], clean[outlet], str(count)) for source, outlet, count in wanted)
    gexf = etree.parse(str(written(lake, tmp_path / "n.gexf")))
    labels = {node.get("id"): node.get("label") for node in gexf.iterfind(".//{*}node")}
    edges = gexf.iterfind(".//{*}edge")
    assert sorted((labels[e.get("source")], labels[e.get("target")], e.get("weight")) for e in edges) == expected
    graphml = etree.parse(str(written(lake, tmp_path / "n.graphml")))
    labels = {node.get("id"): node.findtext("{*}data") for node in graphml.iterfind(".//{*}node")}
    found = [
        (labels[e.get("source")], labels[e.get("target")], e.findtext("{*}data[@key='e_weight']"))
        for e in graphml.iterfind(".//{*}edge")
    ]
    assert sorted(found) == expected


def test_a_graph_of_ones_own(lake: Path, tmp_path: Path) -> None:
    sql = "SELECT 'a' AS source, 'b' AS target, true AS sure UNION ALL SELECT 'b', NULL, false"
    edges = list(etree.parse(str(written(lake, tmp_path / "own.graphml", sql))).iterfind(".//{*}edge"))
    assert len(edges) == 1 and edges[0].findtext("{*}data") == "true"


@pytest.mark.parametrize(
    ("name", "what", "status", "told"),
    [
        ("a.xls", ("stories",), 2, "ends with none of"),
        ("a.csv", (), 2, "say what to write"),
        ("a.gexf", ("SELECT 1 AS x",), 2, "source and target"),
        ("no/a.csv", ("stories",), 1, "there is no folder"),
        ("a.csv", ("FROM nowhere",), 1, "nowhere"),
        ("a.csv", ("SELECT * FROM read_text('/etc/hostname')",), 1, "--unsafe"),
    ],
)
def test_what_cannot_be_written_is_told_and_leaves_what_was_there(
    lake: Path, tmp_path: Path, name: str, what: tuple[str, ...], status: int, told: str
) -> None:
    (tmp_path / "a.csv").write_text("what was there")
    done = wirecopy("export", tmp_path / name, *what, "--lake", lake)
    assert done.returncode == status, done.stderr
    assert told in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.csv", "what was there")]
