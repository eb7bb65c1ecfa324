"""The command `wirecopy export`: a view or a query into a file, in the format that its name ends with."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
from lxml import etree

from wirecopy.pipelines.query import open_lake, run
from wirecopy.transforms.lake.files import LakeError

TABLES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
GRAPHS = (".graphml", ".gexf")
NETWORK = (
    "SELECT source_outlet AS source, outlet AS target, articles AS weight, copies, partial, share FROM outlet_network"
)
"""What a graph holds unless a query says otherwise."""

_NAME = re.compile(r"\w+(?:\(.*\))?", re.DOTALL)
_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_GEXF = "http://gexf.net/1.3"
_TYPES = {"BIGINT": "long", "INTEGER": "int", "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean"}


def export(lake: Path, out: Path, query: str | None, spreadsheet: bool = False) -> None:
    """Write what a query answers to a file, which is there whole or not at all.

    Args:
        lake: the lake's folder.
        out: the file; `.parquet`, `.csv`, `.json` and `.jsonl` hold a table, `.graphml` and `.gexf` a graph.
        query: SQL, or the name of a view or the call of a macro. A graph needs columns `source` and `target`, and takes
            the outlet network where this is None; a table needs a query.
        spreadsheet: in CSV, make cells that a spreadsheet would run text.

    Raises:
        LakeError: the lake cannot be used, or the query asks for what it may not.
        ValueError: the name has none of the endings, there is no query, or no graph can be made of its columns.
        duckdb.Error: the query fails.
        OSError: the file cannot be written.
    """
    ending = out.suffix.lower()
    if ending not in TABLES and ending not in GRAPHS:
        raise ValueError(f"{out.name!r} ends with none of {', '.join([*TABLES, *GRAPHS])}")
    if query is None and ending not in GRAPHS:
        raise ValueError("say what to write: a view such as stories, or SQL")
    sql = NETWORK if query is None else f"FROM {query}" if _NAME.fullmatch(query.strip()) else query
    with contextlib.closing(open_lake(lake)) as con, _whole(out) as file:
        if ending in GRAPHS:
            _write_graph(con, sql, ending, file)
            return
        with open(file.fileno(), "w", encoding="utf-8", newline="", closefd=False) as text:
            run(con, sql, TABLES[ending], text, file, spreadsheet)


@contextlib.contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the name of `out` once the block ends well, and is gone where it does not."""
    if not out.parent.is_dir():
        raise LakeError(f"there is no folder {out.parent} to write {out.name} to")
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_graph(con: duckdb.DuckDBPyConnection, sql: str, ending: str, out: BinaryIO) -> None:
    relation = con.sql(sql)
    names = [] if relation is None else list(relation.columns)
    if not {"source", "target"} <= set(names):
        raise ValueError("a graph is made of the columns source and target, and of others that its edges bear")
    kinds = {name: _TYPES.get(str(kind), "string") for name, kind in zip(names, relation.types, strict=True)}
    edges = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
    edges = [edge for edge in edges if edge["source"] is not None and edge["target"] is not None]
    borne = [name for name in names if name not in ("source", "target")]
    nodes = {
        name: f"n{n}"
        for n, name in enumerate(sorted({str(edge[end]) for edge in edges for end in ("source", "target")}))
    }
    root = (_graphml if ending == ".graphml" else _gexf)(nodes, edges, borne, kinds)
    etree.ElementTree(root).write(out, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _graphml(nodes: dict[str, str], edges: list[dict[str, Any]], borne: list[str], kinds: dict[str, str]) -> Any:
    root = etree.Element("graphml", nsmap={None: _GRAPHML})
    _add(root, "key", id="label", **{"for": "node", "attr.name": "label", "attr.type": "string"})
    for name in borne:
        _add(root, "key", id=f"e_{name}", **{"for": "edge", "attr.name": name, "attr.type": kinds[name]})
    graph = _add(root, "graph", edgedefault="directed")
    for name, place in nodes.items():
        _add(_add(graph, "node", id=place), "data", key="label").text = _xml_text(name)
    for n, edge in enumerate(edges):
        ends = {"source": nodes[str(edge["source"])], "target": nodes[str(edge["target"])]}
        element = _add(graph, "edge", id=f"e{n}", **ends)
        for name in borne:
            if edge[name] is not None:
                _add(element, "data", key=f"e_{name}").text = _value(edge[name])
    return root


def _gexf(nodes: dict[str, str], edges: list[dict[str, Any]], borne: list[str], kinds: dict[str, str]) -> Any:
    root = etree.Element("gexf", nsmap={None: _GEXF}, version="1.3")
    graph = _add(root, "graph", defaultedgetype="directed", mode="static")
    attributes = _add(graph, "attributes", **{"class": "edge"})
    others = [name for name in borne if name != "weight"]
    for name in others:
        kind = {"int": "integer"}.get(kinds[name], kinds[name])
        _add(attributes, "attribute", id=name, title=name, type=kind)
    places = _add(graph, "nodes")
    for name, place in nodes.items():
        _add(places, "node", id=place, label=_xml_text(name))
    lines = _add(graph, "edges")
    for n, edge in enumerate(edges):
        weight = {"weight": _value(edge["weight"])} if edge.get("weight") is not None else {}
        ends = {"source": nodes[str(edge["source"])], "target": nodes[str(edge["target"])]}
        element = _add(lines, "edge", id=f"e{n}", **ends, **weight)
        values = _add(element, "attvalues")
        for name in others:
            if edge[name] is not None:
                _add(values, "attvalue", **{"for": name, "value": _value(edge[name])})
    return root


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, tag, attributes)


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else _xml_text(str(value))


def _xml_text(text: str) -> str:
    """Return text with what XML cannot hold, such as control characters, exchanged for U+FFFD."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
