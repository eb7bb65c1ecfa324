"""One reader of dates for feeds, pages and text: it reads what a string says, marks what it infers, never guesses.

ISO 8601 (calendar, ordinal and week dates), RFC 822, 850, 2822 and asctime, epoch seconds to microseconds, and the
forms that people write in the languages of the wires. What cannot be read without guessing is an error with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from transforms.extract.date_words import HOURS, LINKS, Words, all_words, fold, words_of
from transforms.extract.zones import abbreviation_offset, is_abbreviation, is_zone, zone_offset

EARLIEST_YEAR = 1605
"""The year of the first newspaper."""
LATEST = 2_000_000_000 * 1_000_000
"""Microseconds since the epoch (May 2033): later dates are taken for errors where nothing says when they were read."""
LATEST_YEAR = 2026
"""The newest year inferred from a weekday alone; it moves with releases, never with the clock of processing."""
GRACE = timedelta(days=2)
"""How far a publication date may lie after its document was read: zones and embargoes."""
MAX_CHARS = 160

_EPOCH = datetime(1970, 1, 1)
_MONTH_FIRST_COUNTRIES = frozenset("US PR GU VI AS MP UM FM MH PW PH BZ".split())
_MIXED_ORDER_COUNTRIES = frozenset("CA KE GH".split())
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_BUDDHIST = 543

_ISO = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>\d\d)-(?P<day>\d\d)|W(?P<week>\d\d)-(?P<weekday>[1-7])|(?P<ordinal>\d{3}))"
    r"(?:(?:T| +|T )(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?(?::00)?)?(?:\[[\w/+-]+\])?)?(?P<date_zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<year>(?:1[6-9]|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:[T ]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:?(?:\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d{9,16})(?:\.(\d+))?", re.ASCII)
_TOKEN = re.compile(
    r"(?P<number>\d+)|(?P<marker>[年月日号號时時点點分秒년월일시분초])|(?P<word>[^\W\d_年月日号號时時点點分秒]+)|(?P<sign>[^\w\s])"
)
_DOTTED = re.compile(r"(?<![^\W\d_])(?:[apμπ]\.\s?[mμ]\b\.?|[\u0e00-\u0e7fʼ]{1,3}\.[\u0e00-\u0e7f]\.)")
"""Words with full stops inside: a.m., p. m., the Thai abbreviations of months."""
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
        r"(?<![/.:])(?:(?<!-)|(?=d[/.]))(?P<a>d)(?P<s>[-/.])(?P<b>d)(?P=s)(?P<y>Y)",
        r"(?<![/.:])(?:(?<!-)|(?=d[/.]))(?P<a>d)(?P<s>[-/.])(?P<b>d)(?P=s)(?P<c>d)(?![-/.:]d)",
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
_PLACE = re.compile(r"\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?\b")


class Reading(NamedTuple):
    """What a string says about an instant.

    Attributes:
        at: microseconds since 1970-01-01 UTC, the start of the interval that `precision` spans; None where the string
            does not fix it. A day begins at midnight UTC of the day it names.
        precision: second, minute, day, month-day (no year) or none.
        inferred: what the string does not say and was inferred: year, order (of day and month), zone.
        raw: the string.
        error: why nothing, or nothing certain, could be read; None where all is well.
        month_day: month and day of a date without a year.
    """

    at: int | None
    precision: str
    inferred: tuple[str, ...]
    raw: str
    error: str | None = None
    month_day: tuple[int, int] | None = None


class _Unreadable(Exception):
    pass


class _Day(NamedTuple):
    year: int | None
    month: int
    day: int
    ordered: bool = True


class _Clock(NamedTuple):
    hour: int
    minute: int
    second: int | None = None
    micro: int = 0


def read_date(
    raw: str,
    *,
    language: str | None = None,
    zone: str | None = None,
    reference: int | None = None,
    year: int | None = None,
) -> Reading:
    """Read a date, with or without a time of day.

    Args:
        raw: the string as it stands in the source.
        language: BCP-47 tag of the source; its region, or its language, decides the order of day and month.
        zone: tz database name of the clock its source keeps, used and marked where the string names no zone; without
            it such a time is read as UTC, and marked.
        reference: microseconds since the epoch, a moment when the string existed: later dates are errors, a missing
            year is the latest that fits.
        year: the year of a date without one, where other evidence gives it.

    Returns:
        A reading; one without `at` and with an `error` where the string is no date, an impossible or a future one,
        or could be read in two ways. Nothing is raised.
    """
    try:
        return _read(raw, language, zone, reference, year)
    except _Unreadable as reason:
        return Reading(None, "none", (), raw, str(reason))
    except (ValueError, OverflowError):
        return Reading(None, "none", (), raw, "impossible date")


def _read(raw: str, language: str | None, zone: str | None, reference: int | None, year: int | None) -> Reading:
    text = raw.strip().strip("\"'")
    if not text:
        raise _Unreadable("empty")
    if len(text) > MAX_CHARS:
        raise _Unreadable("too long for a date")
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _from_iso(found.groupdict(), raw, zone, reference)
    if number := _NUMBER.fullmatch(text):
        return _checked(_from_number(number), "second", (), raw, reference)
    return _from_words(text, raw, language, zone, reference, year)


def _from_number(number: re.Match[str]) -> int:
    digits = number[1]
    scale = {9: 1_000_000, 10: 1_000_000, 13: 1_000, 16: 1}.get(len(digits))
    if scale is None:
        raise _Unreadable("a number that is no epoch time")
    fraction = round(float(f"0.{number[2]}") * scale) if number[2] else 0
    at = int(digits) * scale + fraction
    if at > LATEST:
        raise _Unreadable("a number that is no epoch time")
    return at


def _from_iso(fields: dict[str, str | None], raw: str, zone: str | None, reference: int | None) -> Reading:
    year = int(fields["year"] or 0)
    _check_year(year)
    if fields.get("week"):
        day = date.fromisocalendar(year, int(fields["week"] or 0), int(fields["weekday"] or 0))
    elif fields.get("ordinal"):
        ordinal = int(fields["ordinal"] or 0)
        day = date(year, 1, 1) + timedelta(days=ordinal - 1)
        if day.year != year:
            raise _Unreadable("impossible date")
    else:
        day = date(year, int(fields["month"] or 0), int(fields["day"] or 0))
    if fields["hour"] is None:
        return _finish(_Day(day.year, day.month, day.day), None, None, raw, zone, reference)
    second = fields["second"]
    micro = int((fields["fraction"] or "0")[:6].ljust(6, "0"))
    clock = _Clock(int(fields["hour"]), int(fields["minute"] or 0), None if second is None else int(second), micro)
    if fields.get("date_zone"):
        raise _Unreadable("more than one zone")
    offset = _iso_offset(fields["zone"])
    return _finish(_Day(day.year, day.month, day.day), clock, offset, raw, zone, reference)


def _iso_offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    return _offset(text[0], int(digits[:2]), int(digits[2:4] or 0))


def _offset(sign: str, hours: int, minutes: int) -> int:
    if hours > 14 or minutes > 59:
        raise _Unreadable("impossible zone")
    return (hours * 60 + minutes) * (-1 if sign == "-" else 1)


class _Tokens:
    """A string as tokens, and its shape: one letter a token, so that a date's form is a plain pattern."""

    def __init__(self, text: str, words: Words) -> None:
        folded = _DOTTED.sub(lambda word: re.sub(r"[.\s]", "", word[0]).ljust(len(word[0])), fold(text))
        self.matches = list(_TOKEN.finditer(folded))
        self.text = text
        self.words = words
        self.shape = "".join(map(self._letter, range(len(self.matches))))

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
        if is_abbreviation(original.upper()) and (original.isupper() or value in ("мск", "z", "utc", "gmt")):
            return "Z"
        if value in HOURS:
            return "h"
        if value == "thang":
            return "v"
        if value in LINKS:
            return "o"
        return "s" if value in _ORDINALS else "x"

    def shape_before(self, position: int) -> bool:
        """Say whether a number stands before a marker such as the sign for year."""
        return self.matches[position - 1]["number"] is not None

    def number(self, position: int) -> int:
        return int(self.matches[position][0])


