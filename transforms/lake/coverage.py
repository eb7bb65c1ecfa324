"""How many of a lake's articles its segments of `search_index` have, told by the footers of these parts."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from wirecopy.schemas.search import ARTICLE, SEARCH_INDEX
from wirecopy.transforms.lake.commits import Part, Snapshot, checked_path


def indexed(snapshot: Snapshot) -> int:
    """Return how many of a lake's articles are in its segments; those of a part that cannot be read are not."""
    return sum(indexed_in(snapshot.root, part) for part in snapshot.parts[SEARCH_INDEX.name])


def indexed_in(root: Path, part: Part) -> int:
    """Return how many articles a segment has, 0 where it cannot be read."""
    return _articles(root, part.path)


@lru_cache(65_536)
def _articles(root: Path, path: str) -> int:
    try:
        metadata = pq.read_metadata(checked_path(root, path))
    except (OSError, ValueError):
        return 0
    kind = metadata.schema.names.index("kind")
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return sum(group.num_rows for group in groups if group.column(kind).statistics.max == ARTICLE)
