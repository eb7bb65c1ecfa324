"""Outlets played by a real HTTP server on loopback: each address 127.0.0.N is a site of its own."""

import asyncio
import contextlib
import email.utils
import io
import socket
import threading
import time
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from aiohttp import web
from rich.console import Console

from wirecopy.pipelines.watching.live import Watching
from wirecopy.pipelines.watching.watch import WatchOptions, run_watch
from wirecopy.transforms.fetch.http.guard import networks

LOOPBACK = networks(["127.0.0.0/8"])
SECOND = 1_000_000
START = 1_767_225_600 * SECOND
"""2026-01-01, when the scripted clock begins."""

WORDS = (
    "harbour minister election budget storm railway strike parliament court fire bridge energy school hospital market "
    "border treaty protest drought factory airport museum river mayor police union tax vaccine satellite"
).split()


class ScriptedClock:
    """A clock that is moved by hand, and by whoever sleeps."""

    def __init__(self, at=START):
        self.at = at
        self.slept = []

    def now(self):
        return self.at

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += round(seconds * SECOND)
        await asyncio.sleep(0)


def story(n, outlet="a", edit=0):
    """A text of its own for each number, some hundred words long."""
    picks = [WORDS[(n * 7 + i * (n % 11 + 3)) % len(WORDS)] for i in range(60)]
    lines = [
        f"The {picks[i]} of district {n * 31 + i} was discussed by {picks[i + 1]} officials on day {i} of the "
        f"{picks[i + 2]} inquiry."
        for i in range(0, 30, 3)
    ]
    if edit:
        lines.append(f"Correction {edit}: an earlier version of this report misstated the number of the district.")
    return lines


def page(title, lines):
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        f"<!doctype html><html lang='en'><head><title>{escape(title)}</title></head><body><article>"
        f"<h1>{escape(title)}</h1>{body}</article></body></html>"
    )


def rss(items, title="A feed", extra=""):
    """An RSS 2.0 feed of items given as dicts of title, link, guid, date, text."""
    out = []
    for item in items:
        parts = [f"<title>{escape(item['title'])}</title>"]
        if item.get("link"):
            parts.append(f"<link>{escape(item['link'])}</link>")
        if item.get("guid"):
            parts.append(f"<guid isPermaLink='false'>{escape(item['guid'])}</guid>")
        if item.get("date"):
            parts.append(f"<pubDate>{item['date']}</pubDate>")
        if item.get("text"):
            parts.append(f"<description>{escape(item['text'])}</description>")
        out.append(f"<item>{''.join(parts)}</item>")
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>{escape(title)}</title>{extra}"
        f"<link>http://example.org/</link>{''.join(out)}</channel></rss>"
    )


def date(at):
    return email.utils.formatdate(at / 1e6, usegmt=True)


@dataclass
class Asked:
    at: float
    host: str
    path: str
    header: dict


@dataclass
class Outlets:
    """What the server answers: handlers by (host, path), each a coroutine of the request, text, bytes or a response."""

    port: int = 0
    answers: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def put(self, path, answer, host="127.0.0.1", **fields):
        self.answers[host, path] = answer, fields

    def paths(self, host=None):
        return [one.path for one in self.asked if host in (None, one.host)]

    async def handle(self, request):
        host = request.host.partition(":")[0]
        self.asked.append(Asked(time.monotonic(), host, request.path_qs, dict(request.headers)))
        found = self.answers.get((host, request.path_qs)) or self.answers.get((host, request.path))
        if found is None:
            return web.Response(status=404, text="not here")
        answer, fields = found
        if callable(answer):
            answer = answer(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, int):
            return web.Response(status=answer, headers=fields)
        data = answer.encode() if isinstance(answer, str) else answer
        kind = fields.pop("Content-Type", None) if "Content-Type" in fields else None
        if kind is None:
            kind = "text/html" if data.lstrip().startswith(b"<!doctype") else "application/rss+xml"
        return web.Response(body=data, headers={"Content-Type": kind, **fields})


@contextlib.contextmanager
def serving(hosts=8, port=0):
    """Give outlets at 127.0.0.1 to 127.0.0.N, all on one port."""
    outlets = Outlets()
    loop = asyncio.new_event_loop()
    sockets = []
    for n in range(1, hosts + 1):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((f"127.0.0.{n}", port or outlets.port))
        outlets.port = one.getsockname()[1]
        sockets.append(one)
    ready = threading.Event()

    async def serve():
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", outlets.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        for one in sockets:
            await web.SockSite(runner, one).start()
        ready.set()
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    def main():
        asyncio.set_event_loop(loop)
        nonlocal task
        task = loop.create_task(serve())
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        left = asyncio.all_tasks(loop)
        for one in left:
            one.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    task = None
    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield outlets
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        loop.close()


@contextlib.contextmanager
def serving_raw(answers):
    """Give the address of a server that answers paths with bytes as they are, and anything else with 404."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    path = connection.recv(65_536).split(b" ")[1].decode()
                    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    connection.sendall(answers.get(path, missing))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


def raw(body, *fields, status="200 OK"):
    """The bytes of a reply, header fields given as bytes."""
    head = [f"HTTP/1.1 {status}".encode(), *fields, b"Content-Length: %d" % len(body), b"Connection: close"]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def watch_once(
    lake, *sources, clock=None, pause_s=0.0, every_s=None, opened=LOOPBACK, said=None, as_json=False, resolver=None
):
    """Run one round of the monitor in this process and return its summary."""
    options = WatchOptions(Path(lake), sources, True, every_s, pause_s, opened)
    told = Watching(Console(file=said if said is not None else io.StringIO(), highlight=False), as_json=as_json)
    return run_watch(options, told, clock, resolver)
