"""Who says a quote: the clause that tells it, and the name in it resolved to the fullest form in the article."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from transforms.credit.agencies import by_alias


class Words(NamedTuple):
    """Closed word classes of `speech.toml`, lower case."""

    verbs: frozenset[str]
    weak: frozenset[str]
    hearers: frozenset[str]
    naming: frozenset[str]
    sources: frozenset[str]
    behind: frozenset[str]
    passive: frozenset[str]
    pronouns: frozenset[str]
    roles: frozenset[str]
    adjectives: frozenset[str]
    bodies: frozenset[str]
    determiners: frozenset[str]
    prepositions: frozenset[str]
    adverbs: frozenset[str]
    joints: frozenset[str]


@cache
def speech() -> Words:
    """Return the words, loaded once."""
    data = tomllib.loads(files("transforms.credit").joinpath("speech.toml").read_text("utf-8"))
    verbs = frozenset(word for words in data["verbs"].values() for word in words.split())
    return Words(verbs, *(frozenset(data[key]["words"].split()) for key in Words._fields[1:]))


_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*|[^\w\s]")
_END = re.compile(r"[.!?…][\"”»’)\]]*\s+(?=[\"“«„(\[]?[^\W_a-zа-яё])")
_CLOSED = re.compile(r"[.!?…][\"”»’)\]]*\s+$")
_STOP = re.compile(r"[.!?…](?=\s|$|[\"“”«»])|\n")
_ABBREVIATIONS = frozenset(
    "Mr Mrs Ms Dr Prof Sen Rep Gov Gen Lt Col Sgt Capt Adm Maj St Jr Sr Hon Rev Jan Feb Mar Apr Aug Sept Sep Oct Nov "
    "Dec No Inc Co Corp Ltd vs bzw Sra Dra Mme им ул др тыс млн".split()
)
_REACH = 400
_BEHIND = 160
_BACK = 1_500
_SUBJECT = 14
_CLAUSE = 18
_BESIDE = 5
_TRIES = 20
_GIVEN = 20
_NAMING = 24
_NAMES = 500
"""Names of an article that are looked up in it; more would cost the square of its length."""

_BREAKS = frozenset(',;:—–-()"“”«»„\x00')


def _abbreviates(text: str, stop: int) -> bool:
    """Say whether the word that ends at a full stop is an abbreviation: a known one, or a single letter."""
    begin = stop
    while begin and stop - begin < 5 and text[begin - 1].isalpha():
        begin -= 1
    return stop - begin == 1 or text[begin:stop] in _ABBREVIATIONS


def split(text: str) -> list[str]:
    """Return the words and marks of a clause; the full stop of an abbreviation is no mark."""
    words = _WORD.findall(text)
    if "." not in words:
        return words
    return [
        word
        for index, word in enumerate(words)
        if word != "." or not (0 < index < len(words) - 1 and _abbreviates(words[index - 1], len(words[index - 1])))
    ]


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
        if _names_a_thing(self.masked[max(0, opening - _NAMING) : opening].split()):
            return False, None
        found = self._behind(opening, closing, previous)
        if found is None:
            found = self._before(opening, previous)
        return (False, None) if found is None else (True, found or None)

    def _behind(self, opening: int, closing: int, previous: Spoken) -> str | None:
        """Read `," he said` and `”, said Lavrov`; None where no clause of speech follows."""
        after = self.masked[closing + 1 : closing + 1 + _BEHIND]
        lead = _LEAD.match(after)
        marks = lead[0].strip() if lead else ""
        inner = self.text[max(0, closing - 2) : closing].strip()[-1:]
        dashed = any(mark in marks for mark in "-–—")
        rest = after[len(lead[0]) if lead else 0 :]
        if not dashed and (marks.startswith((".", ";")) or (inner in ".…" and not rest[:1].islower())):
            return None
        joined = dashed or inner in ",?!" or "," in marks
        known = speech()
        words = split(_clause(rest))[:_CLAUSE]
        for index, word in enumerate(words):
            if not joined and (word in _BREAKS or index >= _BESIDE):
                return None
            if word.lower() in known.sources or (not index and word in known.behind):
                subject = _source(words[index + 1 :])
            elif word in known.verbs and not (word in known.weak and not joined):
                subject = _subject_before(words[:index])
                if not subject and word not in known.hearers:
                    subject = _subject_behind(words[index + 1 :])
                if not subject and not index:
                    subject = _subject_before(split(self._sentence(opening)[1]))
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
        for index in range(len(words) - 1, -1, -1):
            word = words[index]
            lower = word.lower()
            if lower in known.sources:
                subject = _source(words[index + 1 :])
                if subject:
                    return self._resolve(subject, start, previous)
            elif word in known.verbs and (word not in known.weak or index >= len(words) - 3):
                passive = words[index + 1 : index + 2] == ["by"]
                if not passive and index and words[index - 1] in known.passive:
                    continue
                subject = _subject_behind(words[index + 2 :]) if passive else _subject_before(words[:index])
                if not subject and word not in known.hearers:
                    subject = _subject_behind(words[index + 1 :])
                if not subject:
                    subject = _leading(words)
                if subject:
                    return self._resolve(subject, start, previous)
                return previous.speaker or ""
        if words[-1] == ":" and len(words) <= _SUBJECT:
            return self._resolve(_leading(words), start, previous)
        return None

    def _sentence(self, at: int) -> tuple[int, str]:
        """Return the part of the sentence before a code point, and where it begins."""
        floor = max(self.masked.rfind("\n", 0, at) + 1, at - _REACH)
        part = self.masked[floor:at]
        closed = _CLOSED.search(part, max(0, len(part) - 8))
        if closed and not _abbreviates(part, closed.start()):
            return at, ""
        start = 0
        for match in _END.finditer(part):
            if not _abbreviates(part, match.start()):
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
        name = _name(tuple(subject))
        if name:
            return self.fullest(name)
        lowered = [word.lower() for word in subject]
        definite = first in ("the", "this", "der", "die", "le", "la", "el", "il", "o")
        if definite and final in known.roles and known.bodies.isdisjoint(lowered):
            return self._antecedent(at, previous) or " ".join(subject)
        if first == "the" and any(_capital(word) for word in subject[1:]):
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
        for run, following in _runs(words):
            name = _name(tuple(run))
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
            known = _last_two(name) if self.nouns else name
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
                full = _name(tuple(_trailing_run(before)) + (name,))
                if " " in full and full.endswith(name):
                    return _last_two(full) if self.nouns else full
            at = text.find(f" {name}", end)
        return name


def _names_a_thing(words: Sequence[str]) -> bool:
    """Say whether a mark behind the words opens a name, as behind `known as the`."""
    end = len(words)
    while end and words[end - 1] in ("as", "the", "a", "an"):
        end -= 1
    return end > 0 and words[end - 1].lower() in speech().naming


def _last_two(name: str) -> str:
    """Return given and family name without the nouns before them: `Klimaforscher Karsten Haustein`."""
    words = name.split()
    begin = len(words) - 2
    while begin > 0 and words[begin] in speech().joints:
        begin -= 1
    return " ".join(words[max(begin, 0) :])


_LEAD = re.compile(r"\s{0,3}[,.;]?\s{0,3}[-–—]{0,2}\s{0,3}")


def _clause(after: str) -> str:
    """Return the words up to the end of their sentence."""
    for match in _STOP.finditer(after):
        if match[0] == "\n" or not _abbreviates(after, match.start()):
            return after[: match.start()]
    return after


def _capital(word: str) -> bool:
    return word[0].isupper()


def _adverb(word: str) -> bool:
    return word.lower() in speech().adverbs or (word.endswith("ly") and word.islower())


def _trailing_run(words: Sequence[str]) -> list[str]:
    """Return the capitalised words that end a phrase, joints such as `de` among them."""
    joints = speech().joints
    begin = len(words)
    while begin and (_capital(words[begin - 1]) or words[begin - 1] in joints):
        begin -= 1
    while begin < len(words) and not _capital(words[begin]):
        begin += 1
    return list(words[begin:])


def _runs(words: Sequence[str]) -> Iterator[tuple[list[str], Sequence[str]]]:
    """Yield each run of capitalised words, with the three words behind it."""
    joints = speech().joints
    run: list[str] = []
    for index, word in enumerate(words):
        if _capital(word) or (run and word in joints and index + 1 < len(words) and _capital(words[index + 1])):
            run.append(word)
        elif run:
            yield run, words[index : index + 3]
            run = []
    if run:
        yield run, ()


def _first_run(words: Sequence[str]) -> list[str]:
    """Return the capitalised words right behind a comma, at least two; none where there are others."""
    run = next(_runs(words), ([], ()))[0]
    return run if len(run) > 1 and words[1] == run[0] else []


@lru_cache(maxsize=8_192)
def _name(words: tuple[str, ...]) -> str:
    """Return the person's name in a phrase, without titles and adjectives; empty where it names a body or nobody."""
    known = speech()
    last = next((n for n in range(len(words), 0, -1) if _capital(words[n - 1])), 0)
    if not last or (last < len(words) and words[last] not in (",", "(")):
        return ""
    run = _trailing_run(words[:last])
    lowered = [word.lower() for word in run]
    begin = 0
    for index, word in enumerate(lowered):
        if word in known.roles or (word.endswith(("'s", "’s")) and index < len(run) - 1):
            begin = index + 1
    while begin < len(run) - 1 and (
        lowered[begin] in known.adjectives
        or run[begin] in known.joints
        or lowered[begin] in known.prepositions
        or (len(run[begin]) > 2 and run[begin].isupper() and not run[begin + 1].isupper())
    ):
        begin += 1
    run, lowered = run[begin:], lowered[begin:]
    if not run or not known.bodies.isdisjoint(lowered) or "of" in run or "the" in run:
        return ""
    if len(run) == 1 and (
        lowered[0] in known.adjectives or lowered[0] in known.pronouns or (run[0].isupper() and 1 < len(run[0]) <= 5)
    ):
        return ""
    return " ".join(run[-4:])


