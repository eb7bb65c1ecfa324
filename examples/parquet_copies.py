"""Find the copies among the rows of your own Parquet file, in a Beam pipeline of your own.

    python examples/parquet_copies.py articles.parquet copies.parquet

The input has the columns `id` and `text`. The output has the
columns of `wirecopy.beam.COPIES`: both ids, the exact Jaccard of the word 5-grams, and the containment.
"""

from __future__ import annotations

import hashlib
import sys

import apache_beam as beam
import pyarrow as pa

from wirecopy.beam import COPIES, FindCopies


def find(source: str, out: str) -> None:
    """Read texts from Parquet, find which are copies of which, and write the pairs as Parquet."""
    with beam.Pipeline("FnApiRunner") as pipeline:
        _ = (
            pipeline
            | "Read" >> beam.io.ReadFromParquetBatched(source, columns=["id", "text"])
            | "Batches" >> beam.FlatMap(with_ids).with_output_types(pa.RecordBatch)
            | "FindCopies" >> FindCopies()
            | "Tables" >> beam.Map(storage_table)
            | "Write" >> beam.io.WriteToParquetBatched(out, PLAIN, codec="zstd", shard_name_template="")
        )


PLAIN = pa.schema(
    [pa.field(field.name, pa.binary(16) if field.name.endswith("_id") else field.type) for field in COPIES]
)
"""The columns of COPIES with ids as their 16 bytes."""


def with_ids(rows: pa.Table) -> list[pa.RecordBatch]:
    """Return rows with the 16-byte `article_id` that FindCopies wants, made of one's own `id`."""
    ids = [hashlib.blake2b(str(one).encode(), digest_size=16).digest() for one in rows["id"].to_pylist()]
    return pa.table({"article_id": pa.array(ids, pa.binary(16)), "text": rows["text"]}).to_batches()


def storage_table(copies: pa.RecordBatch) -> pa.Table:
    """Return the pairs as a table that any Parquet reader understands."""
    columns = [one.storage if isinstance(one, pa.ExtensionArray) else one for one in copies.columns]
    return pa.Table.from_arrays(columns, schema=PLAIN)


if __name__ == "__main__":
    find(*sys.argv[1:3])
