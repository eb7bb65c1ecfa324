"""Text, numbers and times as a page shows them."""

from __future__ import annotations

import datetime as dt
import re

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters, those that turn the direction of all that follows, and those that HTML does not allow."""

_WEB = re.compile(r"https?://[^\s<>\"'`\\]+\Z", re.IGNORECASE)

UNKNOWN = "not known"


def plain(text: str | None) -> str:
    """Return text from outside with what a page must not hold shown as U+FFFD, one for one, so that offsets stay."""
    return _UNSEEN.sub("\ufffd", text.replace("\r", " ")) if text else ""


def one_line(text: str | None, most: int = 300) -> str:
    """Return text from outside on one line, of at most so many code points, with an ellipsis where it was longer."""
    line = " ".join(plain((text or "")[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def web_address(url: str | None) -> str | None:
    """Return an address that may stand in a link, None where it is none of the web's, such as `javascript:`."""
    return url if url and len(url) <= 400 and _WEB.match(url) else None


def count(number: int | None) -> str:
    """Return a number with its thousands apart, a dash where it is not known."""
    return "–" if number is None else f"{number:,}"


def percent(share: float | None) -> str:
    """Return a share of 1 as a percentage; one that is neither none nor all is never told as 0 or 100."""
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}"


def span(seconds: float | None) -> str:
    """Return a span of time in its two greatest units, such as `1 d 5 h`; a dash where it is not known."""
    if seconds is None:
        return "–"
    sign, left = ("−" if seconds < 0 else ""), abs(round(seconds))
    if left < 60:
        return f"{sign}{left} s"
    parts: list[str] = []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        whole, left = divmod(left, size)
        if whole or parts:
            parts.append(f"{whole:,} {name}" if whole else "")
        if len(parts) == 2:
            break
    return sign + " ".join(part for part in parts if part)


def moment(at: dt.datetime | None) -> str:
    """Return an instant in UTC to the minute."""
    return "undated" if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")


def iso(at: dt.datetime | None) -> str | None:
    """Return an instant as HTML's `time` wants it."""
    return None if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
