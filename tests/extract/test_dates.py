"""Dates: what a string says is read, what it does not say is marked, and nothing is silently wrong."""

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.dates import format_datetime as format_local
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.transforms.extract.dates.dates import find_date, read_date

EPOCH = datetime(1970, 1, 1)
CASES = [
    line.split("\t")
    for line in Path(__file__).with_name("dates.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
PROCESSED = (1_798_700_000_000_000, 1_798_800_000_000_000, 2_214_000_000_000_000)
"""2026-12-31, 2027-01-01 and 2040-02-27."""
LATE_2026 = PROCESSED[0]
FEBRUARY_2022 = 1_644_829_200_000_000  # 2022-02-14T09:00Z
LANGUAGES = (
    "en fr es de it pt nl sv da fi pl cs ru uk be bg ro hu el tr hy ka kk he ar fa hi bn vi id ja ko zh hr sr lt lv"
).split()
INSTANTS = st.datetimes(datetime(1995, 1, 1), datetime(2026, 12, 31)).map(lambda t: t.replace(microsecond=0))


def said(reading):
    if reading.error:
        return "!"
    if reading.month_day:
        at = "--{:02}-{:02}".format(*reading.month_day)
    else:
        at = (EPOCH + timedelta(microseconds=reading.at)).isoformat()
    return " ".join([at, reading.precision, *reading.inferred])


@pytest.mark.parametrize(("raw", "language", "zone", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_string_from_the_wild_is_read_as_it_is_meant(raw, language, zone, expected):
    reading = read_date(raw, language=language or None, zone=zone or None, now=LATE_2026)
    assert said(reading) == expected
    assert reading.raw == raw
    assert (reading.at is None) == (reading.precision in ("none", "month-day"))


def test_the_hand_made_set_is_large():
    assert len({case[0] for case in CASES}) >= 1_000


@given(st.text(max_size=60))
def test_no_string_raises(raw):
    reading = read_date(raw)
    assert (reading.error is None) == (reading.at is not None or reading.month_day is not None)


@given(
    st.from_regex(
        r"[0-9 :./,TZ+-]{1,30}|[0-3]?[0-9] (Jan|mai|марта) [0-9]{2,4} ?[0-9:]{0,8} ?(EST|IST|[+-][0-9]{4})?",
        fullmatch=True,
    )
)
def test_no_string_that_looks_like_a_date_raises(raw):
    read_date(raw, language="en-US", zone="Europe/Berlin")
    find_date(raw)


@given(INSTANTS, st.integers(-14 * 4, 14 * 4))
def test_what_machines_write_is_read_back(instant, quarters):
    there = instant.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=15 * quarters)))
    at = (instant - EPOCH) // timedelta(microseconds=1)
    for raw in (there.isoformat(), format_datetime(there), str(there), there.strftime("%a %b %d %H:%M:%S %Y %z")):
        assert read_date(raw)[:3] == (at, "second", ()), raw
    assert read_date(str(at // 1_000_000)).at == at


@settings(max_examples=40)
@given(INSTANTS, st.sampled_from(LANGUAGES), st.sampled_from(["full", "long", "medium"]))
def test_what_people_write_is_read_right_or_not_at_all(instant, language, form):
    day = (datetime(instant.year, instant.month, instant.day) - EPOCH) // timedelta(microseconds=1)
    minute = (instant.replace(second=0) - EPOCH) // timedelta(microseconds=1)
    reading = read_date(format_date(instant, form, locale=language), language=language)
    assert reading.error or reading.at == day
    reading = read_date(format_local(instant, form, locale=language), language=language)
    assert reading.error or reading.precision == "day" or reading.at // 60_000_000 == minute // 60_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_long_form_of_every_wire_language_is_read(language):
    for month in range(1, 13):
        text = format_date(datetime(2022, month, 23), "long", locale=language)
        assert said(read_date(text, language=language)) == f"2022-{month:02}-23T00:00:00 day", text


def test_a_missing_year_is_inferred_only_from_evidence_and_marked():
    assert said(read_date("27 January, 16:40")) == "--01-27 month-day"
    assert said(read_date("27 January, 16:40", reference=FEBRUARY_2022)) == "2022-01-27T16:40:00 minute year zone"
    assert said(read_date("27 December", reference=FEBRUARY_2022)) == "2021-12-27T00:00:00 day year"
    assert said(read_date("27 January", year=2019)) == "2019-01-27T00:00:00 day year"
    assert said(read_date("29 February", year=2019)) == "!"


@given(INSTANTS, st.sampled_from(PROCESSED), st.booleans())
def test_processing_late_changes_no_date_that_is_written_out(instant, now, zoned):
    raw = instant.isoformat() + "Z" * zoned
    assert read_date(raw, now=now) == read_date(raw, now=LATE_2026)
    reference = (instant - EPOCH) // timedelta(microseconds=1)
    raw = f"{instant:%A, %B} {instant.day}"
    assert read_date(raw, now=now, reference=reference) == read_date(raw, now=LATE_2026, reference=reference)


@given(st.dates(date(1990, 1, 1), date(2039, 12, 31)), st.sampled_from(PROCESSED))
def test_a_year_inferred_from_a_weekday_is_the_latest_that_fits_and_marked(day, now):
    reading = read_date(f"{day:%A, %B} {day.day}", now=now)
    last = (EPOCH + timedelta(microseconds=now, days=2)).date()
    if reading.at is None:
        assert reading.month_day == (day.month, day.day)
        return
    found = (EPOCH + timedelta(microseconds=reading.at)).date()
    assert "year" in reading.inferred and found <= last
    assert (found.month, found.day, found.weekday()) == (day.month, day.day, day.weekday())
    assert found >= day or day > last


@pytest.mark.parametrize(("now", "year"), zip(PROCESSED, (2026, 2027, 2040), strict=True))
def test_news_of_the_day_of_processing_is_dated_that_year(now, year):
    today = EPOCH + timedelta(microseconds=now)
    reading = read_date(f"{today:%A, %B} {today.day}", now=now)
    assert (EPOCH + timedelta(microseconds=reading.at)).year == year
    assert read_date(today.isoformat() + "Z", now=now).error is None
    assert read_date(str(now // 1_000_000), now=now).at == now // 1_000_000 * 1_000_000


def test_a_date_after_its_document_was_read_is_an_error():
    assert read_date("2022-02-15", reference=FEBRUARY_2022).error is None
    assert read_date("2022-02-20", reference=FEBRUARY_2022).error == "in the future"
    assert read_date("2022-02-20").error is None


def test_a_date_is_found_in_a_fused_line():
    found = find_date("27 January, 16:40PoliticsPhoto: Соцсети")
    assert (found.begin, found.end, found.timed) == (0, 17, True)
    line = "MOSCOW, February 14. /TASS/."
    found = find_date(line)
    assert line[found.begin : found.end] == "February 14"
    line = "By Jane Doe | Thursday, 3 February 2022 13:33 GMT | World"
    found = find_date(line)
    assert line[found.begin : found.end] == "Thursday, 3 February 2022 13:33 GMT"
    assert find_date("a line that names no day") is None


@pytest.mark.parametrize("half", ["p.m.", "P.M.", "p. m.", "pm"])
def test_a_date_is_found_with_the_half_of_its_day(half):
    text = f"By Jane Doe on Monday, November 18th, 2019 at 4:08 {half}"
    found = find_date(text)
    assert found and text[found.begin : found.end] == f"Monday, November 18th, 2019 at 4:08 {half}"
    assert read_date(text[found.begin : found.end]).at == read_date("2019-11-18T16:08").at


@pytest.mark.parametrize("label", ["Published: ", "Stand: ", "Giriş: ", "x:"])
def test_a_date_in_figures_is_found_behind_a_label(label):
    text = f"{label}28.04.2023 16:11"
    found = find_date(text)
    assert found and text[found.begin :] == "28.04.2023 16:11"
