"""Articles forgotten on request: what will go is told first, and then it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wirecopy.pipelines.compact import publishing
from wirecopy.transforms.columns import storage
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.loss import whole_snapshot
from wirecopy.transforms.lake.staging import sweep
from wirecopy.transforms.maintenance.forget import Asked, Found, forget, look
from wirecopy.transforms.maintenance.vacuum import GRACE

SHOWN = 10
"""Articles that are named; of more it is told how many there are."""


def run_forget(lake: Path, asked: Asked, dry_run: bool, tell: Callable[[str], None]) -> dict[str, Any]:
    """Forget articles of a lake, beside whoever else writes to it, and return what went as plain values.

    Args:
        lake: the lake's folder.
        asked: what is to be forgotten.
        dry_run: only tell what would go.
        tell: is given each line for people.

    Raises:
        LakeError: the lake cannot be used, or knows nothing of what is named; nothing is forgotten then.
        OSError: it cannot be written.
    """
    snapshot = whole_snapshot(lake, "forget")
    found = look(snapshot, asked)
    if found.unknown:
        raise LakeError(f"{lake} knows nothing of {', '.join(found.unknown)}; nothing is forgotten")
    for line in _told(found):
        tell(line)
    done: dict[str, Any] = {
        "articles": _articles(found),
        "versions": len(found.articles),
        "spool_files": found.files,
        "spool_records": found.records,
        "commit": None,
        "deleted_after": None,
    }
    if dry_run or not (found.stones or found.files):
        tell("nothing is changed" if dry_run else "there is nothing to forget")
        return done
    sweep(lake)
    with publishing(lake, "forget") as options:
        commit = forget(lake, options.staging, options.run, found)
    if commit is None:
        tell("the lake had forgotten it before")
        return done
    after = dt.datetime.now(dt.UTC) + GRACE
    done |= {"commit": commit.number, "deleted_after": after.isoformat(timespec="seconds")}
    tell(
        f"commit {commit.number} forgets it, and it will not be taken in again. Its bytes are deleted by wirecopy "
        f"compact, or a running monitor, after {after:%Y-%m-%d %H:%M} UTC; by wirecopy compact --grace 0s now"
    )
    return done


def parsed_date(text: str) -> int:
    """Return the beginning of a day, or an instant, as microseconds UTC. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return int(moment.timestamp()) * 1_000_000


def asked_for(names: Sequence[str], outlet: str | None, before: str | None) -> Asked:
    """Return what is asked for. Raises ValueError where nothing is, or names go with what they do not go with."""
    if bool(names) == (outlet is not None or before is not None):
        raise ValueError("name addresses or ids, or give --outlet, --before or both")
    return Asked(tuple(names), outlet, parsed_date(before) if before else None)


def _told(found: Found) -> list[str]:
    rows = found.articles.sort_by([("event_at", "ascending")])
    lines = []
    for row in rows.slice(0, SHOWN).select(["article_id", "outlet", "outlet_name", "headline", "event_at"]).to_pylist():
        day = f"{row['event_at']:%Y-%m-%d}" if row["event_at"] else "no date"
        lines.append(f"  {day}  {row['outlet_name'] or row['outlet'] or '?'}  {row['headline'] or row['article_id']}")
    if len(rows) > SHOWN:
        lines.append(f"  and {len(rows) - SHOWN:,} more")
    head = (
        f"{_counted(len(rows), 'version')} of {_counted(_articles(found), 'article')} go, with all that speaks of them"
    )
    if found.files:
        head += f", and {_counted(found.records, 'record')} of {_counted(found.files, 'spool file')}"
    return [head + (":" if lines else ""), *lines]


def _articles(found: Found) -> int:
    return len(storage(found.articles["identity"]).unique())


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
