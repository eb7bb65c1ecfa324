"""Runs, one row each, and the ledger of units. The record of a commit itself is JSON: see transforms.lake.records."""

import pyarrow as pa

from wirecopy.schemas.table import COUNT, ID, INSTANT, Table, field

RUNS = Table(
    "runs",
    "one commit's part of one run of a command",
    pa.schema(
        [
            field("run_id", ID, "the run"),
            field("command", pa.string(), "ingest, monitor, demo, compact, ..."),
            field("version", pa.string(), "version of wirecopy that ran"),
            field("started_at", INSTANT, "when the run started", unit="UTC"),
            field("committed_at", INSTANT, "when this commit was made", unit="UTC"),
            field("commit", pa.int64(), "number of the commit"),
            field("units", COUNT, "units of input done in this commit"),
            field("articles", COUNT, "articles added"),
            field("copies", COUNT, "pairs added with relation copy"),
            field("reuse", COUNT, "pairs added with relation reuse"),
            field("rejects", COUNT, "rejects added"),
        ]
    ),
    keep="append",
    key=("run_id", "commit"),
)

LEDGER = pa.schema(
    [
        field("unit_id", pa.binary(16), "a unit of input that is done"),
        field("commit", pa.int64(), "the commit that is done with it"),
    ]
)
"""A run of the ledger, sorted by unit_id. It is no table of the lake: no view shows it."""
