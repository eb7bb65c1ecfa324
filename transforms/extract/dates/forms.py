"""The forms that people write dates in: a string becomes tokens, its tokens a shape, and a form is a pattern of shapes.

In a shape each token is one letter: `d` a number of one or two digits, `n` of three, `Y` of four, `N` of others; `M` a
month's name, `W` a weekday's, `A` a half of the day, `Z` a time zone; `o` a word that links, `s` an ending that makes
a number ordinal, `h` a word or mark of hours; `y m D i e` the marks of year, month, day, minute and second in
Chinese, Japanese and Korean, `v` the Vietnamese word for month; `x` any other word, `°` any other sign; the
signs of dates stand for themselves. What was read is blanked out, so that what is left can be seen to be nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from wirecopy.transforms.extract.dates.words import HOURS, LINKS, NIGHT, Words, all_words, fold, words_of
from wirecopy.transforms.extract.dates.zones import abbreviation_offset, is_abbreviation, is_zone, zone_offset

_MONTH_FIRST_COUNTRIES = frozenset("US PR GU VI AS MP UM FM MH PW PH BZ".split())
_MIXED_ORDER_COUNTRIES = frozenset("CA KE GH".split())
_ERAS = ("令和", "平成", "昭和", "大正", "明治", "民國", "民国")
_BUDDHIST = 543
_MORNING = 5
"""The hour from which on a time of the night is one before midnight."""
_ANY_YEAR = 2020
"""The year whose seasons count for the zone of a date without one."""

_TOKEN = re.compile(
    r"(?P<number>\d+)|(?P<marker>[年月日号號时時点點分秒년월일시분초])|(?P<word>[^\W\d_年月日号號时時点點分秒]+)|(?P<sign>[^\w\s])"
)
_DOTTED = re.compile(r"(?<![^\W\d_])(?:[apμπ]\.\s?[mμ]\b\.?|[\u0e00-\u0e7fʼ]{1,3}\.[\u0e00-\u0e7f]\.)")
"""Words with full stops inside: a.m., p. m., the Thai abbreviations of months."""
_TWO_WORDS = re.compile(r"(?<=كانون|تشرين) (?=ال(?:اول|ثاني)\b)")
"""Between the words of the months that have names of two."""
_DOUBLED = re.compile(r"M(?P<other>[/(]M\)?)")
"""A month by two of its names, as Arabic media write it."""
_ORDINALS = frozenset("st nd rd th er ere o a º ª e ste de го й е ое ого ші ма ός an en".split())
_MARKERS = dict(zip("年년月월日일号號時时시点點分분秒초", "yymmDDDDhhhhhiiss", strict=True))

_SEPARATED = r"[-/.,o' ]{0,3}"
_WORDED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!d:)(?P<d>d)s?{_SEPARATED}M\.?{_SEPARATED}(?P<y>Y)",
        rf"M\.?{_SEPARATED}(?P<d>d)(?!:)s?{_SEPARATED}(?P<y>Y)(?!Z)",
        rf"(?P<y>Y)(?:[-/.,o' x]{{0,3}})M\.?{_SEPARATED}(?P<d>d)(?![:h])",
        r"(?<!d:)(?P<d>d)[s.]?[-/o ]{0,2}M\.?[-/', ]{0,2}(?P<y>d)(?![:hA.]|\.d)",
        rf"(?<!d:)(?P<d>d)s?{_SEPARATED}M",
        rf"M\.?{_SEPARATED}(?P<d>d)(?![:h])",
    )
)
_NUMERIC = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>[Ydn])y(?P<m>d)m(?P<d>d)D",
        r"(?P<m>d)m(?P<d>d)D",
        r"(?P<y>Y)[-/.](?P<m>d)[-/.](?P<d>d)(?![:])",
        r"(?P<d>d)v(?P<m>d)[,ox]{0,2}(?P<y>Y)",
        r"(?<![/.])(?<!d:)(?:(?<!-)|(?=d[/.]))(?P<a>d)(?P<s>[-/.])(?P<b>d)(?P=s)(?P<y>Y)",
        r"(?<![/.])(?<!d:)(?:(?<!-)|(?=d[/.]))(?P<a>d)(?P<s>[-/.])(?P<b>d)(?P=s)(?P<c>d)(?![-/.:]d)",
        r"^W?[.,]?(?P<a>d)(?P<s>[/.])(?P<b>d)(?=\.?,|\.[^d]|\.?$|d:)(?!:)",
    )
)
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<A>A?)[.o]?(?P<h>d):(?P<i>d)(?::(?P<s>d)(?:[.,](?P<f>[dYNn]))?)?(?P<B>A?)",
        r"(?P<h>d)\.(?P<i>d)(?=[hA]|$|[ ,;|)Zx+-])(?P<A>)(?P<B>A?)",
        r"(?P<A>A?)(?P<h>d)h(?:(?P<i>d)i?(?:(?P<s>d)s?)?)?(?P<B>A?)",
        r"(?P<h>d)(?P<B>A)",
        r"(?P<military>Y)(?=[Zh])",
    )
)
_OFFSET = re.compile(r"[ (,]*(?P<name>Z?)[ (]*(?P<sign>[-+])(?:(?P<h>d)(?::(?P<i>d))?|(?P<hm>Y))(?![-/.dM])")
_ZONE = re.compile(r"[ (\[,|x]{0,3}?(?P<name>Z)")
_GLUE = frozenset(" .,-/:()'oWAZhs°")
_PLACE = re.compile(r"\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?\b")


class Unreadable(Exception):
    """A string is no date, or one that could be read in two ways; says why."""


class Day(NamedTuple):
    """A day of a year or of none, and whether the string itself says which number is the day."""

    year: int | None
    month: int
    day: int
    ordered: bool = True


class Clock(NamedTuple):
    """A time of day, without seconds where none are written."""

    hour: int
    minute: int
    second: int | None = None
    micro: int = 0


class Written(NamedTuple):
    """What a string says.

    Attributes:
        day: the day.
        clock: the time of day, None where none is written.
        offset: minutes east of Greenwich, None where no zone is written.
        inferred: what the string leaves open and was decided: order, zone.
        weekday: Monday is 0; None where none is written.
    """

    day: Day
    clock: Clock | None
    offset: int | None
    inferred: tuple[str, ...]
    weekday: int | None


class Tokens:
    """A string as tokens, and its shape: one letter a token, so that a date's form is a plain pattern."""

    def __init__(self, text: str, words: Words) -> None:
        folded = _DOTTED.sub(lambda word: re.sub(r"[.\s]", "", word[0]).ljust(len(word[0])), fold(text))
        self.matches = list(_TOKEN.finditer(_TWO_WORDS.sub("ـ", folded)))
        self.text = text
        self.words = words
        self.shape = "".join(map(self._letter, range(len(self.matches))))
        for found in _DOUBLED.finditer(self.shape):
            if self.months(found.start()) & self.months(found.start() + 2):
                self.shape = _blank(self.shape, found, "other")

    def _letter(self, position: int) -> str:
        token = self.matches[position]
        value = token[0]
        if token["number"]:
            return {1: "d", 2: "d", 3: "n", 4: "Y"}.get(len(value), "N")
        if token["sign"]:
            return value if value in "-/.,:+()'" else "°"
        if token["marker"]:
            return _MARKERS[value] if position and self.shape_before(position) else "W" if value in "月日" else "x"
        if value in self.words.months:
            return "M"
        if value in self.words.weekdays:
            return "W"
        if value in self.words.halves:
            return "A"
        original = self.text[token.start() : token.end()]
        written_so = original.isupper() or not original.isascii() or value in ("z", "utc", "gmt")
        if written_so and is_abbreviation(original.upper()):
            return "Z"
        if value in HOURS:
            return "h"
        if value == "thang":
            return "v"
        if value in LINKS:
            return "o"
        return "s" if value in _ORDINALS else "x"

    def end(self, position: int) -> int:
        """Return where in the string a token ends, with the full stops inside and behind it."""
        token = self.matches[position]
        dotted = _DOTTED.match(fold(self.text), token.start())
        return dotted.end() if dotted else token.end()

    def shape_before(self, position: int) -> bool:
        """Say whether a number stands before a marker such as the sign for year."""
        return self.matches[position - 1]["number"] is not None

    def months(self, position: int) -> frozenset[int]:
        """Return the months, 1 to 12, that a token may name."""
        return self.words.months[self.matches[position][0]]

    def number(self, position: int) -> int:
        """Return the number that a token is."""
        return int(self.matches[position][0])


