"""Asking over HTTP within bounds: every hop guarded, polite and allowed by robots.txt, cut off in time and size."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import aiohttp

from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.fetch.http.bounds import BODY_BYTES
from wirecopy.transforms.fetch.http.guard import Forbidden, Network, check_url, socket_factory
from wirecopy.transforms.fetch.http.politeness import Clock, Turns
from wirecopy.transforms.fetch.http.robots import MAX_BYTES as ROBOTS_BYTES
from wirecopy.transforms.fetch.http.robots import Robots, rules
from wirecopy.transforms.fetch.schedule import retry_after
from wirecopy.transforms.storable import field_address, field_text

DEADLINE_S = 30.0
"""Seconds for one request, from the name's resolution to the last byte."""

FIELD_BYTES = 16 << 10
FIELDS = 128
"""Bytes of one header field, and how many fields a header may have."""

HOPS = 5
PIECE = 1 << 16

_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_BUSY = (429, 503)
_OFFLINE = {errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH}


class FetchError(Exception):
    """What kept a reply from coming.

    Attributes:
        reason: forbidden, robots, timeout, too large, redirects, offline, connection or protocol.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


class Reply(NamedTuple):
    """A reply as it came.

    Attributes:
        url: where it came from, redirects followed.
        status: HTTP status.
        header: its fields by lower-case name, the last of a name; bytes that are not UTF-8 are read as Latin-1.
        body: the body, content encoding taken off; empty unless the status is 2xx.
        at: when the first request was sent, microseconds UTC.
        ms: milliseconds that the requests took, pauses left out.
        moved_to: the last address that permanent redirects alone led to; None where there were none.
        wait_s: seconds that Retry-After asks to wait.
    """

    url: str
    status: int
    header: Mapping[str, str]
    body: bytes
    at: int
    ms: int
    moved_to: str | None
    wait_s: float


class _Hop(NamedTuple):
    status: int
    header: Mapping[str, str]
    body: bytes
    at: int
    ms: int


def agent(contact: str) -> str:
    """Return the User-Agent: the program, its version, and whom to turn to."""
    return f"wirecopy/{version('wirecopy')}" + (f" (+{without_user(contact)})" if contact else "")


@asynccontextmanager
async def session(
    contact: str, opened: Sequence[Network] = (), resolver: aiohttp.abc.AbstractResolver | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session whose sockets the guard makes; no cookies, no proxies of the environment.

    Args:
        contact: an address or a page by which the operator can be reached; may be empty.
        opened: networks that the guard lets through though they are not public.
        resolver: resolves names; the system's where None.
    """
    connector = aiohttp.TCPConnector(
        socket_factory=socket_factory(opened), resolver=resolver, limit=0, limit_per_host=2, keepalive_timeout=5
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": agent(contact), "Accept-Encoding": "gzip, deflate"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        max_line_size=FIELD_BYTES,
        max_field_size=FIELD_BYTES,
        max_headers=FIELDS,
        read_bufsize=PIECE,
        trust_env=False,
    ) as made:
        yield made


