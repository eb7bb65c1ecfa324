"""The dateline of an agency story: place, date and whose text it is, in the styles that agencies use.

AP, Reuters and AFP: `PARIS, Feb 14 (Reuters) -`. TASS: `MOSCOW, February 14. /TASS/.`, often with the place cut off.
RIA Novosti: `МОСКВА, 14 фев - РИА Новости.` ANSA: `(ANSA) - ROMA, 14 FEB -`. Xinhua: `新华社北京2月14日电`. Yonhap:
`(서울=연합뉴스)`. Kyodo: `【ワシントン共同】`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from wirecopy.transforms.credit.agencies import Holder, Mention, by_alias, load, mentions
from wirecopy.transforms.credit.contexts import contexts, is_staff

HEAD = 3_000
"""Code points from the start of a text in which a dateline may begin: behind headlines, deck and furniture."""

LINE_HEAD = 130
"""Code points from the start of its line in which a dateline must name its holder."""


class Dateline(NamedTuple):
    """A dateline as it stands in a text, code points begin to end, and the holders that it names, in order."""

    begin: int
    end: int
    holders: tuple[Holder, ...]


def find_dateline(text: str, names: Sequence[Mention]) -> Dateline | None:
    """Return the first dateline of a text, one that names a holder before one that names none.

    Args:
        text: the article, with or without its headline.
        names: `agencies.mentions(text)`.
    """
    for name in names:
        if name.begin > HEAD:
            break
        begin = text.rfind("\n", 0, name.begin) + 1
        begin += len(text[begin : name.begin]) - len(text[begin : name.begin].lstrip())
        if _COPYRIGHT.match(text, begin) or _is_state(text, begin, name):
            continue
        if name.begin - begin <= LINE_HEAD:
            found = _at_line(text, begin, name) or _east_asian(text, begin, name)
        else:
            found = None
        found = found or _inside_line(text, begin, name)
        if found:
            return found
    return _bare(text)


_COPYRIGHT = re.compile(r"©|\(c\)|copyright\b", re.IGNORECASE)
_STATES = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA"
    " RI SC SD TN TX UT VT VA WA WV WI WY DC ALA ARIZ ARK CALIF COLO CONN DEL FLA ILL IND KAN LA MASS MICH MINN MISS"
    " MONT NEB NEV OKLA ORE PENN TENN TEX WASH WIS WYO".split()
)
"""Abbreviations of states of the United States, in capitals and without full stops."""
_STATE = re.compile(r"(?<=[^\W\d_]),\s*(?P<state>[A-Z][A-Za-z.]{1,5})(?=\s*(?:$|[(/–—-]))")


def without_state(place: str) -> str:
    """Return a place without the state of the United States that it is in: `FORT WASHINGTON, Pa.`, `BOSTON, MA`."""
    return _STATE.sub(lambda found: "" if _is_abbreviation(found["state"]) else found[0], place)


def _is_abbreviation(words: str) -> bool:
    return words.replace(".", "").upper() in _STATES


def _is_state(text: str, begin: int, name: Mention) -> bool:
    """Say whether a short form behind a place and a comma is the place's state: `HARRISBURG, PA -`."""
    if name.end - name.begin > 5 or not _is_abbreviation(text[name.begin : name.end]):
        return False
    before = text[begin : name.begin].rstrip()
    return before.endswith(",") and before[:-1].replace(" ", "").replace("-", "").isalpha()


_OPEN = "([/（【［〔"
_CLOSE = {"(": ")", "[": "]", "/": "/", "（": "）", "【": "】", "［": "］", "〔": "〕"}
_FRAME = 70


class Frame(NamedTuple):
    """Brackets or slashes around names: from the opening mark to behind the closing one."""

    begin: int
    end: int
    inside: str


def frame(text: str, name: Mention, floor: int = 0) -> Frame | None:
    """Return the brackets or slashes that stand around a name on its line, None where there are none."""
    for begin in range(name.begin - 1, max(floor, name.begin - _FRAME) - 1, -1):
        mark = text[begin]
        if mark == "\n" or mark in ")]）】］":
            return None
        if mark in _OPEN:
            if mark == "/" and begin and text[begin - 1].isalnum() and not text[begin + 1].isspace():
                continue
            end = text.find(_CLOSE[mark], name.end, name.end + _FRAME)
            if end < 0 or "\n" in text[name.end : end]:
                return None
            return Frame(begin, end + 1, text[begin + 1 : end])
    return None


