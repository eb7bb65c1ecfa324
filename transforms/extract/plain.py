"""Plain text: finds headline, deck, body and the lines of metadata in a text file, and drops a site's furniture.

No rule is about one document or site; the phrases that rules look for are data (`furniture.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from wirecopy.transforms.extract.dates.dates import find_date
from wirecopy.transforms.extract.story import Stamp, Story
from wirecopy.transforms.extract.urls import outlet

HEAD_LINES = 10
"""Lines at the top among which headline, deck, date and byline are looked for."""
NOTICE_LINES = 60
"""Lines at the bottom among which a notice on reuse is looked for."""
MAX_HEADLINE = 250
_WRAPPED = 100
"""Characters of the longest line of a text whose lines end where a screen did."""
MAX_META_LINE = 160
ENOUGH = 200
"""Code points of text that must stand before a line which cuts off all that follows."""

_SENTENCE_END = re.compile(r"[.!?…։。！？؟][\"”»’')\]]*$")
_CLOSED = re.compile(r"[.;:,…։。，；：][\"”»’')\]]*$")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]\.){2,}$|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|No|St|vs)\.$")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_DOMAIN = re.compile(r"(?<![\w@.-])(?:https?://)?(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w@-])")
BEFORE_DATE = re.compile(
    r"\s(?:(?:published|posted|updated|publiziert|veröffentlicht|publié|publicado|pubblicato) )?"
    r"(?:on|at|am|vom|le|el|il|em|op|den|published|posted|updated)$",
    re.IGNORECASE,
)
"""What stands between a name and a date."""
_CAMEL = re.compile(r"(?<=[^\W\d_])(?=[A-ZА-ЯЁІЇЄҐԱ-Ֆ])(?<=[a-zа-яёіїєґա-ֆ])")
_EDGES = " \t|•·,;:–—-/()[]\u00a0»«"
INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u2060\u00ad"))
"""What no reader sees, as a table for `str.translate`: soft hyphens, spaces without width, marks of direction."""
_HEAD_START = re.compile(r"[(\[/]|\S+,? .{0,60}(?:/[\w .-]{2,20}/|\([\w .-]{2,20}\)|--| [-–—] )")


class Line(NamedTuple):
    """A line that is not empty, and whether an empty one stands before it."""

    text: str
    gap: bool


@cache
def _furniture() -> dict[str, re.Pattern[str]]:
    data = tomllib.loads(files(__package__).joinpath("furniture.toml").read_text("utf-8"))
    return {
        name: re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)
        for name, phrases in data.items()
    }


def read_plain(content: str, *, language: str | None = None) -> Story:
    """Return the story that a text file holds.

    Args:
        content: the file's text, decoded.
        language: BCP-47 tag for reading dates, where known.

    Returns:
        A story whose text is made of the file's own lines: those of furniture and metadata and repeated headlines are
        left out, empty lines are kept as one. The text is empty where the file holds no article.
    """
    lines = _lines(content)
    site = _reuse_notice(lines[-NOTICE_LINES:])
    lines = drop_tail(lines)
    lines = [line for line in lines if not is_furniture(line.text)]
    found = Lifted()
    lines = found.lift(lines, language)
    headline, section, deck, lines = _headline(lines)
    body = "".join(("\n\n" if line.gap else "\n") + line.text for line in lines).strip("\n")
    return Story(
        text=body,
        headline=headline,
        deck=deck,
        authors=found.authors,
        byline=found.byline,
        published=found.published,
        modified=found.modified,
        credits=found.credits,
        section=found.section or section,
        outlet=site,
        extractor="plain",
    )


def _lines(content: str) -> list[Line]:
    lines: list[Line] = []
    gap = False
    for raw in content.translate(INVISIBLE).splitlines():
        text = raw.strip()
        if text:
            lines.append(Line(text, gap and bool(lines)))
        gap = not text
    return lines


def _matches(name: str, text: str) -> bool:
    return len(text) <= 400 and _furniture()[name].fullmatch(text) is not None


def is_furniture(text: str) -> bool:
    """Say whether a line is a site's own and no part of an article."""
    if _matches("line", text.strip(_EDGES) or text) or not any(map(str.isalnum, text)):
        return True
    label = _label("photo", text)
    return label is not None and len(text) <= 120


def is_date_label(text: str) -> bool:
    """Say whether a text is one of those that stand in front of a date, such as `Published`."""
    return _furniture()["date_label"].fullmatch(text) is not None


def is_updated(before: str) -> bool:
    """Say whether what stands before a date ends in a label that makes it the date of a change."""
    words = before.strip(_EDGES).split()
    label = _furniture()["updated_label"]
    return any(label.fullmatch(" ".join(words[begin:])) for begin in range(len(words)))


