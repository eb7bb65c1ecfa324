"""Who says a quote: the clause that tells it, and the name in it resolved to the fullest form in the article."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from wirecopy.transforms.credit.quotes.phrases import (
    BREAKS,
    LONGEST_SUBJECT,
    abbreviates,
    clause,
    is_capital,
    last_two,
    leading,
    name_in,
    names_a_thing,
    runs,
    source,
    speech,
    split,
    subject_before,
    subject_behind,
    trailing_run,
)

_END = re.compile(r"[.!?…][\"”»’)\]]*\s+(?=[\"“«„(\[]?[^\W_a-zа-яё])")
_CLOSED = re.compile(r"[.!?…][\"”»’)\]]*\s+$")
_LEAD = re.compile(r"\s{0,3}[,.;]?\s{0,3}[-–—]{0,2}\s{0,3}")
_REACH = 400
_BEHIND = 160
_BACK = 1_500
_CROWD = 6
"""Quotes over which words of speech may reach; where more stand together they are a list."""
_CLAUSE = 18
_BESIDE = 5
_TRIES = 20
_GIVEN = 20
_NAMING = 24
_NAMES = 500
"""Names of an article that are looked up in it; more would cost the square of its length."""


class Spoken(NamedTuple):
    """Who said a quote, where known, and where the mark behind it stands."""

    speaker: str | None
    closing: int


class Article:
    """A text with its quotes blanked, for finding who speaks.

    Args:
        text: the article.
        headline: its headline, for full names; None where unknown.
        quoted: the quotation marks around each quote, at opening and at closing, in order.
        language: BCP-47 tag; German writes every noun with a capital.
    """

    def __init__(
        self, text: str, headline: str | None, quoted: Sequence[tuple[int, int]], language: str | None
    ) -> None:
        self.text = text
        self.named = f"{text}\n{headline}" if headline else text
        pieces: list[str] = []
        at = 0
        for opening, closing in quoted:
            inside = text[opening + 1 : closing].rstrip()
            pieces += (
                text[at : opening + 1],
                "\x00",
                " " * (closing - opening - 3),
                inside[-1:] if closing - opening > 2 else "",
            )
            at = closing
        pieces.append(text[at:])
        self.masked = "".join(pieces)
        self.openings = [opening for opening, _ in quoted]
        self.nouns = bool(language and language.startswith("de"))
        self.full: dict[str, str] = {}
        self.recurs: dict[str, bool] = {}
        self.nobody = 0

    def fills_paragraph(self, opening: int, closing: int) -> bool:
        """Say whether a quote between two marks is a paragraph of its own."""
        first = self.text.rfind("\n", 0, opening) + 1
        last = self.text.find("\n", closing)
        last = len(self.text) if last < 0 else last
        return not self.text[first:opening].strip(" -–—•*") and not self.text[closing + 1 : last].strip(" .,;-–—")

    def speaker(self, opening: int, closing: int, previous: Spoken) -> tuple[bool, str | None]:
        """Return whether words of speech belong to a quote, and whom they name.

        Args:
            opening: where the mark before it stands.
            closing: where the mark behind it stands.
            previous: who said the quote before.
        """
        if names_a_thing(self.masked[max(0, opening - _NAMING) : opening].split()):
            return False, None
        found = self._behind(opening, closing, previous)
        if found is None:
            found = self._before(opening, previous)
        return (False, None) if found is None else (True, found or None)

    def _behind(self, opening: int, closing: int, previous: Spoken) -> str | None:
        """Read `," he said` and `”, said Lavrov`; None where no clause of speech follows."""
        end = closing + 1 + _BEHIND
        crowd = bisect_left(self.openings, closing) + _CROWD
        if crowd < len(self.openings):
            end = min(end, self.openings[crowd])
        after = self.masked[closing + 1 : end]
        lead = _LEAD.match(after)
        marks = lead[0].strip() if lead else ""
        inner = self.text[max(0, closing - 2) : closing].strip()[-1:]
        dashed = any(mark in marks for mark in "-–—")
        rest = after[len(lead[0]) if lead else 0 :]
        if not dashed and (marks.startswith((".", ";")) or (inner in ".…" and not rest[:1].islower())):
            return None
        joined = dashed or inner in ",?!" or "," in marks
        known = speech()
        words = split(clause(rest))[:_CLAUSE]
        for index, word in enumerate(words):
            if not joined and (word in BREAKS or index >= _BESIDE):
                return None
            if word.lower() in known.sources or (not index and word in known.behind):
                subject = source(words[index + 1 :])
            elif word in known.verbs and not (word in known.weak and not joined):
                subject = subject_before(words[:index])
                if not subject and word not in known.hearers:
                    subject = subject_behind(words[index + 1 :])
                if not subject and not index:
                    subject = subject_before(split(self._sentence(opening)[1]))
            else:
                continue
            return self._resolve(subject, closing, previous) if subject or joined else None
        return None

    def _before(self, opening: int, previous: Spoken) -> str | None:
        """Read `He noted that Moscow plans “` and `According to X, this “`; None where no words of speech precede."""
        start, sentence = self._sentence(opening)
        words = split(sentence)
        if not words:
            return None
        known = speech()
        if words[-1] in ("(", "["):
            return None
        told = not known.verbs.isdisjoint(words) or not known.sources.isdisjoint(map(str.lower, words))
        for index in range(len(words) - 1, -1, -1) if told else ():
            word = words[index]
            lower = word.lower()
            if lower in known.sources:
                subject = source(words[index + 1 :])
                if subject:
                    return self._resolve(subject, start, previous)
            elif word in known.verbs and (word not in known.weak or index >= len(words) - 3):
                passive = words[index + 1 : index + 2] == ["by"]
                if not passive and index and words[index - 1] in known.passive:
                    continue
                subject = subject_behind(words[index + 2 :]) if passive else subject_before(words[:index])
                if not subject and word not in known.hearers:
                    subject = subject_behind(words[index + 1 :])
                if not subject:
                    subject = leading(words)
                if subject:
                    return self._resolve(subject, start, previous)
                return previous.speaker or ""
        if words[-1] == ":" and len(words) <= LONGEST_SUBJECT:
            return self._resolve(leading(words), start, previous)
        return None

    def _sentence(self, at: int) -> tuple[int, str]:
        """Return the part of the sentence before a code point, and where it begins."""
        floor = max(self.masked.rfind("\n", 0, at) + 1, at - _REACH)
        near = bisect_left(self.openings, at) - _CROWD
        if near >= 0:
            floor = max(floor, self.openings[near])
        part = self.masked[floor:at]
        closed = _CLOSED.search(part, max(0, len(part) - 8))
        if closed and not abbreviates(part, closed.start()):
            return at, ""
        start = 0
        for match in _END.finditer(part):
            if not abbreviates(part, match.start()):
                start = match.end()
        return floor + start, part[start:]

    def _resolve(self, subject: Sequence[str], at: int, previous: Spoken) -> str:
        """Return the fullest name of a subject; an empty string where nobody is named."""
        known = speech()
        if not subject:
            return previous.speaker or ""
        first, final = subject[0].lower(), subject[-1].lower()
        if first in known.pronouns or (len(subject) == 1 and first in ("who", "which")):
            return self._antecedent(at, previous, thing=first == "it")
        name = name_in(tuple(subject))
        if name:
            return self.fullest(name)
        lowered = [word.lower() for word in subject]
        definite = first in ("the", "this", "der", "die", "le", "la", "el", "il", "o")
        if definite and final in known.roles and known.bodies.isdisjoint(lowered):
            return self._antecedent(at, previous) or " ".join(subject)
        if first == "the" and any(is_capital(word) for word in subject[1:]):
            return " ".join(subject[1:])
        return " ".join([first, *subject[1:]] if first in known.determiners else subject)

    def _antecedent(self, at: int, previous: Spoken, thing: bool = False) -> str:
        """Return what a pronoun before `at` stands for: who spoke last, or the subject of a sentence since.

        A `thing` is whoever speaks there, a person or not; otherwise a person is looked for.
        """
        position = at
        floor = max(0, at - _BACK, self.nobody)
        while position > floor:
            start, sentence = self._sentence(position)
            if previous.speaker and start <= previous.closing:
                return previous.speaker
            person = self._person(split(sentence), thing)
            if person:
                return person
            position = start - 1
            while position > floor and self.masked[position - 1].isspace():
                position -= 1
        self.nobody = at
        return previous.speaker or ""

    def _person(self, words: Sequence[str], thing: bool) -> str:
        """Return the person a sentence is about: before a verb of speech, else the first that it names."""
        verbs = speech().verbs
        first = ""
        for run, following in runs(words):
            name = name_in(tuple(run))
            if thing and not verbs.isdisjoint(following[:1]):
                return self.fullest(name) if name else " ".join(run)
            if thing or not name or not self._is_person(run, name):
                continue
            if not verbs.isdisjoint(following):
                return self.fullest(name)
            first = first or name
        return self.fullest(first) if first else ""

    def _is_person(self, run: Sequence[str], name: str) -> bool:
        """Say whether a name is a person's: a title stands before it, or it recurs by its last word alone."""
        known = speech()
        full = self.fullest(name)
        if not known.bodies.isdisjoint(full.lower().split()):
            return False
        if any(word.lower() in known.roles for word in run):
            return True
        recurs = self.recurs.get(full)
        if recurs is None and len(self.recurs) >= _NAMES:
            return False
        if recurs is None:
            recurs = self.recurs[full] = self._recurs(full)
        return recurs

    def _recurs(self, full: str) -> bool:
        """Say whether the last word of a name of several stands somewhere behind it without the others."""
        given, _, family = full.rpartition(" ")
        at = self.named.find(family, self.named.find(full) + len(full)) if given else -1
        for _ in range(_TRIES):
            if at < 0:
                break
            if not self.named.endswith(f"{given} ", 0, at):
                return True
            at = self.named.find(family, at + len(family))
        return False

    def fullest(self, name: str) -> str:
        """Return the fullest form of a name in text and headline: `Lavrov` becomes `Sergey Lavrov`."""
        known = self.full.get(name)
        if known is None and len(self.full) >= _NAMES:
            return name
        if known is None:
            known = last_two(name) if self.nouns else name
            if " " not in known:
                known = self._longer(known)
            if known == name and "а" <= name[-1] <= "я":
                known = self._nominative(name)
            self.full[name] = known
        return known

    def _nominative(self, name: str) -> str:
        """Return the form in which the text names a Russian or Ukrainian surname that stands in an oblique case."""
        for ending in ("ого", "ому", "ым", "ом", "ой", "им", "а", "у", "е"):
            stem = name.removesuffix(ending)
            if stem != name and len(stem) > 2:
                for form in (stem, f"{stem}а", f"{stem}ий", f"{stem}ый"):
                    full = self._longer(form)
                    if full != form:
                        return full
        return name

    def _longer(self, name: str) -> str:
        text = self.named
        at = text.find(f" {name}")
        for _ in range(_TRIES):
            if at < 0:
                break
            end = at + 1 + len(name)
            floor = max(0, at - _GIVEN)
            given = max(text.rfind(" ", floor, at), text.rfind("\n", floor, at)) + 1
            if text[given : given + 1].isupper() and not text[end : end + 1].isalpha():
                before = split(text[max(0, at - 50) : at].rsplit("\n", 1)[-1])
                full = name_in(tuple(trailing_run(before)) + (name,))
                if " " in full and full.endswith(name):
                    return last_two(full) if self.nouns else full
            at = text.find(f" {name}", end)
        return name
