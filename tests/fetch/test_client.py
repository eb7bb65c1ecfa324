"""Replies within bounds: slow ones, endless ones, bombs and loops are cut off; robots.txt and pauses are kept."""

import asyncio
import gzip
import itertools
import time

import pytest
from aiohttp import web
from outlets import LOOPBACK, ScriptedClock, serving

from transforms.fetch.client import Client, FetchError, session
from transforms.fetch.politeness import Held, SystemClock, Turns


def get_all(urls, clock=None, pause_s=0.0, **bounds):
    """Ask for all at once; a reply or an error for each, in order."""

    async def go():
        ticking = clock or SystemClock()
        async with session("mailto:test@example.org", LOOPBACK) as web_session:
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
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b"x")
        await asyncio.sleep(0.1)
    return response


async def hang(request):
    await asyncio.sleep(30)
    return web.Response(text="late")


async def pour(request):
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1000):
        await response.write(b"x" * 100_000)
    return response


def bomb(request):
    data = gzip.compress(bytes(200_000_000))
    return web.Response(body=data, headers={"Content-Encoding": "gzip", "Content-Type": "text/xml"})


def test_slow_and_endless_replies_are_cut_off_while_others_come():
    with serving() as outlets:
        sites = [f"127.0.0.{n}" for n in range(1, 6)]
        for site, answer in zip(sites, (drip, hang, pour, bomb, "fine"), strict=True):
            outlets.put("/", answer, site)
        began = time.monotonic()
        found = get_all([outlets.url("/", site) for site in sites], deadline_s=2.0, body_bytes=1_000_000)
        assert time.monotonic() - began < 4
        assert [one.reason for one in found[:4]] == ["timeout", "timeout", "too large", "too large"]
        assert found[4].body == b"fine"


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
    with serving() as outlets:
        for site in ("127.0.0.1", "127.0.0.2"):
            for n in range(4):
                outlets.put(f"/{n}", "fine", site)
        urls = [outlets.url(f"/{n}", site) for n in range(4) for site in ("127.0.0.1", "127.0.0.2")]
        began = time.monotonic()
        get_all(urls, pause_s=0.2)
        assert time.monotonic() - began < 1.6
        for site in ("127.0.0.1", "127.0.0.2"):
            times = [one.at for one in outlets.asked if one.host == site]
            assert len(times) == 5
            assert min(b - a for a, b in itertools.pairwise(times)) > 0.19


def test_retry_after_holds_the_whole_domain():
    with serving() as outlets:
        outlets.put("/busy", 429, **{"Retry-After": "3600"})
        outlets.put("/a", "fine")
        busy, held = get_all([outlets.url("/busy"), outlets.url("/a")], clock=ScriptedClock())
        assert (busy.status, busy.wait_s) == (429, 3600)
        assert isinstance(held, Held)
        assert "/a" not in outlets.paths()
