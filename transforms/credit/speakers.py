"""Who says a quote: the clause that tells it, and the name in it resolved to the fullest form in the article."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Words(NamedTuple):
    """Closed word classes of `speech.toml`, lower case."""

    verbs: frozenset[str]
    sources: frozenset[str]
    pronouns: frozenset[str]
    roles: frozenset[str]
    adjectives: frozenset[str]
    bodies: frozenset[str]


@cache
def _words() -> Words:
    data = tomllib.loads(files("transforms.credit").joinpath("speech.toml").read_text("utf-8"))
    verbs = frozenset(word for words in data["verbs"].values() for word in words.split())
    rest = [frozenset(data[key]["words"].split()) for key in ("sources", "pronouns", "roles", "adjectives", "bodies")]
    return Words(verbs, *rest)


class Token(NamedTuple):
    """A word or mark of a masked sentence, with its code points in the text."""

    text: str
    begin: int
    end: int


_TOKEN = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*|[^\w\s]")
_SENTENCE = re.compile(r"[.!?…][\"”»’)\]]*\s+(?=[\"“«„(\[]?[^\W_a-zа-яё])")
_ABBREVIATION = re.compile(
    r"(?:\b[A-ZА-Я]|\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|St|Jr|Sr|No|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Hon|Rev|Inc|Co|Corp|Ltd|vs|Adm|Maj|им|г|ул|др|тыс|млн|bzw|z\.B|Sra?|Dra?|Mme|M))$"
)
_REACH = 400
_DETERMINERS = frozenset(
    "a an the one another some several many this that his her their der die das ein eine le la les un une el los las una il lo gli uno o os um uma de het een".split()
)
_STOP = frozenset(
    "at in on to during after before when while as who which that and but with for from by about because if since where "
    "whose following citing adding is are was were has have had will would could should in".split()
)
_SKIP = frozenset(
    "also then later has had have been repeatedly earlier previously further again once still even just only today yesterday "
    "went on to out up tomorrow monday tuesday wednesday thursday friday saturday sunday nonetheless however therefore "
    "hat habe haben a ont ha han hanno hat's est is was did does do".split()
)
_LEADS = frozenset(
    "on in at after before during following despite earlier later meanwhile however as when while if for with by from since "
    "asked speaking commenting according also then according although though and but".split()
)


class Article:
    """A text with its quotes blanked, for finding who speaks.

    Args:
        text: the article.
        headline: its headline, for full names; None where unknown.
        quoted: the quoted spans, in order.
    """

    def __init__(self, text: str, headline: str | None, quoted: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self.names_in = f"{text}\n{headline}" if headline else text
        pieces = []
        at = 0
        for begin, end in quoted:
            pieces.append(text[at:begin])
            pieces.append("\x00" * (end - begin - 1) + text[end - 1])
            at = end
        pieces.append(text[at:])
        self.masked = "".join(pieces)
        self.full: dict[str, str] = {}

    def fills_paragraph(self, begin: int, end: int) -> bool:
        """Say whether a quote is a paragraph of its own."""
        line = self.text.rfind("\n", 0, begin) + 1
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        return not self.text[line : begin - 1].strip(" -–—•*") and not self.text[end + 1 : stop].strip(" .,;-–—")

    def speaker(self, begin: int, end: int, last: str | None, last_end: int) -> tuple[bool, str | None]:
        """Return whether words of speech belong to a quote, and whom they name."""
        found = self._behind(begin, end, last, last_end)
        if found is None:
            found = self._before(begin, last, last_end)
        return (False, None) if found is None else (True, found or None)

    def _behind(self, begin: int, end: int, last: str | None, last_end: int) -> str | None:
        text = self.masked
        stop = text.find("\n", end, end + _REACH)
        after = text[end + 1 : stop if stop >= 0 else end + _REACH]
        lead = re.match(r"\s*[,.;]?\s*[-–—]*\s*(?:\(?)", after)
        assert lead is not None
        marks = lead[0].strip()
        inner = text[end - 1]
        if (
            inner in ".…"
            and not ({",", "-", "–", "—"} & set(marks))
            and not after[lead.end() : lead.end() + 1].islower()
        ):
            return None
        if marks.startswith(".") and not {"-", "–", "—"} & set(marks):
            return None
        clause = _cut(after[lead.end() :])
        tokens = _tokens(clause, end + 1 + lead.end())[:24]
        verbs = _words().verbs
        for index, token in enumerate(tokens):
            if token.text in ",;:(" and index and not any(t.text in verbs for t in tokens[index + 1 : index + 12]):
                return None
            if token.text in verbs:
                if index and not _adverbs(tokens[:index]):
                    if index > 14:
                        return None
                    return self._resolve(_subject_before(tokens[:index]), end, last, last_end)
                subject = _subject_after(tokens[index + 1 :])
                if subject:
                    return self._resolve(subject, end, last, last_end)
                return "" if inner in ",?!" or "," in marks else None
            if token.text in '“"«\x00':
                return None
        return None

    def _before(self, begin: int, last: str | None, last_end: int) -> str | None:
        start, sentence = self._sentence(begin - 1)
        tokens = _tokens(sentence, start)
        words = _words()
        for index in range(len(tokens) - 1, -1, -1):
            word = tokens[index].text.lower()
            if word in words.sources:
                after = tokens[index + 1 :]
                if after and after[0].text.lower() in ("to", "с", "со"):
                    after = after[1:]
                if not after:
                    return None
                comma = next((n for n, token in enumerate(after) if token.text == ","), len(after))
                return self._resolve(after[: min(comma, 14)], start, last, last_end)
            if tokens[index].text in words.verbs:
                subject = _subject_before(tokens[:index])
                if not subject:
                    subject = _subject_after(tokens[index + 1 :])
                if subject:
                    return self._resolve(subject, start, last, last_end)
                return ""
        return None

    def _sentence(self, at: int) -> tuple[int, str]:
        """Return the part of the sentence before a code point, and where it begins."""
        floor = max(self.masked.rfind("\n", 0, at) + 1, at - _REACH)
        part = self.masked[floor:at]
        start = 0
        for match in _SENTENCE.finditer(part):
            if not _ABBREVIATION.search(part[: match.start()][-8:]):
                start = match.end()
        return floor + start, part[start:]

    def _resolve(self, subject: Sequence[Token], at: int, last: str | None, last_end: int) -> str:
        """Return the fullest name of a subject; an empty string where nobody is named."""
        words = _words()
        if not subject:
            return ""
        lowered = [token.text.lower() for token in subject]
        if lowered[0] in words.pronouns or (len(lowered) == 1 and lowered[0] in ("who", "it", "we", "i")):
            return self._antecedent(at, last, last_end)
        name = _name(subject)
        if name:
            return self.fullest(name)
        phrase = self.text[subject[0].begin : subject[-1].end]
        if lowered[0] in ("the", "this") and lowered[-1] in words.roles and not words.bodies.intersection(lowered):
            return self._antecedent(at, last, last_end) or phrase
        for article in ("the ", "The "):
            phrase = phrase.removeprefix(article)
        return phrase

    def _antecedent(self, at: int, last: str | None, last_end: int) -> str:
        """Return the person that a pronoun before `at` stands for: who spoke last, else the subject of a sentence before."""
        position = at
        floor = max(0, at - 1_500)
        while position > floor:
            start, sentence = self._sentence(position)
            if last and start <= last_end:
                return last
            person = self._person(_tokens(sentence, start))
            if person:
                return person
            position = start - 1
            while position > floor and self.masked[position - 1].isspace():
                position -= 1
        return last or ""

    def _person(self, tokens: Sequence[Token]) -> str:
        """Return the person a sentence is about: before a verb of speech, else the first that it names."""
        verbs = _words().verbs
        first = ""
        for run, following in _runs(tokens):
            name = _name(run)
            if not name or not self._known(run, name):
                continue
            if any(token.text in verbs for token in following):
                return self.fullest(name)
            first = first or name
        return self.fullest(first) if first else ""

    def _known(self, run: Sequence[Token], name: str) -> bool:
        words = _words()
        if any(token.text.lower() in words.roles for token in run) and not any(
            token.text.lower() in words.bodies for token in run[-1:]
        ):
            return True
        return " " in self.fullest(name)

    def fullest(self, name: str) -> str:
        """Return the fullest form of a name in headline and text: `Lavrov` becomes `Sergey Lavrov`."""
        known = self.full.get(name)
        if known is None:
            known = self.full[name] = self._longer(name)
        return known

    def _longer(self, name: str) -> str:
        if " " in name:
            return name
        text = self.names_in
        at = text.find(name)
        tries = 0
        while at >= 0 and tries < 40:
            tries += 1
            if at and text[at - 1] == " ":
                before = _tokens(text[max(0, at - 60) : at].rsplit("\n", 1)[-1], 0)
                run = _trailing_run(before)
                full = _name([*run, Token(name, 0, 0)])
                if " " in full and full.endswith(name):
                    return full
            at = text.find(name, at + len(name))
        return name


def _tokens(words: str, begin: int) -> list[Token]:
    return [Token(match[0], begin + match.start(), begin + match.end()) for match in _TOKEN.finditer(words)]


def _cut(clause: str) -> str:
    """Return a clause up to the end of its sentence."""
    for match in re.finditer(r"[.!?…](?=\s|$|[\"“”«»])", clause):
        if not _ABBREVIATION.search(clause[: match.start()][-8:]):
            return clause[: match.start()]
    return clause


def _adverbs(tokens: Sequence[Token]) -> bool:
    return all(token.text.lower() in _SKIP or token.text.lower().endswith("ly") for token in tokens)


def _is_name(word: str) -> bool:
    return word[0].isupper() and word[0].lower() != word[0]


_JOINTS = frozenset("de la van von der den bin al ben el di da dos del du of the ten ter y e af".split())


def _trailing_run(tokens: Sequence[Token]) -> list[Token]:
    """Return the run of capitalised words that ends the tokens, roles in lower case among them."""
    run: list[Token] = []
    for token in reversed(tokens):
        word = token.text
        if _is_name(word) or word.lower() in _JOINTS or (run and word == "." and False):
            run.append(token)
        else:
            break
    while run and not _is_name(run[-1].text):
        run.pop()
    return run[::-1]


def _runs(tokens: Sequence[Token]) -> list[tuple[list[Token], Sequence[Token]]]:
    """Return each run of capitalised words, with the three tokens behind it."""
    found = []
    run: list[Token] = []
    for index, token in enumerate([*tokens, Token(".", 0, 0)]):
        if _is_name(token.text) or (
            run and token.text in _JOINTS and index + 1 < len(tokens) and _is_name(tokens[index + 1].text)
        ):
            run.append(token)
        elif run:
            found.append((run, tokens[index : index + 3]))
            run = []
    return found


def _name(tokens: Sequence[Token]) -> str:
    """Return the person's name in a phrase, without titles and adjectives; empty where it names a body or nobody."""
    words = _words()
    last = len(tokens)
    while last and not _is_name(tokens[last - 1].text):
        last -= 1
    if last < len(tokens):
        if tokens[last:][0].text not in (",", "("):
            return ""
    run = _trailing_run(tokens[:last])
    begin = 0
    for index, token in enumerate(run):
        if token.text.lower().rstrip(".") in words.roles:
            begin = index + 1
    run = run[begin:]
    while run and (
        run[0].text.lower() in words.adjectives or run[0].text.lower() in _JOINTS or run[0].text.lower() in _LEADS
    ):
        run = run[1:]
    if not run or any(token.text.lower() in words.bodies or token.text in ("of", "the") for token in run):
        return ""
    if len(run) == 1 and run[0].text.isupper() and len(run[0].text) > 1 and len(run[0].text) <= 5:
        return ""
    parts = [re.sub(r"[’']s$", "", token.text) for token in run[-4:]]
    return " ".join(parts)


