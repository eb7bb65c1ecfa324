"""Watches fired: commits looked through, events noted, and told to whom they are for.

Noting is exactly once. Telling is at least once: whoever is killed between an event's being told and its being noted
as told tells it again, with the same id. An Atom feed is written from what is noted, so in it an event is there once.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from wirecopy.pipelines.watches.atom import ENTRIES, write_feed
from wirecopy.pipelines.watches.happenings import Look, events, look
from wirecopy.pipelines.watches.sinks import SINKS, NotTaken
from wirecopy.pipelines.watches.store import Kept, Store, has_watches, open_store
from wirecopy.transforms.lake.commits import commit_identity, open_snapshot
from wirecopy.transforms.lake.files import LakeError

_log = logging.getLogger("wirecopy")


def fire(lake: Path, ending: Callable[[], bool] = lambda: False) -> int:
    """Note what happened since watches last looked, tell it, and return how many events were told.

    `ending` says whether to leave the rest of the telling to the next run. Nothing is raised: what goes wrong is a
    warning, and is tried again at the next commit or start.
    """
    if not has_watches(lake):
        return 0
    try:
        with open_store(lake) as store:
            _collect(store)
            return _tell(store, ending)
    except (LakeError, OSError, duckdb.Error) as error:
        _log.warning("watches wait for the next commit: %s", error)
        return 0


def collect(lake: Path) -> None:
    """Note what happened since watches last looked, and tell nothing: for what is about to delete parts."""
    if not has_watches(lake):
        return
    try:
        with open_store(lake) as store:
            _collect(store)
    except (LakeError, OSError, duckdb.Error) as error:
        _log.warning("watches wait for the next commit: %s", error)


def _collect(store: Store) -> None:
    snapshot = open_snapshot(store.lake)
    behind = [(kept, after) for kept in store.watches() if (after := _after(store, kept, snapshot.number)) is not None]
    seen: dict[int, Look] = {}
    try:
        for kept, after in behind:
            if after not in seen:
                seen[after] = look(store.lake, after, snapshot.number)
            try:
                found = list(events(kept.watch, seen[after]))
            except (LakeError, duckdb.Error) as error:
                _log.warning("the watch %s cannot look through the lake now: %s", kept.watch.name, error)
                continue
            store.note(kept, found, snapshot.number, snapshot.identity)
            store.forget_old(kept)
    finally:
        for one in seen.values():
            one.con.close()


def _after(store: Store, kept: Kept, newest: int) -> int | None:
    """Return the commit after which a watch is to look; None where it has looked through all.

    A lake that has lost commits, or was put back, is looked through again from where the watch began, or where the lake
    ends: events that are noted are known by their ids.
    """
    if kept.looked <= newest and _identity(store.lake, kept.looked) == kept.looked_identity:
        return kept.looked if kept.looked < newest else None
    if kept.base <= newest and _identity(store.lake, kept.base) == kept.base_identity:
        return kept.base
    return min(kept.base, newest)


def _identity(lake: Path, number: int) -> str | None:
    with contextlib.suppress(LakeError):
        return commit_identity(lake, number)
    return None


def _tell(store: Store, ending: Callable[[], bool]) -> int:
    told = 0
    for kept in store.watches():
        watch = kept.watch
        if watch.atom:
            write_feed(store.lake, watch, store.events(watch.name, most=ENTRIES))
        if watch.sinks and not kept.trusted:
            _log.warning(
                "the watch %s was set up by somebody else: see it with `wirecopy watch list`, and allow it "
                "with `wirecopy watch trust %s`",
                watch.name,
                watch.name,
            )
            continue
        for sink in watch.sinks:
            for event in store.waiting(watch.name, sink, time.time()):
                if ending():
                    return told
                try:
                    SINKS[sink](watch, event.body)
                except NotTaken as error:
                    store.failed(watch.name, sink, str(error), time.time())
                    _log.warning("the watch %s could not tell an event, and tries again later: %s", watch.name, error)
                    break
                store.took(watch.name, sink, event.n)
                told += 1
    return told