class Client:
    """Asks for URLs, one hop at a time.

    Args:
        web: a session of this module.
        turns: courtesy towards domains.
        clock: what tells the time.
        opened: networks that the guard lets through.
        deadline_s: see DEADLINE_S.
        body_bytes: see BODY_BYTES.
    """

    def __init__(
        self,
        web: aiohttp.ClientSession,
        turns: Turns,
        clock: Clock,
        opened: Sequence[Network] = (),
        deadline_s: float = DEADLINE_S,
        body_bytes: int = BODY_BYTES,
    ):
        self._web = web
        self._turns = turns
        self._clock = clock
        self._opened = tuple(opened)
        self._deadline_s = deadline_s
        self._body_bytes = body_bytes
        self._robots: dict[str, tuple[Robots, int]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def get(self, url: str, fields: Mapping[str, str] | None = None) -> Reply:
        """Return the reply to a GET, up to HOPS redirects followed.

        Args:
            url: what to ask for.
            fields: header fields of the request, such as validators.

        Raises:
            FetchError: no reply, or none within the bounds.
            Held: the host asked to be left alone for a while.
        """
        moved_to, permanent, at, ms = None, True, 0, 0
        for _ in range(HOPS + 1):
            robots = await self._rules(url)
            if robots.fails:
                raise FetchError("connection", f"its server does not say what robots.txt allows: {url}")
            if not robots.allows(url):
                raise FetchError("robots", f"robots.txt forbids it: {url}")
            hop = await self._ask(url, fields or {}, self._body_bytes, robots.delay_s)
            at, ms = at or hop.at, ms + hop.ms
            place = hop.header.get("location")
            if hop.status not in _REDIRECTS or not place:
                wait_s = retry_after(hop.header.get("retry-after"), self._clock.now()) if hop.status in _BUSY else 0.0
                if wait_s:
                    self._turns.hold(url, wait_s)
                return Reply(url, hop.status, hop.header, hop.body, at, ms, moved_to, wait_s)
            url = _joined(url, place)
            permanent = permanent and hop.status in _PERMANENT
            moved_to = url if permanent else moved_to
        raise FetchError("redirects", f"more than {HOPS} redirects")

    async def _rules(self, url: str) -> Robots:
        """Return the rules of a URL's origin, asked for once a day."""
        self._check(url)
        parts = urlsplit(url)
        origin = f"{parts.scheme.lower()}://{parts.netloc.lower()}"
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._robots.get(origin)
            if known and self._clock.now() < known[1]:
                return known[0]
            found = rules(*await self._robots_txt(f"{origin}/robots.txt", known[0].delay_s if known else 0.0))
            robots = Robots(found)
            self._robots[origin] = robots, self._clock.now() + found.fresh_s * 1_000_000
            return robots

    async def _robots_txt(self, url: str, delay_s: float) -> tuple[int | None, bytes]:
        for _ in range(HOPS + 1):
            try:
                hop = await self._ask(url, {}, ROBOTS_BYTES, delay_s, cut=True)
            except FetchError as error:
                if error.reason in ("forbidden", "offline", "connection", "timeout"):
                    raise
                return None, b""
            place = hop.header.get("location")
            if hop.status not in _REDIRECTS or not place:
                return hop.status, hop.body
            url = _joined(url, place)
        return 404, b""

    def _check(self, url: str) -> None:
        try:
            check_url(url, self._opened)
        except Forbidden as error:
            raise FetchError("forbidden", error.strerror or str(error)) from None

    async def _ask(self, url: str, fields: Mapping[str, str], most: int, delay_s: float, cut: bool = False) -> _Hop:
        """Ask for one URL in its turn and follow nothing; a body beyond `most` bytes is cut there or an error."""
        self._check(url)
        async with self._turns.turn(url, delay_s):
            at = self._clock.now()
            began = asyncio.get_running_loop().time()
            try:
                async with (
                    asyncio.timeout(self._deadline_s),
                    self._web.get(url, headers=fields, allow_redirects=False) as got,
                ):
                    header = {name.lower(): _field(name.lower(), value) for name, value in got.headers.items()}
                    body = await _body(got, most, cut) if 200 <= got.status < 300 else b""
                    took = asyncio.get_running_loop().time() - began
                    return _Hop(got.status, header, body, at, round(took * 1000))
            except TimeoutError:
                raise FetchError("timeout", f"no whole reply in {self._deadline_s:g} s") from None
            except aiohttp.ClientConnectorError as error:
                raise _connection(error.os_error) from None
            except aiohttp.ClientOSError as error:
                raise _connection(error) from None
            except (aiohttp.ClientError, ValueError, OSError) as error:
                raise FetchError("protocol", field_text(f"{type(error).__name__}: {error}"[:300])) from None


def _field(name: str, value: str) -> str:
    return field_text(field_address(value) if name == "location" else value)


async def _body(got: aiohttp.ClientResponse, most: int, cut: bool) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in got.content.iter_chunked(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            got.close()
            if cut:
                break
            raise FetchError("too large", f"a body of more than {most:,} bytes")
    return b"".join(pieces)


def _connection(error: OSError) -> FetchError:
    causes = [error, *(error.args if isinstance(error, BaseExceptionGroup) else ()), error.__cause__]
    if any(isinstance(cause, Forbidden) for cause in causes) or error.errno == errno.EACCES:
        return FetchError("forbidden", f"{error.strerror or error}")
    if isinstance(error, socket.gaierror):
        temporary = error.errno == socket.EAI_AGAIN
        return FetchError("offline" if temporary else "connection", f"the name does not resolve: {error.strerror}")
    return FetchError("offline" if error.errno in _OFFLINE else "connection", f"{error.strerror or error}"[:300])


def _joined(url: str, place: str) -> str:
    try:
        return urljoin(url, place.strip())
    except ValueError as error:
        raise FetchError("forbidden", f"a redirect to no address: {error}") from None
