"""Addresses within addresses: what a web archive, a cache or a redirector leads to.

A copy in the Wayback Machine, archive.today or an AMP cache, and a link of Google Alerts or Bing, are of the article
whose address they carry. An address that carries none, such as a short link, stays what it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_DEPTH = 4
"""So many wrappers around one address are taken off."""
_ARCHIVES = re.compile(
    r"(?:.*\.)?(?:archive\.org|archive-it\.org|archive\.(?:today|is|ph|li|vn|fo|md)|arquivo\.pt|web-?archive\.[\w.-]+"
    r"|webarchive\.[\w.-]+|[\w-]*wayback[\w.-]*|vefsafn\.is|webharvest\.gov|webcitation\.org)"
)
_ARCHIVED = re.compile(
    r"/(?:\d{4,14}|[12]\d{3}\.[01]\d\.[0-3]\d-\d{6}|\*|newest|oldest|o/\w+)(?:[a-z]{2}_|\*)?/(?P<target>(?:https?:/|www\.)\S+)"
)
_AMP_HOSTS = re.compile(r"(?:.*\.)?(?:cdn\.ampproject\.org|bing-amp\.com|amp\.cloudflare\.com)")
_AMP = re.compile(r"/(?:[a-z]/)?(?:s/)?(?P<target>[^/]+\.[^/]+(?:/.*)?)")
_PARAMETERS = frozenset(
    "url u q to target dest destination redirect redirect_url redir uddg goto link href z ru rurl out ued adurl murl"
    " source_url article_url mu".split()
)
_REDIRECTOR = re.compile(
    r"/(?:.*/)?(?:url|l|link|links|redirect|redir|redirector|r|rd|away|out|go|goto|click|clicks|apiclick|track|jump|exit"
    r"|external|leave|outgoing|translate|imgres|linkfilter)(?:\.(?:php|aspx?|html?|do|cgi|jsp))?/?",
    re.IGNORECASE,
)
_READERS = re.compile(r"(?:.*\.)?(?:translate\.google\.[\w.]+|safelinks\.protection\.outlook\.com|duckduckgo\.com)")
_IN_PATH = re.compile(r"/RU=(?P<target>https?%3[aA][^/]+)/")
_DEFENDED = re.compile(r"/v3/__(?P<target>https?:/.+?)__;")
_CACHED = re.compile(r"cache:(?:[\w-]+:)?(?P<target>(?:https?://)?[\w-]+\.[^\s+]+)")
_GOOGLE_NEWS = re.compile(r"/(?:rss/|__i/rss/rd/)?articles/(?P<code>CB[\w-]{20,})")
_PLAIN_ADDRESS = re.compile(rb"https?://[\x21-\x7e]+")
_AUTHORITY_END = re.compile(r"[/?#\\]")
_SHORT = re.compile(
    r"(?:.*\.)?(?:archive\.(?:today|is|ph|li|vn|fo|md|st)|ghostarchive\.org|perma\.cc|webcitation\.org|megalodon\.jp"
    r"|freezepage\.com)"
)
"""Archives whose links may name a copy without the address of what it is of."""
_UNWALLED = re.compile(
    r"(?:.*\.)?(?:12ft\.io|r\.jina\.ai|removepaywalls?\.com|freedium\.cfd|outline\.com|smry\.ai|txtify\.it)"
)
"""Readers that carry an article's address in their path or a parameter."""
_TRANSLATED = re.compile(r"(?P<host>[\w-]+)\.translate\.goog")


def original(url: str) -> str:
    """Return the address that one in an archive, a cache or behind a redirector stands for; others unchanged."""
    for _ in range(_DEPTH):
        try:
            parts = urlsplit(url)
            target = _target(parts, url)
        except ValueError:
            return url
        if target is None:
            return url
        url = target
    return url


def is_unresolved(url: str) -> bool:
    """Say whether an address is an archive's own, which does not say whose page the archive holds there."""
    try:
        return _SHORT.fullmatch((urlsplit(url).hostname or "").lower()) is not None and original(url) == url
    except ValueError:
        return False


def is_wrapped(url: str) -> bool:
    """Say whether an address carries another that it stands for."""
    return original(url) != url


def _target(parts: SplitResult, url: str) -> str | None:
    host, path = (parts.hostname or "").lower(), parts.path
    query = f"?{parts.query}" if parts.query else ""
    if _ARCHIVES.fullmatch(host):
        behind = url.split(parts.netloc, 1)[-1]
        found = _ARCHIVED.search(behind)
        return _web(found["target"]) if found else None
    if _AMP_HOSTS.fullmatch(host) or (_is_google(host) and path.startswith("/amp/")):
        cached = _AMP.fullmatch(path.removeprefix("/amp") if _is_google(host) else path)
        return f"https://{cached['target']}{query}" if cached else None
    if translated := _TRANSLATED.fullmatch(host):
        own = translated["host"].replace("--", "\0").replace("-", ".").replace("\0", "-")
        kept = "&".join(part for part in parts.query.split("&") if part and not part.startswith("_x_tr_"))
        return f"https://{own}{path}" + (f"?{kept}" if kept else "")
    if "googleusercontent.com" in host and (cache := _CACHED.search(unquote(parts.query))):
        return _web(cache["target"])
    if "urldefense.com" in host and (defended := _DEFENDED.search(url)):
        return _web(defended["target"])
    if host.endswith("yahoo.com") and (within := _IN_PATH.search(path)):
        return _web(unquote(within["target"]))
    if host == "news.google.com" and (coded := _GOOGLE_NEWS.fullmatch(path)):
        return _decoded(coded["code"])
    if _UNWALLED.fullmatch(host) or host == "ghostarchive.org":
        carried = re.match(r"/(https?:/.+)", f"{path}{query}")
        return _web(carried[1]) if carried else _in_query(parts)
    if parts.query and (_REDIRECTOR.fullmatch(path) or _READERS.fullmatch(host)):
        return _in_query(parts)
    return None


def _is_google(host: str) -> bool:
    return re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,7}", host) is not None


def _in_query(parts: SplitResult) -> str | None:
    """Return the one address of another host that a redirector's parameters name."""
    for name, value in parse_qsl(parts.query):
        if name.lower() in _PARAMETERS and re.match(r"https?:/{1,2}[^/]+\.", value, re.IGNORECASE):
            target = _web(value)
            if target and (urlsplit(target).hostname or "") != parts.hostname:
                return target
    return None


def _decoded(code: str) -> str | None:
    """Return the address that a link of Google News carries in base64, as those written until 2024 do."""
    try:
        data = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return None
    found = _PLAIN_ADDRESS.search(data)
    return found[0].decode() if found else None


def _web(target: str) -> str | None:
    """Return an address with its scheme and both slashes, of which proxies drop one."""
    found = re.match(r"(?:(?P<scheme>https?):/{1,2})?(?P<rest>[^/\s].*)", target, re.IGNORECASE)
    return f"{(found['scheme'] or 'https').lower()}://{found['rest']}" if found else None


def without_user(url: str) -> str:
    """Return an address without the user and password that it may carry; anything else is returned as it is."""
    if "@" not in url:
        return url
    scheme, slashes, rest = url.partition("//")
    place = _AUTHORITY_END.search(rest)
    end = place.start() if place else len(rest)
    return f"{scheme}{slashes}{rest[:end].rpartition('@')[2]}{rest[end:]}" if slashes else url
