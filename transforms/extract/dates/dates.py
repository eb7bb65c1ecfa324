"""One reader of dates for feeds, pages and text: it reads what a string says, marks what it infers, never guesses.

ISO 8601 (calendar, ordinal and week dates), RFC 822, 850, 2822 and asctime, epoch seconds to microseconds, and the
forms that people write in the languages of the wires. What cannot be read without guessing is an error with a reason.
"""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from wirecopy.transforms.extract.dates import calendars
from wirecopy.transforms.extract.dates.forms import (
    Clock,
    Day,
    Tokens,
    Unreadable,
    find_span,
    local_time,
    offset_minutes,
    read_tokens,
    vocabularies,
)
from wirecopy.transforms.extract.dates.words import fold
from wirecopy.transforms.extract.dates.zones import is_zone, zone_offset

EARLIEST_YEAR = 1605
"""The year of the first newspaper."""
LATEST = 2_000_000_000 * 1_000_000
"""Microseconds since the epoch (May 2033): later dates are taken for errors where nothing says when they were read.

Once that day is near, the day of processing takes its place.
"""
GRACE = timedelta(days=2)
"""How far a publication date may lie after its document was read: zones and embargoes."""
MAX_CHARS = 160

_EPOCH = datetime(1970, 1, 1)
_ISO = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>\d\d)-(?P<day>\d\d)|W(?P<week>\d\d)-(?P<weekday>[1-7])|(?P<ordinal>\d{3}))"
    r"(?:(?:T| +|T )(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|(?:UTC|GMT)?[+-](?:\d\d(?::?\d\d)?|\d:?\d\d)(?::00)?|UTC|GMT)?(?:\[[\w/+-]+\])?)?(?P<date_zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<year>(?:1[6-9]|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:[T ]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:?(?:\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d[:.h]\d\d|\d[年月日년월일]")
"""A year, a time of day or a Chinese, Japanese or Korean mark: only then are words of all languages looked up."""
_OTHER_YEAR = re.compile(r"1[2-5]\d\d-", re.ASCII)
_NUMBER = re.compile(r"(\d{9,16})(?:\.(\d+))?", re.ASCII)


class _Existed(NamedTuple):
    """When a string existed for certain: `reference` where something says so, else `now`, the time of processing."""

    reference: int | None
    now: int

    @property
    def last(self) -> date:
        """The last day that it may name as that of its own publication."""
        return (_EPOCH + timedelta(microseconds=self.now if self.reference is None else self.reference) + GRACE).date()

    @property
    def limit(self) -> int:
        """The last instant that it may name, in microseconds since the epoch."""
        grace = round(GRACE.total_seconds()) * 1_000_000
        return max(LATEST, self.now + grace) if self.reference is None else self.reference + grace


