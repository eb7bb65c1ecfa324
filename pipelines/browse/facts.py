"""What each page tells: plain values, gathered on a connection to the lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import duckdb

from wirecopy.pipelines.browse import questions as q
from wirecopy.pipelines.pages.figures import Dot, Figure, timeline
from wirecopy.pipelines.pages.marks import Piece, pieces, same_words, takers
from wirecopy.pipelines.pages.words import moment, one_line
from wirecopy.transforms.tracing.diff import Diff

MOST_COMPARED = 60_000
"""Code points of two versions that are compared word by word."""

MOST_TEXT = 200_000
"""Code points of a text that a page shows."""

LISTS = {
    "stories": q.STORIES,
    "uncredited": q.UNCREDITED,
    "changed": q.CHANGED,
    "outlets": q.OUTLETS,
    "flows": q.FLOWS,
    "feeds": q.FEEDS,
    "rejects": q.REJECTS,
}

Con = duckdb.DuckDBPyConnection


def front(con: Con) -> dict[str, Any]:
    """Return what the first page tells."""
    return {
        "glance": q.ask(con, q.GLANCE)[0],
        "recent": q.listed(con, q.RECENT, 0, most=12).rows,
        "latest": q.listed(con, q.LATEST, 0, most=12).rows,
        "health": q.ask(con, "SELECT health, count(*) AS feeds FROM feed_health GROUP BY health ORDER BY health"),
        "runs": q.ask(con, q.RUNS),
    }


def passages(con: Con, begin: int) -> dict[str, Any]:
    """Return a page of the passages that most others took."""
    order = "n_articles DESC, n_words DESC, article_id, src_begin"
    page = f"FROM reprinted_passages ORDER BY {order} LIMIT {q.PAGE + 1} OFFSET {begin}"
    rows = q.ask(con, q.PASSAGES.format(page=page))
    return {"list": q.Rows(rows[: q.PAGE], begin, len(rows) > q.PAGE)}


def article(con: Con, article_id: UUID) -> dict[str, Any] | None:
    """Return an article with its text in pieces, coloured by source; None where the lake does not have it."""
    found = article_row(con, article_id)
    if found is None:
        return None
    taken = q.ask(con, q.TAKEN, str(article_id))
    order = list(dict.fromkeys(row["other"] for row in taken))
    text = found["text"]
    sources = {row["other"]: row for row in reversed(taken)}
    return {
        "article": found,
        "pieces": coloured(
            text, [(row["begin_at"], row["end_at"]) for row in taken], [order.index(row["other"]) for row in taken]
        ),
        "cut": max(0, len(text or "") - MOST_TEXT),
        "sources": [sources[one] for one in order],
        "given": q.listed(con, q.GIVEN, 0, str(article_id), most=q.PAGE),
        "stories": q.ask(con, q.STORY_OF, str(article_id)),
    }


def article_row(con: Con, article_id: UUID) -> dict[str, Any] | None:
    """Return an article with its text, None where the lake does not have it.

    Asked by its identity, which says in which part of the view it is, and its text by its time: a few milliseconds
    each in a lake of a million, where a join takes seconds.
    """
    places = con.execute(q.PLACE, [str(article_id)]).fetchall()
    if not places:
        return None
    identity, event_at = places[0]
    row = q.ask(con, q.ARTICLE, str(identity), str(article_id))[0]
    texts = con.execute(q.TEXT, [str(article_id), event_at]).fetchall()
    return row | {"text": texts[0][0] if texts else None}


def coloured(text: str | None, spans: Sequence[tuple[int, int]], colours: Sequence[int]) -> list[tuple[Piece, int]]:
    """Return a text in pieces, each with the colour of its passage, -1 for none."""
    return [(one, -1 if one.span is None else colours[one.span]) for one in pieces((text or "")[:MOST_TEXT], spans)]


def story(con: Con, cluster_id: UUID) -> dict[str, Any] | None:
    """Return a story: its articles, the tree of who took from whom, and its origin's text; None where there is none."""
    found = q.ask(con, q.STORY, str(cluster_id))
    if not found:
        return None
    told, members = found[0], q.listed(con, q.MEMBERS_OF, 0, str(cluster_id), most=q.MEMBERS)
    origin = article_row(con, told["origin_article_id"])
    held = q.ask(con, q.HELD, str(told["origin_article_id"]))
    return {
        "story": told,
        "members": members,
        "figures": drawn(members.rows, told["origin_article_id"]),
        "tree": tree(con, members.rows),
        "pieces": takers(
            (origin["text"] if origin else None) or "",
            [(row["src_begin"], row["src_end"], row["dst_article_id"]) for row in held],
        ),
    }