def _subject_before(tokens: Sequence[Token]) -> list[Token]:
    """Return the subject of a verb that the tokens lead to."""
    words = _words()
    rest = list(tokens)
    while rest and (rest[-1].text.lower() in _SKIP or (rest[-1].text.endswith("ly") and rest[-1].text.islower())):
        rest.pop()
    if rest and rest[-1].text in (",", ")"):
        segments = _segments(rest)
        for segment in segments:
            if segment and segment[0].text.lower() not in _LEADS and _name(_noun(segment)):
                return _noun(segment)
        for segment in segments:
            if segment and segment[0].text.lower() not in _LEADS:
                return segment[:8]
        return []
    segments = _segments(rest)
    segment = segments[-1] if segments else []
    if not segment:
        return []
    if segment[-1].text.lower() in words.pronouns:
        return segment[-1:]
    if _is_name(segment[-1].text):
        run = _trailing_run(segment)
        before = segment[: len(segment) - len(run)]
        if before and before[-1].text.lower() in _DETERMINERS | words.roles and not _name(run):
            return [before[-1], *run]
        return run
    for index in range(len(segment) - 1, max(-1, len(segment) - 10), -1):
        if segment[index].text.lower() in _DETERMINERS:
            return segment[index:]
        if segment[index].text in words.verbs:
            return segment[index + 1 :]
    return segment[-3:]


