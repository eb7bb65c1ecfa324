"""The words of `contexts.toml`: what makes a name a credit, a citation or neither."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Contexts(NamedTuple):
    """Phrases of lower-case words with single spaces, by what they mean beside a name; see `contexts.toml`."""

    labels: frozenset[str]
    bylines: frozenset[str]
    staff: frozenset[str]
    parts: frozenset[str]
    photos: frozenset[str]
    former: frozenset[str]
    telling: frozenset[str]
    citing_before: frozenset[str]
    citing_after: frozenset[str]
    citing_loosely: frozenset[str]
    fillers_before: frozenset[str]
    to: frozenset[str]
    fillers_after: frozenset[str]
    subjects: frozenset[str]
    media: frozenset[str]


@cache
def contexts() -> Contexts:
    """Return the words, loaded once."""
    data = tomllib.loads(files("transforms.credit").joinpath("contexts.toml").read_text("utf-8"))
    credit, languages, fillers = data["credit"], data["citing"].values(), data["fillers"]
    return Contexts(
        *(frozenset(credit[key]) for key in ("labels", "bylines", "staff", "parts", "photos", "former", "telling")),
        frozenset(phrase for language in languages for phrase in language["before"]),
        frozenset(phrase for language in languages for phrase in language["after"]),
        frozenset(data["loose"]["words"]),
        *(frozenset(fillers[key].split()) for key in ("before", "to", "after", "subjects")),
        frozenset(data["media"]["words"]),
    )
