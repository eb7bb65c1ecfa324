"""What a column's name says in words: `published_on`, `authorName` and `Fecha de publicación` without a list of names.

A name is cut into words; each field has words that name it and words that may stand beside them. A name with any other
word in it says nothing: `image_url` is no article's address, `author_id` no author.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple


class Rule(NamedTuple):
    """The words of a field: those that name it, and those that may stand beside them."""

    heads: frozenset[str]
    beside: frozenset[str]


class Vocabulary(NamedTuple):
    """The words of `columns.toml`.

    Attributes:
        rules: by field, those for which a head is enough.
        common: words that may stand in any name: `article`, `raw`.
        times: words that say that a name is a time's: `date`, `at`.
        events: by field, words for what happened at that time.
        done: words for what happened that say so without a word for time: `published`.
        meanings: words of other languages, and what they stand for.
        longest: letters of the longest word.
    """

    rules: dict[str, Rule]
    common: frozenset[str]
    times: frozenset[str]
    events: dict[str, frozenset[str]]
    done: frozenset[str]
    meanings: dict[str, str]
    longest: int


_BREAK = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\D)(?=\d)")
_DAY_OR_TIME = frozenset("date datetime timestamp".split())


@cache
def _vocabulary() -> Vocabulary:
    data = tomllib.loads(files(__package__).joinpath("columns.toml").read_text("utf-8"))
    words = {name: frozenset(text.split()) for name, text in data["words"].items()}
    rules = {
        field: Rule(frozenset(rule["heads"].split()), frozenset(rule["beside"].split()) | words["common"])
        for field, rule in data["fields"].items()
    }
    events = {field: frozenset(text.split()) for field, text in data["events"].items()}
    meanings = {plain(foreign): word for word, foreigns in data["meanings"].items() for foreign in foreigns.split()}
    known = {*meanings, *words["common"], *words["times"], *(word for each in events.values() for word in each)}
    longest = max(map(len, known))
    return Vocabulary(rules, words["common"], words["times"], events, words["done"], meanings, longest)


@cache
def _known() -> frozenset[str]:
    told = _vocabulary()
    ruled = (rule.heads | rule.beside for rule in told.rules.values())
    return frozenset(told.meanings).union(told.common, told.times, *told.events.values(), *ruled)


def plain(name: str) -> str:
    """Return a name in lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


@lru_cache(4096)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, in English where known: `fechaPublicacion` -> `date`, `publication`."""
    meanings = _vocabulary().meanings
    parts = (part for token in _BREAK.split(name) if token for part in _parted(plain(token)))
    return tuple(meanings.get(part, part) for part in parts if not part.isdigit())


def _parted(token: str) -> tuple[str, ...]:
    """Return the known words that a token is made of, or the token: `publishedon` -> `published`, `on`."""
    known = _known()
    if token in known or len(token) > 40:
        return (token,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(token)
    for end in range(1, len(token) + 1):
        for begin in range(max(0, end - _vocabulary().longest), end):
            before = best[begin]
            if before is None or token[begin:end] not in known or end - begin < 2:
                continue
            found = best[end]
            if found is None or len(before) + 1 < len(found):
                best[end] = (*before, token[begin:end])
    return best[-1] or (token,)


def fields(name: str) -> Iterator[str]:
    """Yield the fields that a column's name says in words, none where it says something else."""
    told = _vocabulary()
    said = frozenset(words(name))
    if not said or len(words(name)) > 5:
        return
    for field, rule in told.rules.items():
        if said & rule.heads and said <= rule.heads | rule.beside:
            yield field
    for field, event in told.events.items():
        happened = said & event
        timed = said & told.times
        if not said <= event | told.times | told.common:
            continue
        if (happened and (timed or happened & told.done)) or (
            field == "published" and not happened and timed & _DAY_OR_TIME
        ):
            yield field


def is_about_event(name: str, field: str) -> bool:
    """Say whether a name tells what happened at its time, as `published_on` does and `date` does not."""
    return bool(frozenset(words(name)) & _vocabulary().events.get(field, frozenset()))


def is_day(name: str) -> bool:
    """Say whether a name is that of a day and not of a time: `publication_date`."""
    said = words(name)
    return "date" in said and not {"datetime", "time", "timestamp", "at", "ts"} & set(said)