_PART = re.compile(r"\s*(?:[/,;|=＝+&·・]|\s[-–—]\s|\b(?:and|und|et|y|e|и|via)\b)\s*")
_NOT_TEXT = re.compile(
    r"photo|foto|фото|image|imago|picture|video|getty|file|archiv|graphic|illustration|handout|pool|courtesy|"
    r"写真|图片|사진|صورة|قناة|NYSE|NASDAQ|[@$]|\b(?:who|which|formerly|former)\b",
    re.IGNORECASE,
)
_STAFF = re.compile(r"^(?:корр\.?|corr\.?|by|von|par|por|di)\s+", re.IGNORECASE)


def _of_people(part: str) -> Holder | None:
    """Return the holder of a frame such as `Корр. ТАСС Иван Петров` or `Reuters Breakingviews`."""
    rest = _STAFF.sub("", part)
    name = next(iter(mentions(rest)), None)
    if name is None or name.begin or (rest == part and not is_staff(rest[name.end :])):
        return None
    return name.holder


def _behind_place(part: str) -> Holder | None:
    """Return the holder that stands right behind a place in a script without spaces: `北港AP`."""
    last = next((name for name in mentions(part) if name.end == len(part)), None)
    return last.holder if last and last.begin and all(char >= "⺀" for char in part[: last.begin]) else None


_CORRESPONDENT = re.compile(r"\s(?:correspondent|corr\.?|корр\.?|staff)\b.*$", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def holders_in(inside: str) -> tuple[Holder, ...]:
    """Return the holders that a frame's words credit, in order; none where the words say something else.

    Beside the names a frame may hold a desk's or an author's mark (`dpa/lno`), a place or a date.
    """
    if _NOT_TEXT.search(inside):
        return ()
    whole = by_alias(inside)
    if whole is not None:
        return (whole,)
    found: list[Holder] = []
    for part in _PART.split(inside):
        holder = by_alias(_STAFF.sub("", part)) or by_alias(_CORRESPONDENT.sub("", part)) or _of_people(part)
        holder = holder or _behind_place(part)
        if holder is not None:
            if holder not in found:
                found.append(holder)
        elif len(part) > 25 or len(part.split()) > 3:
            return ()
    return tuple(found)


_LETTER = r"(?:[^\W\d_]|[\u0900-\u0dff])"
"""A letter, or a vowel sign of the scripts of India, which is none to `re`."""
_YEAR = r"(?:\s*,?\s*(?:19|20)\d\d)?\.?"
DATE = re.compile(
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|-?е|er|º|°)?\.?\s?(?:of\s|de\s)?{_LETTER}{{3,12}}\.?(?:\s?(?:de\s|/)?(?:19|20)\d\d)?\.?"
    rf"|{_LETTER}{{3,12}}\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?!\.?\s[^\W\dA-ZÀ-ÞЀ-Я_]{{3}})\.?{_YEAR}"
    rf"|(?:20)\d\d\.?\s{_LETTER}{{3,12}}\s\d{{1,2}}\.?"
    r"|\d{1,2}[./]\d{1,2}(?:[./](?:20)?\d\d)?\.?)(?![\w])"
)
_WEEKDAY = 1
"""Words in lower case, such as `lundi` or `hétfő`, that a place with a date may have."""

_SEPARATOR = re.compile(r"[^\S\n]*(?:[.:,]?[^\S\n]*[-–—―_=]{1,3}|[.:](?=\s|$)|：)")


_PLACES = re.compile(r"[,/()\[\]–—=:\-]+")


@lru_cache(maxsize=4_096)
def _is_place(words: str) -> bool:
    """Say whether words can be the place, and date, before a credit: names and numbers, and no clause."""
    if not words or len(words) > 90:
        return False
    if any(mark in words for mark in '?!"“”«»;{}<>|@'):
        return False
    rest = DATE.sub(" ", words)
    if not contexts().photos.isdisjoint(words.lower().split()):
        return False
    spare = _WEEKDAY if rest != words else 0
    if any(by_alias(part) for part in _PLACES.split(rest)):
        return False
    tokens = re.split(r"[\s,./()\[\]–—=:\-]+", rest)
    named = 0
    for token in tokens:
        if not token:
            continue
        if token[0].isdigit():
            if len(token) > 4:
                return False
        elif token[0].isupper() or token.lower() == token.upper():
            named += 1
            entry = load().forms.get(token)
            if entry and entry[0].kind == "agency" and entry[1] == "alias":
                return False
        elif token.strip("'’") not in contexts().particles and not token.startswith(("d'", "l'", "d’")):
            spare -= 1
            if spare < 0:
                return False
    if not named:
        return rest != words and not rest.strip(" ,.-–—")
    return named <= 7 and by_alias(rest.strip(" ,.-–—:")) is None