def _from_words(
    text: str, raw: str, language: str | None, zone: str | None, reference: int | None, year: int | None
) -> Reading:
    reasons: list[str] = []
    for words in _vocabularies(language):
        tokens = _Tokens(text, words)
        try:
            return _from_tokens(tokens, raw, language, zone, reference, year)
        except _Unreadable as reason:
            reasons.append(str(reason))
            if "M" in tokens.shape:
                break
    raise _Unreadable(reasons[-1])


def _vocabularies(language: str | None, *, rare: bool = True) -> Iterator[Words]:
    """Yield the words to read with: of the language, of English, and, unless rare ones are not wanted, of all."""
    primary = (language or "").replace("-", "_")
    for locale in dict.fromkeys((primary, primary.split("_")[0], "en")):
        if locale and (words := words_of(locale)):
            yield words
    if rare:
        yield all_words()


def _from_tokens(
    tokens: _Tokens, raw: str, language: str | None, zone: str | None, reference: int | None, year: int | None
) -> Reading:
    shape = _without_weekday_months(tokens)
    day, shape = _find_day(tokens, shape, language)
    if "d:d" in shape:
        day, shape = _year_apart(tokens, shape, day)
    clock, offset, inferred, shape = _find_clock(tokens, shape, day, language, zone)
    day, shape = _year_apart(tokens, shape, day)
    if re.search("[dnYN]", shape):
        raise _Unreadable("more numbers than a date has")
    weekday = _weekday(tokens)
    if not day.ordered:
        inferred = ("order", *inferred)
    if day.year is None:
        day = day._replace(year=year or _year_of(day, weekday, reference))
        if day.year is None:
            date(2000, day.month, day.day)
            return Reading(None, "month-day", inferred, raw, None, (day.month, day.day))
        inferred = ("year", *inferred)
    reading = _finish(day, clock, offset, raw, zone, reference)
    return reading._replace(inferred=tuple(dict.fromkeys((*inferred, *reading.inferred))))


