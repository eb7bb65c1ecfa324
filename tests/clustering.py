"""Made articles and pairs for tests of clusters, by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pyarrow as pa

from wirecopy.schemas.reuse import PAIRS
from wirecopy.transforms.provenance.clusters import clusters
from wirecopy.transforms.provenance.facts import FACTS
from wirecopy.transforms.provenance.origin import SECOND

HOUR = 3600 * SECOND
Fact = dict[str, Any]
Pair = dict[str, Any]


def name(n: int) -> bytes:
    return n.to_bytes(16, "big")


def article(n: int, hour: int | None = None, words: int = 300, **known: Any) -> Fact:
    begin = None if hour is None else hour * HOUR
    identity = known.pop("identity", name(1000 + n))
    return {
        "article_id": name(n),
        "identity": identity,
        "slug": identity,
        "outlet": known.pop("outlet", f"paper{n}.com"),
        "begin_at": begin,
        "end_at": None if begin is None else begin + SECOND,
        "told_at": begin,
        "event_at": begin,
        "n_words": words,
        "is_take": False,
        **known,
    }


def table(articles: Sequence[Fact]) -> pa.Table:
    return pa.table([[row.get(column.name) for row in articles] for column in FACTS], schema=FACTS)


def pair(src: int, dst: int, relation: str = "copy", **measured: Any) -> Pair:
    jaccard = measured.pop("jaccard", 0.6 if relation == "copy" else 0.05)
    share = measured.pop("share", 0.8 if relation == "copy" else 0.2)
    return {
        "src_article_id": name(src),
        "dst_article_id": name(dst),
        "relation": relation,
        "jaccard": jaccard,
        "src_coverage": share,
        "dst_coverage": share,
        "n_passages": 1,
        "score": 600,
        "same_outlet": False,
        "direction_confidence": 0.75,
        "model_id": "test",
        **measured,
    }


def pair_table(pairs: Sequence[Pair]) -> pa.Table:
    return pa.table([[row.get(column.name) for row in pairs] for column in PAIRS.schema], schema=PAIRS.schema)


def number(uuid: UUID) -> int:
    return uuid.int


def parts(articles: Sequence[Fact], pairs: Sequence[Pair]) -> dict[int, dict[int, str]]:
    """Return {origin: {member: role}} by the articles' numbers."""
    found, members = clusters(table(articles), pair_table(pairs))
    origins = {row["cluster_id"]: number(row["origin_article_id"]) for row in found.to_pylist()}
    roles: dict[int, dict[int, str]] = {origin: {} for origin in origins.values()}
    for row in members.to_pylist():
        roles[origins[row["cluster_id"]]][number(row["article_id"])] = row["role"]
    return roles
