"""What the formats of news agencies have in common."""

from __future__ import annotations

from datetime import UTC, datetime


def withheld(status: str | None, embargoed: str | None, created: str | None) -> str | None:
    """Return an item's status, `withheld` where it was sent before its embargo ends.

    Args:
        status: usable, withheld or cancelled as the item says, None where it says nothing.
        embargoed: ISO 8601 instant before which the item must not be published.
        created: ISO 8601 instant at which this version was made.
    """
    until, since = _instant(embargoed), _instant(created)
    if status == "cancelled" or until is None or (since is not None and until <= since):
        return status
    return "withheld"


def _instant(moment: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(moment or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
