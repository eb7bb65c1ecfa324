"""The command `wirecopy watch`: watches of a lake added, listed, removed and fired by hand."""

from __future__ import annotations

import contextlib
import json
import shlex
import uuid
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

import duckdb
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.terminal.shown import shown
from wirecopy.pipelines.watches.firing import fire
from wirecopy.pipelines.watches.happenings import events, look
from wirecopy.pipelines.watches.sinks import NotTaken, shown_address, webhook_address
from wirecopy.pipelines.watches.store import WHATS, Kept, Watch, has_watches, new_watch, open_store
from wirecopy.transforms.extract.urls import outlet as outlet_of
from wirecopy.transforms.lake.commits import open_snapshot
from wirecopy.transforms.lake.files import LakeError

UNCREDITED_LEAST = 0.5
LEAST = 0.1
_READY = ("reprint", "uncredited", "headline", "silent")


def add(name: str, lake: Path, on: str | None, least: float | None, chosen: dict[str, Any]) -> Watch:
    """Keep a new watch, which begins with the next commit, and return it.

    Args:
        name: its name.
        lake: the lake's folder.
        on: one of the ready-made ones, or None where what is chosen says it.
        least: share of words from which on text counts as taken.
        chosen: `outlet`, `agency`, `query`, `story`, `sql` (a path), `command`, `webhook`, `mail` and `atom` as given.

    Raises typer.BadParameter, LakeError and OSError.
    """
    given = {key: value for key, value in chosen.items() if value}
    what = _what(on, given)
    if "sql" in given:
        given["sql"] = Path(given["sql"]).read_text(encoding="utf-8")
    if "outlet" in given:
        given["outlet"] = outlet_of(given["outlet"]) or given["outlet"]
    if "story" in given:
        given["story"] = _story(lake, given["story"])
    if "command" in given:
        try:
            words = shlex.split(given["command"])
        except ValueError as error:
            raise typer.BadParameter(f"it cannot be read: {error}", param_hint="--command") from None
        if not words:
            raise typer.BadParameter("it is empty", param_hint="--command")
    if "webhook" in given and not given["webhook"].startswith("$"):
        try:
            webhook_address(given["webhook"])
        except NotTaken as error:
            raise typer.BadParameter(str(error), param_hint="--webhook") from None
    if "mail" in given and ("@" not in given["mail"] or not given["mail"].isprintable()):
        raise typer.BadParameter("it is no address", param_hint="--mail")
    usual = UNCREDITED_LEAST if what == "uncredited" else LEAST
    watch = new_watch(name, what, least=usual if least is None else least, **given)
    snapshot = open_snapshot(lake)
    with open_store(lake) as store:
        store.add(watch, snapshot.number, snapshot.identity)
        if what == "sql":
            try:
                _note_present(store, watch, lake)
            except (LakeError, duckdb.Error):
                store.remove(name)
                raise
    return watch


def _note_present(store: Any, watch: Watch, lake: Path) -> None:
    """Note the rows that a query has already: only new ones are events."""
    snapshot = open_snapshot(lake)
    if snapshot.number:
        seen = look(lake, snapshot.number, snapshot.number)
        with contextlib.closing(seen.con):
            store.note(
                store.one(watch.name), list(events(watch, seen)), snapshot.number, snapshot.identity, quietly=True
            )


def _what(on: str | None, given: dict[str, Any]) -> str:
    """Return what is watched for. Raises typer.BadParameter."""
    if on is not None and on not in _READY:
        raise typer.BadParameter(f"{on!r} is not one of {', '.join(_READY)}", param_hint="--on")
    told = [what for what in ("sql", "story", "query") if what in given]
    if len(told) > 1 or (told and on):
        raise typer.BadParameter("choose one of --on, --query, --story and --sql", param_hint=f"--{told[0]}")
    if on == "reprint" and "outlet" not in given:
        raise typer.BadParameter("whose stories? name the outlet with --outlet", param_hint="--on")
    if found := on or (told[0] if told else None):
        return found
    if "agency" in given and "outlet" in given:
        raise typer.BadParameter("say what about them: --on uncredited, or --query", param_hint="--agency")
    if "agency" in given:
        return "agency"
    if "outlet" in given:
        return "reprint"
    raise typer.BadParameter(
        "say what to watch for: --outlet, --agency, --query, --story, --sql, or --on " + ", ".join(_READY),
        param_hint="NAME",
    )


