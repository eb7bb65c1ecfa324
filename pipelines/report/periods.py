"""Buckets of time: as fine as a page can show, with what lies far outside them apart."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import duckdb

MOST = 62
_UNITS = ("hour", "day", "week", "month", "year")
_FORMS = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


class Buckets(NamedTuple):
    """Buckets of one unit, whose labels are in order; the first may be `earlier`, the last `later`.

    `sql` gives the label of an event_at, `undated` where it is null.
    """

    unit: str
    labels: list[str]
    sql: str


def buckets(con: duckdb.DuckDBPyConnection) -> Buckets:
    """Return buckets for the articles that are picked: in at most MOST of the finest unit.

    Where nine tenths of them lie close together, what lies far from these is told apart as earlier and later.
    """
    low, high, first, last = con.execute(
        "SELECT quantile_disc(event_at, 0.05), quantile_disc(event_at, 0.95), min(event_at), max(event_at) FROM picked"
    ).fetchall()[0]
    if low is None:
        return Buckets("day", ["undated"], "'undated'")
    if (high - low) * 3 > last - first or last - first <= dt.timedelta(days=MOST):
        low, high = first, last
    unit = next((one for one in _UNITS if _number(one, low, high) <= MOST), "year")
    begin, labels = _floor(unit, low), list[str]()
    at = begin
    while at <= high and len(labels) < 400:
        labels.append(at.strftime(_FORMS[unit]))
        at = _next(unit, at)
    inner = f"strftime(date_trunc('{unit}', event_at), '{_FORMS[unit]}')"
    sql = (
        f"CASE WHEN event_at IS NULL THEN 'undated' WHEN event_at < TIMESTAMPTZ '{begin:%Y-%m-%d %H:%M:%S+00}' "
        f"THEN 'earlier' WHEN event_at >= TIMESTAMPTZ '{at:%Y-%m-%d %H:%M:%S+00}' THEN 'later' ELSE {inner} END"
    )
    return Buckets(unit, ["earlier", *labels, "later", "undated"], sql)


def _floor(unit: str, at: dt.datetime) -> dt.datetime:
    at = at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    if unit == "hour":
        return at
    at = at.replace(hour=0)
    if unit == "week":
        return at - dt.timedelta(days=at.weekday())
    return at if unit == "day" else at.replace(day=1) if unit == "month" else at.replace(day=1, month=1)


def _next(unit: str, at: dt.datetime) -> dt.datetime:
    if unit in ("hour", "day", "week"):
        return at + {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}[unit]
    months = at.year * 12 + at.month - 1 + (1 if unit == "month" else 12)
    return at.replace(year=months // 12, month=months % 12 + 1)


def _number(unit: str, low: dt.datetime, high: dt.datetime) -> int:
    days = (high - low).total_seconds() / 86_400
    each = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}[unit]
    return int(days / each) + 1
