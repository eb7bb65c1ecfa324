"""The server: addresses and the pages they give."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from aiohttp import web

from wirecopy.pipelines.browse import facts, questions
from wirecopy.pipelines.browse.guard import guarding
from wirecopy.pipelines.browse.lakes import Reader, TooLong
from wirecopy.pipelines.pages.render import asset, page
from wirecopy.pipelines.pages.words import count
from wirecopy.transforms.lake.files import LakeError

MOST_FORM = 2 << 20
"""Bytes of a form."""

MOST_QUERY = 300
"""Code points of a search."""

STATIC = {"page.css": "text/css", "sides.js": "text/javascript", "browse.js": "text/javascript"}

READER: web.AppKey[Reader] = web.AppKey("reader", Reader)

PARTS = (
    ("/", "Now"),
    ("/stories", "Stories"),
    ("/flows", "Who feeds whom"),
    ("/passages", "Passages"),
    ("/uncredited", "Uncredited"),
    ("/changed", "Changed"),
    ("/outlets", "Outlets"),
    ("/feeds", "Feeds"),
    ("/rejects", "Not read"),
    ("/trace", "Trace a text"),
    ("/diff", "Compare two"),
)


def application(lake: Path, host: str, most_s: float | None = None) -> web.Application:
    """Return the server of a lake.

    Args:
        lake: the lake's folder, which is only read.
        host: the host it will listen on.
        most_s: seconds after which a question is given up.
    """
    app = web.Application(middlewares=[guarding(host), _failing], client_max_size=MOST_FORM)  # type: ignore[list-item]
    app[READER] = Reader(lake) if most_s is None else Reader(lake, most_s)

    async def close(app: web.Application) -> None:
        app[READER].close()

    app.on_cleanup.append(close)
    app.router.add_get("/", _front)
    app.router.add_get("/search", _search)
    app.router.add_get("/state", _state)
    app.router.add_get("/passages", _passages)
    app.router.add_get("/article/{id}", _article)
    app.router.add_get("/story/{id}", _story)
    app.router.add_get("/pair/{a}/{b}", _pair)
    app.router.add_get("/versions/{a}/{b}", _versions)
    app.router.add_get("/outlet/{name:.+}", functools.partial(_of, "outlet", questions.OF_OUTLET))
    app.router.add_get("/agency/{name:.+}", functools.partial(_of, "agency", questions.OF_AGENCY))
    app.router.add_get("/trace", _trace_form)
    app.router.add_post("/trace", _trace)
    app.router.add_get("/diff", _diff_form)
    app.router.add_post("/diff", _diff)
    app.router.add_get("/static/{name}", _static)
    for name, query in facts.LISTS.items():
        app.router.add_get(f"/{name}", functools.partial(_list, name, query))
    return app


@web.middleware
async def _failing(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn what goes wrong into a page that says what, where and what to do."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _shown(request, "message.html", 404, title="Not here", said="There is no such page.")
    except web.HTTPRequestEntityTooLarge:
        said = f"The form is larger than {count(MOST_FORM)} bytes: use `wirecopy trace FILE` for a text of that size."
        return _shown(request, "message.html", 413, title="Too much", said=said)
    except TooLong:
        said = "The lake took too long to answer: ask for less, or use wirecopy sql, which waits."
        return _shown(request, "message.html", 503, title="Too long", said=said)
    except (LakeError, duckdb.Error, OSError) as error:
        return _shown(request, "message.html", 500, title="The lake cannot be read", said=str(error)[:2000])


def _shown(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    reader = request.app[READER]
    given: dict[str, Any] = {"parts": PARTS, "path": request.path, "lake": reader.lake.resolve().name, "query": ""}
    text = page(f"browse/{template}", **(given | values))
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)


async def _front(request: web.Request) -> web.Response:
    return _shown(request, "front.html", title="Now", **await request.app[READER].ask(facts.front))


async def _state(request: web.Request) -> web.Response:
    commit = await asyncio.get_running_loop().run_in_executor(None, request.app[READER].newest)
    return web.json_response({"commit": commit})


async def _list(name: str, query: str, request: web.Request) -> web.Response:
    begin = _begin(request)

    def gather(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        commit = con.execute("SELECT commit FROM lake_commit").fetchall()[0][0]
        return {"list": questions.listed(con, query, begin), "commit": commit}

    told = await request.app[READER].ask(gather)
    return _shown(request, f"{name}.html", title=dict(PARTS)[f"/{name}"], **told)


async def _passages(request: web.Request) -> web.Response:
    begin = _begin(request)
    told = await request.app[READER].ask(lambda con: facts.passages(con, begin))
    return _shown(request, "passages.html", title="Most reused passages", **told)


async def _of(kind: str, query: str, request: web.Request) -> web.Response:
    name, begin = request.match_info["name"], _begin(request)
    rows = await request.app[READER].ask(lambda con: questions.listed(con, query, begin, name))
    if not rows.rows:
        raise web.HTTPNotFound
    return _shown(request, "articles.html", title=name, kind=kind, list=rows)


async def _search(request: web.Request) -> web.Response:
    query, begin = request.query.get("q", "")[:MOST_QUERY].strip(), _begin(request)
    if not query:
        return _shown(request, "search.html", title="Search", list=questions.Rows([], 0, False))
    rows = await request.app[READER].ask(lambda con: questions.found(con, begin, query))
    return _shown(request, "search.html", title=f"Search: {query}", query=query, list=rows)


async def _article(request: web.Request) -> web.Response:
    return await _found(request, "article.html", facts.article, _id(request, "id"))


async def _story(request: web.Request) -> web.Response:
    return await _found(request, "story.html", facts.story, _id(request, "id"))


async def _pair(request: web.Request) -> web.Response:
    return await _found(request, "pair.html", facts.pair, _id(request, "a"), _id(request, "b"))


async def _versions(request: web.Request) -> web.Response:
    return await _found(request, "versions.html", facts.versions, _id(request, "a"), _id(request, "b"))


async def _found(request: web.Request, template: str, gather: Callable[..., Any], *ids: UUID) -> web.Response:
    told = await request.app[READER].ask(lambda con: gather(con, *ids))
    if told is None:
        raise web.HTTPNotFound
    return _shown(request, template, title="", **told)


async def _trace_form(request: web.Request) -> web.Response:
    return _shown(request, "trace.html", title="Trace a text", text="", trace=None, said="")


async def _trace(request: web.Request) -> web.Response:
    from wirecopy.transforms.tracing.trace import trace

    reader = request.app[READER]
    text = str((await request.post()).get("text", ""))
    try:
        found = await reader.run(lambda: trace(reader.lake, text))
    except ValueError:
        return _shown(request, "trace.html", title="Trace a text", text=text, trace=None, said="The text has no words.")
    spans = [(one.begin, one.end) for one in found.passages]
    pieces = facts.coloured(found.text, spans, [one.source for one in found.passages])
    return _shown(request, "trace.html", title="Trace a text", text=text, trace=found, pieces=pieces, said="")


async def _diff_form(request: web.Request) -> web.Response:
    return _shown(request, "diff.html", title="Compare two texts", a="", b_text="", sides=None)


async def _diff(request: web.Request) -> web.Response:
    from wirecopy.transforms.tracing.diff import diff

    form = await request.post()
    a, b = (str(form.get(name, "")).replace("\r\n", "\n") for name in ("a", "b"))
    found = await request.app[READER].run(lambda: diff(a, b))
    sides = facts.differing(found)
    return _shown(request, "diff.html", title="Compare two texts", a=a, b_text=b, sides=sides, found=found)


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    return web.Response(text=asset(name), content_type=STATIC[name], charset="utf-8")


def _begin(request: web.Request) -> int:
    text = request.query.get("from", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _id(request: web.Request, name: str) -> UUID:
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise web.HTTPNotFound from None