def vocabularies(language: str | None, *, rare: bool = True) -> Iterator[Words]:
    """Yield the words to read with: of the language, of English, and, unless rare ones are not wanted, of all."""
    primary = (language or "").replace("-", "_")
    for locale in dict.fromkeys((primary, primary.split("_")[0], "en")):
        if locale and (words := words_of(locale)):
            yield words
    if rare:
        yield all_words()


def read_tokens(tokens: Tokens, language: str | None, zone: str | None) -> Written:
    """Return what a string's tokens say. Raises Unreadable, and ValueError for an impossible date.

    Args:
        tokens: the whole string; numbers that no form explains make it unreadable.
        language: BCP-47 tag of the source; decides the order of day and month.
        zone: tz database name of the source's clock; decides between meanings of a zone's abbreviation.
    """
    shape = _without_weekday_months(tokens)
    day, shape = _find_day(tokens, shape, language)
    if "d:d" in shape:
        day, shape = _year_apart(tokens, shape, day)
    clock, offset, inferred, shape = _find_clock(tokens, shape, day, language, zone)
    day, shape = _year_apart(tokens, shape, day)
    if re.search("[dnYN]", shape):
        raise Unreadable("more numbers than a date has")
    return Written(day, clock, offset, inferred if day.ordered else ("order", *inferred), _weekday(tokens))


