"""Other calendars' days are computed exactly, and are found in lines with what stands beside them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.extract.dates.calendars import find, hijri, jalali
from wirecopy.transforms.extract.dates.dates import find_date, read_date

DAYS = st.dates(date(1925, 1, 1), date(2060, 12, 31))


@given(st.integers(1300, 1450), st.integers(1, 12))
def test_a_solar_year_has_365_or_366_days_and_months_follow_each_other(year: int, month: int) -> None:
    begin, following = jalali(year, 1, 1), jalali(year + 1, 1, 1)
    assert (following - begin).days in (365, 366)
    last = 31 if month <= 6 else 30 if month < 12 or (following - begin).days == 366 else 29
    assert jalali(year, month, last) + timedelta(days=1) == (jalali(year, month + 1, 1) if month < 12 else following)
    with pytest.raises(ValueError, match="no day"):
        jalali(year, month, last + 1)


@given(st.integers(1300, 1599), st.integers(1, 12))
def test_lunar_months_follow_each_other(year: int, month: int) -> None:
    following = hijri(year, month + 1, 1) if month < 12 else hijri(year + 1, 1, 1)
    assert (following - hijri(year, month, 1)).days in (29, 30)
    assert hijri(year, month, 29) < following


@pytest.mark.parametrize(
    ("line", "language", "found"),
    [
        ("الجمعة ١٧ رمضان ١٤٤٧ هـ - ٦ مارس ٢٠٢٦ م", "ar", "الجمعة ١٧ رمضان ١٤٤٧ هـ - ٦ مارس ٢٠٢٦ م"),
        ("منتشر شده در ۱۵ اسفند ۱۴۰۴ - ۱۱:۳۰ توسط دفتر", "fa", "۱۵ اسفند ۱۴۰۴ - ۱۱:۳۰"),
        ("更新 令和8年3月6日 17時30分", "ja", "令和8年3月6日 17時30分"),
        ("記者 王小明 民國115年3月6日 報導", "zh-TW", "民國115年3月6日"),
        ("আপডেট ৬ মার্চ ২০২৬, ২১ ফাল্গুন ১৪৩২", "bn", "৬ মার্চ ২০২৬"),
    ],
)
def test_a_date_is_found_with_its_time_and_its_other_calendar(line: str, language: str, found: str) -> None:
    where = find_date(line, language=language)
    assert where is not None
    assert line[where.begin : where.end].startswith(found)
    reading = read_date(found, language=language)
    assert reading.at is not None
    assert date(1970, 1, 1) + timedelta(microseconds=reading.at) == date(2026, 3, 6)


@given(st.text(max_size=40), st.sampled_from([None, "fa", "ar", "ja", "zh-TW", "th", "bn", "en"]))
def test_nothing_is_raised(text: str, language: str | None) -> None:
    for line in (text, f"۱۵ اسفند {text}", f"令和{text}年3月6日", f"民國{text}年"):
        find(line, language)