def _year_apart(tokens: _Tokens, shape: str, day: _Day) -> tuple[_Day, str]:
    """Take the year that stands apart from its day, as behind the time in asctime's form."""
    apart = list(re.finditer("(?<![-+])Y", shape))
    if day.year is not None or len(apart) != 1:
        return day, shape
    return day._replace(year=tokens.number(apart[0].start())), _blank(shape, apart[0])


def _without_weekday_months(tokens: _Tokens) -> str:
    """Return the shape, with `mar.` read as a Tuesday where another month stands in the string."""
    shape = tokens.shape
    if shape.count("M") > 1:
        for position, token in enumerate(tokens.matches):
            if shape[position] == "M" and token[0] in all_words().weekdays:
                shape = shape[:position] + "W" + shape[position + 1 :]
                break
    if shape.count("M") > 1:
        raise _Unreadable("more than one month")
    return shape


def _find_day(tokens: _Tokens, shape: str, language: str | None) -> tuple[_Day, str]:
    if "M" in shape:
        months = tokens.words.months[tokens.matches[shape.index("M")][0]]
        if len(months) > 1:
            raise _Unreadable("a month's name that languages disagree on")
        for form in _WORDED:
            if found := form.search(shape):
                year = found.groupdict().get("y")
                day = _Day(
                    _full_year(tokens.matches[found.start("y")][0], language) if year else None,
                    min(months),
                    tokens.number(found.start("d")),
                )
                return day, _blank(shape, found)
        raise _Unreadable("a month without a day")
    for form in _NUMERIC:
        if found := form.search(shape):
            return _numeric_day(tokens, found, language), _blank(shape, found)
    raise _Unreadable("no date")