def drawn(members: Sequence[dict[str, Any]], origin: UUID) -> tuple[Figure, Figure] | None:
    """Return the timeline of a story, for wide and for narrow screens; None where no time of it is known."""
    dated = sorted((one for one in members if one["event_at"]), key=lambda one: one["event_at"])
    if not dated:
        return None
    first: dt.datetime = dated[0]["event_at"]
    dots = [
        Dot(
            (one["event_at"] - first).total_seconds(),
            one["role"],
            f"{one_line(one['outlet'] or 'outlet not known', 60)}, {moment(one['event_at'])}, {one['role']}",
            f"/article/{origin}" if one["article_id"] == origin else f"/pair/{origin}/{one['article_id']}",
        )
        for one in dated[:120]
    ]
    return timeline(dots, 900), timeline(dots, 360)


def tree(con: Con, members: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return who took from whom: each article under the one that most of its words are in, roots first.

    Each has `children`, `depth`, and `share`: the share of its words that stand in the one above it.
    """
    nodes = {one["article_id"]: one | {"children": [], "above": None, "taken": None} for one in members}
    ids = [str(one) for one in nodes]
    for edge in q.ask(con, q.EDGES, ids, ids):
        node = nodes[edge["dst_article_id"]]
        if (
            node["role"] != "origin"
            and node["above"] is None
            and not _reaches(nodes, edge["src_article_id"], node["article_id"])
        ):
            node["above"], node["taken"] = edge["src_article_id"], edge["dst_coverage"]
    for node in nodes.values():
        if node["above"] is not None:
            nodes[node["above"]]["children"].append(node)
    return [node for node in nodes.values() if node["above"] is None]


def _reaches(nodes: dict[UUID, dict[str, Any]], above: UUID | None, article_id: UUID) -> bool:
    while above is not None:
        if above == article_id:
            return True
        above = nodes[above]["above"]
    return False


def pair(con: Con, a: UUID, b: UUID) -> dict[str, Any] | None:
    """Return two articles side by side, their passages numbered; None where the lake lacks one of them."""
    left, right = (article_row(con, one) for one in (a, b))
    if left is None or right is None:
        return None
    shared = q.ask(con, q.ALIGNED, str(a), str(b))
    return {
        "sides": [
            side(left, [(row["a_begin"], row["a_end"]) for row in shared]),
            side(right, [(row["b_begin"], row["b_end"]) for row in shared]),
        ],
        "shared": shared,
    }


def versions(con: Con, a: UUID, b: UUID) -> dict[str, Any] | None:
    """Return two versions of an article: the pieces that both have are those with a number."""
    left, right = (article_row(con, one) for one in (a, b))
    if left is None or right is None:
        return None
    same = same_words((left["text"] or "")[:MOST_COMPARED], (right["text"] or "")[:MOST_COMPARED])
    return {"sides": [side(left, [(one[0], one[1]) for one in same]), side(right, [(one[2], one[3]) for one in same])]}


def side(
    article: dict[str, Any], spans: Sequence[tuple[int, int]], changes: Sequence[tuple[int, int, int]] = ()
) -> dict[str, Any]:
    """Return one of two texts, ready to stand beside the other.

    Args:
        article: what is known of it, with its `text`.
        spans: begin and end of its passages, in the order of their numbers.
        changes: begin and end of words in a passage that the other text has otherwise, and the passage's number.

    Its `pieces` are words, the number of their passage (-1 for none), whether it opens here, and whether they differ.
    """
    text = (article["text"] or "")[:MOST_TEXT]
    numbers = [*(number for _, _, number in changes), *range(len(spans))]
    seen = {-1}
    told = []
    for one in pieces(text, [*((begin, end) for begin, end, _ in changes), *spans]):
        number = -1 if one.span is None else numbers[one.span]
        told.append((one.words, number, number not in seen, one.span is not None and one.span < len(changes)))
        seen.add(number)
    return {"article": article, "pieces": told, "cut": max(0, len(article["text"] or "") - MOST_TEXT)}


def differing(found: Diff) -> list[dict[str, Any]]:
    """Return the two texts of a comparison: what both have is numbered, moved or not, and what differs in it marked."""
    both = [one for one in found.stretches if one.kind in ("shared", "moved")]
    changes = [(change, number) for number, one in enumerate(both) for change in one.changes]
    return [
        side(
            {"text": found.a},
            [(one.a_begin, one.a_end) for one in both],
            [(change.a_begin, change.a_end, n) for change, n in changes if change.a_begin < change.a_end],
        ),
        side(
            {"text": found.b},
            [(one.b_begin, one.b_end) for one in both],
            [(change.b_begin, change.b_end, n) for change, n in changes if change.b_begin < change.b_end],
        ),
    ]
