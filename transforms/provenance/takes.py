"""Versions of a story that an agency sends under one slugline: flash, lead and write-through.

They have ids and often no word in common, and are one story all the same: the slugline names it, and says which take
of it a text is, as `BC-Port Strike` and `BC-Port Strike,1st Ld-Writethru` do. An agency uses a slugline again, so a
take belongs to the text of that name that it follows within two days; two texts that are no takes never are one story,
for some sluglines name a desk and no story. A story goes no further than the month.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.transforms.columns import Array, storage, to_numpy, uuids
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.provenance.origin import SECOND

TAKE = "take"
"""The relation of two articles that have one slugline: no pair, but what clusters depend on."""
WITHIN = 2 * 86_400 * SECOND
"""Microseconds within which a take follows the one before."""

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,2}(?:st|nd|rd|th|e|er|eme|ème|º|ª|o|a)?|first|second|third|fourth|fifth")


class Slug(NamedTuple):
    """What a slugline says: the story that it names, and whether it says that the text is a later take of it."""

    story: str
    is_take: bool


@cache
def _data() -> dict[str, Any]:
    words = tomllib.loads(files(__package__).joinpath("takes.toml").read_text("utf-8"))
    return {name: frozenset(listed) for name, listed in words.items()}


def read_slug(slugline: str) -> Slug | None:
    """Return what a slugline says, None where it names nothing."""
    data = _data()
    behind = data["marks"] | data["numbered"]
    words = _WORD.findall(slugline.casefold())
    while words and words[0] in data["cycles"]:
        del words[0]
    is_take = False
    while len(words) > 1 and words[0] in data["leading"]:
        is_take = True
        del words[: 2 if _is_number(words[1]) and len(words) > 2 else 1]
    while len(words) > 1:
        before, last = words[-2:]
        dropped = 1
        if last in data["marks"]:
            dropped += _is_number(before)
        elif (last in data["numbered"] and _is_number(before)) or (_is_number(last) and before in behind):
            dropped += 1
        elif len(last) in (3, 4) and last.isdecimal():  # how many words it has, as American wires tell
            del words[-1]
            continue
        else:
            break
        is_take = True
        del words[-dropped:]
    return Slug(" ".join(words), is_take) if words else None


def _is_number(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None


def take_links(articles: pa.Table, mates: pa.Table, edges: pa.Schema) -> pa.Table:
    """Return a row, with the columns of `edges`, for each of some articles and each other one that has its slugline.

    They link what may be takes of one story, as pairs do what shares text; their relation is TAKE.

    Args:
        articles, mates: FACTS.
    """
    named = [
        table.filter(pc.not_equal(storage(table["slug"]), storage(table["identity"]))) for table in (articles, mates)
    ]
    left, right = (
        pa.table({"slug": storage(table["slug"]), side: storage(table["article_id"])})
        for table, side in zip(named, ("src_article_id", "dst_article_id"), strict=True)
    )
    if not len(left) or not len(right):
        return edges.empty_table()
    linked = left.join(right, "slug", join_type="inner", use_threads=False).combine_chunks()
    linked = linked.filter(pc.not_equal(linked["src_article_id"], linked["dst_article_id"]))
    filled: dict[pa.DataType, Any] = {pa.string(): TAKE, pa.float32(): 0.0}
    return pa.table(
        [
            uuids(linked[field.name].combine_chunks())
            if field.name in linked.column_names
            else pa.repeat(pa.scalar(filled[field.type], field.type), len(linked))
            for field in edges
        ],
        schema=edges,
    )


def slugs(articles: pa.Table, told: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the id of the story that each article's slugline names, and whether it is a later take of it.

    The id is a hash of the name, the agency, the outlet and the month; the article's identity where it has no slugline.

    Args:
        articles: the columns identity, slugline, agency and outlet.
        told: i64, when each was published, in microseconds. Without that it has no story.
    """
    takes = np.zeros(len(articles), bool)
    rows = np.flatnonzero(to_numpy(pc.is_valid(articles["slugline"])) & to_numpy(pc.is_valid(told)))
    if not len(rows):
        return uuids(storage(articles["identity"])), pa.array(takes)
    stories: list[bytes] = storage(articles["identity"]).to_pylist()
    known = articles.select(["slugline", "agency", "outlet"]).take(pa.array(rows))
    columns = (known[name].to_pylist() for name in known.column_names)
    instants = to_numpy(pc.fill_null(told, 0))[rows].tolist()
    for row, at, slugline, agency, outlet in zip(rows.tolist(), instants, *columns, strict=True):
        slug = read_slug(slugline)
        if slug and (agency or outlet):
            month = datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m")
            stories[row] = blake2b_128(*(part.encode() for part in (agency or "", outlet or "", slug.story, month)))
            takes[row] = slug.is_take
    return uuids(pa.array(stories, pa.binary(16))), pa.array(takes)


def first_takes(story: Array, is_take: Array, told: Array) -> Array:
    """Return the first text of each article's story, itself where it follows none.

    Args:
        story: i64[n], a number for each story that a slugline names, -1 for none.
        is_take: bool[n].
        told: i64[n], when each was published.
    """
    first = np.arange(len(story))
    named = np.flatnonzero(np.isin(story, story[is_take & (story >= 0)]))
    order = named[np.lexsort((named, is_take[named], told[named], story[named]))]
    for before, one in itertools.pairwise(order.tolist()):
        if story[before] == story[one] and is_take[one] and told[one] - told[before] <= WITHIN:
            first[one] = first[before]
    return first


def join_takes(head: Array, first: Array) -> Array:
    """Return the heads of n articles once the stars of a story's takes are joined around the first take's head.

    Args:
        head: i64[n], the article that each is a copy of, itself for a head.
        first: i64[n], as `first_takes` gives it.
    """
    joined = head.copy()
    takes = np.flatnonzero((first != np.arange(len(head))) & (first[head] == first))
    joined[takes] = head[first[takes]]
    for _ in range(len(head)):
        moved = joined[joined]
        if (moved == joined).all():
            return joined
        joined = moved
    return head
