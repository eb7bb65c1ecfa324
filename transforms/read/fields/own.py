"""A user's own mapping of records: the column a field is in, what it is throughout, or a part of a column."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple


class Own(NamedTuple):
    """Where a user says a field is.

    Attributes:
        path: the column's name, levels parted by dots; empty for a constant.
        constant: what the field is in every record.
        pattern: what of the column's value is meant: its first group, or all that matches; None for the whole value.
    """

    path: tuple[str, ...]
    constant: str | None = None
    pattern: re.Pattern[str] | None = None

    def part(self, value: str) -> str | None:
        """Return what the pattern finds in a value, None where it finds nothing."""
        found = self.pattern.search(value) if self.pattern else None
        return (found[1] if found.re.groups else found[0]) if found else None


def told(own: Mapping[str, str], fields: Collection[str]) -> str:
    """Return a user's own mapping as units carry it.

    Args:
        own: what is said of each field that is not to be guessed: the name it has in the records, levels parted by
            dots, such as `story.plain`; a constant in quotation marks, such as `'Aravot'`; or a column and, behind a
            tilde, a regular expression for the part of it that is meant, such as `id~\\d{8}`.
        fields: the fields that there are.

    Raises:
        ValueError: a field that no document has, or an expression that is none.
    """
    unknown = sorted(own.keys() - set(fields))
    if unknown:
        raise ValueError(f"no field {', '.join(map(repr, unknown))} in the mapping: there are {', '.join(fields)}")
    for field, said in own.items():
        try:
            _parse(said)
        except re.error as error:
            raise ValueError(f"the expression of {field} in {said!r} is no regular expression: {error}") from None
    return json.dumps(dict(own), sort_keys=True, separators=(",", ":")) if own else ""


@lru_cache(64)
def owned(told: str) -> dict[str, Own]:
    """Return a user's own mapping by field, from what a unit carries."""
    return {field: _parse(said) for field, said in json.loads(told).items()} if told else {}


def _parse(said: str) -> Own:
    if len(said) > 1 and said[0] in "'\"" and said[0] == said[-1]:
        return Own((), constant=said[1:-1])
    column, tilde, expression = said.partition("~")
    return Own(tuple(column.split(".")), pattern=re.compile(expression) if tilde and expression else None)
