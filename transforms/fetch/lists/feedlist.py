"""Which feeds to watch, as a user writes it down: addresses, OPML, a list of addresses, or TOML with settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.fetch.http.guard import Forbidden, Network, check_url
from wirecopy.transforms.fetch.lists.opml import read_opml
from wirecopy.transforms.fetch.schedule import MAX_S, MIN_S

_DURATION = re.compile(r"(\d{1,9})\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_KEYS = {"url", "title", "outlet", "every"}


class Wanted(NamedTuple):
    """A feed that is asked for.

    Attributes:
        url: its address, or that of a page that names it.
        title: its name; the feed's own where None.
        outlet: registrable domain of its publisher; that of its address where None.
        every_s: fixed interval between polls; adaptive where None.
    """

    url: str
    title: str | None = None
    outlet: str | None = None
    every_s: int | None = None


def read_lists(sources: Sequence[str], opened: Sequence[Network] = ()) -> list[Wanted]:
    """Return the feeds that addresses and files name, each once, in order.

    Args:
        sources: addresses, or files of OPML, TOML (`[[feeds]]` with `url`, `title`, `outlet`, `every`), or addresses
            one a line, where `#` begins a comment.
        opened: networks that may be asked though they are not public.

    Raises:
        ValueError: a file that cannot be read as a list, or an address that may not be asked; the message says which.
    """
    found: dict[str, Wanted] = {}
    for source in sources:
        if "://" in source and not Path(source).exists():
            wanted: Iterable[Wanted] = [Wanted(source)]
        else:
            try:
                wanted = parse_list(Path(source).read_bytes(), Path(source).suffix.lower())
            except OSError as error:
                raise ValueError(f"{source}: {error.strerror}; name a file, or an address with https://") from None
            except ValueError as error:
                raise ValueError(f"{source}: {error}") from None
        for one in wanted:
            url = plain(one.url)
            try:
                check_url(url, opened)
            except Forbidden as error:
                place = "" if url == source else f"{without_user(url)}: "
                raise ValueError(f"{without_user(source)}: {place}{error.strerror}") from None
            found.setdefault(url, one._replace(url=url))
    return list(found.values())


def parse_list(data: bytes, suffix: str) -> list[Wanted]:
    """Return the feeds that a file names, by its extension and what it holds. Raises ValueError."""
    if suffix == ".toml":
        return _toml(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return [Wanted(outline.url, outline.title) for outline in read_opml(data)]
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for line in data.decode("utf-8-sig").splitlines())
    found = [Wanted(line) for line in lines if line]
    for one in found:
        if any(map(str.isspace, one.url)) or not {".", ":"} & set(one.url):
            raise ValueError(f"{one.url[:80]!r} is no address; OPML, TOML or one address a line is read")
    return found


def seconds(text: str) -> int:
    """Return the seconds of a duration such as 90s, 5m, 1h or 1d. Raises ValueError."""
    match = _DURATION.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is no duration such as 90s, 5m or 1h")
    return int(match[1]) * _SECONDS[match[2] or "s"]


def interval(text: str) -> int:
    """Return the seconds of an interval between polls. Raises ValueError where it is not from a minute to a day."""
    found = seconds(text)
    if not MIN_S <= found <= MAX_S:
        raise ValueError(f"{text!r} is not between a minute and a day")
    return found


def plain(url: str) -> str:
    """Return an address as it is asked for: `feed:` is http, and one without a scheme is https."""
    url = url.strip()
    if url.lower().startswith("feed:"):
        rest = url[5:].removeprefix("//")
        return rest if "://" in rest else f"http://{rest}"
    return url if "://" in url else f"https://{url}"


def _toml(data: bytes) -> list[Wanted]:
    try:
        listed = tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"no TOML: {error}") from None
    feeds = listed.get("feeds")
    if not isinstance(feeds, list) or listed.keys() != {"feeds"}:
        raise ValueError("a list in TOML has [[feeds]] and nothing else")
    return [_wanted(feed) for feed in feeds]


def _wanted(feed: Any) -> Wanted:
    if not isinstance(feed, dict) or "url" not in feed or not all(isinstance(value, str) for value in feed.values()):
        raise ValueError("each of [[feeds]] has a url, and strings only")
    if unknown := feed.keys() - _KEYS:
        raise ValueError(f"unknown {', '.join(sorted(unknown))} in [[feeds]]: there are {', '.join(sorted(_KEYS))}")
    every = feed.get("every")
    return Wanted(feed["url"], feed.get("title"), feed.get("outlet"), interval(every) if every else None)