def _year_apart(tokens: Tokens, shape: str, day: Day) -> tuple[Day, str]:
    """Take the year that stands apart from its day, as behind the time in asctime's form."""
    apart = list(re.finditer("(?<![-+])Y", shape))
    if day.year is not None or len(apart) != 1:
        return day, shape
    return day._replace(year=tokens.number(apart[0].start())), _blank(shape, apart[0])


def _without_weekday_months(tokens: Tokens) -> str:
    """Return the shape, with `mar.` read as a Tuesday where another month stands in the string."""
    shape = tokens.shape
    if shape.count("M") > 1:
        for position, token in enumerate(tokens.matches):
            if shape[position] == "M" and token[0] in all_words().weekdays:
                shape = shape[:position] + "W" + shape[position + 1 :]
                break
    if shape.count("M") > 1:
        raise Unreadable("more than one month")
    return shape


def _find_day(tokens: Tokens, shape: str, language: str | None) -> tuple[Day, str]:
    if "M" in shape:
        months = tokens.months(shape.index("M"))
        if len(months) > 1:
            raise Unreadable("a month's name that languages disagree on")
        for form in _WORDED:
            if found := form.search(shape):
                year = found.groupdict().get("y")
                day = Day(
                    _full_year(tokens.matches[found.start("y")][0], language) if year else None,
                    min(months),
                    tokens.number(found.start("d")),
                )
                return day, _blank(shape, found)
        raise Unreadable("a month without a day")
    for form in _NUMERIC:
        if found := form.search(shape):
            return _numeric_day(tokens, found, language), _blank(shape, found)
    raise Unreadable("no date")


def _numeric_day(tokens: Tokens, found: re.Match[str], language: str | None) -> Day:
    groups = found.groupdict()
    if "m" in groups:
        year = None
        if "y" in groups:
            year = _era_year(tokens, found.start("y"), language)
        return Day(year, tokens.number(found.start("m")), tokens.number(found.start("d")))
    first, second = tokens.number(found.start("a")), tokens.number(found.start("b"))
    order = _order(language)
    if "c" in groups:
        third = tokens.matches[found.start("c")][0]
        if order == "ymd" or first > 31:
            return Day(_full_year(tokens.matches[found.start("a")][0], language), second, int(third), first > 31)
        if order is None and found["s"] != ".":
            raise Unreadable("ambiguous: a year of two digits among numbers")
        year = _full_year(third, language)
    else:
        year = _full_year(tokens.matches[found.start("y")][0], language) if "y" in groups else None
    if first > 12 or second > 12 or first == second:
        return Day(year, min(first, second), max(first, second), "c" not in groups)
    if found["s"] == "." and order != "mdy":
        order = "dmy"
    if order is None and (weekday := _weekday(tokens)) is not None and year:
        fitting = [(m, d) for m, d in ((first, second), (second, first)) if date(year, m, d).weekday() == weekday]
        if len(fitting) == 1:
            return Day(year, *fitting[0])
    if order not in ("dmy", "mdy"):
        raise Unreadable(f"ambiguous: day {first} of month {second}, or day {second} of month {first}")
    month, day = (first, second) if order == "mdy" else (second, first)
    return Day(year, month, day, ordered=False)


