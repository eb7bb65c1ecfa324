"""The year of a date that names none, where the text around it gives evidence."""

from __future__ import annotations

import re
from datetime import date, timedelta

from wirecopy.transforms.extract.dates.dates import Reading, find_date, read_date

_YEAR = re.compile(r"(?<![\d.,$€£-])(?:19|20)\d\d(?![\d,.]\d|\d|%)")
_BEFORE, _BEHIND = 28, 14
LEAD_CHARS = 700
_EPOCH = date(1970, 1, 1)
_MEMORY = 10
"""Years back within which every year that the text names must agree with the inferred one."""


def year_from_text(month: int, day: int, text: str, language: str | None = None) -> int | None:
    """Return the year of a day that the text speaks from, None where the text does not settle it.

    News names the year of a past day only where it is not the current one. So the newest full date of the text is
    taken for one of the twelve months before; a text that names any other recent year settles nothing.
    """
    years = set()
    newest: date | None = None
    for match in _YEAR.finditer(text):
        years.add(int(match[0]))
        window = text[max(0, match.start() - _BEFORE) : match.end() + _BEHIND]
        found = find_date(window, language=language)
        if found is None:
            continue
        reading = read_date(window[found.begin : found.end], language=language)
        if reading.at is not None and reading.precision == "day" and not reading.inferred:
            named = _EPOCH + timedelta(microseconds=reading.at)
            newest = max(newest, named) if newest else named
    if newest is None:
        return None
    try:
        year = newest.year if date(newest.year, month, day) >= newest else newest.year + 1
        date(year, month, day)
    except ValueError:
        return None
    recent = {named for named in years if named > year - _MEMORY}
    return year if recent <= {year, year - 1} else None


def weekday_in_lead(text: str, language: str | None, reference: int | None) -> Reading | None:
    """Return the day that a lead names with its weekday (`On Friday, January 21, the paper reports`), None without one.

    It is taken for the day of publication, as leads of the wires name their own day; year and day are marked as
    inferred. A weekday fixes the year to one in five or six: the latest that fits is taken.
    """
    lead = text[:LEAD_CHARS].partition("\n")[0]
    found = find_date(lead, language=language)
    if found is None:
        return None
    reading = read_date(lead[found.begin : found.end], language=language, reference=reference)
    if reading.at is None or not found.weekday:
        return None
    return reading._replace(inferred=(*reading.inferred, "day"))