def _at_line(text: str, begin: int, name: Mention) -> Dateline | None:
    around = frame(text, name, begin)
    if around:
        return _framed(text, begin, around)
    return _unframed(text, begin, name)


def _framed(text: str, begin: int, around: Frame) -> Dateline | None:
    credited = holders_in(around.inside)
    if not credited:
        return None
    before = text[begin : around.begin].strip()
    after = text[around.end : around.end + 160]
    separated = _SEPARATOR.match(after)
    slashed = text[around.begin] == "/"
    if before:
        place = before.rstrip(" ,.-–—:/")
        if not _is_place(place) or _abbreviates(around.inside, place):
            return None
        plain = len(place.split()) <= _PLAIN and credited[0].kind == "agency" and _CLAUSE.match(after)
        if not (separated or slashed or plain or DATE.search(place) or place.isupper()):
            return None
    elif not (separated or slashed or _WORDS.match(after)):
        return None
    if not after.strip(" .-–—:_=\n"):
        return None
    end = around.end + _stop(after)
    if not before and separated:
        end = _place_behind(text, around.end + separated.end()) or end
    return Dateline(begin, end, credited)


_PLAIN = 3
_WORDS = re.compile(r"[^\S\n]*[\"“«„]?\S{2,}[^\S\n]+\S+\s")
_CLAUSE = re.compile(r"\s[\"“«„]?[^\W_a-zа-яё]\S*\s\S")


def _abbreviates(inside: str, words: str) -> bool:
    """Say whether a frame holds the initials of the words before it, as in `Alcoholics Anonymous (AA)`."""
    initials = "".join(word[0] for word in words.split() if word[0].isupper())
    return len(inside) > 1 and inside.isupper() and initials.endswith(inside)


def _stop(after: str) -> int:
    """Return the length of the full stop or colon that belongs to a dateline."""
    return 1 if after[:1] in (".", ":") else 0


def _place_behind(text: str, begin: int) -> int | None:
    """Return the end of a place and date behind a credit that comes first, as in `(ANSA) - ROMA, 14 FEB - `."""
    match = re.compile(r"\s*([^\n]{2,60}?)\s*(\.?)\s*[-–—]\s").match(text, begin)
    if match and DATE.search(match[1] + match[2]) and _is_place(match[1]):
        return match.end(2) if match[2] else match.end(1)
    return None


_DASH = re.compile(r"[^\S\n]*(?:[.:,]?[^\S\n]*[-–—―]{1,2})(?!\w)|[-–—―](?=\S)")
_STOP = re.compile(r"[.:]\s")
_JOINT = re.compile(r"\s*[,.:/–—―-]+\s*$")
_ARABIC_YEAR = re.compile(r"(?<=\d)\s?[م]?\s$")
_COMMA = re.compile(r"\s?,\s?")
_LEADING_DASH = re.compile(r"\s[-–—]{1,2}\s[^\W_a-zа-яё]")
_AUTHOR = re.compile(r",\s(?:[^\W\da-zа-яё_][\w-]+\s?){1,3}\.(?=\s)")
_SHORTEST = 8


def _unframed(text: str, begin: int, name: Mention) -> Dateline | None:
    """Find `МОСКВА, 14 фев - РИА Новости.`, `Tehran, IRNA –`, `TASS, February 14.` and `AFP -` at a line's start."""
    after = text[name.end : name.end + LINE_HEAD]
    if len(after.split("\n", 1)[0].strip(" .-–—:")) < _SHORTEST:
        return None
    before = text[begin : name.begin]
    end = name.end + _stop(after)
    if before and before.strip().lower() not in contexts().bylines:
        joint = _JOINT.search(before) or _ARABIC_YEAR.search(before)
        place = before[: joint.start()] if joint else ""
        if joint is None or not _is_place(place):
            return None
        dates = [date.end() for date in DATE.finditer(place)]
        dashed = joint[0].strip() in "-–—―/م"
        long = name.end - name.begin > 2
        author = _AUTHOR.match(after)
        if author and dates and dashed:
            return Dateline(begin, name.end + author.end(), (name.holder,))
        if _DASH.match(after):
            found = bool(dates) or dashed or long
        else:
            head = place.split(",")[0]
            capitals = head == head.upper()
            telegram = joint[0] == ". " and long and place.count(" ") < 2 and after[:2] == ". "
            ended = dates[-1:] == [len(place)] or (dashed and (bool(dates) or capitals)) or telegram
            found = ended and _STOP.match(after) is not None
        return Dateline(begin, end, (name.holder,)) if found else None
    if name.form == "framed":
        return None
    comma = _COMMA.match(after)
    date = DATE.match(after, comma.end()) if comma else None
    if date and (date[0].endswith(".") or _SEPARATOR.match(after, date.end())):
        return Dateline(begin, name.end + date.end(), (name.holder,))
    return Dateline(begin, name.end, (name.holder,)) if _LEADING_DASH.match(after) else None