def _order(language: str | None) -> str | None:
    """Return the order of day, month and year that a language writes, None where it is not settled."""
    if not language:
        return None
    primary, *rest = language.replace("_", "-").split("-")
    region = next((part.upper() for part in rest if len(part) == 2), None)
    if region in _MIXED_ORDER_COUNTRIES or (primary == "en" and region is None):
        return None
    if region in _MONTH_FIRST_COUNTRIES:
        return "mdy"
    if primary == "en":
        return "dmy"
    if primary in ("zh", "ja", "ko"):
        return "ymd"
    try:
        pattern = str(Locale.parse(primary).date_formats["short"])
    except (UnknownLocaleError, ValueError):
        return None
    letters = "".join(dict.fromkeys(re.sub("[^dmy]", "", re.sub("'.*?'", "", pattern).lower())))
    return "dmy" if letters in ("dmy", "ymd") else letters or None


def _era_year(tokens: Tokens, position: int, language: str | None) -> int:
    before = tokens.matches[position - 1][0] if position else ""
    if before.endswith(_ERAS):
        raise Unreadable("a day that its era does not have")
    return _full_year(tokens.matches[position][0], language)


def _full_year(digits: str, language: str | None) -> int:
    """Return the year that digits name: two of them by POSIX's pivot (69 is 1969), Thai ones less the Buddhist era."""
    year = int(digits)
    if len(digits) == 2:
        return year + (1900 if year >= 69 else 2000)
    if len(digits) == 4 and (language or "").split("-")[0] == "th" and year > 2400:
        return year - _BUDDHIST
    return year


