"""The clause that tells who speaks: its words, and the noun phrase in it that is the subject."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from wirecopy.transforms.credit.agencies import by_alias


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
    data = tomllib.loads(files("wirecopy.transforms.credit").joinpath("speech.toml").read_text("utf-8"))
    verbs = frozenset(word for words in data["verbs"].values() for word in words.split())
    return Words(verbs, *(frozenset(data[key]["words"].split()) for key in Words._fields[1:]))


_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*|[^\w\s]")
_STOP = re.compile(r"[.!?…](?=\s|$|[\"“”«»])|\n")
_ABBREVIATIONS = frozenset(
    "Mr Mrs Ms Dr Prof Sen Rep Gov Gen Lt Col Sgt Capt Adm Maj St Jr Sr Hon Rev Jan Feb Mar Apr Aug Sept Sep Oct Nov "
    "Dec No Inc Co Corp Ltd vs bzw Sra Dra Mme им ул др тыс млн".split()
)
LONGEST_SUBJECT = 14
"""Words of a subject, at most."""

BREAKS = frozenset(',;:—–-()"“”«»„\x00')
"""Marks between the segments of a clause; the null stands for a quote that is blanked."""


def abbreviates(text: str, stop: int) -> bool:
    """Say whether the word that ends at a full stop is an abbreviation: a known one, or a single letter."""
    if stop >= 5 and text[stop - 5 : stop].isalpha():
        return False
    begin = stop
    while begin and text[begin - 1].isalpha():
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
        if word != "." or not (0 < index < len(words) - 1 and abbreviates(words[index - 1], len(words[index - 1])))
    ]


def names_a_thing(words: Sequence[str]) -> bool:
    """Say whether a mark behind the words opens a name, as behind `known as the`."""
    end = len(words)
    while end and words[end - 1] in ("as", "the", "a", "an"):
        end -= 1
    return end > 0 and words[end - 1].lower() in speech().naming


def last_two(name: str) -> str:
    """Return given and family name without the nouns before them: `Klimaforscher Karsten Haustein`."""
    words = name.split()
    begin = len(words) - 2
    while begin > 0 and words[begin] in speech().joints:
        begin -= 1
    return " ".join(words[max(begin, 0) :])


def clause(after: str) -> str:
    """Return the words up to the end of their sentence."""
    for match in _STOP.finditer(after):
        if match[0] == "\n" or not abbreviates(after, match.start()):
            return after[: match.start()]
    return after


def is_capital(word: str) -> bool:
    """Say whether a word begins with a capital."""
    return word[0].isupper()


def _adverb(word: str) -> bool:
    return word.lower() in speech().adverbs or (word.endswith("ly") and word.islower())


def trailing_run(words: Sequence[str]) -> list[str]:
    """Return the capitalised words that end a phrase, joints such as `de` among them."""
    joints = speech().joints
    begin = len(words)
    while begin and (is_capital(words[begin - 1]) or words[begin - 1] in joints):
        begin -= 1
    while begin < len(words) and not is_capital(words[begin]):
        begin += 1
    return list(words[begin:])


def runs(words: Sequence[str]) -> Iterator[tuple[list[str], Sequence[str]]]:
    """Yield each run of capitalised words, with the three words behind it."""
    joints = speech().joints
    run: list[str] = []
    for index, word in enumerate(words):
        if is_capital(word) or (run and word in joints and index + 1 < len(words) and is_capital(words[index + 1])):
            run.append(word)
        elif run:
            yield run, words[index : index + 3]
            run = []
    if run:
        yield run, ()


def _first_run(words: Sequence[str]) -> list[str]:
    """Return the capitalised words right behind a comma, at least two; none where there are others."""
    run = next(runs(words), ([], ()))[0]
    return run if len(run) > 1 and words[1] == run[0] else []


@lru_cache(maxsize=8_192)
def name_in(words: tuple[str, ...]) -> str:
    """Return the person's name in a phrase, without titles and adjectives; empty where it names a body or nobody."""
    known = speech()
    last = next((n for n in range(len(words), 0, -1) if is_capital(words[n - 1])), 0)
    if not last or (last < len(words) and words[last] not in (",", "(")):
        return ""
    run = trailing_run(words[:last])
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
        if word in BREAKS:
            found.append([])
        else:
            found[-1].append(word)
    return [segment for segment in found if segment]


def subject_before(words: Sequence[str]) -> list[str]:
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
    if is_capital(words[-1]):
        run = trailing_run(words)
        if len(run) == 1 and (_adverb(run[0]) or run[0].lower() in known.prepositions):
            return []
        if name_in(tuple(run)):
            return run
        first = len(words) - len(run)
        return words[first - 1 :] if first and words[first - 1].lower() in known.determiners else run
    return _common(words)


_ALONE = ("one", "another", "both", "some", "many", "all")


def _common(words: Sequence[str]) -> list[str]:
    """Return the noun phrase that ends the words, from its first determiner: `a source familiar with the matter`."""
    known = speech()
    begin = None
    for index in range(len(words) - 1, max(-1, len(words) - LONGEST_SUBJECT), -1):
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
        if head[0].lower() in known.pronouns or name_in(tuple(head)):
            return head
    return segments[0][:8] if segments and segments[0][0].lower() in known.determiners else []


def _head(segment: Sequence[str]) -> list[str]:
    """Return a segment up to the first preposition behind a capitalised word."""
    known = speech()
    for index in range(1, len(segment)):
        if (
            is_capital(segment[index - 1])
            and segment[index].lower() in known.prepositions
            and segment[index] not in known.joints
        ):
            return list(segment[:index])
    return list(segment)


def leading(words: Sequence[str]) -> list[str]:
    """Return the subject that begins a sentence, behind words such as `On Friday,`."""
    known = speech()
    for segment in _segments(words):
        if segment[0].lower() in known.prepositions:
            continue
        if segment[0].lower() in known.pronouns:
            return segment[:1]
        for run, _ in runs(segment):
            if name_in(tuple(run)):
                return run
            break
        if segment[0].lower() in known.determiners:
            end = next((n for n, w in enumerate(segment[:8]) if w in known.verbs or (n and w in known.prepositions)), 0)
            return segment[:end]
        return []
    return []


def subject_behind(words: Sequence[str]) -> list[str]:
    """Return the subject that stands behind its verb, as in `said an administration official`."""
    known = speech()
    found: list[str] = []
    skipped = 0
    for word in words[:LONGEST_SUBJECT]:
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
            and is_capital(found[-1])
            and not is_capital(word)
            and word not in known.joints
            and lower not in known.roles
        ):
            break
        found.append(word)
    apposed = words[skipped + len(found) :][:4]
    if found and found[0].lower() in known.determiners and apposed[:1] == [","] and name_in(tuple(_first_run(apposed))):
        return _first_run(words[skipped + len(found) :])
    while found and found[-1] in known.joints:
        found.pop()
    if not found or found[0][0].isdigit():
        return []
    first = found[0].lower()
    if is_capital(found[0]):
        return [] if by_alias(" ".join(found)) else found
    if first in known.determiners or first in known.pronouns or first in known.roles or first in known.bodies:
        return found
    return found if name_in(tuple(found)) else []


def source(words: Sequence[str]) -> list[str]:
    """Return whom a word such as `according` names: the words behind `to`, up to a comma or verb."""
    known = speech()
    rest = list(words)
    while rest and rest[0].lower() in ("to", "с", "angaben", "den"):
        rest = rest[1:]
    found = subject_behind(rest)
    return found if found and not (len(found) == 1 and found[0].lower() in known.prepositions) else []