def before_update(date: str) -> str:
    """Return a date without the time of a change that stands behind it: `3 May, updated at 10:00`."""
    return _furniture()["updated_label"].split(date)[0].strip(_EDGES)


def _label(name: str, text: str, *, bare: bool = False) -> str | None:
    """Return what stands behind a label such as `Source:`, None where the line does not begin with one."""
    begin = _furniture()[name].match(text)
    if begin is None:
        return None
    rest = text[begin.end() :]
    separator = r"\s+|\s*[:：|]\s*" if bare else r"\s*[:：|]\s*"
    behind = re.match(separator, rest)
    return rest[behind.end() :].strip() if behind else None


def drop_tail(lines: Sequence[Line]) -> list[Line]:
    """Drop comment forms with all that follows, and lists of links with the short lines under them."""
    kept: list[Line] = []
    before, linking = 0, False
    for position, line in enumerate(lines):
        if before >= ENOUGH and _matches("cut", line.text):
            break
        if before and _matches("links", line.text):
            linking = _words(line.text) <= 5 or line.text.endswith(":")
            continue
        if linking and (_words(line.text) > 20 or _SENTENCE_END.search(line.text)):
            linking = False
        may_be_notice = before >= ENOUGH and position >= len(lines) - NOTICE_LINES
        if not linking and not (may_be_notice and _is_reuse(line.text)):
            kept.append(line)
            before += len(line.text)
    return kept


def _is_reuse(text: str) -> bool:
    return len(text) <= 400 and _DOMAIN.search(text) is not None and _furniture()["reuse"].search(text) is not None


def _reuse_notice(lines: Sequence[Line]) -> str | None:
    """Return the one registrable domain that the notices on reuse name, None where they name none or several."""
    domains = {
        domain
        for line in lines
        if _is_reuse(line.text)
        for name in _DOMAIN.findall(line.text)
        if (domain := outlet(name.lower()))
    }
    return domains.pop() if len(domains) == 1 else None


class Lifted:
    """What lines of metadata among a text's lines say; filled by `lift`."""

    def __init__(self) -> None:
        self.published: list[Stamp] = []
        self.modified: list[Stamp] = []
        self.credits: list[str] = []
        self.authors: list[str] = []
        self.byline: str | None = None
        self.section: str | None = None

    def lift(self, lines: Sequence[Line], language: str | None) -> list[Line]:
        """Return the lines without those of metadata at the head and at the tail, which are read."""
        rules: tuple[Callable[[str, str | None], bool], ...] = (self.take_date, self._source, self._byline)
        kept: list[Line] = []
        gap = False
        prose = [position for position, line in enumerate(lines) if _is_prose(line.text)]
        head = min(prose[0] if prose else len(lines), HEAD_LINES)
        tail = max(prose[-1] if prose else 0, len(lines) - HEAD_LINES - 1)
        for position, line in enumerate(lines):
            at_edge = position < head or position > tail
            if at_edge and len(line.text) <= MAX_META_LINE and any(rule(line.text, language) for rule in rules):
                gap = gap or line.gap
                continue
            kept.append(line._replace(gap=line.gap or gap) if kept else line._replace(gap=False))
            gap = False
        return kept

    def take_date(self, text: str, language: str | None) -> bool:
        """Read a line that is a date with little beside it: a label, a byline, a section; say whether it is one."""
        found = find_date(text, language=language)
        if found is None:
            return False
        before, behind = text[: found.begin], text[found.end :]
        label = before.strip(_EDGES)
        labelled = not label or _furniture()["date_label"].fullmatch(label) is not None
        if not labelled:
            author = _label("byline_label", text, bare=True)
            name = BEFORE_DATE.sub("", before.rstrip())
            if author is None or name == before.rstrip() == before.rstrip(_EDGES):
                return False
            self._byline(name.strip(_EDGES), language)
        rest = behind.strip(_EDGES)
        if _furniture()["updated_label"].match(rest):
            rest = ""
        fused = behind[:1].isalpha() or behind[:1] in "|•·/"
        longest = max(map(_words, re.split(r"[|•·]", rest)))
        if rest and not fused and (longest > 4 or behind[:1] not in " ,|•·-–—" or _SENTENCE_END.search(rest)):
            return False
        if rest and not fused and not found.timed and not label:
            return False
        stamp = Stamp(before_update(text[found.begin : found.end]), "text")
        (self.modified if is_updated(before) else self.published).append(stamp)
        self._rest(rest)
        return True

    def _rest(self, rest: str) -> None:
        """Take the section from what stands behind a date, fused with it or not; a photo's origin is dropped."""
        for part in re.split(r"\s*[|•·]\s*", rest):
            for piece in _CAMEL.split(part):
                if _label("photo", piece) is not None or _matches("photo", piece.strip(_EDGES)):
                    break
                if (
                    self.section is None
                    and piece
                    and _words(piece) <= 3
                    and piece.strip(_EDGES).replace(" ", "").isalpha()
                ):
                    self.section = piece.strip(_EDGES)

    def _source(self, text: str, language: str | None) -> bool:
        name = _label("source_label", text)
        if name is None:
            name = _label("source_label_bare", text, bare=True)
            if name is None or not (_DOMAIN.fullmatch(name) or _words(name) <= 3) or _SENTENCE_END.search(text):
                return False
        if not name or _words(name) > 8:
            return False
        self.credits.append(text)
        return True

    def _byline(self, text: str, language: str | None) -> bool:
        name = _label("byline_label", text, bare=True)
        if not name or self.byline or _SENTENCE_END.search(name) or not 2 <= _words(name) <= 9:
            return False
        people = re.split(r"\s*(?:,|;|&| and | und | et | y | e | и )\s*", name)
        if not all(
            re.fullmatch(r"(?:[^\W\d_][\w.'’-]*\s?){1,4}", person) and person[:1].isupper() for person in people
        ):
            return False
        if any(word[:1].islower() and len(word) > 3 for word in name.split() if word not in people):
            return False
        self.byline = text
        self.authors.extend(people)
        return True