def _find_clock(
    tokens: Tokens, shape: str, day: Day, language: str | None, zone: str | None
) -> tuple[Clock | None, int | None, tuple[str, ...], str]:
    for form in _TIMES:
        found = form.search(shape)
        if found is None:
            continue
        groups = found.groupdict()
        if found.lastgroup == "military" or groups.get("military"):
            value = tokens.number(found.start())
            clock = Clock(value // 100, value % 100)
        else:
            clock = _clock(tokens, found)
        rest = _blank(shape, found)
        offset, inferred, rest = _find_zone(tokens, rest, found.end(), day, clock, language, zone)
        return clock, offset, inferred, rest
    return None, None, (), shape


def _clock(tokens: Tokens, found: re.Match[str]) -> Clock:
    groups = found.groupdict()

    def value(name: str) -> int | None:
        return tokens.number(found.start(name)) if groups.get(name) else None

    hour, minute, second = value("h") or 0, value("i") or 0, value("s")
    for name in ("A", "B"):
        if groups.get(name):
            half = tokens.words.halves[tokens.matches[found.start(name)][0]]
            if (hour > 12 and half == 0) or (hour == 0 and half == 12):
                raise Unreadable("impossible time of day")
            if half == NIGHT:
                half = 0 if hour % 12 < _MORNING else 12
            hour = hour % 12 + half if hour <= 12 else hour
    fraction = tokens.matches[found.start("f")][0] if groups.get("f") else "0"
    return Clock(hour, minute, second, int(fraction[:6].ljust(6, "0")))


def _find_zone(
    tokens: Tokens, shape: str, behind: int, day: Day, clock: Clock, language: str | None, zone: str | None
) -> tuple[int | None, tuple[str, ...], str]:
    """Return offset in minutes, what was inferred, and the shape without the zone that stands behind the time."""
    if (place := _PLACE.search(tokens.text)) and is_zone(place[0]) and day.year:
        return zone_offset(place[0], local_time(day, clock)), (), shape
    if found := _OFFSET.match(shape, behind):
        if found["hm"]:
            value = tokens.number(found.start("hm"))
            hours, minutes = divmod(value, 100)
        else:
            hours, minutes = tokens.number(found.start("h")), tokens.number(found.start("i")) if found["i"] else 0
        return offset_minutes(found["sign"], hours, minutes), (), _blank(shape, found)
    if found := _ZONE.match(shape, behind):
        token = tokens.matches[found.start("name")]
        local = local_time(day if day.year else day._replace(year=_ANY_YEAR), clock)
        country = _country(language, zone)
        offset = abbreviation_offset(tokens.text[token.start() : token.end()].upper(), local, country)
        return offset.minutes, ("zone",) if offset.inferred else (), _blank(shape, found)
    return None, (), shape


def _country(language: str | None, zone: str | None) -> str | None:
    parts = (language or "").split("-")
    for part in parts[1:]:
        if len(part) == 2:
            return part.upper()
    by_zone = {
        "Asia/Kolkata": "IN",
        "Asia/Jerusalem": "IL",
        "Europe/Dublin": "IE",
        "Asia/Shanghai": "CN",
        "Asia/Dhaka": "BD",
    }
    by_zone |= {
        "Asia/Yerevan": "AM",
        "Asia/Taipei": "TW",
        "Asia/Manila": "PH",
        "Asia/Riyadh": "SA",
        "America/Havana": "CU",
    }
    by_language = {
        "he": "IL",
        "hi": "IN",
        "bn": "BD",
        "zh": "CN",
        "hy": "AM",
        "ga": "IE",
        "ar": "SA",
        "fil": "PH",
        "tl": "PH",
    }
    return by_zone.get(zone or "") or by_language.get(parts[0])


def _weekday(tokens: Tokens) -> int | None:
    for position, letter in enumerate(tokens.shape):
        if letter == "W":
            days = tokens.words.weekdays.get(tokens.matches[position][0], frozenset())
            if len(days) == 1:
                return min(days)
    return None


def local_time(day: Day, clock: Clock) -> datetime:
    """Return a day's time of day; 24:00 is the next day's midnight, a leap second the one before it."""
    if day.year is None:
        raise Unreadable("no year")
    if clock.hour == 24 and clock.minute == 0 and not clock.second:
        return datetime(day.year, day.month, day.day) + timedelta(days=1)
    second = clock.second or 0
    leap = second == 60
    return datetime(day.year, day.month, day.day, clock.hour, clock.minute, 59 if leap else second, clock.micro)


def offset_minutes(sign: str, hours: int, minutes: int) -> int:
    """Return minutes east of Greenwich. Raises Unreadable where no clock on Earth is so far off."""
    if hours > 14 or minutes > 59:
        raise Unreadable("impossible zone")
    return (hours * 60 + minutes) * (-1 if sign == "-" else 1)


def _blank(shape: str, found: re.Match[str], group: int | str = 0) -> str:
    begin, end = found.span(group)
    return shape[:begin] + " " * (end - begin) + shape[end:]


def find_span(tokens: Tokens) -> tuple[int, int, bool, bool] | None:
    """Find the first date among tokens: first token, token behind it, whether a time and a weekday stand with it."""
    shape = tokens.shape
    for form in _WORDED if "M" in shape else _NUMERIC:
        if day := form.search(shape):
            break
    else:
        return None
    begin, end = day.span()
    rest = _blank(shape, day)
    timed = False
    for form in _TIMES:
        if time := form.search(rest):
            between = rest[end : time.start()] if time.start() >= end else rest[time.end() : begin]
            if set(between) <= _GLUE | {"x"} and len(between) <= 3:
                rest = _blank(rest, time)
                behind = time.end() + (rest[time.end() :][:1] == "h")
                zone = _OFFSET.match(rest, behind) or _ZONE.match(rest, behind)
                begin, end = min(begin, time.start()), max(end, zone.end() if zone else behind)
                timed = True
            break
    while begin and shape[begin - 1] in "W,." and "W" in shape[max(0, begin - 2) : begin]:
        begin -= 1
    if timed and shape[end : end + 1] == "Y":
        end += 1
    return begin, end, timed, "W" in shape[begin:end]
