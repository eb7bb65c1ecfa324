"""Elasticsearch and OpenSearch: records as dumps, replies of searches and bulk requests hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ABOUT = frozenset("_id _index _score _type _version _seq_no _primary_term _routing _ignored sort".split())
MARKS = frozenset(("_source", *_ABOUT))
"""Names that a hit has."""
_ACTIONS = frozenset(("create", "delete", "index", "update"))
_OPTIONS = frozenset("dynamic_templates pipeline require_alias retry_on_conflict routing".split())
_OF_REPLY = frozenset(("_scroll_id", "_shards", "timed_out", "took", "pit_id"))


def record(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the record that a hit holds, with the hit's id where it has none of its own; None where it is no hit."""
    if _ABOUT.isdisjoint(value) and value.keys() != {"_source"}:
        return None
    found = value.get("_source")
    if not isinstance(found, Mapping):
        fields = value.get("fields")
        if not isinstance(fields, Mapping) or "_index" not in value:
            return None
        found = {name: each[0] if isinstance(each, list) and len(each) == 1 else each for name, each in fields.items()}
    own = value.get("_id")
    return found if own is None or "id" in found else {**found, "id": own}


def hits(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the hits of a search's reply, of one or of several searches; None where it is no such reply."""
    found = value.get("hits")
    if isinstance(found, Mapping) and isinstance(found.get("hits"), list):
        return list(found["hits"])
    if isinstance(found, list) and not _OF_REPLY.isdisjoint(value):
        return found
    replies = value.get("responses")
    if isinstance(replies, list) and replies and all(isinstance(reply, Mapping) for reply in replies):
        each = [hits(reply) for reply in replies]
        if any(one is not None for one in each):
            return [hit for one in each for hit in one or ()]
    return None


def is_action(value: Any) -> bool:
    """Say whether an object is a bulk request's line that tells what to do with the next one."""
    if not isinstance(value, dict) or len(value) != 1 or value.keys().isdisjoint(_ACTIONS):
        return False
    (told,) = value.values()
    return isinstance(told, dict) and all(name.startswith("_") or name in _OPTIONS for name in told)
