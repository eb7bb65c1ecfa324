"""Time zones: what an abbreviation stands for, and which clock a country's press keeps."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytz

ANY_ZONE = (-12 * 60, 14 * 60)
"""The least and the greatest offset that a clock on land keeps, in minutes east of Greenwich."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Offset(NamedTuple):
    """Minutes east of Greenwich, and whether anything but the string itself decided them."""

    minutes: int
    inferred: bool


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("zones.toml").read_text("utf-8"))


def is_abbreviation(word: str) -> bool:
    """Say whether a word, in capitals, is the abbreviation of a time zone."""
    return word in _data()["abbreviation"]


def abbreviation_offset(abbreviation: str, local: datetime, country: str | None) -> Offset:
    """Return what an abbreviation stands for at a local time.

    The literal offset is taken even out of its season (BST in January), and then marked as inferred; so is the choice
    among several meanings of one abbreviation.
    """
    meanings = _data()["abbreviation"][abbreviation]
    chosen = next((meaning for meaning in meanings if country and meaning.get("country") == country), None)
    doubtful = chosen is None and sum(not meaning.get("rare") for meaning in meanings) > 1
    chosen = chosen or meanings[0]
    place = chosen.get("place")
    actual = zone_offset(place, local) if place else chosen["offset"]
    minutes = chosen.get("offset", actual)
    return Offset(minutes, doubtful or minutes != actual)


@cache
def is_zone(name: str) -> bool:
    """Say whether the tz database knows a zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def zone_offset(name: str, local: datetime) -> int:
    """Return the offset in minutes that a zone of the tz database has at a local time (the earlier one if twice)."""
    offset = local.replace(tzinfo=ZoneInfo(name)).utcoffset() or timedelta()
    return round(offset.total_seconds() / 60)


@cache
def country_zone(country: str | None) -> str | None:
    """Return the zone that the press of a country (ISO 3166, `AM`) dates by; None where the country is not known."""
    if country is None:
        return None
    capital: str | None = _data()["capital"].get(country)
    zones = pytz.country_timezones.get(country, [])
    return capital or (zones[0] if zones else None)


def offset_at(zone: str | None, at: int) -> int:
    """Return the offset in minutes of a zone at an instant, microseconds since the epoch; 0 for no zone."""
    if zone is None:
        return 0
    offset = (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return round(offset.total_seconds() / 60)


def country_offsets(country: str, at: int) -> tuple[int, int]:
    """Return the least and the greatest offset in minutes that a time without a zone may be meant in at an instant.

    These are UTC, which software writes that knows of no zone, and the zones of the country (ISO 3166).
    """
    zones = {country_zone(country), *pytz.country_timezones.get(country, [])}
    offsets = [0, *(offset_at(zone, at) for zone in zones)]
    return min(offsets), max(offsets)


@cache
def domain_country(outlet: str | None) -> str | None:
    """Return the country (ISO 3166) of an outlet's domain: `aravot.am` -> `AM`; None for domains of no country."""
    suffix = (outlet or "").rpartition(".")[2].lower()
    if len(suffix) != 2 or suffix in _data()["sold"]["domains"]:
        return None
    return "GB" if suffix == "uk" else suffix.upper() if suffix.upper() in pytz.country_timezones else None


@cache
def language_country(tag: str | None) -> str | None:
    """Return the country (ISO 3166) whose clock the press of a language (BCP-47) keeps: `tr` -> `TR`, `de-AT` -> `AT`.

    None where its press keeps several, and for `en-US`, which publishing tools declare unasked.
    """
    language, _, rest = (tag or "").partition("-")
    region = rest.rpartition("-")[2].upper()
    if region in pytz.country_timezones and (language, region) != ("en", "US"):
        return region
    country: str | None = _data()["language"].get(language)
    return country
