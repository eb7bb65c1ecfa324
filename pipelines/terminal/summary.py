"""What a run took in, read back from what it committed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schemas.elements import Unit
from wirecopy.schemas.tables import TABLES
from wirecopy.transforms.lake.commits import Part, read_commit
from wirecopy.transforms.lake.parts import read_parts

OF_RECORDS = frozenset({"jsonl", "jsonvalues", "csv", "parquet"})
"""Readers of records, whose columns are mapped."""
TELLING = ("outlet", "published_at", "headline")
"""Columns of articles without which little can be said of them."""


@dataclass
class Progress:
    """What a run has come by so far.

    Attributes:
        units: units planned.
        known: units the lake had already, or that were given twice.
        sent: units sent to Beam.
        open: units sent to Beam that no commit names after their wave.
        bytes: bytes of units that are committed.
        sent_bytes: bytes of units sent to Beam.
        passed_over: files of a folder walk that are no news, by kind.
        unreadable: files that an I/O error kept from being planned.
        formats: units by the reader they are for.
        behind: stored bytes of the files that are planned whole.
        all_planned: no more units will come.
        total: stored bytes of all files, once they are counted.
    """

    units: int = 0
    known: int = 0
    sent: int = 0
    open: int = 0
    bytes: int = 0
    sent_bytes: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    formats: dict[str, int] = field(default_factory=dict)
    behind: int = 0
    all_planned: bool = False
    total: int | None = None
    _file: str = ""

    def planned(self, unit: Unit) -> None:
        """Note that a unit is planned, and with it all files before its own."""
        self.formats[unit.reader] = self.formats.get(unit.reader, 0) + 1
        if unit.path != self._file:
            self.behind += stored_bytes(self._file)
            self._file = unit.path

    def share(self, extracted: int = 0) -> float | None:
        """Return which share of the input is done, None where it is not known yet.

        Args:
            extracted: bytes of units that are extracted and not committed yet.
        """
        if not self.sent_bytes:
            return None
        planned = 1.0 if self.all_planned else self.behind / self.total if self.total and self.behind else None
        return planned and min(1.0, planned * (self.bytes + extracted) / self.sent_bytes)


def stored_bytes(path: str) -> int:
    """Return the bytes of a file as it is stored; 0 for one that is not there or not local."""
    try:
        return Path(path).stat().st_size if path else 0
    except OSError:
        return 0


@dataclass
class Summary:
    """One run's account of itself.

    Attributes:
        lake: the lake's folder.
        commits: numbers of the commits it made.
        done: units that it committed.
        known: units the lake had already, that another run committed meanwhile, or that were given twice.
        open: units and files that could not be read for an I/O error and are tried again by the next run.
        passed_over: files of a folder walk that are no news, by kind.
        formats: units by the reader they are for, those known already among them.
        articles: rows added to articles.
        copies: rows added to pairs with relation copy.
        reuse: rows added to pairs with relation reuse.
        rejects: rows added to rejects, by reason.
        unknown: new articles of this run without outlet, published_at or headline, by column.
        seconds: wall time.
    """

    lake: str
    commits: list[int] = field(default_factory=list)
    done: int = 0
    known: int = 0
    open: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=dict)
    articles: int = 0
    copies: int = 0
    reuse: int = 0
    rejects: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rejected(self) -> int:
        """Rejects of all reasons but one: what is `not text`, such as a picture, was never to be taken in."""
        return sum(count for reason, count in self.rejects.items() if reason not in ("not text", "forgotten"))

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain values, for machines."""
        return asdict(self) | {"rejected": self.rejected, "seconds": round(self.seconds, 3)}


class Account:
    """Adds up what a run commits, commit by commit."""

    def __init__(self, lake: Path, run_id: str, first: int):
        self._lake = lake
        self._run_id = run_id
        self._next = first
        self._began = time.monotonic()
        self.summary = Summary(str(lake))

    def catch_up(self, newest: int) -> None:
        """Add the run's commits up to `newest`."""
        summary = self.summary
        for number in range(self._next, newest + 1):
            commit = read_commit(self._lake, number)
            if commit.run_id != self._run_id:
                continue
            summary.commits.append(number)
            summary.done += len(commit.units)
            for row in read_parts(self._lake, commit.added.get("runs", ()), TABLES["runs"].schema).to_pylist():
                summary.articles += row["articles"]
                summary.copies += row["copies"]
                summary.reuse += row["reuse"]
            self._count_unknown(commit.added.get("articles", ()))
            reasons = read_parts(self._lake, commit.added.get("rejects", ()), TABLES["rejects"].schema, ["reason"])
            for pair in pc.value_counts(reasons["reason"].combine_chunks()).to_pylist():
                summary.rejects[pair["values"]] = summary.rejects.get(pair["values"], 0) + pair["counts"]
        self._next = newest + 1
        summary.seconds = self.elapsed()

    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._began

    def _count_unknown(self, parts: tuple[Part, ...]) -> None:
        """Count what the articles of this run lack; parts that were written anew hold those of other runs, too."""
        rows = read_parts(self._lake, parts, TABLES["articles"].schema, ["run_id", *TELLING])
        own = rows.filter(pc.equal(rows["run_id"].cast(pa.binary(16)), bytes.fromhex(self._run_id)))
        for name in TELLING:
            if missing := own[name].null_count:
                self.summary.unknown[name] = self.summary.unknown.get(name, 0) + missing