def _segments(words: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word in _BREAKS:
            found.append([])
        else:
            found[-1].append(word)
    return [segment for segment in found if segment]


def _subject_before(words: Sequence[str]) -> list[str]:
    """Return the subject of the verb that the words lead to; empty where they hold none."""
    known = speech()
    end = len(words)
    while end and _adverb(words[end - 1]):
        end -= 1
    if not end:
        return []
    if words[end - 1] in (",", ")", "—", "–", "-"):
        return _apposed(words[:end])
    segment = _segments(words[:end])[-1:]
    if not segment:
        return []
    words = segment[0]
    final = words[-1].lower()
    if final in known.pronouns:
        return [words[-1]]
    if final in ("and", "but", "or", "that", "who", "which", "as", "to", "und", "et", "y", "e", "и", "é"):
        return []
    if _capital(words[-1]):
        run = _trailing_run(words)
        if len(run) == 1 and (_adverb(run[0]) or run[0].lower() in known.prepositions):
            return []
        if _name(tuple(run)):
            return run
        first = len(words) - len(run)
        return words[first - 1 :] if first and words[first - 1].lower() in known.determiners else run
    return _common(words)


_ALONE = ("one", "another", "both", "some", "many", "all")


def _common(words: Sequence[str]) -> list[str]:
    """Return the noun phrase that ends the words, from its first determiner: `a source familiar with the matter`."""
    known = speech()
    begin = None
    for index in range(len(words) - 1, max(-1, len(words) - _SUBJECT), -1):
        lower = words[index].lower()
        if lower in known.determiners:
            begin = index
            if not index or words[index - 1].lower() not in known.prepositions:
                break
        elif words[index] in known.verbs or (begin is not None and lower in ("and", "but", "that", "as")):
            break
    if begin is not None:
        return list(words[begin:]) if begin < len(words) - 1 or words[begin] in _ALONE else []
    return list(words[-3:]) if len(words) <= 3 else []


def _apposed(words: Sequence[str]) -> list[str]:
    """Return the noun before an apposition: `Dmitry Medvedev, Deputy Chairman of the Security Council,`."""
    known = speech()
    segments = [segment for segment in _segments(words) if segment[0].lower() not in known.prepositions]
    for segment in segments:
        head = _head(segment)
        if head[0].lower() in known.pronouns or _name(tuple(head)):
            return head
    return segments[0][:8] if segments and segments[0][0].lower() in known.determiners else []


def _head(segment: Sequence[str]) -> list[str]:
    """Return a segment up to the first preposition behind a capitalised word."""
    known = speech()
    for index in range(1, len(segment)):
        if (
            _capital(segment[index - 1])
            and segment[index].lower() in known.prepositions
            and segment[index] not in known.joints
        ):
            return list(segment[:index])
    return list(segment)


def _leading(words: Sequence[str]) -> list[str]:
    """Return the subject that begins a sentence, behind words such as `On Friday,`."""
    known = speech()
    for segment in _segments(words):
        if segment[0].lower() in known.prepositions:
            continue
        if segment[0].lower() in known.pronouns:
            return segment[:1]
        for run, _ in _runs(segment):
            if _name(tuple(run)):
                return run
            break
        if segment[0].lower() in known.determiners:
            end = next((n for n, w in enumerate(segment[:8]) if w in known.verbs or (n and w in known.prepositions)), 0)
            return segment[:end]
        return []
    return []


def _subject_behind(words: Sequence[str]) -> list[str]:
    """Return the subject that stands behind its verb, as in `said an administration official`."""
    known = speech()
    found: list[str] = []
    skipped = 0
    for word in words[:_SUBJECT]:
        lower = word.lower()
        if not found and _adverb(word) and lower not in known.determiners:
            skipped += 1
            continue
        if (
            not word[0].isalnum()
            or word in known.verbs
            or (lower in known.prepositions and not (found and word in known.joints))
        ):
            break
        if (
            found
            and _capital(found[-1])
            and not _capital(word)
            and word not in known.joints
            and lower not in known.roles
        ):
            break
        found.append(word)
    apposed = words[skipped + len(found) :][:4]
    if found and found[0].lower() in known.determiners and apposed[:1] == [","] and _name(tuple(_first_run(apposed))):
        return _first_run(words[skipped + len(found) :])
    while found and found[-1] in known.joints:
        found.pop()
    if not found or found[0][0].isdigit():
        return []
    first = found[0].lower()
    if _capital(found[0]):
        return [] if by_alias(" ".join(found)) else found
    if first in known.determiners or first in known.pronouns or first in known.roles or first in known.bodies:
        return found
    return found if _name(tuple(found)) else []


def _source(words: Sequence[str]) -> list[str]:
    """Return whom a word such as `according` names: the words behind `to`, up to a comma or verb."""
    known = speech()
    rest = list(words)
    while rest and rest[0].lower() in ("to", "с", "angaben", "den"):
        rest = rest[1:]
    found = _subject_behind(rest)
    return found if found and not (len(found) == 1 and found[0].lower() in known.prepositions) else []
