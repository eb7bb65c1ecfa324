"""A week of feeds watched, with and without kill -9: nothing lost, nothing twice, nobody asked too often.

    python benchmarks/week.py [--feeds 1000] [--outlets 200] [--days 7] [--kills 100] [--lake DIR]

Outlets are played by a real HTTP server on loopback, the monitor runs in a process of its own, and both read one
scripted clock. Outlets publish, reprint each other, correct what they published, rewrite their GUIDs, put tracking
parameters into addresses, are down for two hours, answer 429 with Retry-After, and one in ten sends the same ETag
whatever its feed holds. Printed are what is missing in the lake or there twice, which rules of courtesy were broken,
how many polls adapting to each feed has saved, and the memory and open files of the process over the days.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import itertools
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aiohttp import web
from lakes import query
from outlets import LOOPBACK, SECOND, START, Outlets, date, page, rss, serving, story
from rich.console import Console

from wirecopy.pipelines.compact import run_compact
from wirecopy.pipelines.watching.live import Watching
from wirecopy.pipelines.watching.watch import WatchOptions, run_watch

HOUR = 3600 * SECOND
STEP = HOUR
WINDOW = 30
OUTAGE = 2 * HOUR
HELD_S = 1800
SETTLED = 24 * HOUR
"""Nothing is published or corrected in the last day, so that all of it can have been seen when the clock stops."""


class Published(NamedTuple):
    """A story: when it was published, its number, the number of the story whose words it has, when it is corrected."""

    at: int
    number: int
    words: int
    corrected_at: int | None


class SharedClock:
    """A clock in a file that two processes read; it is moved on by whoever sleeps, an hour where nobody works."""

    def __init__(self, path: Path):
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), 8)

    def now(self) -> int:
        return int.from_bytes(self._bytes[:8], "little")

    def set(self, at: int) -> None:
        self._bytes[:8] = at.to_bytes(8, "little")

    async def sleep(self, seconds: float) -> None:
        wanted = self.now() + round(seconds * SECOND)
        if seconds > 5:
            wanted = -(-wanted // STEP) * STEP
        self.set(max(self.now(), wanted))


class Told(Watching):
    """Says from time to time what the process holds, and ends it when the days are over."""

    def __init__(self, name: str, clock: SharedClock, until: int):
        super().__init__(Console(file=io.StringIO()))
        self._name, self._clock, self._until, self._day = name, clock, until, -1

    def _say(self, event: str, at: int, line: str, **told: Any) -> None:
        day = (self._clock.now() - START) // (24 * HOUR)
        if event == "commit" and day > self._day:
            self._day = day
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            files = sum(1 for _ in Path("/proc/self/fd").iterdir())
            say(self._name, f"day {day}: {resident >> 20} MB, {files} files open, {sum(self.polls.values())} polls")
        if event == "trouble":
            say(self._name, line)
        if self._clock.now() >= self._until:
            os.kill(os.getpid(), signal.SIGTERM)


def published(outlets: int, days: float) -> dict[str, list[Published]]:
    """Return the stories of each outlet; every fifth has the words of another outlet's."""
    chance = random.Random(1)
    until = START + round(days * 24) * HOUR - SETTLED
    numbers = itertools.count(1)
    told: dict[str, list[Published]] = {}
    for n in range(1, outlets + 1):
        at, pause, stories = START - 20 * HOUR, chance.choice([2, 4, 8, 16]) * HOUR, []
        while (at := at + round(chance.expovariate(1) * pause)) < until:
            number = next(numbers)
            words = chance.randrange(1, number) if number > 1 and chance.random() < 0.2 else number
            corrected_at = at + 3 * pause if chance.random() < 0.05 and at + 3 * pause < until else None
            stories.append(Published(at, number, words, corrected_at))
        told[f"127.0.0.{n}"] = stories
    return told


