"""Which addresses may be asked: public ones, by http and https, and whatever networks the operator opens by name.

An address is judged when its socket is made, after the name was resolved, so that neither a redirect nor a name that
resolves anew (DNS rebinding) leads around the guard. Reserved networks: IANA's special-purpose address registries
(RFC 6890 and its updates).
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL = 8_192

_UNICAST = ipaddress.IPv6Network("2000::/3")
_CLOSED = tuple(
    map(
        ipaddress.ip_network,
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/3 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split(),
    )
)
_INTERFACE = frozenset({0x5EFE, 0x0200_5EFE})
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)
_LOCAL = re.compile(r"(?:.+\.)?(?:localhost|local|internal|intranet|lan|home\.arpa|localdomain)\.?", re.IGNORECASE)


class Forbidden(PermissionError):
    """An address or a URL that the guard does not let through; the message says why."""

    def __init__(self, why: str):
        super().__init__(errno.EACCES, why)


def networks(cidrs: Sequence[str]) -> tuple[Network, ...]:
    """Return networks given in CIDR notation. Raises ValueError where one is none."""
    return tuple(ipaddress.ip_network(cidr.strip()) for cidr in cidrs)


def is_open(address: Address, opened: Sequence[Network] = ()) -> bool:
    """Say whether a socket may connect to an address: a public unicast one, or one in a network that was opened.

    IPv6 forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) lead nowhere unless they
    are opened themselves; a mapped address is also open where its IPv4 address was opened.
    """
    mapped = getattr(address, "ipv4_mapped", None)
    if any(each in network for each in (address, mapped) if each for network in opened):
        return True
    if address.version == 6 and (address not in _UNICAST or (int(address) >> 32) & 0xFFFF_FFFF in _INTERFACE):
        return False
    return not any(address in network for network in _CLOSED)


def check_url(url: str, opened: Sequence[Network] = ()) -> None:
    """Raise Forbidden unless a URL may be asked for as far as it can be judged by itself.

    Only http and https, a host, no user and password; a host that reads as a number must be an address in its plain
    dotted form, so that octal, hexadecimal and decimal forms are refused; names that are local by convention are
    refused unless a network was opened.
    """
    if len(url) > MAX_URL:
        raise Forbidden(f"an address of more than {MAX_URL:,} characters")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Forbidden(f"no address: {error}" if "@" not in url else "no address") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise Forbidden(f"only http and https are fetched, not {parts.scheme or 'nothing'}:")
    if not host:
        raise Forbidden("an address without a host")
    if "@" in parts.netloc:
        raise Forbidden("an address with a user or a password, which are never sent and never stored; leave them out")
    if "\\" in url or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise Forbidden("an address with a backslash or control characters")
    if "%" in parts.netloc:
        raise Forbidden("a host with escapes or a zone")
    if ":" in host or _NUMERIC.fullmatch(unicodedata.normalize("NFKC", host).replace("\u3002", ".")):
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise Forbidden(f"{host} is no address in its plain form") from None
        if not is_open(address, opened):
            raise Forbidden(f"{address} is no public address")
    elif _LOCAL.fullmatch(host) and not opened:
        raise Forbidden(f"{host} is a local name")


def socket_factory(opened: Sequence[Network] = ()) -> Callable[[Any], socket.socket]:
    """Return what makes a client's sockets, for aiohttp's TCPConnector: none for an address that is not open."""

    def make(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, place = info
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        if not is_open(address, opened):
            raise Forbidden(f"{address} is no public address")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