def _story(lake: Path, given: str) -> str:
    """Return the id of the article that a story is known by: its origin where a cluster is named."""
    try:
        named = uuid.UUID(given)
    except ValueError:
        raise typer.BadParameter(f"{given!r} is no id of an article or a cluster", param_hint="--story") from None
    with contextlib.closing(open_lake(lake)) as con:
        found = con.execute("SELECT origin_article_id FROM clusters WHERE cluster_id = ?", [named]).fetchone()
        found = found or con.execute("SELECT article_id FROM articles WHERE article_id = ?", [named]).fetchone()
    if not found:
        raise typer.BadParameter(f"the lake has no article and no cluster {named}", param_hint="--story")
    return str(found[0])


def list_watches(lake: Path, as_json: bool, out: TextIO) -> None:
    """Write the watches of a lake, with no secret, as a table or as JSON. Raises LakeError."""
    kept, troubles, counts = [], {}, {}
    if has_watches(lake):
        with open_store(lake) as store:
            kept = store.watches()
            for one in kept:
                troubles[one.watch.name] = store.trouble(one.watch.name)
                counts[one.watch.name] = len(store.events(one.watch.name))
    if as_json:
        told = [asdict(_shown(one.watch)) | {"trusted": one.trusted, "looked": one.looked} for one in kept]
        json.dump(told, out, indent=1)
        out.write("\n")
        return
    table = Table("watch", "for", "tells", "events", "state", header_style="bold")
    for one in kept:
        row = (one.watch.name, _for(one.watch), _tells(one.watch), str(counts[one.watch.name]), _state(one, troubles))
        table.add_row(*(Text(shown(cell)) for cell in row))
    Console(file=out, width=None if out.isatty() else 140, highlight=False).print(table)


def _shown(watch: Watch) -> Watch:
    return replace(watch, key="", webhook=shown_address(watch.webhook) if watch.webhook else "")


def _for(watch: Watch) -> str:
    parts = [watch.what]
    parts += [f"{name} {value}" for name in ("outlet", "agency", "query", "story") if (value := getattr(watch, name))]
    return ", ".join([*parts, *(["a query of its own"] if watch.sql else [])])


def _tells(watch: Watch) -> str:
    told = [f"command {shlex.split(watch.command)[0]}"] if watch.command else []
    told += [f"webhook {shown_address(watch.webhook)}"] if watch.webhook else []
    told += [f"mail to {watch.mail}"] if watch.mail else []
    return ", ".join([*told, *([f"_watches/{watch.name}.atom"] if watch.atom else [])])


def _state(kept: Kept, troubles: dict[str, list[tuple[str, int, str]]]) -> str:
    if kept.watch.sinks and not kept.trusted:
        return "set up by somebody else: not told"
    failing = [f"{sink} failed {n} times: {why}" for sink, n, why in troubles[kept.watch.name]]
    return "; ".join(failing) or f"looked through commit {kept.looked}"


def remove(lake: Path, name: str) -> None:
    """Forget a watch. Raises LakeError."""
    with open_store(lake) as store:
        store.remove(name)


def trust(lake: Path, name: str) -> None:
    """Allow a watch that came with the lake to reach beyond it. Raises LakeError."""
    with open_store(lake) as store:
        store.trust(name)


def print_events(lake: Path, name: str, out: TextIO) -> None:
    """Write the events of a watch, a line of JSON each, those that are kept whole. Raises LakeError."""
    with open_store(lake) as store:
        store.one(name)
        for event in store.events(name):
            out.write(json.dumps(event.body, ensure_ascii=False) + "\n")


def fire_now(lake: Path) -> int:
    """Look through new commits and tell what waits; return how many events were told. Raises LakeError."""
    if not has_watches(lake):
        raise LakeError(f"{lake} has no watches: add one with `wirecopy watch add`")
    return fire(lake)


__all__ = ["WHATS", "add", "fire_now", "list_watches", "print_events", "remove", "trust"]
