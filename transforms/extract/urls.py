"""Addresses: one canonical form for the variants an article is reached by, and the outlet it belongs to."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from tldextract import TLDExtract
from tldextract.tldextract import ExtractResult

from wirecopy.transforms.addresses import original

MAX_URL = 8_192

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_VARIANT_LABEL = re.compile(r"www\d{0,2}|m|mobile|amp")
_AMP_PATH = re.compile(r"^/amp(?=/)|/(?:amp|print|printable)/?$|\.(?:amp|print)(?:\.html?)?$", re.IGNORECASE)
_FILED = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)", re.ASCII)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_TRACKER = re.compile(
    r"(?:utm|itm|mtm|pk|piwik|matomo|hsa|mc|mkt|oly|vero|ga|at|trk|ns|sr|guce|asc|amp)_.*|wt[._]z?mc.*"
    r"|(?:fb|g|dc|y|tw|tt|msclk|gbra|wbra|rdt_|epi|irclick|sc_)(?:cl)?id|li_fat_id|igshi?d?|(?:click|partner)id"
    r"|_ga|_gl|_openstat|_hsenc|_hsmi|__twitter_impression|__tn__|__source|ref|ref_?src|referr?er|rss|feature|xtor|wtmc"
    r"|cmp(?:id)?|icid|int_?cid|ncid|ocid|smid|smtyp|taid|spm|scm|ito|campaign(?:_?id)?|icmp|intcmp|soc_src|soc_trk"
    r"|source|src|traffic_source|via|fromrss|feedtype|feedname|share(?:d|id|token|source|type|_from)?|outputtype"
    r"|is_?amp|amp|nocache|sfns",
    re.IGNORECASE,
)
_SWITCH = re.compile(
    r"(?:m|mobile|print|printable|printer_?friendly|print_?view|is_?print|single_?page|one_?page|full_?page|show_?all|full)"
    r"=(?:|0|1|true|false|yes|no|y|on|all)|(?:view|type|mode|format|layout|template|display|output|page_?wanted|action"
    r"|version|tmpl|page|share)=(?:mobile|amp|print|printable|printpage|printer|all|full|single|component)",
    re.IGNORECASE,
)
"""Parameters that change how an article is shown and not which it is."""
_FROM = re.compile(r"(?:from|fr|origin|entry|pos|loc|nav|position|placement|abtest|wref|rsrc|cid_?src)", re.IGNORECASE)
_COUNT_OR_DAY = re.compile(r"[\d.:/T+-]*")
"""What such a parameter holds that says more than where the reader came from: a number, a date."""
_SHARED_DOMAINS = frozenset(
    "go.com cbslocal.com iheart.com radio.com audacy.com substack.com beehiiv.com free.fr narod.ru"
    " livejournal.com".split()
)
"""Domains under which several outlets publish, each at a name of its own."""
_RESERVED = frozenset("example test invalid localhost local internal lan home corp intranet onion i2p arpa".split())
"""Suffixes of names that are not registered in public (RFC 2606, 6761 and 6762, and what networks use)."""
_SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def canonical_url(url: str | None) -> str | None:
    """Return the one address for all variants of an article's address; None where it is no web address.

    The scheme becomes https; the host is lower-cased, in ASCII (IDNA), without www, m, mobile and amp labels, user
    and default ports; archives, caches and redirectors, AMP suffixes, switches of form, for printing and for all pages,
    tracking parameters, session ids, index files, trailing
    slashes and the fragment are dropped; dot segments are resolved, escapes are in RFC 3986 normal form and the
    remaining parameters are sorted.
    """
    parts = _split(url)
    host = _plain_host(parts.hostname or "") if parts else None
    if parts is None or host is None:
        return None
    if parts.port not in (None, 80, 443):
        host = f"{host}:{parts.port}"
    path = _plain_path(parts.path)
    parameters = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
        if not _TRACKER.fullmatch(name)
        and not _SWITCH.fullmatch(f"{name}={value}")
        and not (_FROM.fullmatch(name) and not _COUNT_OR_DAY.fullmatch(value))
    )
    query = urlencode(parameters, errors="surrogateescape")
    return f"https://{host}{path or ('/' if query else '')}" + (f"?{query}" if query else "")


def outlet(url: str | None) -> str | None:
    """Return the registrable domain that an address or a bare host name belongs to; None where there is none.

    The public suffix list that comes with tldextract decides, its private part included: two blogs of one platform
    are two outlets; so are stations and papers that share a domain. The copy in an archive or a cache is the
    original's, and a link that leads on is its target's. A host without a public name is an outlet by its own: an IP
    address, a name that is reserved or of one network alone. Nothing is fetched.
    """
    is_bare = bool(url) and "//" not in (url or "")
    parts = _split(f"https://{url}" if is_bare else url)
    host = (parts.hostname or "") if parts else ""
    extracted = _host(host)
    if extracted is None:
        return _unlisted(host, is_bare)
    domain = extracted.top_domain_under_public_suffix or extracted.suffix
    if domain in _SHARED_DOMAINS:
        return _plain_host(host)
    return domain or None


def is_public(url: str | None) -> bool:
    """Say whether an address is on a host with a name of the public web: no IP address, reserved or misspelt name."""
    parts = _split(url)
    return parts is not None and _host(parts.hostname or "") is not None


def _unlisted(host: str, is_bare: bool) -> str | None:
    """Return the outlet of a host under no public suffix: an IP address, a reserved name; None for mere words."""
    plain = _plain_host(host) if host else None
    if plain is None:
        return None
    labels = plain.split(".")
    if labels[-1] in _RESERVED and len(labels) > 1:
        labels = labels[1:] if _VARIANT_LABEL.fullmatch(labels[0]) and len(labels) > 2 else labels
        return ".".join(labels[-2:])
    is_address = plain.startswith("[") or all(map(str.isdigit, labels))
    return plain if is_address or not is_bare else None


def _split(url: str | None) -> SplitResult | None:
    if not url or len(url) > MAX_URL:
        return None
    url = url.strip()
    if url.startswith("//"):
        url = f"https:{url}"
    try:
        parts = urlsplit(original(url))
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def day_in_path(url: str | None) -> str | None:
    """Return the day (ISO 8601) that an address is filed under, as in `/2022/02/03/talks-end`; None where it is not."""
    parts = _split(url)
    found = _FILED.search(parts.path) if parts else None
    return "-".join(found.groups()) if found else None


@lru_cache(maxsize=65_536)
def _host(host: str) -> ExtractResult | None:
    """Take a host apart by public suffix; None for addresses, malformed names and names under no public suffix."""
    ascii_host = _ascii_host(host)
    extracted = _SUFFIXES.extract_str(ascii_host) if ascii_host else None
    return extracted if extracted and extracted.suffix else None


def _ascii_host(host: str) -> str | None:
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return None
    return host if len(host) <= 253 and _HOST.fullmatch(host) else None


@lru_cache(maxsize=65_536)
def _plain_host(host: str) -> str | None:
    extracted = _host(host)
    if extracted is None:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return _ascii_host(host)
        return f"[{address}]" if address.version == 6 else str(address)
    labels = [label for label in extracted.subdomain.split(".") if label and not _VARIANT_LABEL.fullmatch(label)]
    return ".".join([*labels, extracted.top_domain_under_public_suffix or extracted.suffix])


def _plain_path(path: str) -> str:
    path = _SESSION.sub("", path)
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    path = "".join(f"/{segment}" for segment in segments)
    path = _INDEX.sub("", _AMP_PATH.sub("", path))
    return quote(_ESCAPE.sub(_normal_escape, path), safe="/%!$&'()*+,;=:@~-._")


def _normal_escape(escape: re.Match[str]) -> str:
    char = unquote(escape[0], errors="replace")
    return char if char.isascii() and (char.isalnum() or char in "-._~") else escape[0].upper()