class Site:
    """What the outlets answer at the time of the clock, and who asked for what and when."""

    def __init__(self, served: Outlets, stories: dict[str, list[Published]], sections: int, days: float, clock: Any):
        self.served, self.stories, self.sections, self.clock = served, stories, sections, clock
        self.by_number = {one.number: one for outlet in stories.values() for one in outlet}
        self.times = {host: [one.at for one in outlet] for host, outlet in stories.items()}
        hours = max(1, round(days * 24) - 30)
        self.down_at = {host: START + (_draw(host) % hours) * HOUR for host in stories}
        self.asked: list[tuple[int, str, str, int]] = []

    def get(self, key: tuple[str, str]) -> Any:
        """Stand in for the table of answers: any path of any host is answered by `answer`."""
        return self.answer, {}

    def answer(self, request: web.Request) -> web.Response:
        now, host = self.clock.now(), request.host.partition(":")[0]
        reply = self._answer(request, host, now)
        self.asked.append((now, host, request.path, reply.status))
        return reply

    def _answer(self, request: web.Request, host: str, now: int) -> web.Response:
        if request.path == "/robots.txt":
            slow = "User-agent: *\nCrawl-delay: 4\n" if _draw(host) % 10 == 0 else ""
            return web.Response(text=slow)
        if self.down_at[host] <= now < self.down_at[host] + OUTAGE:
            return web.Response(status=503)
        if request.path.startswith("/story/"):
            one = self.by_number[int(request.path.rpartition("/")[2])]
            return web.Response(text=page(_title(one, now), _text(one, now)), content_type="text/html")
        if _draw(f"{request.path}{host}{now // HOUR}") % 200 == 0:
            return web.Response(status=429, headers={"Retry-After": str(HELD_S)})
        body = rss([self._item(host, one, now) for one in reversed(self._window(host, request.path, now))], host)
        tag = "always" if host.endswith("3") else hashlib.md5(body.encode()).hexdigest()
        headers = {"ETag": f'"{tag}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(text=body, content_type="application/rss+xml", headers=headers)

    def _window(self, host: str, path: str, now: int) -> list[Published]:
        section = int(path.rpartition("/")[2])
        seen = self.stories[host][: bisect_right(self.times[host], now)]
        return [one for one in seen if section == 0 or one.number % self.sections == section][-WINDOW:]

    def _item(self, host: str, one: Published, now: int) -> dict[str, Any]:
        kind = (int(host.rpartition(".")[2]) + (now > START + 36 * HOUR)) % 4
        guid = [f"guid-{one.number}", _title(one, now), "latest", None][kind]
        link = self.served.url(f"/story/{one.number}", host) + ("?utm_source=rss" if now // HOUR % 2 else "")
        return {"title": _title(one, now), "link": link, "guid": guid, "date": date(one.at)}


def _draw(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode()).digest()[:4], "big")


def _title(one: Published, now: int) -> str:
    return f"Story number {one.number}" + (" corrected" if _is_corrected(one, now) else "")


def _text(one: Published, now: int) -> list[str]:
    return story(one.words, edit=one.number if _is_corrected(one, now) else 0)


def _is_corrected(one: Published, now: int) -> bool:
    return one.corrected_at is not None and now >= one.corrected_at


def watch(lake: Path, sources: Path, clock_file: Path, until: int) -> None:
    """Run the monitor until the clock says that the days are over."""
    clock = SharedClock(clock_file)
    run_watch(WatchOptions(lake, [str(sources)], opened=LOOPBACK), Told(lake.name, clock, until), clock)


def week(arguments: argparse.Namespace, kills: int, lake: Path, port: int) -> tuple[dict[str, Any], int]:
    """Play the days once, the process killed so many times; return what the lake holds, and the outlets' port."""
    shutil.rmtree(lake, ignore_errors=True)
    folder = lake.with_name(f"{lake.name}.outlets")
    folder.mkdir(parents=True, exist_ok=True)
    clock_file, until = folder / "clock", START + round(arguments.days * 24) * HOUR
    clock_file.write_bytes(START.to_bytes(8, "little"))
    clock, chance, began = SharedClock(clock_file), random.Random(2), time.monotonic()
    stories = published(arguments.outlets, arguments.days)
    sections = max(1, arguments.feeds // arguments.outlets)
    ends = sorted(chance.uniform(START + HOUR, until - 2 * SETTLED) for _ in range(kills))
    killed = 0
    with serving(arguments.outlets, port) as served:
        site = Site(served, stories, sections, arguments.days, clock)
        served.answers = site
        sources = folder / "feeds.txt"
        sources.write_text("\n".join(served.url(f"/feed/{n}", host) for host in stories for n in range(sections)))
        lives = []
        command = [sys.executable, __file__, "--watch", str(lake), str(sources), str(clock_file), str(until)]
        while True:
            lives.append(len(site.asked))
            with (folder / "log").open("w") as log:
                running = subprocess.Popen(command, start_new_session=True, stderr=log)
            while running.poll() is None and not (killed < kills and clock.now() >= ends[killed]):
                time.sleep(0.02)
            if running.poll() is not None:
                assert running.returncode == 0, (folder / "log").read_text()
                break
            time.sleep(chance.uniform(0, 3))
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            killed += 1
            clock.set(clock.now() + 5 * SECOND)
    say(lake.name, f"{killed} kills, {time.monotonic() - began:,.0f} s")
    _courtesy(lake.name, site.asked, lives)
    everyone = arguments.days * 86_400 / 60 * arguments.feeds
    polls = sum(path.startswith("/feed") for _, _, path, _ in site.asked)
    say(lake.name, f"{polls:,} polls; every minute would be {everyone:,.0f}, every half hour {everyone / 30:,.0f}")
    return _lake(lake, stories, until), served.port


def say(name: str, line: str) -> None:
    """Print a line of one of the two runs."""
    print(f"{name}: {line}", flush=True)


def _courtesy(name: str, asked: list[tuple[int, str, str, int]], lives: list[int]) -> None:
    """Print how often a domain or a feed was asked sooner than its rules allow, and over what restarts."""
    broken: Counter[str] = Counter()
    last: dict[str, int] = {}
    feeds: dict[tuple[str, str], int] = {}
    held: dict[str, int] = defaultdict(int)
    life_of = {begin: n for n, begin in enumerate(lives)}
    fresh: set[str] = set()
    for number, (at, host, path, status) in enumerate(asked):
        if number in life_of:
            fresh, feeds = set(), {}
        pause = 4 if _draw(host) % 10 == 0 and path != "/robots.txt" and host in fresh else 1
        if host in last and at - last[host] < pause * SECOND:
            broken[f"asked within {pause} s"] += 1
        if at < held[host]:
            broken["asked before Retry-After was over"] += 1
        if path.startswith("/feed") and at - feeds.get((host, path), 0) < 60 * SECOND:
            broken["a feed asked twice within a minute"] += 1
        if status == 429:
            held[host] = at + HELD_S * SECOND
        if path.startswith("/feed"):
            feeds[host, path] = at
        last[host] = at
        fresh.add(host)
    say(name, f"{len(asked):,} requests; rules broken: {dict(broken) or 'none'}")


def _lake(lake: Path, stories: dict[str, list[Published]], until: int) -> dict[str, Any]:
    """Compare the lake with what was published; settle it and return what does not depend on when it was seen."""
    rows = query(lake, "SELECT regexp_extract(url, '([0-9.]+):', 1), headline, version, text_hash FROM articles")
    latest = Counter((host, headline) for host, headline, _, _ in rows)
    wanted = {
        (host, _title(one, until))
        for host, outlet in stories.items()
        for one in [*[old for old in outlet if old.at <= START][-WINDOW:], *[new for new in outlet if new.at > START]]
    }
    say(
        lake.name,
        f"{len(wanted):,} stories published, {len(wanted - latest.keys())} lost, "
        f"{sum(count > 1 for count in latest.values())} twice, {len(rows):,} versions",
    )
    for relation, count in query(lake, "SELECT relation, count(*) FROM pairs GROUP BY ALL ORDER BY ALL"):
        say(lake.name, f"{count:,} pairs: {relation}")
    say(lake.name, "polls: " + ", ".join(f"{n:,} {name}" for name, n in query(lake, _OUTCOMES)))
    run_compact(lake)
    return {name: set(query(lake, sql)) for name, sql in SAME.items()}


_OUTCOMES = "SELECT outcome, count(*) FROM polls GROUP BY ALL ORDER BY 2 DESC"

SAME = {
    "articles": "SELECT article_id, headline, published_at FROM articles",
    "texts": "SELECT article_id, text FROM texts",
    "pairs": "SELECT src_article_id, dst_article_id, relation, jaccard, score FROM pairs",
    "passages": "SELECT passage_id, score FROM passages",
    "members": "SELECT cluster_id, article_id, role FROM members",
}


def main() -> None:
    """Play the week without and with kills and compare."""
    if sys.argv[1:2] == ["--watch"]:
        lake, sources, clock_file, until = sys.argv[2:]
        watch(Path(lake), Path(sources), Path(clock_file), int(until))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--outlets", type=int, default=200)
    parser.add_argument("--days", type=float, default=7)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--lake", type=Path, help="where to keep the two lakes; a temporary folder where not given")
    arguments = parser.parse_args()
    states, port = [], 0
    with tempfile.TemporaryDirectory() as folder:
        kept = (arguments.lake or Path(folder)).resolve()
        for kills in (0, arguments.kills):
            state, port = week(arguments, kills, kept / f"{kills} kills", port)
            states.append(state)
    for name in SAME:
        alone = [len(states[0][name] - states[1][name]), len(states[1][name] - states[0][name])]
        print(f"{name}: {len(states[0][name]):,} rows, {alone[0]} only without kills, {alone[1]} only with")


if __name__ == "__main__":
    main()