def _headline(lines: Sequence[Line]) -> tuple[str | None, str | None, str | None, list[Line]]:
    """Take headline, section and deck off the head; repeated headlines and labels above them go too."""
    candidates = range(min(_first_prose(lines), HEAD_LINES, len(lines) - 1))
    titles = [position for position in candidates if _is_title(lines[position].text, lines[position + 1].text)]
    chosen = next(
        (position for position in titles if not _is_label(lines[position].text)), titles[0] if titles else None
    )
    if chosen is None:
        return None, None, None, list(lines)
    headline = lines[chosen].text
    key = _key(headline)
    rest = [line for line in lines[chosen + 1 :] if _key(line.text) != key]
    section = deck = None
    if len(rest) > 1 and _is_label(rest[0].text) and not rest[0].text.isupper() and _words(rest[1].text) >= 8:
        section = rest[0].text
        rest = rest[1:]
    if len(rest) > 1 and not _runs_on(rest) and _is_deck(rest[0].text, rest[1].text):
        deck = rest[0].text
        rest = [line for line in rest[1:] if _key(line.text) != _key(deck)]
    return headline, section, deck, [line._replace(gap=line.gap and number > 0) for number, line in enumerate(rest)]


def _runs_on(lines: Sequence[Line]) -> bool:
    """Say whether the first line is no paragraph of its own: its sentence goes on below, as in hard-wrapped text."""
    first, second = lines[0], lines[1]
    if second.gap or _SENTENCE_END.search(first.text):
        return False
    pairs = [(one.text, two.text) for one, two in pairwise(lines) if not two.gap]
    going_on = sum(two[:1].islower() and not _SENTENCE_END.search(one) for one, two in pairs)
    return second.text[:1].islower() or (max(map(len, pairs[0])) <= _WRAPPED and going_on >= max(1, len(pairs) // 5))


def _first_prose(lines: Sequence[Line]) -> int:
    """Return where the body begins at the latest: at a line of prose that is no headline written as a sentence."""
    for position, line in enumerate(lines[:-1]):
        if _is_prose(line.text) and not _is_title(line.text, lines[position + 1].text):
            return position
    return len(lines)


def _is_prose(text: str) -> bool:
    words = _words(text)
    return words > 60 or (words >= 12 and _SENTENCE_END.search(text) is not None)


def _is_title(text: str, following: str) -> bool:
    """Say whether a line may be a headline: no sentence, unless a label such as a section's stands under it."""
    if len(text) > MAX_HEADLINE or _words(text) > 40:
        return False
    open_ended = not _CLOSED.search(text) or _ABBREVIATED.search(text) or text.endswith("…")
    return bool(open_ended) or (_words(text) <= 22 and text[-1] == "." and _is_label(following))


def _is_label(text: str) -> bool:
    return _words(text) <= 3 and not _SENTENCE_END.search(text) and any(map(str.isalpha, text))


def _is_deck(text: str, following: str) -> bool:
    if not 5 <= _words(text) <= 80 or len(text) > 600 or text.endswith(")") or _words(following) < 8:
        return False
    plain_end = re.search(r"[^.!?…։。！？؟\"”»’')\]][\"”»’')\]]*$", text) is not None
    return plain_end or (_HEAD_START.match(following) is not None and not _HEAD_START.match(text))


def _words(text: str) -> int:
    """Count words; two characters of a script without spaces count as one."""
    unspaced = len(_UNSPACED.findall(text))
    return len(text.split()) + unspaced // 2


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
