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
    contributions: frozenset[str]
    small: frozenset[str]
    photos: frozenset[str]
    former: frozenset[str]
    telling: frozenset[str]
    particles: frozenset[str]
    kickers: frozenset[str]
    citing_before: frozenset[str]
    citing_after: frozenset[str]
    citing_loosely: frozenset[str]
    telling_to: frozenset[str]
    fillers_before: frozenset[str]
    to: frozenset[str]
    fillers_after: frozenset[str]
    subjects: frozenset[str]
    media: frozenset[str]


@cache
def contexts() -> Contexts:
    """Return the words, loaded once."""
    data = tomllib.loads(files("wirecopy.transforms.credit").joinpath("contexts.toml").read_text("utf-8"))
    credit, dateline, fillers = data["credit"], data["dateline"], data["fillers"]
    languages = data["citing"].values()
    before = frozenset(phrase for language in languages for phrase in language["before"])
    to = frozenset(fillers["to"].split())
    return Contexts(
        labels=frozenset(credit["labels"]),
        bylines=frozenset(credit["bylines"]),
        staff=frozenset(credit["staff"]),
        parts=frozenset(credit["parts"]),
        contributions=frozenset(credit["contributions"]),
        small=frozenset(credit["small"]),
        photos=frozenset(credit["photos"]),
        former=frozenset(credit["former"]),
        telling=frozenset(credit["telling"]),
        particles=frozenset(dateline["particles"].split()),
        kickers=frozenset(dateline["kickers"].split()),
        citing_before=before,
        citing_after=frozenset(phrase for language in languages for phrase in language["after"]),
        telling_to=frozenset(phrase.rsplit(" ", 1)[0] for phrase in before if phrase.rsplit(" ", 1)[-1] in to),
        citing_loosely=frozenset(data["loose"]["words"]),
        fillers_before=frozenset(fillers["before"].split()),
        fillers_after=frozenset(fillers["after"].split()),
        to=to,
        subjects=frozenset(fillers["subjects"].split()),
        media=frozenset(data["media"]["words"]),
    )


def is_staff(text: str) -> bool:
    """Say whether words beside a holder's name are its desk's or its people's: `Staff`, `news agency`, `Fact Check`."""
    staff = contexts().staff
    plain = text.lower().strip(" .,:!’'")
    return plain in staff or (bool(plain) and all(word in staff for word in plain.split()))