_TELEGRAM = re.compile(
    r"[^\n，。,.]{0,24}?\d{1,2}日[^\n，。]{0,6}?[电電讯訊](?:\s*[（(][^\n）)]{1,40}[）)])?"
    r"|[^\n，。,.]{0,12}\d{1,2}日(?=\s*[-–—])"
)


def _east_asian(text: str, begin: int, name: Mention) -> Dateline | None:
    """Find `新华社北京2月14日电`, `【ワシントン共同】` and `（中央社記者…14日電）` at the start of a line."""
    lead = text[begin : name.begin]
    if len(lead) > 40 or not any("⺀" <= c <= "힣" for c in text[begin : name.end + 10]):
        return None
    if lead[:1] and lead[0] in _CLOSE and lead[0] != "/":
        end = text.find(_CLOSE[lead[0]], name.end, name.end + 40)
        inside = text[begin + 1 : end]
        if end > 0 and "\n" not in inside and not _NOT_TEXT.search(inside):
            return Dateline(begin, end + 1, holders_in(inside) or (name.holder,))
    if lead in ("", "据", "據"):
        match = _TELEGRAM.match(text, name.end)
        if match:
            return Dateline(begin, match.end(), (name.holder,))
    return None


_CAPITALS_BEFORE = re.compile(
    rf"(?:(?<=\s)|^)[A-Z\u00c0-\u00de\u0410-\u042f][A-Z\u00c0-\u00de\u0410-\u042f.'’/-]{{2,}}"
    r"(?:[ /-][A-Z\u00c0-\u00de\u0410-\u042f.'’/-]{2,}){0,3}"
    rf"(?:,\s[A-Z][A-Za-z.]+)?(?:[,.]?\s{DATE.pattern})?,?\s*$"
)


def _inside_line(text: str, begin: int, name: Mention) -> Dateline | None:
    """Find a dateline behind a headline or byline on one line: capitals, the framed name and a dash."""
    around = frame(text, name, begin)
    if not around or not re.match(r"\s*(?:[-–—_]{1,2}|--)\s*\S", text[around.end : around.end + 8]):
        return None
    credited = holders_in(around.inside)
    if not credited:
        return None
    window = max(begin, around.begin - 90)
    match = _CAPITALS_BEFORE.search(text[window : around.begin])
    if not match:
        return None
    return Dateline(window + match.start(), around.end, credited)


_BARE = re.compile(
    rf"[ \t]*(?P<place>[^\W\d_][^\n()\d]{{1,60}}?)(?P<date>[,.]?\s{DATE.pattern})?\s?(?:[-–—―]{{1,2}}|--)\s"
)


def _bare(text: str) -> Dateline | None:
    """Find a dateline that credits nobody: a place in capitals, perhaps with a date, and a dash."""
    for begin in _line_starts(text):
        if not text[begin : begin + 3].isupper():
            continue
        match = _BARE.match(text, begin)
        if not match:
            continue
        place = match["place"].strip()
        head = re.split(r"[,(]", place)[0].strip()
        words = head.split()
        if (
            head.isupper()
            and len(words) <= 4
            and not contexts().kickers.intersection(words)
            and _is_place(without_state(place))
        ):
            first = begin + len(match[0]) - len(match[0].lstrip())
            return Dateline(first, match.end("date") if match["date"] else match.start("place") + len(place), ())
    return None


def _line_starts(text: str, most: int = 8) -> Iterator[int]:
    begin = 0
    for _ in range(most):
        yield begin
        begin = text.find("\n", begin, HEAD) + 1
        if begin == 0:
            return
        while begin < HEAD and text[begin : begin + 1].isspace():
            begin += 1