def _numeric_day(tokens: _Tokens, found: re.Match[str], language: str | None) -> _Day:
    groups = found.groupdict()
    if "m" in groups:
        year = None
        if "y" in groups:
            year = _era_year(tokens, found.start("y"), language)
        return _Day(year, tokens.number(found.start("m")), tokens.number(found.start("d")))
    first, second = tokens.number(found.start("a")), tokens.number(found.start("b"))
    order, known = _order(language)
    if "c" in groups:
        third = tokens.matches[found.start("c")][0]
        if order == "ymd" or first > 31:
            return _Day(_full_year(tokens.matches[found.start("a")][0], language), second, int(third), first > 31)
        if order is None and found["s"] != ".":
            raise _Unreadable("ambiguous: a year of two digits among numbers")
        year = _full_year(third, language)
    else:
        year = _full_year(tokens.matches[found.start("y")][0], language) if "y" in groups else None
    if first > 12 or second > 12 or first == second:
        return _Day(year, min(first, second), max(first, second), "c" not in groups)
    if found["s"] == "." and order != "mdy":
        order = "dmy"
    if order is None and (weekday := _weekday(tokens)) is not None and year:
        fitting = [(m, d) for m, d in ((first, second), (second, first)) if date(year, m, d).weekday() == weekday]
        if len(fitting) == 1:
            return _Day(year, *fitting[0])
    if order not in ("dmy", "mdy"):
        raise _Unreadable(f"ambiguous: day {first} of month {second}, or day {second} of month {first}")
    month, day = (first, second) if order == "mdy" else (second, first)
    return _Day(year, month, day, known and False)


def _order(language: str | None) -> tuple[str | None, bool]:
    """Return the order of day, month and year that a language writes, None where it is not settled."""
    if not language:
        return None, False
    primary, *rest = language.replace("_", "-").split("-")
    region = next((part.upper() for part in rest if len(part) == 2), None)
    if region in _MIXED_ORDER_COUNTRIES or (primary == "en" and region is None):
        return None, False
    if region in _MONTH_FIRST_COUNTRIES:
        return "mdy", True
    if primary == "en":
        return "dmy", True
    try:
        pattern = str(Locale.parse(primary).date_formats["short"])
    except (UnknownLocaleError, ValueError):
        return None, False
    letters = "".join(dict.fromkeys(re.sub("[^dmy]", "", re.sub("'.*?'", "", pattern).lower())))
    if primary in ("zh", "ja", "ko"):
        return "ymd", True
    return "dmy" if letters in ("dmy", "ymd") else letters or None, True


