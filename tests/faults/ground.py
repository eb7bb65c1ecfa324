"""Where trials are held: lakes made once that each trial gets a copy of, and what they must say in the end."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lakes import commit
from outlets import Outlets

from faults.command import Done, Failure, Starter, run
from faults.contents import Contents, contents, difference
from faults.inputs import Inputs, serve_feeds, write_inputs
from wirecopy.transforms.lake.files import LakeError

ANSWERS = """
SELECT 'articles' AS name, count(*) AS n, bit_xor(hash(a)) AS h
FROM (SELECT article_id, headline, version, agency FROM articles) a
UNION ALL SELECT 'pairs', count(*), bit_xor(hash(a)) FROM (FROM pairs) a
UNION ALL SELECT 'stories', count(*), bit_xor(hash(a)) FROM (FROM stories) a
UNION ALL SELECT 'copies', count(*), bit_xor(hash(a)) FROM (FROM copies) a
UNION ALL SELECT 'reuse', count(*), bit_xor(hash(a)) FROM (FROM reuse_by_article) a
UNION ALL SELECT 'rejects', count(*), NULL FROM rejects
"""

Command = Callable[..., Done]


@dataclass(frozen=True)
class Base:
    """A lake that trials get copies of.

    Attributes:
        lake: its folder.
        older: its folder as it was a commit before.
        again: arguments of the commands that take in all it holds.
        says: what it says.
        with_more: what it says once `more` is taken in.
        answers, more_answers: what `wirecopy sql` answers before and after that.
        watched: it is a monitor's.
    """

    lake: Path
    older: Path
    again: tuple[tuple[str, ...], ...]
    says: Contents
    with_more: Contents
    answers: str
    more_answers: str
    watched: bool


class Ground:
    """The folder of all trials, with inputs, feeds and lakes made when they are first asked for.

    Who makes any holds `making`, and has commands done by `do`, a `Starter.run`.
    """

    def __init__(self, root: Path, outlets: Outlets, starter: Starter):
        self.root = root
        self.do = starter.run
        self.inputs: Inputs = write_inputs(root / "in")
        feeds = serve_feeds(outlets)
        self.watch = ("monitor", *feeds, "--once", "--pause", "0s", "--allow-network", "127.0.0.0/8")
        self.seconds: dict[str, float] = {}
        self.needed: dict[bool, int] = {}
        self.after: dict[str, Contents] = {}
        self.making = threading.RLock()
        self._bases: dict[str, Base] = {}

    def base(self, name: str) -> Base:
        """Return the lake `plain`, `watched`, `long` (66 commits), `crowded` (see Inputs), or that one `settled`."""
        with self.making:
            if name not in self._bases:
                self._bases[name] = self._make(name)
            return self._bases[name]

    def _make(self, name: str) -> Base:
        folder = self.root / name
        folder.mkdir()
        lake = folder / "lake"
        do = partial(self.do, folder)
        steps: list[tuple[str, ...]] = [("ingest", *map(str, step)) for step in self.inputs.steps]
        if name == "watched":
            steps = [steps[0], self.watch]
        elif name in ("crowded", "settled"):
            steps = [steps[0], ("ingest", str(self.inputs.crowd)), steps[1], *[("compact",)] * (name == "settled")]
        elif name == "long":
            steps = [("ingest", *map(str, self.inputs.steps[0]))]
        for step in steps[:-1]:
            do(*step, "--lake", lake).judged()
        if name == "long":
            steps = [("ingest", *map(str, self.inputs.few)), *steps]
            for path in self.inputs.few:
                commit(lake, path)
        shutil.copytree(lake, folder / "older")
        do(*steps[-1], "--lake", lake).judged()
        more = shutil.copytree(lake, folder / "more")
        do("ingest", self.inputs.more, "--lake", more).judged()
        watched = name == "watched"
        says, with_more = contents(lake, watched), contents(more, watched)
        answers = [do("sql", ANSWERS, "--lake", one, "--format", "csv").judged(0).out for one in (lake, more)]
        return Base(lake, folder / "older", tuple(steps), says, with_more, *answers, watched)


class Trial:
    """One trial: a place of its own with a copy of a lake, and a random number generator that its name seeds."""

    def __init__(self, ground: Ground, kind: str, number: int, seed: int, starter: Starter):
        self.ground = ground
        self.number = number
        self.rng = random.Random(f"{seed}/{kind}/{number}")
        self.place = ground.root / "trials" / f"{kind}-{number}"
        self.place.mkdir(parents=True)
        self.lake = self.place / "lake"
        self.told: list[str] = []
        self._starter = starter

    def note(self, what: str) -> None:
        """Remember what was done, for the line that tells of a failure."""
        self.told.append(what)

    def copy(self, lake: Path) -> None:
        """Take a copy of a lake for the trial's."""
        shutil.copytree(lake, self.lake)

    def do(self, *arguments: object) -> Done:
        """Run a command on the trial's lake, forked from a process that has imported it."""
        return self._starter.run(self.place, *arguments, "--lake", self.lake)

    def run(self, *arguments: object) -> Done:
        """Run a command on the trial's lake as a user starts it."""
        return run(self.place, *arguments, "--lake", self.lake)

    def holds(self, expected: Contents, watched: bool, kind: str = "other lake") -> None:
        """Raise Failure of this kind unless the lake says what is expected."""
        try:
            differs = difference(contents(self.lake, watched), expected)
        except (LakeError, OSError, ValueError) as error:
            raise Failure(kind, f"cannot be read: {error}") from None
        if differs:
            raise Failure(kind, differs)

    def works(self, base: Base, commands: Iterable[str] = ("sql", "ingest")) -> None:
        """Do what users do, and hold the lake to what the untouched one says after the same. Raises Failure."""
        for command in commands:
            if command == "ingest":
                self.do("ingest", self.ground.inputs.more).judged()
                self.holds(base.with_more, base.watched)
            elif command == "sql":
                self._answers(base.answers, base)
            else:
                self.do(command).judged(0)
        self._answers(base.more_answers, base)
        healthy = self.do("doctor").judged(0, 1, 3)
        if healthy.status:
            raise Failure("not mended", f"in the end {healthy}")

    def _answers(self, expected: str, base: Base) -> None:
        said = self.do("sql", ANSWERS, "--format", "csv").judged(0).out
        if said != expected and not base.watched:
            raise Failure("other answers", f"{said!r} for {expected!r}"[:600])


def timed(ground: Ground, name: str, seconds: float) -> None:
    """Remember how long a command takes now."""
    ground.seconds[name] = 0.7 * ground.seconds.get(name, seconds) + 0.3 * seconds
