"""What a lake was asked to forget: hashes of identities, by which it is kept from coming back."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.columns import storage
from wirecopy.transforms.extract.identity import named
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.lake.commits import Part, Snapshot
from wirecopy.transforms.lake.parts import read_parts

ENTRY_SAYS = ("url", "source_id", "headline", "published_raw", "error", "next_at", "entry")
"""The columns of `entries` that tell of an article."""


def tombstone(identity: bytes) -> bytes:
    """Return the 16 bytes by which an article with this identity is known to be forgotten."""
    return blake2b_128(b"forgotten", identity)


def tombstones(snapshot: Snapshot) -> frozenset[bytes]:
    """Return the tombstones of all that a lake was asked to forget. Raises OSError where a part is missing."""
    parts = snapshot.parts["forgotten"]
    return _read(snapshot.root, parts) if parts else frozenset()


def tombstones_in(root: Path, parts: Iterable[Part]) -> frozenset[bytes]:
    """Return the tombstones in some parts. Raises OSError where one is missing."""
    rows = read_parts(root, tuple(parts), TABLES["forgotten"].schema, ["identity_hash"])
    return frozenset(storage(rows["identity_hash"]).to_pylist())


def are_forgotten(identities: pa.Array | pa.ChunkedArray, forgotten: frozenset[bytes]) -> pa.BooleanArray:
    """Return for each identity whether it is that of an article that was forgotten."""
    if not forgotten:
        return pa.array([False] * len(identities), pa.bool_())
    return pa.array([tombstone(one) in forgotten for one in storage(identities).to_pylist()], pa.bool_())


def is_entry_forgotten(url: str | None, source_id: str | None, feed_url: str, forgotten: frozenset[bytes]) -> bool:
    """Return whether an entry of a feed is that of an article that was forgotten."""
    return bool(forgotten) and any(tombstone(one) in forgotten for one in named(url, source_id, feed_url))


def silent(rows: pa.Table, forgotten: frozenset[bytes], also: Container[tuple[str, bytes]] = ()) -> pa.Table:
    """Return rows of `entries` of which those of forgotten articles keep only hashes.

    With `also` those with such a feed_url and entry_id, too. One whose page is still to be had is lost.
    """
    names = ["feed_url", "url", "source_id"]
    ids = storage(rows["entry_id"]).to_pylist()
    those = pa.array(
        [
            (feed_url, entry_id) in also or is_entry_forgotten(url, source_id, feed_url, forgotten)
            for (feed_url, url, source_id), entry_id in zip(
                zip(*(rows[name].to_pylist() for name in names), strict=True), ids, strict=True
            )
        ],
        pa.bool_(),
    )
    for name in ENTRY_SAYS:
        field = rows.schema.field(name)
        column = pc.if_else(those, pa.scalar(None, field.type), rows[name])
        rows = rows.set_column(rows.schema.get_field_index(name), field, column)
    open_ = pc.and_(those, pc.equal(rows["outcome"], "open"))
    outcome = pc.if_else(open_, "lost", rows["outcome"])
    return rows.set_column(rows.schema.get_field_index("outcome"), rows.schema.field("outcome"), outcome)


@lru_cache(maxsize=4)
def _read(root: Path, parts: tuple[Part, ...]) -> frozenset[bytes]:
    return tombstones_in(root, parts)
