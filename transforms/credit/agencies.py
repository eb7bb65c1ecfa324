"""News agencies and outlets by name and domain: `agencies.toml`, loaded once, and where their names stand in a text."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

import ahocorasick_rs

Form = Literal["alias", "code", "framed"]


class Holder(NamedTuple):
    """Who may hold a credit or be cited.

    Attributes:
        name: the normalised name.
        kind: only an agency can be the origin of another publisher's article.
        country: ISO 3166-1 alpha-2.
        languages: ISO 639-1.
        domains: registrable domains it publishes under.
        releases: it passes on what companies and offices say of themselves; no report of its own.
    """

    name: str
    kind: Literal["agency", "outlet"]
    country: str
    languages: tuple[str, ...]
    domains: tuple[str, ...]
    releases: bool = False


class Mention(NamedTuple):
    """A holder's name in a text, code points begin to end.

    `form` says what the words are worth: an `alias` is the name wherever it stands, a `code` only in the frame of a
    credit or right beside a word that cites, a `framed` word only in the frame of a credit.
    """

    holder: Holder
    begin: int
    end: int
    form: Form


class Names(NamedTuple):
    """The data file, indexed."""

    forms: dict[str, tuple[Holder, Form] | None]
    folded: dict[str, Holder]
    domains: dict[str, Holder]
    patterns: list[str]
    automaton: ahocorasick_rs.BytesAhoCorasick


@cache
def load() -> Names:
    """Return the data file's names, indexed; decoys stand in `forms` with None.

    Aliases and codes also count in capitals, and codes with one capital in a credit's frame, as wires set them.
    """
    data = tomllib.loads(files("wirecopy.transforms.credit").joinpath("agencies.toml").read_text("utf-8"))
    forms: dict[str, tuple[Holder, Form] | None] = dict.fromkeys(data["decoys"])
    folded: dict[str, Holder] = {}
    domains: dict[str, Holder] = {}
    derived: dict[str, tuple[Holder, Form]] = {}
    for table, kind in (("agencies", "agency"), ("outlets", "outlet")):
        for row in data[table]:
            known = tuple(row["languages"]), tuple(row["domains"]), row.get("releases", False)
            holder = Holder(row["name"], kind, row["country"], *known)  # type: ignore[arg-type]
            domains.update(dict.fromkeys(row["domains"], holder))
            derived.update(dict.fromkeys(row["domains"], (holder, "framed")))
            folded.setdefault(fold(row["name"]), holder)
            spellings: tuple[tuple[Form, str], ...] = (("alias", "aliases"), ("code", "codes"), ("framed", "framed"))
            for form, key in spellings:
                for words in row.get(key, ()):
                    forms[words] = (holder, form)
                    folded[fold(words)] = holder
                    if form != "framed" and len(words) > 2:
                        derived.setdefault(words.upper(), (holder, form))
                        if words.isupper():
                            derived.setdefault(words.capitalize(), (holder, "code" if form == "alias" else "framed"))
    forms = {**derived, **forms}
    patterns = sorted(forms)
    automaton = ahocorasick_rs.BytesAhoCorasick(
        [words.encode() for words in patterns],
        matchkind=ahocorasick_rs.MatchKind.LeftmostLongest,
        implementation=ahocorasick_rs.Implementation.ContiguousNFA,
    )
    return Names(forms, folded, domains, patterns, automaton)


def fold(words: str) -> str:
    """Return words as they are compared: case folded, marks and a leading article dropped, single spaces."""
    words = " ".join(narrow(words).translate(_MARKS).split()).casefold()
    return words.removeprefix("the ")


_WIDE = re.compile("[Ａ-Ｚａ-ｚ]")
_NARROW = {ord("Ａ") + n: ord("A") + n for n in range(26)} | {ord("ａ") + n: ord("a") + n for n in range(26)}


def narrow(text: str) -> str:
    """Return a text with Latin letters of full width in their usual form, one for one."""
    return text if text.isascii() or not _WIDE.search(text) else text.translate(_NARROW)


_MARKS = dict.fromkeys(map(ord, "\"'“”„«»‹›‘’©®™.,;:()[]{}（）【】<>*_"), " ")


@lru_cache(maxsize=8_192)
def by_alias(words: str) -> Holder | None:
    """Return whose name the words are, all of them, in any case; None where nobody's."""
    return load().folded.get(fold(words))


@lru_cache(maxsize=8_192)
def by_domain(domain: str) -> Holder | None:
    """Return who publishes under a host or registrable domain, None where unknown."""
    known = load().domains
    labels = domain.lower().rstrip(".").split(".")
    for first in range(len(labels) - 1):
        holder = known.get(".".join(labels[first:]))
        if holder is not None:
            return holder
    return None


def mentions(text: str) -> list[Mention]:
    """Return every name of a holder in a text, in order, without overlaps; linear time (Aho, Corasick 1975)."""
    names = load()
    found = []
    text = narrow(text)
    for number, begin, end in find(names.automaton, text):
        words = names.patterns[number]
        if not _starts(text, begin):
            continue
        while not _ends(text, end):
            words = _shorter(words, names.forms)
            end = begin + len(words)
            if not words:
                break
        entry = names.forms.get(words)
        if entry is not None:
            found.append(Mention(entry[0], begin, end + _ending(text, end), entry[1]))
    return found


def find(automaton: ahocorasick_rs.BytesAhoCorasick, text: str) -> list[tuple[int, int, int]]:
    """Return (pattern, begin, end) of an automaton's matches in UTF-8, begin and end in code points, in order."""
    if text.isascii():
        return automaton.find_matches_as_indexes(text.encode())
    data = text.encode(errors="surrogatepass")
    found = []
    before = at = 0
    for pattern, begin, end in automaton.find_matches_as_indexes(data):
        first = at + len(data[before:begin].decode(errors="surrogatepass"))
        before, at = end, first + len(data[begin:end].decode(errors="surrogatepass"))
        found.append((pattern, first, at))
    return found


def _shorter(words: str, forms: dict[str, tuple[Holder, Form] | None]) -> str:
    return next((words[:n] for n in range(len(words) - 1, 1, -1) if words[:n] in forms), "")


def _starts(text: str, begin: int) -> bool:
    """Say whether a word may begin here: after no letter, or where a script has no spaces or prefixes particles."""
    if begin == 0 or not text[begin - 1].isalnum():
        return True
    first, before = text[begin], text[begin - 1]
    if "؀" <= first <= "ۿ":
        lead = text[max(0, begin - 4) : begin].split(" ")[-1].split("\n")[-1]
        return lead in _ARABIC_PREFIXES
    return first >= "⺀" or before >= "⺀"


_ARABIC_PREFIXES = ("و", "ل", "ب", "ف", "ك", "ال", "وال", "لل", "بال", "ول", "وب")


def _ends(text: str, end: int) -> bool:
    if end == len(text) or not text[end].isalnum():
        return True
    return text[end - 1] >= "⺀" or text[end] >= "⺀" or _ending(text, end) > 0


def _ending(text: str, end: int) -> int:
    """Return the length of the case ending that Russian and Ukrainian write to a name: `Интерфаксу`, `Коммерсантом`."""
    if end == len(text) or not "а" <= text[end - 1] <= "я":
        return 0
    for n in (1, 2):
        if text[end : end + n] in _CASE_ENDINGS and not text[end + n : end + n + 1].isalnum():
            return n
    return 0


_CASE_ENDINGS = frozenset(("а", "у", "е", "ом", "ой", "ою", "ам"))
