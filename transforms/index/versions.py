"""Which version of its article each row of `articles` is, told for articles that were seen in several.

The table `versions` is complete from the first commit of articles on, or it is empty: a lake that was begun without it
has none until `complete` rows are committed. So that it is told apart from a lake without changed articles, its first
part has a row for no article, with version 0.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.articles import VERSIONS
from wirecopy.schemas.table import COUNT
from wirecopy.transforms.columns import fixed, storage, uuids
from wirecopy.transforms.index.relations import SEEN
from wirecopy.transforms.lake.commits import Snapshot

SEEN_BY = ("modified_at", "first_seen_at", "fetched_at", "event_at")
"""The columns of an article that say when a version was seen, the first that is known counts."""

SCHEMA = pa.schema([field for field in VERSIONS.schema if field.name not in ("commit", "deleted")])


def sighted(articles: pa.Table) -> pa.Table:
    """Return the rows of the relation `seen` of rows of articles."""
    seen_at = pc.coalesce(*(articles[name] for name in SEEN_BY))
    return pa.table([articles["identity"], articles["article_id"], seen_at], schema=SEEN)


def are_told(snapshot: Snapshot) -> bool:
    """Return whether the table `versions` of a lake says all that it is to say."""
    return bool(snapshot.parts["versions"]) or not snapshot.parts["articles"]


def numbered(rows: pa.Table, begin: bool) -> pa.Table:
    """Return the rows of the table `versions`, less what only the commit knows, that all versions of articles make.

    Args:
        rows: of the relation `seen`: every version of the articles in it.
        begin: whether they are the first of the table.
    """
    identities, ids = fixed(rows["identity"]), fixed(rows["article_id"])
    seen = pc.fill_null(rows["seen_at"].combine_chunks().cast(pa.int64()), np.iinfo(np.int64).max)
    order = np.lexsort((ids, np.asarray(seen), identities))
    identities, ids = identities[order], ids[order]
    starts = np.flatnonzero(np.concatenate([[True], identities[1:] != identities[:-1]])[: len(ids)])
    lengths = np.diff(np.append(starts, len(ids)))
    number = np.arange(len(ids)) - np.repeat(starts, lengths) + 1
    several = np.repeat(lengths, lengths) > 1
    rows = rows.take(pa.array(order[several]))
    told = pa.table([rows["article_id"], rows["identity"], pa.array(number[several], COUNT)], schema=SCHEMA)
    return pa.concat_tables([_mark(), told]) if begin else told


def _mark() -> pa.Table:
    nothing = uuids(pa.array([bytes(16)], pa.binary(16)))
    return pa.table([nothing, nothing, pa.array([0], COUNT)], schema=SCHEMA)


def told_of(rows: pa.Table, articles: pa.Table) -> pa.Table:
    """Return the rows of the relation `seen` that are of the same articles as others, with those."""
    other = rows.filter(pc.invert(pc.is_in(storage(rows["article_id"]), storage(articles["article_id"]))))
    return pa.concat_tables([other, articles])
