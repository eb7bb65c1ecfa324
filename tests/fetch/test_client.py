"""Replies within bounds: slow ones, endless ones, bombs and loops are cut off; robots.txt and pauses are kept."""

import asyncio
import contextlib
import gzip
import itertools
import socket
import threading

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver
from outlets import LOOPBACK, ScriptedClock, raw, serving, serving_raw

from wirecopy.transforms.fetch.http.client import Client, FetchError, agent, session
from wirecopy.transforms.fetch.http.politeness import Held, SystemClock, Turns


def get_all(urls, clock=None, pause_s=0.0, resolver=None, **bounds):
    """Ask for all at once; a reply or an error for each, in order."""

    async def go():
        ticking = clock or SystemClock()
        async with session("mailto:test@example.org", LOOPBACK, resolver) as web_session:
            client = Client(web_session, Turns(ticking, pause_s), ticking, LOOPBACK, **bounds)
            return await asyncio.gather(*map(client.get, urls), return_exceptions=True)

    return asyncio.run(go())


def get(url, **options):
    [found] = get_all([url], **options)
    if isinstance(found, BaseException):
        raise found
    return found


def test_the_agent_says_who_asks_and_how_to_reach_them():
    with serving() as outlets:
        outlets.put("/", "fine")
        get(outlets.url("/"))
        assert outlets.asked[-1].header["User-Agent"].startswith("wirecopy/")
        assert "(+mailto:test@example.org)" in outlets.asked[-1].header["User-Agent"]


def test_permanent_redirects_are_told_from_others():
    with serving() as outlets:
        outlets.put("/a", 301, Location="/b")
        outlets.put("/b", 302, Location="/c")
        outlets.put("/c", "fine")
        found = get(outlets.url("/a"))
        assert (found.url, found.moved_to) == (outlets.url("/c"), outlets.url("/b"))
        assert get(outlets.url("/b")).moved_to is None


def test_a_loop_of_redirects_ends():
    with serving() as outlets:
        outlets.put("/a", 302, Location="/a")
        with pytest.raises(FetchError) as error:
            get(outlets.url("/a"))
        assert error.value.reason == "redirects"
        assert outlets.paths().count("/a") == 6


async def drip(request):
    """Never ends: only the client can."""
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.1)
    return response


async def hang(request):
    await asyncio.Event().wait()


async def pour(request):
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(b"x" * 100_000)
    return response


def bomb(request):
    data = gzip.compress(bytes(200_000_000))
    return web.Response(body=data, headers={"Content-Encoding": "gzip", "Content-Type": "text/xml"})


def test_slow_replies_are_cut_off():
    """Neither would ever end by itself."""
    with serving() as outlets:
        for site, answer in (("127.0.0.1", drip), ("127.0.0.2", hang)):
            outlets.put("/", answer, site)
            outlets.put("/robots.txt", 404, site)
        slow = get_all([outlets.url("/", site) for site in ("127.0.0.1", "127.0.0.2")], deadline_s=2.0)
        assert {one.reason for one in slow} == {"timeout"}