def _noun(segment: Sequence[Token]) -> list[Token]:
    """Return a segment up to a bracket or a lower-case relative word behind a name."""
    out: list[Token] = []
    for token in segment:
        if token.text in "([" or (out and _is_name(out[-1].text) and token.text.lower() in _STOP):
            break
        out.append(token)
    return out


def _segments(tokens: Sequence[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.text in ',;:—–-()"“”«»\x00':
            found.append([])
        else:
            found[-1].append(token)
    return [segment for segment in found if segment]


def _subject_after(tokens: Sequence[Token]) -> list[Token]:
    """Return the subject that stands behind its verb, as in `said an administration official`."""
    found: list[Token] = []
    for token in tokens[:12]:
        word = token.text
        lower = word.lower()
        if not found and lower in _SKIP:
            continue
        if not (word[0].isalnum()) or (lower in _STOP and not (found and lower in _JOINTS)):
            break
        if word in _words().verbs:
            break
        found.append(token)
        if len(found) > 1 and _is_name(found[-2].text) and not _is_name(word) and lower not in _JOINTS | _words().roles:
            found.pop()
            break
    while found and found[-1].text.lower() in _JOINTS:
        found.pop()
    if found and (
        found[0].text.lower() in ("reporters", "journalists", "me", "us", "him", "them") or found[0].text[0].isdigit()
    ):
        return []
    if found and not (
        _is_name(found[0].text)
        or found[0].text.lower() in _DETERMINERS | _words().pronouns | _words().roles | _words().bodies
    ):
        return []
    return found
