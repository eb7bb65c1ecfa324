"""Who may ask the server, and what a browser may do with what it answers."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_ours(named: str | None, host: str) -> bool:
    """Return whether a Host header names this machine, rather than a site whose name was turned to its address.

    An address is never such a name. Of names those of this machine count, and the host that the server was told.

    Args:
        named: the header, with or without a port.
        host: the host that the server listens on.
    """
    try:
        name = (urlsplit(f"//{named}").hostname or "") if named else ""
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name in {"localhost", host.lower()} or (not is_loopback(host) and name == socket.gethostname().lower())
    return address.is_loopback or not is_loopback(host)


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on can be reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def guarding(host: str) -> Handler:
    """Return a middleware that refuses foreign hosts and origins, and gives every answer the headers of a page."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_ours(request.headers.get("Host"), host):
            return _refused(421, "This server answers under the name of its own machine only.")
        origin = request.headers.get("Origin")
        if request.method != "GET" and origin not in (None, f"http://{request.headers['Host']}"):
            return _refused(403, "A form of another site may not ask this server.")
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            answer = error
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if isinstance(answer, web.HTTPException):
            raise answer
        return answer

    return guard  # type: ignore[return-value]


def _refused(status: int, why: str) -> web.Response:
    return web.Response(status=status, text=f"{why}\n", headers=HEADERS)