def _era_year(tokens: _Tokens, position: int, language: str | None) -> int:
    before = tokens.matches[position - 1][0] if position else ""
    for era, base in _ERAS.items():
        if before.endswith(era):
            return base + tokens.number(position)
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
    tokens: _Tokens, shape: str, day: _Day, language: str | None, zone: str | None
) -> tuple[_Clock | None, int | None, tuple[str, ...], str]:
    for form in _TIMES:
        found = form.search(shape)
        if found is None:
            continue
        groups = found.groupdict()
        if found.lastgroup == "military" or groups.get("military"):
            value = tokens.number(found.start())
            clock = _Clock(value // 100, value % 100)
        else:
            clock = _clock(tokens, found)
        rest = _blank(shape, found)
        offset, inferred, rest = _find_zone(tokens, rest, found.end(), day, clock, language, zone)
        return clock, offset, inferred, rest
    return None, None, (), shape


def _clock(tokens: _Tokens, found: re.Match[str]) -> _Clock:
    groups = found.groupdict()

    def value(name: str) -> int | None:
        return tokens.number(found.start(name)) if groups.get(name) else None

    hour, minute, second = value("h") or 0, value("i") or 0, value("s")
    for name in ("A", "B"):
        if groups.get(name):
            half = tokens.words.halves[tokens.matches[found.start(name)][0]]
            if (hour > 12 and half == 0) or (hour == 0 and half == 12):
                raise _Unreadable("impossible time of day")
            hour = hour % 12 + half if hour <= 12 else hour
    fraction = tokens.matches[found.start("f")][0] if groups.get("f") else "0"
    return _Clock(hour, minute, second, int(fraction[:6].ljust(6, "0")))


def _find_zone(
    tokens: _Tokens, shape: str, behind: int, day: _Day, clock: _Clock, language: str | None, zone: str | None
) -> tuple[int | None, tuple[str, ...], str]:
    """Return offset in minutes, what was inferred, and the shape without the zone that stands behind the time."""
    if (place := _PLACE.search(tokens.text)) and is_zone(place[0]) and day.year:
        return zone_offset(place[0], _local(day, clock)), (), shape
    if found := _OFFSET.match(shape, behind):
        if found["hm"]:
            value = tokens.number(found.start("hm"))
            hours, minutes = divmod(value, 100)
        else:
            hours, minutes = tokens.number(found.start("h")), tokens.number(found.start("i")) if found["i"] else 0
        return _offset(found["sign"], hours, minutes), (), _blank(shape, found)
    if found := _ZONE.match(shape, behind):
        token = tokens.matches[found.start("name")]
        local = _local(day if day.year else day._replace(year=LATEST_YEAR), clock)
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


def _weekday(tokens: _Tokens) -> int | None:
    for position, letter in enumerate(tokens.shape):
        if letter == "W":
            days = tokens.words.weekdays.get(tokens.matches[position][0], frozenset())
            if len(days) == 1:
                return min(days)
    return None


def _year_of(day: _Day, weekday: int | None, reference: int | None) -> int | None:
    """Return the latest year in which a day fits its weekday and lies before the reference; None without evidence."""
    if reference is None and weekday is None:
        return None
    last = (
        _EPOCH + timedelta(microseconds=reference) + GRACE if reference is not None else datetime(LATEST_YEAR, 12, 31)
    )
    for year in range(last.year, last.year - (12 if weekday is not None else 2), -1):
        try:
            candidate = date(year, day.month, day.day)
        except ValueError:
            continue
        if candidate <= last.date() and (weekday is None or candidate.weekday() == weekday):
            return year
    return None


def _local(day: _Day, clock: _Clock) -> datetime:
    if day.year is None:
        raise _Unreadable("no year")
    if clock.hour == 24 and clock.minute == 0 and not clock.second:
        return datetime(day.year, day.month, day.day) + timedelta(days=1)
    second = clock.second or 0
    leap = second == 60
    return datetime(day.year, day.month, day.day, clock.hour, clock.minute, 59 if leap else second, clock.micro)


def _finish(
    day: _Day, clock: _Clock | None, offset: int | None, raw: str, zone: str | None, reference: int | None
) -> Reading:
    """Turn a day, a time and an offset into a reading; midnight without seconds' worth of evidence is only a day."""
    _check_year(day.year or 0)
    if clock is None or (offset is None and clock[:2] == (0, 0) and not clock.second):
        return _checked(_micros(datetime(day.year or 0, day.month, day.day)), "day", (), raw, reference)
    local = _local(day, clock)
    inferred = () if offset is not None else ("zone",)
    if offset is None:
        offset = zone_offset(zone, local) if zone and is_zone(zone) else 0
    precision = "minute" if clock.second is None else "second"
    return _checked(_micros(local - timedelta(minutes=offset)), precision, inferred, raw, reference)


def _check_year(year: int) -> None:
    if year < EARLIEST_YEAR:
        raise _Unreadable("before the first newspaper")


def _checked(at: int, precision: str, inferred: tuple[str, ...], raw: str, reference: int | None) -> Reading:
    if at == 0 and precision != "day":
        raise _Unreadable("the epoch itself, which stands for no date")
    limit = LATEST if reference is None else reference + round(GRACE.total_seconds()) * 1_000_000
    if at > limit:
        raise _Unreadable("in the future")
    return Reading(at, precision, inferred, raw)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _blank(shape: str, found: re.Match[str]) -> str:
    return shape[: found.start()] + " " * (found.end() - found.start()) + shape[found.end() :]


class Found(NamedTuple):
    """Where in a string a date stands, code points, and whether a time of day and a weekday stand with it."""

    begin: int
    end: int
    timed: bool
    weekday: bool


_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d[:.h]\d\d|\d[年月日년월일]")
"""A year, a time of day or a Chinese, Japanese or Korean mark: only then are words of all languages looked up."""
_GLUE = frozenset(" .,-/:()'oWAZhs°")


def find_date(text: str, *, language: str | None = None) -> Found | None:
    """Find the first date in a line, with the time and the zone that stand beside it; None where there is none."""
    if not any(map(str.isdigit, text)):
        return None
    for words in _vocabularies(language, rare=_DATED.search(fold(text)) is not None):
        tokens = _Tokens(text, words)
        try:
            if found := _span(tokens, language):
                return found
        except _Unreadable:
            continue
    return None


def _span(tokens: _Tokens, language: str | None) -> Found | None:
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
    if end + 1 < len(shape) + 1 and shape[end : end + 1] == "Y" and timed:
        end += 1
    return Found(tokens.matches[begin].start(), tokens.matches[end - 1].end(), timed, "W" in shape[begin:end])