def test_endless_replies_are_cut_off_and_others_come_while_slow_ones_are_waited_for():
    """The slow one is answered only once the others are done."""
    done = threading.Event()

    async def wait(request):
        while not done.is_set():
            await asyncio.sleep(0.05)
        return web.Response(text="late")

    with serving() as outlets:
        sites = [f"127.0.0.{n}" for n in range(1, 5)]
        for site, answer in zip(sites, (wait, pour, bomb, "fine"), strict=True):
            outlets.put("/", answer, site)

        async def go():
            clock = SystemClock()
            async with session("", LOOPBACK) as web_session:
                client = Client(web_session, Turns(clock, 0.0), clock, LOOPBACK, 240.0, 1_000_000)
                slow, *others = [asyncio.ensure_future(client.get(outlets.url("/", site))) for site in sites]
                found = await asyncio.gather(*others, return_exceptions=True)
                done.set()
                return await slow, *found

        late, poured, bombed, fine = asyncio.run(go())
        assert [poured.reason, bombed.reason] == ["too large", "too large"]
        assert [late.body, fine.body] == [b"late", b"fine"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: web.Response(headers={"X-Long": "x" * 20_000}),
        lambda request: web.Response(headers={f"X-{n}": "x" for n in range(500)}),
        lambda request: web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_what_is_no_sound_http_is_an_error_of_this_reply_alone(answer):
    with serving() as outlets:
        outlets.put("/", answer)
        with pytest.raises(FetchError) as error:
            get(outlets.url("/"))
        assert error.value.reason == "protocol"


def test_a_port_where_nobody_listens_is_a_connection_error():
    with serving() as outlets:
        port = outlets.port
    with pytest.raises(FetchError) as error:
        get(f"http://127.0.0.1:{port}/")
    assert error.value.reason == "connection"


def test_robots_txt_is_asked_for_once_and_kept():
    with serving() as outlets:
        outlets.put(
            "/robots.txt", "User-agent: wirecopy\nDisallow: /private\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /\n"
        )
        outlets.put("/a", "fine")
        outlets.put("/private/a", "secret")
        clock = ScriptedClock()
        fine, refused, again = get_all([outlets.url(path) for path in ("/a", "/private/a", "/a")], clock=clock)
        assert (fine.body, again.body) == (b"fine", b"fine")
        assert refused.reason == "robots"
        assert outlets.paths() == ["/robots.txt", "/a", "/a"]
        assert clock.slept == [7.0, 7.0]


def test_a_server_that_cannot_say_what_it_allows_is_not_asked():
    with serving() as outlets:
        outlets.put("/robots.txt", 500)
        outlets.put("/a", "fine")
        with pytest.raises(FetchError):
            get(outlets.url("/a"))
        assert outlets.paths() == ["/robots.txt"]


def test_one_domain_is_asked_one_at_a_time_with_a_pause_and_domains_side_by_side():
    """Each site answers its first page only once the other one was asked for its own."""
    sites = ("127.0.0.1", "127.0.0.2")
    with serving() as outlets:

        async def together(request):
            while not all("/0" in outlets.paths(site) for site in sites):
                await asyncio.sleep(0.01)
            return web.Response(text="fine")

        for site in sites:
            outlets.put("/0", together, site)
            for n in range(1, 4):
                outlets.put(f"/{n}", "fine", site)
        found = get_all([outlets.url(f"/{n}", site) for n in range(4) for site in sites], pause_s=0.2)
        assert [one.body for one in found] == [b"fine"] * 8
        for site in sites:
            times = [one.at for one in outlets.asked if one.host == site]
            assert len(times) == 5
            assert min(b - a for a, b in itertools.pairwise(times)) > 0.19


class EveryName(AbstractResolver):
    """Every name is this machine's."""

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


def test_retry_after_holds_the_host_that_says_it_and_no_other_of_its_domain():
    with serving() as outlets:
        outlets.put("/busy", 429, "a.news.example.org", **{"Retry-After": "3600"})
        for site in ("a.news.example.org", "b.news.example.org"):
            outlets.put("/a", "fine", site)
        urls = [outlets.url("/busy", "a.news.example.org")]
        urls += [outlets.url("/a", site) for site in ("a.news.example.org", "b.news.example.org")]
        busy, held, other = get_all(urls, clock=ScriptedClock(), resolver=EveryName())
        assert (busy.status, busy.wait_s) == (429, 3600)
        assert isinstance(held, Held)
        assert other.body == b"fine"
        assert "/a" not in outlets.paths("a.news.example.org")


def test_hosts_of_one_domain_keep_its_pause():
    with serving() as outlets:
        sites = ["a.news.example.org", "b.news.example.org"]
        for site in sites:
            outlets.put("/", "fine", site)
            outlets.put("/robots.txt", 404, site)
        clock = ScriptedClock()
        get_all([outlets.url("/", site) for site in sites], clock=clock, pause_s=2.0, resolver=EveryName())
        assert clock.slept == [2.0, 2.0, 2.0]


def test_a_header_that_is_not_utf8_is_read_as_latin1():
    """Whatever bytes a field holds, what comes of it can be stored."""
    fields = "Content-Disposition: attachment; filename=Zürich".encode("latin-1"), b"X-Broken: \xff\xfe"
    with serving_raw({"/": raw(b"fine", *fields)}) as address:
        header = get(f"{address}/").header
        assert header["content-disposition"] == "attachment; filename=Zürich"
        assert "\n".join(header.values()).encode()


def test_a_redirect_to_an_address_that_is_not_utf8_is_followed():
    there = raw(b"", "Location: /Zürich".encode("latin-1"), status="302 Found")
    with serving_raw({"/a": there, "/Z%FCrich": raw(b"fine")}) as address:
        assert get(f"{address}/a").body == b"fine"


def test_the_agent_keeps_a_password_to_itself():
    assert agent("https://me:secret@example.org/about").endswith(" (+https://example.org/about)")