class Reading(NamedTuple):
    """What a string says about an instant.

    Attributes:
        at: microseconds since 1970-01-01 UTC, the start of the interval that `precision` spans; None where the string
            does not fix it. A day begins at midnight UTC of the day it names.
        precision: second, minute, day, month-day (no year) or none.
        inferred: what the string does not say and was inferred: year, order (of day and month), zone, calendar.
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


def read_date(
    raw: str,
    *,
    language: str | None = None,
    zone: str | None = None,
    reference: int | None = None,
    year: int | None = None,
    now: int | None = None,
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
        now: microseconds since the epoch, the time of processing; by default that of the clock. It counts only where
            there is no reference: then the year that a weekday tells is the latest that fits and is not to come.

    Returns:
        A reading; one without `at` and with an `error` where the string is no date, an impossible or a future one,
        or could be read in two ways. Nothing is raised.
    """
    try:
        existed = _Existed(reference, time.time_ns() // 1000 if now is None else now)
        return _read(raw, language, zone, existed, year)
    except Unreadable as reason:
        return Reading(None, "none", (), raw, str(reason))
    except (ValueError, OverflowError):
        return Reading(None, "none", (), raw, "impossible date")


def _read(raw: str, language: str | None, zone: str | None, existed: _Existed, year: int | None) -> Reading:
    text = raw.strip().strip("\"'")
    if not text:
        raise Unreadable("empty")
    if len(text) > MAX_CHARS:
        raise Unreadable("too long for a date")
    found = None if _OTHER_YEAR.match(text) else _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return _from_iso(found.groupdict(), raw, zone, existed)
    if number := _NUMBER.fullmatch(text):
        return _checked(_from_number(number, existed), "second", (), raw, existed)
    return _from_calendars(text, raw, language, zone, existed, year)


def _from_number(number: re.Match[str], existed: _Existed) -> int:
    digits = number[1]
    scale = {9: 1_000_000, 10: 1_000_000, 13: 1_000, 16: 1}.get(len(digits))
    if scale is None:
        raise Unreadable("a number that is no epoch time")
    fraction = round(float(f"0.{number[2]}") * scale) if number[2] else 0
    at = int(digits) * scale + fraction
    if at > max(LATEST, existed.limit):
        raise Unreadable("a number that is no epoch time")
    return at


def _from_iso(fields: dict[str, str | None], raw: str, zone: str | None, existed: _Existed) -> Reading:
    year = int(fields["year"] or 0)
    _check_year(year)
    if fields.get("week"):
        day = date.fromisocalendar(year, int(fields["week"] or 0), int(fields["weekday"] or 0))
    elif fields.get("ordinal"):
        ordinal = int(fields["ordinal"] or 0)
        day = date(year, 1, 1) + timedelta(days=ordinal - 1)
        if day.year != year:
            raise Unreadable("impossible date")
    else:
        day = date(year, int(fields["month"] or 0), int(fields["day"] or 0))
    if fields["hour"] is None:
        return _finish(Day(day.year, day.month, day.day), None, None, raw, zone, existed)
    second = fields["second"]
    micro = int((fields["fraction"] or "0")[:6].ljust(6, "0"))
    clock = Clock(int(fields["hour"]), int(fields["minute"] or 0), None if second is None else int(second), micro)
    if fields.get("date_zone"):
        raise Unreadable("more than one zone")
    offset = _iso_offset(fields["zone"])
    return _finish(Day(day.year, day.month, day.day), clock, offset, raw, zone, existed)


def _iso_offset(text: str | None) -> int | None:
    if text is None:
        return None
    offset = text.lstrip("UTCGMZutcgmz")
    digits = offset[1:].replace(":", "")
    digits = digits.zfill(4) if len(digits) == 3 else digits
    return offset_minutes(offset[0], int(digits[:2]), int(digits[2:4] or 0)) if offset else 0


def _from_calendars(
    text: str, raw: str, language: str | None, zone: str | None, existed: _Existed, year: int | None
) -> Reading:
    """Read a date of any calendar; where one stands beside its Gregorian date, that counts."""
    text, is_inferred = calendars.plain(text, language)
    foreign = calendars.find(text, language)
    if foreign is None:
        reading = _from_words(text, raw, language, zone, existed, year)
    else:
        try:
            reading = _from_words(foreign.without(text), raw, language, zone, existed, year)
        except Unreadable:
            reading = Reading(None, "none", (), raw)
        if reading.at is None or "year" in reading.inferred:
            reading = _from_words(foreign.written(text), raw, language, zone, existed, year)
            is_inferred = foreign.inferred
    return reading._replace(inferred=(*reading.inferred, calendars.CALENDAR)) if is_inferred else reading


def _from_words(
    text: str, raw: str, language: str | None, zone: str | None, existed: _Existed, year: int | None
) -> Reading:
    reasons: list[str] = []
    for words in vocabularies(language):
        tokens = Tokens(text, words)
        try:
            return _from_tokens(tokens, raw, language, zone, existed, year)
        except Unreadable as reason:
            reasons.append(str(reason))
            if "M" in tokens.shape:
                break
    raise Unreadable(reasons[-1])


def _from_tokens(
    tokens: Tokens, raw: str, language: str | None, zone: str | None, existed: _Existed, year: int | None
) -> Reading:
    day, clock, offset, inferred, weekday = read_tokens(tokens, language, zone)
    if day.year is None:
        day = day._replace(year=year or _year_of(day, weekday, existed))
        if day.year is None:
            date(2000, day.month, day.day)
            return Reading(None, "month-day", inferred, raw, None, (day.month, day.day))
        inferred = ("year", *inferred)
    reading = _finish(day, clock, offset, raw, zone, existed)
    return reading._replace(inferred=tuple(dict.fromkeys((*inferred, *reading.inferred))))


def _year_of(day: Day, weekday: int | None, existed: _Existed) -> int | None:
    """Return the latest year in which a day fits its weekday and is not to come yet; None without evidence."""
    if existed.reference is None and weekday is None:
        return None
    last = existed.last
    for year in range(last.year, last.year - (12 if weekday is not None else 2), -1):
        try:
            candidate = date(year, day.month, day.day)
        except ValueError:
            continue
        if candidate <= last and (weekday is None or candidate.weekday() == weekday):
            return year
    return None


def _finish(
    day: Day, clock: Clock | None, offset: int | None, raw: str, zone: str | None, existed: _Existed
) -> Reading:
    """Turn a day, a time and an offset into a reading; midnight without seconds' worth of evidence is only a day."""
    _check_year(day.year or 0)
    if clock is None or (offset is None and clock[:2] == (0, 0) and not clock.second):
        return _checked(_micros(datetime(day.year or 0, day.month, day.day)), "day", (), raw, existed)
    local = local_time(day, clock)
    inferred = () if offset is not None else ("zone",)
    if offset is None:
        offset = zone_offset(zone, local) if zone and is_zone(zone) else 0
    precision = "minute" if clock.second is None else "second"
    return _checked(_micros(local - timedelta(minutes=offset)), precision, inferred, raw, existed)


def _check_year(year: int) -> None:
    if year < EARLIEST_YEAR:
        raise Unreadable("before the first newspaper")


def _checked(at: int, precision: str, inferred: tuple[str, ...], raw: str, existed: _Existed) -> Reading:
    if at == 0 and precision != "day":
        raise Unreadable("the epoch itself, which stands for no date")
    if at > existed.limit:
        raise Unreadable("in the future")
    return Reading(at, precision, inferred, raw)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


class Found(NamedTuple):
    """Where in a string a date stands, code points, and whether a time of day and a weekday stand with it."""

    begin: int
    end: int
    timed: bool
    weekday: bool


@lru_cache(1_024)
def find_date(text: str, *, language: str | None = None) -> Found | None:
    """Find the first date in a line, with the time and the zone that stand beside it; None where there is none."""
    text = calendars.without_eras(text)
    foreign = calendars.find(text, language)
    if foreign is None:
        return _find(text, language)
    beside = _find(foreign.without(text), language)
    made = _find(foreign.written(text), language) or Found(foreign.begin, foreign.begin, False, False)
    longer = foreign.end - foreign.begin - _ISO_DAY
    begin, end = (at if at <= foreign.begin else max(at + longer, foreign.end) for at in (made.begin, made.end))
    begin, end = min(begin, foreign.begin), max(end, foreign.end)
    if beside and _is_beside(text, foreign, beside):
        alone = _find(foreign.written(text)[: foreign.begin + _ISO_DAY], language)
        begin, end = min(alone.begin if alone else begin, beside.begin), max(foreign.end, beside.end)
        made = beside._replace(weekday=beside.weekday or bool(alone and alone.weekday))
    mark = _ERA_MARK.match(text, end)
    return Found(begin, mark.end() if mark else end, made.timed, made.weekday)


_ISO_DAY = len("2022-02-03")
_ERA_MARK = re.compile(r"\s?(?:هـ|م|میلادی|ميلادي|AH|AD|CE)(?!\w)")
_ERA_SIGNS = re.compile(r"(?:هـ|م|ه|ق|ش|AH|CE)?[\s,،/|()–—-]*(?:هـ|م|ه|ق|ش)?\s*")


def _is_beside(text: str, foreign: calendars.Foreign, found: Found) -> bool:
    """Say whether nothing but signs stands between two dates of one line."""
    first, second = sorted([(foreign.begin, foreign.end), (found.begin, found.end)])
    return _ERA_SIGNS.fullmatch(text[first[1] : second[0]]) is not None


def _find(text: str, language: str | None) -> Found | None:
    if not any(map(str.isdigit, text)):
        return None
    for words in vocabularies(language, rare=_DATED.search(fold(text)) is not None):
        tokens = Tokens(text, words)
        if span := find_span(tokens):
            begin, end, timed, weekday = span
            return Found(tokens.matches[begin].start(), tokens.end(end - 1), timed, weekday)
    return None
