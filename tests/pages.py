"""Made news, hostile rows, and a server of pages to try them with."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
import pyarrow as pa
import pyarrow.parquet as pq
from aiohttp import web

from wirecopy.pipelines.browse.server import application
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import Commit, Part, open_snapshot, write_commit
from wirecopy.transforms.lake.parts import read_parts

WORDS = (
    "harbour minister election budget storm railway strike parliament court bridge energy school hospital market "
    "border treaty protest drought factory airport museum river mayor union tax vaccine satellite"
).split()

HOSTILE = '"><script>alert(1)</script>&quot;\u202egnp.exe\x1b[31m'


def sentences(n: int, length: int = 12) -> str:
    return " ".join(
        f"The {WORDS[(n * 7 + i) % len(WORDS)]} of district {n * 31 + i} was discussed by "
        f"{WORDS[(n * 5 + 3 * i) % len(WORDS)]} officials on day {i} of inquiry {n * 17 + 3 * i}."
        for i in range(length)
    )


def record(n: int, outlet: str, at: str, text: str) -> dict[str, Any]:
    return {
        "id": f"{outlet}-{n}", "url": f"https://{outlet}/{n}", "outlet": outlet, "published_at": at, "text": text,
        "headline": f"Story {n} in {outlet}",
    }  # fmt: skip


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]

    @property
    def page(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(self.text)

    @property
    def said(self) -> str:
        return " ".join(self.page.text_content().split())


class Site(NamedTuple):
    port: int

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        data = None if form is None else urllib.parse.urlencode(form).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return Answer(reply.status, reply.read().decode(), dict(reply.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(), dict(error.headers))


@contextlib.contextmanager
def served(lake: Path, **options: Any) -> Iterator[Site]:
    ready, loop, ports = threading.Event(), asyncio.new_event_loop(), []
    done = asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(application(lake, "127.0.0.1", **options), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        ready.set()
        await done.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield Site(ports[0])
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(60)
        loop.close()


def spoil(lake: Path) -> None:
    """Commit other rows: what a stranger's lake may hold, and extraction would never let through."""
    snapshot, added, removed = open_snapshot(lake), {}, {}
    spoilt = {"articles": ("headline", "outlet", "byline", "url", "language", "agency"), "texts": ("text",)}
    for name, columns in spoilt.items():
        rows = read_parts(lake, snapshot.parts[name], TABLES[name].schema)
        for column in columns:
            before = "javascript:" if column == "url" else ""
            values = [f"{before}{HOSTILE}{one or ''}" for one in rows[column].to_pylist()]
            field = rows.schema.field(column)
            rows = rows.set_column(rows.schema.get_field_index(column), field, pa.array(values, field.type))
        path = f"{name}/month=2026-03/part-spoilt-{'0' * 32}.parquet"
        pq.write_table(rows, lake / path, store_schema=False)
        added[name] = (Part(path, len(rows), (lake / path).stat().st_size),)
        removed[name] = tuple(part.path for part in snapshot.parts[name])
    (lake / "_staging" / "spoil").mkdir(parents=True)
    number = snapshot.number + 1
    change = Commit(number, snapshot.number, "0" * 32, "2026-04-01T00:00:00+00:00", (), added, removed=removed)
    assert write_commit(lake, lake / "_staging" / "spoil", change)
